"""A printer: everything about a printed form that differs from press to press.

Drawn once a book from its printer seed, so that all pages of a book share it exactly
and no two printers are alike. What is printed and in which order comes from the form file.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from pipeline.form.schema import Column, Form, Item
from samples.chance import often, stream, weighted
from samples.fonts import print_families

_FOLLOWERS = {
    "sex": 0.85,
    "nationality": 0.92,
    "husband_nationality": 0.6,
    "wife_nationality": 0.6,
    "father_nationality": 0.92,
    "mother_nationality": 0.92,
    "book_number": 0.9,
    "father_birth_date": 0.5,
    "mother_birth_date": 0.5,
    "ethnicity": 0.0,
    "death_time": 0.7,
    "declarant_relation": 0.35,
}
"""Fields that may stand on the line of the one before, and how often they do."""


@dataclass(frozen=True)
class Printer:
    """How one press prints one form. Lengths in millimetres, sizes are ems."""

    seed: str
    paper: tuple[float, float]
    """Width and height of the sheet (of both pages of an opening): A4, A3, or cut smaller."""
    margins: tuple[float, float, float, float]
    """Left, top, right, bottom."""
    family: str
    size: float
    bold_labels: bool
    pitch: float
    colon: bool
    leader: str
    """``dots`` or ``rule``."""
    leader_width: float
    leader_drop: float
    """How far the leader lies below the baseline."""
    rule_width: float
    label_gap: float
    variants: tuple[int, ...]
    """For each item or column of the form, which of its labels is printed."""
    heading: str
    state_title: bool
    number_on_top: bool
    present: frozenset[str]
    """Optional fields this printer has."""
    joined: frozenset[str]
    """Fields printed on the line of the field before."""
    short_blocks: frozenset[str]
    """Fields with one line less than the form allows."""
    columns_numbered: bool
    column_heads: bool
    """Whether two-column blocks carry a heading each."""
    double_frame: bool
    foot: bool

    def label(self, index: int, labels: tuple[str, ...]) -> str:
        """The printed wording of the item or column at ``index``."""
        return labels[self.variants[index] % len(labels)]


def _variant(rng: random.Random, count: int) -> int:
    # The usual wording stands first and is the commonest.
    return weighted(rng, range(count), [3.0 if i == 0 else 1.0 for i in range(count)])


def draw_printer(form: Form, seed: object) -> Printer:
    """The press of a book."""
    rng = stream("printer", seed, form.form)
    ledger = form.layout == "ledger"
    family = rng.choice(print_families())
    optional = [p.field for p in form.parts if p.optional and p.field]
    variants = [_variant(rng, len(p.labels)) for p in form.parts]
    _same_wording_for_both(form, variants)
    leader = weighted(rng, ("dots", "rule"), (4, 1))
    return Printer(
        seed=str(seed),
        paper=_paper(rng, (420.0, 297.0) if ledger else (210.0, 297.0)),
        margins=(rng.uniform(18, 26), rng.uniform(13, 20), rng.uniform(10, 16), rng.uniform(12, 18))
        if not ledger
        else (rng.uniform(9, 14), rng.uniform(12, 18), rng.uniform(8, 13), rng.uniform(9, 16)),
        family=family,
        size=rng.uniform(3.0, 3.6) if ledger else rng.uniform(3.7, 4.4),
        bold_labels=often(rng, 0.25),
        pitch=rng.uniform(14.5, 21.0) if ledger else rng.uniform(7.6, 9.4),
        colon=often(rng, 0.7),
        leader=leader,
        leader_width=rng.uniform(0.22, 0.36),
        leader_drop=rng.uniform(0.25, 0.8) if leader == "dots" else rng.uniform(0.6, 1.3),
        rule_width=rng.uniform(0.18, 0.4),
        label_gap=rng.uniform(0.8, 2.0),
        variants=tuple(variants),
        heading=weighted(rng, form.headings, [3.0, *([1.0] * (len(form.headings) - 1))]),
        state_title=often(rng, 0.5),
        number_on_top=often(rng, 0.5),
        present=_paired(rng, dict.fromkeys(optional, 0.75)),
        joined=_paired(rng, _FOLLOWERS),
        short_blocks=_paired(rng, {p.field: 0.4 for p in form.parts if _may_shrink(p)}),
        columns_numbered=often(rng, 0.35),
        column_heads=often(rng, 0.7),
        double_frame=often(rng, 0.25),
        foot=often(rng, 0.5),
    )


def _may_shrink(part: Item | Column) -> bool:
    """Half-width items need all their lines: an address does not fit on one."""
    return part.lines > 1 and isinstance(part, Item) and not part.column and bool(part.field)


def _paper(rng: random.Random, size: tuple[float, float]) -> tuple[float, float]:
    if often(rng, 0.5):
        return size
    return (size[0] * rng.uniform(0.955, 1.0), size[1] * rng.uniform(0.965, 1.0))


PAIRS = ("father", "mother", "husband", "wife")


def _matter(field: str) -> str:
    """What a field is about, the same for both of a pair of persons."""
    who, _, what = field.partition("_")
    return f"pair_{what}" if who in PAIRS else field


def _paired(rng: random.Random, shares: dict[str, float]) -> frozenset[str]:
    """Fields drawn by their shares; a printer treats both persons of a pair alike."""
    drawn: dict[str, bool] = {}
    for name, share in shares.items():
        drawn.setdefault(_matter(name), often(rng, share))
    return frozenset(name for name in shares if drawn[_matter(name)])


def _same_wording_for_both(form: Form, variants: list[int]) -> None:
    """Father and mother, husband and wife are worded alike by any one printer."""
    seen: dict[str, int] = {}
    for index, part in enumerate(form.parts):
        matter = _matter(part.field) if part.field else "pair_heading"
        if matter.startswith("pair_"):
            variants[index] = seen.setdefault(matter, variants[index])
