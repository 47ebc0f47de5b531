"""Two readers, two texts: how likely each is right, judged by both together.

A reader's probability is fitted on what it is meant for. Where the router may be wrong (a hand
like print, worn print), the other reader's word and the field's grammar say more: one logistic
regression a reader, fitted by ``training.fit_pair`` on cells read by both.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.fitted import load_fitted
from pipeline.reading.calibrate import OF_DIGITS

SIGNS = ("constant", "print", "hand", "look", "print_fits", "hand_fits", "digits")
"""What a judgement is made of, in the order of the weights."""
_LEAST = 1e-3
_FARTHEST = 8.0
_LEAST_FIT = 0.01


@dataclass(frozen=True)
class Pairing:
    """Weights of ``SIGNS`` for the text of print and for that of the hand."""

    version: str
    data: str
    printed: tuple[float, ...]
    hand: tuple[float, ...]


@dataclass(frozen=True)
class Seen:
    """What is known of a cell that both readers read.

    ``look`` is the chance of handwriting, leaning on the scan; ``fits`` how well each text keeps
    the field's grammar.
    """

    field_type: str
    print_probability: float
    hand_probability: float
    look: float
    print_fits: float
    hand_fits: float


def signs(seen: Seen) -> tuple[float, ...]:
    """The numbers that :data:`SIGNS` names."""
    return (
        1.0,
        _logit(seen.print_probability),
        _logit(seen.hand_probability),
        min(_FARTHEST, max(-_FARTHEST, _logit(seen.look, 1e-9))),
        math.log(max(seen.print_fits, _LEAST_FIT)),
        math.log(max(seen.hand_fits, _LEAST_FIT)),
        float(seen.field_type in OF_DIGITS),
    )


def judged(pairing: Pairing, seen: Seen) -> tuple[float, float]:
    """Probability that the text of print is right, and that of the hand; both may be.

    Neither is surer than its own reader was: to be contradicted is no support.
    """
    x = np.array(signs(seen))
    printed, hand = (
        1 / (1 + math.exp(-float(np.dot(x, weights))))
        for weights in (pairing.printed, pairing.hand)
    )
    return min(printed, seen.print_probability), min(hand, seen.hand_probability)


def _logit(share: float, least: float = _LEAST) -> float:
    inside = min(1 - least, max(least, share))
    return math.log(inside / (1 - inside))


def pairing_file(config: Path) -> Path:
    """Where the weights of an ``ocr_config`` folder lie."""
    return config / "calibration" / "pair.json"


def save_pairing(pairing: Pairing, path: Path) -> None:
    """Write weights that ``load_pairing`` reads."""
    path.write_text(json.dumps(asdict(pairing), ensure_ascii=False, indent=1) + "\n", "utf-8")


@lru_cache(maxsize=8)
def load_pairing(config: Path) -> Pairing:
    """The weights of an ``ocr_config`` folder.

    Raises:
        SettingsError: they are missing or cannot be used.
    """
    return load_fitted(pairing_file(config), "calibration", _pairing)


def _pairing(data: dict[str, Any]) -> Pairing:
    printed, hand = (tuple(map(float, data[name])) for name in ("printed", "hand"))
    if not len(printed) == len(hand) == len(SIGNS):
        raise ValueError(f"{len(SIGNS)} weights are needed")
    return Pairing(str(data["version"]), str(data["data"]), printed, hand)
