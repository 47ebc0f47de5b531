"""Scripts, styles and fonts: ours from ``static``, others' from ``node_modules`` by a list."""

from __future__ import annotations

import gzip
import hashlib
from functools import lru_cache
from pathlib import Path

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response

HERE = Path(__file__).parent
OWN = HERE / "static"
NODE = HERE / "node_modules"
_FONT = "@fontsource/be-vietnam-pro/files/be-vietnam-pro"
VENDOR = {
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "openseadragon.min.js": "openseadragon/build/openseadragon/openseadragon.min.js",
    "tus.min.js": "tus-js-client/dist/tus.min.js",
    **{
        f"be-vietnam-pro-{script}-{weight}.woff2": f"{_FONT}-{script}-{weight}-normal.woff2"
        for script in ("vietnamese", "latin")
        for weight in (400, 600, 700)
    },
}
"""What of the installed packages is served, under its own short name."""
_KINDS = {
    ".js": "text/javascript", ".css": "text/css", ".woff2": "font/woff2", ".svg": "image/svg+xml",
    ".png": "image/png", ".json": "application/json",
}  # fmt: skip

_PACKED = (".js", ".css", ".svg", ".json")

router = APIRouter(include_in_schema=False)


@lru_cache
def version() -> str:
    """Digest of all that is served: a new one gives every file a new address."""
    digest = hashlib.sha256()
    for path in sorted(OWN.rglob("*")):
        if path.is_file():
            digest.update(path.name.encode() + path.read_bytes())
    lock = HERE / "package-lock.json"
    digest.update(lock.read_bytes() if lock.exists() else b"")
    return digest.hexdigest()[:12]


def static(name: str) -> str:
    """Address of a file; what it imports relatively has the same version."""
    return f"/static/{version()}/{name}"


def missing_packages() -> list[str]:
    """Names of the list that are not installed."""
    return [name for name, path in VENDOR.items() if not (NODE / path).is_file()]


@router.get("/static/{version_}/{name:path}")
def file(version_: str, name: str, request: Request) -> Response:
    """One file. Its address holds its version, so browsers may keep it for good."""
    path = _path(name)
    kind = _KINDS.get(path.suffix) if path is not None else None
    if path is None or kind is None or not path.is_file():
        raise HTTPException(404)
    keep = "public, max-age=31536000, immutable" if version_ == version() else "no-cache"
    headers = {"cache-control": keep, "vary": "accept-encoding"}
    if path.suffix in _PACKED and "gzip" in request.headers.get("accept-encoding", ""):
        packed = _gzipped(path, path.stat().st_mtime_ns)
        return Response(packed, media_type=kind, headers={**headers, "content-encoding": "gzip"})
    return FileResponse(path, media_type=kind, headers=headers)


@lru_cache(maxsize=64)
def _gzipped(path: Path, _changed: int) -> bytes:
    return gzip.compress(path.read_bytes(), 9, mtime=0)


def _path(name: str) -> Path | None:
    folder, slash, rest = name.partition("/")
    if slash and folder == "vendor":
        return NODE / VENDOR[rest] if rest in VENDOR else None
    if not name.isprintable():
        return None
    path = (OWN / name).resolve()
    return path if path.is_relative_to(OWN.resolve()) else None
