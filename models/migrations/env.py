"""Run by Alembic; the connection and its transaction come from ``models.migrating``."""

from __future__ import annotations

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from alembic.autogenerate.api import AutogenContext

from models import tables  # noqa: F401 - fills the metadata
from models.base import Base, Moment
from models.migrations import VERSION_TABLE


def _plain(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """A migration must not change when our own types do: write what the database sees."""
    if kind == "type" and isinstance(item, Moment):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, sa.Enum):
        return f"sa.String({item.length})"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    version_table=VERSION_TABLE,
    render_as_batch=True,  # SQLite alters a table by copying it
    render_item=_plain,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
