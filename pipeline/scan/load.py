"""Decodes one scan to grey: from an image file, a page of a TIFF, or a page of a PDF."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pdf2image
from pdf2image.exceptions import PDFPageCountError, PDFPopplerTimeoutError, PDFSyntaxError
from PIL import Image

from pipeline.errors import HotichError, SetupError, UnreadableFileError
from pipeline.scan.formats import Format, check_complete, describe_unknown, sniff
from pipeline.scan.pdf import (
    check_page,
    decode_image,
    open_pdf,
    page_content,
    raster_dpi,
)  # fmt: skip
from pipeline.scan.raster import check_pixels, decoding, open_image, seek, to_grey
from pipeline.scan.resolution import plausible_dpi
from pipeline.settings import Settings
from pipeline.texts import Text
from pipeline.types import Grey, Scan, ScanRef


def load_scan(ref: ScanRef, root: Path, settings: Settings) -> Scan:
    """Decodes a scan to 8-bit grey, upright as its file says, with its resolution in dpi.

    Args:
        ref: the scan; its path is relative to ``root``.
        root: folder of the scan store.
        settings: ``max_megapixels`` bounds what is decoded, ``page_timeout_seconds`` Poppler.

    Raises:
        UnreadableFileError: missing, damaged, cut off, or no image.
        EncryptedFileError: a PDF that asks for a password.
        ImageTooLargeError: more pixels than the limit.
    """
    path = root / ref.path
    try:
        if not path.is_file():
            raise UnreadableFileError(
                Text("không còn trong kho ({path})", "no longer in the store ({path})").format(
                    path=ref.path
                )
            )
        kind = sniff(path)
        if kind is None:
            raise describe_unknown(path)
        if kind is Format.PDF:
            grey, dpi = _pdf_page(path, ref.index, settings)
        else:
            grey, dpi = _image(path, kind, ref.index, settings)
    except HotichError as error:
        error.where = ref.name
        raise
    return Scan(ref, grey, dpi)


def _image(path: Path, kind: Format, index: int, settings: Settings) -> tuple[Grey, float]:
    check_complete(path, kind)
    with path.open("rb") as file, open_image(file, settings) as image:
        seek(image, index)
        check_pixels(*image.size, settings)
        claimed = image.info.get("dpi")
        grey = to_grey(image)
    return grey, plausible_dpi(claimed, grey.shape[1], grey.shape[0])


def _pdf_page(path: Path, index: int, settings: Settings) -> tuple[Grey, float]:
    with open_pdf(path, settings) as pdf:
        if index >= len(pdf.pages):
            raise UnreadableFileError(
                Text("PDF không có trang {page}", "the PDF has no page {page}").format(
                    page=index + 1
                )
            )
        content = page_content(pdf.pages[index])
        check_page(content, settings)
        if content.image is not None:
            grey, own_dpi = decode_image(content, settings)
            height, width = grey.shape
            by_page = plausible_dpi(content.dpi, width, height)
            believed = abs(by_page - sum(content.dpi) / 2) < 0.5
            return grey, by_page if believed else plausible_dpi(own_dpi, width, height)
        dpi = raster_dpi(content)
    grey = _rasterize(path, index, dpi, settings)
    return grey, plausible_dpi((dpi, dpi), grey.shape[1], grey.shape[0])


def _rasterize(path: Path, index: int, dpi: float, settings: Settings) -> Grey:
    # One page a call: all at once holds every page in memory (1.2 GB for 8 pages, anchors.md 2.4).
    Image.MAX_IMAGE_PIXELS = settings.max_megapixels * 1_000_000
    try:
        with decoding():
            pages = pdf2image.convert_from_path(
                path,
                dpi=dpi,  # type: ignore[arg-type]  # pdftoppm takes fractions
                first_page=index + 1,
                last_page=index + 1,
                grayscale=True,
                use_cropbox=True,
                timeout=settings.page_timeout_seconds,
            )
    except pdf2image.exceptions.PDFInfoNotInstalledError as error:
        raise SetupError(
            Text("thiếu Poppler (poppler-utils)", "Poppler (poppler-utils) is missing").format()
        ) from error
    except (PDFPageCountError, PDFSyntaxError, PDFPopplerTimeoutError) as error:
        raise UnreadableFileError(
            Text(
                "Poppler không vẽ được trang ({error})", "Poppler cannot draw it ({error})"
            ).format(error=str(error).strip())
        ) from error
    if not pages:
        raise UnreadableFileError(
            Text("Poppler không vẽ được trang", "Poppler cannot draw the page").format()
        )
    return np.ascontiguousarray(np.asarray(pages[0].convert("L")))
