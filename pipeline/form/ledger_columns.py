"""What the columns of a ledger are called, and which fields of a form they are.

Headings are read on a few pages in one call of Tesseract and laid in order against the
columns of a form. A book may lack optional columns and have some that nobody knows; a heading
worn away is known by its place between others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np

from pipeline.form.grid_types import Floats, Grid, GridFit
from pipeline.form.labels import label_score
from pipeline.form.ledger_head import Box, drawn
from pipeline.form.schema import Column
from pipeline.page.scale import shrink
from pipeline.tesseract import read_list
from pipeline.types import Grey, PageImage

READ_DPI = 150.0
CLOSE_DPI = 220.0
"""Headings written by hand: some are read only larger, others only smaller."""
_INSET_MM = 0.7
_LAID_MM = 1.0
_ALIKE = 0.25
"""Correlation from which two pictures of a heading can be laid on each other."""
_NUMBERS = 0.55
"""A last band of the head lower than this share of a row holds the columns' numbers."""
_RULED = 0.4
"""Share of a rule's usual presence from which it closes a cell of the head."""
_ACROSS = 0.85
_PARTLY = 0.3
"""Share of the columns over which a rule is seen, right across or over a group."""
_ENOUGH = 0.55
"""Likeness from which a heading counts as found."""
_NEUTRAL = 0.42
"""Likeness at which taking a column for a field is neither good nor bad."""
_MISSING = 0.3
_UNKNOWN = 0.13
"""With ``_MISSING`` more than ``_NEUTRAL``: where no heading can be read, its place tells."""
_OTHER_SIDE = 0.15
_ANOTHER = 9.0
"""What nothing outweighs."""
_NO_GROUP = ("",) * 3
_TWINS = tuple(
    pair
    for one, two in (("husband_", "wife_"), ("father_", "mother_"))
    for pair in ((one, two), (two, one))
)


@dataclass(frozen=True)
class Heading:
    """What was read above a column, reading by reading: its heading and that of its group."""

    side: str
    labels: tuple[str, ...]
    groups: tuple[str, ...]


@dataclass(frozen=True)
class Matched:
    """Which column of a form each column of the book is (None: unknown), and how well."""

    columns: tuple[int | None, ...]
    likeness: tuple[float, ...]
    score: float
    """Share of the form's columns that are not optional whose heading was found in order."""
    gain: float
    """How good the whole is, to choose between readings."""


def heading_feet(grid: Grid) -> tuple[int, ...]:
    """The level rules under which the headings may end: a row of the columns' numbers is none.

    Where wear left too little of the rule over such a row to tell, the headings may end at either.
    """
    level = np.array(grid.level)
    usual = float(np.median(level[grid.first :]))
    last = grid.first
    heights = np.diff(grid.ys)
    if not (
        last > 1
        and heights[last - 1] < _NUMBERS * grid.pitch
        # Numbers need no more room than the headings over them. What is higher than the band above
        # it holds the headings: in a book of high rows they are low beside a row, too.
        and heights[last - 1] <= heights[last - 2]
    ):
        return (last,)
    # The rule over the numbers runs right across, that under a group's heading does not.
    across = float(np.mean(level[last - 1] > _RULED * usual))
    if across > _ACROSS:
        return (last - 1,)
    return (last, last - 1) if across > _PARTLY else (last,)


def heading_boxes(grid: Grid, last: int | None = None) -> list[tuple[Box, Box | None]]:
    """For each column the box of its heading and that of its group's, in the grid's frame.

    ``last`` is the level rule under which the headings end, the likeliest if not given.
    """
    last = heading_feet(grid)[0] if last is None else last
    level, upright = np.array(grid.level), np.array(grid.upright)
    usual_level = float(np.median(level[grid.first :]))
    usual_upright = float(np.median(upright[grid.first :]))
    boxes: list[tuple[Box, Box | None]] = []
    for i in range(grid.columns):
        inner = [j for j in range(1, last) if level[j, i] > _RULED * usual_level]
        split = inner[-1] if inner else 0
        label = (grid.xs[i], grid.ys[split], grid.xs[i + 1], grid.ys[last])
        group = None
        if split:
            # The group's heading spans the columns no upright rule parts there.
            parted = [bool(value > _RULED * usual_upright) for value in upright[0]]
            left = max((k for k in range(i + 1) if parted[k] or k == 0), default=0)
            right = min(
                (k for k in range(i + 1, grid.columns + 1) if parted[k] or k == grid.columns),
                default=grid.columns,
            )
            if right - left > 1:
                group = (grid.xs[left], grid.ys[0], grid.xs[right], grid.ys[split])
            else:
                label = (grid.xs[i], grid.ys[0], grid.xs[i + 1], grid.ys[last])
        boxes.append((label, group))
    return boxes


