"""What a person says of a field."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.types import ValueState


@dataclass(frozen=True)
class FieldChange:
    """What a person says of a field; ``literal`` as written on the page, where they keyed that."""

    field: str
    state: ValueState
    value: str | None
    literal: str | None = None
