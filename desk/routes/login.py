"""Coming in and going out."""

from __future__ import annotations

import math
import re
import secrets
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from desk.guard import Desk, TheDesk, current_session, token_hash
from desk.i18n import _, ngettext
from desk.security.passwords import is_password
from desk.templating import render
from models.web_sessions import credentials, end_session, note_failure, open_session

router = APIRouter()
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,62}")
_LONGEST = 2000
"""Characters of a field that are looked at."""


@router.get("/login")
def form(request: Request, desk: TheDesk, next: str = "") -> Response:
    """The log-in page."""
    return _page(request, desk, next)


@router.post("/login")
def login(
    request: Request,
    desk: TheDesk,
    login: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "",
) -> Response:
    """A new session, whatever session the browser had before (no fixation)."""
    name = login[:_LONGEST].strip().lower()
    name = name if _LOGIN.fullmatch(name) else "?"
    address = request.client.host if request.client else ""
    known = credentials(desk.database, name, address)
    if known is not None and known.wait_seconds > 0:
        return _page(request, desk, next, 429, _waiting(known.wait_seconds), name)
    hashed = known.password_hash if known is not None and not known.disabled else None
    if not is_password(password[:_LONGEST], hashed) or known is None:
        wait = note_failure(desk.database, name, address)
        wrong = _("Name or password is wrong.")
        return _page(request, desk, next, 401, f"{wrong} {_waiting(wait)}" if wait else wrong, name)
    return start_session(request, desk, known.user_id, local_path(next))


def start_session(request: Request, desk: Desk, user_id: int, path: str) -> Response:
    """Redirect with the cookie of a new session; the browser's old one ends."""
    end_session(desk.database, token_hash(request.cookies.get(desk.options.cookie, "")))
    token = secrets.token_urlsafe(32)
    open_session(
        desk.database,
        user_id,
        token_hash(token),
        seconds=desk.options.lifetime_seconds,
        address=request.client.host if request.client else "",
        agent=request.headers.get("user-agent", ""),
    )
    reply = RedirectResponse(path, 303)
    reply.set_cookie(
        desk.options.cookie,
        token,
        max_age=int(desk.options.lifetime_seconds),
        httponly=True,
        secure=desk.options.secure,
        samesite="lax",
        path="/",
    )
    return reply


@router.post("/logout")
async def logout(request: Request, desk: TheDesk) -> Response:
    """Ends the session; drafts and what is in hand stay."""
    session = await current_session(request)
    end_session(desk.database, session.token_hash)
    reply = RedirectResponse("/login", 303)
    reply.delete_cookie(desk.options.cookie, path="/", secure=desk.options.secure, httponly=True)
    reply.headers["clear-site-data"] = '"cache"'
    return reply


def local_path(path: str) -> str:
    """A path on this desk to go on to; anything else becomes the start."""
    plain = path.startswith("/") and not path.startswith(("//", "/\\")) and len(path) < 500
    return path if plain and path.isprintable() and "\\" not in path else "/"


def _page(
    request: Request,
    desk: Desk,
    next_: str,
    status: int = 200,
    wrong: str = "",
    name: str = "",
) -> Response:
    return render(
        request,
        "login.html",
        status,
        next=local_path(next_),
        wrong=wrong,
        login="" if name == "?" else name,
        provider=desk.options.oidc_name if desk.options.provider else None,
    )


def _waiting(seconds: float) -> str:
    if seconds < 60:
        whole = math.ceil(seconds)
        return ngettext(
            "Wait %(num)s second, then try again.", "Wait %(num)s seconds, then try again.", whole
        ) % {"num": whole}
    whole = math.ceil(seconds / 60)
    return ngettext(
        "Wait %(num)s minute, then try again.", "Wait %(num)s minutes, then try again.", whole
    ) % {"num": whole}