def read_headings(
    pages: Sequence[PageImage],
    grid: Grid,
    fits: Sequence[GridFit],
    side: str,
    languages: str = "vie",
) -> list[Heading]:
    """Headings of the columns from left to right.

    Each is read three times: as all pages together show it, noise and breaks averaged away, the
    same once more from larger pictures, and as the first page shows it. Where it is not plain
    under which rule the headings end, they are read both ways.

    Args:
        pages: pages to read from, the best one first.
        grid: their grid.
        fits: where it lies on each.
        side: side of the book, kept with the headings.
        languages: of the print.
    """
    ways = [heading_boxes(grid, last) for last in heading_feet(grid)]
    wanted = sorted({box for boxes in ways for pair in boxes for box in pair if box})
    crops: list[Grey] = []
    for dpi, alone in ((READ_DPI, True), (CLOSE_DPI, False)):
        small = [shrink(page.grey, page.dpi, dpi) for page in pages]
        for x0, y0, x1, y1 in wanted:
            inner = (x0 + _INSET_MM, y0 + _INSET_MM, x1 - _INSET_MM, y1 - _INSET_MM)
            seen = [
                drawn(grey, page.dpi / factor, found.warp, inner, dpi)
                for (grey, factor), page, found in zip(small, pages, fits, strict=True)
            ]
            crops += [legible(together(seen, dpi)), *([legible(seen[0])] if alone else [])]
    read = read_list(crops, READ_DPI, psm=6, languages=languages)
    texts = [" ".join(word.text for word in words) for words in read]
    larger = texts[2 * len(wanted) :]
    readings = {box: (texts[2 * n], texts[2 * n + 1], larger[n]) for n, box in enumerate(wanted)}
    headings = []
    for ends in zip(*ways, strict=True):
        labels = [text for label, _ in ends for text in readings[label]]
        groups = [text for _, group in ends for text in (readings[group] if group else _NO_GROUP)]
        headings.append(Heading(side, tuple(labels), tuple(groups) if any(groups) else ()))
    return headings


def together(crops: Sequence[Grey], dpi: float) -> Grey:
    """The mean of pictures of one printed text, laid on the first of them."""
    first = crops[0]
    room = round(_LAID_MM * dpi / 25.4)
    total = first.astype(np.float32)
    count = 1
    wide = cv2.copyMakeBorder(first, room, room, room, room, cv2.BORDER_REPLICATE)
    for crop in crops[1:]:
        match = cv2.matchTemplate(wide, crop, cv2.TM_CCOEFF_NORMED)
        _, value, _, (x, y) = cv2.minMaxLoc(np.nan_to_num(match))
        if value < _ALIKE:
            x = y = room
        move = np.array([[1, 0, x - room], [0, 1, y - room]], dtype=np.float64)
        size = (first.shape[1], first.shape[0])
        total += cv2.warpAffine(crop, move, size, borderMode=cv2.BORDER_REPLICATE)
        count += 1
    return np.asarray((total / count).round(), dtype=np.uint8)


def legible(crop: Grey) -> Grey:
    """A heading with its paper made white and cut down to its ink, as Tesseract likes it.

    In the noise of wide bare paper Tesseract sees words.
    """
    paper = float(np.median(crop))
    noise = 1.4826 * float(np.median(np.abs(crop.astype(np.float64) - paper)))
    soft = cv2.GaussianBlur(crop, (0, 0), 2.0)
    dark = np.asarray(soft, np.float64) < paper - max(6.0, 1.5 * noise)
    white = paper - 2.0 * noise
    clean = np.clip(crop * (255.0 / max(1.0, white)), 0, 255).astype(np.uint8)
    ys, xs = np.nonzero(dark)
    if not len(ys):
        return np.full((16, 16), 255, np.uint8)
    pad = 5
    y0, y1 = max(0, int(ys.min()) - pad), int(ys.max()) + pad + 1
    x0, x1 = max(0, int(xs.min()) - pad), int(xs.max()) + pad + 1
    return np.pad(clean[y0:y1, x0:x1], 8, constant_values=255)


