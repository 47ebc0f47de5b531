"""``python -m bench.pages``: what pages are taken for, on books of all eras, with costs.

Generated books of the evaluation pool (printers, hands and texts not developed on): each is
learned from its own pages, then every scan is understood as ``flows`` does it, up to its
boxes; entries are not read. Prints one line a mistake, one line of counts a book, and the
figures as JSON, also where ``--minutes`` ended it early. ``--books`` and ``--sorts`` bound it.
"""

from __future__ import annotations

import json
import resource
import statistics
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Annotated, Any

import typer

from flows.page import Seen, Tools, load_tools, understand
from flows.sorting import without_entries
from pipeline.errors import NotARegisterError
from pipeline.form import learn_book
from pipeline.form.statement import UNNAMED
from pipeline.page import prepare
from pipeline.page.photo import rectified
from pipeline.reading.recognizer import NoRecognizer, read_cells
from pipeline.settings import load_settings
from pipeline.types import BookForm, PageClass, PageInfo, Scan, ScanRef
from samples.book import BookSpec, make_book

SORTS = (
    "cover", "opening", "statement", "index", "slip", "blank", "unfilled", "crossed",
    "crossed_form",
    "upside_down", "sideways", "tight", "torn", "tape",
)  # fmt: skip
WEARS = ("mild", "medium", "heavy")
EVENTS = frozenset({"births", "marriages", "deaths"})
UNDERSTANDING = ("pages", "layout", "sorts")
"""Steps between the decoded scan and its boxes; ``understood`` is their sum on pages of entries."""


@dataclass
class Tally:
    """Figures gathered over books."""

    pages: Counter[str] = field(default_factory=Counter)
    """``class/what came of it``: right, person (wrong or unsure, but a person looks), wrong."""
    turns: Counter[str] = field(default_factory=Counter)
    totals: Counter[str] = field(default_factory=Counter)
    seconds: dict[str, list[float]] = field(default_factory=dict)
    mistakes: list[str] = field(default_factory=list)


def specs(
    forms: list[str], tools: Tools, dpi: int, seed: str, photo: bool, pool: str, sorts: list[str]
) -> Iterator[BookSpec]:
    """One book of each form, wear and filling in turn."""
    for n, name in enumerate(forms):
        first, last = tools.forms[name].years
        yield BookSpec(
            batch="pages", path=name, unit="Xã An Thái", district="Huyện An Lão", form=name,
            year=max(1922, min(first + 2, last)), wear=WEARS[n % 3],
            hand=("print", "hand")[n % 2], scans=4, dpi=dpi, seed=seed, extras=tuple(sorts),
            pool=pool, photo=photo,
        )  # fmt: skip


def measure_book(spec: BookSpec, tools: Tools, tally: Tally) -> None:
    """Learn a book and understand each of its scans."""
    form = tools.forms[spec.form]
    pages = list(make_book(spec))
    scans = [
        rectified(Scan(ScanRef("", 0, n, f"{n}", f"{n}"), page.picture, page.truth["dpi"]))
        for n, page in enumerate(pages)
    ]
    entries = [n for n, page in enumerate(pages) if page.truth["page_class"] == "entries"]
    try:
        book = learn_book(
            [prepare(scans[n]) for n in entries], tools.forms, kind=form.kind, year=spec.year,
            digests=[f"{n}" for n in entries],
        )  # fmt: skip
    except NotARegisterError as error:
        book = BookForm("", 0.0, {}, "unknown")
        tally.mistakes.append(f"{spec.form}: form not known ({error.detail})")
    for scan, page in zip(scans, pages, strict=True):
        seconds: dict[str, float] = {}
        seen = understand(scan, book, tools, seconds)
        if page.truth["page_class"] == "entries":
            seconds["understood"] = sum(seconds.get(step, 0.0) for step in UNDERSTANDING)
        for step, spent in seconds.items():
            tally.seconds.setdefault(step, []).append(spent)
        _count(spec, page.truth, seen, tools, tally)


def _count(spec: BookSpec, truth: dict[str, Any], seen: Seen, tools: Tools, tally: Tally) -> None:
    infos = seen.unread.pages
    where = f"{spec.form} {spec.wear} {truth['page_class']} {','.join(truth.get('befell', ()))}"
    if seen.unread.rescan:
        faults = ",".join(seen.unread.quality.faults)
        tally.pages[f"{truth['page_class']}/rescan"] += 1
        tally.mistakes.append(f"{where}: rescan {faults}")
        return
    if seen.layout is not None:
        config = tools.settings.config
        infos = without_entries(infos, read_cells(seen.pages, seen.layout, NoRecognizer(), config))
    got = _class(infos, truth["page_class"])
    person = any(info.reasons for info in infos)
    state = "right" if got == truth["page_class"] else "person" if person else "wrong"
    tally.pages[f"{truth['page_class']}/{state}"] += 1
    said = [(str(info.page_class), info.class_probability, info.reasons) for info in infos]
    if state != "right" or (person and got == "entries"):
        confidence = round(seen.unread.layout_confidence, 2)
        tally.mistakes.append(f"{where}: {state} {said} layout {confidence}")
    _count_turn(where, truth, infos, tally)
    if truth["page_class"] == "statement":
        _count_totals(where, truth, infos, tally)


