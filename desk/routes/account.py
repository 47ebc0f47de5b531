"""What people do with their own account: language, password, sessions."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from desk.guard import CHANGE_PASSWORD, Anybody, NotLoggedInError, TheDesk, current_session
from desk.guard import this_session as session_of
from desk.i18n import _
from desk.routes.login import local_path
from desk.security.passwords import hash_password, is_password
from desk.templating import render
from models.states import Role
from models.users import set_language, set_password
from models.web_sessions import credentials, end_sessions, note_failure, sessions_of
from pipeline.errors import UserError

router = APIRouter()
_YEAR_SECONDS = 365 * 24 * 3600


@router.get("/")
def start(user: Anybody) -> Response:
    """Where each role begins."""
    if user.role is Role.CONTRACTOR:
        return RedirectResponse("/batches", 303)
    return RedirectResponse("/overview" if user.supervises else "/entry", 303)


@router.get("/account")
def account(request: Request, desk: TheDesk, user: Anybody) -> Response:
    """The account's page."""
    return render(
        request,
        "account.html",
        sessions=sessions_of(desk.database, user),
        this=session_of(request).id,
    )


@router.post("/language")
async def language(
    request: Request,
    desk: TheDesk,
    lang: Annotated[str, Form()] = "vi",
    next: Annotated[str, Form()] = "/",
) -> Response:
    """Vietnamese or English, for this browser and for the user where somebody is logged in."""
    lang = "en" if lang == "en" else "vi"
    try:
        session = await current_session(request)
    except NotLoggedInError:
        pass
    else:
        set_language(desk.database, session.user.id, lang)
    reply = RedirectResponse(local_path(next), 303)
    reply.set_cookie(
        "lang", lang, max_age=_YEAR_SECONDS, samesite="lax", secure=desk.options.secure,
        httponly=True,
    )  # fmt: skip
    return reply


@router.get(CHANGE_PASSWORD)
def password_form(request: Request, user: Anybody) -> Response:
    """The form for a new password."""
    return render(request, "password.html", wrong="", forced=user.must_change)


@router.post(CHANGE_PASSWORD)
def change_password(
    request: Request,
    desk: TheDesk,
    user: Anybody,
    old: Annotated[str, Form()] = "",
    new: Annotated[str, Form()] = "",
    again: Annotated[str, Form()] = "",
) -> Response:
    """Changes it; all other sessions end."""
    address = request.client.host if request.client else ""
    known = credentials(desk.database, user.login, address)
    wrong = ""
    if known is None or known.wait_seconds > 0:
        wrong = _("Too many tries.")
    elif not is_password(old, known.password_hash):
        note_failure(desk.database, user.login, address)
        wrong = _("The present password is wrong.")
    elif new != again:
        wrong = _("The two new passwords differ.")
    elif new == old:
        wrong = _("The new password is the old one.")
    else:
        try:
            hashed = hash_password(new)
        except UserError as error:
            wrong = error.what()
        else:
            this = session_of(request)
            set_password(
                desk.database, user.login, hashed, must_change=False, actor=user.login,
                but=this.token_hash,
            )  # fmt: skip
            return RedirectResponse("/account", 303)
    return render(request, "password.html", 422, wrong=wrong, forced=user.must_change)


@router.post("/account/sessions/end")
def end_others(request: Request, desk: TheDesk, user: Anybody) -> Response:
    """Ends all other sessions of this user."""
    this = session_of(request)
    end_sessions(desk.database, user.id, actor=user.login, but=this.token_hash)
    return RedirectResponse("/account", 303)


@router.post("/account/sessions/{session_id}/end")
def end_one(request: Request, desk: TheDesk, user: Anybody, session_id: int) -> Response:
    """Ends one other session of this user; somebody else's number does nothing."""
    this = session_of(request)
    end_sessions(
        desk.database, user.id, actor=user.login, session_id=session_id, but=this.token_hash
    )
    return RedirectResponse("/account", 303)
