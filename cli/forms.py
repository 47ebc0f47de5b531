"""``hotich forms``: which forms there are, whether a file is right, how a form looks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.form_draft import define
from cli.output import err, out, print_json
from pipeline.errors import InputError
from pipeline.texts import Text

if TYPE_CHECKING:
    from pipeline.form.schema import Form

_JSON = typer.Option("--json", help=str(Text("In ra dạng JSON", "Print as JSON")))


def register(cli: typer.Typer) -> None:
    """Adds the group."""
    group = typer.Typer(
        no_args_is_help=True,
        help=str(Text("Mẫu sổ: danh sách, kiểm tra, xem trước.", "Forms: list, check, preview.")),
    )
    group.command(
        "list",
        help=str(
            Text(
                "Các mẫu sổ theo thời kỳ và loại; thêm mã mẫu để xem từng nhãn.",
                "The forms by era and kind; with a form's id, its labels one by one.",
            )
        ),
    )(list_)
    group.command(
        "check",
        help=str(
            Text(
                "Kiểm tra các tệp mẫu sổ (hoặc một tệp) trước khi dùng.",
                "Check the form files (or one file) before they are used.",
            )
        ),
    )(check)
    group.command(
        "preview",
        help=str(
            Text(
                "Vẽ một mẫu sổ (theo mã hoặc theo tệp) ra ảnh PNG.",
                "Draw a form (by id or by file) as a PNG picture.",
            )
        ),
    )(preview)
    group.command(
        "define",
        help=str(
            Text(
                "Soạn nháp tệp mẫu sổ từ một ảnh: nhãn đọc được, trường gợi ý.",
                "Draft a form file from a scan: labels read, fields proposed.",
            )
        ),
    )(define)
    cli.add_typer(group, name="forms")


def list_(
    form: Annotated[str, typer.Argument(metavar="[FORM]")] = "",
    json_: Annotated[bool, _JSON] = False,
) -> None:
    """All forms in a table, or all labels of one."""
    from rich.table import Table

    from pipeline.form.schema import ERAS, load_forms
    from pipeline.settings import load_settings
    from pipeline.types import Kind

    if form:
        _labels(_form(form), json_=json_)
        return
    forms = sorted(
        load_forms(load_settings().config).values(),
        key=lambda one: (ERAS.index(one.era), list(Kind).index(one.kind), one.form),
    )
    if json_:
        print_json([one.model_dump(mode="json") for one in forms])
        return
    table = Table(
        *(
            str(title)
            for title in (
                Text("thời kỳ", "era"), Text("loại", "kind"), Text("mã", "id"),
                Text("năm", "years"), Text("bố cục", "layout"), Text("nguồn", "provenance"),
            )
        )
    )  # fmt: skip
    table.columns[2].no_wrap = True
    for one in forms:
        years = f"{one.years[0]}–{one.years[1]}"
        table.add_row(one.era, one.kind, one.form, years, layout_of(one), source_of(one))
    out.print(table)


def layout_of(form: Form) -> str:
    """How entries lie on the page, in words."""
    if form.layout == "ledger":
        two = Text("cột, hai trang", "ledger, opening")
        return (two if form.opening else Text("cột, một trang", "ledger, one page")).format()
    texts = [Text("{n} trường hợp/trang", "{n} a page").format(n=form.entries)]
    if any(item.column == "left" for item in form.items):
        texts.append(Text("hai cột", "two columns").format())
    if any(item.column == "margin" for item in form.items):
        texts.append(Text("có lề", "margin").format())
    return ", ".join(texts)


def source_of(form: Form) -> str:
    """Whether anybody saw the form itself."""
    seen = form.provenance == "verified"
    return (Text("đã xem", "verified") if seen else Text("nhớ lại", "recalled")).format()


def _labels(form: Form, *, json_: bool) -> None:
    from rich.table import Table

    from pipeline.fields import FIELDS

    if json_:
        print_json(form.model_dump(mode="json"))
        return
    table = Table(
        *(
            str(title)
            for title in (
                Text("nhãn in", "printed label"), Text("trường", "field"),
                Text("cột mẫu quốc gia", "national column"), Text("ghi chú", "remarks"),
            )
        ),
        title=f"{form.form}: {form.name}",
    )  # fmt: skip
    for part in form.parts:
        name = part.field or getattr(part, "ticks", "")
        national = FIELDS[name].national.get(form.kind, "ghiChu") if name else ""
        remarks = [getattr(part, "choice", ""), getattr(part, "column", "")]
        if part.optional:
            remarks.append(Text("có thể thiếu", "may be absent").format())
        table.add_row(
            " / ".join(part.labels), name, national, ", ".join(text for text in remarks if text)
        )
    out.print(table)


def check(
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]")] = None,
) -> None:
    """Every form file, or one that is not in its folder yet; errors leave with code 33."""
    from pipeline.form.schema import load_form, load_forms
    from pipeline.settings import load_settings

    forms = [load_form(file)] if file else list(load_forms(load_settings().config).values())
    for form in forms:
        fields = len(form.fields)
        text = Text("{id}: đúng ({n} trường)", "{id}: right ({n} fields)")
        out.print(f"✓ {text.format(id=form.form, n=fields)}")


def preview(
    form: Annotated[str, typer.Argument(metavar="FORM|FILE")],
    output: Annotated[Path, typer.Option("--out", metavar="PNG")],
) -> None:
    """Draws a form: printed labels black, fields blue, what may be absent grey."""
    from pipeline.form.preview import write_form

    if not write_form(_form(form), str(output)):
        raise InputError(
            Text("không ghi được ảnh", "the picture cannot be written").format(), where=str(output)
        )
    err.print(f"→ {output}")


def _form(name: str) -> Form:
    """A form by its id, or from a file.

    Raises:
        InputError: no form has this id; says which is nearest.
        FormFileError: the file is wrong.
    """
    from rapidfuzz.process import extractOne

    from pipeline.form.schema import load_form, load_forms
    from pipeline.settings import load_settings

    if name.endswith((".yaml", ".yml")):
        return load_form(Path(name))
    forms = load_forms(load_settings().config)
    if name in forms:
        return forms[name]
    near = extractOne(name, list(forms))
    text = Text(
        "không có mẫu '{name}'; gần nhất: {near} (hotich forms list).",
        "there is no form '{name}'; nearest: {near} (hotich forms list).",
    )
    raise InputError(text.format(name=name, near=near[0] if near else "–"))