def heading_score(heading: Heading, column: Column) -> float:
    """How well a heading fits a column of a form, 0..1: the better of its readings."""
    scores = []
    for n, label in enumerate(heading.labels):
        score = label_score(label, column.labels)
        if heading.groups:
            group = heading.groups[n]
            if column.group:
                both = [f"{above} {name}" for above in column.group for name in column.labels]
                score = max(score, label_score(f"{group} {label}", both))
                # Father's and mother's columns differ by their group only.
                score = 0.85 * score + 0.15 * label_score(group, column.group)
            else:
                score = max(score, label_score(f"{group} {label}", column.labels)) * 0.92
        scores.append(score)
    return max(scores)


def _told_by_place(found: Sequence[int | None], likeness: Floats) -> list[int | None]:
    """The columns without those known by their place alone where that place tells nothing.

    Between two headings that are known stand as many columns as in the form, or place is no sign:
    the book has columns there that the form lacks.
    """
    like = [float(likeness[n, at]) if at is not None else 0.0 for n, at in enumerate(found)]
    known = [-1, *(n for n, value in enumerate(like) if value >= _ENOUGH), len(found)]
    told = list(found)
    for before, after in pairwise(known):
        between = range(before + 1, after)
        if any(found[n] is None for n in between):
            for n in between:
                told[n] = None
    return told


def _as_twin(found: list[int | None], columns: Sequence[Column]) -> list[int | None]:
    """Columns with one that no heading tells named as the other person's in that place is.

    The same is asked of husband and wife, father and mother, in the same order.
    """
    index = {column.field: n for n, column in enumerate(columns)}
    fields = [columns[at].field if at is not None else "" for at in found]
    filled = list(found)
    for own, other in _TWINS:
        for n in range(1, len(found) - 1):
            before, after = fields[n - 1], fields[n + 1]
            if fields[n] or not (before.startswith(own) and after.startswith(own)):
                continue
            pair = (other + before[len(own) :], other + after[len(own) :])
            for m in range(1, len(found) - 1):
                middle = fields[m]
                if (fields[m - 1], fields[m + 1]) == pair and middle.startswith(other):
                    filled[n] = index.get(own + middle[len(other) :])
    return filled


def match_columns(
    headings: Sequence[Heading],
    columns: Sequence[Column],
    other: Callable[[Heading, Column, float], bool] = lambda *_: False,
) -> Matched:
    """Lay headings against the columns of a form, both in order.

    ``other`` says of a heading, a column and their likeness whether the heading plainly names
    another field: its place does not make it that column.
    """
    likeness = np.array([[heading_score(h, c) for c in columns] for h in headings])
    gain = likeness - _NEUTRAL
    for i, heading in enumerate(headings):
        for c, column in enumerate(columns):
            if heading.side != "single" and heading.side != column.page:
                gain[i, c] -= _OTHER_SIDE
            if other(heading, column, float(likeness[i, c])):
                gain[i, c] = -_ANOTHER
    count, width = likeness.shape
    best = np.full((count + 1, width + 1), -np.inf)
    step = np.zeros((count + 1, width + 1), dtype=np.int64)
    best[0, 0] = 0.0
    for i in range(count + 1):
        for c in range(width + 1):
            if i and best[i - 1, c] - _UNKNOWN > best[i, c]:
                best[i, c], step[i, c] = best[i - 1, c] - _UNKNOWN, 1
            if c:
                lost = 0.0 if columns[c - 1].optional else _MISSING
                if best[i, c - 1] - lost > best[i, c]:
                    best[i, c], step[i, c] = best[i, c - 1] - lost, 2
            if i and c and best[i - 1, c - 1] + gain[i - 1, c - 1] > best[i, c]:
                best[i, c], step[i, c] = best[i - 1, c - 1] + gain[i - 1, c - 1], 3
    found: list[int | None] = [None] * count
    i, c = count, width
    while i or c:
        if step[i, c] == 3:
            i, c = i - 1, c - 1
            found[i] = c
        elif step[i, c] == 1:
            i -= 1
        else:
            c -= 1
    found = _as_twin(_told_by_place(found, likeness), columns)
    like = tuple(float(likeness[n, at]) if at is not None else 0.0 for n, at in enumerate(found))
    needed = [c for c, column in enumerate(columns) if not column.optional]
    seen = {at for at, value in zip(found, like, strict=True) if value >= _ENOUGH}
    score = sum(c in seen for c in needed) / max(1, len(needed))
    return Matched(tuple(found), like, score, float(best[count, width]))
