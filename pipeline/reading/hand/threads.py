"""Keeps numpy's matrix products on one thread.

OpenBLAS, which comes with numpy, starts a thread a core and lets them wait for each other in
busy loops: beside other work on the same cores learning a book then took more than ten times as
long (measured on two cores). Its own call to change that is the only one that works once numpy
is loaded.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, cast

import numpy as np

_SUFFIXES = ("64_", "")


@contextmanager
def one_thread() -> Iterator[None]:
    """Matrix products inside run on the calling thread; with another library than OpenBLAS as ever.

    It holds for the whole process as long as it lasts.
    """
    before = blas_threads()
    _set(1)
    try:
        yield
    finally:
        _set(before)


def blas_threads() -> int:
    """Threads of a matrix product; 0 where the library does not say."""
    call = _call("get_num_threads")
    return int(call()) if call else 0


def _set(count: int) -> None:
    call = _call("set_num_threads")
    if call and count > 0:
        call(count)


@cache
def _call(name: str) -> Callable[..., Any] | None:
    package = Path(np.__file__).parent
    places = (package.parent / "numpy.libs", package / ".dylibs")
    for path in (file for place in places for file in sorted(place.glob("*openblas*"))):
        try:
            library = ctypes.CDLL(str(path))  # the one that numpy has loaded
        except OSError:
            continue
        for suffix in _SUFFIXES:
            for prefix in ("scipy_openblas", "openblas"):
                call = getattr(library, f"{prefix}_{name}{suffix}", None)
                if call is not None:
                    return cast("Callable[..., Any]", call)
    return None
