"""The desk as an ASGI application."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from desk import static_files
from desk.errors import add_error_pages, language_of, refused
from desk.guard import Desk
from desk.pictures.addresses import load_key
from desk.routes import (
    account,
    bare,
    batches,
    boxes,
    column,
    deliveries,
    entry,
    links,
    login,
    oidc,
    pictures,
    plan,
    queue,
    supervision,
    uploads,
    users,
)
from desk.security.gate import Gate
from desk.settings import DeskSettings, load_desk_settings
from models.database import Database
from pipeline.settings import Settings

ROUTERS = (
    login.router, oidc.router, account.router, users.router, queue.router, column.router,
    boxes.router, bare.router, links.in_hand, entry.router, pictures.router, batches.router,
    deliveries.router, uploads.router, plan.router, static_files.router,
)  # fmt: skip


def create_app(
    settings: Settings, database: Database, options: DeskSettings | None = None
) -> FastAPI:
    """The desk over an open database.

    Args:
        settings: of the home whose scans are shown.
        database: its records.
        options: of the desk; from the environment by default.

    Raises:
        SettingsError: a setting cannot be used.
    """
    options = options or load_desk_settings()
    # No pages of FastAPI's own: they fetch scripts from elsewhere and list every address.
    app = FastAPI(
        title="hotich", docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False
    )
    app.state.desk = Desk(database, settings, options, load_key(settings.resolved_home))
    for router in (*ROUTERS, *supervision.ROUTERS):
        app.include_router(router)

    @app.get("/health", include_in_schema=False)
    def health(request: Request) -> Response:
        """Whether desk and database answer; says nothing else."""
        with request.app.state.desk.database.read():
            return JSONResponse({"ok": True})

    add_error_pages(app)
    app.add_middleware(Gate, settings=options, refuse=refused, language=language_of)
    return app
