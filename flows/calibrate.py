"""What people's words say of the probabilities: ``hotich calibrate``.

reviewed fields of all books → a part kept apart by book → curves over the shipped calibrators →
compared with those in force → a version in the home, switched to only if better. Probabilities
change when a book is finished next; a person's word is never touched.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from models import Database, judged_values, record_calibration
from pipeline.evaluation.recalibrated import HeldOut, compare_calibrations
from pipeline.reading.recalibrate import SHIPPED, Judged, Recalibration, parted, recalibrate
from pipeline.reading.recalibrated import (
    accounts,
    load_recalibration,
    save_version,
    use_version,
    version_before,
    version_in_force,
    versions_folder,
)
from pipeline.settings import Settings, load_thresholds


@dataclass(frozen=True)
class Calibrated:
    """What calibrating came to. ``version`` of 0: there was too little to learn from."""

    reviewed: int
    books: int
    wanted: int
    """Fields below which nothing is fitted."""
    version: int = 0
    in_force: bool = False
    compared: HeldOut | None = None
    fitted: tuple[Judged, ...] = ()
    held: tuple[Judged, ...] = ()
    before: Recalibration = SHIPPED
    after: Recalibration = SHIPPED


def calibrate_office(
    database: Database, settings: Settings, *, actor: str, dry: bool = False
) -> Calibrated:
    """Fit the office's curves anew, and switch to them where they are better.

    Args:
        database: ours.
        settings: the home.
        actor: who asked, for the log.
        dry: only say what would be learned from, and compare.

    Raises:
        SettingsError: the curves in force cannot be used.
        StorageError: disk or database; nothing is half done.
    """
    limits = load_thresholds(settings.config).recalibration
    folder = versions_folder(settings.resolved_home)
    before = load_recalibration(settings.resolved_home)
    judged = judged_values(database)
    books = len({one.book for one in judged})
    fitted, held = parted(judged, limits.held_back)
    if len(judged) < limits.least_fields or not fitted or not held:
        return Calibrated(
            len(judged), books, limits.least_fields, fitted=tuple(judged), before=before
        )
    version = max(accounts(folder), default=0) + 1
    data = f"{len(fitted)} reviewed fields of {len({one.book for one in fitted})} books"
    after = recalibrate(fitted, limits, version, data)
    compared = compare_calibrations(held, before, after)
    done = Calibrated(
        len(judged), books, limits.least_fields, version, compared.worth_it and not dry,
        compared, fitted, held, before, after,
    )  # fmt: skip
    if not dry:
        save_version(folder, after, _account(done, actor))
        if done.in_force:
            use_version(folder, version)
        detail = {"version": version, "in_force": done.in_force, "fields": len(judged)}
        record_calibration(database, "learned", detail, actor=actor)
    return done


def _account(done: Calibrated, actor: str) -> dict[str, Any]:
    assert done.compared is not None
    return {
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "by": actor,
        "taken": done.in_force,
        "over": done.before.version,
        "reviewed": done.reviewed,
        "books": done.books,
        "compared": asdict(done.compared),
    }


def use_calibration(database: Database, settings: Settings, version: int, *, actor: str) -> bool:
    """Make a version the one in force, 0 the shipped; False where there is none such."""
    folder = versions_folder(settings.resolved_home)
    if version and version not in accounts(folder):
        return False
    use_version(folder, version)
    record_calibration(database, "used", {"version": version}, actor=actor)
    return True


def revert_calibration(database: Database, settings: Settings, *, actor: str) -> int | None:
    """Back to what was in force before; returns that version, None where none of ours is."""
    folder = versions_folder(settings.resolved_home)
    if not version_in_force(folder):
        return None
    before = version_before(folder)
    use_version(folder, before)
    record_calibration(database, "reverted", {"version": before}, actor=actor)
    return before
