"""What the desk's process pays for one operator's entry, request by request.

Works alone at a desk over a home that ``bench.desk_browser --home`` has filled, as the page does,
and adds up the CPU time of the desk's process (all threads, to the nanosecond) by kind of request.
The clock of a shared machine says little; this says what fifty operators will take::

    python -m bench.desk_cost FOLDER --entries 40
"""

from __future__ import annotations

import json
import statistics
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer

from bench.desk_browser import _server, _users
from bench.desk_crowd import LOGIN, PASSWORD, pictures_of, review_of, seen_in
from models import open_database
from pipeline.settings import Settings


def cpu_of(pid: int) -> float:
    """Milliseconds that a process has been at work, its threads together."""
    told = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            told += int((task / "schedstat").read_text("ascii").split()[0])
        except OSError:
            continue  # a thread that has just ended
    return told / 1e6


def main(
    home: Path,
    entries: Annotated[int, typer.Option(help="To be worked.")] = 40,
) -> None:
    """Works some entries and prints a table: CPU and clock, milliseconds, by kind of request."""
    spent: dict[str, list[tuple[float, float]]] = {}
    with ExitStack() as stack:
        settings = Settings(home=home)
        db = open_database(settings.resolved_database_url)
        _users(db, 1)
        db.close()
        url, server = stack.enter_context(_server(settings))
        client = stack.enter_context(
            httpx.Client(base_url=url, timeout=60, follow_redirects=True, headers={"origin": url})
        )

        def ask(what: str, method: str, at: str, **more: Any) -> httpx.Response:
            cpu, begun = cpu_of(server.pid), time.perf_counter()
            reply = client.request(method, at, **more)
            took = 1000 * (time.perf_counter() - begun)
            spent.setdefault(what, []).append((cpu_of(server.pid) - cpu, took))
            reply.raise_for_status()
            return reply

        client.post("/login", data={"login": f"{LOGIN}0", "password": PASSWORD})
        body = ask("page of an entry", "GET", "/entry").text
        had: set[str] = set()
        for _ in range(entries):
            entry = seen_in(body)
            if entry is None:
                break
            body = ask("next entry ahead", "GET", f"/entry/ahead?now={entry['id']}").text
            for what, address in pictures_of(body):
                if address not in had:
                    had.add(address)
                    ask(what, "GET", address)
            draft = {"version": entry["version"], "fields": {}}
            ask("draft", "PUT", f"/entry/{entry['id']}/draft", json=draft)
            ask(
                "sign of life",
                "POST",
                f"/entry/{entry['id']}/alive",
                json={"token": entry["token"]},
            )
            ask("save", "POST", f"/entry/{entry['id']}/save", json=review_of(entry))
    typer.echo("request | count | CPU ms, median | mean | clock ms, median")
    for what, values in spent.items():
        cpus, clocks = [cpu for cpu, _ in values], [clock for _, clock in values]
        typer.echo(
            f"{what} | {len(values)} | {statistics.median(cpus):.1f} | "
            f"{statistics.mean(cpus):.1f} | {statistics.median(clocks):.1f}"
        )
    total = sum(cpu for values in spent.values() for cpu, _ in values)
    typer.echo(json.dumps({"CPU of the desk, ms an entry": round(total / entries, 1)}))


if __name__ == "__main__":
    typer.run(main)
