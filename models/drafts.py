"""What a person has typed and not saved: outlives hold, session, network and server."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite

from models.base import to_json
from models.clock import Now
from models.database import Database
from models.tables import Draft, Entry
from pipeline.errors import BadValueError, OutOfReachError
from pipeline.texts import Text

LONGEST_DRAFT = 200_000
"""Characters of a draft as JSON: 30 fields of the longest value have 120,000."""


@dataclass(frozen=True)
class KeptDraft:
    """A draft with the version of the entry it was begun on; ``fields`` is the page's own."""

    entry_id: int
    version: int
    fields: dict[str, Any]
    at: datetime


def save_draft(
    db: Database, user_id: int, entry_id: int, version: int, fields: dict[str, Any]
) -> None:
    """Keep what is typed so far in place of what was kept before.

    Who may do so is not asked here; an entry that is not there cannot have a draft.

    Raises:
        BadValueError: too large, or with a character that no database stores.
        OutOfReachError: there is no such entry.
    """
    plain = to_json(fields)
    if len(plain) > LONGEST_DRAFT:
        raise BadValueError(Text("bản nháp quá dài", "the draft is too long").format())
    if "\\u0000" in plain:
        raise BadValueError(Text("ký tự không hợp lệ", "a character is not allowed").format())
    columns = {"version": version, "fields": fields, "at": Now()}
    with db.write() as connection:
        if connection.execute(select(Entry.id).where(Entry.id == entry_id)).first() is None:
            raise OutOfReachError()
        dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
        connection.execute(
            dialect.insert(Draft)
            .values(user_id=user_id, entry_id=entry_id, **columns)
            .on_conflict_do_update(index_elements=["user_id", "entry_id"], set_=columns)
        )


def load_draft(db: Database, user_id: int, entry_id: int) -> KeptDraft | None:
    """A person's draft of an entry."""
    with db.read() as connection:
        row = connection.execute(
            select(Draft.version, Draft.fields, Draft.at).where(
                Draft.user_id == user_id, Draft.entry_id == entry_id
            )
        ).first()
    return None if row is None else KeptDraft(entry_id, row.version, row.fields, row.at)


def drafts_of(db: Database, user_id: int) -> list[KeptDraft]:
    """All drafts of a person, newest first."""
    with db.read() as connection:
        rows = connection.execute(
            select(Draft.entry_id, Draft.version, Draft.fields, Draft.at)
            .where(Draft.user_id == user_id)
            .order_by(Draft.at.desc())
        ).all()
    return [KeptDraft(row.entry_id, row.version, row.fields, row.at) for row in rows]


def drop_draft(db: Database, user_id: int, entry_id: int) -> None:
    """Throw a draft away; none there is as well."""
    with db.write() as connection:
        connection.execute(
            delete(Draft).where(Draft.user_id == user_id, Draft.entry_id == entry_id)
        )
