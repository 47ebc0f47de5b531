"""Places of one entry speak for one another: a bare name is sooner one beside the others."""

from __future__ import annotations

from dataclasses import replace

from pipeline.errors import InputError
from pipeline.places import Context as PlaceContext
from pipeline.places import Gazetteer, resolve, surely_meant
from pipeline.types import EntryResult, FieldResult, PlaceAnswer, PlaceStatus
from pipeline.values import Context


def with_nearby_places(
    entry: EntryResult, context: Context, places: Gazetteer | None
) -> EntryResult:
    """The entry with its ambiguous places asked again, knowing its certain ones."""
    doubtful = [
        field
        for field in entry.fields
        if field.place and field.place.status is PlaceStatus.AMBIGUOUS
    ]
    if not doubtful:
        return entry
    nearby = frozenset[str]().union(
        *(_meant(field, context, places) for field in entry.fields if field not in doubtful)
    )
    if not nearby:
        return entry
    return replace(
        entry,
        fields=tuple(
            replace(field, place=_again(field, context, nearby, places))
            if field in doubtful
            else field
            for field in entry.fields
        ),
    )


def _meant(field: FieldResult, context: Context, places: Gazetteer | None) -> frozenset[str]:
    if not field.place or field.place.status != PlaceStatus.CERTAIN or not field.value:
        return frozenset()
    return surely_meant(
        field.value,
        written_on=context.year,
        context=PlaceContext(context.place),
        gazetteer=places,
    )


def _again(
    field: FieldResult, context: Context, nearby: frozenset[str], places: Gazetteer | None
) -> PlaceAnswer | None:
    try:
        return resolve(
            field.value or "",
            written_on=context.year,
            context=PlaceContext(context.place, nearby),
            as_of=context.as_of,
            gazetteer=places,
        )
    except InputError:
        return field.place
