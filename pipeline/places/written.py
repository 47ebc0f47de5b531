"""Names of places for readers: what a clerk of a unit may write, alone or with its type."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache, partial

from pipeline.places.candidates import candidate_names
from pipeline.places.units import Gazetteer

Written = tuple[str, float]
_TYPED = 0.5
"""Share of names that stand with their type."""


def place_names(gazetteer: Gazetteer, unit: str, year: int) -> Callable[[str], Sequence[Written]]:
    """What ``guide_of`` takes for places: the same names for every place field.

    Args:
        gazetteer: loaded.
        unit: registering unit, an id or as on the cover; empty where no book is known.
        year: of the entries.
    """
    return partial(_names, gazetteer, unit, year)


@lru_cache(maxsize=64)
def _names(gazetteer: Gazetteer, unit: str, year: int, _field: str) -> tuple[Written, ...]:
    weights: dict[str, float] = {}
    for one in candidate_names(gazetteer, unit, year):
        typed = f"{one.type.lower()} {one.name}"
        for text, share in ((one.name, 1 - _TYPED), (typed, _TYPED)):
            weights[text] = weights.get(text, 0.0) + share * one.weight
    return tuple((text, math.log(weight)) for text, weight in weights.items() if weight > 0)
