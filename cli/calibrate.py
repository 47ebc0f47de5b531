"""``hotich calibrate``: the office's reviewed fields bend the probabilities, in versions."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.output import err, out, print_json
from pipeline.errors import InputError
from pipeline.texts import Text

if TYPE_CHECKING:
    from cli.home import Home
    from flows.calibrate import Calibrated


def register(cli: typer.Typer) -> None:
    """Adds the command."""
    cli.command(
        "calibrate",
        help=str(
            Text(
                "Hiệu chỉnh xác suất theo các trường đã có người xem; chỉ dùng nếu đúng hơn.",
                "Refit the probabilities on reviewed fields; used only if they are more honest.",
            )
        ),
    )(calibrate)


def calibrate(
    list_: Annotated[
        bool, typer.Option("--list", help=str(Text("Các bản đã có", "Versions there are")))
    ] = False,
    use: Annotated[
        int | None,
        typer.Option("--use", metavar="VERSION", help=str(Text("Dùng bản này", "Use this one"))),
    ] = None,
    revert: Annotated[
        bool,
        typer.Option("--revert", help=str(Text("Trở lại bản trước", "Back to the one before"))),
    ] = False,
    dry: Annotated[
        bool,
        typer.Option(
            "--dry-run", help=str(Text("Chỉ so, không đổi gì", "Compare, change nothing"))
        ),
    ] = False,
    report: Annotated[
        Path | None,
        typer.Option(
            "--report",
            metavar="HTML",
            help=str(Text("Biểu đồ độ tin cậy", "Reliability diagrams")),
        ),
    ] = None,
    json_: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Fits now; version 0 is what the installation brought along."""
    from cli.home import open_home
    from flows.calibrate import calibrate_office, revert_calibration, use_calibration

    actor = getpass.getuser()
    with open_home() as home:
        if use is not None and not use_calibration(home.database, home.settings, use, actor=actor):
            raise InputError(
                Text("không có bản {n} để dùng", "there is no version {n} to use").format(n=use)
            )
        if revert and revert_calibration(home.database, home.settings, actor=actor) is None:
            err.print(Text("Chưa có bản nào đang dùng.", "No version is in use.").format())
        if list_ or use is not None or revert:
            _list(home, json_=json_)
            return
        found = calibrate_office(home.database, home.settings, actor=actor, dry=dry)
    if report is not None:
        report.write_text(_report(found), "utf-8")
        err.print(f"→ {report}")
    if json_:
        print_json(_as_data(found))
    else:
        for sentence in _sentences(found, dry=dry):
            out.print(sentence)


def _report(found: Calibrated) -> str:
    from pipeline.evaluation.calibration_report import render_calibration

    before = (str(Text("đang dùng", "in force")), found.before)
    after = (str(Text("bản mới", "new")), found.after)
    if found.compared is None:
        intro = Text(
            "Các trường đã có người xem: quá ít để hiệu chỉnh.",
            "Reviewed fields: too few to refit.",
        )
        return render_calibration(found.fitted, [before], None, str(intro))
    intro = Text(
        "Các trường để riêng, không dùng để hiệu chỉnh.",
        "Fields kept apart, on which nothing was fitted.",
    )
    return render_calibration(found.held, [before, after], found.compared, str(intro))


def _list(home: Home, *, json_: bool) -> None:
    from rich.table import Table

    from pipeline.reading.recalibrated import accounts, version_in_force, versions_folder

    folder = versions_folder(home.settings.resolved_home)
    told, now = accounts(folder), version_in_force(folder)
    if json_:
        rows = [{"version": n, "in_force": n == now, **one} for n, one in told.items()]
        print_json(rows)
        return
    titles = (
        Text("bản", "version"), Text("ngày", "made"), Text("trạng thái", "state"),
        Text("trường", "fields"), Text("lệch trước", "error before"), Text("lệch sau", "after"),
    )  # fmt: skip
    table = Table(*(str(title) for title in titles), box=None, header_style="dim")
    for version, one in told.items():
        compared = one["compared"]["all"]
        kept = Text("để dành", "kept") if one["taken"] else Text("không hơn", "no better")
        state = Text("[green]đang dùng[/]", "[green]in use[/]") if version == now else kept
        table.add_row(
            str(version), one["made"][:16], str(state), str(one["reviewed"]),
            f"{compared['error_before']:.4f}", f"{compared['error_after']:.4f}",
        )  # fmt: skip
    if told:
        out.print(table)
    if not now:
        err.print(Text("Đang dùng bản kèm theo phần mềm.", "The shipped one is in use.").format())


def _as_data(found: Calibrated) -> dict[str, Any]:
    return {
        "reviewed": found.reviewed,
        "books": found.books,
        "wanted": found.wanted,
        "version": found.version,
        "in_force": found.in_force,
        "compared": asdict(found.compared) if found.compared else None,
        "worth_it": found.compared.worth_it if found.compared else None,
    }


def _sentences(found: Calibrated, *, dry: bool) -> Iterator[str]:
    yield Text(
        "{books} quyển, {reviewed} giá trị máy đọc đã có người xem.",
        "{books} books, {reviewed} machine values seen by people.",
    ).format(books=found.books, reviewed=found.reviewed)
    if found.compared is None:
        yield Text(
            "Cần ít nhất {wanted}, của ít nhất hai quyển.",
            "At least {wanted} are needed, of two books at least.",
        ).format(wanted=found.wanted)
        return
    yield str(
        Text(
            "Trên các quyển để riêng, lệch giữa xác suất và thực tế, trước → sau:",
            "On the books kept apart, gap between probability and truth, before → after:",
        )
    )
    for one in (found.compared.all, *found.compared.readers):
        mark = "✓" if one.better else "✗" if one.worse else "·"
        name = one.reader or str(Text("tất cả", "all"))
        fields = Text("{n} trường", "{n} fields").format(n=one.fields)
        yield (
            f"  {mark} {name}: {one.error_before:.4f} → {one.error_after:.4f} ({fields}; "
            f"log {one.before:.4f} → {one.after:.4f})"
        )
    if found.in_force:
        yield str(
            Text(
                "[green]✓[/] Bản mới đúng hơn, dùng cho các quyển làm xong từ bây giờ. Nên chạy "
                "'hotich decide --learn'. Trở lại: 'hotich calibrate --revert'.",
                "[green]✓[/] It is more honest and counts for books finished from now on. Run "
                "'hotich decide --learn' next. Back: 'hotich calibrate --revert'.",
            )
        )
    elif not dry:
        yield str(
            Text(
                "[yellow]=[/] Bản mới không hơn rõ rệt; giữ như cũ.",
                "[yellow]=[/] It is not clearly better; all stays as it was.",
            )
        )
