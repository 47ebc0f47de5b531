"""Addresses of pictures: signed, bound to one session, good for a while, guessed by nobody."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from pipeline.types import Polygon

LIFETIME_SECONDS = 2 * 3600
_ROUND_SECONDS = 1800
"""Expiry is rounded up to this, so that a page's addresses stay the same and browsers may keep
what they have."""
_SIGNATURE_BYTES = 16


@dataclass(frozen=True)
class PictureAddress:
    """What an address shows: a scan's page, of it a polygon (scan pixels) or a band, or all."""

    scan_id: int
    page: int
    polygon: Polygon = ()


def load_key(home: Path) -> bytes:
    """The key of a home, made at first use; readable for its owner only."""
    path = home / "desk.key"
    try:
        return bytes.fromhex(path.read_text("ascii"))
    except FileNotFoundError:
        home.mkdir(parents=True, exist_ok=True)
        half = home / f".desk.key.{os.getpid()}.{secrets.token_hex(4)}"
        handle = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32))
        try:
            os.link(half, path)
        except FileExistsError:
            pass  # another process was faster
        finally:
            half.unlink()
        return bytes.fromhex(path.read_text("ascii"))


def sign(key: bytes, session: str, kind: str, address: PictureAddress, now: float) -> str:
    """The token of an address.

    Args:
        key: of the home.
        session: what tells this session from all others; the token is no good in another one.
        kind: ``crop``, ``tile``, …; the token is no good for another kind.
        address: what it shows.
        now: seconds since 1970.
    """
    until = (int(now + LIFETIME_SECONDS) // _ROUND_SECONDS + 1) * _ROUND_SECONDS
    flat = [round(value) for point in address.polygon for value in point]
    body = json.dumps([until, address.scan_id, address.page, *flat], separators=(",", ":")).encode()
    return _text(_mac(key, session, kind, body) + body)


def read(key: bytes, session: str, kind: str, token: str, now: float) -> PictureAddress | None:
    """What a token shows; None where it is forged, of another session or kind, or too old."""
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (binascii.Error, ValueError):
        return None
    mac, body = raw[:_SIGNATURE_BYTES], raw[_SIGNATURE_BYTES:]
    if not hmac.compare_digest(mac, _mac(key, session, kind, body)):
        return None
    until, scan_id, page, *flat = json.loads(body)
    if now > until:
        return None
    points = tuple((float(x), float(y)) for x, y in zip(flat[::2], flat[1::2], strict=True))
    return PictureAddress(scan_id, page, points)


def _mac(key: bytes, session: str, kind: str, body: bytes) -> bytes:
    about = b"\0".join((b"picture", session.encode(), kind.encode(), body))
    return hmac.digest(key, about, hashlib.sha256)[:_SIGNATURE_BYTES]


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")
