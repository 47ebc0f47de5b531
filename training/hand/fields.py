"""Fields recomposed of kept hands, read the reader's own way and counted.

``python -m training.hand.fields STATE`` cuts the hands that training never saw, lets them write
fields, and reads those with ``HandRecognizer.read_raw`` under the guide of the field. STATE is
a state of ``training.hand.train``; it aligns the lines, the weights of ``ocr_config`` read. Lines
and letters whose place is not sure are not cut, so a hand's worst writing is missing here.
"""

from __future__ import annotations

import json
import math
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import cv2
import torch
import typer

from pipeline.fields import FIELDS, FieldType
from pipeline.places import load_gazetteer
from pipeline.places.candidates import candidate_names
from pipeline.reading.guide import Guide, Listed
from pipeline.reading.hand.alphabet import foreign_signs, normalized
from pipeline.reading.hand.reader import HandRecognizer, hand_recognizer
from pipeline.settings import PROJECT
from pipeline.types import Crop, Grey, Kind, Reading, ValueState
from pipeline.values import Context
from pipeline.values.closed import load_lexicon
from pipeline.values.guide import guide_of
from pipeline.values.normalise import normalise
from training.hand.compose import writable, written
from training.hand.dates import below_hundred, year_in_words
from training.hand.lists import name_parts
from training.hand.pieces import Pieces
from training.hand.recompose import clean_page, hands_of, register_page

DPI = 300.0
_YEAR = 2015
_UNIT = "Hải Phòng"
_TRIES = 60
_MARGINS = (0.5, 0.8, 0.9, 0.95)
_BATCH = 50


@dataclass(frozen=True, eq=False)
class Task:
    """A field of a hand: its picture and what stands there. ``group`` joins fields of an entry."""

    kind: str
    field: str
    text: str
    hand: str
    page: Grey
    group: int


@dataclass(frozen=True)
class Judgement:
    """A field as it was read."""

    task: Task
    reading: Reading
    right: bool
    greedy: bool
    among: bool


Maker = Callable[[Pieces, random.Random], tuple[str, ...]]
"""Texts of one entry (one a field) for a hand."""


def communes(year: int = _YEAR) -> tuple[Listed, ...]:
    """Communes of the province, each as likely as the next."""
    found = candidate_names(load_gazetteer(), _UNIT, year, ("commune",))
    names = dict.fromkeys(one.name for one in found if one.unit_id.startswith("hp-"))
    return tuple((name, -math.log(len(names))) for name in names)


def _date(pieces: Pieces, rng: random.Random) -> tuple[str, ...]:
    day, month, year = rng.randint(1, 28), rng.randint(1, 12), rng.randint(1930, _YEAR)
    marks = [mark for mark in "/-." if mark in pieces.parts] or ["/"]
    digits = rng.choice(marks).join((f"{day:02d}", f"{month:02d}", str(year)))
    said = f"ngày {below_hundred(day, rng)} tháng {below_hundred(month, rng)}"
    said = f"{said} năm {year_in_words(year, rng)}"
    # The hands wrote addresses: many words they have with a capital only.
    return digits, " ".join(
        word if writable(word, pieces) else word.capitalize() for word in said.split()
    )


def _digits(pieces: Pieces, rng: random.Random) -> tuple[str, ...]:
    return _date(pieces, rng)[:1]


def _listed(name: str) -> Maker:
    def one(_: Pieces, rng: random.Random) -> tuple[str, ...]:
        return (rng.choice(sorted(load_lexicon(name).names)),)

    return one


def _commune(_: Pieces, rng: random.Random) -> tuple[str, ...]:
    return (rng.choice(communes())[0],)


def _name(pieces: Pieces, rng: random.Random) -> tuple[str, ...]:
    parts = name_parts()
    own = {
        kind: [one for one in parts[kind] if all(word in pieces.words for word in one.split())]
        for kind in ("family", "middle", "given")
    }
    if not all(own.values()):
        return ("",)
    return (" ".join(rng.choice(own[kind]) for kind in ("family", "middle", "given")),)


