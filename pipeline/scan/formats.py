"""What a file really is, told from its first bytes, and whether it is all there."""

from __future__ import annotations

import struct
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

from pipeline.errors import UnreadableFileError
from pipeline.texts import Text


class Format(StrEnum):
    """Kinds of file a scan may come in; the value is what a person calls it."""

    JPEG = "JPEG"
    PNG = "PNG"
    TIFF = "TIFF"
    PDF = "PDF"
    JPEG2000 = "JPEG 2000"
    BMP = "BMP"
    WEBP = "WebP"


SUFFIXES = {
    Format.JPEG: (".jpg", ".jpeg", ".jpe", ".jfif"),
    Format.PNG: (".png",),
    Format.TIFF: (".tif", ".tiff"),
    Format.PDF: (".pdf",),
    Format.JPEG2000: (".jp2", ".jpx", ".j2k", ".jpf"),
    Format.BMP: (".bmp", ".dib"),
    Format.WEBP: (".webp",),
}
"""Endings of each format, the one used in the store first."""
SCAN_SUFFIXES = {suffix for suffixes in SUFFIXES.values() for suffix in suffixes} | {
    ".heic",
    ".heif",
    ".gif",
}
_TAIL = 65_536


def sniff(path: Path) -> Format | None:
    """Format by the first bytes, whatever the name says; None for anything that is no scan."""
    with path.open("rb") as file:
        head = file.read(1024)
    if head.startswith(b"\xff\xd8\xff"):
        return Format.JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return Format.PNG
    if head[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        return Format.TIFF
    if b"%PDF-" in head:  # ISO 32000-1, annex H: readers accept it within the first 1024 bytes
        return Format.PDF
    if head.startswith((b"\0\0\0\x0cjP  \r\n\x87\n", b"\xff\x4f\xff\x51")):
        return Format.JPEG2000
    if head.startswith(b"BM"):
        return Format.BMP
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return Format.WEBP
    return None


def describe_unknown(path: Path) -> UnreadableFileError:
    """Why a file that should be a scan is none, in words."""
    with path.open("rb") as file:
        head = file.read(16)
    if not head:
        detail = Text("tệp rỗng (0 byte)", "it is empty (0 bytes)")
    elif head[4:8] == b"ftyp":
        detail = Text(
            "ảnh HEIC/AVIF của điện thoại không dùng được; xuất ra JPEG",
            "HEIC/AVIF pictures of phones are not taken; export them as JPEG",
        )
    elif not any(head):
        detail = Text(
            "chỉ toàn byte 0: bản sao chép dở", "nothing but zero bytes: a copy that was cut off"
        )
    else:
        detail = Text(
            "nội dung không phải ảnh hay PDF (phần đuôi {suffix} không đúng)",
            "the content is no image and no PDF (the ending {suffix} is wrong)",
        )
    return UnreadableFileError(detail.format(suffix=path.suffix or "–"))


def check_complete(path: Path, kind: Format) -> None:
    """Finds files that were cut off, from their structure, without decoding a pixel.

    Decoders are too kind: libjpeg fills what is missing with grey and says nothing.

    Raises:
        UnreadableFileError: tells how many bytes there are and what is missing.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        match kind:
            case Format.JPEG:
                check_jpeg_end(tail(file, size), size)
            case Format.PNG:
                _check_png(file, size)
            case Format.BMP:
                file.seek(2)
                _check_length(struct.unpack("<I", file.read(4).ljust(4, b"\0"))[0], size)
            case Format.WEBP:
                file.seek(4)
                _check_length(struct.unpack("<I", file.read(4).ljust(4, b"\0"))[0] + 8, size)
            case _:
                pass  # TIFF and PDF are checked where their directories are read


def tail(file: BinaryIO, size: int) -> bytes:
    """Last 64 KB of a file."""
    file.seek(max(0, size - _TAIL))
    return file.read(_TAIL)


def check_jpeg_end(data: bytes, size: int) -> None:
    """``data`` ends a JPEG of ``size`` bytes: the end marker must be in it.

    Compressed data never contain FF D9 (ITU-T T.81, B.1.1.5 stuffs a zero behind FF). Zeros
    behind a cut, as a broken copy leaves them, contain no marker either.
    """
    if b"\xff\xd9" not in data:
        raise truncated(
            size, Text("không có dấu kết thúc JPEG", "the end marker of JPEG is missing")
        )


def truncated(size: int, what: Text) -> UnreadableFileError:
    """The error of a file that ends too early, after ``size`` bytes."""
    return UnreadableFileError(
        Text("bị cắt sau {size} byte: {what}", "cut off after {size} bytes: {what}").format(
            size=size, what=what.format()
        )
    )


def _check_length(declared: int, size: int) -> None:
    if declared > size:
        raise truncated(
            size,
            Text(f"phải có {declared} byte", f"there should be {declared} bytes"),
        )


def _check_png(file: BinaryIO, size: int) -> None:
    at = 8
    while at + 12 <= size:
        file.seek(at)
        length, name = struct.unpack(">I4s", file.read(8))
        at += 12 + length
        if name == b"IEND":
            return
    raise truncated(size, Text("thiếu khối cuối của PNG", "the last chunk of PNG is missing"))
