"""Coming in by an identity provider: a real one on loopback, and what must not be believed."""

from __future__ import annotations

import shutil
from urllib.parse import urlsplit

import httpx
import pytest
from desk_browser import browser, desk_app, enter, known
from desk_provider import CLIENT, SECRET, SmallProvider
from joserfc.jwk import ECKey
from sqlalchemy import select

from desk.security.oidc import unseal
from desk.security.provider import SignInError
from desk.settings import DeskSettings, load_desk_settings
from models import open_database, verify_audit
from models.identities import identities, link_identity, unlink_identities
from models.states import Role
from models.tables import AuditEvent
from models.users import change_user, list_users
from pipeline.errors import SettingsError, UserError


@pytest.fixture
def sqlite_database(_migrated_sqlite, tmp_path):
    shutil.copy(_migrated_sqlite, tmp_path / "hotich.sqlite")
    database = open_database(f"sqlite:///{tmp_path / 'hotich.sqlite'}")
    yield database
    database.close()


@pytest.fixture
def provider():
    provider = SmallProvider()
    yield provider
    provider.close()


@pytest.fixture
def app(sqlite_database, provider, tmp_path):
    known(sqlite_database, "lan", Role.OPERATOR)
    return desk_app(
        sqlite_database, tmp_path, oidc_issuer=provider.issuer, oidc_client_id=CLIENT,
        oidc_client_secret=SECRET, oidc_name="Cổng Hải Phòng",
    )  # fmt: skip


def link(database, provider, login="lan"):
    link_identity(database, login, provider.issuer, provider.subject, actor="test")


def come(client, path="/"):
    """The browser's way: our link, the provider's page, back with its answer."""
    begun = client.get("/login/oidc", params={"next": path})
    assert begun.status_code == 303, begun.text
    there = httpx.get(begun.headers["location"], follow_redirects=False)
    back = urlsplit(there.headers["location"])
    return client.get(f"{back.path}?{back.query}")


def events(database):
    with database.read() as connection:
        return list(connection.execute(select(AuditEvent.action).order_by(AuditEvent.id)).scalars())


def test_a_linked_person_comes_in_and_goes_on_to_where_they_were(sqlite_database, app, provider):
    link(sqlite_database, provider)
    client = browser(app)
    reply = come(client, "/account")
    assert (reply.status_code, reply.headers["location"]) == (303, "/account")
    assert client.get("/account").status_code == 200
    assert events(sqlite_database)[-2:] == ["login.identity", "login"]
    assert verify_audit(sqlite_database).sound


def test_a_stranger_is_told_what_to_give_to_the_administrator_and_nobody_is_made(
    sqlite_database, app, provider
):
    before = list_users(sqlite_database)
    client = browser(app)
    reply = come(client)
    assert reply.status_code == 403
    assert provider.subject in reply.text
    assert client.get("/account").status_code == 303
    assert list_users(sqlite_database) == before
    assert events(sqlite_database)[-1] == "login.identity.refused"


def test_somebody_shut_out_stays_out(sqlite_database, app, provider):
    link(sqlite_database, provider)
    change_user(sqlite_database, "lan", disabled=True, actor="test")
    client = browser(app)
    assert come(client).status_code == 403
    assert client.get("/account").status_code == 303


@pytest.mark.parametrize(
    "claims",
    [{"iss": "https://elsewhere.example"}, {"aud": "another-desk"}, {"exp": 1_000_000_000},
     {"nonce": "of another log-in"}, {"sub": ""}, {"aud": [CLIENT, "other"], "azp": "other"}],
    ids=["issuer", "audience", "time", "nonce", "subject", "party"],
)  # fmt: skip
def test_a_token_that_does_not_prove_it_lets_nobody_in(sqlite_database, app, provider, claims):
    link(sqlite_database, provider)
    provider.claims = claims
    client = browser(app)
    reply = come(client)
    assert reply.status_code == 502
    assert "Không xác minh được" in reply.text
    assert client.get("/account").status_code == 303


def test_a_token_signed_by_somebody_else_lets_nobody_in(sqlite_database, app, provider):
    link(sqlite_database, provider)
    provider.signs_with = ECKey.generate_key("P-256", {"kid": "one"}, private=True)
    assert come(browser(app)).status_code == 502


