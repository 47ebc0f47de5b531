"""Operators at work over HTTP beside a measured browser: pages, pictures, drafts, saves.

Each takes the next entry as the page does: the body of the one after and its pictures, once each
as long as their addresses hold, a draft for each doubtful field, a sign of life every 25 seconds,
then the save. No browser is behind them, so that the machine's time goes to the desk::

    python -m bench.desk_crowd http://127.0.0.1:8710 --operators 50 --seconds 120
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import signal
import statistics
import time
from typing import Annotated, Any

import httpx
import typer

LOGIN, PASSWORD = "bench-crowd-", "only-for-this-bench-41"
_DATA = re.compile(r'<script type="application/json" id="entry-data">(.*?)</script>', re.DOTALL)
ALIVE_SECONDS = 25.0
"""Between two signs of life of a page (``presence.js``)."""


async def _operator(
    url: str, number: int, end: float, think: float, took: dict[str, list[float]], faults: list[str]
) -> None:
    dice = random.Random(number)
    async with httpx.AsyncClient(
        base_url=url, timeout=60, follow_redirects=True, headers={"origin": url}
    ) as client:

        async def timed(what: str, method: str, at: str, **more: Any) -> httpx.Response:
            begun = time.perf_counter()
            reply = await client.request(method, at, **more)
            took.setdefault(what, []).append(time.perf_counter() - begun)
            if reply.status_code >= 400:
                faults.append(f"{what}: {reply.status_code} {reply.text[:80]}")
            return reply

        await client.post("/login", data={"login": f"{LOGIN}{number}", "password": PASSWORD})
        await asyncio.sleep(dice.random() * think)
        body = (await timed("open", "GET", "/entry")).text
        had: set[str] = set()
        lived = time.monotonic()
        while time.monotonic() < end:
            entry = seen_in(body)
            if entry is None:
                faults.append("nothing to do")
                return
            ahead = await timed("ahead", "GET", f"/entry/ahead?now={entry['id']}")
            for what, address in pictures_of(ahead.text):
                if address not in had:
                    had.add(address)
                    await timed(what, "GET", address)
            doubtful = max(1, sum(one["doubtful"] for one in entry["fields"]))
            for _ in range(doubtful):
                await asyncio.sleep(dice.uniform(0.5, 1.5) * think / doubtful)
                draft = {"version": entry["version"], "fields": {}}
                await timed("draft", "PUT", f"/entry/{entry['id']}/draft", json=draft)
                if time.monotonic() - lived > ALIVE_SECONDS:
                    lived = time.monotonic()
                    token = {"token": entry["token"]}
                    await timed("alive", "POST", f"/entry/{entry['id']}/alive", json=token)
            await timed("save", "POST", f"/entry/{entry['id']}/save", json=review_of(entry))
            body = ahead.text or (await timed("open", "GET", "/entry")).text


def seen_in(body: str) -> dict[str, Any] | None:
    """The data of the entry in a page or in the body of one; None where there is none."""
    found = _DATA.search(body)
    return None if found is None else json.loads(found[1])


def pictures_of(body: str) -> list[tuple[str, str]]:
    """What the page loads ahead with an entry (``ahead.js``): kind and address.

    The crop of a field that is on no page is not loaded before somebody says something in it.
    """
    entry = seen_in(body)
    if entry is None:
        return []
    found = [("crop", one["crop"]) for one in entry["fields"] if not one["absent"]]
    for page in entry["pages"]:
        found.append(("tile", f"{page['tiles']}/{page['first']}/0_0"))
        if page["head"]:
            found.append(("head", page["head"]["src"]))
    for one in entry["fields"]:
        if one["doubtful"]:
            page, rect = entry["pages"][one["page"]], one["rect"]
            size, top = page["tile"], page["top"]
            x, y = (int((rect[a] + rect[b] / 2) // size) for a, b in (("x", "w"), ("y", "h")))
            found.append(("tile", f"{page['tiles']}/{top}/{x}_{y}"))
    return found


def review_of(entry: dict[str, Any]) -> dict[str, Any]:
    """Every doubtful field confirmed as it stands."""
    said = []
    for one in entry["fields"]:
        if one["doubtful"]:
            state = "unreadable" if one["open"] else one["state"]
            stood = {"text": one["text"], "state": state}
            said.append({"field": one["name"], **stood, "raw": False, "base": stood})
    return {"version": entry["version"], "token": entry["token"], "fields": said}


async def _all(url: str, operators: int, seconds: float, think: float) -> dict[str, Any]:
    took: dict[str, list[float]] = {}
    faults: list[str] = []
    end = time.monotonic() + seconds
    crowd = [
        asyncio.create_task(_operator(url, n, end, think, took, faults)) for n in range(operators)
    ]

    def go_home() -> None:
        for one in crowd:
            one.cancel()

    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, go_home)
    ended = await asyncio.gather(*crowd, return_exceptions=True)
    faults += [repr(one)[:120] for one in ended if isinstance(one, Exception)]
    told = {
        what: {
            "count": len(values), "median_ms": round(1000 * statistics.median(values), 1),
            "p95_ms": round(1000 * sorted(values)[int(0.95 * len(values))], 1),
        }
        for what, values in sorted(took.items())
    }  # fmt: skip
    return {"crowd": told, "faults": len(faults), "first faults": faults[:3]}


def main(
    url: str,
    operators: Annotated[int, typer.Option(help="How many.")] = 50,
    seconds: Annotated[float, typer.Option(help="How long.")] = 60.0,
    think: Annotated[float, typer.Option(help="Seconds an operator needs for an entry.")] = 20.0,
) -> None:
    """Work at a desk whose users ``bench.desk_browser`` has made."""
    typer.echo(json.dumps(asyncio.run(_all(url, operators, seconds, think)), indent=1))


if __name__ == "__main__":
    typer.run(main)
