"""``hotich layout``: people set right where the fields of a page or a book lie."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.output import out, print_json
from pipeline.errors import InputError
from pipeline.texts import Text

if TYPE_CHECKING:
    from pipeline.types import BookForm, LayoutEdit, ScanRef

_BOOK = typer.Argument(metavar="BOOK")
_SCAN = typer.Argument(metavar="SCAN")
_PERSON = typer.Option("--person", help=str(Text("Người sửa", "Who corrects")))
_FOUR = Text(
    "bốn góc ghi 'x,y x,y x,y x,y' theo điểm ảnh, từ góc trên bên trái theo chiều kim đồng hồ",
    "write four corners as 'x,y x,y x,y x,y' in pixels of the scan, clockwise from the top left",
)
_ONE = Text(
    "ghi một trong: --corners, --column, --row, --field với --edge",
    "give one of: --corners, --column, --row, --field with --edge",
)
_NO_FORM = Text(
    "quyển này chưa có mẫu sổ: chạy 'hotich run', hoặc 'hotich forms define'",
    "the book has no form yet: run 'hotich run', or 'hotich forms define'",
)


def register(cli: typer.Typer) -> None:
    """Adds the group."""
    group = typer.Typer(
        no_args_is_help=True,
        help=str(
            Text("Sửa khung các trường của một trang hay cả quyển.", "Correct where fields lie.")
        ),
    )
    group.command(
        "show",
        help=str(
            Text(
                "Mẫu sổ, các cạnh cột và hàng (mm), những chỗ đã sửa.",
                "Form, edges of columns and rows (mm), and what was corrected.",
            )
        ),
    )(show)
    group.command(
        "set",
        help=str(
            Text(
                "Đặt bốn góc bảng, hoặc dời một cạnh; các ảnh liên quan được đọc lại.",
                "Set the four corners, or move an edge; the scans concerned are read again.",
            )
        ),
    )(set_)
    group.command(
        "undo",
        help=str(Text("Bỏ lần sửa gần nhất.", "Take the last correction back.")),
    )(undo)
    group.command(
        "learn",
        help=str(
            Text(
                "Học lại mẫu sổ của một quyển (sau khi thêm tệp mẫu) và đọc lại.",
                "Learn a book's form anew (after a form file was added) and read it again.",
            )
        ),
    )(learn)
    cli.add_typer(group, name="layout")


def show(
    code: Annotated[str, _BOOK], json_: Annotated[bool, typer.Option("--json")] = False
) -> None:
    """What a book's pages taught, and what people set right since."""
    from dataclasses import asdict

    from rich.markup import escape

    from cli.home import open_home
    from cli.show import book_of
    from models import load_book_form

    with open_home() as home:
        form = load_book_form(home.database, book_of(home.database, code).id)
    if form is None:
        raise InputError(_NO_FORM.format(), where=code)
    parts = [_part(part) for part in (form, *form.others)]
    edits = [asdict(edit) for edit in form.edits]
    if json_:
        print_json({"parts": parts, "nearest": form.nearest, "edits": edits})
        return
    for part in parts:
        out.print(f"[bold]{part['form'] or '?'}[/] {part['score']:.2f}")
        for name, places in part["edges"].items():
            out.print(f"  {name}: " + " · ".join(f"{n}: {at}" for n, at in enumerate(places)))
        if part["fields"]:
            out.print("  " + escape(", ".join(part["fields"])))
    for name, score in form.nearest:
        out.print(Text("gần nhất: {name} {score}", "nearest: {name} {score}").format(
            name=name, score=f"{score:.2f}"
        ))  # fmt: skip
    for edit in form.edits:
        out.print(_said(edit))


def _part(form: BookForm) -> dict[str, Any]:
    sides = form.geometry.get("sides", {})
    edges = {
        f"{side} {name}": [round(at, 1) for at in data["grid"][places]]
        for side, data in sides.items()
        for name, places in (("column", "xs"), ("row", "ys"))
    }
    named = [f["field"] for f in form.geometry.get("fields", ())]
    # Columns that the form lacks stand by their headings.
    named += [
        column["field"] or f"[{column['heading']}]"
        for data in sides.values()
        for column in data["columns"]
        if column["field"] or column.get("heading")
    ]
    fields = list(dict.fromkeys(named))
    return {"form": form.form_id, "score": form.score, "edges": edges, "fields": fields}


def _said(edit: LayoutEdit) -> str:
    scans = f"{edit.first}–{edit.last or '…'}"
    if edit.corners:
        corners = " ".join(f"{x:.0f},{y:.0f}" for x, y in edit.corners)
        return f"{edit.person}: #{scans} corners {corners}"
    what = f"{edit.field} {edit.edge}" if edit.field else f"{edit.side} {edit.edge} {edit.index}"
    return f"{edit.person}: #{scans} {what.strip()} {edit.by_mm:+.1f} mm"


