"""Pictures by signed addresses that expire: crops, headings, tiles. Nothing can be listed."""

from __future__ import annotations

import time

from fastapi import APIRouter, Response
from starlette.exceptions import HTTPException

from desk.here import Here, HereNow
from desk.pictures.addresses import PictureAddress, read
from pipeline.errors import HotichError

router = APIRouter(prefix="/pic")
_KEEP = {"Cache-Control": "private, max-age=3600, immutable"}


def _asked(at: Here, kind: str, token: str) -> PictureAddress:
    address = read(at.pictures.key, at.session, kind, token, time.time())
    if address is None:
        raise HTTPException(404)
    return address


def _jpeg(data: bytes | None) -> Response:
    if data is None:
        raise HTTPException(404)
    return Response(data, media_type="image/jpeg", headers=_KEEP)


@router.get("/crop/{token}")
def crop(token: str, at: HereNow) -> Response:
    """A field's cell with a rim of its page."""
    try:
        return _jpeg(at.pictures.crop(_asked(at, "crop", token)))
    except HotichError as error:
        raise HTTPException(404) from error


@router.get("/head/{token}")
def head(token: str, at: HereNow) -> Response:
    """The headings of a table."""
    try:
        return _jpeg(at.pictures.head(_asked(at, "head", token)))
    except HotichError as error:
        raise HTTPException(404) from error


@router.get("/tile/{token}/{level}/{x}_{y}")
def tile(token: str, level: int, x: int, y: int, at: HereNow) -> Response:
    """A tile of the page."""
    try:
        path = at.pictures.tile(_asked(at, "tile", token), level, x, y)
    except HotichError as error:
        raise HTTPException(404) from error
    try:
        # Fifty kilobytes at the most: a response that sends a file takes four threads' turns.
        return _jpeg(None if path is None else path.read_bytes())
    except FileNotFoundError as error:  # swept this moment
        raise HTTPException(404) from error
