"""Image files: headers read under a pixel limit, pixels turned into grey."""

from __future__ import annotations

import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, TiffImagePlugin, UnidentifiedImageError

from pipeline.errors import ImageTooLargeError, InputError, UnreadableFileError
from pipeline.scan.formats import truncated
from pipeline.settings import Settings
from pipeline.texts import Text
from pipeline.types import Grey

_FORMATS = ("JPEG", "PNG", "TIFF", "JPEG2000", "BMP", "WEBP")
_DECODER_ERRORS = (
    OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, EOFError, OverflowError,
    struct.error, zlib.error, MemoryError,
)  # fmt: skip
"""What Pillow lets through on broken files, besides its own errors (which are OSError)."""
_STRIP_TAGS = ((273, 279), (324, 325))
"""TIFF 6.0: offsets and byte counts of strips, of tiles."""
_MIN_IS_WHITE = 0
_PHOTOMETRIC = 262


@contextmanager
def decoding() -> Iterator[None]:
    """Says in one way whatever a decoder has to complain of.

    Raises:
        UnreadableFileError: the pixels cannot be decoded, or not all of them.
        ImageTooLargeError: Pillow's own guard against bombs spoke first.
    """
    try:
        with warnings.catch_warnings():  # of odd tags, and of sizes that check_pixels judges
            warnings.simplefilter("ignore")
            yield
    except Image.DecompressionBombError as error:
        raise ImageTooLargeError(str(error)) from error
    except UnidentifiedImageError as error:  # its message shows a Python object
        raise UnreadableFileError(
            Text("phần đầu ảnh bị hỏng", "the header of the image is damaged").format()
        ) from error
    except _DECODER_ERRORS as error:
        raise UnreadableFileError(
            Text("hỏng hoặc bị cắt ({error})", "damaged or cut off ({error})").format(error=error)
        ) from error


def open_image(source: IO[bytes], settings: Settings) -> Image.Image:
    """Opens an image and reads its header only.

    Raises:
        ImageTooLargeError: more pixels than ``settings.max_megapixels``.
        UnreadableFileError: the header is broken.
    """
    Image.MAX_IMAGE_PIXELS = settings.max_megapixels * 1_000_000  # Pillow's guard, kept in line
    with decoding():
        image = Image.open(source, formats=_FORMATS)
    check_pixels(*image.size, settings)
    return image


def check_pixels(width: int, height: int, settings: Settings) -> None:
    """Refuses an image before its pixels are unpacked.

    Raises:
        ImageTooLargeError: more pixels than ``settings.max_megapixels``.
    """
    if width * height > settings.max_megapixels * 1_000_000:
        raise ImageTooLargeError(
            Text(
                "{width} × {height} = {megapixels} triệu điểm ảnh, giới hạn {limit}",
                "{width} × {height} = {megapixels} megapixels, the limit is {limit}",
            ).format(
                width=width,
                height=height,
                megapixels=round(width * height / 1e6),
                limit=settings.max_megapixels,
            )
        )


def frames(
    image: Image.Image, size: int, settings: Settings
) -> Iterator[tuple[tuple[int, int], InputError | None]]:
    """Goes through the pages of a file: width and height of each, and what is wrong with it.

    Only directories are read: each TIFF page says where its strips lie, and none may lie
    beyond the ``size`` bytes of the file.
    """
    count = getattr(image, "n_frames", 1) if isinstance(image, TiffImagePlugin.TiffImageFile) else 1
    for index in range(count):
        try:
            seek(image, index)
            check_pixels(*image.size, settings)
            _check_strips(image, size)
        except (UnreadableFileError, ImageTooLargeError) as error:
            yield image.size, error
        else:
            yield image.size, None


def seek(image: Image.Image, index: int) -> None:
    """Turns to a page of a multi-page TIFF.

    Raises:
        UnreadableFileError: its directory is broken or missing.
    """
    if index:
        with decoding():
            image.seek(index)


def _check_strips(image: Image.Image, size: int) -> None:
    if not isinstance(image, TiffImagePlugin.TiffImageFile):
        return
    with decoding():
        for offsets, counts in _STRIP_TAGS:
            ends = [
                start + length
                for start, length in zip(
                    image.tag_v2.get(offsets, ()), image.tag_v2.get(counts, ()), strict=False
                )
            ]
            if ends and max(ends) > size:
                raise truncated(
                    size,
                    Text(f"dữ liệu ảnh đến byte {max(ends)}", f"its data run to byte {max(ends)}"),
                )


def to_grey(image: Image.Image, *, orient: bool = True) -> Grey:
    """Decodes to grey, upright as the file's own orientation tag says.

    JPEG is decoded straight to its luma (as fast as OpenCV does, and unlike OpenCV it tells a
    cut-off file). Transparent pixels become paper white. 16 bits are reduced by the number of
    bits in use (99.9th percentile): scanners write 10, 12 or 14 bits into 16 and a plain
    division would turn the page black, while a stretch would hide a bad exposure.

    Raises:
        UnreadableFileError: the pixels cannot be decoded, or not all of them.
    """
    with decoding():
        if image.mode in ("RGB", "L"):
            image.draft("L", None)
        inverted = getattr(image, "tag_v2", {}).get(_PHOTOMETRIC) == _MIN_IS_WHITE
        image.load()
        if orient:
            ImageOps.exif_transpose(image, in_place=True)
        if image.mode.startswith(("I", "F")):
            grey = _deep(np.asarray(image), inverted=inverted)
        else:
            grey = np.asarray(_flat(image), dtype=np.uint8)
    return np.ascontiguousarray(grey)


def _flat(image: Image.Image) -> Image.Image:
    if "A" in image.getbands() or "transparency" in image.info:
        image = image.convert("RGBA")
        paper = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(paper, image)
    return image if image.mode == "L" else image.convert("L")


def _deep(values: NDArray[np.generic], *, inverted: bool) -> Grey:
    samples = np.clip(values.astype(np.float32), 0, None)
    if np.issubdtype(values.dtype, np.floating) and samples.max(initial=0.0) <= 1.0:
        samples *= 255
    top = float(np.percentile(samples[::4, ::4], 99.9)) if samples.size else 0.0
    bits = next((bits for bits in (8, 10, 12, 14, 16) if top < 2**bits), 32)
    grey: Grey = np.clip(samples / 2 ** (bits - 8), 0, 255).astype(np.uint8)
    return 255 - grey if inverted else grey
