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
