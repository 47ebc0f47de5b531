"""What supervisors allow to be wrong, over what thresholds.yaml allows: the one rule of merging.

A target that a supervisor has set for a field type holds; a type for which nobody has, or for
which the last word was to go back, has that of the file. Books finished afterwards use it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Row, Select, func, insert, select

from models.audit import record_event
from models.clock import Now
from models.database import Database
from models.locks import Lock, take
from models.quality import counted_values
from models.tables import TargetSetting
from models.users import User
from pipeline.checks.acceptance import (
    Bars,
    bars,
    learned_spectra_file,
    load_spectra,
    save_spectra,
    spectra_in_force,
)
from pipeline.checks.at_hand import MOST_TARGET, AtHand, at_hand
from pipeline.errors import BadValueError, OutOfReachError
from pipeline.fields import FieldType
from pipeline.settings import DecisionThresholds, load_thresholds
from pipeline.texts import Text

NEWEST = 10_000
"""So many entries, those read last, stand for the books to come: a city has millions."""


@dataclass(frozen=True)
class TargetRecord:
    """A target as somebody set it; None: back to the file's."""

    field_type: str
    target: float | None
    reason: str
    by: str
    at: datetime


def targets_set(db: Database) -> dict[str, TargetRecord]:
    """What supervisors have set and not taken back, by field type."""
    with db.read() as connection:
        return _in_force(connection)


def target_history(db: Database, most: int = 100) -> list[TargetRecord]:
    """Who set what when and why, the newest first."""
    with db.read() as connection:
        query = _records().order_by(TargetSetting.id.desc()).limit(most)
        return [_record(row) for row in connection.execute(query)]


def targets_moved_at(db: Database) -> datetime | None:
    """When a target was last set; None where nobody ever has."""
    with db.read() as connection:
        return connection.execute(select(func.max(TargetSetting.at))).scalar()


def decision_in_force(db: Database, config: Path) -> DecisionThresholds:
    """The file's thresholds of the decision, with the targets that supervisors have set.

    Raises:
        SettingsError: the file cannot be used.
    """
    own = {name: one.target for name, one in targets_set(db).items() if one.target is not None}
    return load_thresholds(config).decision.with_targets(own)


def bars_in_force(db: Database, config: Path, home: Path) -> Bars:
    """From which probability fields are accepted now.

    Raises:
        SettingsError: thresholds or spectra cannot be used.
    """
    return bars(decision_in_force(db, config), spectra_in_force(config, home))


def set_target(
    db: Database, user: User, field_type: str, target: float | None, reason: str
) -> bool:
    """Allow another share of wrong values of a type; None goes back to the file's.

    Returns False, with nothing written, where that holds already.

    Raises:
        OutOfReachError: not a supervisor of all units.
        BadValueError: no such type, no share that may be allowed, or no reason.
    """
    if not user.supervises or not user.sees_all:
        raise OutOfReachError()
    if field_type not in list(FieldType):
        text = Text("không có loại trường {what}", "there is no field type {what}")
        raise BadValueError(text.format(what=field_type[:40]))
    if target is not None and not 0 <= target <= MOST_TARGET:
        text = Text("mức sai phải từ 0 đến {most:.0%}", "a target lies between 0 and {most:.0%}")
        raise BadValueError(text.format(most=MOST_TARGET))
    reason = " ".join(reason.split())
    if not reason:
        raise BadValueError(Text("cần ghi lý do", "a reason must be given").format())
    with db.write() as connection:
        take(connection, Lock.TARGETS)
        before = _in_force(connection).get(field_type)
        was = before.target if before else None
        if was == target:
            return False
        connection.execute(
            insert(TargetSetting).values(
                field_type=field_type, target=target, reason=reason, by=user.login, at=Now()
            )
        )
        detail = {"was": was, "is": target, "reason": reason}
        record_event(connection, user.login, "target.set", field_type, detail)
    return True


def values_at_hand(db: Database, config: Path, home: Path) -> AtHand:
    """The newest values, for a plan; bars are those in force.

    Raises:
        SettingsError: thresholds or spectra cannot be used.
    """
    known = spectra_in_force(config, home)
    return at_hand(counted_values(db, newest=NEWEST), bars_in_force(db, config, home), known)


def learn_bars(db: Database, found: AtHand, home: Path, *, actor: str) -> Path:
    """Take the bars from these values from now on; returns the file they were written to.

    Types of which there is none keep the spectrum they have.
    """
    path = learned_spectra_file(home)
    save_spectra({**load_spectra(path), **found.spectra}, path, "values of this home")
    with db.write() as connection:
        fields = {name: one.fields for name, one in found.spectra.items()}
        record_event(connection, actor, "target.bars_learned", "office", {"fields": fields})
    return path


def _records() -> Select[str, float | None, str, str, datetime]:
    return select(
        TargetSetting.field_type, TargetSetting.target, TargetSetting.reason, TargetSetting.by,
        TargetSetting.at,
    )  # fmt: skip


def _record(row: Row[str, float | None, str, str, datetime]) -> TargetRecord:
    return TargetRecord(row.field_type, row.target, row.reason, row.by, row.at)


def _in_force(connection: Connection) -> dict[str, TargetRecord]:
    newest = select(func.max(TargetSetting.id)).group_by(TargetSetting.field_type)
    query = _records().where(TargetSetting.id.in_(newest), TargetSetting.target.is_not(None))
    return {row.field_type: _record(row) for row in connection.execute(query)}