def _capitals(pieces: Pieces, rng: random.Random) -> tuple[str, ...]:
    return (_name(pieces, rng)[0].upper(),)


KINDS: tuple[tuple[str, tuple[str, ...], Maker, bool], ...] = (
    ("date", ("birth_date", "birth_date_words"), _date, False),
    ("date in digits", ("birth_date",), _digits, False),
    ("sex", ("sex",), _listed("sexes"), False),
    ("ethnicity", ("ethnicity",), _listed("ethnicities"), False),
    ("nationality", ("nationality",), _listed("nationalities"), False),
    ("commune", ("birth_place",), _commune, True),
    ("name", ("child_full_name",), _name, True),
    ("name in capitals", ("child_full_name",), _capitals, False),
)
"""Kind, fields of an entry, their texts, and whether words must be those the hand wrote."""


def tasks(
    hands: Sequence[Pieces], count: int, seed: int = 1, paper: bool = False
) -> Iterator[Task]:
    """Some entries of each kind, hand after hand; fewer where the hands lack the letters.

    Args:
        hands: pieces by hand; sources whose hands are not named are left out.
        count: entries of each kind.
        seed: of chance.
        paper: on the paper of a form instead of cut out cleanly.
    """
    named = [pieces for pieces in hands if pieces.named]
    for kind, fields, maker, whole in KINDS:
        rng = random.Random(f"fields {kind} {seed}")
        made = tried = 0
        while made < count and tried < _TRIES * count and named:
            pieces = named[tried % len(named)]
            tried += 1
            texts = [normalized(text) for text in maker(pieces, rng)]
            if not all(texts) or any(foreign_signs(text) for text in texts):
                continue
            inks = [written(text, pieces, rng, whole) for text in texts]
            if any(ink is None for ink in inks):
                continue
            for field, text, ink in zip(fields, texts, inks, strict=True):
                if ink is not None:
                    page = register_page(ink, rng) if paper else clean_page(ink, rng)
                    yield Task(kind, field, text, pieces.hand, page, made)
            made += 1


def read(reader: HandRecognizer, found: Sequence[Task], guide: Guide) -> list[Judgement]:
    """All fields, read and judged."""
    judged: list[Judgement] = []
    for start in range(0, len(found), _BATCH):
        few = found[start : start + _BATCH]
        crops = [Crop(task.page, DPI, task.field) for task in few]
        readings = reader.read_raw(crops, guide)
        judged += [judge(task, reading) for task, reading in zip(few, readings, strict=True)]
    return judged


def judge(task: Task, reading: Reading) -> Judgement:
    """Compares meanings of dates and listed words, letters of all else."""
    same = _same_value if FIELDS[task.field].type not in _LITERAL else _same_text
    others = [text for text, _ in reading.alternatives] or [reading.text]
    return Judgement(
        task,
        reading,
        same(task, reading.text),
        same(task, reading.greedy or reading.text),
        any(same(task, text) for text in others[:5]),
    )


_LITERAL = (FieldType.NAME, FieldType.PLACE, FieldType.TEXT)


def _same_text(task: Task, text: str) -> bool:
    return text == task.text


def _same_value(task: Task, text: str) -> bool:
    context = Context(Kind.BIRTH, _YEAR)
    wanted, found = (normalise(task.field, one, context) for one in (task.text, text))
    if wanted.state is ValueState.BLANK:  # "Không rõ", an ethnic group of the list
        return (found.state, found.reasons) == (wanted.state, wanted.reasons)
    return wanted.normalized is not None and found.normalized == wanted.normalized


def figures(judged: Sequence[Judgement]) -> dict[str, dict[str, object]]:
    """Shares right by kind of field; margins for places; dates in digits and words together."""
    by_kind: dict[str, list[Judgement]] = {}
    for one in judged:
        name = one.task.kind if one.task.kind != "date" else _PAIR[one.task.field]
        by_kind.setdefault(name, []).append(one)
    said: dict[str, dict[str, object]] = {}
    for name, some in by_kind.items():
        said[name] = {
            "n": len(some),
            "hands": len({one.task.hand for one in some}),
            "exact": _share([one.right for one in some]),
            "greedy": _share([one.greedy for one in some]),
            "top five": _share([one.among for one in some]),
        }
    if "commune" in said:
        said["commune"]["margins"] = [_beyond(by_kind["commune"], least) for least in _MARGINS]
    if _PAIR["birth_date"] in said:
        said["dates in digits with words"] = _together(by_kind)
    return said


