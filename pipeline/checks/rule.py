"""What a rule is: a small object that says of itself all that a person must know."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pipeline.texts import Text
from pipeline.types import Finding, Severity


class Scope(StrEnum):
    """What a rule looks at."""

    ENTRY = "entry"
    BOOK = "book"
    UNIT = "unit"
    """All books of a registering unit, of one kind and year."""
    DELIVERY = "delivery"
    PROCESS = "process"


_NONE = Text("", "")


@dataclass(frozen=True)
class Rule:
    """One rule.

    ``law`` is its source; empty where it is common sense. ``fields`` names the fields it looks
    at (``*_full_name`` stands for all so called, ``type:place`` for a field type). ``evidence``
    says what it does to probabilities where it is kept and where it is broken.
    """

    id: str
    severity: Severity
    text: Text
    law: str = ""
    soft: bool = False
    """Only makes its fields less sure; never sends a field to a person by itself."""
    scopes: tuple[Scope, ...] = (Scope.ENTRY,)
    fields: tuple[str, ...] = ()
    evidence: Text = _NONE

    def finding(self, *fields: str, detail: str = "", severity: Severity | None = None) -> Finding:
        """This rule's word against some fields. ``detail`` carries values, not sentences."""
        return Finding(self.id, severity or self.severity, fields, detail)