def test_new_keys_of_the_provider_are_fetched_at_once(sqlite_database, app, provider):
    link(sqlite_database, provider)
    assert come(browser(app)).status_code == 303
    provider.key = provider.signs_with = ECKey.generate_key("P-256", {"kid": "two"}, private=True)
    assert come(browser(app)).status_code == 303


def test_an_answer_that_another_browser_began_is_refused(sqlite_database, app, provider):
    link(sqlite_database, provider)
    begun = browser(app).get("/login/oidc")
    there = httpx.get(begun.headers["location"], follow_redirects=False)
    back = urlsplit(there.headers["location"])
    victim = browser(app)
    assert victim.get(f"{back.path}?{back.query}").status_code == 400
    victim.get("/login/oidc")
    assert victim.get(f"{back.path}?{back.query}").status_code == 400
    assert victim.get("/account").status_code == 303


def test_a_code_is_good_once(sqlite_database, app, provider):
    link(sqlite_database, provider)
    client = browser(app)
    begun = client.get("/login/oidc")
    there = httpx.get(begun.headers["location"], follow_redirects=False)
    back = urlsplit(there.headers["location"])
    asked = {name: value for name, value in client.cookies.items() if name.endswith("-asked")}
    assert client.get(f"{back.path}?{back.query}").status_code == 303
    assert client.get(f"{back.path}?{back.query}").status_code == 400  # the cookie is used up
    client.cookies.update(asked)
    assert client.get(f"{back.path}?{back.query}").status_code == 403  # the code is, too


def test_errors_are_pages_in_the_language_of_whoever_asks(sqlite_database, app, provider):
    provider.refuses = "access_denied"
    assert "không cho đăng nhập" in come(browser(app)).text
    english = browser(app, **{"accept-language": "en"})
    reply = come(english)
    assert reply.status_code == 403
    assert "did not let you in" in reply.text


def test_a_provider_that_is_down_is_said_and_passwords_go_on(sqlite_database, app, provider):
    provider.close()
    reply = browser(app).get("/login/oidc")
    assert reply.status_code == 502
    assert "không trả lời" in reply.text
    assert enter(app, "lan").get("/account").status_code == 200


def test_the_button_is_there_only_where_a_provider_is_set(sqlite_database, app, tmp_path):
    assert "Đăng nhập bằng Cổng Hải Phòng" in browser(app).get("/login").text
    without = browser(desk_app(sqlite_database, tmp_path))
    assert "/login/oidc" not in without.get("/login").text
    assert without.get("/login/oidc").status_code == 404
    assert without.get("/login/oidc/back").status_code == 404


def test_who_is_linked_has_no_second_door_and_sessions_end(sqlite_database, app, provider):
    before = enter(app, "lan")
    link(sqlite_database, provider)
    assert before.get("/account").status_code == 303
    reply = browser(app).post("/login", data={"login": "lan", "password": "thuyen-cam-buom-41"})
    assert reply.status_code == 401
    assert [one.login for one in identities(sqlite_database)] == ["lan"]
    assert unlink_identities(sqlite_database, "lan", actor="test") == 1
    assert identities(sqlite_database) == []
    assert come(browser(app)).status_code == 403


def test_a_subject_is_one_person(sqlite_database, app, provider):
    link(sqlite_database, provider)
    known(sqlite_database, "minh", Role.ADMIN)
    with pytest.raises(UserError):
        link(sqlite_database, provider, "minh")
    with pytest.raises(UserError):
        link(sqlite_database, provider, "nobody")


def test_a_cookie_that_somebody_else_wrote_is_none():
    with pytest.raises(SignInError):
        unseal("eyJzdGF0ZSI6ICJ4In0=.00", b"key")
    with pytest.raises(SignInError):
        unseal("", b"key")


def test_settings_that_cannot_be_safe_are_refused(monkeypatch):
    monkeypatch.setenv("HOTICH_DESK_OIDC_ISSUER", "http://sso.example")
    with pytest.raises(SettingsError, match="OIDC_ISSUER"):
        load_desk_settings()
    monkeypatch.setenv("HOTICH_DESK_OIDC_ISSUER", "https://sso.example")
    with pytest.raises(SettingsError, match="CLIENT_ID"):
        load_desk_settings()
    assert DeskSettings(oidc_issuer="").provider is None
