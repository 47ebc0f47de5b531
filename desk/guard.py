"""Who is asking, and whether they may: the one place where roles are checked."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, cast
from urllib.parse import quote

from fastapi import Depends
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from desk.settings import DeskSettings
from models.board import Day
from models.database import Database
from models.plan_lists import PlanTotals
from models.states import Role
from models.users import User
from models.web_sessions import Session, find_session
from pipeline.settings import Settings
from pipeline.texts import spoken

CHANGE_PASSWORD = "/account/password"


@dataclass(frozen=True)
class Desk:
    """What every route works with."""

    database: Database
    settings: Settings
    options: DeskSettings
    key: bytes
    """Of the home: signs the addresses of pictures."""
    totals: dict[tuple[int, frozenset[str]], tuple[float, PlanTotals]] = field(
        default_factory=dict, compare=False
    )
    """Of a large plan, by person and their units, and when they were counted."""
    past: dict[tuple[date, frozenset[str] | None], list[Day]] = field(
        default_factory=dict, compare=False
    )
    """What the days up to the day before yesterday brought, by today and units (None: all)."""


class NotLoggedInError(Exception):
    """Nobody is logged in with this request."""


class NotAllowedError(Exception):
    """Not for this person's role."""


def token_hash(token: str) -> str:
    """What the database keeps of a session's token."""
    return hashlib.sha256(token.encode()).hexdigest()


async def the_desk(request: Request) -> Desk:
    """The desk of the application.

    A coroutine, though it waits for nothing: FastAPI sends plain functions to another thread.
    """
    return cast(Desk, request.app.state.desk)


async def current_session(request: Request) -> Session:
    """The session of the request; sets the language of whoever it is.

    Raises:
        NotLoggedInError: there is none, or it has ended.
    """
    desk: Desk = request.app.state.desk
    token = request.cookies.get(desk.options.cookie, "")
    session = None
    if 20 <= len(token) <= 100 and token.isascii():
        session = await run_in_threadpool(
            find_session, desk.database, token_hash(token), idle_seconds=desk.options.idle_seconds
        )
    if session is None:
        raise NotLoggedInError()
    request.state.session = session
    spoken.set("en" if session.user.language == "en" else "vi")
    return session


def allow(*roles: Role) -> Callable[[Request], Awaitable[User]]:
    """A dependency that gives the user where their role is among these.

    Whoever must change their password is allowed nothing else before.
    """

    async def user(request: Request) -> User:
        session = await current_session(request)
        if session.user.must_change and request.url.path != CHANGE_PASSWORD:
            raise MustChangeError()
        if session.user.role not in roles:
            raise NotAllowedError()
        return session.user

    return user


class MustChangeError(Exception):
    """The password is known to somebody else and must be changed first."""


def login_address(request: Request) -> str:
    """Where to log in, with the way back for pages."""
    if request.method != "GET" or request.url.path == "/":
        return "/login"
    query = f"?{request.url.query}" if request.url.query else ""
    return f"/login?next={quote(request.url.path + query, safe='')}"


TheDesk = Annotated[Desk, Depends(the_desk)]
Anybody = Annotated[User, Depends(allow(*Role))]
Contractor = Annotated[User, Depends(allow(Role.CONTRACTOR))]
"""Whoever hands batches over; never sees an entry."""
Operator = Annotated[User, Depends(allow(Role.OPERATOR, Role.SUPERVISOR, Role.ADMIN))]
"""Whoever reviews entries."""
Supervisor = Annotated[User, Depends(allow(Role.SUPERVISOR, Role.ADMIN))]
Admin = Annotated[User, Depends(allow(Role.ADMIN))]


def this_session(request: Request) -> Session:
    """The session of a request whose user was asked for."""
    return cast(Session, request.state.session)
