"""All that supervisors have: progress, sign-off, quality, search, operations."""

from __future__ import annotations

from desk.routes import operations, progress, quality, release, report, search

ROUTERS = (
    progress.router, release.router, search.router, quality.router, report.router,
    operations.router,
)  # fmt: skip
