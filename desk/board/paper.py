"""The weekly report and the certificate of a book as papers to be signed, in Vietnamese."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from desk.board.report import WeekFigures, summary_lines, weeks_of
from desk.board.stages import shares
from desk.board.units import Group, total
from desk.paper import (
    Block,
    Column,
    Facts,
    Heading,
    Letterhead,
    NewPage,
    Paragraph,
    Signature,
    Signatures,
    Table,
    make_pdf,
)
from models.board import BookRow, Day
from models.certificate import Certificate
from models.clock import HERE
from pipeline.types import Kind

AUTHORITY = ("ỦY BAN NHÂN DÂN THÀNH PHỐ HẢI PHÒNG", "SỞ TƯ PHÁP")
_KINDS = {Kind.BIRTH: "Khai sinh", Kind.MARRIAGE: "Kết hôn", Kind.DEATH: "Khai tử"}


def weekly_paper(told: WeekFigures) -> bytes:
    """The report as an annex on A4, upright, with units and books lying still as annexes."""
    groups, days, now = told.groups, told.days, told.now
    blocks: list[Block] = [
        Letterhead(AUTHORITY, _place_and_day(now)),
        Heading("BÁO CÁO TUẦN VỀ SỐ HÓA SỔ HỘ TỊCH", 1),
        Paragraph(f"Số liệu lúc {now:%H:%M} ngày {now:%d/%m/%Y}", italic=True, align="C"),
        Heading("I. Tổng hợp"),
        Facts([(label, _said(value, form)) for label, value, form in
               summary_lines(groups, days, now, told.spent)], share=0.62),
        Heading("II. Theo quận, huyện"),
        _districts(groups),
        Heading("III. Khối lượng theo tuần"),
        _weeks(days),
        Signatures([Signature("NGƯỜI LẬP BÁO CÁO", name=told.by),
                    Signature("NGƯỜI PHỤ TRÁCH", hint="(Ký, ghi rõ họ tên)")]),
        NewPage(),
        Heading("PHỤ LỤC 1. TIẾN ĐỘ THEO ĐƠN VỊ ĐĂNG KÝ HỘ TỊCH", 1),
        _units(groups),
    ]  # fmt: skip
    if told.stuck:
        blocks += [NewPage(), Heading("PHỤ LỤC 2. SỔ NẰM LÂU CHƯA CHUYỂN", 1),
                   _stuck(told.stuck, now)]  # fmt: skip
    foot = f"Báo cáo tuần {now:%d/%m/%Y}"
    return make_pdf(blocks, title="Báo cáo tuần", made=now, foot=foot)


def certificate_paper(one: Certificate, now: datetime) -> bytes:
    """What is certified of a released book: what it holds, who signed, how it was checked.

    Args:
        one: the book.
        now: in local time.
    """
    closing = "không ghi" if one.closing is None else f"{one.closing} trường hợp"
    if one.note:
        closing += f" ({one.note})"
    released = one.released_at.astimezone(HERE)
    signed = [("Người ký duyệt", f"{one.released_by}, {released:%H:%M %d/%m/%Y}")]
    if one.signed_by:
        at = f", {one.signed_at.astimezone(HERE):%H:%M %d/%m/%Y}" if one.signed_at else ""
        signed.insert(0, ("Người ký thứ nhất", f"{one.signed_by}{at}"))
    blocks: list[Block] = [
        Letterhead(AUTHORITY, _place_and_day(now)),
        Heading("GIẤY XÁC NHẬN SỐ HÓA SỔ HỘ TỊCH", 1),
        Heading("I. Sổ"),
        Facts([
            ("Đơn vị đăng ký", one.unit), ("Loại sổ", _KINDS[one.kind]),
            ("Năm mở sổ", str(one.year)), ("Quyển số", one.volume), ("Mã sổ", one.code),
            ("Nhà thầu", one.contractor), ("Mã băm của sổ (SHA-256)", one.digest),
        ]),
        Heading("II. Nội dung"),
        Facts([
            ("Số ảnh", _count(one.scans)), ("Số trường hợp", _count(one.entries)),
            ("Tờ khóa sổ ghi", closing), ("Ô dữ liệu do người xem", _count(one.fields_person)),
            ("Ô tự nhận", _count(one.fields_accepted)),
            ("Cải chính sau khi duyệt", _count(one.corrections)),
        ]),
        Heading("III. Kiểm tra vòng 2"),
        Paragraph("Không lấy mẫu.") if one.check is None else Facts([
            ("Mẫu", f"{one.check.seen} trên {one.check.lot} trường hợp, mã rút {one.check.seed}"),
            ("Trường hợp sai", f"{one.check.wrong} (không đạt từ {one.check.reject})"),
            ("Kết luận", "Đạt" if one.check.verdict == "passed" else "Chưa đạt"),
        ]),
        Heading("IV. Ký duyệt"),
        Facts([*signed, ("Mã băm cuối nhật ký kiểm toán", one.audit_head)]),
        Signatures([Signature("NGƯỜI LẬP", hint="(Ký, ghi rõ họ tên)"),
                    Signature("NGƯỜI PHỤ TRÁCH", hint="(Ký, đóng dấu)")]),
    ]  # fmt: skip
    return make_pdf(blocks, title=f"Giấy xác nhận {one.code}", made=now, foot=one.code)


def _districts(groups: Sequence[Group]) -> Table:
    columns = (
        Column("Quận, huyện", 3), Column("Đơn vị", 1, "R"), Column("Sổ dự kiến", 1.2, "R"),
        Column("Sổ đã nhận", 1.2, "R"), Column("Sổ đã duyệt", 1.2, "R"),
        Column("Trường hợp", 1.4, "R"), Column("Đã đọc", 1, "R"), Column("Xong", 1, "R"),
        Column("Duyệt", 1, "R"),
    )  # fmt: skip
    city = total(group.counts for group in groups)
    parts = [(one.name or "Thành phố", len(one.tiles), one.counts, one.shares) for one in groups]
    parts.append(("TOÀN THÀNH PHỐ", sum(part[1] for part in parts), city, shares(city)))
    rows = [
        (
            name, str(tiles), _count(counts.books_expected), _count(counts.books),
            _count(counts.books_released), _count(counts.entries), _share(part.read),
            _share(part.done), _share(part.released),
        )
        for name, tiles, counts, part in parts
    ]  # fmt: skip
    return Table(columns, rows, bold=frozenset([len(rows) - 1]), size=8.5)


def _weeks(days: Sequence[Day]) -> Table:
    titles = ("Ảnh đã đọc", "Trường hợp đọc", "Đã xong", "Đã duyệt", "Ô do người nhập")
    columns = [Column("Tuần từ", 1.4), *(Column(title, 1.2, "R") for title in titles)]
    rows = [
        (f"{start:%d/%m/%Y}", *(_count(number) for number in sums))
        for start, sums in weeks_of(days)
    ]
    return Table(columns, rows, size=8.5)


def _units(groups: Sequence[Group]) -> Table:
    columns = (
        Column("STT", 0.6, "R"), Column("Đơn vị", 3), Column("Sổ dự kiến", 1, "R"),
        Column("Sổ đã nhận", 1, "R"), Column("Sổ đã duyệt", 1, "R"), Column("Ảnh vướng", 1, "R"),
        Column("Cần xem", 1.1, "R"), Column("Đã xong", 1.1, "R"), Column("Đã duyệt", 1.1, "R"),
        Column("Duyệt", 0.9, "R"),
    )  # fmt: skip
    rows: list[tuple[str, ...]] = []
    bold = set()
    number = 0
    for group in groups:
        bold.add(len(rows))
        for tile in (None, *group.tiles):
            counts = group.counts if tile is None else tile.counts
            part = group.shares if tile is None else tile.shares
            name = group.name or "Thành phố"
            number += tile is not None
            rows.append(
                (
                    "" if tile is None else str(number), name if tile is None else tile.name,
                    _count(counts.books_expected), _count(counts.books),
                    _count(counts.books_released), _count(counts.scans_stuck),
                    _count(counts.entries_review), _count(counts.entries_settled),
                    _count(counts.entries_released), _share(part.released),
                )
            )  # fmt: skip
    return Table(columns, rows, bold=frozenset(bold), size=8)


def _stuck(books: Sequence[BookRow], now: datetime) -> Table:
    columns = (
        Column("Mã sổ", 3.4), Column("Đơn vị", 2), Column("Nhà thầu", 1.8),
        Column("Số ngày", 0.8, "R"), Column("Ảnh vướng", 0.9, "R"), Column("Cần xem", 0.9, "R"),
    )  # fmt: skip
    rows = [
        (
            book.code, book.unit, book.contractor,
            str((now - book.moved_at).days) if book.moved_at else "–",
            _count(book.counts.scans_stuck), _count(book.counts.entries_review),
        )
        for book in books
    ]  # fmt: skip
    return Table(columns, rows, size=8.5)


def _place_and_day(day: datetime | date) -> str:
    return f"Hải Phòng, ngày {day:%d} tháng {day:%m} năm {day:%Y}"


def _said(value: object, form: str) -> str:
    if isinstance(value, float | int) and "%" in form:
        return _share(float(value))
    return _count(value) if isinstance(value, float | int) else str(value)


def _count(number: float) -> str:
    return f"{number:,.0f}".replace(",", ".")


def _share(part: float) -> str:
    return f"{100 * part:.1f} %".replace(".", ",")
