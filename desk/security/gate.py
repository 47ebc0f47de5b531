"""The outermost layer: size, origin and headers, before anything is read or looked up."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from desk.security.headers import HEADERS, OVER_TLS, UNLESS_SAID
from desk.security.origin import is_ours
from desk.settings import DeskSettings
from pipeline.texts import Language, spoken

log = logging.getLogger("hotich.desk")

_SCANS = re.compile(r"/uploads(/[0-9a-f]{32})?|/batches/[0-9]{1,10}/scans/[0-9]{1,18}")

Refusal = Callable[[Request, int], Response]
"""The page that says why a request of this status was refused."""


class TooLargeError(Exception):
    """A body that grew beyond the limit while it was read."""


class Gate:
    """ASGI middleware: refuses foreign and oversized requests, and signs every answer."""

    def __init__(
        self,
        app: ASGIApp,
        settings: DeskSettings,
        refuse: Refusal,
        language: Callable[[Request], Language],
    ) -> None:
        self._app = app
        self._settings = settings
        self._refuse = refuse
        self._language = language
        self._limit = settings.max_body_kilobytes * 1024
        self._large = settings.max_piece_megabytes * 1_000_000
        self._headers = HEADERS | (OVER_TLS if settings.secure else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False
        refusing = False
        body = _Body(receive, self._limit_of(scope))

        async def signed(message: Message) -> None:
            nonlocal started
            if body.too_large and not started and not refusing:
                return  # what the application makes of half a body is not the answer
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers[name] = value
                for name, value in UNLESS_SAID.items():
                    headers.setdefault(name, value)
            await send(message)

        request = Request(scope)
        spoken.set(self._language(request))
        status = self._fault(scope)
        if not status:
            try:
                await self._app(scope, body.receive, signed)
            except Exception:
                if started:
                    raise
                status = 500
                if not body.too_large:
                    log.exception("%s %s", scope["method"], scope["path"])
            if body.too_large and not started:
                status = 413
        if status:
            refusing = True
            await self._refuse(request, status)(scope, receive, signed)

    def _limit_of(self, scope: Scope) -> int:
        """Bytes of a body: scans may be large, and their routes read them piece by piece."""
        takes_scans = scope["method"] in ("POST", "PATCH") and _SCANS.fullmatch(scope["path"])
        return self._large if takes_scans else self._limit

    def _fault(self, scope: Scope) -> int:
        headers = Headers(scope=scope)
        length = headers.get("content-length", "0")
        if not length.isdecimal():
            return 400
        if int(length) > self._limit_of(scope):
            return 413
        ours = is_ours(
            scope["method"],
            scope["scheme"],
            headers.get("host", ""),
            headers.get("origin", ""),
            headers.get("sec-fetch-site", ""),
            self._settings.origin,
        )
        return 0 if ours else 403


class _Body:
    """A request's body, counted while it is read."""

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive = receive
        self._left = limit
        self.too_large = False

    async def receive(self) -> Message:
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            self.too_large = True
            raise TooLargeError
        return message
