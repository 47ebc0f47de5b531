"""What a book's own pages teach about its form: labels, leaders, boxes, and the print itself.

The best page gives the frame, straightened by its leaders. The other pages are brought into
it and laid over one another: print stays where it is, what people wrote does not. The labels
are then read once more on that sheet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from pipeline.form.above import bands_above, in_band
from pipeline.form.align import Alignment, Match, chain, slots_of, titles
from pipeline.form.boxes import APART, FieldBox, field_boxes
from pipeline.form.carried_on import carried_on
from pipeline.form.columns import agreed_columns
from pipeline.form.ends import (
    baseline,
    believed,
    both_languages,
    label_ends,
    legible,
    whole_labels,
)
from pipeline.form.halves import agreed_ends, agreed_labels, printed_in_both
from pipeline.form.impression import MATCH_DPI, impression
from pipeline.form.labels import fold
from pipeline.form.leader_faint import faint_pieces
from pipeline.form.leaders import Segment, find_segments, flat_specks, shared_segments, straighten
from pipeline.form.margin_notes import margin_boxes
from pipeline.form.missing import infer
from pipeline.form.own_entries import in_own_entries, strays
from pipeline.form.pitch import Label, line_pitch
from pipeline.form.pooled import Sheets, before_captions, candidates_of, pooled
from pipeline.form.registration import Box, Leader, Template, register
from pipeline.form.reprinted import found_again
from pipeline.form.schema import Form
from pipeline.form.strangers import strangers
from pipeline.form.swallowed import Shared, doubted
from pipeline.form.ticks import TickPlace, tick_places
from pipeline.form.tokens import MM_PER_INCH, READ_DPI, Token, ink_tokens
from pipeline.form.twins import complete, paired_headings, same_wording
from pipeline.form.warp import Floats, Warp, draw, fit
from pipeline.types import Grey, PageImage

_MIN_REGISTERED = 0.45
"""A page that fits the best one worse than this does not teach."""
_AROUND_LABELS_MM = 14.0
_WAYS = (11, 6)
"""Tesseract's page segmentations for the common print: sparse words, one block of lines."""


@dataclass(frozen=True)
class Seen:
    """A page as read for learning: its words and the labels found among them."""

    page: PageImage
    tokens: tuple[Token, ...]
    alignment: Alignment


@dataclass(frozen=True)
class BookTemplate:
    """All that is learned of a ``lines`` form."""

    template: Template
    fields: tuple[FieldBox, ...]
    missing: tuple[str, ...]
    """Required fields whose label was found on no page: they have no box."""
    inferred: tuple[str, ...]
    """Fields whose label was not found, but their neighbours tell where it is."""
    score: float
    pages: tuple[Seen, ...]
    """Those that lay on one another; the others are of another press, or too worn."""
    ticks: tuple[TickPlace, ...] = ()
    """Squares to tick."""


@dataclass(frozen=True)
class _Overlay:
    """Pages laid over one another in the frame."""

    ink: Grey
    """Print at ``READ_DPI``."""
    pages: tuple[Grey, ...]
    """What each page shows, print and writing, at the same scale."""
    darkest: Grey
    """What any of them shows."""
    specks: tuple[Grey, ...]
    """Of each page, at the same scale."""
    tokens: tuple[tuple[Token, ...], ...]
    """Words of every page, in the frame."""


def page_size(page: PageImage) -> tuple[float, float]:
    """Width and height of a page in millimetres."""
    height, width = page.grey.shape
    return width / page.dpi * MM_PER_INCH, height / page.dpi * MM_PER_INCH


