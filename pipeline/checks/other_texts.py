"""Other texts than the one believed, as reasons of a field: written and read in one place.

``ink_alone=text`` is what the net sees without a list or a grammar; ``read_as=0.12:text`` another
text a reader thought of, with its share; ``unlearned=0.9312:text`` what the net reads without what
it has learned of the hand, and how sure it is of its least sure word.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from pipeline.types import Reading

INK_ALONE, READ_AS, UNLEARNED = "ink_alone=", "read_as=", "unlearned="
_MOST = 3
_LEAST_SHARE = 0.01


class OtherText(NamedTuple):
    """A text, and how sure its reader was of it (0 to 1)."""

    text: str
    share: float


def texts_noted(reading: Reading) -> tuple[str, ...]:
    """The reasons that keep a reading's other texts: what a person may have to choose from."""
    text, plain = _spaced(reading.text), _spaced(reading.greedy)
    alone = (f"{INK_ALONE}{plain}",) if plain and plain != text else ()
    others = [
        f"{READ_AS}{share:.3f}:{_spaced(other)}"
        for other, share in reading.alternatives
        if share >= _LEAST_SHARE and _spaced(other) != text
    ]
    return (*alone, *others[:_MOST], *_unlearned(reading))


def other_texts(reasons: Iterable[str], kind: str) -> Iterator[OtherText]:
    """What reasons of a kind (``READ_AS``, ``UNLEARNED``) keep, in their order."""
    for reason in reasons:
        if reason.startswith(kind):
            share, _, text = reason.removeprefix(kind).partition(":")
            yield OtherText(text, float(share))


def _unlearned(reading: Reading) -> tuple[str, ...]:
    if reading.unlearned is None:
        return ()
    text, sure = reading.unlearned
    return (f"{UNLEARNED}{sure:.4f}:{_spaced(text)}",)


def _spaced(text: str) -> str:
    return " ".join(text.split())
