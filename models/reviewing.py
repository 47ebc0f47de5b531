"""Reviewing an entry: saving it, or giving it back with a reason.

What a person says of several fields is one transaction with version check, counters, record
and audit event. The queue stands in ``models.taking``, holds in ``models.holding``, the entry
itself in ``models.review_entry``; all of it can be had from here.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection, RowMapping, delete, insert, select, update

from models.audit import record_event
from models.clock import After, Now
from models.correcting import FieldChange, entry_subject, lock_entry, set_fields
from models.counters import add_to_counters, count_rows, difference
from models.database import Database
from models.entries import refresh_entries
from models.handling import note_handling
from models.holding import (
    Hold,
    as_seen,
    find_held,
    give_back,
    held_entry,
    hold_entry,
    holds_of,
    living_hold,
    may_reach,
    renew_hold,
)
from models.keyings import (
    Word,
    compare_second,
    note_first,
    note_test,
    planned_fields,
    settle,
    words_from,
    words_of,
)
from models.laid_down import Saved, proof_of
from models.repeating import with_values_above
from models.review_entry import (
    ReviewEntry,
    ReviewField,
    entry_for_review,
    load_entry,
)
from models.states import DeskState, EntryState, MarkKind, Task
from models.tables import Draft, Entry, ReviewHold, ReviewMark
from models.taking import take_next
from models.users import User
from models.voiding import make_room, with_void_field
from pipeline.errors import BadValueError, LostHoldError, ReleasedError, StaleEntryError
from pipeline.texts import Text
from pipeline.types import ValueState

__all__ = [
    "FieldChange", "Hold", "LostHold", "ReviewEntry", "ReviewField", "Saved",
    "StaleEntry", "ask_rescan", "entry_for_review", "escalate_entry", "give_back", "held_entry",
    "hold_entry", "holds_of", "living_hold", "may_reach", "renew_hold", "return_entry",
    "save_review", "skip_entry", "take_next", "with_void_field",
]  # fmt: skip

LONGEST_VALUE = 4000
"""Characters of one value: the longest notes of a register have some hundreds."""
LONGEST_REASON = 500
SKIP_HOURS = 12
"""A skipped entry is not offered to the same person before."""

LostHold = LostHoldError


class StaleEntry(StaleEntryError):  # noqa: N818 - what happened, not what went wrong
    """Somebody or the machine has changed the entry; ``current`` is how it stands.

    ``machine_only``: no person has, so that saving again with the version of ``current``
    overwrites nobody's word.
    """

    def __init__(self, current: ReviewEntry, *, machine_only: bool) -> None:
        super().__init__()
        self.current = current
        self.machine_only = machine_only


def save_review(
    db: Database,
    hold: Hold,
    version: int,
    changes: Sequence[FieldChange],
    *,
    user: User,
    keep: bool = False,
) -> Saved:
    """Write what a person says of an entry's fields, all or none, and give it back.

    A value confirmed as the machine has it is a change like any other: it becomes the person's.

    Args:
        db: the database.
        hold: the proof that the entry is theirs; one that ran out counts until somebody else
            takes the entry.
        version: of the entry as they saw it.
        changes: fields they set.
        user: who.
        keep: hold the entry on.

    Raises:
        BadValueError: a value is too long, holds control characters, or is said twice; in a
            blind keying: a field is missing.
        LostHold: somebody else has the entry, or it is gone.
        StaleEntry: it was changed since; nothing is written.
        LookupError: the entry has no such field.
    """
    changes = [_checked(change) for change in changes]
    if len({change.field for change in changes}) < len(changes):
        raise BadValueError(Text("một ô gửi hai lần", "a field is said twice").format())
    with db.write() as connection:
        place = _locked(connection, hold)
        changes = with_values_above(connection, place, changes)
        if hold.task is Task.TEST:
            note_test(connection, hold.entry_id, user.id, words_from(changes))
            note_handling(connection, hold, place["book_id"])
            _lay_down(connection, hold, user, keep=False)
            detail: dict[str, object] = {"fields": len(changes), "hold": proof_of(hold.token)}
            record_event(connection, user.login, "entry.tested", entry_subject(place), detail)
            return Saved(version + 1, True)
        if place["version"] != version:
            current = as_seen(connection, hold)
            raise StaleEntry(current, machine_only=version >= place["person_version"])
        changes = make_room(connection, place, changes)
        applied, keying = _keyed(connection, hold, place, changes, user)
        told = set_fields(
            connection, place, applied, user.login,
            reviewed_at=Now(), keying=keying, desk=DeskState.OPEN, sent_back=False,
        )  # fmt: skip
        note_handling(connection, hold, place["book_id"])
        _lay_down(connection, hold, user, keep=keep)
        state = connection.execute(
            select(Entry.state).where(Entry.id == hold.entry_id)
        ).scalar_one()
        detail = {
            "task": str(hold.task),
            "version": version + 1,
            "hold": proof_of(hold.token),
            "fields": {one["field"]: one["change"] for one in told},
        }
        record_event(connection, user.login, "entry.reviewed", entry_subject(place), detail)
    dittos = {ditto["id"] for one in told for ditto in one["change"].get("dittos", ())}
    settled = EntryState(state) is EntryState.SETTLED
    return Saved(version + 1, settled, tuple(sorted(dittos - {hold.entry_id})))


def skip_entry(db: Database, hold: Hold, reason: str, user: User) -> None:
    """Leave it to somebody else; it is not offered to this person for half a day.

    Raises:
        LostHold: it is no longer held.
    """
    _give_up(db, hold, reason, user, MarkKind.SKIPPED)


def escalate_entry(db: Database, hold: Hold, reason: str, user: User) -> None:
    """Leave it to a supervisor, with a reason.

    Raises:
        LostHold: it is no longer held.
    """
    _give_up(db, hold, reason, user, MarkKind.ESCALATED)


def ask_rescan(db: Database, hold: Hold, reason: str, user: User) -> None:
    """Say that its page must be scanned again, with a reason.

    Raises:
        LostHold: it is no longer held.
    """
    _give_up(db, hold, reason, user, MarkKind.RESCAN)


def return_entry(db: Database, user: User, entry_id: int) -> bool:
    """Put an escalated entry, or one to be rescanned, back into the queue (supervisors).

    Returns:
        False where it was not waiting, or is not theirs.
    """
    if not user.supervises or not may_reach(db, user, entry_id):
        return False
    with db.write() as connection:
        place = lock_entry(connection, entry_id)
        if place["desk"] not in (DeskState.ESCALATED, DeskState.RESCAN):
            return False
        _move(connection, place, DeskState.OPEN)
        record_event(connection, user.login, "entry.returned", entry_subject(place), {})
    return True


# --- inside -------------------------------------------------------------------------------------


def _locked(connection: Connection, hold: Hold) -> RowMapping:
    """The entry under its lock, the hold proved.

    Raises:
        LostHold: the hold is not there any more.
    """
    try:
        place = lock_entry(connection, hold.entry_id)
    except LookupError:
        raise LostHold() from None
    there = find_held(connection, hold.user_id, hold.entry_id)
    if there is None or there.token != hold.token:
        raise LostHold()
    return place


def _lay_down(connection: Connection, hold: Hold, user: User, *, keep: bool) -> None:
    if not keep:
        connection.execute(delete(ReviewHold).where(ReviewHold.entry_id == hold.entry_id))
    connection.execute(
        delete(Draft).where(Draft.entry_id == hold.entry_id, Draft.user_id == user.id)
    )


def _keyed(
    connection: Connection,
    hold: Hold,
    place: RowMapping,
    changes: Sequence[FieldChange],
    user: User,
) -> tuple[list[FieldChange], int]:
    """Keep the words as the keying they are; returns what becomes the entry's, and what is due."""
    entry_id, due = place["id"], place["keying"]
    words = words_from(changes)
    if hold.task is Task.SECOND and due == 2:
        first = words_of(connection, entry_id, 1)
        differing = compare_second(connection, entry_id, user.id, words)
        # The first person's words stand; what both agree on becomes a person's where the first
        # one only let it pass.
        entry = load_entry(connection, entry_id)
        spoken = {field.field for field in entry.fields if field.person_state is not None}
        applied = [
            change
            for change in changes
            if change.field not in first
            or (change.field not in differing and change.field not in spoken)
        ]
        return applied, 3 if differing else 0
    if due == 3 and (hold.task is Task.ARBITRATE or user.supervises):
        settle(connection, entry_id, user.id, words)
        return list(changes), 0
    plan = planned_fields(connection, place["book_id"])
    if plan is None or due == 3:
        return list(changes), due
    return list(changes), _first(connection, entry_id, due, words, plan, user)


