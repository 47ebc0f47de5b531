"""Counters against a recount, after a long random life with crashes in between.

``python -m bench.counting --operations 10000`` (``--postgres``: a PostgreSQL of its own). In one
act of ten a statement raises and the transaction is lost; every few hundred acts the process
that works is killed by SIGKILL in the midst of a transaction. After each process, and at the
end, every counter (book, unit, decade, day) must be what a count of the rows gives; at the end
the audit chain must be unbroken.
"""

from __future__ import annotations

import multiprocessing
import random
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, closing
from multiprocessing.connection import Connection

import typer

from bench.databases import temporary_database
from bench.life import ACTS, crashing, live, settle_in
from models import Database, migrate, open_database, recount, verify_audit

_PROCESSES = multiprocessing.get_context("forkserver")


def main(
    operations: int = 10_000,
    kills: int = 20,
    crash_share: float = 0.1,
    seed: int = 1,
    postgres: bool = False,
) -> None:
    """Prints the acts and what differs; exit code 1 where anything does."""
    with ExitStack() as stack:
        url = temporary_database(stack, "counting", postgres)
        migrate(url)
        begun = time.monotonic()

        def tell(done: int, killed: int) -> None:
            with closing(open_database(url)) as between:
                differ = len(recount(between))
            seconds = time.monotonic() - begun
            typer.echo(
                f"{done} operations, {killed} kills, {seconds:.0f} s: {differ} counters differ"
            )

        acts, killed = spend(url, operations, kills, crash_share, seed, tell)
        seconds = time.monotonic() - begun
        db = open_database(url)
        faults, audit = recount(db), verify_audit(db)
        db.close()
    crashed = sum(number for name, number in acts.items() if name.endswith("!"))
    refused = sum(number for name, number in acts.items() if name.endswith("–"))
    for name in ACTS:
        counts = ", ".join(str(acts[name + end]) for end in ("", "–", "!"))
        typer.echo(f"{name}: {counts} (done, refused, crashed)")
    typer.echo(
        f"{'PostgreSQL' if postgres else 'SQLite'}: {acts.total()} operations in {seconds:.0f} s, "
        f"{crashed} crashed, {refused} refused, {killed} processes killed; "
        f"{len(faults)} counters differ, audit {'sound' if audit.sound else 'BROKEN'}"
    )
    for fault in faults[:20]:
        typer.echo(str(fault))
    raise typer.Exit(1 if faults or not audit.sound else 0)


def spend(
    url: str,
    operations: int,
    kills: int,
    crash_share: float,
    seed: int,
    told: Callable[[int, int], None] = lambda *_: None,
) -> tuple[Counter[str], int]:
    """Live so many acts, in processes of which some are killed; returns acts and kills.

    ``told`` hears both after each process.
    """
    acts: Counter[str] = Counter()
    killed = part = 0
    while acts.total() < operations:
        left = operations - acts.total()
        share = left if killed >= kills else min(left, max(1, operations // (kills + 1)))
        ours, theirs = _PROCESSES.Pipe(duplex=False)
        doomed = killed < kills
        process = _PROCESSES.Process(
            target=_work, args=(url, share, crash_share, seed * 1000 + part, doomed, theirs)
        )
        process.start()
        theirs.close()
        while True:
            try:
                acts[ours.recv()] += 1
            except EOFError:
                break
        process.join()
        if process.exitcode not in (0, -9):
            raise RuntimeError(f"a worker ended with {process.exitcode}")
        killed += process.exitcode == -9
        part += 1
        told(acts.total(), killed)
    return acts, killed


def _work(
    url: str, acts: int, crash_share: float, seed: int, doomed: bool, tell: Connection
) -> None:
    db: Database = open_database(url)
    chance = random.Random(seed)
    people = settle_in(db)
    for _ in range(acts):
        tell.send(live(db, people, chance, crash_share))
    while doomed:  # until a statement is the last
        with crashing(db, chance, 1.0, kill=True):
            live(db, people, chance, 0.0)
    db.close()


if __name__ == "__main__":
    typer.run(main)
