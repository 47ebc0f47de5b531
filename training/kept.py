"""Examples kept in a file, so that a fit can be made again without reading its books anew."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pydantic import TypeAdapter

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")


def read_kept(file: Path, kind: type[T]) -> list[T]:
    """The examples of a file, one a line (JSON); ``kind`` is their dataclass.

    Raises:
        OSError: it cannot be read.
        pydantic.ValidationError: it holds examples of another kind.
    """
    reader = TypeAdapter(kind)
    return [reader.validate_python(json.loads(row)) for row in file.read_text("utf-8").splitlines()]


def kept_or_made(file: Path | None, kind: type[T], make: Callable[[], Iterable[T]]) -> list[T]:
    """The examples of a file; where it is not there yet they are made, and written to it.

    Args:
        file: as :func:`read_kept` reads it; None makes them and keeps nothing.
        kind: their dataclass, whose fields may be dataclasses.
        make: makes them. What is cut short is not kept: a part would be taken for the whole.

    Raises:
        pydantic.ValidationError: the file holds examples of another kind.
    """
    if file is not None and file.exists():
        return read_kept(file, kind)
    found = list(make())
    if file is not None:
        file.write_text("".join(f"{json.dumps(asdict(one))}\n" for one in found), "utf-8")
    return found
