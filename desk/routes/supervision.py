"""All that supervisors have: progress, sign-off, quality, search, operations."""

from __future__ import annotations

from desk.routes import (
    checks,
    links,
    operations,
    progress,
    quality,
    release,
    report,
    search,
    targets,
    unit_rules,
)

ROUTERS = (
    progress.router, unit_rules.router, links.router, release.router, search.router, quality.router,
    targets.router, checks.router, report.router, operations.router,
)  # fmt: skip
