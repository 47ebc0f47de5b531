"""Coming in, staying in, and what the desk refuses. Real application, real database (SQLite)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from desk_browser import OURS, PASSWORD, browser, desk_app, enter, known
from fastapi import FastAPI
from sqlalchemy import select, update
from starlette.testclient import TestClient

from desk.security.origin import is_ours
from models import Database, migrate, open_database, verify_audit
from models.clock import After
from models.states import Role
from models.tables import AuditEvent, WebSession


@pytest.fixture
def records(tmp_path: Path, _migrated_sqlite: Path) -> Iterator[Database]:
    import shutil

    shutil.copy(_migrated_sqlite, tmp_path / "hotich.sqlite")
    migrate(f"sqlite:///{tmp_path / 'hotich.sqlite'}")
    database = open_database(f"sqlite:///{tmp_path / 'hotich.sqlite'}")
    yield database
    database.close()


@pytest.fixture
def app(records: Database, tmp_path: Path) -> FastAPI:
    known(records, "lan")
    known(records, "quantri", Role.ADMIN)
    return desk_app(records, tmp_path)


def test_without_a_session_pages_lead_to_the_log_in_and_back(app):
    client = browser(app)
    reply = client.get("/account?x=1")
    assert (reply.status_code, reply.headers["location"]) == (303, "/login?next=%2Faccount%3Fx%3D1")
    reply = client.post(
        "/login", data={"login": "lan", "password": PASSWORD, "next": "/account?x=1"}
    )
    assert reply.headers["location"] == "/account?x=1"
    assert client.get("/account").status_code == 200
    reply = browser(app, accept="application/json").get("/account")
    assert (reply.status_code, reply.json()["error"]) == (401, "not_logged_in")


@pytest.mark.parametrize(
    "path", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_the_way_back_never_leaves_the_desk(app, path):
    reply = browser(app).post("/login", data={"login": "lan", "password": PASSWORD, "next": path})
    assert reply.headers["location"] == "/"


def test_a_wrong_password_and_an_unknown_name_look_the_same(app, records):
    client = browser(app)
    texts = []
    for login in ("lan", "nobody"):
        reply = client.post("/login", data={"login": login, "password": "wrong-wrong-1"})
        assert reply.status_code == 401
        texts.append(reply.text.replace(f'"{login}"', "X"))
    assert texts[0] == texts[1]
    with records.read() as connection:
        subjects = {row.subject for row in connection.execute(AuditEvent.__table__.select())}
    assert "user:nobody" not in subjects  # it may be a password typed into the wrong field


def test_brute_force_waits_longer_and_longer_even_with_the_right_password(app):
    client = browser(app)
    statuses = [
        client.post("/login", data={"login": "lan", "password": f"wrong-wrong-{n}"}).status_code
        for n in range(6)
    ]
    assert statuses == [401] * 5 + [429]
    reply = client.post("/login", data={"login": "lan", "password": PASSWORD})
    assert reply.status_code == 429
    assert "lan" not in client.cookies
    # Somebody else is not locked out with them.
    assert browser(app).post(
        "/login", data={"login": "quantri", "password": PASSWORD}
    ).status_code == 303  # fmt: skip


def test_an_unknown_name_is_locked_out_like_a_known_one(app):
    client = browser(app)
    statuses = [
        client.post("/login", data={"login": "ghost", "password": "wrong-wrong"}).status_code
        for _ in range(6)
    ]
    assert statuses == [401] * 5 + [429]


def test_each_log_in_makes_a_new_session_and_ends_the_one_before(app):
    client = browser(app)
    client.cookies.set("hotich", "x" * 43)  # an attacker's
    client.post("/login", data={"login": "lan", "password": PASSWORD})
    first = client.cookies.get("hotich", domain="testserver.local") or _cookie(client)
    assert first != "x" * 43
    client.post("/login", data={"login": "lan", "password": PASSWORD})
    second = _cookie(client)
    assert second != first
    other = browser(app)
    other.cookies.set("hotich", first)
    assert other.get("/account").status_code == 303


def _cookie(client) -> str:
    return [c.value for c in client.cookies.jar if c.name == "hotich"][-1]


def test_the_cookie_is_for_the_server_alone(app, records, tmp_path):
    reply = browser(app).post("/login", data={"login": "lan", "password": PASSWORD})
    cookie = reply.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "secure" not in cookie
    tls = desk_app(records, tmp_path, origin="https://hotich.example")
    client = browser(tls, origin="https://hotich.example")
    reply = client.post("/login", data={"login": "lan", "password": PASSWORD})
    cookie = reply.headers["set-cookie"]
    assert cookie.startswith("__Host-hotich=")
    assert "Secure" in cookie
    assert "max-age" in reply.headers["strict-transport-security"]


def test_sessions_end_idle_and_at_their_limit(app, records, tmp_path):
    app = desk_app(records, tmp_path, idle_minutes=30, session_hours=8)

    def entered(**moments: After) -> TestClient:
        """A browser whose session was seen, or ends, at another moment."""
        client = enter(app, "lan")
        with records.write() as connection:
            connection.execute(update(WebSession).values(**moments))
        return client

    assert entered(seen_at=After(-29 * 60)).get("/account").status_code == 200
    assert entered(seen_at=After(-31 * 60)).get("/account").status_code == 303
    assert entered(ends_at=After(60)).get("/account").status_code == 200
    assert entered(ends_at=After(-1)).get("/account").status_code == 303
    enter(app, "lan")
    with records.read() as connection:
        newest = select(WebSession.created_at, WebSession.ends_at).order_by(WebSession.id.desc())
        begun, ends = connection.execute(newest).first()
    assert round((ends - begun) / timedelta(hours=1), 3) == 8


def test_logging_out_ends_the_session_on_the_server(app):
    client = enter(app, "lan")
    token = _cookie(client)
    assert client.post("/logout").status_code == 303
    again = browser(app)
    again.cookies.set("hotich", token)
    assert again.get("/account").status_code == 303


def test_sessions_are_revoked_one_by_one_and_by_a_new_password(app):
    here, there, third = enter(app, "lan"), enter(app, "lan"), enter(app, "lan")
    page = here.get("/account").text
    numbers = re.findall(r"/account/sessions/(\d+)/end", page)
    assert len(numbers) == 2
    here.post(f"/account/sessions/{max(map(int, numbers))}/end")
    assert third.get("/account").status_code == 303
    assert there.get("/account").status_code == 200
    new = {"old": PASSWORD, "new": "mot-mat-ma-khac-9", "again": "mot-mat-ma-khac-9"}
    assert here.post("/account/password", data=new).status_code == 303
    assert there.get("/account").status_code == 303
    assert here.get("/account").status_code == 200


def test_nobody_ends_somebody_elses_session(app):
    lan, boss = enter(app, "lan"), enter(app, "quantri")
    for number in range(1, 6):
        lan.post(f"/account/sessions/{number}/end")
    assert boss.get("/account").status_code == 200


@pytest.mark.parametrize(
    ("new", "again"),
    [
        ("short", "short"),
        ("aaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaa"),
        ("matkhau123", "matkhau123"),
        ("mot-mat-ma-khac-9", "mot-mat-ma-khac-8"),
        (PASSWORD, PASSWORD),
    ],
)
def test_a_bad_new_password_is_refused_with_a_reason(app, new, again):
    client = enter(app, "lan")
    reply = client.post("/account/password", data={"old": PASSWORD, "new": new, "again": again})
    assert reply.status_code == 422
    assert 'role="alert"' in reply.text
    assert enter(app, "lan")


def test_a_disabled_user_is_out_at_once(app):
    lan, admin = enter(app, "lan"), enter(app, "quantri")
    assert admin.post("/users/lan/disable").status_code == 303
    assert lan.get("/account").status_code == 303
    reply = browser(app).post("/login", data={"login": "lan", "password": PASSWORD})
    assert reply.status_code == 401
    assert admin.post("/users/quantri/disable").status_code == 422  # the last admin stays
    admin.post("/users/lan/enable")
    assert enter(app, "lan")


def test_an_invented_password_is_shown_once_and_must_be_changed(app):
    admin = enter(app, "quantri")
    reply = admin.post("/users", data={"login": "moi", "name": "<b>Mới</b>", "role": "operator"})
    assert reply.status_code == 201
    password = re.search(r"<code>([a-z0-9-]+)</code>", reply.text).group(1)
    assert "<b>Mới</b>" not in reply.text
    assert "&lt;b&gt;Mới&lt;/b&gt;" in reply.text
    assert password not in admin.get("/users").text
    client = browser(app)
    client.post("/login", data={"login": "moi", "password": password})
    reply = client.get("/account")
    assert reply.headers["location"] == "/account/password"
    new = {"old": password, "new": "cay-tre-dau-lang-7", "again": "cay-tre-dau-lang-7"}
    assert client.post("/account/password", data=new).status_code == 303
    assert client.get("/account").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://testserver:8080"},
        {"origin": "https://testserver"},
        {"origin": ""},
        {"origin": OURS, "sec-fetch-site": "cross-site"},
        {"origin": "", "sec-fetch-site": "same-site"},
    ],
)
def test_an_unsafe_request_from_elsewhere_changes_nothing(app, headers):
    client = enter(app, "quantri")
    if not headers["origin"]:
        del client.headers["origin"]
        headers = {name: value for name, value in headers.items() if value}
    reply = client.post("/users/lan/disable", headers=headers)
    assert reply.status_code == 403
    assert "Traceback" not in reply.text
    assert enter(app, "lan")
    assert client.get("/account", headers=headers).status_code == 200


def test_where_a_request_comes_from():
    assert is_ours("GET", "http", "a", "https://evil.example", "cross-site", "")
    assert is_ours("POST", "http", "desk:80", "http://desk", "", "")
    assert is_ours("POST", "http", "inner:8710", "https://desk.vn", "", "https://desk.vn")
    assert not is_ours("POST", "http", "inner:8710", "http://inner:8710", "", "https://desk.vn")
    assert is_ours("POST", "http", "localhost", "", "same-origin", "")
    assert not is_ours("POST", "http", "localhost", "", "", "")
    assert not is_ours("POST", "http", "h", "http://h:99999", "", "")
    assert not is_ours("POST", "http", "", "", "", "")


def test_every_answer_carries_the_headers_of_trust(app):
    client = enter(app, "lan")
    missing = client.get("/no-such-page")
    for reply in (client.get("/account"), missing, client.get("/login"), client.get("/static/x/y")):
        policy = reply.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert reply.headers["x-frame-options"] == "DENY"
        assert reply.headers["referrer-policy"] == "same-origin"
    assert client.get("/account").headers["cache-control"] == "no-store"
    assert missing.status_code == 404


def test_pages_hold_nothing_inline(app):
    client = enter(app, "quantri")
    for path in ("/login", "/account", "/account/password", "/users", "/overview"):
        page = client.get(path).text
        assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)", page), path
        assert not re.search(r"\son[a-z]+\s*=|\sstyle\s*=|<style", page), path


@pytest.mark.parametrize(
    "path",
    [
        "/static/x/../app.py", "/static/x/%2e%2e/app.py", "/static/x/..%2fapp.py",
        "/static/x//etc/passwd", "/static/x/vendor/../../app.py", "/static/x/vendor/package.json",
        "/static/x/%00", "/static/x/....//app.py", "/static/x/base.css/..",
    ],
)  # fmt: skip
def test_no_path_leads_out_of_the_served_files(app, path):
    reply = browser(app).get(path)
    assert reply.status_code in (303, 404)
    assert "create_app" not in reply.text
    assert "root:" not in reply.text


def test_files_are_kept_by_their_version(app):
    client = browser(app)
    address = re.search(r'href="(/static/[^"]+base.css)"', client.get("/login").text).group(1)
    reply = client.get(address)
    assert reply.status_code == 200
    assert "immutable" in reply.headers["cache-control"]
    assert client.get("/static/old/base.css").headers["cache-control"] == "no-cache"


def test_an_oversized_body_is_refused_before_it_is_read(app):
    client = enter(app, "quantri")
    big = {"login": "x", "name": "a" * 2_000_000}
    reply = client.post("/users", data=big)
    assert reply.status_code == 413
    assert "<h1>" in reply.text

    def pieces():
        for _ in range(40):
            yield b"name=" + b"a" * 50_000

    kind = {"content-type": "application/x-www-form-urlencoded"}
    assert client.post("/users", content=pieces(), headers=kind).status_code == 413


@pytest.mark.parametrize(
    "cookie", ["", "x", "é" * 30, "a" * 5000, "../../etc/passwd" * 3, "' OR 1=1 --" + "x" * 20]
)
def test_a_broken_cookie_is_no_session(app, cookie):
    client = browser(app)
    reply = client.get("/account", headers={"cookie": f"hotich={cookie}".encode()})
    assert reply.status_code == 303


@pytest.mark.parametrize(
    "form",
    [
        {"login": "a\0b", "password": "x"},
        {"login": "a" * 10_000, "password": "b" * 10_000},
        {"login": "\U0001f600", "password": "\x07"},
        {},
    ],
)
def test_bad_log_ins_are_answered_with_the_form(app, form):
    reply = browser(app).post("/login", data=form)
    assert reply.status_code == 401
    assert "Traceback" not in reply.text
    assert 'name="password"' in reply.text


def test_pages_speak_the_users_language(app):
    client = browser(app)
    assert '<html lang="vi">' in client.get("/login").text
    assert "Đăng nhập" in client.get("/login").text
    assert "Log in" in client.get("/login", headers={"accept-language": "en-GB,en;q=0.8"}).text
    reply = client.post("/language", data={"lang": "en", "next": "/login"})
    assert reply.headers["location"] == "/login"
    assert "Log in" in client.get("/login").text
    client = enter(app, "lan")
    assert "Đăng xuất" in client.get("/account").text
    client.post("/language", data={"lang": "en", "next": "/account"})
    assert "Log out" in client.get("/account").text
    assert "There is nothing here" in client.get("/nowhere").text
    assert "Log out" in enter(app, "lan").get("/account").text  # also from another browser


def test_an_error_of_the_code_shows_no_stack_trace(app, monkeypatch):
    def broken(*_args, **_more):
        raise RuntimeError("secret /home/lan")

    monkeypatch.setattr("desk.routes.account.sessions_of", broken)
    client = enter(app, "lan")
    reply = client.get("/account")
    assert reply.status_code == 500
    assert "secret" not in reply.text
    assert "content-security-policy" in reply.headers
    reply = client.get("/account", headers={"accept": "application/json"})
    assert reply.json()["error"] == "http_500"


def test_comings_and_goings_are_in_the_sound_log(app, records):
    client = enter(app, "lan")
    client.post("/logout")
    browser(app).post("/login", data={"login": "lan", "password": "wrong-wrong-1"})
    with records.read() as connection:
        actions = [row.action for row in connection.execute(AuditEvent.__table__.select())]
    assert actions[-3:] == ["login", "logout", "login.failed"]
    assert verify_audit(records).sound