def learn_template(seen: Sequence[Seen], form: Form) -> BookTemplate:
    """Learn a book's form from pages that were read.

    Args:
        seen: pages of the book that bear the form; one is enough, three and more do better.
        form: the form they bear.
    """
    ordered = sorted(seen, key=lambda page: -page.alignment.score)
    overlay, size, used = _lay_over(ordered, form)
    width, height = size
    # The common print is read in two ways: each overlooks a word now and then.
    sheets = [*(tuple(ink_tokens(overlay.ink, psm=way)) for way in _WAYS), *overlay.tokens]
    inks = Sheets.of(overlay.pages)
    seen_as = _seen_as(sheets, form, inks)
    found = chain(seen_as, form, width)
    slots = slots_of(form)
    heads = bands_above(found.matches, slots, form)
    if heads:
        # A short label that stands alone is overlooked on a whole page, not in its own band.
        sheets[0] = (*sheets[0], *(token for band in heads for token in in_band(overlay.ink, band)))
        seen_as = _seen_as(sheets, form, inks)
        found = chain(seen_as, form, width)
    placed = (*found.matches, *strays(found.matches, seen_as, form, slots))
    placed = tuple(sorted(placed, key=lambda match: match.slot))
    wordings = [form.items[slots[match.slot].item].labels for match in placed]
    # What another entry shows of a label is surer than where it would end by its letters.
    matches = same_wording(carried_on(placed, wordings, sheets), slots, form)
    matches = same_wording(
        both_languages(matches, wordings, overlay.ink, overlay.darkest), slots, form
    )
    matches = whole_labels(matches, overlay.ink)
    labels = _labels(matches, form, overlay)
    segments = _inside(shared_segments(_without(overlay.specks, labels), READ_DPI), placed)
    labels = in_own_entries(labels, overlay.ink)
    labels = printed_in_both(agreed_labels(labels, overlay.ink), form, overlay.ink)
    labels = agreed_columns(labels, form, overlay.ink)
    labels, segments = complete(paired_headings(labels, form), segments, form)
    labels = found_again(labels, form, overlay.ink)
    labels = infer(labels, segments, form)
    unknown = strangers(sheets[: len(_WAYS)], overlay.tokens, labels, segments)
    pitch = line_pitch(labels, segments)
    alone = [label for label in labels if form.items[label.item].field in APART]
    lines = (*segments, *faint_pieces(alone, segments, overlay.pages))
    fields = agreed_ends(field_boxes(form, labels, lines, width, unknown))
    shared = Shared(overlay.ink, len(used), tuple(segments))
    fields = doubted(fields, labels, form, pitch, shared)
    fields = (*fields, *margin_boxes(form, seen_as, labels, fields, overlay.ink))
    have = {(label.entry, label.item) for label in labels}
    missing = tuple(
        form.items[slot.item].field
        for slot in slots_of(form)
        if (slot.entry, slot.item) not in have
        and form.items[slot.item].field
        and not form.items[slot.item].optional
    )
    template = Template(
        width,
        height,
        _at_match_scale(overlay.ink),
        (
            *((label.x0, label.y0, label.x1, label.y1) for label in labels if not label.inferred),
            *_other_print(sheets, fields, form),
        ),
        _level(segments),
    )
    inferred = tuple(form.items[label.item].field for label in labels if label.inferred)
    ticks = tick_places(form, labels, (overlay.ink, *overlay.pages))
    return BookTemplate(template, fields, missing, inferred, found.score, used, ticks)


def _seen_as(sheets: Sequence[Sequence[Token]], form: Form, inks: Sheets) -> list[Match]:
    """What the words of all sheets together may be labels of."""
    return before_captions(pooled(candidates_of(sheets, form), len(_WAYS), inks), form)


def _lay_over(
    ordered: Sequence[Seen], form: Form
) -> tuple[_Overlay, tuple[float, float], tuple[Seen, ...]]:
    """All pages in the frame of the best one."""
    best = ordered[0]
    size = page_size(best.page)
    ink = impression(best.page.grey, best.page.dpi, READ_DPI)
    inner = _inside(find_segments(flat_specks(ink, READ_DPI), READ_DPI), best.alignment.matches)
    warps = [straighten(inner, *size)]
    drawn = [draw(ink, warps[0], READ_DPI)]
    specks = [flat_specks(drawn[0], READ_DPI)]
    kept = [best]
    first = _first_template(best, warps[0], drawn[0], specks[0], size)
    for other in ordered[1:]:
        ink = impression(other.page.grey, other.page.dpi, READ_DPI)
        start = _start(best, other, warps[0], size)
        placed = register(_at_match_scale(ink), first, start)
        if placed.confidence < _MIN_REGISTERED:
            continue
        warps.append(placed.warp)
        drawn.append(draw(ink, placed.warp, READ_DPI))
        specks.append(flat_specks(drawn[-1], READ_DPI))
        kept.append(other)
    overlay = _Overlay(
        _common_ink(drawn),
        tuple(drawn),
        np.asarray(np.max(np.stack(drawn), axis=0), dtype=np.uint8),
        tuple(specks),
        tuple(
            tuple(_token_into_frame(token, warp) for token in page.tokens)
            for page, warp in zip(kept, warps, strict=True)
        ),
    )
    return overlay, size, tuple(kept)


def _common_ink(drawn: Sequence[Grey]) -> Grey:
    """Ink that the pages share: of two the lighter, of more the median."""
    if len(drawn) == 1:
        return drawn[0]
    if len(drawn) == 2:
        return np.asarray(cv2.min(drawn[0], drawn[1]), dtype=np.uint8)
    return np.asarray(np.median(np.stack(drawn), axis=0), dtype=np.uint8)


