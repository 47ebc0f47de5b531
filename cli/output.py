"""What people see: results on standard output, everything else on standard error."""

from __future__ import annotations

import json
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

from pipeline.errors import HotichError

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)


def complain(error: HotichError) -> None:
    """What went wrong and where, then what to do about it."""
    err.print(f"[bold red]✗[/] {_plain(error.what())}")
    err.print(f"  [dim]→ {_plain(error.what_to_do())}[/]")


def _plain(text: str) -> str:
    return text.replace("[", r"\[")


def print_json(data: Any) -> None:
    """Plain JSON for scripts, on standard output."""
    print(json.dumps(data, ensure_ascii=False, indent=2, default=str))


def bar() -> Progress:
    """A progress bar on standard error; silent where nobody watches."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=None),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=err,
        transient=True,
        disable=not err.is_terminal,
    )
