"""Requests that change something must come from our own pages.

Browsers send ``Origin`` with every unsafe request; ``Sec-Fetch-Site`` only over HTTPS and to
localhost, so in a plain-HTTP office the ``Origin`` has to carry it: without either, a request
is refused. Together with SameSite cookies no tokens in forms are needed (datasette and Go 1.25
do the same).
"""

from __future__ import annotations

from urllib.parse import urlsplit

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def is_ours(method: str, scheme: str, host: str, origin: str, site: str, allowed: str) -> bool:
    """Whether a request may do what it asks.

    Args:
        method: of the request.
        scheme: ``http`` or ``https``, as the browser used it.
        host: the ``Host`` header.
        origin: the ``Origin`` header, empty where there is none.
        site: the ``Sec-Fetch-Site`` header.
        allowed: our own origin where it is set; otherwise that of the request.
    """
    if method in SAFE:
        return True
    if site and site not in ("same-origin", "none"):
        return False
    if origin:
        return _origin(origin) == (_origin(allowed) if allowed else _origin(f"{scheme}://{host}"))
    return site == "same-origin"


def _origin(url: str) -> tuple[str, str, int] | None:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return None
    return parts.scheme, parts.hostname.lower(), port or (443 if parts.scheme == "https" else 80)
