"""An office for browser tests: a digitized home, its real server, people, and Debian's Chromium."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest
from desk_browser import PASSWORD, hashed
from made_once import copied, made_once
from playwright.sync_api import Browser, Page, expect, sync_playwright
from sqlalchemy import select, update

from bench.homes import queue_in
from flows.dispatch import run_all
from models import Database, open_database
from models.reviewing import give_back, holds_of
from models.states import Role
from models.tables import Book, DeskUser
from models.targets import set_target
from models.users import User, add_user, list_users
from pipeline.settings import PROJECT, Settings

SAMPLES = PROJECT / "samples" / "batches"
SCREENS = os.environ.get("HOTICH_SHOTS")
"""Folder for a screenshot of every screen, where somebody wants to look at them."""
CHROMIUM = shutil.which("chromium")
IN_CHROMIUM = pytest.mark.slow
"""Mark of a file of browser tests; without Chromium they fail."""
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
"""Script: by how many pixels a page is wider than its window."""
FADED_IN = """() => Promise.allSettled(document.getAnimations()
    .filter((one) => one.effect.getComputedTiming().endTime !== Infinity)
    .map((one) => one.finished))"""
"""Script: waits until whatever fades in is legible."""
expect.set_options(timeout=90_000)
AXE = PROJECT / "desk" / "node_modules" / "axe-core" / "axe.min.js"


def digitized(factory: pytest.TempPathFactory) -> Settings:
    """A home with two pages of a ledger and two of a newer register, of the committed samples."""
    made = made_once(factory, "office", _digitize)
    return copied(made, "home", factory.mktemp("office") / "home", workers=1)


def _digitize(folder: Path) -> None:
    batch = folder / "batch"
    for source, names in (
        ("kien-thuy-2024-04/KS.1982.01", ("0001.jpg", "0002.jpg")),
        ("an-lao-2024-03/KS.2008.01", ("0002.jpg", "0003.jpg")),
    ):
        target = batch / Path(source).name
        target.mkdir(parents=True)
        for name in names:
            shutil.copy(SAMPLES / source / name, target / name)
    (batch / "manifest.csv").write_text(
        "path,unit,district,kind,year,volume,note\n"
        "KS.1982.01,Xã Đại Đồng,Huyện Kiến Thụy,KS,1982,01,\n"
        "KS.2008.01,Xã An Thái,Huyện An Lão,KS,2008,01,\n",
        "utf-8",
    )
    settings = Settings(home=folder / "home", workers=1)
    queue_in(settings, batch)
    # However well the machine reads, somebody is to look at a name of every entry.
    database = open_database(settings.resolved_database_url)
    chief = add_user(
        database, "truong", "Trưởng", Role.SUPERVISOR, hashed(),
        language="vi", must_change=False, actor="test", everywhere=True,
    )  # fmt: skip
    assert set_target(database, chief, "name", 0.0, "thử")
    database.close()
    assert run_all(settings).books == 2


class Office:
    """A running desk over a home, and its database."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.database: Database = open_database(settings.resolved_database_url)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.process: subprocess.Popen[bytes] | None = None
        self._people = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        variables = {
            "HOTICH_HOME": str(self.settings.home), "HOTICH_DESK_PORT": str(self.port),
            "HOTICH_DESK_TEST_SHARE": "0", "PYTHONPATH": str(PROJECT),
        }  # fmt: skip
        self.process = subprocess.Popen(
            [sys.executable, "-m", "cli.main", "desk"],
            env={**os.environ, **variables}, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        for _ in range(3000):  # a busy machine starts slowly
            try:
                with urllib.request.urlopen(f"{self.url}/health", timeout=2):
                    return
            except OSError:
                assert self.process.poll() is None, "the desk did not start"
                time.sleep(0.1)
        raise AssertionError("the desk does not answer")

    def kill(self) -> None:
        """As a power cut would."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def person(self, role: Role = Role.OPERATOR, language: str = "vi", **more: object) -> User:
        self._people += 1
        settings: dict[str, object] = {"everywhere": True, **more}
        return add_user(
            self.database, f"nguoi{self._people}", f"Người {self._people}", role, hashed(),
            language=language, must_change=False, actor="test", **settings,
        )  # fmt: skip

    def seated(self, year: int, **settings: object) -> User:
        """Somebody who sits at the book of a year.

        Whoever sits nowhere is given another book where a window that has closed holds an entry
        that it asked for ahead.
        """
        user = self.person(**settings)
        with self.database.write() as connection:
            book = select(Book.id).where(Book.year == year).scalar_subquery()
            connection.execute(
                update(DeskUser).where(DeskUser.id == user.id).values(seat_book_id=book)
            )
        return user

    def rest(self, browser: Browser | None = None) -> None:
        """Windows are closed, and everybody lays everything back."""
        for context in browser.contexts if browser else ():
            context.close()
        for user in list_users(self.database):
            for hold in holds_of(self.database, user.id):
                give_back(self.database, hold)

    def close(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=20)
        self.database.close()


@contextmanager
def chromium():
    assert CHROMIUM is not None, "'./run setup dev' installs chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


def sit_down(browser: Browser, office: Office, user: User, **options: object) -> Page:
    """A browser window at the size of an office's screen, logged in and at an entry."""
    context = browser.new_context(
        viewport={"width": 1366, "height": 768}, locale="vi-VN", **options
    )
    context.set_default_timeout(60_000)
    page = context.new_page()
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.on(
        "console",
        lambda said: said.type == "error" and page.problems.append(said.text),
    )
    page.goto(f"{office.url}/login?next=/entry")
    log_in(page, user)
    return page


def sign_in(page: Page, user: User) -> None:
    page.fill("input[name=login]", user.login)
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")


def log_in(page: Page, user: User) -> None:
    """Sign in on the way to an entry."""
    sign_in(page, user)
    ready(page)


def ready(page: Page) -> None:
    """Wait until the page's script has put somebody at a field: keys before that are lost."""
    expect(page.locator(".field.now, #save:focus").first).to_be_visible(timeout=90_000)


def number_of(page: Page) -> int:
    """Id of the entry on the screen."""
    return int(page.url.rsplit("/", 1)[1].split("?")[0])


def left(page: Page) -> int:
    return int(page.locator("#left").inner_text())


def accept_all(page: Page) -> int:
    """Accept every field that waits; how many keys it took."""
    keys = 0
    while left(page):
        page.keyboard.press("Enter" if not page.locator(".field.now.open").count() else "?")
        keys += 1
        assert keys < 60
    return keys


def shot(page: Page, name: str) -> None:
    """A picture of the screen at rest, where they are wanted."""
    if SCREENS:
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(250)
        page.screenshot(path=Path(SCREENS) / f"{name}.png")


def violations(page: Page) -> list[str]:
    """What axe-core finds against WCAG 2.2 AA, serious or worse, on the screen at rest."""
    page.wait_for_load_state("networkidle")
    page.evaluate(FADED_IN)
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate(
        """async () => (await axe.run(document, {resultTypes: ["violations"], runOnly: ["wcag2a",
        "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})).violations.map((one) => [one.impact,
        one.id, one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" | ")])"""
    )
    return [
        f"{name}: {where}" for impact, name, where in found if impact in ("serious", "critical")
    ]
