"""The states that books, scans, jobs and entries go through."""

from __future__ import annotations

from enum import StrEnum


class Stage(StrEnum):
    """What a book or a job is at. Later stages (review, release) add themselves here."""

    DIGITIZE = "digitize"


class BookState(StrEnum):
    """Where a book stands within its stage."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    ATTENTION = "attention"
    """Finished, but scans are missing: to rescan, quarantined, or without trusted boxes."""


class ScanState(StrEnum):
    """What came of a scan."""

    WAITING = "waiting"
    READ = "read"
    ATTENTION = "attention"
    """Its boxes could not be trusted: nothing was read, a person keys it."""
    RESCAN = "rescan"
    QUARANTINED = "quarantined"


class JobState(StrEnum):
    """``ready`` → ``leased`` → one of the other three, or back to ``ready``."""

    READY = "ready"
    LEASED = "leased"
    DONE = "done"
    QUARANTINED = "quarantined"
    RESCAN = "rescan"


class EntryState(StrEnum):
    """Whether a person has to look at an entry."""

    REVIEW = "review"
    SETTLED = "settled"
    RELEASED = "released"
    """Signed off by a supervisor: its values change only by a recorded correction."""


class RunState(StrEnum):
    """State of a run of the engine, as we see it."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class LinkState(StrEnum):
    """What is said of a link between entries."""

    SUGGESTED = "suggested"
    CONFIRMED = "confirmed"
    """A person says that they belong together."""
    REFUSED = "refused"
    """A person says that they do not."""


class AdapterState(StrEnum):
    """What became of an attempt to learn a hand."""

    ACTIVE = "active"
    """Read with it."""
    SUPERSEDED = "superseded"
    """A later one took its place."""
    ROLLED_BACK = "rolled_back"
    """Learned, and of no help on lines kept apart: never read with."""
    REVERTED = "reverted"
    """Taken back by a person."""
    SKIPPED = "skipped"
    """Nothing was learned: too few lines whose text is known."""
    FAILED = "failed"
    """Learning ended with an error."""


class Role(StrEnum):
    """What a person may do at the desk; each role may what the one before may, but contractors."""

    CONTRACTOR = "contractor"
    """Sees the batches of their firm; never an entry."""
    OPERATOR = "operator"
    """Reviews the entry in hand."""
    SUPERVISOR = "supervisor"
    """Sees all entries of their units, settles doubts, plans second keyings."""
    ADMIN = "admin"
    """Also users."""


class DeskState(StrEnum):
    """Whom an entry waits for."""

    OPEN = "open"
    """An operator."""
    SECOND = "second"
    """Another operator, who keys it without seeing the first one's words."""
    ARBITRATE = "arbitrate"
    """A third one: the two keyings differ."""
    ESCALATED = "escalated"
    """A supervisor."""
    RESCAN = "rescan"
    """A better picture."""
    DONE = "done"
    """Nobody."""


class Task(StrEnum):
    """What is to be done with a held entry."""

    REVIEW = "review"
    SECOND = "second"
    ARBITRATE = "arbitrate"
    TEST = "test"
    """Its values are known; the person does not know that they are."""
    INSPECT = "inspect"
    """Somebody asked for this one: a supervisor, or its operator once more."""


class MarkKind(StrEnum):
    """Why an entry was given back unfinished."""

    SKIPPED = "skipped"
    ESCALATED = "escalated"
    RESCAN = "rescan"


class DeliveryState(StrEnum):
    """Where a contractor's delivery stands on its way to being a batch."""

    OPEN = "open"
    """Files come in."""
    CHECKING = "checking"
    CHECKED = "checked"
    """Waits for the contractor to confirm what the books are."""
    QUEUEING = "queueing"
    QUEUED = "queued"
    """A batch now."""
    FAILED = "failed"
    """It cannot be taken as it is; more or other files may come."""
    WITHDRAWN = "withdrawn"
