"""Work and who does it: jobs with leases, runs of the engine."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigId, coded
from models.states import JobState, RunState, Stage

OPEN_JOBS = "state IN ('ready','leased')"
"""Literal in index and query alike: a bound parameter would hide the partial index."""


class PageJob(Base):
    """One scan to be digitized. The lease is the real guard; the engine may forget all."""

    __tablename__ = "page_job"
    __table_args__ = (
        UniqueConstraint("scan_id", "stage"),
        Index(
            "ix_page_job_open",
            "book_id",
            "id",
            sqlite_where=text(OPEN_JOBS),
            postgresql_where=text(OPEN_JOBS),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    scan_id: Mapped[int] = mapped_column(BigId, ForeignKey("scan.id", ondelete="CASCADE"))
    book_id: Mapped[int] = mapped_column(ForeignKey("book.id", ondelete="CASCADE"))
    stage: Mapped[Stage] = mapped_column(coded(Stage))
    state: Mapped[JobState] = mapped_column(coded(JobState))
    attempt: Mapped[int] = mapped_column(default=0)
    """How often it was taken; with the owner it makes a lease unmistakable."""
    failures: Mapped[int] = mapped_column(default=0)
    """How often the page itself failed. A killed worker is not the page's failure."""
    lease_owner: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    error_code: Mapped[str | None]
    error_text: Mapped[str | None]
    run_ref: Mapped[str | None]
    """Run of the engine that closed it."""


class EngineRun(Base):
    """A run of the engine over a book; ``heartbeat_at`` tells whether it still lives."""

    __tablename__ = "engine_run"
    __table_args__ = (UniqueConstraint("book_id", "attempt"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    book_id: Mapped[int] = mapped_column(ForeignKey("book.id", ondelete="CASCADE"))
    attempt: Mapped[int]
    kind: Mapped[str]
    external_id: Mapped[str | None]
    state: Mapped[RunState] = mapped_column(coded(RunState), index=True)
    started_at: Mapped[datetime]
    heartbeat_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
