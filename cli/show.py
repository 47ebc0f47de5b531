"""``hotich show``: what must be scanned again, what needs a person, how a page was understood."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.explain import entry as explain_entry
from cli.output import err, out, print_json
from pipeline.errors import InputError
from pipeline.texts import Text

if TYPE_CHECKING:
    from models import BookRecord, Database

_BATCH = typer.Option("--batch", help=str(Text("Số lô", "Number of the batch")))


def register(cli: typer.Typer) -> None:
    """Adds the group."""
    group = typer.Typer(
        no_args_is_help=True,
        help=str(Text("Xem chi tiết: quét lại, sổ, trang.", "Details: rescans, books, pages.")),
    )
    group.command(
        "rescan",
        help=str(
            Text("Những ảnh phải quét lại và lý do.", "Scans to be made again, with reasons.")
        ),
    )(rescan)
    group.command(
        "stuck",
        help=str(
            Text("Những ảnh cần người xem: lỗi, không khớp mẫu.", "Scans that need a person.")
        ),
    )(stuck)
    group.command(
        "book", help=str(Text("Các trường hợp đã đọc của một quyển.", "The entries of a book."))
    )(book)
    group.command(
        "entry",
        help=str(
            Text(
                "Một trường hợp: mỗi giá trị từ đâu ra, vì sao nhận hay không.",
                "One entry: where each value came from, why it was accepted or not.",
            )
        ),
    )(explain_entry)
    group.command(
        "scan",
        help=str(
            Text("Vẽ khung các trường lên ảnh quét.", "Draw the boxes of the fields on their scan.")
        ),
    )(scan)
    group.command(
        "page",
        help=str(
            Text(
                "Một ảnh đã được hiểu thế nào: khung, trường, độ tin cậy, quyết định.",
                "How a scan was understood: grid, fields, confidences, decisions.",
            )
        ),
    )(page)
    cli.add_typer(group, name="show")


def rescan(
    batch: Annotated[int | None, _BATCH] = None,
    json_: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """The rescan list."""
    from models.states import ScanState

    _list((ScanState.RESCAN,), batch, json_=json_)


def stuck(
    batch: Annotated[int | None, _BATCH] = None,
    json_: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Quarantined scans and those whose boxes cannot be trusted."""
    from models.states import ScanState

    _list((ScanState.QUARANTINED, ScanState.ATTENTION), batch, json_=json_)


def _list(states: tuple[str, ...], batch: int | None, *, json_: bool) -> None:
    from rich.table import Table

    from cli.home import open_home
    from models.listing import stuck_scans

    with open_home() as home:
        scans = stuck_scans(home.database, states, batch=batch)  # type: ignore[arg-type]
    if json_:
        print_json(
            [{**asdict(scan), "text": scan.text or _reasons(scan.reasons)} for scan in scans]
        )
        return
    if not scans:
        out.print(Text("Không có ảnh nào.", "None.").format())
        return
    table = Table(
        *(
            str(title)
            for title in (
                Text("quyển", "book"), Text("ảnh", "scan"), Text("lý do", "reason"),
            )
        )
    )  # fmt: skip
    for scan in scans:
        table.add_row(scan.book, scan.name, scan.text or _reasons(scan.reasons))
    out.print(table)


def _reasons(codes: tuple[str, ...]) -> str:
    from pipeline.scan.quality import describe
    from pipeline.types import QualityFault

    known = {fault.value for fault in QualityFault}
    return "; ".join(
        describe(QualityFault(code)).format() if code in known else code for code in codes
    )


