"""What may be looked at while developing, and what is kept for evaluation: the one place.

A book belongs to a pool. The pools share no type face, no handwriting, no seed, no commune
and no list of texts; the form files and the laws of wear are common to both.

The net that reads hands is trained on all these faces but those of ``training.hand.draw.UNSEEN``,
those of the evaluation pool among them: figures of handwriting from this pool are of hands that
the net has seen, on pages and texts that it has not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from samples import fonts, people

T = TypeVar("T")
OLD_ERAS = ("FR", "T1", "764", "04CP")
"""Eras printed from lead type; nobody set a form without serifs."""


@dataclass(frozen=True)
class Pool:
    """One side of the separation. ``turn`` picks every other item of a common list."""

    name: str
    serif: tuple[str, ...]
    sans: tuple[str, ...]
    hands: tuple[str, ...]
    turn: int

    def seed(self, seed: object) -> str:
        """A seed that no book of the other pool can have."""
        return f"{self.name}/{seed}"

    def share(self, items: Sequence[T]) -> tuple[T, ...]:
        """This pool's part of a list of texts."""
        return tuple(items[self.turn :: 2])

    def print_families(self, era: str) -> tuple[str, ...]:
        """Type faces of this machine that a press of ``era`` may have."""
        have = fonts.print_families()
        wanted = self.serif if era in OLD_ERAS else self.serif + self.sans
        return tuple(name for name in wanted if name in have) or have

    def hand_families(self) -> tuple[str, ...]:
        """Handwriting of this machine; print where no such font is installed."""
        have = fonts.hand_families()
        return tuple(name for name in self.hands if name in have) or self.print_families("FR")

    def units(self) -> tuple[tuple[str, str], ...]:
        """Communes with their district."""
        return self.share(people.units())


DEVELOPMENT = Pool(
    name="development",
    serif=("tinos", "dejavu-serif"),
    sans=("be-vietnam-pro", "dejavu-sans"),
    hands=("patrick-hand", "mali", "itim", "dancing-script", "charm"),
    turn=0,
)
EVALUATION = Pool(
    name="evaluation",
    serif=("noto-serif", "dejavu-serif-condensed", "roboto-slab"),
    sans=("open-sans", "dejavu-sans-condensed"),
    hands=("pangolin", "sriracha", "mynerve", "playwrite-vn"),
    turn=1,
)
POOLS = {pool.name: pool for pool in (DEVELOPMENT, EVALUATION)}
