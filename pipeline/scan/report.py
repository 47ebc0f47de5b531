"""What intake has to say: books taken, books refused, and things a contractor should know."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pipeline.errors import HotichError
from pipeline.texts import Text
from pipeline.types import BookSource

Progress = Callable[[int, int, str], None]
"""Called after each file with files done, files in all, and the file's name."""
FindUnit = Callable[[str, str, int], str]
"""Unit and district as on the cover and the year to a unit id; raises ``UnknownUnitError``."""

NOTICES = {
    "unreadable_scan": Text(
        "trang giữ chỗ nhưng không đọc được, cần quét lại: {detail}",
        "the scan keeps its place but cannot be read and must be made again: {detail}",
    ),
    "duplicate_scans": Text(
        "cùng một ảnh với {other}; chỉ giữ một", "the same image as {other}; kept once"
    ),
    "look_alikes": Text(
        "rất giống {other}: có thể một trang đã quét hai lần; giữ cả hai",
        "looks like {other}: perhaps one page scanned twice; both are kept",
    ),
    "odd_size": Text(
        "chỉ bằng {share} cỡ thường của quyển sổ: có thể bị cắt",
        "only {share} of the book's usual size: perhaps cut off",
    ),
    "wrong_extension": Text(
        "tên tệp không đúng loại: nội dung là {format}; đọc theo nội dung",
        "the name does not tell the truth: the content is {format}; read as that",
    ),
    "skipped_file": Text(
        "không phải ảnh quét, bỏ qua", "not a scan, skipped"
    ),
    "duplicate_entry": Text(
        "trùng số trường hợp với {other}; giữ cả hai",
        "has the same entry number as {other}; both are kept",
    ),
    "unlisted": Text(
        "có trong lô nhưng không có trong bảng kê, bỏ qua",
        "is in the batch but not in the manifest, skipped",
    ),
    "unknown_column": Text(
        "cột “{column}” không dùng đến", "column “{column}” is not used"
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Notice:
    """Something worth knowing that refuses no book. ``error`` is set where one page is bad."""

    code: str
    where: str
    particulars: tuple[tuple[str, str], ...] = ()
    error: HotichError | None = None

    def __str__(self) -> str:
        return f"{self.where}: {NOTICES[self.code].format(**dict(self.particulars))}"


def notice(code: str, where: str, **particulars: str) -> Notice:
    """A notice of ``NOTICES`` with its particulars."""
    return Notice(code, where, tuple(particulars.items()))


def unreadable(where: str, error: HotichError) -> Notice:
    """The notice of one bad page inside a book that goes on."""
    detail = NOTICES["unreadable_scan"], error.what(), error.what_to_do()
    return Notice("unreadable_scan", where, (("detail", f"{detail[1]} {detail[2]}"),), error)


@dataclass(frozen=True)
class Refusal:
    """A book (or a file that might be one) that was not taken. ``where`` names file and row."""

    where: str
    error: HotichError


@dataclass(frozen=True)
class BatchSource:
    """A batch as handed over: books in manifest order, and all that was not taken.

    ``digest`` is the SHA-256 over the books, so that the same batch is recognised again
    whatever its folder or archive is called.
    """

    name: str
    digest: str
    books: tuple[BookSource, ...]
    refused: tuple[Refusal, ...] = ()
    warnings: tuple[Notice, ...] = ()
