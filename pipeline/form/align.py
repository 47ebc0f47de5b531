"""Which printed words are which labels: ordered labels against the words of a page.

A label is a run of words on one line that is like one of its spellings. Filled-in values
stand between the labels and may look like anything; what tells labels apart from them and
from one another (Dân tộc stands three times on a birth form) is their order, so the best
chain of candidates in reading order is taken (dynamic programming). A right-hand column has
its own chain between the neighbours of its block.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import median

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Indel, Levenshtein
from rapidfuzz.process import cdist

from pipeline.form.labels import fold
from pipeline.form.schema import Form, Item
from pipeline.form.tokens import Token, token_lines

_MIN_SCORE = 0.66
_LONGEST = 17
"""Words in a run; the longest label (who signed) has fourteen, of which wear may make more."""
_OTHERS, _PLAINLY = 0.9, 0.08
"""A run so like the label of another item, and by so much liker, is no label of this one: the
mother's name is not the father's."""
_TIGHT = 0.985
"""Factor where a word follows closely: hardly a fault, values may be written tight."""
_NUMBER = 0.9
_CAPITALS = 0.85
"""Factor of a short label read in capitals: SỔ of a title looks like Số, with its mark misread."""
_SHORT = 5
"""Letters of a label that a part of a title may be taken for."""
_TITLE_LIKE = 0.85
_TITLE = 1.8
"""Marks and tails stretch a label by a half; titles are set twice as high."""
_BENT = 0.02
"""How much the height of a row changes on its way, where paper is bent or lies askew."""
_GAP = 2.2
"""Words further apart than this many letter heights belong to different runs."""


@dataclass(frozen=True)
class Match:
    """A label found: slot in the chain, spelling, likeness 0..1, box in millimetres."""

    slot: int
    label: str
    score: float
    x0: float
    y0: float
    x1: float
    y1: float
    support: int = 1
    """On how many readings it was seen."""

    @property
    def middle(self) -> float:
        """Height of its middle."""
        return (self.y0 + self.y1) / 2


@dataclass(frozen=True)
class Slot:
    """One label to be found: an item of one entry block."""

    entry: int
    item: int


@dataclass(frozen=True)
class Alignment:
    """Labels found, by slot, and the weighted share of the labels that had to be there."""

    matches: tuple[Match, ...]
    score: float


@dataclass(frozen=True)
class _Run:
    text: str
    marked: str
    line: int
    first: int
    last: int
    x0: float
    y0: float
    x1: float
    y1: float
    clean: float
    """1 where the run stands free at both ends, less where words adjoin."""
    lettered: bool
    capital: bool


CAPTIONS = ("Người khai ký", "Người đi khai ký", "Ký tên, đóng dấu", "Ký, ghi rõ họ tên")
"""Printed under an entry where people sign: nobody is named behind them."""
STATE_TITLE = ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc")


def titles(form: Form) -> set[str]:
    """What may be printed above the labels."""
    return {*form.headings, *STATE_TITLE}


def slots_of(form: Form) -> tuple[Slot, ...]:
    """All labels of a page in printed order, entry block after entry block."""
    return tuple(
        Slot(entry, item) for entry in range(form.entries) for item in range(len(form.items))
    )


def label_weight(label: str) -> float:
    """How much a label says: a long one hardly turns up by chance, ``Số`` does."""
    return 0.25 + 0.75 * min(len(fold(label)), 14) / 14


def align(tokens: Sequence[Token], form: Form, width: float) -> Alignment:
    """Find the labels of a ``lines`` form among the words of a page ``width`` mm wide."""
    return chain(candidates(tokens, form), form, width)


def candidates(tokens: Sequence[Token], form: Form) -> list[Match]:
    """Every run of words that is like a label; ``slot`` is the item's index (first entry)."""
    runs = _runs(tuple(tokens))
    # Titles and captions are no labels, but must not pass for one: SỔ is not Số, and Người khai
    # ký is not Người ký.
    labels = {label for item in form.items for label in item.labels}
    spellings = sorted(labels | titles(form) | set(CAPTIONS))
    folded = [fold(label) for label in spellings]
    if not runs or not spellings:
        return []
    texts = [run.text for run in runs]
    likeness = 0.5 * (
        cdist(texts, folded, scorer=Levenshtein.normalized_similarity, dtype=np.float32)
        + cdist(texts, folded, scorer=Indel.normalized_similarity, dtype=np.float32)
    )
    marked = cdist(
        [run.marked for run in runs],
        [label.lower() for label in spellings],
        scorer=Indel.normalized_similarity,
        dtype=np.float32,
    )
    lengths = np.array([len(text) for text in folded])
    limits = np.where(lengths <= 3, 0.99, np.where(lengths <= 5, 0.79, _MIN_SCORE))
    likeness = np.where(likeness >= limits, 0.88 * likeness + 0.12 * marked, 0.0)
    likeness *= _longest_wins(runs, likeness, lengths)
    found: list[Match] = []
    index = {label: at for at, label in enumerate(spellings)}
    for slot, item in enumerate(form.items):
        # A part of a label is what is left of it where a word was not read.
        own = [n for n, text in enumerate(folded) if any(text in fold(one) for one in item.labels)]
        others = np.delete(likeness, own, axis=1).max(axis=1, initial=0.0)
        bound = np.where(others >= _OTHERS, others - _PLAINLY, 0.3)
        for label in item.labels:
            column = likeness[:, index[label]]
            for row in np.flatnonzero(column > np.maximum(0.3, bound)):
                run = runs[row]
                score = float(column[row]) * run.clean
                if not run.lettered and run.text != folded[index[label]]:
                    score *= _NUMBER
                if run.capital and is_short(label) and not label.isupper():
                    score *= _CAPITALS
                found.append(Match(slot, label, score, run.x0, run.y0, run.x1, run.y1))
    return _not_titles(found)