_PAIR = {"birth_date": "digits of a date", "birth_date_words": "words of a date"}


def _share(right: Sequence[bool]) -> float:
    return round(sum(right) / max(1, len(right)), 4)


def _beyond(judged: Sequence[Judgement], least: float) -> dict[str, float]:
    """What passes as a commune: how much of all, and how much of that is wrong.

    It is one that the list knows, and leads the second by the margin.
    """
    known = {name for name, _ in communes()}
    passed = [
        not one.right for one in judged if one.reading.margin >= least and one.reading.text in known
    ]
    return {"margin": least, "passes": round(len(passed) / len(judged), 4), "wrong": _share(passed)}


def _together(by_kind: dict[str, list[Judgement]]) -> dict[str, object]:
    """Both dates of an entry: the likelier one where they differ; and how often they agree."""
    context = Context(Kind.BIRTH, _YEAR)
    words = {one.task.group: one for one in by_kind[_PAIR["birth_date_words"]]}
    right: list[bool] = []
    agree: list[bool] = []
    for one in by_kind[_PAIR["birth_date"]]:
        pair = (one, words[one.task.group])
        values = [normalise(two.task.field, two.reading.text, context) for two in pair]
        known = [value.normalized is not None for value in values]
        same = known[0] and values[0].normalized == values[1].normalized
        first = pair[0].reading.probability >= pair[1].reading.probability
        right.append(pair[0 if same or (known[0] and (first or not known[1])) else 1].right)
        if same:
            agree.append(pair[0].right)
    return {
        "n": len(right),
        "exact": _share(right),
        "agree": round(len(agree) / max(1, len(right)), 4),
        "exact where they agree": _share(agree),
    }


def worst(judged: Sequence[Judgement], most: int = 40) -> list[str]:
    """Wrong readings by kind: what stands, what was read, what the ink said."""
    seen: Counter[str] = Counter()
    lines = []
    for one in judged:
        if not one.right and seen[one.task.kind] < most:
            seen[one.task.kind] += 1
            read_as, ink = one.reading.text, one.reading.greedy
            lines.append(f"{one.task.kind}\t{one.task.hand}\t{one.task.text}\t{read_as}\t{ink}")
    return lines


def main(
    state: Path,
    data: Annotated[Path | None, typer.Option(envvar="HOTICH_HANDWRITING")] = None,
    name: Annotated[str, typer.Option(help="Weights that read")] = "hand",
    count: int = 120,
    seed: int = 1,
    paper: Annotated[bool, typer.Option(help="Rules, dots, labels around the writing")] = False,
    wrong: Annotated[Path | None, typer.Option(help="Writes wrong readings here")] = None,
    facts: Annotated[Path | None, typer.Option(help="Adds the figures to this JSON file")] = None,
) -> None:
    """Prints the share of fields read exactly, by kind."""
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    config = PROJECT / "ocr_config"
    places = communes()
    guide = guide_of(Context(Kind.BIRTH, _YEAR), config, lambda _: places)
    found = list(tasks(hands_of(state, data, kept=True), count, seed, paper))
    judged = read(hand_recognizer(config, name), found, guide)
    said = figures(judged)
    for kind, one in said.items():
        typer.echo(f"{kind}: {json.dumps(one)}")
    if wrong:
        wrong.write_text("\n".join(worst(judged)) + "\n", encoding="utf-8")
    if facts:
        known = json.loads(facts.read_text("utf-8")) if facts.exists() else {}
        known["fields on paper" if paper else "fields"] = said
        facts.write_text(json.dumps(known, ensure_ascii=False, indent=1), encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