def book(
    code: Annotated[str, typer.Argument(metavar="BOOK")],
    json_: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Every entry with its values; what needs a person is marked, and what the book lacks."""
    from rich.markup import escape
    from rich.table import Table

    from cli.home import open_home
    from models import book_entries
    from models.viewing import book_findings
    from pipeline.checks.rules import explain
    from pipeline.types import Decision

    with open_home() as home:
        book_id = book_of(home.database, code).id
        entries = book_entries(home.database, book_id, finished=True)
        findings = book_findings(home.database, book_id)
    if json_:
        print_json([asdict(entry) for entry in entries])
        return
    for finding in findings:
        out.print(f"[yellow]{finding.rule}[/] {escape(explain(finding))}")
    for entry in entries:
        table = Table(
            "", "", "", title=f"{Text('Số', 'No.')} {entry.number or '?'}", show_header=False
        )
        for field in entry.fields:
            mark = "" if field.decision in (Decision.ACCEPTED, Decision.PERSON) else field.decision
            if field.decision != Decision.BLANK:
                shown = field.value or field.literal or "–"
                table.add_row(field.field, shown.replace("[", r"\["), f"[dim]{mark}[/]")
        out.print(table)
        for finding in entry.findings:
            out.print(f"  [yellow]{finding.rule}[/] {finding.detail}")


def scan(
    code: Annotated[str, typer.Argument(metavar="BOOK")],
    name: Annotated[str, typer.Argument(metavar="SCAN")],
    output: Annotated[Path, typer.Option("--out", metavar="PNG")],
) -> None:
    """Writes the scan with the boxes of its fields, coloured by decision."""
    import cv2

    from cli.home import open_home
    from cli.picture import draw_fields
    from models import book_scans, export_fields
    from pipeline.scan.load import load_scan

    with open_home() as home:
        book_id = book_of(home.database, code).id
        refs = [ref for ref in book_scans(home.database, book_id) if ref.name == name]
        if not refs:
            raise InputError(
                Text("không có ảnh {name}", "no scan {name}").format(name=name), where=code
            )
        rows = [row for row in export_fields(home.database, book_id) if row.scan == name]
        picture = load_scan(refs[0], home.settings.scan_store, home.settings)
    if not cv2.imwrite(str(output), draw_fields(picture.grey, rows)):
        raise InputError(
            Text("không ghi được ảnh", "the picture cannot be written").format(), where=str(output)
        )
    err.print(f"→ {output}")


def page(
    code: Annotated[str, typer.Argument(metavar="BOOK")],
    name: Annotated[str, typer.Argument(metavar="SCAN")],
    overlay: Annotated[
        bool, typer.Option("--overlay", help=str(Text("Vẽ ra ảnh PNG", "Draw it as a PNG")))
    ] = False,
    output: Annotated[Path | None, typer.Option("--out", metavar="PNG")] = None,
    json_: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """One scan with the probability of each box's place, and each value's decision."""
    import cv2
    from rich.table import Table

    from cli.home import open_home
    from cli.layout import scan_of
    from flows.overlays import scan_overlay
    from models import book_scans
    from pipeline.form.overlay import draw_overlay

    with open_home() as home:
        record = book_of(home.database, code)
        ref = scan_of(book_scans(home.database, record.id), name, code)
        seen = scan_overlay(home.database, home.settings, record, ref)
    if overlay or output is not None:
        target = output or Path(f"{record.code}-{ref.number:04d}.png")
        if not cv2.imwrite(str(target), draw_overlay(seen.scan.grey, seen.overlay)):
            raise InputError(
                Text("không ghi được ảnh", "the picture cannot be written").format(),
                where=str(target),
            )
        err.print(f"→ {target}")
    if json_:
        print_json(seen.overlay.data())
        return
    if overlay or output is not None:
        return
    out.print(f"{seen.overlay.title}  {seen.overlay.confidence:.3f}")
    for note in seen.overlay.notes:
        out.print(f"  {note}")
    table = Table("", "", "", "", "", show_header=False)
    for box in seen.overlay.boxes:
        place = "–" if box.place is None else f"{box.place:.2f}"
        shown = box.value.replace("[", r"\[")
        table.add_row(box.number or str(box.entry + 1), box.label, place, box.decision, shown)
    out.print(table)


def book_of(database: Database, code: str) -> BookRecord:
    """The one book of a code, or of the beginning of one.

    Raises:
        InputError: none or several.
    """
    from models import find_books

    books = find_books(database, code)
    if len(books) != 1:
        raise InputError(
            Text("mã sổ {code}: có {n} quyển", "book code {code}: {n} books").format(
                code=code, n=len(books)
            )
        )
    return books[0]