def is_short(label: str) -> bool:
    """Whether a part of a title, or a word of a value, may look like this label."""
    return len(fold(label)) <= _SHORT


def title_places(tokens: Sequence[Token], form: Form) -> list[tuple[float, float, float, float]]:
    """Where a title was read whole: what another reading shows there of it is no label."""
    runs = [run for run in _runs(tuple(tokens)) if run.capital and len(run.text) > 3]
    folded = [fold(title) for title in form.headings]
    if not runs or not folded:
        return []
    alike = cdist([run.text for run in runs], folded, scorer=Levenshtein.normalized_similarity).max(
        axis=1
    )
    return [
        (run.x0, run.y0, run.x1, run.y1)
        for run, share in zip(runs, alike.tolist(), strict=True)
        if share >= _TITLE_LIKE
    ]


def _not_titles(found: list[Match]) -> list[Match]:
    """Candidates much higher than the sure ones are titles; SỔ ĐĂNG KÝ may be read alone."""
    sure = [match.y1 - match.y0 for match in found if match.score > 0.85]
    limit = _TITLE * float(np.median(sure)) if sure else 1e9
    return [match for match in found if match.y1 - match.y0 < limit]


def chain(found: Sequence[Match], form: Form, width: float) -> Alignment:
    """The best chain of candidates in reading order, over all entry blocks of the page."""
    slots = slots_of(form)
    count = len(form.items)
    pool: list[list[Match]] = [[] for _ in slots]
    for match in found:
        column = form.items[match.slot].column
        if column == "margin":
            continue  # beside the entry, so it has no place in the order
        if (column == "left" and match.x0 > 0.47 * width) or (
            column == "right" and match.x0 < 0.40 * width
        ):
            continue
        for entry in range(form.entries):
            slot = entry * count + match.slot
            pool[slot].append(_in_slot(match, slot))
    main = [s for s, slot in enumerate(slots) if form.items[slot.item].column != "right"]
    right = [s for s, slot in enumerate(slots) if form.items[slot.item].column == "right"]
    chosen = {match.slot: match for match in _best_chain([m for s in main for m in pool[s]])}
    for block in _blocks(right, form, slots):
        above = [chosen[s].middle for s in chosen if s < block[0] and _wide(s, form, slots)]
        below = [chosen[s].middle for s in chosen if s > block[-1] and _wide(s, form, slots)]
        top, bottom = max(above, default=-1e9), min(below, default=1e9)
        inside = [
            match
            for s in block
            for match in pool[s]
            if top - 2 < match.middle < bottom + 2
            # One print is one label: the child's Dân tộc is not the mother's too.
            and not any(_over(match, other) for other in chosen.values())
        ]
        chosen |= {match.slot: match for match in _best_chain(inside)}
    matches = tuple(chosen[slot] for slot in sorted(chosen))
    return Alignment(matches, _share(matches, form, slots))


def _over(one: Match, other: Match) -> bool:
    """Whether two labels stand on one place."""
    level = abs(one.middle - other.middle) < 0.5 * min(one.y1 - one.y0, other.y1 - other.y0)
    return level and one.x0 < other.x1 and other.x0 < one.x1


def _wide(slot: int, form: Form, slots: tuple[Slot, ...]) -> bool:
    return not form.items[slots[slot].item].column


def _blocks(right: list[int], form: Form, slots: tuple[Slot, ...]) -> list[list[int]]:
    """Right-hand slots of one two-column block each."""
    blocks: list[list[int]] = []
    for slot in right:
        between = range(blocks[-1][-1] + 1, slot) if blocks else range(0)
        if blocks and not any(_wide(s, form, slots) for s in between):
            blocks[-1].append(slot)
        else:
            blocks.append([slot])
    return blocks


