"""``hotich forms define``: a form file drafted from a scan, for a person to correct."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.output import err, out
from pipeline.errors import InputError
from pipeline.texts import Text

_LABELS = Text(
    "các nhãn in theo thứ tự, cách nhau bằng dấu ';'",
    "the printed labels in order, separated by ';'",
)


def define(
    code: Annotated[str, typer.Argument(metavar="BOOK")],
    name: Annotated[str, typer.Argument(metavar="SCAN")],
    output: Annotated[Path, typer.Option("--out", metavar="YAML")],
    labels: Annotated[str, typer.Option(help=str(_LABELS))] = "",
    again: Annotated[
        str,
        typer.Option(
            "--also",
            metavar="SCAN",
            help=str(Text("một ảnh nữa cùng mẫu", "another scan of the same form")),
        ),
    ] = "",
    form: Annotated[
        str, typer.Option("--id", help=str(Text("mã của mẫu mới", "id of the new form")))
    ] = "",
    era: Annotated[
        str, typer.Option(help=str(Text("thời kỳ (xem 'forms list')", "era, see 'forms list'")))
    ] = "",
) -> None:
    """Reads the labels of a page and proposes fields; the file then wants a person's eye."""
    from cli.home import open_home
    from cli.layout import scan_of
    from cli.show import book_of
    from models import book_scans
    from pipeline.form.draft import as_yaml, drafted
    from pipeline.form.recognise import read_scan
    from pipeline.form.schema import load_forms
    from pipeline.page import prepare
    from pipeline.scan.load import load_scan

    if output.exists():
        raise InputError(
            Text("tệp đã có; đặt tên khác", "the file exists; name another").format(),
            where=str(output),
        )
    with open_home() as home:
        book = book_of(home.database, code)
        refs = book_scans(home.database, book.id)
        wanted = [scan_of(refs, one, code) for one in (name, again) if one]
        settings = home.settings
        scans = [load_scan(ref, settings.scan_store, settings) for ref in wanted]
    read = [read_scan(n, prepare(scan)) for n, scan in enumerate(scans)]
    forms = load_forms(settings.config)
    given = [label.strip() for label in labels.split(";") if label.strip()]
    draft = drafted(read, forms, book.kind, book.year, given)
    era = era or draft.era or "15"
    form = form or f"{book.kind.value.lower()}-{book.year}-moi"
    text = as_yaml(draft, form, f"{book.kind.value} {book.year}", book.kind, era, book.year)
    output.write_text(text, "utf-8")
    unknown = sum(not part.field for part in draft.parts)
    out.print(
        Text(
            "{n} nhãn, {unknown} chưa có trường. Sửa tệp, 'hotich forms check {file}', chép vào "
            "ocr_config/forms, rồi 'hotich layout learn {book}'.",
            "{n} labels, {unknown} without a field. Mend the file, 'hotich forms check {file}', "
            "copy it to ocr_config/forms, then 'hotich layout learn {book}'.",
        ).format(n=len(draft.parts), unknown=unknown, file=output, book=book.code)
    )
    err.print(f"→ {output}")
