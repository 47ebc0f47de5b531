"""The hand-over record (biên bản giao nhận) as a paper: books, digests, places to sign."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from desk.paper import (
    Block,
    Column,
    Facts,
    Heading,
    Letterhead,
    Paragraph,
    Signature,
    Signatures,
    Table,
    make_pdf,
)
from models.clock import HERE
from models.own_batches import OwnBatch, OwnBook
from pipeline.types import Kind

_KINDS = {Kind.BIRTH: "Khai sinh", Kind.MARRIAGE: "Kết hôn", Kind.DEATH: "Khai tử"}
_DOTS = "." * 60


def receipt_pdf(
    batch: OwnBatch, books: Sequence[OwnBook], *, events: int, head: str, now: datetime
) -> bytes:
    """The record of a batch, in Vietnamese.

    Args:
        batch: what was handed over.
        books: of the batch, in the order of the list.
        events: length of the audit log when it is made.
        head: hash of the log's last event: signed paper fixes all that came before.
        now: with a time zone.
    """
    here = now.astimezone(HERE)
    taken = batch.queued_at.astimezone(HERE)
    scans = sum(book.tally.scans for book in books)
    columns = (
        Column("STT", 0.7, "R"), Column("Đơn vị đăng ký hộ tịch", 3.2), Column("Loại sổ", 1.3),
        Column("Năm", 0.8, "C"), Column("Quyển", 0.9, "C"), Column("Số ảnh", 0.9, "R"),
        Column("SHA-256 của quyển", 4.2),
    )  # fmt: skip
    rows = [
        (
            str(number), f"{book.unit}, {book.district}" if book.district else book.unit,
            _KINDS[book.kind], str(book.year), book.volume, _count(book.tally.scans), book.digest,
        )
        for number, book in enumerate(books, 1)
    ]  # fmt: skip
    total = ("", "Cộng", "", "", f"{len(books)} quyển", _count(scans), "")
    day = f"ngày {here:%d} tháng {here:%m} năm {here:%Y}"
    blocks: list[Block] = [
        Letterhead(("THÀNH PHỐ HẢI PHÒNG", "SỞ TƯ PHÁP"), f"Hải Phòng, {day}"),
        Heading("BIÊN BẢN GIAO NHẬN\nbản quét sổ hộ tịch", 1),
        Paragraph(f"Hôm nay, {day}, hai bên cùng xác nhận việc giao nhận lô bản quét sau đây."),
        Facts(
            [
                ("Bên giao", batch.contractor), ("Đại diện bên giao", _DOTS),
                ("Bên nhận", "Sở Tư pháp thành phố Hải Phòng"), ("Đại diện bên nhận", _DOTS),
                ("Lô", f"số {batch.id} · {batch.name}"),
                ("Vào hàng đợi lúc", f"{taken:%H:%M} ngày {taken:%d/%m/%Y}"),
                ("Số quyển, số ảnh", f"{_count(len(books))} quyển, {_count(scans)} ảnh"),
                ("SHA-256 của lô", batch.digest),
            ]
        ),
        Heading("1. Danh mục sổ"),
        Table(columns, [*rows, total], bold=frozenset([len(rows)]), size=8.5),
        Heading("2. Đối chiếu"),
        Paragraph(
            "Mã băm của một quyển là SHA-256 của danh sách mã băm các ảnh theo thứ tự, tính lại "
            "được từ chính các tệp đã giao; khác một điểm ảnh là khác mã băm. Khi lập biên bản, "
            f"nhật ký của hệ thống dừng ở sự kiện số {events}, mã băm {head}.",
            size=10,
        ),
        Heading("3. Ý kiến của hai bên"),
        Paragraph(f"{_DOTS * 2}\n{_DOTS * 2}", size=10),
        Paragraph("Biên bản được lập thành hai bản có giá trị như nhau, mỗi bên giữ một bản."),
        Signatures([Signature("ĐẠI DIỆN BÊN GIAO"), Signature("ĐẠI DIỆN BÊN NHẬN")]),
    ]  # fmt: skip
    foot = f"Biên bản giao nhận lô {batch.id}, lập lúc {here:%H:%M %d/%m/%Y}"
    return make_pdf(blocks, title=f"Biên bản giao nhận lô {batch.id}", made=now, foot=foot)


def _count(number: int) -> str:
    return f"{number:,}".replace(",", ".")
