"""Versions of an office's recalibration: files of its home, and which of them is in force."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pipeline.errors import SettingsError
from pipeline.reading.recalibrate import SHIPPED, Bend, Recalibration


def versions_folder(home: Path) -> Path:
    """Where a home keeps its versions, ``0001.json`` and on, and which is in force."""
    return home / "calibration" / "versions"


def save_version(folder: Path, made: Recalibration, account: Mapping[str, object]) -> Path:
    """Write a version beside the others; ``account`` says how it did and what became of it."""
    path = folder / f"{made.version:04d}.json"
    _write(path, {**asdict(made), "account": dict(account)})
    return path


def use_version(folder: Path, version: int) -> None:
    """Make a version the one in force; 0 is the shipped one."""
    _write(folder / "in-force.json", {"version": version})


def version_in_force(folder: Path) -> int:
    """Number of the version in force; 0 where the office has none.

    Raises:
        SettingsError: the file is there but cannot be used.
    """
    found = _read(folder / "in-force.json").get("version", 0)
    if not isinstance(found, int):
        raise SettingsError(f"calibration: {found!r}", where=str(folder / "in-force.json"))
    return found


def version_before(folder: Path) -> int:
    """The one that the version in force took the place of; 0 is the shipped one."""
    account = accounts(folder).get(version_in_force(folder), {})
    return int(account.get("over", 0))


def accounts(folder: Path) -> dict[int, dict[str, Any]]:
    """What is told of each version, by number."""
    paths = sorted(folder.glob("[0-9][0-9][0-9][0-9].json"))
    return {int(path.stem): dict(_read(path).get("account", {})) for path in paths}


def load_recalibration(home: Path) -> Recalibration:
    """The curves in force in a home.

    Raises:
        SettingsError: the files are there but cannot be used: nothing may be accepted then.
    """
    folder = versions_folder(home)
    version = version_in_force(folder)
    if not version:
        return SHIPPED
    return load_version(folder, version)


def load_version(folder: Path, version: int) -> Recalibration:
    """One version.

    Raises:
        SettingsError: it is missing or damaged.
    """
    path = folder / f"{version:04d}.json"
    found = _read(path)
    try:
        bends = {
            name: Bend(tuple(one["given"]), tuple(one["borne_out"]), int(one["fields"]))
            for name, one in found["bends"].items()
        }
        return Recalibration(int(found["version"]), str(found["data"]), bends)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise SettingsError(f"calibration: {error!r}", where=str(path)) from error


def _write(path: Path, data: Mapping[str, object]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".new")
    beside.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", "utf-8")
    beside.replace(path)


def _read(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        found = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise SettingsError(f"calibration: {error!r}", where=str(path)) from error
    if not isinstance(found, dict):
        raise SettingsError("calibration: no object", where=str(path))
    return found
