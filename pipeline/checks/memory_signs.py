"""What a book has shown of one text, as numbers, and the weights that make a probability of them.

One logistic regression a family of fields: ``ocr_config/calibration/memory.json``, which
``training.fit_memory`` writes.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from pipeline.fitted import load_fitted

SIGNS = (
    "constant", "own", "letters", "sure_letters", "lowest", "new", "rival", "whole", "whole_wrong",
    "alike", "unlearned",
)  # fmt: skip
"""What a probability is made of, in the order of the weights: what the value had without the book
(as a logit); how sure the net is of its least sure letter (as a logit, and by how much that is
more than usual: what names and places are believed by themselves has a ceiling, under which all the
sure ones look alike); of the word of least standing how often it was confirmed against corrected
(log odds), and whether any word was never confirmed; how much commoner in the book a word is that
differs in marks alone (*Hùng* for *Hưng*, log odds); how often the whole text was confirmed, and
how often corrected (logarithms). What a net reads that has learned the hand: whether it reads the
same without that, and how sure it then is (as a logit). A net that has learned a few hundred lines
is sure of what it makes up of them."""
LEARNED = "+"
"""Ends the family of what a net read that has learned the hand; its name says so as well."""
_CONFIRMED, _CORRECTED = 0.35, 0.3
_HIGHEST = 4.0
_SURE = 0.999
_USUAL_LETTERS = 2.0
"""Logit (0.88) of the least sure letter of a text that is read well. From there on each step says
more: with a straight line 0.50 of the names pass before the hand is learned, bent here 0.60."""


@dataclass
class Tally:
    """How often people confirmed what was read, and how often they set something else."""

    right: int = 0
    wrong: int = 0

    def add(self, right: bool) -> None:
        """One more."""
        self.right += right
        self.wrong += not right


@dataclass(frozen=True)
class Shown:
    """What a book has shown of the words of one text: that of least standing, and the whole.

    ``letters`` is how sure the net was of the text's least sure letter, ``unlearned`` the same of
    the net that has not learned the hand; 0 where that reads another text, or was not asked.
    """

    lowest: Tally
    new: bool
    rival: float
    whole: Tally
    letters: float
    unlearned: float = 0.0


def signs(probability: float, shown: Shown) -> tuple[float, ...]:
    """The numbers that :data:`SIGNS` names."""
    letters = _logit(shown.letters)
    return (
        1.0,
        _logit(probability),
        letters,
        max(0.0, letters - _USUAL_LETTERS),
        min(_HIGHEST, standing(shown.lowest)),
        float(shown.new),
        shown.rival,
        math.log1p(shown.whole.right),
        math.log1p(shown.whole.wrong),
        float(shown.unlearned > 0),
        _logit(shown.unlearned) if shown.unlearned > 0 else 0.0,
    )


def standing(tally: Tally) -> float:
    """Log odds that a word read in this hand is right, by how it fared before."""
    return math.log((tally.right + _CONFIRMED) / (tally.wrong + _CORRECTED))


@dataclass(frozen=True)
class Weights:
    """Weights of ``SIGNS`` by family, and what they were fitted on."""

    version: str
    data: str
    families: Mapping[str, tuple[float, ...]]

    def of(self, family: str) -> tuple[float, ...] | None:
        """Weights of a family; of readings before learning where there are none of those after."""
        return self.families.get(family, self.families.get(before_learning(family)))


def before_learning(family: str) -> str:
    """The family of the same fields as the net reads them that has not learned the hand."""
    return family.removesuffix(LEARNED)


def weighed(weights: Sequence[float], shown: Shown, ceiling: float, probability: float) -> float:
    """A probability as the book bears it out, by the weights of its family."""
    told = sum(w * x for w, x in zip(weights, signs(probability, shown), strict=True))
    return min(ceiling, 1 / (1 + math.exp(-told)))


def _logit(share: float) -> float:
    inside = min(_SURE, max(1 - _SURE, share))
    return math.log(inside / (1 - inside))


def weights_file(config: Path) -> Path:
    """Where the weights of an ``ocr_config`` folder lie."""
    return config / "calibration" / "memory.json"


def save_weights(weights: Weights, path: Path) -> None:
    """Write weights as JSON that :func:`load_weights` reads."""
    path.write_text(json.dumps(asdict(weights), ensure_ascii=False, indent=1) + "\n", "utf-8")


@lru_cache(maxsize=8)
def load_weights(config: Path) -> Weights:
    """Weights of an ``ocr_config`` folder; none, and a book says nothing, where no file is.

    Raises:
        SettingsError: the file is there but cannot be used.
    """
    return load_fitted(weights_file(config), "memory", _weights, lambda: Weights("none", "", {}))


def _weights(data: dict[str, Any]) -> Weights:
    families = {name: tuple(map(float, own)) for name, own in data["families"].items()}
    if any(len(own) != len(SIGNS) for own in families.values()):
        raise ValueError(f"{len(SIGNS)} weights a family")
    return Weights(str(data["version"]), data["data"], families)
