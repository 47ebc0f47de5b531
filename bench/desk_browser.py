"""What an operator feels in the browser, and which keys a real run of the page takes.

Serves the desk over a home (a copy: it is worked in), opens it in Debian's Chromium without
screen, and works as an operator who knows the truth would: for each doubtful field the cheapest
way that the page offers. Each key is recorded where the browser sees it::

    HOTICH_HOME=copy python -m bench.desk_browser samples/truth --entries 20 --runs runs.jsonl
    python -m bench.keystrokes --recorded runs.jsonl

Without truth every field is accepted as it stands: for times and bytes only.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from bench.keystrokes import same, telex, telex_keys, truth_of_entries, view_of, wanted_of, way
from desk.review.view import FieldView
from desk.security.passwords import hash_password
from models import Database, open_database
from models.review_entry import entry_for_review
from models.states import Role
from models.users import add_user, list_users, set_password
from pipeline.evaluation.truth import TruthField
from pipeline.settings import load_settings
from pipeline.types import ValueState

_LOGIN, _PASSWORD = "bench-browser", "only-for-this-bench-41"
_STATE_KEYS = {ValueState.BLANK: "F2", ValueState.UNREADABLE: "F4", ValueState.STRUCK: "F8",
               ValueState.DITTO: "F9"}  # fmt: skip
_LISTEN = """
window.recorded = []; window.painted = []; window.shown = []; window.pressed = 0;
addEventListener("keydown", (event) => {
  if (["Shift", "Control", "Alt"].includes(event.key)) return;
  const at = performance.now();
  window.pressed = at;
  window.recorded.push(event.key);
  const painted = () => window.painted.push(performance.now() - at);
  requestAnimationFrame(() => requestAnimationFrame(painted));
}, true);
addEventListener("DOMContentLoaded", () => {
  const holder = document.getElementById("entry");
  if (holder) new MutationObserver(() => {
    const since = window.pressed;
    requestAnimationFrame(() => window.shown.push(performance.now() - since));
  }).observe(holder, { childList: true });
});
"""


@dataclass(frozen=True)
class Run:
    """One entry as it was worked: what ``bench.keystrokes`` reckons with."""

    entry: int
    fields: int
    doubtful: int
    keys: int
    """Seen by the browser, the one that saves among them."""
    looks: int
    twice: int
    """Keys that two people need who type every field of it."""


def main(
    truth: Annotated[Path | None, typer.Argument(help="Truth of the digitized samples.")] = None,
    entries: Annotated[int, typer.Option(help="To be worked.")] = 20,
    runs: Annotated[Path | None, typer.Option(help="Where recorded runs are written.")] = None,
) -> None:
    """Work at the desk over the home of HOTICH_HOME."""
    from playwright.sync_api import sync_playwright

    settings = load_settings()
    db = open_database(settings.resolved_database_url)
    if _LOGIN not in {user.login for user in list_users(db)}:
        add_user(db, _LOGIN, "Bench", Role.OPERATOR, None, everywhere=True, actor="bench")
    set_password(db, _LOGIN, hash_password(_PASSWORD), must_change=False, actor="bench")
    known = truth_of_entries(db, truth) if truth else {}
    done: list[Run] = []
    with _server() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": 1366, "height": 768})
        page.set_default_timeout(120_000)
        page.add_init_script(_LISTEN)
        weights: list[tuple[str, int]] = []
        page.on("requestfinished", lambda request: weights.append(
            (request.url, request.sizes()["responseBodySize"])
        ))  # fmt: skip
        page.goto(f"{url}/login?next=/entry")
        page.fill("input[name=login]", _LOGIN)
        page.fill("input[name=password]", _PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_selector(".field.now, #save:focus", timeout=120_000)
        page.wait_for_load_state("networkidle")
        first = list(weights)
        times: dict[str, list[float]] = {"key to repaint": [], "next entry shown": []}
        for _ in range(entries):
            run = _work(page, db, known)
            done.append(run)
            if not page.locator("#entry .field").count():
                break
        page.wait_for_load_state("networkidle")
        times["key to repaint"] = page.evaluate("window.painted")
        times["next entry shown"] = page.evaluate("window.shown")
        later = weights[len(first) :]
        browser.close()
    db.close()
    if runs:
        runs.write_text("".join(json.dumps(asdict(run)) + "\n" for run in done), "utf-8")
    pictures = [size for address, size in weights if "/pic/" in address]
    typer.echo(json.dumps({
        "entries": len(done), "load": os.getloadavg()[0],
        **{what: _spread(values) for what, values in times.items()},
        "first view, bytes beyond images": sum(n for at, n in first if "/pic/" not in at),
        "later entries, bytes each beyond images":
            round(sum(n for at, n in later if "/pic/" not in at) / max(1, len(done))),
        "images": len(pictures), "largest image, bytes": max(pictures, default=0),
    }, indent=1))  # fmt: skip


def _work(page: Any, db: Database, known: dict[int, dict[str, TruthField]]) -> Run:
    """One entry to its end, by keys alone."""
    entry_id = int(page.url.rsplit("/", 1)[1].split("?")[0])
    entry = entry_for_review(db, entry_id)
    view = view_of(entry, date.today())
    true = known.get(entry_id)
    fields = {field.name: field for field in view.fields}
    before = len(page.evaluate("window.recorded"))
    looks = 0
    for _ in range(len(fields) + 1):
        name = page.evaluate("document.querySelector('.field.now')?.dataset.field ?? ''")
        if not name or page.evaluate("document.activeElement?.id") == "save":
            break
        looks += 1
        _press(page, fields[name], None if true is None else true.get(name), known=true is not None)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: not url.endswith(f"/{entry_id}"))
    page.wait_for_selector(".field.now, #save:focus, .nothing")
    keys = len(page.evaluate("window.recorded")) - before
    twice = 2
    for field in view.fields:
        text = field.text if true is None else wanted_of(field.name, true.get(field.name))[0]
        twice += 2 * ((telex_keys(text) or 1) + 1)
    return Run(entry_id, len(fields), sum(f.doubtful for f in view.fields), keys, looks, twice)


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


def _spread(values: list[float]) -> dict[str, float]:
    ranked = sorted(values) or [0.0]
    return {
        "count": len(values), "median_ms": round(ranked[len(ranked) // 2], 1),
        "p95_ms": round(ranked[int(len(ranked) * 0.95) if len(ranked) > 1 else 0], 1),
    }  # fmt: skip


@contextmanager
def _server() -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "cli.main", "desk"],
        env={**os.environ, "HOTICH_DESK_PORT": str(port), "HOTICH_DESK_TEST_SHARE": "0"},
    )
    try:
        for _ in range(1200):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5).close()
                break
            except OSError:
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=60)


if __name__ == "__main__":
    typer.run(main)
