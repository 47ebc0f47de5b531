"""Where a label's print ends: its colon, its width, the gap before what is written.

A box begins there, so that neither label nor value is cut. Tesseract leaves colons out and
sometimes takes the first letters of a value for part of the label.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from pipeline.form.align import Match
from pipeline.form.tokens import MM_PER_INCH, READ_DPI
from pipeline.types import Grey

MM = MM_PER_INCH / READ_DPI
_COLON_MM = 2.4
_COLON_GAP_MM = 1.0
"""A colon stands this near to its label; a value keeps farther off."""
_COLON_LEAST_MM = 0.4
"""A colon takes up more room than this."""
_COLONS = 0.4
"""Share of a press's labels with a colon from which it prints one behind each."""
_SEARCH_MM = 6.0
_WORD_GAP_MM = 0.6
_VALUE_GAP_MM = 1.5
"""Words of one label stand nearer to one another."""
_FIRST_LETTER_MM = 5.0
"""What a gap and the first letter of a value behind it take at most."""
_PRINT_INK = 60
_DARKEST = 95
"""Percentile of a label's box that lies within its strokes."""
_FAINT, _OF_OWN = 25.0, 0.4
"""Darkness that is no grain of the paper, and what a colon has of its label's."""
_DOTS = 0.6
"""Share of a line's height that the dots of a colon take up at most."""
_LEAST_LACK_MM = 4.0
_PRINTED = 0.4
"""Share of a stretch under ink from which words stand there; the gaps between letters count."""
_ALIGNED_MM, _COMMON = 3.0, 4
"""Where so many labels begin, others do; their print may be worn off on all pages."""
_SECOND = (" - ", " (")
"""What stands between a label's two languages."""
_NEARLY_MM = 3.0
"""A label that ends so near to where both languages would has both."""
_OTHERS = 3
"""So many other labels of a press must be printed in two languages."""
_NEARLY = 0.8
"""Share of the labels from which a press prints two languages throughout."""
_NARROW, _WIDE = frozenset("iIlítjfrựịỉìĩ.,:;/()'- "), frozenset("mwMWĐ")
_STYLE = 1.08
"""Bold and condensed labels on one form differ by this factor in width."""
_LETTER = 0.4
"""Spread of a single letter's width, in letters; long labels average it out."""
_NARROWEST, _DOUBT = 0.45, 0.3
"""A label read so narrow (share of its letters' usual width) is one of whose ends nobody knows
which is its own, and what that leaves of its trust."""


def baseline(match: Match, ink: Grey) -> float:
    """Foot of the letters: where the rows' ink falls off most steeply, mm.

    The box Tesseract gives is stretched by tails and dots below; most letters have none.
    """
    top, bottom = round(match.y0 / MM), round((match.y1 + 1.0) / MM)
    left, right = round(match.x0 / MM), round(match.x1 / MM)
    profile = ink[max(0, top) : bottom, max(0, left) : right].astype(np.float64).mean(axis=1)
    if len(profile) < 6 or np.isnan(profile).any():
        return match.y1
    profile = np.convolve(profile, (0.25, 0.5, 0.25), mode="same")
    fall = profile[:-1] - profile[1:]
    half = len(fall) // 2
    return (max(0, top) + half + int(np.argmax(fall[half:])) + 1) * MM


def legible(match: Match, ink: Grey) -> bool:
    """Whether a label's print is dark enough in some ink for its outline to be measured."""
    band = _cut(match, ink)
    return bool(band.size) and float(np.percentile(band, _DARKEST)) >= _PRINT_INK


def _dark(match: Match, ink: Grey) -> float:
    """How dark the print of a label's line is at least: less where the label is worn too."""
    band = _cut(match, ink)
    own = float(np.percentile(band, _DARKEST)) if band.size else 0.0
    return min(_PRINT_INK, max(_FAINT, _OF_OWN * own))


def _cut(match: Match, ink: Grey) -> Grey:
    top, bottom = round(match.y0 / MM), round(match.y1 / MM)
    return ink[max(0, top) : bottom, max(0, round(match.x0 / MM)) : round(match.x1 / MM)]


