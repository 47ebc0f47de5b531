"""Sets of books over all eras: what each book of a set is made of."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

from pipeline.form.schema import ERAS, Form, load_forms
from pipeline.scan.cover import LAST_YEAR
from pipeline.settings import PROJECT
from samples.book import BookSpec
from samples.chance import often, stream, weighted
from samples.eras.book import AFTER, TO_A_PAGE
from samples.eras.pools import POOLS

_MACHINES_FROM = ("158", "15")
"""Eras in which some books were typed or printed by machine."""
_EXERCISE_BOOKS = ("T1", "76")
"""Eras in which offices ruled ledgers by hand."""


def era_books(
    pool: str,
    seed: str,
    *,
    wear: str = "medium",
    printers: int = 1,
    scans: int = 4,
    dpi: int = 300,
    only: Sequence[str] = (),
    plain: bool = False,
) -> list[BookSpec]:
    """Books of every form, ``printers`` of each, from one pool.

    Args:
        pool: ``development`` or ``evaluation``.
        seed: any text; another seed gives other presses, hands and people.
        wear: a level of ``samples.wear``.
        printers: presses a form.
        scans: pages of entries a book.
        dpi: resolution.
        only: forms or eras to keep; all where empty.
        plain: entries alone, flat on the scanner: no odd pages, no photographs, no damage.
    """
    forms = load_forms(PROJECT / "ocr_config").values()
    kept = [f for f in forms if not only or f.form in only or f.era in only]
    kept.sort(key=lambda form: (ERAS.index(form.era), form.form))
    books = [
        _book(form, number, pool, seed, (wear, scans, dpi), plain=plain)
        for form in kept
        for number in range(1, printers + 1)
    ]
    return books if plain else [_changing(spec, tuple(forms)) for spec in books]


def _changing(spec: BookSpec, forms: tuple[Form, ...]) -> BookSpec:
    """A book in twelve went on on other stock: another form of its kind and time."""
    rng = stream("change", spec.pool, spec.seed)
    own = next(form for form in forms if form.form == spec.form)
    others = [
        f.form
        for f in forms
        if f.kind is own.kind and f is not own and f.years[0] <= spec.year <= f.years[1]
        if f.opening == own.opening and f.layout == own.layout
    ]
    if not others or not often(rng, 1 / 12):
        return spec
    return replace(spec, changes_to=rng.choice(others))


def _book(
    form: Form, number: int, pool: str, seed: str, size: tuple[str, int, int], *, plain: bool
) -> BookSpec:
    rng = stream("set", pool, seed, form.form, number)
    unit, district = rng.choice(POOLS[pool].units())
    wear, scans, dpi = size
    ledger = form.layout == "ledger"
    return BookSpec(
        batch=f"{pool}-{form.era.lower()}",
        path=f"{form.form}-{number:02d}",
        unit=unit,
        district=district,
        form=form.form,
        year=rng.randint(form.years[0], min(form.years[1], LAST_YEAR)),
        volume=f"{number:02d}",
        wear=wear,
        hand=_hand(form, rng),
        scans=scans,
        dpi=dpi,
        seed=f"{seed}-{form.form}-{number}",
        extras=() if plain else _extras(rng, scans),
        ragged=not plain and often(rng, 0.5),
        pool=pool,
        home_ruled=ledger and form.era in _EXERCISE_BOOKS and often(rng, 0.5),
        spread=not ledger and not plain and often(rng, 0.25),
        photo=not plain and often(rng, 0.2),
    )


def _hand(form: Form, rng: random.Random) -> str:
    if form.era in _MACHINES_FROM:
        return weighted(rng, ("hand", "type", "print"), (3, 2, 1))
    return "hand"


def _extras(rng: random.Random, scans: int) -> tuple[str, ...]:
    """A cover, most statements, some other pages, and mishaps on every other page."""
    pages = [what for what in ("cover", "opening") if often(rng, 0.8)]
    pages += [what for what in AFTER if often(rng, 0.85 if what == "statement" else 0.3)]
    mishaps = [what for what in TO_A_PAGE if what != "blurred"]
    return (*pages, *rng.sample(mishaps, max(1, scans // 2)))
