"""A small vocabulary as letters that may follow each other: texts of its words and no others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from pipeline.reading.hand.ctc import Codes
from pipeline.reading.hand.letters import Letters

_STOPS = ",."
"""Signs that may end a word."""
UNFINISHED = -50.0


@dataclass
class _Place:
    """Where one is inside the words: what may follow, and whether a word may end here."""

    next: dict[int, _Place] = field(default_factory=dict)
    ends: bool = False


class Vocabulary:
    """Words in small letters, with a capital first letter, and in capitals; digits between them."""

    def __init__(self, words: Iterable[str], letters: Letters) -> None:
        self._space = letters.space
        self._root = _Place()
        for word in words:
            for form in dict.fromkeys((word.lower(), word.capitalize(), word.upper())):
                self._add(letters.codes(form))
        # A clerk writes some of the numbers in digits.
        number = _Place(ends=True)
        for sign in "0123456789":
            codes = letters.codes(sign)
            if codes is not None:
                self._root.next.setdefault(codes[0], number)
                number.next[codes[0]] = number
        self._stops = [codes[0] for sign in _STOPS if (codes := letters.codes(sign))]
        self._follow: dict[Codes, tuple[tuple[int, ...], bool]] = {}

    def _add(self, codes: Codes | None) -> None:
        if codes is None:
            return
        place = self._root
        for code in codes:
            place = place.next.setdefault(code, _Place())
        place.ends = True

    def follow(self, text: Codes) -> Sequence[int]:
        """Letters that may follow a text."""
        return self._at(text)[0]

    def bonus(self, text: Codes, code: int) -> float:
        """Log-weight for a beam search: a text must not end inside a word."""
        return 0.0 if code or self.ended(text) else UNFINISHED

    def ended(self, text: Codes) -> bool:
        """True where a text may end."""
        return self._at(text)[1]

    def _at(self, text: Codes) -> tuple[tuple[int, ...], bool]:
        start = len(text)
        while start and text[start - 1] != self._space:
            start -= 1
        word = text[start:]
        if word not in self._follow:
            self._follow[word] = self._walk(word)
        return self._follow[word]

    def _walk(self, word: Codes) -> tuple[tuple[int, ...], bool]:
        place = self._root
        for n, code in enumerate(word):
            if code in self._stops and place.ends and n == len(word) - 1:
                return (self._space,), True
            if code not in place.next:
                return (), False
            place = place.next[code]
        ending = (self._space, *self._stops) if place.ends else ()
        return (*place.next, *ending), place.ends or not word
