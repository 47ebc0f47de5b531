"""PDF files: what is painted on a page, and the scan taken out of it as it is."""

from __future__ import annotations

import hashlib
import io
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pikepdf
from pikepdf import settings as pikepdf_settings

from pipeline.errors import EncryptedFileError, ImageTooLargeError, UnreadableFileError
from pipeline.scan.formats import check_jpeg_end, tail, truncated
from pipeline.scan.names import nfc
from pipeline.scan.raster import check_pixels, decoding, open_image, to_grey
from pipeline.settings import Settings
from pipeline.texts import Text
from pipeline.types import Grey

POINTS_PER_INCH = 72.0
_DPI = 300.0
_RASTER_DPI = (72.0, 400.0)
_MIN_COVER = 0.8
"""Share of the page's width and of its height that its only image must take to be the page."""
_MAX_OVERHANG = 0.02
"""Share by which the image may stick out of the page; beyond, the page shows but a part of it."""
_PAINT = {"S", "s", "f", "F", "f*", "B", "B*", "b", "b*", "sh", "INLINE IMAGE"}
_TEXT = {"Tj", "TJ", "'", '"'}
_INVISIBLE = 3
_FLATE_BYTES_PER_PIXEL = 8
"""16-bit CMYK: the widest pixel there is. Bounds what a compressed stream may inflate to."""
_PAPER_LIMIT_INCHES = 200.0
_BROKEN = (pikepdf.PikepdfError, ValueError, TypeError, KeyError, AttributeError, OverflowError,
           NotImplementedError, RuntimeError)  # fmt: skip


@dataclass(frozen=True)
class PageContent:
    """What a PDF page shows.

    ``image`` is the page's only content where that is one full-page image. ``dpi`` is across and
    down as placed on the page, for other pages the finest of their images (300 without any).
    ``turn`` is the page's /Rotate, degrees clockwise.
    """

    image: pikepdf.Stream | None
    dpi: tuple[float, float]
    turn: int
    inches: tuple[float, float]


@contextmanager
def open_pdf(path: Path, settings: Settings) -> Iterator[pikepdf.Pdf]:
    """Opens a PDF, with a lid on what its compressed streams may inflate to.

    Raises:
        EncryptedFileError: it asks for a password.
        UnreadableFileError: empty, cut off, or no PDF.
    """
    limit = min(settings.max_megapixels * 1_000_000 * _FLATE_BYTES_PER_PIXEL, 2**32 - 1)
    pikepdf_settings.set_qpdf_limits(
        flate_max_memory=limit, png_max_memory=limit, run_length_max_memory=limit,
        tiff_max_memory=limit,
    )  # fmt: skip
    _check_end(path)
    try:
        pdf = pikepdf.open(path, suppress_warnings=True)
    except pikepdf.PasswordError as error:
        raise EncryptedFileError(nfc(path.name)) from error
    except _BROKEN as error:
        raise UnreadableFileError(
            Text("PDF hỏng ({error})", "damaged PDF ({error})").format(
                error=str(error).removeprefix(str(path)).strip(": ")
            )
        ) from error
    with pdf:
        yield pdf


def _check_end(path: Path) -> None:
    size = path.stat().st_size
    with path.open("rb") as file:
        end = tail(file, size).rstrip(b"\0")[-2048:]
    if b"%%EOF" not in end:
        raise truncated(size, Text("thiếu dấu kết thúc PDF", "the end marker of PDF is missing"))


def page_content(page: pikepdf.Page) -> PageContent:
    """What is painted on a page: one image, or something that must be rasterized.

    Raises:
        UnreadableFileError: its objects cannot be read.
    """
    try:
        return _page_content(page)
    except _BROKEN as error:
        raise UnreadableFileError(
            Text("trang PDF hỏng ({error})", "damaged PDF page ({error})").format(error=error)
        ) from error


def _page_content(page: pikepdf.Page) -> PageContent:
    left, bottom, right, top = (float(edge) for edge in page.cropbox.as_list())
    unit = float(page.obj.get("/UserUnit", 1))
    width, height = abs(right - left), abs(top - bottom)
    turn = int(page.obj.get("/Rotate", _inherited_rotation(page))) % 360
    images: list[tuple[pikepdf.Stream, pikepdf.Matrix]] = []
    plain = True
    matrix, stack, mode, modes = pikepdf.Matrix(), [], 0, []
    objects = page.resources.get("/XObject", pikepdf.Dictionary())
    for instruction in pikepdf.parse_content_stream(page):
        match operator := str(instruction.operator):
            case "q":
                stack.append(matrix)
                modes.append(mode)
            case "Q" if stack:
                matrix, mode = stack.pop(), modes.pop()
            case "cm":
                matrix = pikepdf.Matrix(*instruction.operands) @ matrix
            case "Tr":
                mode = int(instruction.operands[0])
            case "Do":
                thing = objects.get(str(instruction.operands[0]))
                if isinstance(thing, pikepdf.Stream) and thing.get("/Subtype") == "/Image":
                    images.append((thing, matrix))
                else:
                    plain = False
            case _ if operator in _PAINT or (operator in _TEXT and mode != _INVISIBLE):
                plain = False
    placed = [
        (
            int(image.get("/Width", 0)) / max(math.hypot(at.a, at.b) * unit, 1e-6),
            int(image.get("/Height", 0)) / max(math.hypot(at.c, at.d) * unit, 1e-6),
        )
        for image, at in images
    ]
    finest = max(placed, default=(_DPI / POINTS_PER_INCH,) * 2)
    whole = (
        plain
        and len(images) == 1
        and not any(key in page.obj for key in ("/Annots",))
        and _is_straight(images[0][1])
        and _fills(images[0][1], left, bottom, width, height)
        and _is_simple(images[0][0])
    )
    return PageContent(
        images[0][0] if whole else None,
        (finest[0] * POINTS_PER_INCH, finest[1] * POINTS_PER_INCH),
        turn,
        (width * unit / POINTS_PER_INCH, height * unit / POINTS_PER_INCH),
    )


