"""``hotich evaluate``: how good the records are, against ground truth."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.output import bar, err, out, print_json
from pipeline.errors import InputError, UnknownUnitError
from pipeline.texts import Text

if TYPE_CHECKING:
    from cli.home import Home
    from models.exporting import FieldRow
    from pipeline.evaluation.compare import BookComparison, SeenField
    from pipeline.evaluation.truth import TruthBook
    from pipeline.types import Grey


def register(cli: typer.Typer) -> None:
    """Adds the command."""
    cli.command(
        "evaluate",
        help=str(
            Text(
                "So kết quả với dữ liệu chuẩn: theo loại trường, mức hư hại, kiểu chữ.",
                "Compare the records with ground truth: per field type, wear, hand.",
            )
        ),
    )(evaluate)


def evaluate(
    truth: Annotated[Path, typer.Argument(metavar="TRUTH")],
    json_: Annotated[bool, typer.Option("--json")] = False,
    html: Annotated[
        Path | None,
        typer.Option(
            "--html",
            help=str(Text("Báo cáo có ảnh các trường sai nhất", "Report with the worst crops")),
        ),
    ] = None,
) -> None:
    """Figures of all books of the truth that were queued; the others are named."""
    from cli.home import open_home
    from pipeline.evaluation.figures import summary
    from pipeline.evaluation.report import render_report
    from pipeline.evaluation.truth import load_truth

    books = load_truth(truth)
    with open_home() as home:
        comparisons, missing = compared(home, books)
        if not comparisons:
            raise InputError(
                Text(
                    "chưa có quyển nào của bộ chuẩn trong cơ sở dữ liệu",
                    "none of its books is in the database",
                ).format(),
                where=str(truth),
            )
        if html is not None:
            html.write_text(render_report(comparisons, _scan_loader(home)), "utf-8")
    figures = summary(comparisons)
    figures["missing_books"] = missing
    if json_:
        print_json(figures)
    else:
        _tell(figures)
    if missing:
        err.print(
            Text("Chưa xếp hàng: {books}", "Not queued: {books}").format(books=", ".join(missing))
        )
    if html is not None:
        err.print(f"→ {html}")


def compared(home: Home, books: Iterable[TruthBook]) -> tuple[list[BookComparison], list[str]]:
    """What a home knows of the books of a truth, and paths of those that were never queued."""
    from models import export_fields, rescan_list
    from pipeline.evaluation.compare import compare_book

    comparisons: list[BookComparison] = []
    missing: list[str] = []
    with bar() as progress:
        for truth in progress.track(list(books), description=str(Text("So sánh", "Comparing"))):
            book_id = _find(home, truth)
            if book_id is None:
                missing.append(truth.path)
                continue
            seen = _seen(export_fields(home.database, book_id))
            rescans = frozenset(scan.name for scan in rescan_list(home.database, book=book_id))
            comparisons.append(compare_book(truth, seen, rescans))
    return comparisons, missing


def _find(home: Home, truth: TruthBook) -> int | None:
    """The queued book of the same unit, kind, year and volume."""
    from models.naming import volume_key
    from pipeline.places import load_gazetteer, registering_unit

    try:
        unit = registering_unit(
            truth.unit, truth.district, truth.year, load_gazetteer(home.settings.config)
        )
    except UnknownUnitError:
        return None
    return _queued(home).get((unit.id, truth.kind, truth.year, volume_key(truth.volume)))


@lru_cache(maxsize=1)
def _queued(home: Home) -> dict[tuple[str, str, int, str], int]:
    from models import find_books

    return {
        (book.unit.id, book.kind.value, book.year, book.volume): book.id
        for book in find_books(home.database, "")
    }


def _seen(rows: Iterable[FieldRow]) -> Iterator[SeenField]:
    """Rows of an export as fields of entries: an entry ends where a field comes again."""
    from pipeline.evaluation.compare import SeenField

    scan, number, entry, fields = "", "", 0, set[str]()
    for row in rows:
        if row.scan != scan or row.entry_number != number or row.field in fields:
            scan, number, entry, fields = row.scan, row.entry_number, entry + 1, set()
        fields.add(row.field)
        yield SeenField(
            scan=row.scan,
            entry=str(entry),
            field=row.field,
            literal=row.literal,
            value=row.value or None,
            confidence=row.confidence,
            decision=row.decision,
            polygon=tuple((x, y) for x, y in json.loads(row.polygon)),
        )


def _scan_loader(home: Home) -> Any:
    from models import book_scans
    from pipeline.scan.load import load_scan

    def load(truth: TruthBook, name: str) -> Grey | None:
        book_id = _find(home, truth)
        for ref in book_scans(home.database, book_id) if book_id is not None else ():
            if ref.name == name:
                return load_scan(ref, home.settings.scan_store, home.settings).grey
        return None

    return load


def _tell(figures: dict[str, Any]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    entries, rescans = figures["entries"], figures["rescans"]
    out.print(
        Text(
            "Trường hợp: thấy {found}/{true}, thừa {extra}. Quét lại: thấy {r}/{rt}.",
            "Entries: {found} of {true} found, {extra} made up. Rescans: {r} of {rt} found.",
        ).format(**entries, r=rescans["found"], rt=rescans["expected"])
    )
    wide = out.width >= _WIDE
    shown = [column for column in _COLUMNS if wide or column in _NARROW]
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column("", no_wrap=True)
    for column in shown:
        table.add_column(str(_COLUMNS[column]), justify="right", no_wrap=True)
    for name in ("all", "wear_hand", "hand_field_type"):
        groups = {"all": figures["all"]} if name == "all" else figures["by"][name]
        for group, row in groups.items():
            table.add_row(group, *(_cell(row[column]) for column in shown))
        table.add_section()
    out.print(table)


_COLUMNS = {
    "written": Text("có chữ", "written"),
    "boxes_good": Text("đúng ô", "boxes"),
    "exact_literal": Text("đúng chữ", "literal"),
    "exact_value": Text("đúng trị", "value"),
    "cer": Text("cer", "cer"),
    "invented": Text("bịa", "made up"),
    "specks": Text("vết", "specks"),
    "slips": Text("lệch", "slips"),
    "accepted": Text("nhận", "accepted"),
    "accepted_wrong": Text("sai", "wrong"),
    "calibration_error": Text("hiệu chuẩn", "calibration"),
    "calibration_by_chance": Text("ngẫu nhiên", "by chance"),
}
_NARROW = ("written", "boxes_good", "exact_value", "cer", "slips", "accepted", "accepted_wrong")
"""What a terminal of 80 columns holds; ``--json`` has all."""
_WIDE = 120


def _cell(value: float | None) -> str:
    return "–" if value is None else str(value) if isinstance(value, int) else f"{value:.3f}"
