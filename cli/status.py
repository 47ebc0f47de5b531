"""``hotich status``: how far every unit, batch and book is."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Group, RenderableType
from rich.live import Live
from rich.table import Table

from cli.output import out, print_json
from pipeline.texts import Text

if TYPE_CHECKING:
    from models import BatchProgress, BookProgress, Database, Tally, UnitProgress

WATCH_SECONDS = 1.0


def register(cli: typer.Typer) -> None:
    """Adds the command."""
    cli.command(
        "status",
        help=str(
            Text(
                "Tiến độ theo đơn vị, lô, quyển sổ.", "Progress per registering unit, batch, book."
            )
        ),
    )(status)


def status(
    unit: Annotated[
        str | None, typer.Option("--unit", help=str(Text("Tên đơn vị", "Name of a unit")))
    ] = None,
    batch: Annotated[int | None, typer.Option("--batch")] = None,
    watch: Annotated[
        bool, typer.Option("--watch", help=str(Text("Tự cập nhật", "Refresh until Ctrl-C")))
    ] = False,
    json_: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Counts come from counters kept in the writing transaction, not from counting rows."""
    from cli.home import open_home
    from cli.quality import tell_stops, tell_targets
    from models import batch_progress, book_progress, progress, targets_set
    from pipeline.checks.sampling import load_stops, stops_file

    with open_home() as home:
        if json_:
            print_json(
                {
                    "units": [_data(row) for row in progress(home.database, unit, batch)],
                    "books": [_data(row) for row in book_progress(home.database, unit, batch)],
                    "batches": [_data(row) for row in batch_progress(home.database, batch)],
                    "targets": {
                        one.field_type: {
                            "target": one.target,
                            "by": one.by,
                            "at": one.at.isoformat(),
                            "reason": one.reason,
                        }
                        for one in targets_set(home.database).values()
                    },
                }
            )
            return
        if not watch:
            out.print(_view(home.database, unit, batch))
            tell_stops(load_stops(stops_file(home.settings.resolved_home)))
            tell_targets(targets_set(home.database).values())
            return
        with Live(console=out, auto_refresh=False) as live:
            while True:
                live.update(_view(home.database, unit, batch), refresh=True)
                time.sleep(WATCH_SECONDS)


def _data(row: UnitProgress | BookProgress | BatchProgress) -> dict[str, Any]:
    data = asdict(row)
    tally = data.pop("tally")
    pages = {name.removeprefix("scans_"): n for name, n in tally.items() if "scans_" in name}
    entries = {name.removeprefix("entries_"): n for name, n in tally.items() if "entries_" in name}
    fields = {name.removeprefix("fields_"): n for name, n in tally.items() if "fields_" in name}
    return {
        **data,
        "pages": {"total": row.tally.scans, **pages},
        "entries": {"total": row.tally.entries, **entries, "voided": row.tally.voided_entries},
        "fields": {"total": row.tally.fields, **fields},
    }


def _view(database: Database, unit: str | None, batch: int | None) -> RenderableType:
    from models import book_progress, progress

    parts: list[RenderableType] = [unit_table(progress(database, unit, batch))]
    if unit is not None or batch is not None:
        parts.append(book_table(book_progress(database, unit, batch)))
    return Group(*parts)


def unit_table(rows: Sequence[UnitProgress]) -> Table:
    """One row a registering unit, and the sum."""
    table = _table(str(Text("đơn vị", "unit")), str(Text("sổ", "books")))
    for row in rows:
        name = f"{row.name}" + (f", {row.district}" if row.district else "")
        table.add_row(
            name, f"{row.books_done + row.books_attention}/{row.books}", *_cells(row.tally)
        )
    if len(rows) > 1:
        done = sum(row.books_done + row.books_attention for row in rows)
        table.add_section()
        table.add_row(
            str(Text("tất cả", "all")),
            f"{done}/{sum(row.books for row in rows)}",
            *_sums([_numbers(row.tally) for row in rows]),
            style="bold",
        )
    return table


def book_table(rows: Sequence[BookProgress]) -> Table:
    """One row a book."""
    table = _table(str(Text("quyển sổ", "book")), str(Text("trạng thái", "state")))
    for row in rows:
        table.add_row(row.code, str(row.state), *_cells(row.tally))
    return table


_COLUMNS = (
    Text("ảnh", "scans"),
    Text("quét lại", "rescan"),
    Text("lỗi", "stuck"),
    Text("trường hợp", "entries"),
    Text("nhận", "accepted"),
    Text("cần xem", "review"),
    Text("trống", "blank"),
)


_NUMBER_WIDTH = 5


def _table(*first: str) -> Table:
    """Numbers are always shown whole; only names are folded on a narrow terminal."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column(first[0], min_width=12, overflow="fold")
    for name in (*first[1:], *map(str, _COLUMNS)):
        longest_word = max(map(len, name.split()))
        table.add_column(name, justify="right", min_width=max(longest_word, _NUMBER_WIDTH))
    return table


def _numbers(tally: Tally) -> tuple[int, ...]:
    return (
        tally.scans_done,
        tally.scans,
        tally.scans_rescan,
        tally.scans_quarantined + tally.scans_attention,
        tally.entries,
        tally.fields_accepted + tally.fields_person,
        tally.fields_review + tally.fields_unreadable + tally.fields_rescan,
        tally.fields_blank,
    )


def _cells(tally: Tally) -> tuple[str, ...]:
    return _sums([_numbers(tally)])


def _sums(rows: Sequence[tuple[int, ...]]) -> tuple[str, ...]:
    done, scans, *others = (sum(column) for column in zip(*rows, strict=True))
    return (f"{done}/{scans}", *(f"{number}" for number in others))