def _inherited_rotation(page: pikepdf.Page) -> int:
    node: pikepdf.Object = page.obj
    for _ in range(50):
        if "/Rotate" in node:
            return int(node.Rotate)
        if "/Parent" not in node:
            break
        node = node.Parent
    return 0


def _is_straight(at: pikepdf.Matrix) -> bool:
    lean = 0.001 * max(abs(at.a), abs(at.d))
    return at.a > 0 and at.d > 0 and abs(at.b) <= lean and abs(at.c) <= lean


def _fills(at: pikepdf.Matrix, left: float, bottom: float, width: float, height: float) -> bool:
    over = _MAX_OVERHANG
    return (
        at.a >= _MIN_COVER * width
        and at.d >= _MIN_COVER * height
        and at.e >= left - over * width
        and at.f >= bottom - over * height
        and at.e + at.a <= left + (1 + over) * width
        and at.f + at.d <= bottom + (1 + over) * height
    )


def _is_simple(image: pikepdf.Stream) -> bool:
    """An image whose samples are the page's grey or colour, without masks or four inks.

    Stencil masks, soft masks and CMYK (whose inversion PDF and JPEG tell in different ways)
    are left to Poppler; so is JBIG2, which needs a decoder of its own.
    """
    masked = any(key in image for key in ("/SMask", "/Mask")) or bool(
        image.get("/ImageMask", False)
    )
    if masked:
        return False
    picture = pikepdf.PdfImage(image)
    if picture.mode not in ("1", "L", "RGB", "P", "I;16"):
        return False
    return "/JBIG2Decode" not in picture.filters


def image_digest(content: PageContent) -> str:
    """SHA-256 of an embedded image as it was scanned.

    Of the image file's own bytes for JPEG and JPEG 2000, so that a scan is the same in and out
    of its PDF; other encodings do not carry their shape, so that is digested with them, and
    so is what the PDF says about turning or inverting the image.
    """
    image = content.image
    assert image is not None
    digest = hashlib.sha256(image.read_raw_bytes())
    filters = pikepdf.PdfImage(image).filters
    said = f"turn {content.turn}" if content.turn else ""
    if "/Decode" in image:
        said += f" decode {[float(value) for value in image.Decode]}"
    if filters not in (["/DCTDecode"], ["/JPXDecode"]):
        said += f" {filters} {image.get('/Width')}x{image.get('/Height')}"
    if not said:
        return digest.hexdigest()
    return hashlib.sha256(f"{digest.hexdigest()}{said}".encode()).hexdigest()


def check_page(content: PageContent, settings: Settings) -> None:
    """What can be known of a page without decoding it.

    Raises:
        ImageTooLargeError: more pixels than the limit.
        UnreadableFileError: its JPEG is cut off.
    """
    if content.image is None and max(content.inches) > _PAPER_LIMIT_INCHES:
        raise ImageTooLargeError(
            Text(
                "khổ giấy {width:.0f} × {height:.0f} inch",
                "paper of {width:.0f} × {height:.0f} inches",
            ).format(width=content.inches[0], height=content.inches[1])
        )
    check_pixels(*page_pixels(content), settings)
    if content.image is None:
        return
    if pikepdf.PdfImage(content.image).filters == ["/DCTDecode"]:
        data = content.image.read_raw_bytes()
        check_jpeg_end(data[-65_536:], len(data))


def page_pixels(content: PageContent) -> tuple[int, int]:
    """Width and height of a page's scan, before the page is turned."""
    if content.image is not None:
        picture = pikepdf.PdfImage(content.image)
        return picture.width, picture.height
    dpi = raster_dpi(content)
    return int(content.inches[0] * dpi), int(content.inches[1] * dpi)


def raster_dpi(content: PageContent) -> float:
    """Resolution at which Poppler renders a page: that of its images, 300 without any."""
    return min(max(content.dpi[0], _RASTER_DPI[0]), _RASTER_DPI[1])


def decode_image(
    content: PageContent, settings: Settings
) -> tuple[Grey, tuple[float, float] | None]:
    """Grey pixels of a page that is one image, turned as the page is, and the dpi of its JPEG.

    Raises:
        ImageTooLargeError, UnreadableFileError: as for any image file.
    """
    assert content.image is not None
    picture = pikepdf.PdfImage(content.image)
    own_dpi = None
    filters = picture.filters
    if filters in (["/DCTDecode"], ["/JPXDecode"]) and "/Decode" not in content.image:
        data = content.image.read_raw_bytes()
        with decoding(), open_image(io.BytesIO(data), settings) as image:
            own_dpi = image.info.get("dpi")
            grey = to_grey(image, orient=False)  # PDF readers do not look at EXIF
    else:
        check_pixels(picture.width, picture.height, settings)
        try:
            with decoding():
                grey = to_grey(picture.as_pil_image(), orient=False)
        except pikepdf.PikepdfError as error:
            raise UnreadableFileError(
                Text("ảnh trong PDF hỏng ({error})", "damaged image in the PDF ({error})").format(
                    error=error
                )
            ) from error
    turned = np.rot90(grey, -(content.turn // 90))
    return np.ascontiguousarray(turned), own_dpi
