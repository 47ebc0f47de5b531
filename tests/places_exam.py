"""Marks the answers of `hotich places resolve` against the truth, kind by kind.

An answer is the line the command writes: `id, status, candidates[{type, name, parent,
probability, ...}]`. Verdicts:

- right: the one unit given as certain; or "ambiguous" with a set that holds the whole truth and
  at least half of the probability on it; or "unknown" where nothing is to be found;
- said: "ambiguous", the whole truth is in the set, but most of the probability lies elsewhere;
- silent: given as certain and wrong, or one given as certain where several are true and the
  others are not mentioned: the worst error;
- missed: anything else.

`doubted` counts the right answers that said "ambiguous" though the truth is one unit.
"""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from places_elsewhere import COUNTRY_ALSO
from places_forms import Form
from places_truth import base_of, marked

VERDICTS = ("right", "said", "silent", "missed")
_PROVINCE = re.compile(r"^(tỉnh|thành phố|quốc gia|nước) ", re.IGNORECASE)


@dataclass(frozen=True)
class Mark:
    """The verdict on one form."""

    form: Form
    verdict: str
    doubted: bool
    given: tuple[str, ...]


def by_hand(path: Path) -> list[Form]:
    """The questions of places_by_hand.csv; the kind is the status that is expected."""
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Form(
                row["id"],
                row["status"],
                row["text"],
                int(row["year"]),
                row["unit"],
                date.fromisoformat(row["as_of"]),
                frozenset(filter(None, row["expected"].split(";"))),
            )
            for row in csv.DictReader(file)
        ]


def _field(candidate: Mapping[str, Any], name: str) -> str:
    return str(candidate.get(name) or "").strip()


def is_meant(candidate: Mapping[str, Any], label: str) -> bool:
    """Whether a candidate is the unit `Type Name@Parent`; a hamlet in it counts as well.

    With an empty parent only the province or country is asked: its name, or a place under it.
    """
    kind, name = _field(candidate, "type"), _field(candidate, "name")
    parents = [part.strip() for part in _field(candidate, "parent").split(",")]
    wanted, _, parent = label.partition("@")
    if parent:
        same = marked(f"{kind} {name}") == marked(wanted)
        under = marked(parents[0]) in (marked(parent), marked(base_of(parent)))
        return (same and under) or marked(parents[0]) == marked(wanted)
    bare = _PROVINCE.sub("", wanted)
    names = {marked(n) for n in (bare, *COUNTRY_ALSO.get(bare, ()))}
    return any(marked(_PROVINCE.sub("", given)) in names for given in (name, *parents))


def mark(form: Form, answer: Mapping[str, Any]) -> Mark:
    """The verdict on one answer."""
    candidates: list[Mapping[str, Any]] = list(answer.get("candidates") or [])
    status = answer["status"]
    given = tuple(
        f"{_field(c, 'type')} {_field(c, 'name')}@{_field(c, 'parent')} "
        f"{float(c.get('probability') or 0):.2f}"
        for c in candidates[:6]
    )
    hits = [c for c in candidates if any(is_meant(c, label) for label in form.truth)]
    covered = bool(form.truth) and all(
        any(is_meant(c, label) for c in candidates) for label in form.truth
    )
    mass = sum(float(c.get("probability") or 0) for c in hits)
    if status == "certain":
        first = bool(candidates) and bool(form.truth) and candidates[0] in hits
        verdict = "silent" if not first or not covered else "right"
        if verdict == "right" and len(form.truth) > 1:
            verdict = "said"
    elif status == "ambiguous":
        verdict = ("right" if mass >= 0.5 else "said") if covered else "missed"
    else:
        verdict = "missed" if form.truth else "right"
    doubted = verdict == "right" and status == "ambiguous" and len(form.truth) == 1
    return Mark(form, verdict, doubted, given)


def examine(forms: list[Form], answers: Iterable[Mapping[str, Any]]) -> list[Mark]:
    """All verdicts; answers are matched by id, a form without an answer is missed."""
    by_id = {str(answer["id"]): answer for answer in answers}
    nothing: dict[str, Any] = {"status": "unanswered", "candidates": []}
    marks = []
    for form in forms:
        answer = by_id.get(form.id, nothing)
        made = mark(form, answer)
        if answer is nothing:
            made = Mark(form, "missed", False, ())
        marks.append(made)
    return marks


def shares(marks: list[Mark]) -> dict[str, float]:
    """Share of each verdict, and of the doubted among the forms with one true unit."""
    count = Counter(m.verdict for m in marks)
    single = sum(len(m.form.truth) == 1 for m in marks)
    found = {verdict: count[verdict] / len(marks) for verdict in VERDICTS}
    return found | {"doubted": sum(m.doubted for m in marks) / max(single, 1)}


def table(marks: list[Mark]) -> str:
    """The counts by kind and by period, for people."""
    groups: dict[str, list[Mark]] = defaultdict(list)
    for made in marks:
        groups[made.form.kind].append(made)
    for made in marks:
        year = made.form.year
        period = next(
            (f"{a}-{b}" for a, b in ((1925, 1956), (1957, 1980), (1981, 2003)) if year <= b),
            "2004-2025",
        )
        groups[f"years {period}"].append(made)
    groups["all"] = marks
    head = ("kind", "n", *VERDICTS, "doubted")
    lines = [f"{head[0]:28}" + "".join(f"{h:>9}" for h in head[1:])]
    for kind, group in groups.items():
        count = Counter(m.verdict for m in group)
        cells = (len(group), *(count[v] for v in VERDICTS), sum(m.doubted for m in group))
        lines.append(f"{kind:28}" + "".join(f"{cell:>9}" for cell in cells))
    return "\n".join(lines)


def faults(marks: list[Mark], verdicts: Iterable[str] = ("silent", "missed")) -> str:
    """Each fault with what was asked, what is true and what was given."""
    return "\n".join(
        f"{m.verdict} {m.form.id}: {m.form.text!r} {m.form.year} [{m.form.unit}] "
        f"as of {m.form.as_of} true {sorted(m.form.truth)} given {list(m.given)}"
        for m in marks
        if m.verdict in set(verdicts)
    )
