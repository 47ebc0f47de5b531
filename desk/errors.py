"""What went wrong, said clearly in the user's language: a page for people, JSON for scripts."""

from __future__ import annotations

import logging

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from desk.guard import (
    CHANGE_PASSWORD,
    MustChangeError,
    NotAllowedError,
    NotLoggedInError,
    login_address,
)
from desk.i18n import _, chosen
from desk.templating import render
from models.reviewing import StaleEntry
from pipeline.errors import (
    BadValueError,
    DeskError,
    HotichError,
    InputError,
    IntakeError,
    LostHoldError,
    NotReleasableError,
    OutOfReachError,
    ReleasedError,
    StaleEntryError,
    StorageError,
    UserError,
)
from pipeline.texts import Language, spoken

log = logging.getLogger("hotich.desk")
_STATUS: tuple[tuple[type[HotichError], int], ...] = (
    (OutOfReachError, 404),
    (LostHoldError, 409),
    (StaleEntryError, 409),
    (ReleasedError, 409),
    (NotReleasableError, 409),
    (BadValueError, 422),
    (UserError, 422),
    (IntakeError, 422),
    (InputError, 422),
    (DeskError, 400),
    (StorageError, 503),
)


def wants_json(request: Request) -> bool:
    """Whether a script asks rather than a person."""
    accept = request.headers.get("accept", "")
    return "json" in accept and "html" not in accept


def answer(request: Request, status: int, what: str, advice: str = "", code: str = "") -> Response:
    """The page, or the JSON, that says what is wrong and what to do."""
    if wants_json(request):
        return JSONResponse({"error": code, "what": what, "advice": advice}, status)
    return render(request, "error.html", status, what=what, advice=advice, status_code=status)


def language_of(request: Request) -> Language:
    """Language of a request before anybody is known to have sent it."""
    return chosen(request.cookies.get("lang", ""), request.headers.get("accept-language", ""))


def refused(request: Request, status: int) -> Response:
    """What the gate says."""
    what, advice = _plain(status)
    return answer(request, status, what, advice, f"http_{status}")


def add_error_pages(app: FastAPI) -> None:
    """No error leaves as a stack trace."""

    async def not_logged_in(request: Request, _error: Exception) -> Response:
        spoken.set(language_of(request))
        if wants_json(request):
            advice = _("Log in again; what you typed is kept.")
            return answer(request, 401, _("You are not logged in."), advice, "not_logged_in")
        return RedirectResponse(login_address(request), 303)

    async def must_change(request: Request, _error: Exception) -> Response:
        if wants_json(request):
            return answer(request, 403, _("Change your password first."), "", "must_change")
        return RedirectResponse(CHANGE_PASSWORD, 303)

    async def not_allowed(request: Request, _error: Exception) -> Response:
        return answer(request, 403, *_plain(403), "not_allowed")

    async def ours(request: Request, error: Exception) -> Response:
        assert isinstance(error, HotichError)
        status = next((number for kind, number in _STATUS if isinstance(error, kind)), 500)
        if status >= 500:
            log.error("%s %s: %s", request.method, request.url.path, error)
        if isinstance(error, StaleEntry):
            return answer(request, status, error.what(), error.what_to_do(), "StaleEntry")
        return answer(request, status, error.what(), error.what_to_do(), error.code)

    async def not_there(request: Request, error: Exception) -> Response:
        if type(error) is not LookupError:  # a fault of the code: KeyError, IndexError
            raise error
        return answer(request, 404, *_plain(404), "not_found")

    async def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return answer(request, 422, *_plain(422), "invalid")

    async def http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        reply = answer(request, error.status_code, *_plain(error.status_code), "http")
        for name, value in (error.headers or {}).items():
            reply.headers[name] = value
        return reply

    app.add_exception_handler(NotLoggedInError, not_logged_in)
    app.add_exception_handler(MustChangeError, must_change)
    app.add_exception_handler(NotAllowedError, not_allowed)
    app.add_exception_handler(HotichError, ours)
    app.add_exception_handler(LookupError, not_there)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, http)


def _plain(status: int) -> tuple[str, str]:
    """What a status means, and what to do."""
    told = {
        400: (_("The request cannot be understood."), _("Load the page again.")),
        403: (
            _("This is not for your account, or the request did not come from our own pages."),
            _("Open the desk by its usual address and try again, or ask your supervisor."),
        ),
        404: (_("There is nothing here, or it is not yours to see."), _("Go back to your work.")),
        405: (_("This address does not do that."), _("Go back to your work.")),
        413: (_("What was sent is too large."), _("Send less at once.")),
        422: (
            _("Something in what was sent cannot be used."),
            _("Correct it and send it again; what you typed is kept."),
        ),
        429: (_("Too many tries."), _("Wait a little, then try again.")),
    }
    return told.get(
        status,
        (
            _("Something went wrong on our side."),
            _("What you typed is kept. Try again; if it stays, tell your administrator."),
        ),
    )
