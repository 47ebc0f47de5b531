"""The press of a book of any era: type, paper, wording and rules, drawn from pool and seed."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

from pipeline.fields import FIELDS, FieldType
from pipeline.form.preview import margin_side
from pipeline.form.schema import Form
from samples.chance import often, stream, weighted
from samples.eras.pools import OLD_ERAS, Pool
from samples.eras.texts import WORDS_FOR_STATE, hyphened
from samples.ledger_layout import DROPPED_FIRST, usual_width
from samples.printer import Printer, _matter, _paired, _same_wording_for_both, _variant

_BILINGUAL = (re.compile(r".+ \(.+\)$"), re.compile(r".+ - .+$"))
_JOINED = {
    FieldType.AGE: 0.95,
    FieldType.SEX: 0.85,
    FieldType.NATIONALITY: 0.9,
    FieldType.ETHNICITY: 0.5,
    FieldType.TIME: 0.85,
    FieldType.OCCUPATION: 0.85,
    FieldType.RELATION: 0.5,
    FieldType.YEAR_OR_DATE: 0.5,
    FieldType.IDENTITY: 0.4,
    FieldType.TEXT: 0.6,
    FieldType.PLACE: 0.3,
}
"""How often a field of a type stands on the line of the one before, where it fits."""
NEVER_JOINED = ("notes", "birth_place", "death_place", "home_town", "death_cause")


@dataclass(frozen=True)
class Press:
    """A printer and what the eras add to it. Lengths in millimetres."""

    printer: Printer
    form: Form
    """The form as this press words it: labels hyphened where it did so."""
    era: str
    state_title: tuple[str, ...]
    code: str
    office: str
    home_ruled: bool
    """Ruled and headed by hand in an exercise book."""
    framed: bool
    """A frame around each entry."""
    title_each: bool
    margin_side: str
    margin_width: float
    signed: bool
    """Whether the entries leave room for signatures."""


def draw_press(form: Form, pool: Pool, seed: object, *, home_ruled: bool = False) -> Press:
    """The press of a book; the same seed in another pool is another press."""
    rng = stream("press", pool.seed(seed), form.form)
    era, old = form.era, form.era in OLD_ERAS
    hyphens = form.era in OLD_ERAS[:3] and often(rng, 0.6)
    title = (
        weighted(rng, form.state_titles, _falling(form.state_titles)) if form.state_titles else ""
    )
    office = WORDS_FOR_STATE.get(era, "ỦY BAN NHÂN DÂN")
    printer = _printer(form, pool, rng, seed, home_ruled=home_ruled)
    code = rng.choice(form.codes) if form.codes and often(rng, 0.7) and not home_ruled else ""
    side = margin_side(form)
    if side and often(rng, 0.15):
        side = "left" if side == "right" else "right"
    return Press(
        printer=printer,
        form=_worded(form) if hyphens else form,
        era=era,
        state_title=tuple(_said(line, hyphens) for line in title.split(" / "))
        if title and often(rng, 0.6) and not home_ruled
        else (),
        code=code,
        office=_said(office, hyphens) if often(rng, 0.5) and not home_ruled else "",
        home_ruled=home_ruled,
        framed=form.layout == "lines" and often(rng, 0.35 if old else 0.15),
        title_each=form.entries > 1 and often(rng, 0.6),
        margin_side=side,
        margin_width=rng.uniform(28, 40) if side else 0.0,
        signed=often(rng, 0.8 if old else 0.6),
    )


def _falling(items: tuple[str, ...]) -> list[float]:
    return [3.0 if n == 0 else 1.0 for n in range(len(items))]


def _said(text: str, hyphens: bool) -> str:
    return hyphened(text) if hyphens else text


def _worded(form: Form) -> Form:
    """The form with hyphened labels; the number of wordings stays."""
    parts = [
        part.model_copy(update={"labels": tuple(hyphened(label) for label in part.labels)})
        for part in form.parts
    ]
    key = "items" if form.items else "columns"
    return form.model_copy(update={key: tuple(parts)})


def _printer(
    form: Form, pool: Pool, rng: random.Random, seed: object, *, home_ruled: bool
) -> Printer:
    ledger = form.layout == "ledger"
    families = pool.hand_families() if home_ruled else pool.print_families(form.era)
    leader = weighted(rng, ("dots", "rule"), (4, 1))
    heading = weighted(rng, form.headings, _falling(form.headings))
    paper = _paper(form, rng)
    margins = (
        (rng.uniform(9, 14), rng.uniform(14, 19), rng.uniform(8, 13), rng.uniform(9, 16))
        if ledger
        else (rng.uniform(17, 24), rng.uniform(11, 18), rng.uniform(9, 15), rng.uniform(10, 16))
    )
    room = (paper[0] / 2 - margins[0] - margins[2]) if form.opening else paper[0] - 2 * margins[0]
    return Printer(
        seed=str(seed),
        paper=paper,
        margins=margins,
        family=rng.choice(families),
        size=rng.uniform(2.9, 3.4) if ledger else rng.uniform(3.3, 4.1),
        bold_labels=often(rng, 0.2) and not home_ruled,
        pitch=rng.uniform(14.0, 20.0) if ledger else rng.uniform(7.4, 9.4) + _airy(form),
        colon=often(rng, 0.6),
        leader=leader,
        leader_width=rng.uniform(0.22, 0.36),
        leader_drop=rng.uniform(0.25, 0.8) if leader == "dots" else rng.uniform(0.6, 1.3),
        rule_width=rng.uniform(0.16, 0.4),
        label_gap=rng.uniform(0.8, 2.0),
        variants=_wordings(form, rng, home_ruled=home_ruled),
        heading=heading,
        state_title=False,
        number_on_top=often(rng, 0.5),
        present=_present(form, rng, room),
        joined=_joined(form, rng),
        short_blocks=frozenset(),
        columns_numbered=often(rng, 0.35) and not home_ruled,
        column_heads=often(rng, 0.75),
        double_frame=often(rng, 0.25) and not home_ruled,
        foot=often(rng, 0.4),
    )


def _airy(form: Form) -> float:
    """How much wider than usual the lines stand where the page has room for few items."""
    if form.era in ("FR", "T1"):
        return 1.2
    return 1.6 if form.entries == 1 and len(form.items) < 28 else 0.0


def _paper(form: Form, rng: random.Random) -> tuple[float, float]:
    if form.layout == "ledger":
        return (rng.uniform(398, 420), rng.uniform(284, 297))
    if form.era in ("FR", "T1"):
        return (rng.uniform(235, 255), rng.uniform(345, 372))
    short = form.entries == 1 and len(form.items) < 32
    if form.era in ("764", "04CP", "87") and short and often(rng, 0.5):
        return (rng.uniform(176, 192), rng.uniform(245, 265))
    if form.era in ("764", "04CP"):
        return (rng.uniform(203, 216), rng.uniform(296, 330))
    return (210.0, 297.0) if often(rng, 0.6) else (rng.uniform(202, 210), rng.uniform(287, 297))


def _wordings(form: Form, rng: random.Random, *, home_ruled: bool) -> tuple[int, ...]:
    """Which spelling of each label is printed: a press keeps to one way of two languages."""
    # Vietnamese alone, French in brackets, French first, French alone where nothing else is.
    way = weighted(rng, (None, 0, 1), (2, 3, 2)) if form.era == "FR" else None
    chosen = []
    for part in form.parts:
        usual = [
            n
            for n, label in enumerate(part.labels)
            if not any(pattern.match(label) for pattern in _BILINGUAL)
        ]
        if home_ruled:
            usual = [usual[0], min(usual, key=lambda n: len(part.labels[n]))]
        elif form.era in ("FR", "T1") and len(usual) > 1 and len(usual) < len(part.labels):
            usual = usual[:-1]  # the last is French alone
        both = [
            n
            for n, label in enumerate(part.labels)
            if way is not None and _BILINGUAL[way].match(label)
        ]
        among = both or usual
        chosen.append(among[_variant(rng, len(among))])
    _same_wording_for_both(form, chosen)
    return tuple(chosen)


def _present(form: Form, rng: random.Random, room: float) -> frozenset[str]:
    """Optional fields this press has; a ledger only what fits the width of a page."""
    optional = [part.field for part in form.parts if part.optional and part.field]
    drawn = _paired(rng, dict.fromkeys(optional, 0.7))
    if form.layout == "lines":
        return drawn
    kept = set(drawn)
    dropped = [*DROPPED_FIRST, *((name,) for name in optional[::-1])]
    for page in ("left", "right"):
        for names in dropped:
            columns = [
                c for c in form.columns if c.page == page and (not c.optional or c.field in kept)
            ]
            if sum(usual_width(column.field) for column in columns) <= 1.12 * room:
                break
            kept -= {name for name in kept if _matter(name) in {_matter(each) for each in names}}
    return frozenset(kept)


def _joined(form: Form, rng: random.Random) -> frozenset[str]:
    shares = {
        name: 0.9 if name in ("book_number", "death_notice_date", "death_notice_issuer")
        else 0.0 if name in NEVER_JOINED
        else 0.5 if name == "witness2_full_name"
        else _JOINED.get(FIELDS[name].type, 0.0)
        for name in form.fields
    }  # fmt: skip
    return _paired(rng, shares)
