"""Links as people see and judge them: the two entries side by side, and a word on them.

Whoever may not see both entries sees nothing of the link. An operator is also not told of an
entry that is being keyed twice: its values are hidden from whoever keys it the second time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import product
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    Boolean,
    CompoundSelect,
    Connection,
    Select,
    String,
    bindparam,
    exists,
    func,
    or_,
    select,
    true,
    union_all,
)

from models.audit import record_event
from models.database import Database
from models.linking import subjects, write_word
from models.states import DeskState, LinkState
from models.tables import (
    BirthRecord,
    Book,
    DeathRecord,
    Entry,
    EntryLink,
    MarriageRecord,
    Scan,
    Unit,
)
from models.users import User
from pipeline.checks.linking.blocks import Relation
from pipeline.checks.linking.find import Reason
from pipeline.errors import OutOfReachError
from pipeline.types import Kind

MOST_OF_ENTRY = 12
"""Links of one entry that are shown, the likeliest first."""
COUNTED = 1000
"""Open links of units beyond which it is only said that there are more."""
_KEYS = 2**63
_KEYED_TWICE = (DeskState.SECOND, DeskState.ARBITRATE)
_SHOWN = (LinkState.SUGGESTED, LinkState.CONFIRMED, LinkState.REFUSED)


class Facts(NamedTuple):
    """What an entry says of a person: EDTF dates; ``other`` is the mother, or the spouse."""

    name: str = ""
    sex: str = ""
    born: str = ""
    event: str = ""
    other: str = ""


@dataclass(frozen=True)
class LinkedEntry:
    """One side of a link: where the entry stands, and the person in it."""

    entry_id: int
    role: str
    kind: Kind
    unit: str
    """With its type: ``Xã An Thái``."""
    book: str
    year: int
    """In which the book was opened."""
    number: str
    scan: str
    position: int
    facts: Facts


@dataclass(frozen=True)
class LinkedPair:
    """A link with both its entries, ``first`` the earlier act, and what was said of it."""

    id: int
    relation: Relation
    first: LinkedEntry
    second: LinkedEntry
    weight: float
    probability: float
    reasons: tuple[Reason, ...]
    state: LinkState
    person: str
    at: datetime | None


@dataclass(frozen=True)
class Ruling:
    """What stands of a link now; ``kept`` False: somebody else had said something meanwhile."""

    kept: bool
    state: LinkState
    person: str
    at: datetime | None


def count_links(db: Database, user: User, entry_id: int) -> int:
    """How many links of an entry this person would be shown that nobody has refused."""
    asked = {**_scope(user), "entry": entry_id}
    states = [LinkState.SUGGESTED, LinkState.CONFIRMED]
    with db.read() as connection:
        return int(connection.execute(_counting(), {**asked, "states": states}).scalar_one())


def links_of_entry(
    db: Database, user: User, entry_id: int, *, again: bool = False
) -> list[LinkedPair]:
    """Links of an entry, those nobody has judged first, likeliest first.

    What is shown of other entries goes into the audit log, unless it is shown ``again``.
    """
    asked = {**_scope(user), "entry": entry_id, "states": list(_SHOWN)}
    with db.read() as connection:
        ids = list(connection.execute(_listing(), asked).scalars())
        pairs = _pairs(connection, ids)
        others = _others(pairs, entry_id)
        named = subjects(connection, {*others, entry_id}) if pairs else {}
    if pairs and not again:
        with db.write() as connection:
            detail = {"others": [named[one] for one in sorted(others) if one in named]}
            record_event(connection, user.login, "links.viewed", named[entry_id], detail)
    return pairs


def links_of_units(
    db: Database,
    user: User,
    units: Sequence[str],
    *,
    state: LinkState = LinkState.SUGGESTED,
    relation: Relation | None = None,
    start: int = 0,
    most: int = 20,
) -> list[LinkedPair]:
    """Links of the entries of some units, strongest first; one more than ``most`` if there is.

    The look goes into the audit log.
    """
    with db.read() as connection:
        ids = _of_units(connection, user, units, state, relation, start + most + 1)
        pairs = _pairs(connection, ids[start:])
        shown = {one.entry_id for pair in pairs for one in (pair.first, pair.second)}
        named = subjects(connection, shown) if pairs else {}
    if pairs:
        with db.write() as connection:
            detail = {"entries": [named[one] for one in sorted(shown)], "state": str(state)}
            record_event(connection, user.login, "links.listed", ",".join(units)[:200], detail)
    return pairs


def count_unit_links(
    db: Database, user: User, units: Sequence[str], *, most: int = COUNTED
) -> dict[Relation, int]:
    """How many open links some units have, of each relation one more than ``most`` at the most."""
    found = {}
    with db.read() as connection:
        for relation in Relation:
            ids = _of_units(connection, user, units, LinkState.SUGGESTED, relation, most + 1)
            found[relation] = len(ids)
    return found


def rule_on_link(
    db: Database,
    user: User,
    link_id: int,
    says: LinkState,
    *,
    was: LinkState,
    entry_id: int | None = None,
) -> Ruling:
    """Keep a person's word on a link; ``SUGGESTED`` takes back what was said.

    Args:
        db: the database.
        user: whose word it is; sees both entries.
        link_id: the link.
        says: their word.
        was: what they saw of it. Where that has changed, nothing is written.
        entry_id: one of the two entries, which an operator has in hand.

    Raises:
        OutOfReachError: no such link (any more), or not for this person, or not of that entry.
    """
    if not 0 < link_id < _KEYS:
        raise OutOfReachError()
    with db.write() as connection:
        query = select(EntryLink.__table__).where(EntryLink.id == link_id).with_for_update()
        link = connection.execute(query).first()
        if link is None or not user.reviews or (entry_id is None and not user.supervises):
            raise OutOfReachError()
        ends = (link.first_entry_id, link.second_entry_id)
        if entry_id is not None and entry_id not in ends:
            raise OutOfReachError()
        seen = select(Entry.id).join(Book, Book.id == Entry.book_id).where(_visible(entry_id))
        seen = seen.where(Entry.id.in_(ends))
        if len(connection.execute(seen, _scope(user)).all()) < 2:
            raise OutOfReachError()
        if link.state not in (was, says):
            return Ruling(False, link.state, link.person_by or "", link.person_at)
        if link.state != says:
            write_word(connection, link, says, user.login)
        link = connection.execute(query).one()
        return Ruling(True, link.state, link.person_by or "", link.person_at)


# --- which links --------------------------------------------------------------------------------


def _scope(user: User) -> dict[str, Any]:
    return {
        "everything": user.sees_all, "supervises": user.supervises,
        "units": sorted(user.units), "batches": sorted(user.batches),
    }  # fmt: skip


def _visible(own: int | None = None) -> Any:
    """Condition on ``entry`` and ``book``: a person of this scope may know of it."""
    everything = bindparam("everything", type_=Boolean()) == true()
    in_scope = or_(
        everything,
        Book.unit_id.in_(bindparam("units", expanding=True, type_=String())),
        Book.batch_id.in_(bindparam("batches", expanding=True, type_=BigInteger())),
    )
    supervises = bindparam("supervises", type_=Boolean()) == true()
    open_ = or_(supervises, Entry.desk.not_in(_KEYED_TWICE), Entry.id == (own or 0))
    return in_scope & open_ & ~Entry.voided


def _ends() -> CompoundSelect[Any]:
    """Links of ``entry`` in some ``states`` whose other entry may be known."""
    sides = (
        (EntryLink.first_entry_id, EntryLink.second_entry_id),
        (EntryLink.second_entry_id, EntryLink.first_entry_id),
    )
    return union_all(
        *(
            select(EntryLink.id, EntryLink.state, EntryLink.probability, EntryLink.weight)
            .join(Entry, Entry.id == other)
            .join(Book, Book.id == Entry.book_id)
            .where(
                own == bindparam("entry", type_=BigInteger()),
                EntryLink.state.in_(bindparam("states", expanding=True)),
                _visible(),
            )
            for own, other in sides
        )
    )


# Asked with every entry that is opened: building a statement costs more than answering it.
@lru_cache
def _counting() -> Select[Any]:
    return select(func.count()).select_from(_ends().subquery())


@lru_cache
def _listing() -> Select[Any]:
    ends = _ends().subquery()
    said = ends.c.state != LinkState.SUGGESTED
    order = (said, ends.c.probability.desc(), ends.c.weight.desc(), ends.c.id)
    return select(ends.c.id).order_by(*order).limit(MOST_OF_ENTRY)


def _of_units(
    connection: Connection,
    user: User,
    units: Sequence[str],
    state: LinkState,
    relation: Relation | None,
    most: int,
) -> list[int]:
    """The strongest links of these units: those of each unit and side stand in order in an index.

    Asked for several units at once, SQLite would go through the links of the whole office; and one
    statement of many parts takes longer to build than all of the small ones to answer.
    """
    asked = {**_scope(user), "state": state, "most": most}
    asked |= {"any": relation is None, "relation": relation or Relation.PERSON}
    found: dict[int, tuple[float, float, int]] = {}
    for side, unit in product(_sides(), sorted(set(units))):
        for row in connection.execute(side, {**asked, "unit": unit}):
            found[row.id] = (-row.probability, -row.weight, row.id)
    return sorted(found, key=lambda id_: found[id_])[:most]


@lru_cache
def _sides() -> tuple[Select[Any], Select[Any]]:
    """The strongest links of a ``unit``, by its entry that is first and by the one that is second.

    Both entries are known to the person, and not crossed out.
    """

    def side(unit: Any) -> Any:
        query = select(EntryLink.id, EntryLink.probability, EntryLink.weight).where(
            unit == bindparam("unit", type_=String()),
            EntryLink.state == bindparam("state", type_=EntryLink.__table__.c.state.type),
            or_(
                bindparam("any", type_=Boolean()) == true(),
                EntryLink.relation
                == bindparam("relation", type_=EntryLink.__table__.c.relation.type),
            ),
        )
        for end in (EntryLink.first_entry_id, EntryLink.second_entry_id):
            seen = exists().where(Entry.id == end, Book.id == Entry.book_id, _visible())
            query = query.where(seen.correlate(EntryLink))
        strongest = (EntryLink.probability.desc(), EntryLink.weight.desc())
        return query.order_by(*strongest).limit(bindparam("most", type_=BigInteger()))

    return side(EntryLink.first_unit_id), side(EntryLink.second_unit_id)


# --- what is shown of them ----------------------------------------------------------------------


def _pairs(connection: Connection, ids: Sequence[int]) -> list[LinkedPair]:
    if not ids:
        return []
    found = {
        row.id: row
        for row in connection.execute(select(EntryLink.__table__).where(EntryLink.id.in_(ids)))
    }
    rows = [found[id_] for id_ in ids if id_ in found]
    entries = {id_ for row in rows for id_ in (row.first_entry_id, row.second_entry_id)}
    places = {row.id: row for row in connection.execute(_PLACES, {"entries": sorted(entries)})}
    facts = _facts(connection, entries)

    def side(entry_id: int, role: str) -> LinkedEntry:
        at = places[entry_id]
        return LinkedEntry(
            entry_id, role, at.kind, f"{at.type} {at.unit}".strip(), at.code, at.year,
            at.number or "", at.scan, at.position, facts.get((entry_id, role), Facts()),
        )  # fmt: skip

    return [
        LinkedPair(
            row.id, row.relation, side(row.first_entry_id, row.first_role),
            side(row.second_entry_id, row.second_role), row.weight, row.probability,
            tuple(Reason(*reason) for reason in row.reasons), row.state, row.person_by or "",
            row.person_at,
        )
        for row in rows
    ]  # fmt: skip


_PLACES = (
    select(
        Entry.id, Entry.number, Entry.position, Book.code, Book.kind, Book.year,
        Scan.name.label("scan"), Unit.name.label("unit"), Unit.type,
    )
    .join(Book, Book.id == Entry.book_id)
    .join(Scan, Scan.id == Entry.scan_id)
    .join(Unit, Unit.id == Book.unit_id)
    .where(Entry.id.in_(bindparam("entries", expanding=True)))
)  # fmt: skip


def _facts(connection: Connection, entries: Iterable[int]) -> Mapping[tuple[int, str], Facts]:
    ids = sorted(entries)
    found: dict[tuple[int, str], Facts] = {}

    def put(row: Any, role: str, *said: str | None) -> None:
        found[row.entry_id, role] = Facts(*(one or "" for one in said))

    def rows(table: Any) -> Any:
        return connection.execute(select(table.__table__).where(table.entry_id.in_(ids)))

    for row in rows(BirthRecord):
        put(row, "child", row.child_name, row.sex, row.birth_date, row.birth_date, row.mother_name)
    for row in rows(MarriageRecord):
        day, wife, husband = row.registration_date, row.wife_name, row.husband_name
        put(row, "husband", husband, "Nam", row.husband_birth_date, day, wife)
        put(row, "wife", wife, "Nữ", row.wife_birth_date, day, husband)
    for row in rows(DeathRecord):
        put(row, "deceased", row.deceased_name, row.sex, row.birth_date, row.death_date)
    return found


def _others(pairs: Iterable[LinkedPair], entry_id: int) -> set[int]:
    ends = {one.entry_id for pair in pairs for one in (pair.first, pair.second)}
    return ends - {entry_id}
