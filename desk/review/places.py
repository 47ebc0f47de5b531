"""What a written place is today, in one line for the eye."""

from __future__ import annotations

from desk.review.shown import in_language
from pipeline.errors import InputError
from pipeline.places import Context as PlaceContext
from pipeline.places import Gazetteer, describe, resolve
from pipeline.texts import Text
from pipeline.types import PlaceCandidate, PlaceStatus
from pipeline.values.context import Context

_NAMED = 2
_NOW = Text("nay: {names}", "now: {names}")
_ONE_OF = Text("nay có thể: {names}", "now one of: {names}")
_UNKNOWN = Text("không thấy trong danh mục địa danh", "not found in the gazetteer")


def places_now(written: str, context: Context, gazetteer: Gazetteer, language: str) -> str:
    """Present units of a written place with the last act on the way there."""
    try:
        answer = resolve(
            written, written_on=context.year, context=PlaceContext(context.place),
            as_of=context.as_of, gazetteer=gazetteer,
        )  # fmt: skip
    except InputError:
        return in_language(_UNKNOWN, language)
    if answer.status is PlaceStatus.UNKNOWN:
        return "" if describe(written) else in_language(_UNKNOWN, language)
    if answer.status is PlaceStatus.CERTAIN:
        (one,) = answer.candidates
        acts = f" · {one.acts[-1]}" if one.acts else ""
        return in_language(_NOW, language).format(names=_name(one)) + acts
    named = [f"{_name(one)} ({one.probability:.0%})" for one in answer.candidates[:_NAMED]]
    rest = len(answer.candidates) - _NAMED
    return in_language(_ONE_OF, language).format(names="; ".join(named)) + (
        f" +{rest}" if rest > 0 else ""
    )


def _name(one: PlaceCandidate) -> str:
    return f"{one.type} {one.name}" + (f", {one.parent}" if one.parent else "")
