"""The weekly report: a workbook in Vietnamese, laid out for A4 paper, landscape."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

from desk.board.cost import Cost
from desk.board.forecast import forecast, weekly
from desk.board.stages import Shares, expected_entries, shares
from desk.board.units import Group, total
from models.board import BookRow, Counts, Day

_FONT = "Times New Roman"
_THIN = Side(style="thin", color="999999")
_BOX = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_HEAD = PatternFill("solid", fgColor="DCE6EC")
_SUM = PatternFill("solid", fgColor="F1F5F7")
_COUNT, _SHARE = "#,##0", "0.0%"
_UNIT_HEAD = (
    "STT", "Đơn vị", "Sổ dự kiến", "Sổ đã nhận", "Sổ đã duyệt", "Ảnh chờ đọc", "Ảnh vướng",
    "Cần xem", "Đã xong", "Đã duyệt", "Chưa nhận", "Đã đọc", "Xong hoặc duyệt", "Duyệt",
)  # fmt: skip


@dataclass(frozen=True)
class WeekFigures:
    """What the weekly report says, on whatever paper."""

    groups: Sequence[Group]
    """The units of the plan by district."""
    days: Sequence[Day]
    """What the last weeks brought."""
    stuck: Sequence[BookRow]
    """Books that lie still, the oldest first."""
    now: datetime
    """Of the figures, in local time."""
    spent: Cost | None
    """What an entry costs, where it is known."""
    by: str
    """Who made it."""


def weekly_report(told: WeekFigures) -> bytes:
    """The workbook: summary, units by district, weeks, books that lie still."""
    book = Workbook()
    groups, days, now = told.groups, told.days, told.now
    city = total(group.counts for group in groups)
    _summary(book.active, groups, days, now, told.by, told.spent)
    _units(book.create_sheet("Theo đơn vị"), groups, city, now)
    _weeks(book.create_sheet("Theo tuần"), days, city, now)
    _stuck(book.create_sheet("Sổ nằm lâu"), told.stuck, now)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def summary_lines(
    groups: Sequence[Group], days: Sequence[Day], now: datetime, spent: Cost | None
) -> list[tuple[str, object, str]]:
    """What stands above all: label, value, number format."""
    city = total(group.counts for group in groups)
    part = shares(city)
    tiles = [tile for group in groups for tile in group.tiles]
    goal = expected_entries(city)
    lines: list[tuple[str, object, str]] = [
        ("Đơn vị đăng ký hộ tịch", len(tiles), _COUNT),
        ("   trong đó chưa có sổ nào", sum(tile.empty for tile in tiles), _COUNT),
        ("Sổ dự kiến", max(city.books_expected, city.books), _COUNT),
        ("Sổ đã nhận", city.books, _COUNT),
        ("Sổ đã duyệt", city.books_released, _COUNT),
        ("Ảnh đã nhận", city.scans, _COUNT),
        ("   trong đó vướng (quét lại, treo, cần xem)", city.scans_stuck, _COUNT),
        ("Trường hợp đã đọc", city.entries, _COUNT),
        ("   cần người xem", city.entries_review, _COUNT),
        ("   đã xong, chờ duyệt", city.entries_settled, _COUNT),
        ("   đã duyệt", city.entries_released, _COUNT),
        ("Trường hợp dự kiến (ước theo năng suất)", round(goal), _COUNT),
        ("Tỷ lệ đã nhận", part.scanned, _SHARE),
        ("Tỷ lệ đã đọc", part.read, _SHARE),
        ("Tỷ lệ đã xong hoặc đã duyệt", part.done, _SHARE),
        ("Tỷ lệ đã duyệt", part.released, _SHARE),
    ]
    ahead = forecast(weekly(days, now.date()), goal - city.entries_released)
    if ahead is not None and ahead.left:
        late = f"{ahead.high:.0f}" if ahead.high is not None else "chưa xác định"
        lines.append(("Tốc độ duyệt mỗi tuần", round(ahead.speed), _COUNT))
        lines.append(
            ("Còn khoảng (tuần), khoảng tin cậy 90 %",
             f"{ahead.middle:.0f} ({ahead.low:.0f} – {late})", "@")
        )  # fmt: skip
    if spent is not None:
        lines += [
            ("Chi phí mỗi trường hợp (đồng)", round(spent.entry), _COUNT),
            ("   trong đó quét", round(spent.scans), _COUNT),
            ("   trong đó nhập và soát", round(spent.hands), _COUNT),
            ("Giây mỗi lần soát", round(spent.seconds), _COUNT),
            ("Chi phí còn lại, ước tính (đồng)", round(spent.left), _COUNT),
        ]
    return lines


def _summary(
    sheet: Any,
    groups: Sequence[Group],
    days: Sequence[Day],
    now: datetime,
    by: str,
    spent: Cost | None,
) -> None:
    sheet.title = "Tổng hợp"
    _title(sheet, "BÁO CÁO TUẦN VỀ SỐ HÓA SỔ HỘ TỊCH", now, 4)
    lines = summary_lines(groups, days, now, spent)
    row = 5
    for label, value, number_format in lines:
        _cell(sheet, row, 1, label)
        _cell(sheet, row, 2, value, number_format)
        row += 1
    row += 1
    sheet.cell(row, 1, f"Người lập: {by}").font = Font(name=_FONT, size=12, italic=True)
    sheet.cell(row, 3, "Người phụ trách (ký, ghi rõ họ tên)").font = Font(
        name=_FONT, size=12, bold=True
    )
    _page(sheet, (52, 26, 34, 20), 4)


def _units(sheet: Any, groups: Sequence[Group], city: Counts, now: datetime) -> None:
    _title(sheet, "TIẾN ĐỘ THEO ĐƠN VỊ ĐĂNG KÝ HỘ TỊCH", now, len(_UNIT_HEAD))
    _header(sheet, 5, _UNIT_HEAD)
    row, number = 6, 0
    for group in groups:
        _unit_row(sheet, row, "", group.name or "Thành phố", group.counts, group.shares, bold=True)
        row += 1
        for tile in group.tiles:
            number += 1
            _unit_row(sheet, row, number, tile.name, tile.counts, tile.shares)
            row += 1
    _unit_row(sheet, row, "", "TOÀN THÀNH PHỐ", city, shares(city), bold=True)
    sheet.freeze_panes = "C6"
    _page(sheet, (6, 30, 9, 9, 9, 10, 9, 11, 11, 11, 9, 9, 10, 9), len(_UNIT_HEAD))


def _unit_row(
    sheet: Any,
    row: int,
    number: object,
    name: str,
    counts: Counts,
    part: Shares,
    *,
    bold: bool = False,
) -> None:
    values: tuple[tuple[object, str], ...] = (
        (number, "@"), (name, "@"), (counts.books_expected, _COUNT), (counts.books, _COUNT),
        (counts.books_released, _COUNT), (counts.scans_waiting, _COUNT),
        (counts.scans_stuck, _COUNT), (counts.entries_review, _COUNT),
        (counts.entries_settled, _COUNT), (counts.entries_released, _COUNT),
        (part.missing, _SHARE), (part.read, _SHARE), (part.done, _SHARE), (part.released, _SHARE),
    )  # fmt: skip
    for column, (value, number_format) in enumerate(values, 1):
        cell = _cell(sheet, row, column, value, number_format)
        if bold:
            cell.font, cell.fill = Font(name=_FONT, size=11, bold=True), _SUM


def _weeks(sheet: Any, days: Sequence[Day], city: Counts, now: datetime) -> None:
    _title(sheet, "KHỐI LƯỢNG THEO TUẦN", now, 6)
    _header(sheet, 5, ("Tuần từ", "Ảnh đã đọc", "Trường hợp đọc", "Đã xong", "Đã duyệt",
                       "Ô do người nhập"))  # fmt: skip
    for row, (start, sums) in enumerate(weeks_of(days), 6):
        _cell(sheet, row, 1, start, "dd/mm/yyyy")
        for column, value in enumerate(sums, 2):
            _cell(sheet, row, column, value, _COUNT)
    _page(sheet, (14, 16, 18, 16, 16, 20), 6)


def weeks_of(days: Sequence[Day]) -> list[tuple[date, list[int]]]:
    """Mondays with scans read, entries read, checked, released, and fields typed by people."""
    weeks: dict[date, list[int]] = {}
    for day in days:
        start = date.fromordinal(day.day.toordinal() - day.day.weekday())
        sums = weeks.setdefault(start, [0] * 5)
        for at, value in enumerate(
            (day.scans_read, day.entries_read, day.entries_checked, day.entries_released,
             day.fields_person)
        ):  # fmt: skip
            sums[at] += value
    return sorted(weeks.items())


def _stuck(sheet: Any, books: Sequence[BookRow], now: datetime) -> None:
    _title(sheet, "SỔ NẰM LÂU CHƯA CHUYỂN", now, 7)
    _header(sheet, 5, ("Mã sổ", "Đơn vị", "Năm", "Nhà thầu", "Số ngày", "Ảnh vướng", "Cần xem"))
    for row, book in enumerate(books, 6):
        still = (now - book.moved_at).days if book.moved_at else None
        values = (
            book.code, book.unit, book.year, book.contractor, still, book.counts.scans_stuck,
            book.counts.entries_review,
        )  # fmt: skip
        for column, value in enumerate(values, 1):
            _cell(sheet, row, column, value, "0" if column == 3 else _COUNT)
    _page(sheet, (44, 26, 8, 22, 10, 12, 12), 7)


def _title(sheet: Any, text: str, now: datetime, columns: int) -> None:
    sheet.cell(1, 1, "SỞ TƯ PHÁP THÀNH PHỐ HẢI PHÒNG").font = Font(name=_FONT, size=12, bold=True)
    for row, line, font in (
        (2, text, Font(name=_FONT, size=14, bold=True)),
        (3, f"Số liệu lúc {now:%H:%M} ngày {now:%d/%m/%Y}", Font(name=_FONT, size=12, italic=True)),
    ):
        sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=columns)
        cell = sheet.cell(row, 1, line)
        cell.font, cell.alignment = font, Alignment(horizontal="center")


def _header(sheet: Any, row: int, titles: Sequence[str]) -> None:
    for column, title in enumerate(titles, 1):
        cell = _cell(sheet, row, column, title)
        cell.font, cell.fill = Font(name=_FONT, size=11, bold=True), _HEAD
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
    sheet.print_title_rows = f"{row}:{row}"


def _cell(sheet: Any, row: int, column: int, value: object, number_format: str = "@") -> Any:
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@")):
        value = "'" + value  # a name from outside must not become a formula
    cell = sheet.cell(row, column, value)
    cell.font, cell.border, cell.number_format = Font(name=_FONT, size=11), _BOX, number_format
    return cell


def _page(sheet: Any, widths: Sequence[float], columns: int) -> None:
    for column, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.oddFooter.center.text = "Trang &P / &N"
    sheet.print_area = f"A1:{get_column_letter(columns)}{sheet.max_row}"
