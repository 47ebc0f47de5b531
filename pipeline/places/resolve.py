"""What a written place is on a target date: certain, ambiguous or unknown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from pipeline.errors import InputError
from pipeline.places.gazetteer import Gazetteer, load_gazetteer
from pipeline.places.origins import origins
from pipeline.places.spans import no_place
from pipeline.places.walk import walk
from pipeline.settings import PlaceThresholds, load_settings, load_thresholds
from pipeline.types import PlaceAnswer, PlaceCandidate, PlaceStatus

_SHOWN = 0.01
"""Probability below which a candidate is not named."""


@lru_cache(maxsize=1)
def _thresholds() -> PlaceThresholds:
    return load_thresholds(load_settings().config).places


@lru_cache(maxsize=65536)
def _resolve(
    text: str, year: int | None, unit: str, as_of: date, gazetteer: Gazetteer
) -> PlaceAnswer:
    thresholds = _thresholds()
    found = origins(text, year, unit, gazetteer)
    known = sum(origin.probability for origin in found)
    shares: dict[str, float] = {}
    acts: dict[str, tuple[str, ...]] = {}
    for origin in found:
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
    certain = candidates[0].probability >= thresholds.certain
    status = PlaceStatus.CERTAIN if certain else PlaceStatus.AMBIGUOUS
    if certain:
        candidates = candidates[:1]
    return PlaceAnswer(status, tuple(candidates), as_of.isoformat())


def resolve(
    text: str,
    *,
    year: int | None,
    unit: str,
    as_of: date,
    gazetteer: Gazetteer | None = None,
) -> PlaceAnswer:
    """What a written place is on ``as_of``.

    Args:
        text: as written, any order of levels, with or without types, marks and separators.
        year: year of the book; units founded later are not meant. None where it is not known.
        unit: the registering unit, by id or as on the cover; empty where it is not known.
        as_of: target date.
        gazetteer: the office's own by default.

    Returns:
        Candidates with probabilities, likeliest first; none where the status is unknown.
    """
    return _resolve(text, year, unit, as_of, gazetteer or load_gazetteer())


def describe(text: str, gazetteer: Gazetteer | None = None) -> str:
    """Why a text that resolves to nothing is no mistake: a reason, or empty."""
    return no_place(text, gazetteer or load_gazetteer())


def _row(row: Mapping[str, str], number: int) -> tuple[str, int | None, str, date]:
    try:
        year = int(row["year"]) if (row.get("year") or "").strip() else None
        given = (row.get("as_of") or "").strip()
        as_of = date.fromisoformat(given) if given else date.today()
        return row["text"] or "", year, (row.get("unit") or "").strip(), as_of
    except (KeyError, ValueError) as error:
        raise InputError(f"{error}", where=f"dòng / row {number}") from error


def resolve_batch(
    rows: Iterable[Mapping[str, str]], gazetteer: Gazetteer | None = None
) -> Iterator[dict[str, Any]]:
    """Answers of ``hotich places resolve``, one a row, in order.

    Args:
        rows: with ``id, text, year, unit, as_of``; ``year``, ``unit`` and ``as_of`` may be empty
            (``as_of``: today).
        gazetteer: the office's own by default.

    Yields:
        ``id, status, candidates`` ready for JSON.

    Raises:
        InputError: a year or date that is none, or a missing column; says which row.
    """
    book = gazetteer or load_gazetteer()
    for number, row in enumerate(rows, start=1):
        text, year, unit, as_of = _row(row, number)
        answer = _resolve(text, year, unit, as_of, book)
        yield {
            "id": row.get("id", str(number)),
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
