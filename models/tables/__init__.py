"""All tables; importing this module fills ``Base.metadata``."""

from __future__ import annotations

from models.tables.adapters import Adapter
from models.tables.books import Batch, Book, Page, Scan
from models.tables.checks import CheckEntry, CheckRound, OfficeSetting
from models.tables.desk import (
    DeskUser,
    Draft,
    Keying,
    KeyingPlan,
    LoginTry,
    ReviewHold,
    ReviewMark,
    UserBatch,
    UserUnit,
    WebSession,
)
from models.tables.entries import Entry, FieldValue, FindingRow, Maker
from models.tables.intake import Delivery, DeliveryFile, PlannedBook, Replacement, WatchedBatch
from models.tables.jobs import EngineRun, PageJob
from models.tables.ledger import AuditEvent, BookCounter, DayCounter, DecadeCounter, UnitCounter
from models.tables.links import EntryLink, LinkRequest, LinkRun
from models.tables.meaning import TargetSetting, UnitCheck, UnitFinding
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
from models.tables.records import BirthRecord, DeathRecord, MarriageRecord, PersonKey
from models.tables.regrouping import Regrouping
from models.tables.release import ReleaseCorrection
from models.tables.units import Contractor, Unit

__all__ = [
    "Adapter",
    "AuditEvent",
    "Batch",
    "BirthRecord",
    "Book",
    "BookCounter",
    "CheckEntry",
    "CheckRound",
    "Contractor",
    "DayCounter",
    "DeathRecord",
    "DecadeCounter",
    "Delivery",
    "DeliveryFile",
    "DeskUser",
    "Draft",
    "EngineRun",
    "Entry",
    "EntryLink",
    "FieldValue",
    "FindingRow",
    "Keying",
    "KeyingPlan",
    "LinkRequest",
    "LinkRun",
    "LoginTry",
    "Maker",
    "MarriageRecord",
    "OfficeSetting",
    "Page",
    "PageJob",
    "PersonKey",
    "PlaceCode",
    "PlaceEvent",
    "PlaceLink",
    "PlaceLoad",
    "PlaceName",
    "PlaceParent",
    "PlaceType",
    "PlaceUnit",
    "PlannedBook",
    "Regrouping",
    "ReleaseCorrection",
    "Replacement",
    "ReviewHold",
    "ReviewMark",
    "Scan",
    "TargetSetting",
    "Unit",
    "UnitCheck",
    "UnitCounter",
    "UnitFinding",
    "UserBatch",
    "UserUnit",
    "WatchedBatch",
    "WebSession",
]
