"""Links between entries: who is to be compared, what was suggested, what people said of it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import (
    Connection,
    Row,
    Select,
    bindparam,
    delete,
    literal,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased

from models.audit import record_event
from models.clock import Now
from models.correcting import entry_subject
from models.database import Database
from models.locks import Lock, take
from models.states import LinkState
from models.tables import BirthRecord, Book, DeathRecord, Entry, EntryLink, MarriageRecord, Scan
from pipeline.checks.linking.blocks import Relation
from pipeline.checks.linking.find import Reason, Suggestion
from pipeline.checks.linking.people import Mention
from pipeline.types import Kind

_AT_ONCE = 5000
_WRITTEN_AT_ONCE = 500
_MOVED = (0.5, 0.005)
"""Weight and probability by which a suggestion must move before its row is written anew."""
_T = TypeVar("_T")


@dataclass(frozen=True)
class LinkRecord:
    """A link as it stands, with where its entries are: book, number, scan and position."""

    id: int
    relation: Relation
    first: str
    first_role: str
    second: str
    second_role: str
    weight: float
    probability: float
    reasons: tuple[Reason, ...]
    state: LinkState
    person: str
    at: datetime | None
    entries: tuple[int, int]


def mentions(db: Database) -> Iterator[Mention]:
    """Persons whose birth, marriage or death is recorded; a person's word before the machine's."""
    queries = (_births(), *_marriages(), _deaths())
    with db.read() as connection:
        for kind, role, query in queries:
            for row in connection.execution_options(yield_per=_AT_ONCE).execute(query):
                yield Mention(
                    row.entry_id, kind, role, row.name, row.sex or "", row.born or "",
                    row.event or "", row.unit_id, row.book_id, row.year, row.number,
                    row.other or "",
                )  # fmt: skip


_Asked = tuple[Kind, str, Select[Any]]


def _births() -> _Asked:
    own = BirthRecord
    return Kind.BIRTH, "child", _asked(
        own, own.child_name, own.sex, own.birth_date, own.birth_date, own.mother_name
    )  # fmt: skip


def _marriages() -> tuple[_Asked, _Asked]:
    own = MarriageRecord
    day = own.registration_date
    return (
        (Kind.MARRIAGE, "husband",
         _asked(own, own.husband_name, "Nam", own.husband_birth_date, day, own.wife_name)),
        (Kind.MARRIAGE, "wife",
         _asked(own, own.wife_name, "Nữ", own.wife_birth_date, day, own.husband_name)),
    )  # fmt: skip


def _deaths() -> _Asked:
    own = DeathRecord
    return Kind.DEATH, "deceased", _asked(
        own, own.deceased_name, own.sex, own.birth_date, own.death_date, None
    )  # fmt: skip


def _asked(
    own: type[BirthRecord] | type[MarriageRecord] | type[DeathRecord],
    name: Any, sex: Any, born: Any, event: Any, other: Any,
) -> Select[Any]:  # fmt: skip
    columns = {
        "name": name,
        "sex": literal(sex) if isinstance(sex, str) else sex,
        "born": born,
        "event": event,
        "other": null() if other is None else other,
    }
    return (
        select(
            own.entry_id, own.unit_id, own.year, own.number, Entry.book_id,
            *(column.label(label) for label, column in columns.items()),
        )
        .join(Entry, Entry.id == own.entry_id)
        .where(name.is_not(None))
    )  # fmt: skip


def save_links(
    db: Database, suggestions: Sequence[Suggestion], *, actor: str, pause: float = 0.0
) -> int:
    """Bring the open suggestions up to date; what a person confirmed or refused stays.

    Written bit by bit: who saves an entry meanwhile waits for some hundred rows, not for all. A
    suggestion that is made again keeps its row, which somebody may just be looking at, and its
    figures too where they moved by less than is shown. One of an entry that has gone is left out.

    Args:
        db: the database.
        suggestions: all of the office.
        actor: for the audit log.
        pause: seconds between two bits, for others that write.

    Returns:
        How many are open now.

    Raises:
        StorageError: the database did not answer; what was written stays, and the rest comes with
            the next search.
    """
    with db.read() as connection:
        query = _KNOWN.execution_options(yield_per=_AT_ONCE)
        known = {tuple(row[1:5]): row for row in connection.execute(query)}
    open_ = 0
    for some in _chunks(suggestions):
        with db.write() as connection:
            take(connection, Lock.LINKS)
            open_ += _save(connection, some, known)
        time.sleep(pause)
    gone = [row.id for row in known.values() if row.state == LinkState.SUGGESTED]
    for ids in _chunks(gone):
        with db.write() as connection:
            these = EntryLink.id.in_(ids), EntryLink.state == LinkState.SUGGESTED
            connection.execute(delete(EntryLink).where(*these))
        time.sleep(pause)
    with db.write() as connection:
        record_event(connection, actor, "links.suggested", "office", {"links": open_})
    return open_


def _save(
    connection: Connection,
    suggestions: Sequence[Suggestion],
    known: dict[tuple[Any, ...], Row[*tuple[Any, ...]]],
) -> int:
    """Write some suggestions, taking their rows out of those ``known``; how many are open."""
    units = _units(connection, suggestions)
    fresh, changed = [], []
    open_ = 0
    for one in suggestions:
        row = known.pop((one.first, one.first_role, one.second, one.second_role), None)
        if row is not None and row.state != LinkState.SUGGESTED:
            continue
        if one.first not in units or one.second not in units:
            continue
        open_ += 1
        if row is None:
            fresh.append(_columns(one, units))
        elif (
            abs(row.weight - one.weight) >= _MOVED[0]
            or abs(row.probability - one.probability) >= _MOVED[1]
        ):
            changed.append(
                {
                    "link": row.id, "new_weight": one.weight,
                    "new_probability": one.probability, "new_reasons": _reasons(one),
                }
            )  # fmt: skip
    if fresh:  # another search may have put it there meanwhile
        dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
        statement = dialect.insert(EntryLink).values(made_at=Now()).on_conflict_do_nothing()
        connection.execute(statement, fresh)
    if changed:
        connection.execute(_CHANGE, changed)
    return open_


_KNOWN = select(
    EntryLink.id, EntryLink.first_entry_id, EntryLink.first_role, EntryLink.second_entry_id,
    EntryLink.second_role, EntryLink.state, EntryLink.weight, EntryLink.probability,
)  # fmt: skip
_CHANGE = (
    update(EntryLink)
    .where(
        EntryLink.id == bindparam("link"),
        EntryLink.state == LinkState.SUGGESTED,  # somebody may have said it meanwhile
    )
    .values(
        weight=bindparam("new_weight"), probability=bindparam("new_probability"),
        reasons=bindparam("new_reasons", type_=EntryLink.__table__.c.reasons.type), made_at=Now(),
    )
)  # fmt: skip


def _chunks(all_: Sequence[_T]) -> Iterator[Sequence[_T]]:
    step = _WRITTEN_AT_ONCE
    return (all_[at : at + step] for at in range(0, len(all_), step))


def _units(connection: Connection, suggestions: Sequence[Suggestion]) -> dict[int, str]:
    """Units of the entries that are still there; they stay while this transaction lasts."""
    ids = sorted({id_ for one in suggestions for id_ in (one.first, one.second)})
    query = (
        select(Entry.id, Book.unit_id)
        .join(Book, Book.id == Entry.book_id)
        .where(Entry.id.in_(ids))
        .order_by(Entry.id)
        .with_for_update(read=True, key_share=True, of=Entry)
    )
    return {row.id: row.unit_id for row in connection.execute(query)}


def _columns(one: Suggestion, units: Mapping[int, str]) -> dict[str, Any]:
    return {
        "relation": one.relation,
        "first_entry_id": one.first,
        "first_role": one.first_role,
        "first_unit_id": units[one.first],
        "second_entry_id": one.second,
        "second_role": one.second_role,
        "second_unit_id": units[one.second],
        "weight": one.weight,
        "probability": one.probability,
        "reasons": _reasons(one),
        "state": LinkState.SUGGESTED,
    }


def _reasons(one: Suggestion) -> list[list[Any]]:
    return [[each.what, each.level, each.weight] for each in one.reasons]


def judge_link(db: Database, link_id: int, *, right: bool, person: str) -> bool:
    """A person's word on a link; saying the other thing later is allowed. False: no such link."""
    state = LinkState.CONFIRMED if right else LinkState.REFUSED
    with db.write() as connection:
        query = select(EntryLink.__table__).where(EntryLink.id == link_id).with_for_update()
        link = connection.execute(query).first()
        if link is None:
            return False
        write_word(connection, link, state, person)
        return True