def set_(
    code: Annotated[str, _BOOK],
    scan: Annotated[str, _SCAN],
    corners: Annotated[str, typer.Option(help=str(_FOUR))] = "",
    page: Annotated[
        int, typer.Option(help=str(Text("Trang trên ảnh: 0, 1", "Page of the scan: 0, 1")))
    ] = 0,
    column: Annotated[
        int | None, typer.Option(help=str(Text("Cạnh cột thứ", "Edge of columns, from 0")))
    ] = None,
    row: Annotated[
        int | None, typer.Option(help=str(Text("Cạnh hàng thứ", "Edge of rows, from 0")))
    ] = None,
    side: Annotated[str, typer.Option(help="left, right, single")] = "",
    field: Annotated[
        str, typer.Option(help=str(Text("Trường của mẫu có nhãn", "Field of a labelled form")))
    ] = "",
    edge: Annotated[str, typer.Option(help="left, right, top, bottom")] = "",
    entry: Annotated[
        int, typer.Option(help=str(Text("Trường hợp trên trang: 0, 1", "Entry of the page: 0, 1")))
    ] = 0,
    by: Annotated[
        float, typer.Option(help=str(Text("Dời (mm) sang phải/xuống", "Move (mm) right or down")))
    ] = 0.0,
    rest: Annotated[
        bool, typer.Option("--rest", help=str(Text("Cả phần sau của quyển", "Rest of the book")))
    ] = False,
    person: Annotated[str, _PERSON] = "",
) -> None:
    """One correction; ``--rest`` holds it for this scan and all after it."""
    from cli.home import open_home
    from cli.show import book_of
    from models import add_layout_edit, book_scans
    from pipeline.types import EditKind, LayoutEdit

    person = person or getpass.getuser()
    with open_home() as home:
        book = book_of(home.database, code)
        ref = scan_of(book_scans(home.database, book.id), scan, code)
        last = 0 if rest else ref.number
        if corners:
            edit = LayoutEdit(
                EditKind.CORNERS, ref.number, ref.number, person, page=page,
                corners=_corners(corners),
            )  # fmt: skip
        elif column is not None or row is not None:
            edit = LayoutEdit(
                EditKind.EDGE, ref.number, last, person, side=side,
                edge="column" if column is not None else "row",
                index=column if column is not None else row or 0, by_mm=by,
            )  # fmt: skip
        elif field and edge:
            edit = LayoutEdit(
                EditKind.EDGE, ref.number, last, person, field=field, edge=edge, index=entry,
                by_mm=by,
            )  # fmt: skip
        else:
            raise InputError(_ONE.format())
        scans = add_layout_edit(home.database, book.id, edit, actor=person)
    out.print(
        Text("Đã ghi; {n} ảnh sẽ được đọc lại.", "Kept; {n} scans will be read again.").format(
            n=scans
        )
    )


def undo(code: Annotated[str, _BOOK], person: Annotated[str, _PERSON] = "") -> None:
    """The last correction of a book is taken back."""
    from cli.home import open_home
    from cli.show import book_of
    from models import undo_layout_edit

    with open_home() as home:
        book = book_of(home.database, code)
        undone = undo_layout_edit(home.database, book.id, actor=person or getpass.getuser())
    if undone is None:
        out.print(Text("Không có lần sửa nào.", "Nothing was corrected.").format())
        return
    out.print(
        Text("Đã bỏ: {edit}; {n} ảnh sẽ được đọc lại.", "Undone: {edit}; {n} scans read again.")
        .format(edit=_said(undone[0]), n=undone[1])
    )  # fmt: skip


def learn(code: Annotated[str, _BOOK], person: Annotated[str, _PERSON] = "") -> None:
    """The book's form is forgotten; the next run learns it among all forms there are now."""
    from cli.home import open_home
    from cli.show import book_of
    from models import forget_form

    with open_home() as home:
        book = book_of(home.database, code)
        scans = forget_form(home.database, book.id, actor=person or getpass.getuser())
    text = Text("{n} ảnh sẽ được đọc lại: hotich run", "{n} scans will be read again: hotich run")
    out.print(text.format(n=scans))


def scan_of(refs: list[ScanRef], name: str, where: str) -> ScanRef:
    """The scan of a name, or of a number in the book.

    Raises:
        InputError: there is none.
    """
    for ref in refs:
        if name in (ref.name, str(ref.number)):
            return ref
    raise InputError(Text("không có ảnh {name}", "no scan {name}").format(name=name), where=where)


def _corners(text: str) -> tuple[tuple[float, float], ...]:
    try:
        points = [tuple(float(v) for v in pair.split(",")) for pair in text.split()]
        corners = tuple((x, y) for x, y in points)
    except ValueError as error:
        raise InputError(_FOUR.format()) from error
    if len(corners) != 4:
        raise InputError(_FOUR.format())
    return corners