def _class(infos: tuple[PageInfo, ...], true: str) -> str:
    """What the scan was taken for: its page that is not blank.

    A slip lies on one page of an opening; the other one is a page of the book.
    """
    told = [info.page_class for info in infos if info.page_class is not PageClass.BLANK]
    if true == PageClass.SLIP and PageClass.SLIP in told:
        return true
    return str(told[0]) if told else "blank"


def _count_turn(
    where: str, truth: dict[str, Any], infos: tuple[PageInfo, ...], tally: Tally
) -> None:
    turned = truth.get("rotation", 0)
    right = all((info.rotation + turned) % 360 == 0 for info in infos)
    kind = "turned" if turned else "upright"
    if truth["page_class"] in ("blank", "crossed"):
        return
    tally.turns[f"{kind}/{'right' if right else 'wrong'}"] += 1
    if not right:
        tally.mistakes.append(f"{where}: turned {turned}, undone {[i.rotation for i in infos]}")


def _count_totals(
    where: str, truth: dict[str, Any], infos: tuple[PageInfo, ...], tally: Tally
) -> None:
    read = {total.what: total for info in infos for total in info.totals}
    due_names = {due["what"] for due in truth["totals"]}
    for due in truth["totals"]:
        total = read.get(due["what"])
        if total is None and due["what"] in EVENTS:
            total = read.get("entries")
        if total is None:
            total = read.get(UNNAMED)
        if total is None:
            state = "missed"
        elif not total.sure:
            state = "flagged"
        else:
            state = "right" if total.value == due["value"] else "wrong"
        tally.totals[f"{due['what']}/{state}"] += 1
        if state in ("missed", "wrong"):
            tally.mistakes.append(f"{where}: total {due['what']} {due['value']} {state} {total}")
    for name, total in read.items():
        known = name in due_names or (name == "entries" and due_names & EVENTS)
        if total.sure and not known:
            tally.totals[f"{name}/wrong"] += 1
            tally.mistakes.append(f"{where}: total {name} nobody wrote {total}")


def spread(forms: list[str], books: int) -> list[str]:
    """So many of the forms, from all over the list; all where ``books`` is 0 or too many."""
    if not 0 < books < len(forms):
        return forms
    return [forms[n * len(forms) // books] for n in range(books)]


def counts(tally: Tally) -> str:
    """What came of the pages so far, sort by sort, in one line."""
    return ", ".join(f"{name} {n}" for name, n in sorted(tally.pages.items()))


def figures(tally: Tally) -> dict[str, Any]:
    """All that was measured, as plain data."""
    told = {state: _of(tally.pages, state) for state in ("right", "person", "wrong")}
    share = round(told["right"] / max(1, sum(told.values())), 4)
    return {
        "sorts": {**told, "right_share": share, "sent back": _of(tally.pages, "rescan")},
        "pages": dict(sorted(tally.pages.items())),
        "turns": dict(tally.turns),
        "totals": dict(sorted(tally.totals.items())),
        "cpu_seconds": {
            step: [round(statistics.median(spent), 3), round(max(spent), 3)]
            for step, spent in tally.seconds.items()
        },
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def _of(pages: Counter[str], state: str) -> int:
    return sum(n for name, n in pages.items() if name.endswith(f"/{state}"))


def main(
    forms: Annotated[str, typer.Option(help="ids with commas; empty for all")] = "",
    dpi: Annotated[int, typer.Option(help="resolution")] = 200,
    seed: Annotated[str, typer.Option(help="any text")] = "pages",
    photo: Annotated[bool, typer.Option(help="photographed by phone")] = False,
    pool: Annotated[str, typer.Option(help="evaluation, or development to mend on")] = "evaluation",
    sorts: Annotated[str, typer.Option(help="sorts with commas; empty for all")] = "",
    books: Annotated[int, typer.Option(help="so many of the forms; 0 for all")] = 0,
    minutes: Annotated[float, typer.Option(help="begin no book after so long")] = 60.0,
) -> None:
    """Measures and prints."""
    tools = load_tools(load_settings())
    chosen = spread(forms.split(",") if forms else sorted(tools.forms), books)
    asked = sorts.split(",") if sorts else list(SORTS)
    tally = Tally()
    began = time.monotonic()
    for spec in specs(chosen, tools, dpi, seed, photo, pool, asked):
        if time.monotonic() - began > 60 * minutes:
            typer.echo(f"stopped before {spec.form}", err=True)
            break
        before = len(tally.mistakes)
        measure_book(spec, tools, tally)
        for line in tally.mistakes[before:]:
            typer.echo(line)
        spent = time.monotonic() - began
        typer.echo(f"{spec.form} {spec.wear} {spec.hand}, {spent:.0f} s: {counts(tally)}", err=True)
    typer.echo(json.dumps(figures(tally), indent=1))


if __name__ == "__main__":
    typer.run(main)
