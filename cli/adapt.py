"""``hotich adapt`` and ``next``: learn a book's hand from corrections; what to see first."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.output import bar, err, out, print_json
from cli.show import book_of
from pipeline.texts import Text

if TYPE_CHECKING:
    from flows.adapt import Adapted
    from models import NewAdapter

LEFT_OUT = {
    "no_cell": Text("không cắt lại được ô từ ảnh", "their cell cannot be cut again"),
    "moved": Text("khung trang đã đổi", "the boxes of their page have changed"),
    "not_handwritten": Text("không phải chữ viết tay", "not handwriting"),
    "no_text": Text("chữ trên ảnh khác hẳn giá trị", "the ink says something else altogether"),
}
"""Why a reviewed field teaches nothing."""
_STAGES = {
    "ink": Text("Cắt chữ từ ảnh", "Cutting the ink"),
    "learn": Text("Học nét chữ", "Learning the hand"),
}


def register(cli: typer.Typer) -> None:
    """Adds the commands."""
    cli.command(
        "adapt",
        help=str(
            Text(
                "Học nét chữ của một quyển từ các trường đã sửa, rồi đọc lại phần còn lại.",
                "Learn the hand of a book from its corrected fields, then read the rest again.",
            )
        ),
    )(adapt)
    cli.command(
        "next",
        help=str(
            Text(
                "Những trường hợp nên xem trước để máy học nhanh nhất.",
                "The entries to review first, so that the book is learned fastest.",
            )
        ),
    )(next_)


def adapt(
    book: Annotated[str, typer.Argument(metavar="BOOK")],
    dry: Annotated[
        bool,
        typer.Option(
            "--dry-run", help=str(Text("Chỉ cho biết sẽ học từ gì", "Only say what from"))
        ),
    ] = False,
    revert: Annotated[
        bool,
        typer.Option(
            "--revert", help=str(Text("Bỏ những gì đã học", "Take back what was learned"))
        ),
    ] = False,
    json_: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Learns now, whether or not it is due; says what came of it."""
    from cli.home import open_home
    from flows.adapt import adapt_book
    from flows.child import open_pool
    from models import revert_adapters

    with open_home() as home:
        record = book_of(home.database, book)
        if revert:
            count, scans = revert_adapters(home.database, record.id, actor=getpass.getuser())
            _tell_reverted(count, scans, json_=json_)
            return
        with open_pool(home.settings) as pool, learning_progress() as notice:
            found = adapt_book(
                home.database, record, home.settings, pool,
                actor=getpass.getuser(), dry=dry, notice=notice,
            )  # fmt: skip
    if json_:
        print_json(as_data(found))
    else:
        for sentence in sentences(found):
            out.print(sentence)


@contextmanager
def learning_progress() -> Iterator[Callable[[str, int, int], None]]:
    """A bar that shows what is being done."""
    with bar() as progress:
        task = progress.add_task("", total=None)

        def notice(stage: str, done: int, total: int) -> None:
            # How long learning takes is known only at its end: the bar then only moves.
            whole = total if stage == "ink" else None
            progress.update(task, description=str(_STAGES[stage]), completed=done, total=whole)

        yield notice


def as_data(found: Adapted) -> dict[str, Any]:
    """For scripts."""
    return {
        "book": found.book,
        "weights": found.base,
        "reviewed": found.reviewed,
        "fields": found.fields,
        "lines": found.lines,
        "hands": found.hands,
        "left_out": dict(found.left_out),
        "learned": [{**asdict(one), "state": str(one.state)} for one in found.learned],
        "scans_again": found.scans_again,
    }


