"""All tables; importing this module fills ``Base.metadata``."""

from __future__ import annotations

from models.tables.adapters import Adapter
from models.tables.books import Batch, Book, Page, Scan
from models.tables.entries import Entry, FieldValue, FindingRow, Maker
from models.tables.jobs import EngineRun, PageJob
from models.tables.ledger import AuditEvent, BookCounter, UnitCounter
from models.tables.links import EntryLink
from models.tables.places import (
    PlaceCode,
    PlaceEvent,
    PlaceLink,
    PlaceLoad,
    PlaceName,
    PlaceParent,
    PlaceType,
    PlaceUnit,
)
from models.tables.records import BirthRecord, DeathRecord, MarriageRecord
from models.tables.units import Contractor, Unit

__all__ = [
    "Adapter",
    "AuditEvent",
    "Batch",
    "BirthRecord",
    "Book",
    "BookCounter",
    "Contractor",
    "DeathRecord",
    "EngineRun",
    "Entry",
    "EntryLink",
    "FieldValue",
    "FindingRow",
    "Maker",
    "MarriageRecord",
    "Page",
    "PageJob",
    "PlaceCode",
    "PlaceEvent",
    "PlaceLink",
    "PlaceLoad",
    "PlaceName",
    "PlaceParent",
    "PlaceType",
    "PlaceUnit",
    "Scan",
    "Unit",
    "UnitCounter",
]
