"""What each page of supervisors and contractors costs over a whole city, without a browser.

``python -m bench.city_routes PATH --rounds 5``, PATH a database of ``bench.city``: asks the desk's
own application for each page in this process and prints CPU time (database and Python together;
on a shared machine the clock tells little), clock time, statements and size of the page.
"""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import typer
from sqlalchemy import event

from bench.city_pages import LOGIN, PASSWORD, addresses_of
from desk.app import create_app
from desk.settings import DeskSettings
from models import open_database
from pipeline.settings import Settings

OURS = "http://127.0.0.1"


def main(path: Path, rounds: int = 5, only: str = "", seed: int = 4) -> None:
    """Prints a table; exit code 1 where a page is not answered."""
    from starlette.testclient import TestClient

    pages = addresses_of(path, random.Random(seed))
    pages |= {"report, workbook": ["/report.xlsx"] * 40, "report, paper": ["/report.pdf"] * 40,
              "metrics": ["/metrics"] * 40}  # fmt: skip
    failed = False
    database = open_database(f"sqlite:///{path.resolve()}")
    asked: list[str] = []

    @event.listens_for(database.engine, "before_cursor_execute")
    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    with tempfile.TemporaryDirectory(prefix="hotich-city-") as home:
        app = create_app(Settings(home=Path(home)), database, DeskSettings())
        client = TestClient(app, base_url=OURS, follow_redirects=False)
        client.headers.update({"origin": OURS, "accept": "text/html"})
        entered = client.post("/login", data={"login": LOGIN, "password": PASSWORD})
        assert entered.status_code == 303, entered.text
        typer.echo("page | CPU ms, median | largest | clock ms | statements | kB")
        for name, addresses in pages.items():
            if only not in name:
                continue
            client.get(addresses[0])  # once for caches that live as long as the server
            cpu, walls, statements, size = [], [], [], 0
            for address in addresses[:rounds]:
                asked.clear()
                before, began = time.process_time(), time.perf_counter()
                reply = client.get(address)
                cpu.append(1000 * (time.process_time() - before))
                walls.append(1000 * (time.perf_counter() - began))
                statements.append(len(asked))
                size = max(size, len(reply.content))
                if reply.status_code != 200:
                    typer.echo(f"{address}: {reply.status_code}")
                    failed = True
            typer.echo(
                f"{name} | {statistics.median(cpu):.0f} | {max(cpu):.0f} | "
                f"{statistics.median(walls):.0f} | {max(statements)} | {size // 1024}"
            )
    database.close()
    raise typer.Exit(int(failed))


if __name__ == "__main__":
    typer.run(main)