def _first(
    connection: Connection,
    entry_id: int,
    due: int,
    words: dict[str, Word],
    plan: frozenset[str],
    user: User,
) -> int:
    """Note a first keying where one is due, or is done again by the same person."""
    before = words_of(connection, entry_id, 1)
    if before and due == 0:
        return 0  # both keyings are in: this is a later correction
    entry = load_entry(connection, entry_id)
    planned = [field for field in entry.fields if not plan or field.field in plan]
    passed = {field.field: Word(*field.shown) for field in planned}
    own = {name: word for name, word in words.items() if name in passed}
    note_first(connection, entry_id, user.id, {**passed, **own})
    return 2 if planned else 0


def _give_up(db: Database, hold: Hold, reason: str, user: User, kind: MarkKind) -> None:
    reason = _clean(" ".join(reason.split()))[:LONGEST_REASON]
    with db.write() as connection:
        place = _locked(connection, hold)
        skipped = kind is MarkKind.SKIPPED
        connection.execute(
            insert(ReviewMark).values(
                entry_id=hold.entry_id,
                user_id=user.id,
                kind=kind,
                reason=reason,
                at=Now(),
                until=After(3600.0 * SKIP_HOURS) if skipped else None,
            )
        )
        connection.execute(delete(ReviewHold).where(ReviewHold.entry_id == hold.entry_id))
        if not skipped and hold.task is not Task.TEST:
            _move(connection, place, DeskState(kind.value))
        action = f"entry.{kind.value}"
        detail = {"reason": reason, "hold": proof_of(hold.token)}
        record_event(connection, user.login, action, entry_subject(place), detail)


