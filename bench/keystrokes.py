"""``python -m bench.keystrokes``: keys and seconds an entry costs at the desk, and typed twice.

A keystroke-level estimate (Card, Moran and Newell 1980) over a digitized home whose truth is
known. For each doubtful field of each entry the cheapest way the page offers is taken: Enter
where what stands there is right, a number key where a candidate is, else typing. The other side
types every field of the same entries twice, as offices do that trust no machine.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from desk.review.shown import BEGINS_WITH_DIGIT, type_of, typed
from desk.review.view import EntryView, FieldView, context_of, entry_view
from models import Database, open_database
from models.holding import Hold
from models.review_entry import ReviewEntry, entry_for_review
from models.states import Task
from models.truth_places import waiting_places
from pipeline.evaluation.truth import TruthField, load_truth
from pipeline.places import load_gazetteer
from pipeline.settings import load_settings
from pipeline.types import ValueState
from pipeline.values.text import unify_tone

KEY_SECONDS = 0.28
"""One key of an average non-secretary typist (Card, Moran, Newell 1980; recalled)."""
LOOK_SECONDS = 1.35
"""The same paper's M: looking at a picture and deciding; one for each field that is looked at."""
_STATE_KEYS = 1
_TONES = {"\u0301": "s", "\u0300": "f", "\u0309": "r", "\u0303": "x", "\u0323": "j"}
_MARKS = {"\u0302": "^", "\u0306": "w", "\u031b": "w"}


@dataclass(frozen=True)
class Cost:
    """Fields, keys and looks of a way of working; seconds by the model."""

    fields: int
    keys: int
    looks: int

    @property
    def seconds(self) -> float:
        """Time of one operator, or of both together."""
        return self.keys * KEY_SECONDS + self.looks * LOOK_SECONDS

    @property
    def fields_an_hour(self) -> float:
        """Fields of finished entries for one hour of somebody's work."""
        return 3600 * self.fields / self.seconds if self.seconds else 0.0


@dataclass(frozen=True)
class Estimate:
    """Both ways over the same entries."""

    entries: int
    fields: int
    doubtful: int
    confirmed: int
    chosen: int
    typed: int
    stated: int
    desk: Cost
    twice: Cost

    @property
    def times(self) -> float:
        """How many times more fields an hour the desk gives."""
        return self.desk.fields_an_hour / self.twice.fields_an_hour


def telex_keys(text: str) -> int:
    """Keys that Telex needs for a text."""
    keys = 0
    plain = unicodedata.normalize("NFC", text)
    for at, sign in enumerate(plain):
        apart = unicodedata.normalize("NFD", sign)
        horned = "\u031b" in apart
        # One w marks both letters of ươ.
        paired = horned and at > 0 and "\u031b" in unicodedata.normalize("NFD", plain[at - 1])
        keys += len(apart) + (sign in "đĐ") - paired
    return keys


def telex(text: str) -> str:
    """The keys themselves: marks after their letter, the tone at the end of its word."""
    words = []
    for word in unicodedata.normalize("NFC", text).split(" "):
        keys, tone, horn = "", "", ""
        for sign in word:
            apart = unicodedata.normalize("NFD", sign)
            base = {"đ": "d", "Đ": "D"}.get(sign, apart[0])
            tone = next((_TONES[mark] for mark in apart if mark in _TONES), tone)
            mark = next((_MARKS[mark] for mark in apart if mark in _MARKS), "")
            if mark == "w" and horn.endswith(("u", "U")):
                keys = keys[:-1]  # one w marks both letters of ươ
            horn = base if mark == "w" else ""
            keys += base + (base.lower() if mark == "^" or sign in "đĐ" else mark)
        words.append(keys + tone)
    return " ".join(words)


def way(field: FieldView, truth: TruthField | None) -> tuple[str, int]:
    """How the desk's page sets a field right with the fewest keys, and how many."""
    wanted, state = wanted_of(field.name, truth)
    if state is not ValueState.WRITTEN:
        right = field.state == state and not field.open
        return ("confirmed", 1) if right else ("stated", _STATE_KEYS)
    if same(field.text, wanted) and not field.open:
        return "confirmed", 1
    for choice in field.choices:
        if same(choice.text, wanted):
            return "chosen", 2 if type_of(field.name) in BEGINS_WITH_DIGIT else 1
    return "typed", telex_keys(wanted) + 1


