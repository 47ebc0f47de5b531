"""What a net has learned of one book: differences to the base weights, in a file of about 1 MB.

The file is an ``npz``: for each weight its differences as whole numbers of eight bits and a step
a row, and a note (JSON) that names the base weights and the lines it was learned from.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import WeightsError

FORMAT = 1
MOST_BYTES = 2_000_000
"""An adapter's file is no larger."""
_NOTE = "note"
_STEPS = "steps/"
_VALUES = "values/"

Fact = float | int | str


@dataclass(frozen=True, eq=False)
class Adapter:
    """What was learned of a book.

    Attributes:
        base: SHA-256 of the base weights, without which it means nothing.
        data: digest of the examples it was learned from.
        tensors: differences to weights of the base, by their names.
        facts: how it was learned, and how well it reads.
    """

    base: str
    data: str
    tensors: Mapping[str, NDArray[np.float16]]
    facts: Mapping[str, Fact] = field(default_factory=dict)


def rounded(tensors: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[np.float16]]:
    """Differences as they come back from a file."""
    return {name: _restored(*_packed(tensor)) for name, tensor in tensors.items()}


def write_adapter(adapter: Adapter, path: Path) -> str:
    """Writes an adapter, whole or not at all; gives the file's SHA-256.

    Raises:
        WeightsError: it would be larger than ``MOST_BYTES``.
        OSError: the disk does not take it.
    """
    note = {
        "format": FORMAT,
        "base": adapter.base,
        "data": adapter.data,
        "facts": dict(adapter.facts),
    }
    said = json.dumps(note, ensure_ascii=False, sort_keys=True).encode()
    arrays: dict[str, Any] = {_NOTE: np.frombuffer(said, np.uint8)}
    for name, tensor in sorted(adapter.tensors.items()):
        arrays[_VALUES + name], arrays[_STEPS + name] = _packed(tensor)
    stream = io.BytesIO()
    np.savez_compressed(stream, **arrays)
    data = stream.getvalue()
    if len(data) > MOST_BYTES:
        raise WeightsError(f"{len(data)} > {MOST_BYTES} B", where=str(path))
    fresh = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with fresh.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
    return hashlib.sha256(data).hexdigest()


def read_adapter(path: Path) -> Adapter:
    """The adapter of a file.

    Raises:
        WeightsError: missing, damaged, or of another format.
    """
    return read_with_digest(path)[0]


def read_with_digest(path: Path) -> tuple[Adapter, str]:
    """The same with the SHA-256 of the file.

    Raises:
        WeightsError: as above.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise WeightsError(f"{path.name}?", where=str(path.parent)) from error
    except OSError as error:
        raise WeightsError(error.strerror or str(error), where=str(path)) from error
    try:
        adapter = _decoded(data)
    except (
        ValueError,
        KeyError,
        TypeError,
        EOFError,
        OSError,
        zipfile.BadZipFile,
        zlib.error,
    ) as error:
        raise WeightsError(f"{error!r}"[:200], where=str(path)) from error
    return adapter, hashlib.sha256(data).hexdigest()


def _decoded(data: bytes) -> Adapter:
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        note = json.loads(arrays[_NOTE].tobytes())
        if note["format"] != FORMAT:
            raise ValueError(f"format {note['format']}, {FORMAT} wanted")
        names = [name.removeprefix(_VALUES) for name in arrays.files if name.startswith(_VALUES)]
        tensors = {name: _restored(arrays[_VALUES + name], arrays[_STEPS + name]) for name in names}
    if not all(np.isfinite(tensor).all() for tensor in tensors.values()):
        raise ValueError("inf, nan")
    return Adapter(str(note["base"]), str(note["data"]), tensors, dict(note["facts"]))


def _packed(tensor: NDArray[Any]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Whole numbers of -127..127 and the step of each row (first axis)."""
    exact = tensor.astype(np.float32)
    rows = exact.reshape(len(exact), -1) if exact.ndim > 1 else exact.reshape(1, -1)
    steps = np.abs(rows).max(axis=1) / np.float32(127)
    whole = np.rint(rows / np.where(steps > 0, steps, 1)[:, None])
    return whole.reshape(exact.shape).astype(np.int8), steps.astype(np.float32)


def _restored(whole: NDArray[np.int8], steps: NDArray[np.float32]) -> NDArray[np.float16]:
    rows = whole.reshape(len(steps), -1) * steps[:, None]
    return rows.reshape(whole.shape).astype(np.float16)
