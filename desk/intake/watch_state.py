"""What the last look at the watched place came to: kept for the operations page, without a lock."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from desk.intake.said import said_of
from pipeline.errors import HotichError
from pipeline.texts import Language

_FILE = "watch-state.json"
_MOST = 20
"""Places named of each sort."""


@dataclass(frozen=True)
class WatchState:
    """A look: when, where, and places by what became of them, or why it came to nothing."""

    at: datetime
    place: str
    error: dict[str, dict[str, str]] | None = None
    """By language: ``what``, ``advice``."""
    waiting: tuple[str, ...] = ()
    strange: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()

    def said(self, language: Language) -> dict[str, str]:
        """The error in a language; empty where there was none."""
        return (self.error or {}).get(language, {})


def keep_look(
    room: Path,
    place: str,
    *,
    error: HotichError | None = None,
    waiting: Sequence[str] = (),
    strange: Sequence[str] = (),
    failed: Sequence[str] = (),
) -> None:
    """Write it down in the folder of the deliveries, whole or not at all."""
    told = said_of(error) if error is not None else None
    state = WatchState(
        datetime.now(UTC), place, told and {name: told[name] for name in ("vi", "en")},
        tuple(waiting[:_MOST]), tuple(strange[:_MOST]), tuple(failed[:_MOST]),
    )  # fmt: skip
    room.mkdir(parents=True, exist_ok=True)
    part = room / f"{_FILE}.part"
    part.write_text(json.dumps({**asdict(state), "at": state.at.isoformat()}), "utf-8")
    part.replace(room / _FILE)


def last_look(room: Path) -> WatchState | None:
    """The last one; None where nobody ever looked."""
    try:
        row = json.loads((room / _FILE).read_text("utf-8"))
        lists = {name: tuple(row[name]) for name in ("waiting", "strange", "failed")}
        return WatchState(
            datetime.fromisoformat(row["at"]), row["place"], row["error"], **lists
        )  # fmt: skip
    except (OSError, ValueError, TypeError, KeyError):
        return None
