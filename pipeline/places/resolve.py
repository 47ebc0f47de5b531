"""What a written place is on a target date: certain, ambiguous or unknown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from pipeline.errors import InputError
from pipeline.places.asked import checked_day, checked_text, checked_year, question
from pipeline.places.context import NO_CONTEXT, Context
from pipeline.places.gazetteer import load_gazetteer
from pipeline.places.origins import origins
from pipeline.places.spans import no_place
from pipeline.places.units import Gazetteer
from pipeline.places.walk import walk
from pipeline.settings import PlaceThresholds, load_settings, load_thresholds
from pipeline.types import PlaceAnswer, PlaceCandidate, PlaceStatus
from pipeline.values.text import clean

_WHOLE = 0.975
"""Share of a unit's people from which on the rest is no more than rounding."""
_SHOWN, _TRACE = 0.01, 0.002
"""Probability below which a candidate is not named."""


@lru_cache(maxsize=1)
def _thresholds() -> PlaceThresholds:
    return load_thresholds(load_settings().config).places


@lru_cache(maxsize=65536)
def _resolve(
    text: str, year: int | None, context: Context, as_of: date, gazetteer: Gazetteer
) -> PlaceAnswer:
    thresholds = _thresholds()
    found = origins(text, year, context, gazetteer)
    known = sum(origin.probability for origin in found)
    shares: dict[str, float] = {}
    acts: dict[str, tuple[str, ...]] = {}
    for origin in found:
        if origin.probability < _TRACE:
            break  # likeliest first: the rest cannot be shown
        for way in walk(gazetteer, origin.unit, origin.since, as_of):
            share = origin.probability * way.share
            if share > shares.get(way.unit, 0.0):
                acts[way.unit] = way.acts
            shares[way.unit] = shares.get(way.unit, 0.0) + share
    candidates = []
    for unit_id, probability in sorted(shares.items(), key=lambda item: (-item[1], item[0])):
        state = gazetteer.units[unit_id].on(as_of)
        if state is None or probability < _SHOWN:
            continue
        above = gazetteer.units[state.parent].on(as_of) if state.parent else None
        candidates.append(
            PlaceCandidate(
                unit_id=unit_id,
                type=state.type,
                name=state.name,
                parent=above.full_name if above else "",
                gso_code=state.gso_code,
                probability=round(probability, 4),
                acts=acts[unit_id],
            )
        )
    if known < thresholds.known or not candidates:
        return PlaceAnswer(PlaceStatus.UNKNOWN, (), as_of.isoformat())
    # A unit that was divided stays ambiguous however small the other part: nobody counted.
    whole = walk(gazetteer, found[0].unit, found[0].since, as_of)[0].share >= _WHOLE
    certain = whole and candidates[0].probability >= thresholds.certain
    status = PlaceStatus.CERTAIN if certain else PlaceStatus.AMBIGUOUS
    if certain:
        candidates = candidates[:1]
    return PlaceAnswer(status, tuple(candidates), as_of.isoformat())


def resolve(
    text: str,
    *,
    written_on: date | int | None,
    context: Context = NO_CONTEXT,
    as_of: date,
    gazetteer: Gazetteer | None = None,
) -> PlaceAnswer:
    """What a written place is on ``as_of``.

    Args:
        text: as written, any order of levels, with or without types, marks and separators;
            Unicode, TCVN3 or VNI.
        written_on: day or year of the entry; units founded later are not meant. None where it
            is not known.
        context: the registering unit and what else is known beside the text.
        as_of: target date, before or after.
        gazetteer: the office's own by default.

    Returns:
        Candidates with probabilities, likeliest first; none where the status is unknown.

    Raises:
        InputError: a text too long, in a foreign script or a damaged encoding; a date outside
            1887..2100.
    """
    year = written_on.year if isinstance(written_on, date) else written_on
    return _resolve(
        checked_text(text),
        checked_year(year),
        context,
        checked_day(as_of),
        gazetteer or load_gazetteer(),
    )


def surely_meant(
    text: str,
    *,
    written_on: int | None,
    context: Context = NO_CONTEXT,
    gazetteer: Gazetteer | None = None,
) -> frozenset[str]:
    """The unit that a text surely means, with the districts it lay in: context for other places.

    Empty where it is not sure.
    """
    book = gazetteer or load_gazetteer()
    found = origins(checked_text(text), written_on, context, book)
    if not found or found[0].probability < _thresholds().certain:
        return frozenset()
    return frozenset({found[0].unit}) | book.districts[found[0].unit]


def describe(text: str) -> str:
    """Why a text that resolves to nothing is no mistake: a reason, or empty."""
    return no_place(clean(text))


def as_json(answer: PlaceAnswer) -> dict[str, Any]:
    """Status and candidates of an answer, ready for JSON."""
    return {
        "status": answer.status.value,
        "candidates": [
            {
                "unit_id": one.unit_id,
                "type": one.type,
                "name": one.name,
                "parent": one.parent,
                "gso_code": one.gso_code,
                "probability": one.probability,
                "acts": list(one.acts),
            }
            for one in answer.candidates
        ],
    }


def resolve_batch(
    rows: Iterable[Mapping[str, str]], gazetteer: Gazetteer | None = None
) -> Iterator[dict[str, Any]]:
    """Answers of ``hotich places resolve --batch``, one a row, in order.

    Args:
        rows: with ``id, text, year, unit, as_of``; ``year``, ``unit`` and ``as_of`` may be empty
            (``as_of``: today).
        gazetteer: the office's own by default.

    Yields:
        ``id, status, candidates`` ready for JSON; for a row that cannot be asked, status unknown
        and ``error`` with what is wrong and in which row. The other rows are not touched by it.
    """
    book = gazetteer or load_gazetteer()
    today = date.today()
    for number, row in enumerate(rows, start=1):
        id_ = row.get("id") or str(number)
        try:
            asked = question(row, number, today)
        except InputError as error:
            yield {"id": id_, "status": "unknown", "candidates": [], "error": str(error)}
            continue
        answer = _resolve(asked.text, asked.year, Context(asked.unit), asked.as_of, book)
        yield {"id": id_, **as_json(answer)}