def _move(connection: Connection, place: RowMapping, desk: DeskState) -> None:
    """Another place to wait; an escalated entry stays one to review, so counters may move."""
    if place["state"] == EntryState.RELEASED:
        raise ReleasedError(entry_subject(place))
    before = count_rows(connection, scan_id=place["scan_id"])[place["book_id"]]
    connection.execute(update(Entry).where(Entry.id == place["id"]).values(desk=desk))
    refresh_entries(connection, [place["id"]])
    after = count_rows(connection, scan_id=place["scan_id"])[place["book_id"]]
    add_to_counters(connection, place["book_id"], difference(after, before))


def _checked(change: FieldChange) -> FieldChange:
    """The change with NFC text and, where the state has no value, without one.

    Raises:
        BadValueError: too long, or with control characters.
    """
    for text in (change.value, change.literal):
        if text is not None and len(text) > LONGEST_VALUE:
            raise BadValueError(
                Text("{field}: dài hơn {n} ký tự", "{field}: longer than {n} characters").format(
                    field=change.field[:40], n=LONGEST_VALUE
                )
            )
        if text is not None and _clean(text) != text:
            raise BadValueError(
                Text("{field}: có ký tự điều khiển", "{field}: has control characters").format(
                    field=change.field[:40]
                )
            )
    has_value = change.state in (ValueState.WRITTEN, ValueState.DITTO)
    value = unicodedata.normalize("NFC", change.value) if change.value and has_value else None
    literal = unicodedata.normalize("NFC", change.literal) if change.literal else None
    return replace(change, value=value, literal=literal)


def _clean(text: str) -> str:
    """Without control characters (but line feeds), lone surrogates and non-characters."""
    return "".join(
        letter for letter in text
        if letter == "\n" or unicodedata.category(letter) not in ("Cc", "Cs", "Cn")
    )  # fmt: skip