def sentences(found: Adapted) -> Iterator[str]:
    """For people."""
    particulars = {
        name: getattr(found, name) for name in ("book", "reviewed", "fields", "lines", "hands")
    }
    yield Text(
        "{book}: {reviewed} trường đã có người xem, {fields} trường viết tay dùng được để học "
        "({lines} dòng chữ, {hands} nét chữ).",
        "{book}: {reviewed} fields reviewed, {fields} of them handwriting to learn from "
        "({lines} lines, {hands} hands).",
    ).format(**particulars)
    for reason, count in sorted(found.left_out.items()):
        if count:
            yield Text("  bỏ qua {n}: {why}", "  {n} left out: {why}").format(
                n=count, why=LEFT_OUT[reason]
            )
    for one in found.learned:
        yield f"  {_said(one)}"
    if found.helped:
        yield Text(
            "{n} ảnh còn trường chưa chắc sẽ được đọc lại: chạy 'hotich run'.",
            "{n} scans with open fields will be read again: 'hotich run'.",
        ).format(n=found.scans_again)


def _said(one: NewAdapter) -> str:
    from models import AdapterState

    figures = {
        "hand": one.hand + 1,
        "before": f"{one.before:.1%}" if one.before is not None else "–",
        "after": f"{one.after:.1%}" if one.after is not None else "–",
        "seconds": f"{one.seconds:.0f}",
        "note": one.detail.get("note", ""),
    }
    match one.state:
        case AdapterState.ACTIVE:
            text = Text(
                "[green]✓[/] Nét chữ {hand}: sai {before} ký tự trước, {after} sau khi học "
                "(trên phần để riêng); {seconds} giây.",
                "[green]✓[/] Hand {hand}: {before} character errors before, {after} after "
                "(on lines kept apart); {seconds} s.",
            )
        case AdapterState.ROLLED_BACK:
            text = Text(
                "[yellow]=[/] Nét chữ {hand}: học không giúp gì ({before} → {after}), giữ như cũ.",
                "[yellow]=[/] Hand {hand}: learning was of no help ({before} → {after}), "
                "all stays as it was.",
            )
        case AdapterState.SKIPPED:
            if one.detail.get("note") == "nothing new":
                text = Text("[dim]=[/] Không có gì mới để học.", "[dim]=[/] Nothing new to learn.")
            else:
                text = Text(
                    "[yellow]=[/] Còn ít quá, chưa học được; xem thêm vài chục trường nữa.",
                    "[yellow]=[/] Too few as yet; review some dozens of fields more.",
                )
        case _:
            text = Text("[red]✗[/] Học bị lỗi: {note}", "[red]✗[/] Learning failed: {note}")
    return text.format(**figures)


def _tell_reverted(count: int, scans: int, *, json_: bool) -> None:
    if json_:
        print_json({"reverted": count, "scans_again": scans})
    elif not count:
        out.print(Text("Quyển này chưa học gì.", "Nothing was learned of this book.").format())
    else:
        out.print(
            Text(
                "Đã bỏ những gì đã học; {n} ảnh sẽ được đọc lại: chạy 'hotich run'.",
                "Taken back; {n} scans will be read again: 'hotich run'.",
            ).format(n=scans)
        )


def next_(
    book: Annotated[str, typer.Argument(metavar="BOOK")],
    most: Annotated[
        int, typer.Option("--most", min=1, help=str(Text("Nhiều nhất", "At most")))
    ] = 30,
    json_: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Doubtful entries unlike each other come first: each teaches something new."""
    from rich.table import Table

    from cli.home import open_home
    from flows.order import review_order

    with open_home() as home:
        record = book_of(home.database, book)
        chosen = review_order(home.database, record.id, most)
    if json_:
        print_json([asdict(one) for one in chosen])
        return
    if not chosen:
        err.print(Text("Không còn gì phải xem.", "Nothing is left to review.").format())
        return
    titles = (Text("ảnh", "scan"), Text("thứ tự", "position"), Text("số", "number"),
              Text("trường", "fields"))  # fmt: skip
    table = Table(*(str(title) for title in titles))
    for one in chosen:
        table.add_row(one.scan, str(one.position), one.number, ", ".join(one.fields))
    out.print(table)
