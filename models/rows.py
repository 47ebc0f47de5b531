"""Between the pipeline's values and plain columns."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sqlalchemy import RowMapping

from pipeline.types import (
    BookForm,
    Decision,
    EditKind,
    EntryResult,
    FieldResult,
    Finding,
    LayoutEdit,
    PageClass,
    PageInfo,
    PlaceAnswer,
    PlaceCandidate,
    PlaceStatus,
    Quality,
    Severity,
    Side,
    Total,
    ValueState,
)

POLYGON_DECIMALS = 1
"""A tenth of a pixel is finer than any reading."""

# --- to columns ---------------------------------------------------------------------------------


def quality_column(quality: Quality) -> dict[str, Any]:
    """Measured quality with its faults."""
    return {**asdict(quality), "faults": [str(fault) for fault in quality.faults]}


def page_columns(page: PageInfo) -> dict[str, Any]:
    """A page but for its key."""
    return {
        **asdict(page),
        "to_scan": [list(row) for row in page.to_scan],
        "reasons": list(page.reasons) or None,
        "totals": [asdict(total) for total in page.totals] or None,
    }


def field_columns(field: FieldResult) -> dict[str, Any]:
    """The machine's columns of a field but for its key, position and maker."""
    return {
        "page": field.page,
        "polygon": [
            [round(x, POLYGON_DECIMALS), round(y, POLYGON_DECIMALS)] for x, y in field.polygon
        ],
        "literal": field.literal,
        **read_columns(field),
    }


def read_columns(field: FieldResult) -> dict[str, Any]:
    """Those columns that finishing the book may still change."""
    return {
        "value": field.value,
        "state": field.state,
        "confidence": field.confidence,
        "raw_confidence": field.raw_confidence,
        "decision": field.decision,
        "reasons": list(field.reasons),
        "place": None if field.place is None else place_column(field.place),
    }


def place_column(answer: PlaceAnswer) -> dict[str, Any]:
    """A place answer as plain data."""
    plain = asdict(answer)
    plain["status"] = str(answer.status)
    plain["candidates"] = [
        {**asdict(candidate), "acts": list(candidate.acts)} for candidate in answer.candidates
    ]
    return plain


def finding_columns(finding: Finding) -> dict[str, Any]:
    """A finding but for its key and place."""
    return {**asdict(finding), "fields": list(finding.fields)}


def form_column(form: BookForm) -> dict[str, Any]:
    """A book's form as plain data."""
    return {
        **asdict(form),
        "learned_from": list(form.learned_from),
        "others": [form_column(other) for other in form.others],
        "nearest": [list(one) for one in form.nearest],
        "edits": [
            {**asdict(edit), "corners": [list(point) for point in edit.corners]}
            for edit in form.edits
        ],
    }


# --- from columns -------------------------------------------------------------------------------


def form_from(column: dict[str, Any]) -> BookForm:
    """A book's form out of its column."""
    return BookForm(
        **{
            **column,
            "learned_from": tuple(column["learned_from"]),
            "others": tuple(form_from(other) for other in column.get("others", ())),
            "nearest": tuple((name, score) for name, score in column.get("nearest", ())),
            "edits": tuple(_edit_from(edit) for edit in column.get("edits", ())),
        }
    )


def page_from(row: RowMapping) -> PageInfo:
    """A page out of its row."""
    one, two, three = (tuple(float(value) for value in line) for line in row["to_scan"])
    return PageInfo(
        side=Side(row["side"]),
        page_class=PageClass(row["page_class"]),
        to_scan=(one, two, three),  # type: ignore[arg-type]  # three values each
        width=row["width"],
        height=row["height"],
        dpi=row["dpi"],
        rotation=row["rotation"],
        skew=row["skew"],
        class_probability=1.0 if row["class_probability"] is None else row["class_probability"],
        reasons=tuple(row["reasons"] or ()),
        totals=tuple(Total(**total) for total in row["totals"] or ()),
    )


def _edit_from(column: dict[str, Any]) -> LayoutEdit:
    corners = tuple((float(x), float(y)) for x, y in column["corners"])
    return LayoutEdit(**{**column, "kind": EditKind(column["kind"]), "corners": corners})


def place_from(column: dict[str, Any] | None) -> PlaceAnswer | None:
    """A place answer out of its column."""
    if column is None:
        return None
    return PlaceAnswer(
        status=PlaceStatus(column["status"]),
        candidates=tuple(
            PlaceCandidate(**{**candidate, "acts": tuple(candidate["acts"])})
            for candidate in column["candidates"]
        ),
        as_of=column["as_of"],
    )


def finding_from(row: RowMapping | dict[str, Any]) -> Finding:
    """A finding out of its row."""
    return Finding(
        rule=row["rule"],
        severity=Severity(row["severity"]),
        fields=tuple(row["fields"]),
        detail=row["detail"],
    )


def field_from(row: RowMapping, *, finished: bool) -> FieldResult:
    """A field out of its row and its maker's reader; a person's word stands before the machine's.

    Args:
        row: columns of ``field_value`` and ``reader``.
        finished: as finishing the book left it; otherwise as the page alone gave it.
    """
    machine: dict[str, Any] = dict(row)
    if not finished and row["as_read"]:
        machine |= row["as_read"]
    by_person = row["person_state"] is not None
    return FieldResult(
        field=row["field"],
        literal=row["literal"],
        value=row["person_value"] if by_person else machine["value"],
        state=ValueState(row["person_state"] if by_person else machine["state"]),
        confidence=1.0 if by_person else machine["confidence"],
        raw_confidence=machine["raw_confidence"],
        decision=Decision.PERSON if by_person else Decision(machine["decision"]),
        reader=row["reader"],
        page=row["page"],
        polygon=tuple((x, y) for x, y in row["polygon"]),
        reasons=tuple(machine["reasons"]),
        place=None if by_person else place_from(machine["place"]),
    )


def entry_from(
    entry: RowMapping,
    fields: list[FieldResult],
    findings: list[Finding],
    *,
    finished: bool,
) -> EntryResult:
    """An entry out of its rows."""
    number = entry["number"]
    if not finished and entry["as_read"]:
        number = entry["as_read"]["number"]
        findings = [finding_from(finding) for finding in entry["as_read"]["findings"]]
    for field in fields:
        if field.field == "entry_number" and field.decision is Decision.PERSON:
            number = field.value or ""
    return EntryResult(
        index=entry["position"], number=number, fields=tuple(fields), findings=tuple(findings)
    )
