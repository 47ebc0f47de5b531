"""Processes that digitize pages: one dies, hangs or leaks, and only its page notices.

Each slot is a ``ProcessPoolExecutor`` of one ``spawn``ed child. A pool of several children
breaks as a whole when one dies and cannot say whose page it was; single slots can, and a
page that hangs can be ended without touching its neighbour's.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from pipeline.errors import PageError
from pipeline.texts import Text

Item = TypeVar("Item")
Result = TypeVar("Result")

_START_SECONDS = 120.0
"""Longest time a child may take to start and load the engine."""
_PAGES_PER_CHILD = 500
"""A child is replaced after so many pages: image libraries keep what they once allocated."""


class ChildDiedError(PageError):
    """The process that worked on the page ended: out of memory, or a fault in a library."""

    retryable = True
    message = Text(
        "Tiến trình xử lý trang bị dừng đột ngột (hết bộ nhớ?) {detail}",
        "The page's process died (out of memory?) {detail}",
    )


class PageTimeoutError(PageError):
    """The page took longer than ``page_timeout_seconds``."""

    retryable = True
    message = Text("Trang xử lý quá lâu: {detail} giây", "The page took too long: {detail} s")


@dataclass(frozen=True)
class Outcome(Generic[Item, Result]):
    """What became of an item: its result, or the error it ended with."""

    item: Item
    result: Result | None
    error: Exception | None = None


class PagePool:
    """``workers`` children that each load the engine once and then take item after item."""

    def __init__(
        self, workers: int, prepare: Callable[..., None], arguments: tuple[Any, ...]
    ) -> None:
        """Start nothing yet.

        Args:
            workers: number of children.
            prepare: runs once in each child; an error it raises is raised by :meth:`run`.
            arguments: of ``prepare``, picklable.
        """
        self._slots = [_Slot(prepare, arguments) for _ in range(workers)]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the children at once, whatever they are doing."""
        for slot in self._slots:
            slot.end()

    def pids(self) -> tuple[int, ...]:
        """Process ids of the children that run now."""
        return tuple(slot.pid for slot in self._slots if slot.pid)

    def run(
        self, function: Callable[[Item], Result], items: Iterable[Item], timeout: float
    ) -> Iterator[Outcome[Item, Result]]:
        """Results in the order in which they come. Closing the iterator abandons the rest.

        Args:
            function: a module's function, called in a child.
            items: taken one by one when a child is free.
            timeout: seconds an item may take before its child is ended.

        Raises:
            SetupError: (or whatever ``prepare`` raises) a child cannot be made ready.
        """
        waiting = deque(items)
        busy: dict[Future[Result], tuple[_Slot, Item, float]] = {}
        try:
            while waiting or busy:
                taken = {id(slot) for slot, _, _ in busy.values()}
                for slot in self._slots:
                    if waiting and id(slot) not in taken:
                        item = waiting.popleft()
                        # The first item also pays for the child's start.
                        end = time.monotonic() + timeout + (0 if slot.ready else _START_SECONDS)
                        busy[slot.submit(function, item)] = (slot, item, end)
                yield from _collect(busy, timeout)
        finally:
            for slot, _, _ in busy.values():
                slot.end()


def _collect(
    busy: dict[Future[Result], tuple[_Slot, Item, float]], timeout: float
) -> Iterator[Outcome[Item, Result]]:
    nearest = min(end for _, _, end in busy.values())
    done, _ = wait(busy, max(0.0, nearest - time.monotonic()), return_when=FIRST_COMPLETED)
    if not done:
        for future, (slot, item, end) in list(busy.items()):
            if end <= time.monotonic():
                del busy[future]
                slot.end()
                yield Outcome(item, None, PageTimeoutError(f"{timeout:.0f}"))
    for future in done:
        slot, item, _ = busy.pop(future)
        try:
            outcome = Outcome(item, future.result())
        except BrokenProcessPool:
            slot.end()
            outcome = Outcome(item, None, ChildDiedError())
        except _PrepareFailed as failure:
            slot.end()
            raise failure.cause from None
        except Exception as error:
            outcome = Outcome(item, None, error)
        yield outcome


class _PrepareFailed(Exception):  # noqa: N818 - never leaves this module
    """``prepare`` raised ``cause``; told apart from an error of the page."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(cause)
        self.cause = cause

    def __reduce__(self) -> tuple[object, ...]:
        return (_PrepareFailed, (self.cause,))


class _Slot:
    """One child, started when first needed and again after it ended."""

    def __init__(self, prepare: Callable[..., None], arguments: tuple[Any, ...]) -> None:
        self._prepare = prepare
        self._arguments = arguments
        self._executor: ProcessPoolExecutor | None = None
        self._pid: Future[int] | None = None
        self._pages = 0

    @property
    def ready(self) -> bool:
        return self._executor is not None

    @property
    def pid(self) -> int:
        """The child's process id; 0 while there is none."""
        if self._pid is None:
            return 0
        with suppress(BrokenProcessPool):
            return self._pid.result(_START_SECONDS)
        return 0

    def submit(self, function: Callable[[Item], Result], item: Item) -> Future[Result]:
        if self._pages >= _PAGES_PER_CHILD:
            self.end()
        if self._executor is None:
            context = multiprocessing.get_context("spawn")
            self._executor = ProcessPoolExecutor(1, context, _begin_child)
            self._pid = self._executor.submit(os.getpid)
            self._pages = 0
        self._pages += 1
        return self._executor.submit(_call, self._prepare, self._arguments, function, item)

    def end(self) -> None:
        if self._executor is None:
            return
        if pid := self.pid:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._executor.shutdown(wait=True, cancel_futures=True)
        self._executor, self._pid = None, None


# --- in the child -------------------------------------------------------------------------------

_prepared = False


def _begin_child() -> None:
    # Ctrl-C reaches the whole group; the parent decides what becomes of us.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A pool's child whose parent was killed would wait for work for ever."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _call(
    prepare: Callable[..., None],
    arguments: tuple[Any, ...],
    function: Callable[[Item], Result],
    item: Item,
) -> Result:
    global _prepared
    if not _prepared:
        try:
            prepare(*arguments)
        except Exception as error:
            raise _PrepareFailed(error) from None
        _prepared = True
    return function(item)
