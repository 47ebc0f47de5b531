"""What digitizing cost, as stored with the scans."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import select

from models.database import Database
from models.tables import Scan


def stage_seconds(db: Database) -> dict[str, float]:
    """CPU seconds per stage, over all scans, in the order of the stages."""
    totals: Counter[str] = Counter()
    with db.read() as connection:
        for seconds in connection.execute(select(Scan.seconds)).scalars():
            totals.update(seconds or {})
    return dict(totals)
