"""The office's identity provider as the settings name it; nothing here asks it anything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})

Why = Literal["unreachable", "refused", "unproved", "stale"]


class SignInError(Exception):
    """Nobody comes in: why, and what was seen (for the log, never for the page)."""

    def __init__(self, why: Why, detail: str) -> None:
        super().__init__(f"{why}: {detail}")
        self.why: Why = why
        self.detail = detail


@dataclass(frozen=True)
class Provider:
    """An identity provider, and what we are to it."""

    issuer: str
    client_id: str
    client_secret: str = ""


def safe(address: str) -> bool:
    """Whether what is said there can be believed: by TLS, or inside this machine."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
