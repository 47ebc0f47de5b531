"""What was fitted and lies in a JSON file: read one way, refused one way."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from pipeline.errors import SettingsError

T = TypeVar("T")


def load_fitted(
    path: Path, what: str, build: Callable[[Any], T], missing: Callable[[], T] | None = None
) -> T:
    """What ``build`` makes of the JSON in a file.

    Args:
        path: the file.
        what: name of it in the refusal, e.g. ``calibration``.
        build: takes what the JSON holds; may raise ValueError, KeyError, TypeError or
            AttributeError where that is not what was written.
        missing: what stands for a file that is not there; without it, that is refused too.

    Raises:
        SettingsError: the file cannot be used.
    """
    if missing is not None and not path.exists():
        return missing()
    try:
        return build(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SettingsError(f"{what}: {error!r}", where=str(path)) from error
