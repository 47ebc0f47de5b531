"""Indexes that hold all that a search by name asks

Revision 0013, after 0012.
"""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_person_key_sound": ["sound", "entry_id"],
    "ix_person_key_ends": ["ends", "sound", "entry_id"],
}


def upgrade() -> None:
    for name, columns in INDEXES.items():
        op.drop_index(name, table_name="person_key")
        op.create_index(name, "person_key", columns)
