"""Every address of the desk, asked by every role and from a foreign unit; then by a fuzzer."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import schemathesis
from desk_browser import OURS, browser, desk_app, enter, known
from fastapi import FastAPI
from fastapi.routing import APIRoute
from hypothesis import HealthCheck, given, settings
from models_samples import AN_THAI, CAT_DAI, book, digitize, queue

from desk.settings import DeskSettings
from models import Database, open_database
from models.review_entry import entry_for_review
from models.reviewing import take_next
from models.states import Role

OPEN = {
    "/login", "/language", "/health", "/healthz", "/metrics", "/static/{version_}/{name:path}",
    "/login/oidc", "/login/oidc/back",
}  # fmt: skip
"""Addresses that ask nobody who they are (the language's own page says so by itself)."""
HANDING_OVER = {Role.CONTRACTOR}
STAFF = {Role.OPERATOR, Role.SUPERVISOR, Role.ADMIN}
MINIMUM = {
    "/users": {Role.ADMIN},
    "/overview": {Role.SUPERVISOR, Role.ADMIN},
    "/books": {Role.SUPERVISOR, Role.ADMIN},
    "/entries": {Role.SUPERVISOR, Role.ADMIN},
    "/progress": {Role.SUPERVISOR, Role.ADMIN},
    "/search": {Role.SUPERVISOR, Role.ADMIN},
    "/quality/targets": {Role.SUPERVISOR, Role.ADMIN},
    "/quality": {Role.SUPERVISOR, Role.ADMIN},
    "/checks": {Role.SUPERVISOR, Role.ADMIN},
    "/report.xlsx": {Role.SUPERVISOR, Role.ADMIN},
    "/report.pdf": {Role.SUPERVISOR, Role.ADMIN},
    "/operations/books": {Role.ADMIN},
    "/operations": {Role.SUPERVISOR, Role.ADMIN},
    "/entry": STAFF,
    "/column": STAFF,
    "/boxes": STAFF,
    "/pages": {Role.SUPERVISOR, Role.ADMIN},
    "/pic": STAFF,
    "/batches": HANDING_OVER | {Role.SUPERVISOR, Role.ADMIN},
    "/deliveries": HANDING_OVER,
    "/uploads": HANDING_OVER,
    "/plan/sheet": {Role.SUPERVISOR, Role.ADMIN},
    "/plan/book": {Role.SUPERVISOR, Role.ADMIN},
    r"/plan/\{planned_id\}": {Role.SUPERVISOR, Role.ADMIN},
    "/plan": HANDING_OVER | {Role.SUPERVISOR, Role.ADMIN},
}
"""Who may, by the beginning of the address; what is not named here is everybody's own."""


@pytest.fixture
def records(tmp_path: Path, _migrated_sqlite: Path) -> Iterator[Database]:
    shutil.copy(_migrated_sqlite, tmp_path / "hotich.sqlite")
    database = open_database(f"sqlite:///{tmp_path / 'hotich.sqlite'}")
    for one in (book(1), book(1, unit=CAT_DAI)):
        for book_id in queue(database, one, name=one.path):
            digitize(database, book_id)
    yield database
    database.close()


@pytest.fixture
def app(records: Database, tmp_path: Path) -> FastAPI:
    known(records, "operator", Role.OPERATOR, units=[AN_THAI.id])
    known(records, "supervisor", Role.SUPERVISOR, units=[AN_THAI.id])
    known(records, "admin", Role.ADMIN)
    known(records, "contractor", Role.CONTRACTOR, contractor="Ai đó", units=[])
    return desk_app(records, tmp_path)


def addresses(app: FastAPI) -> list[tuple[str, str]]:
    """Method and template of every address."""
    return sorted((method, route.path) for route in _routes(app) for method in route.methods)


def _routes(app: FastAPI) -> list[APIRoute]:
    found, left = [], list(app.routes)
    while left:
        route = left.pop()
        if isinstance(route, APIRoute):
            found.append(route)
        left += getattr(getattr(route, "original_router", None), "routes", [])
    return found


def filled(path: str, entry: int = 1) -> str:
    """The address with an entry or book of the wanted number, and nonsense elsewhere."""
    path = re.sub(r"\{(entry_id|book_id|scan_id)\}", str(entry), path)
    return re.sub(r"\{[^}]*\}", "x", path)


def test_all_addresses_are_known_here(app):
    paths = {path for _, path in addresses(app)}
    assert {"/login", "/users", "/overview", "/account"} <= paths
    assert not paths & {"/docs", "/openapi.json", "/redoc"}


def test_nobody_gets_in_without_a_session(app):
    client = browser(app)
    for method, path in addresses(app):
        if path in OPEN:
            continue
        reply = client.request(method, filled(path), headers={"accept": "text/html"})
        assert reply.status_code == 303, (method, path, reply.status_code)
        assert reply.headers["location"].startswith("/login"), (method, path)


@pytest.mark.parametrize("role", list(Role), ids=str)
def test_each_role_reaches_its_own_addresses_only(app, role):
    client = enter(app, role.value)
    for method, path in addresses(app):
        if path in OPEN | {"/logout"}:
            continue
        allowed = next(
            (roles for start, roles in MINIMUM.items() if re.match(rf"{start}(/|$)", path)),
            set(Role),
        )
        reply = client.request(method, filled(path, 10**12))
        if role in allowed:
            assert reply.status_code not in (401, 403, 500), (method, path, reply.status_code)
        else:
            assert reply.status_code == 403, (method, path, reply.status_code)
        assert "Traceback" not in reply.text


def test_a_foreign_units_books_and_entries_are_out_of_reach(app, records):
    holder = known(records, "catdai", units=[CAT_DAI.id])
    foreign = take_next(records, holder, seconds=60)
    for login in ("operator", "supervisor"):
        client = enter(app, login)
        for method, path in addresses(app):
            if not re.search(r"\{(entry_id|book_id|scan_id)\}", path):
                continue
            number = foreign.book_id if "book_id" in path else foreign.entry_id
            if "scan_id" in path:
                number = entry_for_review(records, foreign.entry_id).scan_id
            body = {"priority": "1", "all_fields": "true", "token": foreign.token, "reason": "x"}
            sent = "data" if path.startswith(("/books", "/entries", "/pages")) else "json"
            forms = {sent: body}
            reply = client.request(
                method, filled(path, number), **({} if method == "GET" else forms)
            )
            assert reply.status_code in (403, 404, 405, 409, 422), (method, path, reply.text[:200])
            assert "Nguyễn Thị Hoa" not in reply.text


def test_what_an_operator_does_not_hold_is_not_found_by_counting(app, records):
    client = enter(app, "operator")
    for number in range(1, 12):
        for path in (f"/entry/{number}", f"/pic/crop/{number}", f"/pic/tile/{number}/0/0_0"):
            reply = client.get(path)
            assert reply.status_code in (404, 409), path
            assert "Nguyễn Thị Hoa" not in reply.text


NO_NUMBERS = ("0", "-1", "9" * 30, "1e3", "%00", "1;drop", "١")
ODD_TEXTS = (
    "a" * 10_000, "a\0b", "\x07\x1b[31m", "<script>alert(1)</script>",
    "'; DROP TABLE entry; --", "\u202eabc", "🂡" * 400,
)  # fmt: skip


def test_numbers_that_are_none_are_answered_clearly(app):
    client = enter(app, "supervisor")
    for number in NO_NUMBERS:
        assert client.get(f"/entry/{number}").status_code in (404, 422), number
        assert client.get(f"/entry/ahead?now={number}").status_code in (200, 204, 422), number
        for path in (f"/entries/{number}/return", f"/books/{number}/priority"):
            assert client.post(path, data={"priority": "1"}).status_code in (404, 422), path


def test_odd_text_in_every_form_field_is_answered_and_never_becomes_markup(app):
    client = enter(app, "admin")
    forms = {
        "/users": ("login", "name", "role", "units", "batches", "contractor"),
        "/users/operator/scope": ("role", "units", "batches"),
        "/account/password": ("old", "new", "again"),
        "/language": ("lang", "next"),
        "/books/1/keying": ("fields",),
    }
    for n, text in enumerate(ODD_TEXTS):
        for path, fields in forms.items():
            for name in fields:
                body = {"login": f"moi{n}", "role": "operator", "name": "Mới", name: text}
                reply = client.post(path, data=body)
                status = reply.status_code
                assert status in (201, 303, 404, 413, 422, 429), (path, name, status)
                assert "<script>alert" not in reply.text
                assert "Traceback" not in reply.text
    assert "<script>alert" not in client.get("/users").text


@pytest.mark.slow
def test_a_fuzzer_finds_no_fault_of_the_server(app, records):
    """Schemathesis over all addresses of a logged-in admin: whatever is sent, never a 5xx.

    ``HOTICH_FUZZ`` says how many requests an address is sent.
    """
    schema = schemathesis.openapi.from_dict(app.openapi())
    client = enter(app, "admin")
    cookies = "; ".join(f"{one.name}={one.value}" for one in client.cookies.jar)
    seen: set[str] = set()

    quick = settings(
        max_examples=int(os.environ.get("HOTICH_FUZZ", "4")),
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize=True,
    )
    for result in schema.exclude(path_regex="^/(logout|account/password)").get_all_operations():
        operation = result.ok()
        strategy = operation.as_strategy()

        def check(case):
            body = case.body if isinstance(case.body, dict | list) else None
            reply = client.request(
                case.method,
                case.formatted_path,
                params=case.query or None,
                headers={"origin": OURS, "cookie": cookies, "accept": "application/json"},
                **({} if body is None else {"json": body}),
            )
            seen.add(case.path)
            assert reply.status_code < 500, (case.method, case.formatted_path, reply.text[:300])

        quick(given(case=strategy)(check))()
    assert len(seen) > 15
    assert DeskSettings().cookie in cookies