def whole_labels(matches: Sequence[Match], ink: Grey) -> tuple[Match, ...]:
    """Labels with the beginning that no reading showed, where its print stands before them.

    Without it the label's usual width would be counted from the middle of it, and its box would
    begin as much too far right.

    Args:
        matches: labels found, mm.
        ink: common print at ``READ_DPI``.
    """
    if len(matches) < 5:
        return tuple(matches)
    usual = float(np.median([(m.x1 - m.x0) / letter_count(m.label) for m in matches]))
    whole = []
    for match in matches:
        letters = letter_count(match.label)
        off = _STYLE + _LETTER / letters**0.5
        lacks = usual * letters - (match.x1 - match.x0)
        if match.x1 - match.x0 < usual * letters / off and lacks > _LEAST_LACK_MM:
            start = match.x0 - lacks
            aligned = [m.x0 for m in matches if abs(m.x0 - start) < _ALIGNED_MM]
            here = sum(abs(m.x0 - match.x0) < _ALIGNED_MM for m in matches)
            before = _inked(match, ink, match.x0 - lacks, match.x0)
            after = _inked(match, ink, match.x1, match.x1 + lacks)
            if before > max(_PRINTED, after) or (len(aligned) >= _COMMON > here):
                match = replace(match, x0=float(np.median(aligned)) if aligned else start)
        whole.append(match)
    return tuple(whole)


def both_languages(
    matches: Sequence[Match],
    wordings: Sequence[Sequence[str]],
    ink: Grey,
    darkest: Grey | None = None,
) -> tuple[Match, ...]:
    """Labels of which only the first language was read, with the second where print goes on.

    Args:
        matches: labels found, mm.
        wordings: for each all wordings of its item.
        ink: common print at ``READ_DPI``.
        darkest: what any page shows. It has writing in it, but where a press prints two languages
            nearly everywhere, what follows the first is the second, though worn on some pages.
    """
    if len(matches) < 5:
        return tuple(matches)
    usual = float(np.median([(m.x1 - m.x0) / letter_count(m.label) for m in matches]))
    whole = []
    for match, labels in zip(matches, wordings, strict=True):
        longer = [
            label
            for label in labels
            for mark in _SECOND
            if label.startswith(match.label + mark) and _of_press(mark, matches)
        ]
        if longer:
            label = min(longer, key=len)
            size = (match.x1 - match.x0) / letter_count(match.label)
            # Wider than its letters: it has the second language in it, or a part of that.
            swollen = size > _STYLE * usual
            end = match.x0 + (usual if swollen else size) * letter_count(label)
            if swollen and match.x1 > end - _NEARLY_MM:
                match = replace(match, label=label)
            elif end > match.x1:
                shown = [ink]
                if darkest is not None and _nearly_all(matches, wordings):
                    shown.append(darkest)
                for sheet in shown:
                    if _inked(match, sheet, match.x1, end) > _PRINTED:
                        stop = max(match.x1, _gap_near(match, sheet, end))
                        match = replace(match, label=label, x1=stop)
                        break
        whole.append(match)
    return tuple(whole)


def _of_press(mark: str, matches: Sequence[Match]) -> bool:
    """Whether this press parts two languages so: writing may look like a label running on."""
    return sum(mark in match.label for match in matches) >= _OTHERS


def _nearly_all(matches: Sequence[Match], wordings: Sequence[Sequence[str]]) -> bool:
    """Whether the labels that may be printed in two languages are, but for a few."""
    may = [
        any(mark in match.label for mark in _SECOND)
        for match, labels in zip(matches, wordings, strict=True)
        if any(label.startswith(match.label + mark) for label in labels for mark in _SECOND)
        or any(mark in match.label for mark in _SECOND)
    ]
    return len(may) > _OTHERS and sum(may) >= _NEARLY * len(may)


def _inked(match: Match, ink: Grey, start: float, stop: float) -> float:
    """Share of a stretch of the label's line that bears print."""
    if start < 0:
        return 0.0
    band = _band(match, ink, start, stop)
    return float((band.max(axis=0) > _PRINT_INK).mean()) if band.size else 0.0


def label_ends(matches: Sequence[Match], ink: Grey) -> list[float]:
    """Right end of every label with its colon, mm.

    Args:
        matches: labels found, mm.
        ink: common print at ``READ_DPI``.
    """
    sizes = [(m.x1 - m.x0) / letter_count(m.label) for m in matches]
    usual = float(np.median(sizes)) if sizes else 0.0
    bare = []
    for match, size in zip(matches, sizes, strict=True):
        letters = letter_count(match.label)
        off = _STYLE + _LETTER / letters**0.5
        # Wider than its letters: it has swallowed the beginning of a value.
        if len(matches) >= 5 and not 1 / off < size / usual < off:
            likely = match.x0 + usual * letters
            end = _gap_near(match, ink, likely, min(_SEARCH_MM, (off - 1) * usual * letters))
        else:
            end = _before_value(match, ink, match.x0 + usual * letters)
        bare.append(end)
    ends = [_with_colon(match, end, ink) for match, end in zip(matches, bare, strict=True)]
    return _as_pressed(bare, ends) if len(matches) >= 5 else ends


