"""A watched place and the desk that looks at it, for tests; batches to be put there."""

from __future__ import annotations

import hashlib
from pathlib import Path

import fsspec
from desk_intake import MANIFEST, jpeg, rows

from desk.intake.checking import work_off
from desk.intake.collecting import Swept, sweep
from desk.settings import DeskSettings
from models import Database
from pipeline.settings import Settings

ROW = "ks,Xã An Thái,Huyện An Lão,KS,2008,01,\n"


class Office:
    """A watched place and the desk that looks at it."""

    def __init__(self, db: Database, home: Path, address: str, **options: object) -> None:
        self.db, self.home, self.address = db, home, address
        self.fs, self.root = fsspec.core.url_to_fs(address)
        self.options = DeskSettings(
            watch=address, watch_still_seconds=60, **{"reserve_gigabytes": 0, **options}
        )
        self.settings = Settings(home=home)

    def put(self, place: str, files: dict[str, bytes]) -> None:
        for name, data in files.items():
            path = f"{self.root}/{place}/{name}" if name else f"{self.root}/{place}"
            self.fs.makedirs(path.rpartition("/")[0], exist_ok=True)
            self.fs.pipe_file(path, data)

    def look(self) -> Swept:
        swept = sweep(self.db, self.settings, self.options)
        assert swept is not None
        return swept

    def work(self) -> Swept:
        self.look()
        work_off(self.settings, self.db)
        return self.look()

    def answer(self, place: str) -> str:
        return str(self.fs.cat_file(f"{self.root}/{place}.KET-QUA.txt").decode("utf-8-sig"))

    def rows(self, table) -> list:
        return rows(self.db, table)


def book(first: int = 1, pages: int = 3, row: str = ROW) -> dict[str, bytes]:
    pictures = {f"ks/{page + 1}.jpg": jpeg(first + page) for page in range(pages)}
    return {"manifest.csv": (MANIFEST + row).encode(), **pictures}


def sums(files: dict[str, bytes]) -> bytes:
    lines = [f"{hashlib.sha256(data).hexdigest()} *./{path}" for path, data in files.items()]
    return "\n".join(lines).encode()
