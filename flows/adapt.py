"""Learning the hand of a book from what its people have corrected, then reading the rest again.

reviewed fields → their ink → their text as written → hands → adapters → scans back in the queue.
All state is in the database: killed half way, nothing has happened; what was written to the
home by then (ink maps, a file of an adapter that no row names) is used again or does no harm.
"""

from __future__ import annotations

import logging
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TypeVar

from flows.adapters import scan_adapter
from flows.child import inks_in_child
from flows.inks import Taught, kept_inks, taught_fields
from flows.page import PageTask, book_context
from flows.pool import PagePool
from models import (
    AdapterRecord,
    AdapterState,
    BookRecord,
    Database,
    NewAdapter,
    ReviewedField,
    adapters_in_force,
    adapters_of,
    due_books,
    load_book,
    load_book_form,
    reviewed_books,
    reviewed_count,
    reviewed_fields,
    save_adapters,
)
from pipeline.errors import SettingsError, SetupError, StorageError
from pipeline.reading.hand.inks import Inks
from pipeline.reading.hand.naming import weights_name
from pipeline.settings import Settings, load_thresholds
from pipeline.types import ScanRef

log = logging.getLogger("hotich.flows")

READERS = ("auto", "hand")
"""Recognisers that read with the net."""
_TRIED = (AdapterState.ACTIVE, AdapterState.SUPERSEDED, AdapterState.ROLLED_BACK)
"""Learning the same again would end the same way."""
_OLD_BOOKS = 8
"""Other books at most whose lines are mixed in."""
_SLOW = 6.0
"""A busy machine takes so many times the CPU seconds that learning may take."""
_BLAS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")

Task = TypeVar("Task")
Result = TypeVar("Result")
Notice = Callable[[str, int, int], None]
"""What is being done (``ink``, ``learn``), how much of it is done, and how much there is."""


def quiet(_stage: str, _done: int, _all: int) -> None:
    """Says nothing."""


@dataclass(frozen=True)
class Adapted:
    """What learning a book came to."""

    book: str
    base: str
    reviewed: int
    """Fields of the book that a person has set."""
    fields: int = 0
    """Of these: handwritten, and their text was found in the ink."""
    lines: int = 0
    hands: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    learned: tuple[NewAdapter, ...] = ()
    """Empty in a dry run."""
    scans_again: int = 0

    @property
    def helped(self) -> bool:
        """Whether any hand is read better now."""
        return any(one.state is AdapterState.ACTIVE for one in self.learned)


