"""A piece of an upload: written behind what is safe, checked, then made safe itself."""

from __future__ import annotations

import asyncio
import base64
import binascii
import errno
import fcntl
import hashlib
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

ALGORITHMS = ("sha256", "sha1")
"""Of tus' checksum extension; sha1 must be there (tus 1.0, Checksum)."""
_PIECE = 1 << 20
_SILENT_SECONDS = 30.0
"""A line that brings nothing for so long is dead; its upload may go on by another one."""
_FULL = (errno.ENOSPC, errno.EDQUOT)


class BusyError(Exception):
    """Another request writes this file just now."""


class WrongSumError(Exception):
    """The bytes are not those that the browser read."""


class NoRoomError(Exception):
    """The disk is full."""


class BadSumError(ValueError):
    """A checksum header that cannot be understood."""


@dataclass(frozen=True)
class Sum:
    """What the browser says its piece's digest is."""

    algorithm: str
    digest: bytes


def parse_sum(header: str) -> Sum | None:
    """``sha256 <base64>`` of an ``Upload-Checksum`` header; None where there is none.

    Raises:
        BadSumError: an unknown algorithm, or no base64.
    """
    if not header:
        return None
    algorithm, _, encoded = header.partition(" ")
    if algorithm not in ALGORITHMS:
        raise BadSumError(algorithm)
    try:
        return Sum(algorithm, base64.b64decode(encoded, validate=True))
    except (binascii.Error, ValueError) as error:
        raise BadSumError(encoded) from error


class Part:
    """A file under way, held by one request at a time (the kernel's lock ends with the process).

    ``safe`` bytes are known to be right; what lies behind them was left by a killed process and
    is cut off.

    Raises:
        BusyError: another request has it.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file: IO[bytes] = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._file.close()
            raise BusyError from error
        self.safe = 0
        self.at = 0

    def start(self, safe: int) -> None:
        """Write from here on; known only once the lock is held."""
        self.safe = self.at = safe
        self._file.truncate(safe)
        self._file.seek(safe)

    def write(self, piece: bytes) -> None:
        """Add bytes.

        Raises:
            NoRoomError: the disk is full.
        """
        try:
            self._file.write(piece)
            self._file.flush()
        except OSError as error:
            if error.errno in _FULL:
                raise NoRoomError from error
            raise
        self.at += len(piece)

    def keep(self) -> int:
        """Make all that was written safe on the disk; returns where it ends."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self.safe = self.at
        return self.safe

    def forget(self) -> None:
        """Cut off what is not safe."""
        self._file.truncate(self.safe)
        self.at = self.safe

    def close(self) -> None:
        """Let others have it."""
        self._file.close()


async def receive(
    part: Part, stream: AsyncIterator[bytes], expected: Sum | None, most: int
) -> tuple[int, bool]:
    """Take a piece in.

    Without a checksum, what came before a line broke is kept; with one, a piece is taken whole
    or not at all, because half of it cannot be checked.

    Returns:
        Where the safe bytes end now, and whether the line broke.

    Raises:
        WrongSumError: the digest differs; nothing of the piece is kept.
        NoRoomError: nothing of it is kept either.
        ValueError: more than ``most`` bytes came; nothing is kept.
    """
    summing = hashlib.new(expected.algorithm) if expected else None
    broken = False
    waiting = bytearray()
    taken = 0

    def write() -> None:
        if summing:
            summing.update(waiting)
        part.write(bytes(waiting))

    try:
        try:
            async for piece in _watched(stream):
                taken += len(piece)
                if taken > most:
                    raise ValueError("more than announced")
                waiting += piece
                if len(waiting) >= _PIECE:
                    await run_in_threadpool(write)
                    waiting.clear()
        except (ClientDisconnect, TimeoutError):
            broken = True
        if waiting:
            await run_in_threadpool(write)
        if expected and summing:
            if broken:
                part.forget()
                return part.safe, True
            if summing.digest() != expected.digest:
                raise WrongSumError
        return await run_in_threadpool(part.keep), broken
    except BaseException:
        part.forget()
        raise


async def _watched(stream: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    iterator = aiter(stream)
    while True:
        try:
            async with asyncio.timeout(_SILENT_SECONDS):
                piece = await anext(iterator)
        except StopAsyncIteration:
            return
        yield piece
