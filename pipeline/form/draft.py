"""A form file drafted from a page nobody has described yet: labels read, fields proposed.

The draft is for a person to correct, not for use as it is: it says of each label how it came by
its field, and leaves out what it does not know. No code is needed to add a form.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.form.align import align
from pipeline.form.labels import fold, label_score
from pipeline.form.ledger import learn_ruled
from pipeline.form.recognise import ReadScan, nearest, votes
from pipeline.form.schema import Form
from pipeline.form.template import page_size
from pipeline.form.tokens import Token, token_lines
from pipeline.types import Kind

_ALIKE = 0.78
"""Likeness from which a label is a known one, some letters misread."""
_SURE_WORD = 0.4
_LEAST_LETTERS = 4
_SAME_PLACE_MM = 6.0
_NEAREST = 3
"""So many known forms are named."""


@dataclass(frozen=True)
class DraftPart:
    """A printed label found on the page, and what may be written behind or below it."""

    label: str
    field: str
    """Empty where no known form has such a label."""
    likeness: float
    """Of the label and the known one it was taken for, 0..1; 0 for none."""
    page: str = "left"


@dataclass(frozen=True)
class Draft:
    """All that a page tells about its form."""

    layout: str
    opening: bool
    parts: tuple[DraftPart, ...]
    heading: str
    nearest: tuple[tuple[str, float], ...]
    """The likeliest forms, by their scores."""
    era: str = ""
    """Of the form to which kind and year point as well; empty where no form is known."""


def drafted(
    scans: Sequence[ReadScan],
    forms: Mapping[str, Form],
    kind: Kind,
    year: int,
    labels: Sequence[str] = (),
) -> Draft:
    """Draft a form from one scan, better from two: what is printed stands on both.

    Args:
        scans: read whole.
        forms: known forms, whose labels tell what a field may be called.
        kind: of the book.
        year: of the book.
        labels: as a person reads them, in printed order; found on the page where none are given.
    """
    ranked, _ = votes(scans, forms, kind, year)
    own = [vote.form for vote in ranked] + [f for f in forms.values() if f.kind is kind]
    sides = learn_ruled([scan.pages for scan in scans])
    ruled = sum(side.grid.columns for side in sides) > 3
    if labels:
        found = [(label, "left") for label in labels]
    elif ruled:
        # The likeliest end of the head; each heading is read twice, the longer one says more.
        found = [
            (max(heading.labels, key=len), "right" if side.side.value == "right" else "left")
            for side in sides
            for heading in side.headings[max(range(len(side.ends)), key=lambda n: side.ends[n][1])]
        ]
    else:
        best = next((form for form in own if form.layout == "lines"), None)
        found = [(label, "left") for label in _printed(scans, best)]
    layout = "ledger" if ruled else "lines"
    same = [form for form in own if form.layout == layout and form.kind is kind]
    others = [form for form in own if form.kind is kind and form not in same]
    return Draft(
        layout,
        ruled and len(sides) > 1,
        proposed(found, [*same, *others]),
        _heading(scans[0]),
        nearest(ranked, _NEAREST),
        ranked[0].form.era if ranked else "",
    )


def proposed(found: Sequence[tuple[str, str]], forms: Sequence[Form]) -> tuple[DraftPart, ...]:
    """Fields for labels in printed order, each field once.

    Labels that come again (Dân tộc of child, father and mother) take the fields in the order in
    which the nearest form has them.
    """
    used: set[str] = set()
    last: dict[str, int] = {}
    parts = []
    for label, page in found:
        best, named = (0.0, False), ("", "")
        for form in forms:
            for at, part in enumerate(form.parts):
                if not part.field or part.field in used:
                    continue
                score = round(label_score(label, part.labels), 3)
                # Among equals what follows in the form; and forms come nearest first.
                if (score, at > last.get(form.form, -1)) > best:
                    best = (score, at > last.get(form.form, -1))
                    named = (part.field, _spelled(label, part.labels))
        if best[0] >= _ALIKE:
            used.add(named[0])
            parts.append(DraftPart(named[1], named[0], round(best[0], 2), page))
            last |= {
                form.form: at
                for form in forms
                for at, part in enumerate(form.parts)
                if part.field == named[0]
            }
        elif len(fold(label)) >= _LEAST_LETTERS:
            parts.append(DraftPart(" ".join(label.split()), "", 0.0, page))
    return tuple(parts)


def _spelled(label: str, known: Sequence[str]) -> str:
    return max(known, key=lambda one: label_score(label, (one,)))


def _printed(scans: Sequence[ReadScan], nearest: Form | None) -> list[str]:
    """Labels of a labelled form from the top: known ones, and what stands on every scan."""
    tokens = scans[0].tokens[0]
    page = scans[0].pages[0]
    places: list[tuple[float, float, float, str]] = []
    if nearest is not None:
        places += [
            (match.middle, match.x0, match.x1, match.label)
            for match in align(tokens, nearest, page_size(page)[0]).matches
            if match.score >= _ALIKE
        ]
    others = [_runs(own) for scan in scans[1:] for own in scan.tokens[:1]]
    for middle, x0, x1, text in _runs(tokens):
        known = any(
            abs(middle - at) < _SAME_PLACE_MM and x0 < right and left < x1
            for at, left, right, _ in places
        )
        again = all(
            any(abs(x0 - left) < _SAME_PLACE_MM and label_score(text, (said,)) >= _ALIKE
                for _, left, _, said in runs)
            for runs in others
        )  # fmt: skip
        if not known and again:
            places.append((middle, x0, x1, text))
    places.sort(key=lambda place: (round(place[0] / _SAME_PLACE_MM), place[1]))
    return [text for _, _, _, text in places]


def _runs(tokens: Sequence[Token]) -> list[tuple[float, float, float, str]]:
    """Words that end at a colon or a leader: height, left, right and text of each run."""
    runs = []
    for line in token_lines(list(tokens)):
        words: list[Token] = []
        for token in line:
            words.append(token)
            if token.stop:
                text = " ".join(word.text for word in words)
                sure = all(word.confidence >= _SURE_WORD for word in words)
                if sure and not any(sign.isdigit() for sign in text):
                    runs.append((words[0].middle, words[0].x0, words[-1].x1, text))
                words = []
    return runs


def _heading(scan: ReadScan) -> str:
    """The largest line of the upper third: the title."""
    tokens = [token for own in scan.tokens for token in own if token.confidence >= _SURE_WORD]
    if not tokens:
        return ""
    upper = [t for t in tokens if t.middle < max(t.middle for t in tokens) / 3] or tokens
    lines = token_lines(upper)
    best = max(lines, key=lambda line: sorted(t.y1 - t.y0 for t in line)[len(line) // 2])
    return " ".join(token.text for token in best)


def as_yaml(draft: Draft, form: str, name: str, kind: Kind, era: str, year: int) -> str:
    """The draft as a form file, with a remark wherever a person must look."""
    likeliest = ", ".join(f"{near} {score:.2f}" for near, score in draft.nearest) or "–"
    lines = [
        "# Bản nháp từ ảnh: sửa nhãn và trường, rồi chạy 'hotich forms check TỆP'.",
        "# Drafted from a scan: mend labels and fields, then run 'hotich forms check FILE'.",
        f"# Gần nhất / nearest: {likeliest}",
        f"form: {form}",
        f"name: {name}",
        f"kind: {kind.value}",
        f'era: "{era}"',
        f"years: [{year}, {year}]",
        "provenance: verified",
        f"layout: {draft.layout}",
    ]
    if draft.layout == "ledger":
        lines.append(f"opening: {str(draft.opening).lower()}")
    if draft.heading:
        lines.append(f"headings: [{_quoted(draft.heading)}]")
    lines.append("columns:" if draft.layout == "ledger" else "items:")
    for part in draft.parts:
        entry = [f"labels: [{_quoted(part.label)}]"]
        if part.field:
            entry.append(f"field: {part.field}")
        if part.page == "right":
            entry.append("page: right")
        remark = f"  # {part.likeness:.2f}" if part.field else "  # ? trường nào / which field"
        lines.append("  - {" + ", ".join(entry) + "}" + remark)
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "").replace('"', "'") + '"'