def adapt_book(
    database: Database,
    book: BookRecord,
    settings: Settings,
    pool: PagePool,
    *,
    actor: str,
    dry: bool = False,
    notice: Notice = quiet,
) -> Adapted:
    """Learn the hand of a book from its reviewed fields and send the rest to be read again.

    Args:
        database: ours.
        book: the book.
        settings: weights, home.
        pool: from ``open_pool``; cuts the ink out of the scans.
        actor: who asked, for the log.
        dry: only say what would be learned from.
        notice: called as it goes on.

    Raises:
        SetupError: this machine cannot learn (weights missing, another recogniser set).
        StorageError: disk or database; nothing is half done.
    """
    from flows.teaching import BookTask, learn_book_hands

    check_ready(settings)
    base = weights_name(settings.config, settings.hand_weights)
    count = reviewed_count(database, book.id)
    fields = reviewed_fields(database, book.id)
    book_rows = adapters_in_force(database, book.id, base)
    office = adapters_in_force(database, None, base)
    taught, left_out = taught_of(database, book, fields, settings, pool, notice)
    starts = {
        number: file
        for number in {0, *(one.scan for one in taught)}
        if (file := scan_adapter(number, book_rows if number else (), office, settings))
    }
    old = () if dry else old_fields(database, book.id, settings)
    known = frozenset(
        one.data_digest
        for one in adapters_of(database, book.id)
        if one.base == base and one.state in _TRIED
    )
    task = BookTask(settings, tuple(taught), old, starts, known, dry)
    notice("learn", 0, 1)
    limits = load_thresholds(settings.config).learning
    most = limits.seconds * (1 + len(taught) // limits.hand_fields)
    found = learn_in_own_child(learn_book_hands, task, settings, most)
    notice("learn", 1, 1)
    left_out += found.left_out
    adapted = Adapted(
        book.code, base, count, found.fields, found.lines, found.hands, left_out, found.learned
    )
    if dry:
        return adapted
    scans = save_adapters(
        database,
        book.id,
        found.learned,
        reviewed=count,
        still=_still_serving(found.learned, book_rows),
        actor=actor,
    )
    return replace(adapted, scans_again=scans)


def learn_when_due(
    database: Database, book: BookRecord, settings: Settings, pool: PagePool, *, actor: str
) -> Adapted | None:
    """The same without being asked, where enough was reviewed since the last time.

    What goes wrong with learning itself is kept as a failed attempt and never holds up the book.

    Raises:
        StorageError: disk or database; nothing is half done.
    """
    if not is_due(database, book.id, settings):
        return None
    try:
        return adapt_book(database, book, settings, pool, actor=actor)
    except StorageError:
        raise
    except Exception as error:
        log.warning("%s: its hand was not learned", book.code, exc_info=error)
        save_adapters(
            database,
            book.id,
            [failed(weights_name(settings.config, settings.hand_weights), error)],
            reviewed=reviewed_count(database, book.id),
            actor=actor,
        )
        return None


def learns(settings: Settings) -> bool:
    """Whether books are learned without being asked."""
    return settings.adapt == "auto" and settings.recognizer in READERS


def is_due(database: Database, book_id: int, settings: Settings) -> bool:
    """Whether the hand of a book should be learned now."""
    return bool(due(database, settings, book_id=book_id))


def due(
    database: Database, settings: Settings, *, book_id: int | None = None, batch: int | None = None
) -> list[int]:
    """Books whose hand should be learned now; none where that is off or weights are missing."""
    base = weights_name(settings.config, settings.hand_weights)
    if not learns(settings) or not base:
        return []
    limits = load_thresholds(settings.config).learning
    return due_books(
        database,
        base,
        first=limits.first_fields,
        growth=limits.growth,
        book_id=book_id,
        batch=batch,
    )


def taught_of(
    database: Database,
    book: BookRecord,
    fields: Sequence[ReviewedField],
    settings: Settings,
    pool: PagePool,
    notice: Notice = quiet,
) -> tuple[list[Taught], Counter[str]]:
    """Reviewed fields of a book with their ink, and how many were left out by reason.

    Raises:
        SetupError: this machine cannot cut pages (a language missing, a wrong form).
    """
    form = load_book_form(database, book.id)
    refs = list({field.scan.digest: field.scan for field in fields}.values())
    if form is None or not refs:
        return [], Counter()
    context = book_context(book, settings)
    tasks = [PageTask(ref, form, context) for ref in refs]
    inks: dict[str, Inks] = {}
    notice("ink", 0, len(tasks))
    for done, outcome in enumerate(
        pool.run(inks_in_child, tasks, settings.page_timeout_seconds), start=1
    ):
        if isinstance(outcome.error, SetupError):
            raise outcome.error
        # Of any other error only this scan knows nothing: its fields are left out.
        inks[outcome.item.ref.digest] = outcome.result or {}
        notice("ink", done, len(tasks))
    return taught_fields(fields, inks, book=book.code, era=form.form_id, context=context)


def old_fields(database: Database, book_id: int, settings: Settings) -> tuple[Taught, ...]:
    """Reviewed fields of other books whose ink was cut before, evenly from each."""
    wanted = load_thresholds(settings.config).learning.old_lines
    others = [other for other in reviewed_books(database) if other != book_id][-_OLD_BOOKS:]
    found: list[Taught] = []
    for other in others if wanted else ():
        form = load_book_form(database, other)
        if form is None:
            continue
        fields = reviewed_fields(database, other)
        refs: dict[str, ScanRef] = {one.scan.digest: one.scan for one in fields}
        inks = {
            digest: kept
            for digest in refs
            if (kept := kept_inks(digest, settings, form)) is not None
        }
        book = load_book(database, other)
        own, _ = taught_fields(
            [one for one in fields if one.scan.digest in inks], inks,
            book=book.code, era=form.form_id, context=book_context(book, settings),
        )  # fmt: skip
        share = max(1, wanted // len(others))
        found += own[:: max(1, len(own) // share)][:share]
    return tuple(found)


def learn_in_own_child(
    learn: Callable[[Task], Result], task: Task, settings: Settings, seconds: float
) -> Result:
    """Learn in a process that ends with it: its memory is given back, and it may die alone.

    Args:
        learn: a module's function.
        task: what it learns from.
        settings: how long a page may take; learning may take that on top.
        seconds: CPU seconds that learning may take.

    Raises:
        HotichError: what the learner raised; ``ChildDiedError`` and ``PageTimeoutError`` too.
    """
    patience = _SLOW * seconds + settings.page_timeout_seconds
    with one_thread(), PagePool(1, _no_preparation, ()) as pool:
        (outcome,) = pool.run(learn, [task], patience)
    if outcome.result is None:
        assert outcome.error is not None
        raise outcome.error
    return outcome.result


@contextmanager
def one_thread() -> Iterator[None]:
    """Children started meanwhile reckon on one thread: more would only fight for cores."""
    before = {name: os.environ.get(name) for name in _BLAS}
    os.environ.update(dict.fromkeys(_BLAS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def failed(base: str, error: Exception) -> NewAdapter:
    """An attempt that ended with an error, kept so that it is not tried again at once."""
    return NewAdapter(
        AdapterState.FAILED, 0, (), base, None, "0" * 64, 0, 0,
        detail={"note": f"{type(error).__name__}: {error}"},
    )  # fmt: skip


def _no_preparation() -> None:
    """The learner loads what it needs itself."""


def _still_serving(learned: Sequence[NewAdapter], in_force: Sequence[AdapterRecord]) -> list[int]:
    """Adapters from which a hand could not be learned further: they go on serving it."""
    stay = {one.detail.get("start") for one in learned if one.state is not AdapterState.ACTIVE} - {
        one.detail.get("start") for one in learned if one.state is AdapterState.ACTIVE
    }
    return [one.id for one in in_force if one.digest and one.digest in stay]


def check_ready(settings: Settings) -> None:
    """Raises what stands in the way of learning on this machine."""
    from pipeline.reading.hand.net import load_weights

    if settings.recognizer not in READERS:
        raise SettingsError(f"HOTICH_RECOGNIZER={settings.recognizer}")
    load_weights(settings.config, settings.hand_weights)
