"""One entry as the desk shows it: the machine's word, a person's, and where it stands."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import BigInteger, Connection, RowMapping, bindparam, select

from models.database import Database
from models.rows import finding_from, place_from
from models.states import DeskState, EntryState
from models.tables import (
    Book,
    CheckEntry,
    Entry,
    FieldValue,
    FindingRow,
    Keying,
    Maker,
    Page,
    Scan,
    Unit,
)
from pipeline.checks.other_texts import READ_AS, OtherText, other_texts
from pipeline.checks.rules import SECOND_LOOP
from pipeline.types import (
    Decision,
    Finding,
    Kind,
    Matrix,
    PageClass,
    PageInfo,
    PlaceAnswer,
    Polygon,
    ScanRef,
    Severity,
    Side,
    ValueState,
)

OPEN = (Decision.REVIEW, Decision.UNREADABLE, Decision.RESCAN)


@dataclass(frozen=True)
class ReviewField:
    """One field. ``polygon`` is in scan pixels; ``position`` among the fields in printed order.

    ``value``, ``state``, ``confidence``, ``decision`` and ``reasons`` are the machine's;
    ``person_state`` is None until a person has spoken.
    """

    field: str
    position: int
    page: int
    polygon: Polygon
    literal: str
    value: str | None
    state: ValueState
    confidence: float
    decision: Decision
    reasons: tuple[str, ...]
    place: PlaceAnswer | None
    reader: str
    candidates: tuple[OtherText, ...] = ()
    person_value: str | None = None
    person_state: ValueState | None = None
    person_literal: str | None = None
    person_by: str | None = None
    person_at: datetime | None = None
    keyed: tuple[tuple[str | None, ValueState], ...] = ()
    """For the arbiter: what the two others keyed, without names, in an order that says nothing."""

    @property
    def doubtful(self) -> bool:
        """A person has to look at it, and nobody has; or two have, and differ."""
        return bool(self.keyed) or (self.person_state is None and self.decision in OPEN)

    @property
    def shown(self) -> tuple[str | None, ValueState]:
        """Value and state that stand: the person's before the machine's."""
        if self.person_state is not None:
            return self.person_value, self.person_state
        return self.value, self.state


@dataclass(frozen=True)
class ReviewEntry:
    """One registered event where it was found, all that the desk shows of it."""

    id: int
    version: int
    person_version: int
    book_id: int
    book_code: str
    kind: Kind
    year: int
    unit_id: str
    unit_name: str
    batch_id: int
    form_id: str
    scan_id: int
    scan: ScanRef
    position: int
    number: str
    state: EntryState
    desk: DeskState
    reviewed_at: datetime | None
    fields: tuple[ReviewField, ...]
    findings: tuple[Finding, ...]
    pages: tuple[PageInfo, ...]

    @property
    def scan_number(self) -> int:
        """Of the scan in its book, from 1."""
        return self.scan.number

    @property
    def doubtful(self) -> tuple[ReviewField, ...]:
        """Fields that wait for a person."""
        return tuple(field for field in self.fields if field.doubtful)

    def field(self, name: str) -> ReviewField:
        """The field of a name.

        Raises:
            KeyError: there is none.
        """
        for field in self.fields:
            if field.field == name:
                return field
        raise KeyError(name)


def entry_for_review(db: Database, entry_id: int) -> ReviewEntry:
    """One entry with fields, findings and pages. Who may see it is not asked here.

    Raises:
        LookupError: there is no such entry.
    """
    with db.read() as connection:
        return load_entry(connection, entry_id)


def blinded(entry: ReviewEntry, fields: frozenset[str] | None) -> ReviewEntry:
    """The entry as the second keying sees it: these fields (None: all) empty and undecided.

    Neither what the first person keyed nor what the machine read may be seen, or both would be
    wrong in the same way; what rules say of these fields would give it away too.
    """

    def hide(field: ReviewField) -> ReviewField:
        if fields is not None and field.field not in fields:
            if field.person_state is None:
                return field
            value, state = field.shown  # whose word it is would tell that somebody was here
            return replace(
                field, value=value, state=state, decision=Decision.ACCEPTED, person_value=None,
                person_state=None, person_literal=None, person_by=None, person_at=None,
            )  # fmt: skip
        return replace(
            field,
            literal="", value=None, state=ValueState.UNREADABLE, confidence=0.0,
            decision=Decision.REVIEW, reasons=(), place=None, candidates=(),
            person_value=None, person_state=None, person_literal=None, person_by=None,
            person_at=None,
        )  # fmt: skip

    hidden = tuple(hide(field) for field in entry.fields)
    names = {field.field for field in entry.fields} if fields is None else fields
    findings = tuple(one for one in entry.findings if not names & set(one.fields))
    number = "" if "entry_number" in names else entry.number
    return replace(
        entry, fields=hidden, findings=findings, number=number, state=EntryState.REVIEW,
        desk=DeskState.OPEN, reviewed_at=None,
    )  # fmt: skip


_THIS = bindparam("entry", type_=BigInteger)
_ENTRY = (
    select(
        Entry.id, Entry.version, Entry.person_version, Entry.book_id, Entry.position,
        Entry.number, Entry.state, Entry.desk, Entry.keying, Entry.reviewed_at,
        Entry.sent_back,
        Entry.scan_id, Book.code, Book.kind, Book.year, Book.unit_id, Book.batch_id,
        Book.form_id.label("book_form"), Unit.name.label("unit_name"),
        Unit.type.label("unit_type"), Scan.form_id, Scan.path,
        Scan.position.label("place"), Scan.number.label("scan_number"), Scan.digest,
        Scan.name,
    )
    .join(Scan, Scan.id == Entry.scan_id)
    .join(Book, Book.id == Entry.book_id)
    .join(Unit, Unit.id == Book.unit_id)
    .where(Entry.id == _THIS)
)  # fmt: skip
_FIELDS = (
    select(FieldValue.__table__, Maker.reader)
    .join(Maker, Maker.id == FieldValue.maker_id)
    .where(FieldValue.entry_id == _THIS)
    .order_by(FieldValue.position, FieldValue.field)
)
_FINDINGS = (
    select(FindingRow.__table__).where(FindingRow.entry_id == _THIS).order_by(FindingRow.position)
)
_PAGES = select(Page.__table__).where(Page.scan_id == bindparam("scan")).order_by(Page.position)


def load_entry(connection: Connection, entry_id: int) -> ReviewEntry:
    """The same as ``entry_for_review`` in a running transaction."""
    row = connection.execute(_ENTRY, {"entry": entry_id}).mappings().first()
    if row is None:
        raise LookupError(f"entry {entry_id}")
    fields = connection.execute(_FIELDS, {"entry": entry_id}).mappings()
    keyed = _keyed(connection, entry_id) if row["keying"] == 3 else {}
    rows = connection.execute(_FINDINGS, {"entry": entry_id}).mappings()
    findings = [finding_from(one) for one in rows]
    if row["sent_back"]:
        findings += _second_loop(connection, entry_id)
    name, type_ = row["unit_name"], row["unit_type"]
    return ReviewEntry(
        id=row["id"],
        version=row["version"],
        person_version=row["person_version"],
        book_id=row["book_id"],
        book_code=row["code"],
        kind=Kind(row["kind"]),
        year=row["year"],
        unit_id=row["unit_id"],
        unit_name=name if name.lower().startswith(type_.lower()) else f"{type_} {name}",
        batch_id=row["batch_id"],
        form_id=row["form_id"] or row["book_form"] or "",
        scan_id=row["scan_id"],
        scan=ScanRef(row["path"], row["place"], row["scan_number"], row["digest"], row["name"]),
        position=row["position"],
        number=row["number"],
        state=EntryState(row["state"]),
        desk=DeskState(row["desk"]),
        reviewed_at=row["reviewed_at"],
        fields=tuple(_field(field, keyed) for field in fields),
        findings=tuple(findings),
        pages=load_pages(connection, row["scan_id"]),
    )


def _second_loop(connection: Connection, entry_id: int) -> list[Finding]:
    """What the last second look at an entry found that was sent back."""
    row = connection.execute(
        select(CheckEntry.fields, CheckEntry.note)
        .where(CheckEntry.entry_id == entry_id, CheckEntry.wrong.is_(True))
        .order_by(CheckEntry.round_id.desc())
        .limit(1)
    ).first()
    fields, note = (tuple(row.fields), row.note) if row else ((), "")
    return [Finding(SECOND_LOOP, Severity.ERROR, fields, note)]


def load_pages(connection: Connection, scan_id: int) -> tuple[PageInfo, ...]:
    """The pages of a scan in their order."""
    rows = connection.execute(_PAGES, {"scan": scan_id}).mappings()
    return tuple(_page(row) for row in rows)


def _field(
    row: RowMapping, keyed: dict[str, tuple[tuple[str | None, ValueState], ...]]
) -> ReviewField:
    said = row["person_state"]
    return ReviewField(
        field=row["field"],
        position=row["position"],
        page=row["page"],
        polygon=tuple((x, y) for x, y in row["polygon"]),
        literal=row["literal"],
        value=row["value"],
        state=ValueState(row["state"]),
        confidence=row["confidence"],
        decision=Decision(row["decision"]),
        reasons=tuple(row["reasons"]),
        place=place_from(row["place"]),
        reader=row["reader"],
        candidates=tuple(other_texts(row["reasons"], READ_AS)),
        person_value=row["person_value"],
        person_state=None if said is None else ValueState(said),
        person_literal=row["person_literal"],
        person_by=row["person_by"],
        person_at=row["person_at"],
        keyed=keyed.get(row["field"], ()),
    )


def _page(row: RowMapping) -> PageInfo:
    columns = {key: value for key, value in row.items() if key not in ("scan_id", "position")}
    matrix: Matrix = tuple(tuple(line) for line in columns.pop("to_scan"))  # type: ignore[assignment]
    side, page_class = Side(columns.pop("side")), PageClass(columns.pop("page_class"))
    return PageInfo(side=side, page_class=page_class, to_scan=matrix, **columns)


def _keyed(
    connection: Connection, entry_id: int
) -> dict[str, tuple[tuple[str | None, ValueState], ...]]:
    """The two keyings that differ, by field, the smaller text first."""
    told: dict[str, list[tuple[str | None, ValueState]]] = {}
    for row in connection.execute(
        select(Keying.field, Keying.value, Keying.state).where(
            Keying.entry_id == entry_id, Keying.settled == "differs", Keying.round.in_((1, 2))
        )
    ):
        told.setdefault(row.field, []).append((row.value, ValueState(row.state)))
    return {
        field: tuple(sorted(values, key=lambda one: (one[0] or "", one[1])))
        for field, values in told.items()
    }
