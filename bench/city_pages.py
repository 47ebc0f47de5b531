"""The supervisors' pages over a whole city in Chromium: time to paint, and a picture of each.

``python -m bench.city_pages PATH --rounds 5 --out FOLDER``, PATH a database of ``bench.city``:
starts the real server on it, logs in, and opens each page at both sizes of screen. By the browser's
own clock from the request on: "answer" is the moment at which the whole page was there, "paint"
the first contentful paint, "shown" when the last figure that stands on the screen was painted
(each tile, row, fact and heading is asked for by the Element Timing API): nothing that anybody
came for is still to come. What lies below the screen may follow (``later.js``). The bar holds for
"shown". On a machine that is shared the clock tells little, so the CPU
time of server and browser stands beside it. A bar that was asked for stands in the last column.
"""

from __future__ import annotations

import os
import random
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import typer
from sqlalchemy import select

from desk.security.passwords import hash_password
from models import open_database
from models.states import EntryState, Role
from models.tables import Book, Entry
from models.users import add_user, find_user, set_password
from pipeline.settings import PROJECT
from samples.people import full_name

SIZES = ((1366, 768), (1920, 1080))
PASSWORD = "thuyen-cam-buom-41"
LOGIN = "do-trang"
_PAINT = "() => (performance.getEntriesByName('first-contentful-paint')[0] || {}).startTime || -1"
_ANSWER = "() => performance.getEntriesByType('navigation')[0].responseEnd"
_WATCH = """
new MutationObserver((changes) => {
  for (const change of changes) for (const node of change.addedNodes)
    if (node.nodeType === 1 && node.matches(".tile b, .books td, .facts-row b, .city td, h1, dd"))
      node.setAttribute("elementtiming", "figure");
}).observe(document, {childList: true, subtree: true});
window.shown = [];
new PerformanceObserver((list) => {
  for (const one of list.getEntries()) shown.push(one.renderTime);
}).observe({type: "element", buffered: true});
"""
_SHOWN = "() => shown.length ? Math.max(...shown) : -1"
BARS = {"board": ("shown", 300), "wall": ("shown", 300), "unit": ("shown", 300),
        "unit of a year": ("shown", 300), "book": ("shown", 300), "entry": ("shown", 300),
        "search": ("answer", 200)}  # fmt: skip
"""Milliseconds that were asked for: medians of what is shown, the 95th percentile of answers."""
_WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def main(
    path: Path, rounds: int = 5, out: Path = PROJECT / "build" / "city", seed: int = 4
) -> None:
    """Prints a table; exit code 1 where a page is wider than its screen or complains."""
    from playwright.sync_api import sync_playwright

    pages = addresses_of(path, random.Random(seed))
    out.mkdir(parents=True, exist_ok=True)
    faults: list[str] = []
    with (
        tempfile.TemporaryDirectory(prefix="hotich-city-") as home,
        _server(path, home) as (at, pid),
        sync_playwright() as started,
    ):
        browser = started.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        typer.echo(
            "page | size | answer ms, median | p95 | paint ms, median | "
            "shown ms, median | p95 | best | "
            "server CPU ms | browser CPU ms | bar"
        )
        for size in SIZES:
            page = browser.new_page(viewport={"width": size[0], "height": size[1]})
            page.set_default_timeout(120_000)
            page.add_init_script(_WATCH)
            page.on("console", lambda message: faults.append(message.text))
            page.goto(f"{at}/login")
            page.fill("input[name=login]", LOGIN)
            page.fill("input[name=password]", PASSWORD)
            page.click("button.main")
            page.locator("nav").first.wait_for()
            for name, addresses in pages.items():
                _one(page, at, pid, name, addresses[:rounds], size, out, faults)
            page.close()
        browser.close()
    for fault in faults:
        typer.echo(fault)
    raise typer.Exit(1 if faults else 0)


def _one(
    page: Any, at: str, pid: int, name: str, addresses: list[str], size: tuple[int, int],
    out: Path, faults: list[str],
) -> None:  # fmt: skip
    page.goto(at + addresses[0])  # once for caches that live as long as the server
    paints, shown, answers, server, browser = [], [], [], _cpu(pid), _browser_cpu()
    for address in addresses:
        reply = page.goto(at + address)
        if reply.status != 200:
            faults.append(f"{address}: {reply.status}")
        paints.append(_painted(page, _PAINT))
        shown.append(max(paints[-1], _painted(page, _SHOWN, 30)))
        answers.append(page.evaluate(_ANSWER))
    count = len(addresses)
    server, browser = (_cpu(pid) - server) / count, (_browser_cpu() - browser) / count
    wider = page.evaluate(_WIDER)
    if wider > 0:
        faults.append(f"{name} at {size[0]}: {wider} px too wide")
    page.screenshot(path=out / f"{name.replace(' ', '-')}-{size[0]}.png")
    typer.echo(
        f"{name} | {size[0]} × {size[1]} | "
        f"{statistics.median(answers):.0f} | {_p95(answers):.0f} | "
        f"{statistics.median(paints):.0f} | "
        f"{statistics.median(shown):.0f} | {_p95(shown):.0f} | {min(shown):.0f} | "
        f"{1000 * server:.0f} | {1000 * browser:.0f} | {_bar(name, shown, answers)}"
    )


