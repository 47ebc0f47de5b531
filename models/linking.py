"""Links between entries: who is to be compared, what was suggested, what people said of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, insert, literal, null, or_, select, update
from sqlalchemy.orm import aliased

from models.audit import record_event
from models.clock import Now
from models.database import Database
from models.locks import Lock, take
from models.states import LinkState
from models.tables import BirthRecord, Book, DeathRecord, Entry, EntryLink, MarriageRecord, Scan
from pipeline.checks.linking.blocks import Relation
from pipeline.checks.linking.find import Reason, Suggestion
from pipeline.checks.linking.people import Mention
from pipeline.types import Kind

_AT_ONCE = 5000


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


def save_links(db: Database, suggestions: Sequence[Suggestion], *, actor: str) -> int:
    """Put suggestions in place of the open ones; what a person confirmed or refused stays.

    Returns how many are open now.
    """
    with db.write() as connection:
        take(connection, Lock.LINKS)
        connection.execute(delete(EntryLink).where(EntryLink.state == LinkState.SUGGESTED))
        said = {
            tuple(row)
            for row in connection.execute(
                select(
                    EntryLink.first_entry_id, EntryLink.second_entry_id,
                    EntryLink.first_role, EntryLink.second_role,
                )
            )
        }  # fmt: skip
        rows = [
            {
                "relation": one.relation,
                "first_entry_id": one.first,
                "first_role": one.first_role,
                "second_entry_id": one.second,
                "second_role": one.second_role,
                "weight": one.weight,
                "probability": one.probability,
                "reasons": [[each.what, each.level, each.weight] for each in one.reasons],
                "state": LinkState.SUGGESTED,
            }
            for one in suggestions
            if (one.first, one.second, one.first_role, one.second_role) not in said
        ]
        for at in range(0, len(rows), _AT_ONCE):
            some = rows[at : at + _AT_ONCE]
            connection.execute(insert(EntryLink).values(made_at=Now()), some)
        record_event(connection, actor, "links.suggested", "office", {"links": len(rows)})
        return len(rows)


def judge_link(db: Database, link_id: int, *, right: bool, person: str) -> bool:
    """A person's word on a link; saying the other thing later is allowed. False: no such link."""
    state = LinkState.CONFIRMED if right else LinkState.REFUSED
    with db.write() as connection:
        was = connection.execute(
            select(EntryLink.state).where(EntryLink.id == link_id).with_for_update()
        ).scalar()
        if was is None:
            return False
        connection.execute(
            update(EntryLink)
            .where(EntryLink.id == link_id)
            .values(state=state, person_by=person, person_at=Now())
        )
        detail = {"was": str(was), "is": str(state)}
        record_event(connection, person, "link.judged", f"link {link_id}", detail)
        return True


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
