"""Papers: what stands on them can be read again, in Vietnamese, page after page."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest

from desk.paper import (
    Block,
    Column,
    Facts,
    Heading,
    Letterhead,
    Paragraph,
    Picture,
    Signature,
    Signatures,
    Table,
    make_pdf,
)
from desk.paper.fonts import plain
from desk.paper.tables import wrapped

MADE = datetime(2026, 1, 5, tzinfo=UTC)
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 50" width="200" height="50">'
    '<path d="M0 40 L200 10" stroke="#123" fill="none"/>'
    '<text x="10" y="20" font-size="12">Tiến độ</text></svg>'
).encode()


def words(data: bytes, folder: Path) -> str:
    path = folder / "paper.pdf"
    path.write_bytes(data)
    told = subprocess.run(
        ["pdftotext", "-layout", str(path), "-"], capture_output=True, check=True, timeout=60
    )
    return told.stdout.decode()


def test_vietnamese_is_found_again_letter_by_letter(tmp_path: Path) -> None:
    blocks: list[Block] = [
        Letterhead(("SỞ TƯ PHÁP",), "Hải Phòng, ngày 05 tháng 01 năm 2026"),
        Heading("BIÊN BẢN GIAO NHẬN", 1),
        Facts([("Nhà thầu", "Công ty Số hóa Bạch Đằng")]),
        Paragraph("Trường hợp ≥ 5, “đã duyệt”", italic=True),
        Picture(SVG, 0.5, "Biểu đồ"),
        Signatures([Signature("BÊN GIAO"), Signature("BÊN NHẬN", name="Nguyễn Thị Ỷ")]),
    ]
    text = words(make_pdf(blocks, title="Biên bản", made=MADE, foot="Lô 3"), tmp_path)
    for part in (
        "SỞ TƯ PHÁP", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "BIÊN BẢN GIAO NHẬN",
        "Công ty Số hóa Bạch Đằng", "Trường hợp >= 5, “đã duyệt”", "Tiến độ", "Biểu đồ",
        "BÊN GIAO", "Nguyễn Thị Ỷ", "Lô 3", "Trang 1/1",
    ):  # fmt: skip
        assert part in text


def test_a_long_table_has_its_head_on_each_page_and_all_its_rows(tmp_path: Path) -> None:
    rows = [[str(number), f"xã số {number}", "0123456789abcdef" * 4] for number in range(1, 121)]
    table = Table([Column("STT", 0.5, "R"), Column("Đơn vị", 2), Column("SHA-256", 2)], rows)
    data = make_pdf([table], title="x", made=MADE)
    pages = words(data, tmp_path).split("\f")[:-1]
    assert len(pages) > 2
    assert all("Đơn vị" in page for page in pages)
    assert all(f"Trang {number}/{len(pages)}" in page for number, page in enumerate(pages, 1))
    assert all(any(f"xã số {n} " in page for page in pages) for n in range(1, 121))


def test_all_fonts_are_embedded_and_the_same_paper_is_the_same_bytes() -> None:
    blocks: list[Block] = [Heading("Tiêu đề", 1), Paragraph("đậm", bold=True)]
    first = make_pdf(blocks, title="Tờ", made=MADE)
    assert first == make_pdf(blocks, title="Tờ", made=MADE)
    with pikepdf.open(BytesIO(first)) as paper:
        assert str(paper.docinfo["/Title"]) == "Tờ"
        fonts = [
            font for page in paper.pages for font in page.resources["/Font"].values()
        ]  # fmt: skip
        assert fonts
        for font in fonts:
            descendant = font["/DescendantFonts"][0]
            assert "/FontFile2" in descendant["/FontDescriptor"]


@pytest.mark.parametrize(
    ("written", "drawn"),
    [
        ("Quyê\u0309n", "Quyển"),
        ("a\u202fb", "a\u00a0b"),
        ("漢 →", "? ->"),
        ("hai\ndòng", "hai\ndòng"),
    ],
)
def test_letters_that_no_font_has_are_seen_as_such(written: str, drawn: str) -> None:
    assert plain(written) == drawn


def test_lines_break_at_spaces_and_within_words_that_are_too_long() -> None:
    assert wrapped("xã Vĩnh Niệm", 8, len) == ["xã Vĩnh", "Niệm"]
    assert wrapped("sổ abcdefghijkl", 5, len) == ["sổ", "abcde", "fghij", "kl"]
    assert wrapped("", 5, len) == [""]