def _at_match_scale(ink: Grey) -> Grey:
    scale = MATCH_DPI / READ_DPI
    small = cv2.resize(ink, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(small, dtype=np.uint8)


def _first_template(
    best: Seen, warp: Warp, ink: Grey, specks: Grey, size: tuple[float, float]
) -> Template:
    """The best page alone as a template for the others."""
    labels = [_into_frame(match, warp) for match in best.alignment.matches]
    segments = _inside(find_segments(specks, READ_DPI), labels)
    boxes = tuple((m.x0, m.y0, m.x1, m.y1) for m in labels)
    return Template(*size, _at_match_scale(ink), boxes, _level(segments))


def _start(best: Seen, other: Seen, frame: Warp, size: tuple[float, float]) -> Warp | None:
    """First guess from labels that both pages show; none where they share too few."""
    there = {match.slot: match for match in other.alignment.matches if match.score > 0.75}
    pairs = [
        (_into_frame(match, frame), there[match.slot])
        for match in best.alignment.matches
        if match.slot in there
    ]
    if len(pairs) < 6:
        return None
    points: Floats = np.array([(a.x0, a.middle) for a, _ in pairs])
    moved: Floats = np.array([(b.x0 - a.x0, b.middle - a.middle) for a, b in pairs])
    trust: Floats = np.ones(len(pairs))
    x, _ = fit(points, moved[:, 0], trust, size, 1)
    y, _ = fit(points, moved[:, 1], trust, size, 1)
    return Warp(*size, x, y)


def _into_frame(match: Match, warp: Warp) -> Match:
    corner, middle, end = warp.invert(
        [(match.x0, match.middle), ((match.x0 + match.x1) / 2, match.middle), (match.x1, match.y1)]
    )
    half = (match.y1 - match.y0) / 2
    return replace(
        match,
        x0=float(corner[0]),
        x1=float(end[0]),
        y0=float(middle[1] - half),
        y1=float(middle[1] + half),
    )


def _token_into_frame(token: Token, warp: Warp) -> Token:
    left, right = warp.invert([(token.x0, token.middle), (token.x1, token.middle)])
    middle, half = (left[1] + right[1]) / 2, (token.y1 - token.y0) / 2
    return replace(
        token,
        x0=float(left[0]),
        x1=float(right[0]),
        y0=float(middle - half),
        y1=float(middle + half),
    )


def _inside(segments: Sequence[Segment], labels: Sequence[Match]) -> tuple[Segment, ...]:
    """Leaders near the labels: not the edge of the paper, not rules of the frame."""
    if not labels:
        return tuple(segments)
    top = min(m.y0 for m in labels) - _AROUND_LABELS_MM
    # The last item may run on for several lines.
    bottom = max(m.y1 for m in labels) + 4 * _AROUND_LABELS_MM
    left = min(m.x0 for m in labels) - 4
    return tuple(s for s in segments if top < s.y < bottom and s.x0 > left)


def _level(segments: Sequence[Segment]) -> tuple[Leader, ...]:
    """Leaders of the frame as level lines."""
    level = []
    for segment in segments:
        y = float(np.median([y for _, y in segment.points]))
        level.append((round(segment.x0, 2), round(segment.x1, 2), round(y, 2)))
    return tuple(level)


def _labels(matches: Sequence[Match], form: Form, overlay: _Overlay) -> tuple[Label, ...]:
    slots = slots_of(form)
    return tuple(
        Label(
            slots[match.slot].entry,
            slots[match.slot].item,
            match.x0,
            end,
            match.y0,
            match.y1,
            # Print worn off on one of two pages is not common to them.
            baseline(match, overlay.ink if legible(match, overlay.ink) else overlay.darkest),
            trust=min(1.0, 0.4 + 0.7 * match.score) * belief,
        )
        for match, end, belief in zip(
            matches, label_ends(matches, overlay.ink), believed(matches), strict=True
        )
    )


def _without(specks: Sequence[Grey], labels: Sequence[Label]) -> list[Grey]:
    """Specks that are no part of a label: the foot of a colon touches its leader."""
    mm = MM_PER_INCH / READ_DPI
    masked = [page.copy() for page in specks]
    for label in labels:
        rows = slice(max(0, round((label.y0 - 0.5) / mm)), round((label.y1 + 1.0) / mm))
        columns = slice(max(0, round((label.x0 - 0.5) / mm)), round((label.x1 + 0.2) / mm))
        for page in masked:
            page[rows, columns] = 0
    return masked


def _other_print(
    sheets: Sequence[Sequence[Token]], fields: Sequence[FieldBox], form: Form
) -> list[Box]:
    """Further words that are printed on every page, such as titles: they help to find it.

    With few pages a value may pass for print, so words inside a field are left out.
    """
    common, pages = sheets[0], sheets[len(_WAYS) :]
    known = {fold(word) for title in titles(form) for word in title.split()}
    found: list[Box] = []
    for token in common:
        text = fold(token.text)
        middle = ((token.x0 + token.x1) / 2, token.middle)
        inside = any(
            box[0] - 1 < middle[0] < box[2] + 1 and box[1] - 1 < middle[1] < box[3] + 1
            for box in (area for field in fields for area in (field.box, field.label))
        )
        if len(text) < 2 or token.confidence < 0.5 or inside:
            continue
        times = sum(any(_same(token, other) for other in page) for page in pages)
        if text in known or times >= max(2, 0.6 * len(pages)):
            found.append((token.x0, token.y0, token.x1, token.y1))
    return found


def _same(one: Token, other: Token) -> bool:
    return (
        abs(one.x0 - other.x0) < 2.5
        and abs(one.middle - other.middle) < 2.0
        and fold(one.text) == fold(other.text)
    )