def estimate(db: Database, truth: Path, as_of: date) -> Estimate:
    """Both ways over all entries of a home that wait and whose truth is known."""
    counts = dict.fromkeys(("confirmed", "chosen", "typed", "stated"), 0)
    entries = fields = doubtful = keys = looks = twice = 0
    for entry, true in _entries(db, truth):
        view = view_of(entry, as_of)
        entries += 1
        fields += len(view.fields)
        for field in view.fields:
            told = true.get(field.name)
            wanted, state = wanted_of(field.name, told)
            # Typed twice: every field is looked at, typed (or stated) and left, by two people.
            written = state is ValueState.WRITTEN
            twice += 2 * ((telex_keys(wanted) if written else _STATE_KEYS) + 1)
            if field.doubtful:
                name, needed = way(field, told)
                counts[name] += 1
                doubtful += 1
                keys += needed
                looks += 1
        keys += 1  # saves, next entry
        twice += 2
    return Estimate(
        entries=entries, fields=fields, doubtful=doubtful, confirmed=counts["confirmed"],
        chosen=counts["chosen"], typed=counts["typed"], stated=counts["stated"],
        desk=Cost(fields, keys, looks), twice=Cost(fields, twice, 2 * fields),
    )  # fmt: skip


def view_of(entry: ReviewEntry, as_of: date) -> EntryView:
    """An entry as the desk's page shows it."""
    return entry_view(
        entry,
        Hold(entry.id, entry.book_id, 0, "", Task.REVIEW, None),  # type: ignore[arg-type]
        context=context_of(entry, as_of), gazetteer=load_gazetteer(),
        address=lambda *_: "", first_rows=[None] * len(entry.pages), language="vi",
    )  # fmt: skip


def truth_of_entries(db: Database, truth: Path) -> dict[int, dict[str, TruthField]]:
    """Truth by entry and field, of all entries that wait."""
    return {entry.id: fields for entry, fields in _entries(db, truth)}


def of_recorded(lines: Iterable[str]) -> tuple[int, Cost, Cost]:
    """Entries, and the cost of both ways, of runs that ``bench.desk_browser`` recorded."""
    runs = [json.loads(line) for line in lines if line.strip()]
    fields = sum(run["fields"] for run in runs)
    desk = Cost(fields, sum(run["keys"] for run in runs), sum(run["looks"] for run in runs))
    return len(runs), desk, Cost(fields, sum(run["twice"] for run in runs), 2 * fields)


def wanted_of(name: str, truth: TruthField | None) -> tuple[str, ValueState]:
    """What is to stand in a field, as it is typed, and its state."""
    if truth is None or (truth.value is None and truth.state is ValueState.WRITTEN):
        return "", ValueState.BLANK
    return typed(name, truth.value), truth.state


def same(one: str, other: str) -> bool:
    """Whether two texts differ in spelling habits only."""
    return unify_tone(one).casefold() == unify_tone(other).casefold()


def _entries(db: Database, truth: Path) -> Iterator[tuple[ReviewEntry, dict[str, TruthField]]]:
    books = {(book.kind, book.year, book.volume, book.unit): book for book in load_truth(truth)}
    for place in waiting_places(db):
        for (kind, year, volume, unit), book in books.items():
            if (kind, year, volume) != (place.kind, place.year, place.volume):
                continue
            if not unit.endswith(place.unit):
                continue
            scan = next((one for one in book.scans if one.name == place.scan), None)
            if scan is None or place.position >= len(scan.entries):
                continue
            fields = {one.field: one for one in scan.entries[place.position].fields}
            yield entry_for_review(db, place.entry_id), fields


def main(
    truth: Annotated[Path | None, typer.Argument(help="Truth of the digitized samples.")] = None,
    recorded: Annotated[Path | None, typer.Option(help="Runs of bench.desk_browser.")] = None,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Estimate over the home of HOTICH_HOME, or over recorded runs of the page."""
    if recorded is not None:
        entries, desk, twice = of_recorded(recorded.read_text("utf-8").splitlines())
        typer.echo(f"{entries} entries recorded, {desk.fields} fields, {desk.looks} looked at")
        _told(entries, desk, twice)
        return
    if truth is None:
        raise typer.BadParameter("truth, or --recorded")
    settings = load_settings()
    db = open_database(settings.resolved_database_url)
    found = estimate(db, truth, date.today())
    db.close()
    if as_json:
        typer.echo(json.dumps({**asdict(found), "times": found.times}))
        return
    typer.echo(f"{found.entries} entries, {found.fields} fields, {found.doubtful} doubtful")
    typer.echo(
        f"doubtful: {found.confirmed} confirmed, {found.chosen} by number key,"
        f" {found.stated} by state key, {found.typed} typed"
    )
    _told(found.entries, found.desk, found.twice)


def _told(entries: int, desk: Cost, twice: Cost) -> None:
    for name, cost in (("desk", desk), ("typed twice", twice)):
        typer.echo(
            f"{name:12} {cost.keys / entries:7.1f} keys an entry,"
            f" {cost.seconds / entries:6.1f} s, {cost.fields_an_hour:7.0f} fields an hour"
        )
    typer.echo(f"times: {desk.fields_an_hour / twice.fields_an_hour:.1f}")


if __name__ == "__main__":
    typer.run(main)
