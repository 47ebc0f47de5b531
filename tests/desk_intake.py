"""A contractor at the desk for tests: pictures of pages, deliveries, uploads by tus."""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from pathlib import Path

import numpy as np
from desk_browser import enter, known
from fastapi import FastAPI
from PIL import Image
from starlette.testclient import TestClient

from desk.intake.checking import work_off
from models import Database, load_units
from models.states import Role
from pipeline.places import load_gazetteer, registering_units
from pipeline.settings import Settings

TUS = {"tus-resumable": "1.0.0"}
BODY = TUS | {"content-type": "application/offset+octet-stream"}
MANIFEST = "path,unit,district,kind,year,volume,note\n"


def jpeg(seed: int, size: tuple[int, int] = (300, 400)) -> bytes:
    """A small picture like no other."""
    noise = np.random.default_rng(seed).integers(0, 255, (size[1] // 10, size[0] // 10), np.uint8)
    out = io.BytesIO()
    Image.fromarray(noise).resize(size).save(out, "JPEG", dpi=(300, 300))
    return out.getvalue()


def zip_of(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def units_of_plan(db: Database) -> None:
    load_units(db, registering_units(load_gazetteer()))


def firm(db: Database, login: str, contractor: str, **more: object) -> None:
    known(db, login, Role.CONTRACTOR, contractor=contractor, everywhere=False, **more)


def rows(db: Database, table) -> list:
    """All rows of a table."""
    with db.read() as connection:
        return list(connection.execute(table.__table__.select()))


def metadata(**said: object) -> str:
    return ",".join(
        f"{key} {base64.b64encode(str(value).encode()).decode()}" for key, value in said.items()
    )


def sum_of(data: bytes) -> str:
    return "sha256 " + base64.b64encode(hashlib.sha256(data).digest()).decode()


class Firm:
    """A browser of a contractor."""

    def __init__(self, app: FastAPI, login: str) -> None:
        self.app = app
        self.client: TestClient = enter(app, login)

    def deliver(self, name: str = "lô 1") -> int:
        reply = self.client.post("/deliveries", data={"name": name})
        assert reply.status_code == 303, reply.text
        return int(reply.headers["location"].rsplit("/", 1)[1])

    def announce(self, delivery: int, path: str, size: int, modified: int = 1):
        said = metadata(delivery=delivery, path=path, modified=modified)
        headers = TUS | {"upload-length": str(size), "upload-metadata": said}
        return self.client.post("/uploads", headers=headers)

    def send(self, url: str, data: bytes, offset: int = 0, sum_: str | None = None):
        headers = BODY | {"upload-offset": str(offset), "upload-checksum": sum_ or sum_of(data)}
        return self.client.patch(url, content=data, headers=headers)

    def upload(self, delivery: int, path: str, data: bytes) -> str:
        reply = self.announce(delivery, path, len(data))
        assert reply.status_code == 201, reply.text
        url = reply.headers["location"]
        if data and reply.headers["upload-offset"] == "0":
            assert self.send(url, data).status_code == 204
        return url

    def post(self, path: str, **data: str):
        return self.client.post(path, data=data)


def worked_off(app: FastAPI) -> int:
    """What the process beside the desk does."""
    desk = app.state.desk
    return work_off(desk.settings, desk.database)


def settings_of(home: Path) -> Settings:
    return Settings(home=home)
