"""Places through time: written place -> units of a target date, with the acts on the way."""

from __future__ import annotations

from pipeline.places.context import Confirmed, Context
from pipeline.places.gazetteer import load_gazetteer
from pipeline.places.registering import RegisteringUnit, registering_unit, registering_units
from pipeline.places.resolve import describe, resolve, resolve_batch, surely_meant
from pipeline.places.spans import NO_PLACE_REASONS
from pipeline.places.units import Gazetteer

__all__ = [
    "NO_PLACE_REASONS",
    "Confirmed",
    "Context",
    "Gazetteer",
    "RegisteringUnit",
    "describe",
    "load_gazetteer",
    "registering_unit",
    "registering_units",
    "resolve",
    "resolve_batch",
    "surely_meant",
]
