"""The desk for tests, and a browser without screen: cookies, our own origin, forms."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from desk_people import person
from fastapi import FastAPI
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from starlette.testclient import TestClient

from desk.app import create_app
from desk.security import passwords
from desk.security.passwords import hash_password
from desk.settings import DeskSettings
from models import Database
from models.states import Role
from models.users import User, set_password
from pipeline.settings import Settings

# Hashing costs as much as a test: the parameters are not what these tests look at.
passwords._hasher = lru_cache(
    lambda: PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))
)
PASSWORD = "thuyen-cam-buom-41"
OURS = "http://testserver"


@lru_cache
def hashed() -> str:
    return hash_password(PASSWORD)


def desk_app(database: Database, home: Path, **options: object) -> FastAPI:
    return create_app(Settings(home=home), database, DeskSettings(**options))  # type: ignore[arg-type]


def known(database: Database, login: str, role: Role = Role.OPERATOR, **more: object) -> User:
    """A user with the test's password."""
    user = person(database, login, role, **more)
    set_password(database, login, hashed(), must_change=False, actor="test")
    return user


def browser(app: FastAPI, **headers: str) -> TestClient:
    """A browser on our own pages: sends ``Origin`` as browsers do, follows nothing by itself."""
    client = TestClient(app, base_url=OURS, follow_redirects=False, raise_server_exceptions=False)
    client.headers.update({"origin": OURS, "accept": "text/html", **headers})
    return client


def enter(app: FastAPI, login: str) -> TestClient:
    """A browser in which somebody has logged in."""
    client = browser(app)
    reply = client.post("/login", data={"login": login, "password": PASSWORD})
    assert reply.status_code == 303, reply.text
    return client