def write_word(
    connection: Connection, link: Row[*tuple[Any, ...]], state: LinkState, person: str
) -> None:
    """Keep a person's word on a link, a locked row; ``SUGGESTED`` takes theirs back."""
    said = state is not LinkState.SUGGESTED
    connection.execute(
        update(EntryLink)
        .where(EntryLink.id == link.id)
        .values(state=state, person_by=person if said else None, person_at=Now() if said else None)
    )
    places = subjects(connection, (link.first_entry_id, link.second_entry_id))
    detail = {
        "other": places[link.second_entry_id], "relation": str(link.relation),
        "roles": [link.first_role, link.second_role], "was": str(link.state), "is": str(state),
    }  # fmt: skip
    record_event(connection, person, "link.judged", places[link.first_entry_id], detail)


def subjects(connection: Connection, entry_ids: Iterable[int]) -> dict[int, str]:
    """Names of entries in the audit log."""
    rows = connection.execute(
        select(Entry.id, Book.code, Scan.number, Entry.position)
        .join(Scan, Scan.id == Entry.scan_id)
        .join(Book, Book.id == Entry.book_id)
        .where(Entry.id.in_(sorted(entry_ids)))
    ).mappings()
    return {row["id"]: entry_subject(row) for row in rows}


def find_entry_links(
    db: Database,
    *,
    book_id: int | None = None,
    entry_ids: Sequence[int] = (),
    state: LinkState | None = None,
    most: int | None = None,
) -> list[LinkRecord]:
    """Links, likelier first; of a book, or of some entries, or all of a state."""
    one, other = aliased(Entry), aliased(Entry)
    book, other_book = aliased(Book), aliased(Book)
    scan, other_scan = aliased(Scan), aliased(Scan)
    query = (
        select(
            EntryLink.__table__, book.code.label("book"), one.number.label("number"),
            scan.name.label("scan"), one.position.label("position"),
            other_book.code.label("other_book"), other.number.label("other_number"),
            other_scan.name.label("other_scan"), other.position.label("other_position"),
        )
        .join(one, one.id == EntryLink.first_entry_id)
        .join(book, book.id == one.book_id)
        .join(scan, scan.id == one.scan_id)
        .join(other, other.id == EntryLink.second_entry_id)
        .join(other_book, other_book.id == other.book_id)
        .join(other_scan, other_scan.id == other.scan_id)
        .order_by(EntryLink.probability.desc(), EntryLink.id)
    )  # fmt: skip
    if book_id is not None:
        query = query.where(or_(one.book_id == book_id, other.book_id == book_id))
    if entry_ids:
        query = query.where(or_(one.id.in_(entry_ids), other.id.in_(entry_ids)))
    if state is not None:
        query = query.where(EntryLink.state == state)
    with db.read() as connection:
        return [
            LinkRecord(
                row.id, row.relation,
                _place(row.book, row.number, row.scan, row.position), row.first_role,
                _place(row.other_book, row.other_number, row.other_scan, row.other_position),
                row.second_role, row.weight, row.probability,
                tuple(Reason(*reason) for reason in row.reasons), row.state,
                row.person_by or "", row.person_at,
                (row.first_entry_id, row.second_entry_id),
            )
            for row in connection.execute(query.limit(most))
        ]  # fmt: skip


def _place(book: str, number: str, scan: str, position: int) -> str:
    """As ``hotich show entry`` takes it."""
    return f"{book} {number or f'{scan}/{position}'}"
