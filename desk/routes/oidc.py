"""Coming in by the office's identity provider, where one is set."""

from __future__ import annotations

import logging

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from desk.errors import answer, language_of
from desk.guard import Desk, TheDesk
from desk.i18n import _
from desk.routes.login import local_path, start_session
from desk.security.oidc import LIFETIME, begin, seal, subject_of, unseal
from desk.security.provider import Provider, SignInError, Why
from models.identities import user_of_identity
from pipeline.texts import spoken

router = APIRouter(prefix="/login/oidc")
log = logging.getLogger("hotich.desk")
_LONGEST = 8000
"""Characters of an answer's code that are looked at."""


@router.get("")
def go(request: Request, desk: TheDesk, next: str = "") -> Response:
    """Off to the provider's page."""
    provider = desk.options.provider
    if provider is None:
        raise LookupError
    spoken.set(language_of(request))
    try:
        address, asked = begin(provider, _back(request, desk), local_path(next))
    except SignInError as error:
        return _refused(request, error)
    reply = RedirectResponse(address, 303)
    reply.set_cookie(
        _cookie(desk), seal(asked, desk.key), max_age=int(LIFETIME), httponly=True,
        secure=desk.options.secure, samesite="lax", path="/",
    )  # fmt: skip
    return reply


@router.get("/back")
def back(
    request: Request, desk: TheDesk, state: str = "", code: str = "", error: str = ""
) -> Response:
    """Back from it: a session as for a password, for a user who is known here."""
    provider = desk.options.provider
    if provider is None:
        raise LookupError
    spoken.set(language_of(request))
    try:
        reply = _came_back(request, desk, provider, state, code[:_LONGEST], error)
    except SignInError as wrong:
        reply = _refused(request, wrong)
    reply.delete_cookie(_cookie(desk), path="/", secure=desk.options.secure, httponly=True)
    return reply


def _came_back(
    request: Request, desk: Desk, provider: Provider, state: str, code: str, error: str
) -> Response:
    asked = unseal(request.cookies.get(_cookie(desk), ""), desk.key)
    if error or not code:
        raise SignInError("refused", repr(error[:80]) if error else "no code")
    subject = subject_of(provider, asked, _back(request, desk), state, code)
    address = request.client.host if request.client else ""
    user_id = user_of_identity(desk.database, provider.issuer, subject, address=address)
    if user_id is None:
        return answer(
            request, 403,
            _("You are known to the identity provider, but not to this desk."),
            _("Give your administrator this identity: %(subject)s") % {"subject": subject},
            "identity_unknown",
        )  # fmt: skip
    return start_session(request, desk, user_id, asked.path)


def _refused(request: Request, error: SignInError) -> Response:
    log.warning("sign-in: %s", error)
    what, advice, status = _words(error.why)
    return answer(request, status, what, advice, f"sign_in_{error.why}")


def _words(why: Why) -> tuple[str, str, int]:
    if why == "unreachable":
        return (
            _("The identity provider does not answer."),
            _("Try again in a little while; if it stays, tell your administrator."), 502,
        )  # fmt: skip
    if why == "refused":
        return (
            _("The identity provider did not let you in."),
            _("Try again, or log in with your name and password."), 403,
        )  # fmt: skip
    if why == "stale":
        return (
            _("This log-in is too old, or was begun elsewhere."),
            _("Open the desk by its usual address and log in again."), 400,
        )  # fmt: skip
    return (
        _("The identity provider's answer could not be verified."),
        _("Nobody was logged in. Tell your administrator."), 502,
    )  # fmt: skip


def _cookie(desk: Desk) -> str:
    return f"{desk.options.cookie}-asked"


def _back(request: Request, desk: Desk) -> str:
    """Our own address for the answer, as the provider has it on its list."""
    origin = desk.options.origin.rstrip("/") or str(request.base_url).rstrip("/")
    return f"{origin}{router.prefix}/back"