def _in_slot(match: Match, slot: int) -> Match:
    return Match(
        slot, match.label, match.score, match.x0, match.y0, match.x1, match.y1, match.support
    )


def _best_chain(found: list[Match]) -> list[Match]:
    """The chain of most weight in which every label stands after the one before."""
    if not found:
        return []
    found = sorted(found, key=lambda match: match.slot)
    slot = np.array([m.slot for m in found])
    x0, x1 = np.array([m.x0 for m in found]), np.array([m.x1 for m in found])
    middle = np.array([m.middle for m in found])
    height = np.array([m.y1 - m.y0 for m in found])
    weight = np.array([label_weight(m.label) * max(0.0, m.score - 0.45) for m in found])
    best = weight.copy()
    before = np.full(len(found), -1)
    for at in range(len(found)):
        down = middle[at] - middle[:at]
        lines = 0.55 * np.maximum(2.0, np.minimum(height[at], height[:at]))
        # On bent paper a row rises or falls on its way.
        level = lines + _BENT * np.maximum(0.0, x0[at] - x1[:at])
        after = (slot[:at] < slot[at]) & (
            (down > lines) | ((np.abs(down) <= level) & (x1[:at] <= x0[at] + 1.0))
        )
        if after.any():
            scores = np.where(after, best[:at], -1.0)
            last = int(np.argmax(scores))
            if scores[last] > 0:
                best[at] += scores[last]
                before[at] = last
    chosen = []
    at = int(np.argmax(best))
    while at >= 0:
        chosen.append(found[at])
        at = int(before[at])
    return chosen[::-1]


def _share(matches: tuple[Match, ...], form: Form, slots: tuple[Slot, ...]) -> float:
    """Weighted share of the labels found; optional ones count only when they are there."""
    found = {match.slot: match for match in matches}
    have = due = 0.0
    for index, slot in enumerate(slots):
        item: Item = form.items[slot.item]
        if index in found:
            weight = label_weight(found[index].label)
            have += weight * min(1.0, found[index].score)
            due += weight
        elif not item.optional and item.column != "margin":
            due += label_weight(item.labels[0])
    return have / due if due else 0.0


@lru_cache(maxsize=32)
def _runs(tokens: tuple[Token, ...]) -> tuple[_Run, ...]:
    """All runs of a page's words; the same whatever form is looked for, so kept."""
    runs: list[_Run] = []
    for number, line in enumerate(token_lines(list(tokens))):
        for first in range(len(line)):
            text, marked = "", ""
            for last in range(first, min(len(line), first + _LONGEST)):
                token = line[last]
                if last > first and _apart(line[last - 1], token):
                    break
                text += fold(token.text)
                marked = f"{marked} {token.text.lower()}".strip()
                inside = line[first : last + 1]
                free_left = first == 0 or _apart(line[first - 1], line[first])
                free_right = token.stop or last + 1 == len(line) or _apart(token, line[last + 1])
                runs.append(
                    _Run(
                        text=text,
                        marked=marked,
                        line=number,
                        first=first,
                        last=last,
                        x0=line[first].x0,
                        y0=median(t.y0 for t in inside),
                        x1=token.x1,
                        y1=median(t.y1 for t in inside),
                        clean=(1.0 if free_left else 0.9) * (1.0 if free_right else _TIGHT),
                        lettered=all(_is_lettered(t.text) for t in inside),
                        capital=all(len(t.text) > 1 and t.text.isupper() for t in inside),
                    )
                )
                if token.stop:
                    break
    return tuple(runs)


def _is_lettered(text: str) -> bool:
    """False for a word of digits and signs: part of a value, or a label badly misread."""
    return 2 * sum(sign.isalpha() for sign in text) > len(text)


def _apart(left: Token, right: Token) -> bool:
    height = max(1.5, min(4.5, left.y1 - left.y0))
    return left.stop or right.x0 - left.x1 > _GAP * height


def _longest_wins(
    runs: Sequence[_Run], likeness: NDArray[np.float32], lengths: NDArray[np.int64]
) -> NDArray[np.float32]:
    """0.5 where a run is part of a longer run that is clearly a longer label, else 1."""
    longest = np.where(likeness > 0.82, lengths[None, :], 0).max(axis=1)
    factor = np.ones_like(likeness)
    by_line: dict[int, list[int]] = {}
    for at, run in enumerate(runs):
        by_line.setdefault(run.line, []).append(at)
    for members in by_line.values():
        strong = [at for at in members if longest[at]]
        for at in members:
            run = runs[at]
            around = max(
                (
                    int(longest[o])
                    for o in strong
                    if o != at and runs[o].first <= run.first and runs[o].last >= run.last
                ),
                default=0,
            )
            if around:
                factor[at, lengths < around] = 0.5
    return factor
