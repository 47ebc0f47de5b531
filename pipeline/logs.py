"""Structured logs: one JSON object a line, with ids of what it is about and no personal value.

``{"at": "2026-01-05T03:12:00.123Z", "level": "INFO", "of": "hotich.flows", "says": "scan read",
"book": "xa-an-thai.an-lao.KS.2008.01", "unit": "hp-an-thai", "scan": 12, …}``

Of an exception stand its class and the places it passed, never its text: that may quote what a
book says. Of our own errors the code stands too. Lines go to a file of the home; a second
process of the same role appends to the same file, a line at a time.
"""

from __future__ import annotations

import json
import logging
import time
import traceback
from pathlib import Path

from pipeline.errors import HotichError

LOGGER = "hotich"
LARGEST = 20_000_000
"""Bytes after which a log starts anew, the old one beside it."""
IDS = ("unit", "batch", "book", "scan", "entry", "run", "state", "code", "seconds", "path")
"""What a record may carry besides its message (``extra=``); everything else is left out."""


class JsonLines(logging.Formatter):
    """A record as a line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        told: dict[str, object] = {
            "at": f"{moment}.{int(record.msecs):03d}Z", "level": record.levelname,
            "of": record.name, "says": _message(record),
        }  # fmt: skip
        told |= {name: getattr(record, name) for name in IDS if hasattr(record, name)}
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            told["error"] = type(error).__name__
            told["where"] = [
                f"{Path(frame.filename).name}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_tb(error.__traceback__)
                if "site-packages" not in frame.filename  # of ours, from the outermost
            ]
        return json.dumps(told, ensure_ascii=False, default=str)


def log_to(folder: Path, role: str) -> Path:
    """Let our logs go to ``<folder>/<role>.jsonl`` too; again changes nothing.

    Args:
        folder: logs of the home; made where it is missing.
        role: desk, engine.
    """
    path = folder / f"{role}.jsonl"
    logger = logging.getLogger(LOGGER)
    there = [one for one in logger.handlers if isinstance(one, logging.FileHandler)]
    if any(Path(one.baseFilename) == path for one in there):
        return path
    folder.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > LARGEST:
        path.replace(path.with_suffix(".old.jsonl"))
    handler = logging.FileHandler(path, encoding="utf-8", delay=True)
    handler.setFormatter(JsonLines())
    logger.addHandler(handler)
    if logger.level in (logging.NOTSET, logging.WARNING):
        logger.setLevel(logging.INFO)
    return path


def _message(record: logging.LogRecord) -> str:
    """The message; an error in it is told by its code or class alone."""
    arguments = record.args
    if isinstance(arguments, tuple) and any(isinstance(one, BaseException) for one in arguments):
        named = tuple(_named(one) for one in arguments)
        return str(record.msg) % named
    return record.getMessage()


def _named(argument: object) -> object:
    if isinstance(argument, HotichError):
        return argument.code
    return type(argument).__name__ if isinstance(argument, BaseException) else argument
