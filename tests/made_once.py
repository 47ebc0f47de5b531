"""What is dear to make and only read: made once a session, for all of its workers.

A fixture of scope ``session`` is made again in each worker of ``pytest -n``, and on a machine
of two cores the second making is the test suite's most expensive one.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bench.homes import AS_OF, make_batch, queue_in
from flows.engine import settings_environment
from models import load_book_form, open_database, save_book_form
from pipeline.settings import PROJECT, Settings

IN_PEACE = """
import json, sys
from flows.dispatch import run_all
from pipeline.settings import load_settings

shown = []
outcome = run_all(
    load_settings(), progress=lambda units: shown.append(sum(u.tally.scans_done for u in units))
)
prefect = [name for name in sys.modules if name.split(".")[0] == "prefect"]
print(json.dumps({"books": outcome.books, "shown": shown, "prefect": prefect}))
"""


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """The folder that ``make`` has filled; whoever comes first makes it, others wait for it."""
    root = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent
    folder, mark = root / "once" / name, root / "once" / f"{name}.made"
    folder.parent.mkdir(exist_ok=True)
    with (folder.parent / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not mark.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            mark.touch()
    return folder


def books_in_peace(factory: pytest.TempPathFactory, *, scans: int, books: int = 1) -> Path:
    """A batch of ``bench.homes``, and homes around it that are only to be read or copied.

    Below the folder: ``batch``; ``queued``, a home with it in its queue; ``calm``, one in which a
    process of its own has digitized it undisturbed; ``told.json``, what that process has to say;
    ``learned``, the home of the queue whose books' forms are already learned.
    """

    def make(folder: Path) -> None:
        shutil.move(make_batch(folder / "made", scans=scans, books=books), folder / "batch")
        queued = Settings(home=folder / "queued")
        queue_in(queued, folder / "batch")
        for name in ("calm", "learned"):
            shutil.copytree(folder / "queued", folder / name)
        calm = settings_environment(Settings(home=folder / "calm", workers=1, as_of=AS_OF))
        told = subprocess.run(
            [sys.executable, "-c", IN_PEACE], stdout=subprocess.PIPE, text=True, check=True,
            env={**os.environ, **calm, "PYTHONPATH": str(PROJECT)},
        )  # fmt: skip
        (folder / "told.json").write_text(told.stdout, "utf-8")
        source, target = (
            open_database(Settings(home=folder / name).resolved_database_url)
            for name in ("calm", "learned")
        )
        for book in range(1, books + 1):
            form = load_book_form(source, book)
            assert form is not None
            save_book_form(target, book, form)
        source.close()
        target.close()

    return made_once(factory, f"books-{scans}-{books}", make)


def told(folder: Path) -> Any:
    """What the undisturbed run has to say: ``books``, progress ``shown``, ``prefect`` modules."""
    return json.loads((folder / "told.json").read_text("utf-8"))


def copied(folder: Path, name: str, home: Path, **options: Any) -> Settings:
    """Settings of a copy of one of those homes."""
    shutil.copytree(folder / name, home)
    return Settings(home=home, as_of=AS_OF, **options)
