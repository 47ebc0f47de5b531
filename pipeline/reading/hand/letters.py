"""The letters a net knows, as its classes: class 0 is the CTC blank, class n the n-th letter."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from pipeline.reading.hand.ctc import Codes, Posteriors

_NEVER = -16.0


@dataclass(frozen=True)
class Letters:
    """An alphabet in the order of the net's classes, NFC."""

    signs: str

    def __len__(self) -> int:
        return len(self.signs)

    @cached_property
    def _codes(self) -> dict[str, int]:
        return {sign: n for n, sign in enumerate(self.signs, start=1)}

    @cached_property
    def space(self) -> int:
        """Class of the space; 0 where the alphabet has none."""
        return self._codes.get(" ", 0)

    @cached_property
    def _capitals(self) -> tuple[list[int], list[int]]:
        pairs = [
            (code, small)
            for sign, code in self._codes.items()
            if (small := self._codes.get(sign.lower(), code)) != code
        ]
        return [code for code, _ in pairs], [small for _, small in pairs]

    def without_case(self, ink: Posteriors) -> Posteriors:
        """Posteriors in which a small letter means the capital too."""
        capitals, small = self._capitals
        merged = ink.copy()
        merged[:, small] = np.logaddexp(ink[:, small], ink[:, capitals])
        merged[:, capitals] = _NEVER
        return merged

    def text(self, codes: Codes) -> str:
        """Letters of some classes."""
        return "".join(self.signs[code - 1] for code in codes)

    def codes(self, text: str) -> Codes | None:
        """Classes of a text; None where a letter of it is not in the alphabet."""
        try:
            return tuple(self._codes[sign] for sign in text)
        except KeyError:
            return None
