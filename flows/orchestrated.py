"""What Prefect sees of a book: one flow run a book, one task a chunk. Everything else is ours.

The only module that imports Prefect at its top; the deployment names it, and nothing imports
it in inline mode.
"""

from __future__ import annotations

from dataclasses import asdict

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from flows.book import BookRun, ChunkSummary, conduct, digitize_chunk
from flows.child import open_pool
from flows.engine import FLOW
from models import Run, open_database
from pipeline.settings import Settings, load_settings

_RETRIES = 2
_RETRY_SECONDS = 30


@flow(name=FLOW, persist_result=False)
def book_flow(book_id: int, attempt: int, run_id: int) -> dict[str, int]:
    """Digitize what is missing of one book; settings come from the worker's environment."""
    settings = load_settings()
    database = open_database(settings.resolved_database_url)

    def chunk(job: BookRun) -> ChunkSummary:
        @task(
            name="digitize-chunk",
            retries=_RETRIES,
            retry_delay_seconds=_RETRY_SECONDS,
            cache_policy=NO_CACHE,
            persist_result=False,
            timeout_seconds=_chunk_seconds(settings),
        )
        def digitize(book_id: int) -> ChunkSummary:
            return digitize_chunk(job)

        return digitize(book_id)

    try:
        with open_pool(settings) as pool:
            summary = conduct(Run(run_id, book_id, attempt), settings, database, pool, chunk=chunk)
    finally:
        database.close()
    return asdict(summary.work) if summary else {}


def _chunk_seconds(settings: Settings) -> float:
    """Longest time a chunk may take: all its pages to their limit twice, and the children's start.

    Far above the usual; pages have their own timeouts, this one is for what nobody thought of.
    """
    rounds = -(-settings.chunk_pages // settings.workers)
    return 2.0 * rounds * settings.page_timeout_seconds + 300.0
