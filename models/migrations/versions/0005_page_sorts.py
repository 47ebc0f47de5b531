"""What each page is and how surely, and the totals of closing statements

Revision 0005, after 0004.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True)


def upgrade() -> None:
    # Empty on pages sorted before: nobody knew how surely.
    op.add_column("page", sa.Column("class_probability", sa.Double(), nullable=True))
    op.add_column("page", sa.Column("reasons", JSON, nullable=True))
    op.add_column("page", sa.Column("totals", JSON, nullable=True))
