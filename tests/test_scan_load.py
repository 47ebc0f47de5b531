"""Decoding: every kind of image a scanner writes, and every way a file can be broken."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageFile, ImageOps
from scan_samples import SETTINGS, add_page, encoded, page, pdf_of_images, raw_image, ref_to

from pipeline.errors import (
    EncryptedFileError,
    HotichError,
    ImageTooLargeError,
    UnreadableFileError,
)
from pipeline.scan.load import load_scan
from pipeline.scan.resolution import plausible_dpi
from pipeline.settings import Settings
from pipeline.types import Scan


def loaded(path: Path, index: int = 0, settings: Settings = SETTINGS) -> Scan:
    return load_scan(ref_to(path, path.parent, index), path.parent, settings)


def differs(scan: Scan, expected: Image.Image) -> float:
    """Mean difference in grey levels."""
    assert scan.grey.dtype == np.uint8
    assert scan.grey.flags.c_contiguous
    assert scan.grey.shape == expected.size[::-1]
    return float(np.mean(np.abs(scan.grey.astype(int) - np.asarray(expected.convert("L")))))


def pale(image: Image.Image) -> Image.Image:
    """The page at 16 levels, for palettes and few bits."""
    return image.quantize(16)


VARIANTS = {
    "grey.jpg": lambda image: encoded(image),
    "colour.jpg": lambda image: encoded(image.convert("RGB")),
    "cmyk.jpg": lambda image: encoded(image.convert("CMYK")),
    "cmyk.tif": lambda image: encoded(image.convert("CMYK"), "TIFF"),
    "palette.png": lambda image: encoded(pale(image), "PNG"),
    "grey.png": lambda image: encoded(image, "PNG"),
    "alpha.png": lambda image: encoded(image.convert("RGBA"), "PNG"),
    "lzw.tif": lambda image: encoded(image, "TIFF", compression="tiff_lzw"),
    "jpeg.tif": lambda image: encoded(image, "TIFF", compression="jpeg"),
    "colour.bmp": lambda image: encoded(image.convert("RGB"), "BMP"),
    "grey.jp2": lambda image: encoded(image, "JPEG2000"),
    "colour.webp": lambda image: encoded(image.convert("RGB"), "WEBP"),
}


@pytest.mark.parametrize("name", VARIANTS)
def test_every_kind_of_image_comes_out_as_the_same_grey(tmp_path: Path, name: str):
    path = tmp_path / name
    path.write_bytes(VARIANTS[name](page()))
    assert differs(loaded(path), page()) < 6


@pytest.mark.parametrize("compression", ["group4", "raw", "tiff_lzw"])
def test_one_bit_pages(tmp_path: Path, compression: str):
    bitonal = page().point(lambda level: 255 * (level > 128)).convert("1")
    path = tmp_path / "g4.tif"
    path.write_bytes(encoded(bitonal, "TIFF", compression=compression))
    assert differs(loaded(path), bitonal) == 0


@pytest.mark.parametrize("bits", [10, 12, 14, 16])
def test_sixteen_bits_are_scaled_by_the_bits_in_use(tmp_path: Path, bits: int):
    deep = (np.asarray(page()).astype(np.uint16) + 0) << (bits - 8)
    path = tmp_path / "deep.png"
    cv2.imwrite(str(path), deep)
    assert differs(loaded(path), page()) < 1


def test_sixteen_bit_tiff_where_zero_is_white(tmp_path: Path):
    deep = 65535 - (np.asarray(page()).astype(np.uint16) * 257)
    path = tmp_path / "deep.tif"
    Image.fromarray(deep).save(path, tiffinfo={262: 0})
    assert differs(loaded(path), page()) < 1


def test_transparent_paper_is_white(tmp_path: Path):
    clear = Image.new("LA", (100, 140), (0, 0))
    path = tmp_path / "clear.png"
    path.write_bytes(encoded(clear, "PNG"))
    assert loaded(path).grey.min() == 255


@pytest.mark.parametrize("suffix", ["jpg", "tif", "png"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_tags_are_obeyed_once(tmp_path: Path, suffix: str, orientation: int):
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / f"turned.{suffix}"
    page().save(path, exif=exif, quality=95) if suffix == "jpg" else page().save(path, exif=exif)
    upright = page()
    upright.getexif()[0x0112] = orientation
    assert differs(loaded(path), ImageOps.exif_transpose(upright)) < 3


def test_pages_of_a_tiff_are_told_apart(tmp_path: Path):
    path = tmp_path / "book.tif"
    page(1).save(path, save_all=True, append_images=[page(2), page(3)])
    assert [differs(loaded(path, index), page(index + 1)) for index in range(3)] == [0, 0, 0]
    with pytest.raises(UnreadableFileError, match=r"book\.tif"):
        loaded(path, 3)


# --- PDF ----------------------------------------------------------------------------------------


def saved(pdf: pikepdf.Pdf, path: Path, **options: object) -> Path:
    pdf.save(path, **options)
    return path


def test_the_embedded_jpeg_is_decoded_as_it_is(tmp_path: Path):
    jpegs = [encoded(page(n)) for n in (1, 2)]
    path = saved(pdf_of_images(jpegs), tmp_path / "book.pdf")
    for index, data in enumerate(jpegs):
        exact = np.asarray(Image.open(io.BytesIO(data)))
        assert np.array_equal(loaded(path, index).grey, exact)


def test_a_turned_page_comes_out_turned(tmp_path: Path):
    for turn in (90, 180, 270):
        pdf = pdf_of_images([encoded(page())])
        pdf.pages[0].obj.Rotate = turn
        path = saved(pdf, tmp_path / f"{turn}.pdf")
        assert differs(loaded(path), page().rotate(-turn, expand=True)) < 3


def test_a_rotation_inherited_from_the_page_tree_counts(tmp_path: Path):
    pdf = pdf_of_images([encoded(page())])
    pdf.Root.Pages.Rotate = 180
    path = saved(pdf, tmp_path / "tree.pdf")
    assert differs(loaded(path), page().rotate(180)) < 3


def test_flate_images_and_inverted_ones(tmp_path: Path):
    grey = np.asarray(page())
    for name, pixels, extra in (
        ("plain", grey, {}),
        ("inverted", 255 - grey, {"Decode": pikepdf.Array([1, 0])}),
    ):
        pdf = pikepdf.new()
        add_page(pdf, {"/Im0": raw_image(pdf, pixels, **extra)}, "q 595 0 0 842 0 0 cm /Im0 Do Q")
        path = saved(pdf, tmp_path / f"{name}.pdf", compress_streams=True)
        assert differs(loaded(path), page()) == 0


def test_group_4_inside_a_pdf(tmp_path: Path):
    bitonal = page().point(lambda level: 255 * (level > 128)).convert("1")
    tiff = Image.open(io.BytesIO(encoded(bitonal, "TIFF", compression="group4")))
    offset, count = tiff.tag_v2[273][0], tiff.tag_v2[279][0]
    data = encoded(bitonal, "TIFF", compression="group4")[offset : offset + count]
    pdf = pikepdf.new()
    width, height = bitonal.size
    stream = pikepdf.Stream(
        pdf, data, Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=width,
        Height=height, ColorSpace=pikepdf.Name.DeviceGray, BitsPerComponent=1,
        Filter=pikepdf.Name.CCITTFaxDecode,
        DecodeParms=pikepdf.Dictionary(
            K=-1, Columns=width, Rows=height, BlackIs1=tiff.tag_v2[262] == 1
        ),
    )  # fmt: skip
    add_page(pdf, {"/Im0": stream}, "q 595 0 0 842 0 0 cm /Im0 Do Q")
    assert differs(loaded(saved(pdf, tmp_path / "g4.pdf")), bitonal) == 0


def strips_pdf(path: Path) -> Path:
    """One page painted as two strips, as some scanners do."""
    grey = np.asarray(page())
    half = grey.shape[0] // 2
    pdf = pikepdf.new()
    images = {"/A": raw_image(pdf, grey[:half]), "/B": raw_image(pdf, grey[half:])}
    add_page(pdf, images, "q 595 0 0 421 0 421 cm /A Do Q q 595 0 0 421 0 0 cm /B Do Q")
    return saved(pdf, path)


def stamped_pdf(path: Path) -> Path:
    pdf = pdf_of_images([encoded(page())])
    pdf.pages[0].contents_add(pdf.make_stream(b"0 0 1 rg 100 100 50 50 re f"))
    return saved(pdf, path)


def mask_pdf(path: Path) -> Path:
    bits = np.packbits(np.asarray(page()) > 128, axis=1)
    pdf = pikepdf.new()
    stream = pikepdf.Stream(
        pdf, bits.tobytes(), Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=248,
        Height=350, ImageMask=True, BitsPerComponent=1,
    )  # fmt: skip
    add_page(pdf, {"/Im0": stream}, "q 0 g 595 0 0 842 0 0 cm /Im0 Do Q")
    return saved(pdf, path)


def cmyk_pdf(path: Path) -> Path:
    return saved(pdf_of_images([encoded(page().convert("CMYK"))]), path)


@pytest.mark.parametrize("make", [strips_pdf, stamped_pdf, mask_pdf])
def test_pages_that_are_not_one_image_are_drawn_by_poppler(tmp_path: Path, make):
    scan = loaded(make(tmp_path / "drawn.pdf"))
    height, width = scan.grey.shape
    assert width / height == pytest.approx(595 / 842, abs=0.02)
    small = cv2.resize(scan.grey, (62, 88), interpolation=cv2.INTER_AREA).astype(int)
    expected = cv2.resize(np.asarray(page()), (62, 88), interpolation=cv2.INTER_AREA).astype(int)
    assert np.corrcoef(small.ravel(), expected.ravel())[0, 1] > 0.6


def test_cmyk_inside_a_pdf_is_left_to_poppler(tmp_path: Path):
    scan = loaded(cmyk_pdf(tmp_path / "cmyk.pdf"))
    assert scan.grey.size > 0


def test_text_a_person_cannot_see_does_not_hinder_extraction(tmp_path: Path):
    data = encoded(page())
    pdf = pdf_of_images([data])
    pdf.pages[0].contents_add(pdf.make_stream(b"BT 3 Tr (Khai sinh) Tj ET"))
    path = saved(pdf, tmp_path / "ocr.pdf")
    assert np.array_equal(loaded(path).grey, np.asarray(Image.open(io.BytesIO(data))))


# --- bad input ----------------------------------------------------------------------------------


def test_a_password_is_named(tmp_path: Path):
    key = pikepdf.Encryption(user="a", owner="b")
    path = saved(pdf_of_images([encoded(page())]), tmp_path / "x.pdf", encryption=key)
    with pytest.raises(EncryptedFileError) as caught:
        loaded(path)
    assert caught.value.where == "x.pdf"
    assert caught.value.exit_code == 17


@pytest.mark.parametrize("name", ["x.pdf", "x.jpg", "x.tif"])
def test_an_empty_file_says_so(tmp_path: Path, monkeypatch, name: str):
    monkeypatch.setenv("HOTICH_LANGUAGE", "en")
    (tmp_path / name).touch()
    with pytest.raises(UnreadableFileError, match="0 bytes"):
        loaded(tmp_path / name)


@pytest.mark.parametrize("name", [*VARIANTS, "book.pdf"])
@pytest.mark.parametrize("share", [0.05, 0.5, 0.97])
def test_a_file_that_was_cut_off_is_never_read_as_whole(tmp_path: Path, name: str, share: float):
    path = tmp_path / name
    if name == "book.pdf":
        saved(pdf_of_images([encoded(page())]), path)
    else:
        path.write_bytes(VARIANTS[name](page(size=(496, 700))))
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(UnreadableFileError) as caught:
        loaded(path)
    assert name in str(caught.value)


def test_zeros_after_a_broken_copy_are_noticed(tmp_path: Path):
    data = encoded(page(size=(1200, 1700)))
    path = tmp_path / "1.jpg"
    path.write_bytes(data[: len(data) // 2] + bytes(len(data) // 2))
    with pytest.raises(UnreadableFileError, match=r"1\.jpg"):
        loaded(path)
    path.write_bytes(data + bytes(5000))
    assert loaded(path).grey.shape == (1700, 1200)


def test_a_wrong_extension_is_read_by_content(tmp_path: Path):
    path = tmp_path / "really-png.jpg"
    path.write_bytes(encoded(page(), "PNG"))
    assert differs(loaded(path), page()) == 0


@pytest.mark.parametrize(
    ("content", "telling"),
    [
        (b"Kinh gui: Uy ban nhan dan", "no image"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC"),
        (bytes(100), "zero bytes"),
    ],
)
def test_what_is_no_scan_says_what_it_is(tmp_path: Path, monkeypatch, content, telling):
    monkeypatch.setenv("HOTICH_LANGUAGE", "en")
    (tmp_path / "1.jpg").write_bytes(content)
    with pytest.raises(UnreadableFileError, match=telling):
        loaded(tmp_path / "1.jpg")


def bomb_png(path: Path, width: int, height: int) -> Path:
    """A PNG whose header promises more than it holds."""
    data = bytearray(encoded(page(), "PNG"))
    data[16:24] = struct.pack(">II", width, height)
    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("side", [8_000, 60_000])
def test_too_many_pixels_are_refused_before_decoding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, side: int
):
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda image: pytest.fail("decoded"))
    with pytest.raises(ImageTooLargeError) as caught:
        loaded(bomb_png(tmp_path / "1.png", side, side))
    assert "HOTICH_MAX_MEGAPIXELS" in str(caught.value)
    assert caught.value.exit_code == 18


def test_a_pdf_image_over_the_limit_is_refused(tmp_path: Path):
    data = bytearray(encoded(page()))
    pdf = pdf_of_images([bytes(data)])
    image = pdf.pages[0].resources.XObject["/Im0"]
    image.Width, image.Height = 20_000, 20_000
    with pytest.raises(ImageTooLargeError):
        loaded(saved(pdf, tmp_path / "1.pdf"))


def test_a_pdf_stream_that_inflates_beyond_reason_is_refused(tmp_path: Path):
    pdf = pikepdf.new()
    stream = raw_image(pdf, np.asarray(page()))
    stream.write(bytes(60_000_000))
    add_page(pdf, {"/Im0": stream}, "q 595 0 0 842 0 0 cm /Im0 Do Q")
    path = saved(pdf, tmp_path / "bomb.pdf", compress_streams=True)
    assert path.stat().st_size < 200_000
    with pytest.raises(HotichError):
        loaded(path, settings=Settings(max_megapixels=1))


def test_a_scan_that_left_the_store_is_named(tmp_path: Path):
    with pytest.raises(UnreadableFileError, match=r"gone\.jpg"):
        loaded(tmp_path / "gone.jpg")


@given(st.binary(max_size=400), st.sampled_from([b"\xff\xd8\xff", b"%PDF-1.4\n", b"II*\0", b""]))
def test_no_bytes_break_the_decoder(tmp_path_factory, content: bytes, head: bytes):
    path = tmp_path_factory.mktemp("bytes") / "1.bin"
    path.write_bytes(head + content)
    with pytest.raises(UnreadableFileError):
        loaded(path)


# --- resolution ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claimed", "size", "dpi"),
    [
        ((300, 300), (2480, 3508), 300),
        ((200, 200), (1654, 2339), 200),
        ((100, 100), (1654, 1169), 100),
        ((72, 72), (2480, 3508), 300),  # the default of programs that do not know
        ((1, 1), (4961, 3508), 300),
        ((0, 0), (7016, 4961), 600),
        (None, (3508, 2480), 300),
        (None, (2339, 1654), 200),
        ((300, 300), (1169, 827), 100),  # made smaller, the tag forgotten
        ((204, 98), (2480, 3508), 300),
        ((float("nan"), 300), (2480, 3508), 300),
    ],
)
def test_an_impossible_resolution_is_estimated_from_the_paper(claimed, size, dpi):
    assert plausible_dpi(claimed, *size) == pytest.approx(dpi, rel=0.01)


@given(
    st.one_of(st.none(), st.tuples(st.floats(), st.floats())),
    st.integers(0, 40_000),
    st.integers(0, 40_000),
)
def test_a_resolution_is_always_a_positive_number(claimed, width, height):
    assert 0 < plausible_dpi(claimed, width, height) < 20_000


def test_dpi_is_read_from_jpeg_tiff_and_pdf(tmp_path: Path):
    large = page(size=(1654, 2339))
    large.save(tmp_path / "1.jpg", dpi=(200, 200))
    large.save(tmp_path / "1.tif", dpi=(200, 200))
    saved(pdf_of_images([encoded(large)]), tmp_path / "1.pdf")
    for name in ("1.jpg", "1.tif", "1.pdf"):
        assert loaded(tmp_path / name).dpi == pytest.approx(200, rel=0.01)