def _painted(page: Any, asked: str, tries: int = 500) -> float:
    """When it was painted; a page may be there before that. -1 where nothing is told of."""
    for _ in range(tries):
        if (paint := float(page.evaluate(asked))) >= 0:
            break
        page.wait_for_timeout(10)
    return paint


def _bar(name: str, shown: list[float], answers: list[float]) -> str:
    if name not in BARS:
        return ""
    what, most = BARS[name]
    value = statistics.median(shown) if what == "shown" else _p95(answers)
    return f"{what} {'≤' if value <= most else '> ✗'} {most}"


def _p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20, method="inclusive")[-1] if values[1:] else values[0]


def addresses_of(path: Path, chance: random.Random) -> dict[str, list[str]]:
    """Addresses to open by what they are; searches with right, plain and misspelt names."""
    from models.search import search_key
    from pipeline.places.registering import registering_units

    url = f"sqlite:///{path.resolve()}"
    database = open_database(url)
    hashed = hash_password(PASSWORD)
    if find_user(database, LOGIN) is None:
        add_user(
            database, LOGIN, "Đo Trang", Role.SUPERVISOR, hashed, everywhere=True,
            must_change=False, actor="bench",
        )  # fmt: skip
    else:
        set_password(database, LOGIN, hashed, must_change=False, actor="bench")
    with database.read() as connection:
        books = list(connection.execute(select(Book.id).order_by(Book.id).limit(200)).scalars())
        entries = list(
            connection.execute(
                select(Entry.id).where(Entry.state == EntryState.RELEASED).limit(200)
            ).scalars()
        )
    database.close()
    units = [unit.id for unit in registering_units()]
    names = [full_name(chance, chance.choice(("male", "female")), 1960) for _ in range(40)]

    def some(texts: list[str]) -> list[str]:
        return chance.sample(texts, min(40, len(texts)))

    return {
        "board": ["/progress"] * 40,
        "board of a decade": ["/progress?kind=KS&decade=1970"] * 40,
        "board of then": ["/progress?view=then"] * 40,
        "board of now": ["/progress?view=now"] * 40,
        "wall": ["/progress/wall"] * 40,
        "unit": some([f"/progress/units/{unit}" for unit in units]),
        "unit of a year": some([f"/progress/units/{unit}?kind=KS&year=1974" for unit in units]),
        "book": some([f"/progress/books/{book}" for book in books]),
        "entry": some([f"/progress/entries/{entry}" for entry in entries]),
        "still": ["/progress/stuck"] * 40,
        "search": [f"/search?name={search_key(name).replace(' ', '+')}" for name in names],
        "quality": ["/quality"] * 40, "charts": ["/quality/charts"] * 40,
        "checks": ["/checks"] * 40, "operations": ["/operations"] * 40,
        "plan": ["/plan"] * 40,
        "plan, missing": ["/plan?missing=true"] * 40,
        "plan of a unit": some([f"/plan?unit={unit}" for unit in units]),
        "plan, holes": [f"/plan?holes={12 * n + 1}" for n in range(18)],
        "batches": ["/batches"] * 40, "overview": ["/overview"] * 40, "pages": ["/pages"] * 40,
    }  # fmt: skip


@contextmanager
def _server(path: Path, home: str) -> Iterator[tuple[str, int]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    variables = {
        "HOTICH_HOME": home, "HOTICH_DATABASE_URL": f"sqlite:///{path.resolve()}",
        "HOTICH_DESK_PORT": str(port), "PYTHONPATH": str(PROJECT),
    }  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-m", "cli.main", "desk"], env={**os.environ, **variables},
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        until = time.monotonic() + 300
        while True:
            try:
                urllib.request.urlopen(f"{address}/health", timeout=5).close()
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > until:
                    raise RuntimeError("the desk did not start") from None
                time.sleep(0.2)
        _calm(process.pid)
        yield address, process.pid
    finally:
        process.terminate()
        process.wait(30)


def _calm(pid: int) -> None:
    """Wait until the desk has got ready (``desk.warming``): what is measured is one that runs."""
    for _ in range(90):
        before = _cpu(pid)
        time.sleep(1)
        if _cpu(pid) - before < 0.02:
            return


def _cpu(pid: int) -> float:
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


def _browser_cpu() -> float:
    total = 0.0
    for process in psutil.Process().children(recursive=True):
        try:
            if "chrom" in process.name():
                total += _cpu(process.pid)
        except psutil.NoSuchProcess:
            continue
    return total


if __name__ == "__main__":
    typer.run(main)