def _as_pressed(bare: Sequence[float], ends: Sequence[float]) -> list[float]:
    """Ends with the colon where wear took it: a press sets one behind all its labels or none.

    The two dots go before the letters do; taken for the first of the leader, they would begin
    the box.
    """
    seen = [end - own for own, end in zip(bare, ends, strict=True) if end - own > _COLON_LEAST_MM]
    if len(seen) < _COLONS * len(ends):
        return list(ends)
    room = float(np.median(seen))
    return [
        end if end - own > _COLON_LEAST_MM else own + room
        for own, end in zip(bare, ends, strict=True)
    ]


def believed(matches: Sequence[Match]) -> list[float]:
    """What the width of each label leaves of the trust in it.

    Its words may have been read on a sheet where no more than a piece of them is seen.
    """
    sizes = [(m.x1 - m.x0) / letter_count(m.label) for m in matches]
    if len(matches) < 5:
        return [1.0] * len(matches)
    usual = float(np.median(sizes))
    return [_DOUBT if size < _NARROWEST * usual else 1.0 for size in sizes]


def letter_count(text: str) -> float:
    """Width of a text in letters of middling width."""
    return sum(0.5 if c in _NARROW else 1.5 if c in _WIDE else 1.0 for c in text) or 1.0


def _band(match: Match, ink: Grey, start: float, stop: float) -> Grey:
    """Ink between the top of the letters and just above the baseline, where no leader runs."""
    top = match.y0 + 0.15 * (match.y1 - match.y0)
    bottom = baseline(match, ink) - 0.5
    rows = slice(max(0, round(top / MM)), max(0, round(bottom / MM)))
    return ink[rows, max(0, round(start / MM)) : max(0, round(stop / MM))]


def _gap_near(match: Match, ink: Grey, likely: float, within: float = _SEARCH_MM) -> float:
    """Start of the blank nearest to where the label should end; that place where there is none.

    ``within`` (mm) of that place: a short label cannot end further off, what is dark there is
    written.
    """
    start = max(match.x0, likely - within)
    band = _band(match, ink, start, likely + within)
    if band.size == 0:
        return likely
    inked = np.flatnonzero(band.max(axis=0) > _PRINT_INK)
    gaps: list[float] = [
        start + (int(left) + 1) * MM
        for left, right in pairwise(inked)
        if (right - left) * MM > _WORD_GAP_MM
    ]
    if len(inked):
        gaps.append(start + (int(inked[-1]) + 1) * MM)
    return min(gaps, key=lambda gap: abs(gap - likely), default=likely)


def _before_value(match: Match, ink: Grey, likely: float) -> float:
    """End of a label that the first letter of a value may have been taken for a part of.

    On all pages alike, as Nam and Nữ begin, it is no less common to them than print. It stands
    farther off than words of a label do, and without it the label is as wide as its letters are.
    """
    if match.x1 - likely < _VALUE_GAP_MM:
        return match.x1
    start = max(match.x0, likely - _SEARCH_MM)
    band = _band(match, ink, start, match.x1)
    inked = np.flatnonzero(band.max(axis=0) > _PRINT_INK) if band.size else np.empty(0, np.intp)
    # Blank up to the end is one too: what stood there is not common to the pages.
    gaps = [
        start + (int(left) + 1) * MM
        for left, right in pairwise([*inked.tolist(), band.shape[1]])
        if (right - left) * MM > _VALUE_GAP_MM
    ]
    # Farther off stands a word of the label itself, set widely.
    gaps = [gap for gap in gaps if match.x1 - gap < _FIRST_LETTER_MM]
    return min((*gaps, match.x1), key=lambda gap: abs(gap - likely))


def _with_colon(match: Match, end: float, ink: Grey) -> float:
    band = _band(match, ink, end - 0.3, end + _COLON_MM)
    if band.size == 0:
        return end
    first = round(0.3 / MM)
    dark = np.flatnonzero(band.max(axis=0) > _PRINT_INK)
    # Faint ink is a colon only where it makes no stroke of a letter: the N of Nam, Nữ.
    faint = band > _dark(match, ink)
    strokes = np.flatnonzero(faint.mean(axis=0) > _DOTS)
    dots = np.flatnonzero(faint.any(axis=0))
    dots = dots[dots < strokes[strokes > first].min(initial=band.shape[1])]
    last = max(_reached(dark, first), _reached(dots, first))
    return max(end, (round((end - 0.3) / MM) + last + 1) * MM)


def _reached(columns: NDArray[np.intp], last: int) -> int:
    """The last of some columns that no wider gap parts from the one before."""
    for column in columns:
        if (column - last - 1) * MM > _COLON_GAP_MM:
            break
        last = max(last, int(column))
    return last
