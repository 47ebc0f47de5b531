"""What an operator feels in the browser, and which keys a real run of the page takes.

Serves the desk over a home (a copy: it is worked in), opens it in Debian's Chromium without
screen, and works as an operator who knows the truth would: for each doubtful field the cheapest
way that the page offers. Each key is recorded where the browser sees it::

    HOTICH_HOME=copy python -m bench.desk_browser samples/truth --doubtful 3 --runs right.jsonl
    python -m bench.keystrokes --recorded right.jsonl

Without truth every field is accepted as it stands: for times and bytes only. ``--fill`` makes a
home of its own with invented entries, ``--operators`` has others work at the same time::

    python -m bench.desk_browser --fill 200000 --operators 50 --entries 60
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import psutil
import typer

from bench.desk_crowd import LOGIN as CROWD
from bench.desk_crowd import PASSWORD
from bench.desk_doubts import set_doubts
from bench.keystrokes import same, telex, telex_keys, truth_of_entries, view_of, wanted_of, way
from desk.review.view import FieldView
from desk.security.passwords import hash_password
from models import Database, open_database
from models.review_entry import entry_for_review
from models.states import Role
from models.users import add_user, list_users, set_password
from pipeline.evaluation.truth import TruthField
from pipeline.settings import Settings, load_settings
from pipeline.types import ValueState

_LOGIN = "bench-browser"
_LISTENER = Path(__file__).with_name("desk_browser.js")
_STATE_KEYS = {ValueState.BLANK: "F2", ValueState.UNREADABLE: "F4", ValueState.STRUCK: "F8",
               ValueState.DITTO: "F9"}  # fmt: skip
_PICTURES = ("/pic/crop/", "/pic/tile/", "/pic/head/")


@dataclass(frozen=True)
class Run:
    """One entry as it was worked: what ``bench.keystrokes`` reckons with."""

    entry: int
    fields: int
    doubtful: int
    keys: int
    """Seen by the browser, the one that saves among them."""
    clicks: int
    looks: int
    twice: int
    """Keys that two people need who type every field of it."""


@dataclass
class Weights:
    """What came over the wire: address, bytes with headers (none where the browser had it)."""

    address: dict[str, str] = field(default_factory=dict)
    seen: list[tuple[str, int]] = field(default_factory=list)

    def listen(self, page: Any) -> None:
        """Count what a page loads from now on."""
        told = page.context.new_cdp_session(page)
        told.send("Network.enable")
        told.on("Network.responseReceived", self._begun)
        told.on("Network.loadingFinished", self._ended)

    def _begun(self, event: dict[str, Any]) -> None:
        self.address[event["requestId"]] = event["response"]["url"]

    def _ended(self, event: dict[str, Any]) -> None:
        address = self.address.get(event["requestId"], "")
        self.seen.append((address, int(event["encodedDataLength"])))


def main(
    truth: Annotated[Path | None, typer.Argument(help="Truth of the digitized samples.")] = None,
    entries: Annotated[int, typer.Option(help="To be worked.")] = 20,
    runs: Annotated[Path | None, typer.Option(help="Where recorded runs are written.")] = None,
    doubtful: Annotated[int, typer.Option(help="Doubtful fields of each; 0: as they are.")] = 0,
    right: Annotated[bool, typer.Option("--right/--wrong", help="The machine in these.")] = True,
    fill: Annotated[int, typer.Option(help="Invented entries in a home of its own.")] = 0,
    home: Annotated[Path | None, typer.Option(help="Where that home is kept.")] = None,
    fields: Annotated[int, typer.Option(help="Fields of an invented entry.")] = 8,
    operators: Annotated[int, typer.Option(help="Others at work at the same time.")] = 0,
    think: Annotated[float, typer.Option(help="Seconds before the first key.")] = 1.0,
    crowd_think: Annotated[float, typer.Option(help="Seconds the others need.")] = 20.0,
) -> None:
    """Work at the desk over the home of HOTICH_HOME, or over a filled one."""
    with ExitStack() as stack:
        settings, filled = load_settings(), 0.0
        if fill:
            folder = home or Path(
                stack.enter_context(tempfile.TemporaryDirectory(prefix="hotich-browser-"))
            )
            settings = Settings(home=folder)
            filled = _fill(settings, fill, fields)
        db = open_database(settings.resolved_database_url)
        stack.callback(db.close)
        _users(db, operators)
        known = truth_of_entries(db, truth) if truth else {}
        if doubtful:
            entries = min(entries, len(set_doubts(db, known, doubtful, right=right)))
        url, server = stack.enter_context(_server(settings))
        if operators:
            stack.enter_context(_crowd(url, operators, crowd_think))
        before = server.cpu_times()
        done, told = _measure(url, db, known, entries, think)
        spent = server.cpu_times()
        cpu = spent.user + spent.system - before.user - before.system
    if runs:
        runs.write_text("".join(json.dumps(asdict(run)) + "\n" for run in done), "utf-8")
    typer.echo(json.dumps({
        "entries in the database": fill or None, "filled_s": round(filled, 1),
        "operators beside": operators, "load": os.getloadavg()[0], **told,
        "CPU of the desk, ms an entry" if not operators else "CPU of the desk, s":
            round(cpu, 1) if operators else round(1000 * cpu / max(1, len(done))),
    }, indent=1))  # fmt: skip


def _measure(
    url: str, db: Database, known: dict[int, dict[str, TruthField]], entries: int, think: float
) -> tuple[list[Run], dict[str, Any]]:
    from playwright.sync_api import sync_playwright

    done: list[Run] = []
    weights = Weights()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": 1366, "height": 768})
        page.set_default_timeout(120_000)
        page.add_init_script(path=_LISTENER)
        page.goto(f"{url}/login?next=/entry")
        page.fill("input[name=login]", _LOGIN)
        page.fill("input[name=password]", PASSWORD)
        page.wait_for_load_state("networkidle")
        weights.listen(page)
        page.keyboard.press("Enter")
        page.wait_for_selector(".field.now, #save:focus", timeout=120_000)
        page.wait_for_load_state("networkidle")
        first = [(at, size) for at, size in weights.seen if "/entry/ahead" not in at]
        already = len(weights.seen)
        page.evaluate("bench.painted.length = 0")
        while len(done) < entries and page.locator("#entry .field").count():
            page.wait_for_timeout(think * 1000)
            done.append(_work(page, db, known))
        page.wait_for_load_state("networkidle")
        seen: dict[str, Any] = page.evaluate("bench")
        later = weights.seen[already:]
        browser.close()
    return done, {
        "entries worked": len(done),
        "key to repaint": _spread(seen["painted"]),
        "save, request to answer": _spread(seen["saves"]),
        "next entry shown, from that answer": _spread(seen["shown"]),
        "next entry shown, from the key": _spread(seen["felt"]),
        "its first crop was there": f"{seen['pictured']} of {len(seen['shown'])}",
        "next entry by loading the page": _spread(seen["loaded"]),
        "first view, kB beyond images": _kilobytes(n for at, n in first if not _drawn(at)),
        "later entries, kB each beyond images": round(
            _kilobytes(n for at, n in later if not _drawn(at)) / max(1, len(done)), 1
        ),
        "later entries, kB each of images": round(
            _kilobytes(n for at, n in later if _drawn(at)) / max(1, len(done)), 1
        ),
        "images": sum(_drawn(at) for at, _ in weights.seen),
        "largest image, kB": _kilobytes([max((n for at, n in weights.seen if _drawn(at)),
                                             default=0)]),
    }  # fmt: skip


def _work(page: Any, db: Database, known: dict[int, dict[str, TruthField]]) -> Run:
    """One entry to its end, by keys alone."""
    entry_id = int(page.url.rsplit("/", 1)[1].split("?")[0])
    view = view_of(entry_for_review(db, entry_id), date.today())
    true = known.get(entry_id)
    fields = {field.name: field for field in view.fields}
    before = page.evaluate("[bench.keys.length, bench.clicks]")
    looks = 0
    for _ in range(len(fields) + 1):
        name = page.evaluate("document.querySelector('.field.now')?.dataset.field ?? ''")
        if not name or page.evaluate("document.activeElement?.id") == "save":
            break
        looks += 1
        _press(page, fields[name], None if true is None else true.get(name), known=true is not None)
    page.keyboard.press("Enter")
    _come(page, entry_id)
    after = page.evaluate("[bench.keys.length, bench.clicks]")
    twice = 2
    for one in view.fields:
        text = one.text if true is None else wanted_of(one.name, true.get(one.name))[0]
        twice += 2 * ((telex_keys(text) or 1) + 1)
    return Run(
        entry_id, len(fields), sum(f.doubtful for f in view.fields), after[0] - before[0],
        after[1] - before[1], looks, twice,
    )  # fmt: skip


def _come(page: Any, left: int) -> None:
    """Wait until another entry is there, or none waits any more."""
    while page.url.endswith(f"/{left}"):
        page.wait_for_timeout(20)
    page.wait_for_selector(".field.now, #save:focus, .nothing")


def _press(page: Any, field: FieldView, truth: TruthField | None, *, known: bool) -> None:
    if not known:
        page.keyboard.press("F4" if field.open else "Enter")
        return
    how, _ = way(field, truth)
    text, state = wanted_of(field.name, truth)
    if how == "confirmed":
        page.keyboard.press("Enter")
    elif how == "stated":
        page.keyboard.press(_STATE_KEYS[state])
    elif how == "chosen":
        at = next(n for n, one in enumerate(field.choices) if same(one.text, text))
        page.keyboard.press(f"Alt+{at + 1}" if field.typing == "digits" else str(at + 1))
    else:
        page.keyboard.type(telex(text))
        page.keyboard.press("Enter")
        if page.locator(".field.now.refused").count():
            page.keyboard.press("Enter")


def _drawn(address: str) -> bool:
    return any(kind in address for kind in _PICTURES)


def _kilobytes(sizes: Iterable[int]) -> float:
    return round(sum(sizes) / 1000, 1)


def _spread(values: list[float]) -> dict[str, float]:
    ranked = sorted(values) or [0.0]
    return {
        "count": len(values), "median_ms": round(ranked[len(ranked) // 2], 1),
        "p95_ms": round(ranked[min(len(ranked) - 1, int(len(ranked) * 0.95))], 1),
        "worst_ms": round(ranked[-1], 1),
    }  # fmt: skip


def _fill(settings: Settings, entries: int, fields: int) -> float:
    """Make a home with invented entries where there is none yet; seconds it took."""
    from bench.desk import db_has_entries, generate
    from models import migrate

    begun = time.perf_counter()
    settings.resolved_home.mkdir(parents=True, exist_ok=True)
    migrate(settings.resolved_database_url)
    db = open_database(settings.resolved_database_url)
    try:
        if not db_has_entries(db):
            generate(db, entries, fields)
    finally:
        db.close()
    return time.perf_counter() - begun


def _users(db: Database, crowd: int) -> None:
    there = {user.login for user in list_users(db)}
    hashed = hash_password(PASSWORD)
    for login in (_LOGIN, *(f"{CROWD}{n}" for n in range(crowd))):
        if login not in there:
            add_user(db, login, "Bench", Role.OPERATOR, None, everywhere=True, actor="bench")
        set_password(db, login, hashed, must_change=False, actor="bench")


@contextmanager
def _crowd(url: str, operators: int, think: float) -> Iterator[None]:
    """Others at work until the block ends; what they waited goes to standard error."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.desk_crowd", url, "--operators", str(operators),
         "--think", str(think), "--seconds", "100000"],
        stdout=sys.stderr,
    )  # fmt: skip
    try:
        time.sleep(think * 1.5)  # until all have begun
        yield
    finally:
        process.terminate()
        process.wait(timeout=60)


@contextmanager
def _server(settings: Settings) -> Iterator[tuple[str, psutil.Process]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    variables = {
        "HOTICH_HOME": str(settings.resolved_home), "HOTICH_DESK_PORT": str(port),
        "HOTICH_DESK_TEST_SHARE": "0",
    }  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-m", "cli.main", "desk"], env={**os.environ, **variables},
        stdout=sys.stderr,
    )  # fmt: skip
    try:
        for _ in range(1200):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5).close()
                break
            except OSError:
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}", psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(timeout=60)


if __name__ == "__main__":
    typer.run(main)
