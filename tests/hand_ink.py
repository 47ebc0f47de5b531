"""Posteriors as a net would give them, made of texts for the tests of decoding."""

from __future__ import annotations

import numpy as np

from pipeline.reading.hand.ctc import Posteriors
from pipeline.reading.hand.letters import Letters

VIETNAMESE = (
    "aàáảãạăằắẳẵặâầấẩẫậbcdđeèéẻẽẹêềếểễệghiìíỉĩịklmnoòóỏõọôồốổỗộơờớởỡợpqrstuùúủũụưừứửữựvxyỳýỷỹỵ"
)
LETTERS = Letters(" " + VIETNAMESE + VIETNAMESE.upper() + "0123456789.,-/:()\"'" + "fjwzFJWZ")


def ink_of(text: str, *doubts: tuple[int, str, float], sure: float = 0.97) -> Posteriors:
    """Posteriors of a text, a frame a letter and a blank between.

    Args:
        text: what the net reads.
        doubts: (place, letter, share): another letter that has this share of a place.
        sure: share of the letter itself where there is no doubt.
    """
    codes = LETTERS.codes(text)
    assert codes is not None
    chances = np.full((2 * len(codes) + 1, len(LETTERS) + 1), 1e-6)
    chances[:, 0] = 1.0
    for n, code in enumerate(codes):
        others = {LETTERS.codes(sign)[0]: share for at, sign, share in doubts if at == n}  # type: ignore[index]
        frame = chances[2 * n + 1]
        frame[0] = 1e-3
        frame[code] = sure - sum(others.values())
        for other, share in others.items():
            frame[other] = share
    chances /= chances.sum(axis=1, keepdims=True)
    return np.log(chances).astype(np.float32)
