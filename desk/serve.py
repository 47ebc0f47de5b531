"""Serving the desk with uvicorn."""

from __future__ import annotations

import socket

import uvicorn

from desk.app import create_app
from desk.intake.watching import checking
from desk.settings import DeskSettings
from desk.warming import warm_up
from models.database import Database
from pipeline.errors import DeskAddressError
from pipeline.logs import log_to
from pipeline.settings import Settings


def bind(options: DeskSettings) -> socket.socket:
    """The desk's socket, bound, so that its port is known and a taken one is said at once.

    Raises:
        DeskAddressError: the address is taken, or not of this machine.
    """
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    # Said to be TCP, or asyncio leaves Nagle's algorithm on for what is accepted here: a body
    # then waits until the browser has acknowledged the headers, which takes it 40 ms.
    opened = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        opened.bind((options.host, options.port))
    except OSError as error:
        opened.close()
        raise DeskAddressError(f"{options.host}:{options.port} ({error.strerror})") from error
    return opened


def address_of(options: DeskSettings, opened: socket.socket) -> str:
    """Where browsers find the desk."""
    if options.origin:
        return options.origin
    host, port = opened.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def serve(
    settings: Settings, database: Database, options: DeskSettings, opened: socket.socket
) -> None:
    """Answer requests until a signal says stop."""
    log_to(settings.resolved_home / "logs", "desk")
    app = create_app(settings, database, options)
    config = uvicorn.Config(
        app,
        http="h11",  # the one parser of uvicorn's that bounds what headers may hold
        log_level="warning",
        access_log=False,  # addresses of pictures and entries are nobody's business
        server_header=False,
        proxy_headers=True,
        forwarded_allow_ips=options.proxies,
        timeout_graceful_shutdown=5,
        h11_max_incomplete_event_size=64 * 1024,
    )
    warm_up(settings, database)
    with checking(settings, database, options):
        uvicorn.Server(config).run(sockets=[opened])
