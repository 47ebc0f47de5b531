"""Batches as contractors hand them over, the good and the bad."""

from __future__ import annotations

import io
import shutil
import unicodedata
import zipfile
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from PIL import Image
from scan_samples import (
    SETTINGS,
    book_row,
    encoded,
    find_unit,
    page,
    pdf_of_images,
    store_in,
    write_manifest,
    write_pages,
)

from pipeline.errors import (
    ArchiveError,
    DuplicateBookError,
    EncryptedFileError,
    ManifestError,
    MissingFileError,
    NoPagesError,
    UnknownUnitError,
    UnreadableFileError,
)
from pipeline.scan.batch import read_batch
from pipeline.scan.load import load_scan
from pipeline.scan.report import BatchSource
from pipeline.types import BookSource, Kind


@pytest.fixture(autouse=True)
def _english(monkeypatch):
    monkeypatch.setenv("HOTICH_LANGUAGE", "en")


def read(tmp_path: Path, path: Path, **options: object) -> BatchSource:
    return read_batch(
        path, find_unit=find_unit, store=store_in(tmp_path), settings=SETTINGS, **options
    )


def only_book(source: BatchSource) -> BookSource:
    assert [refusal.error for refusal in source.refused] == []
    [book] = source.books
    return book


def only_error(source: BatchSource) -> Exception:
    [refusal] = source.refused
    return refusal.error


def codes(source: BatchSource) -> list[str]:
    return [said.code for said in source.warnings]


def zip_of(folder: Path, prefix: str = "") -> Path:
    path = folder.with_suffix(".zip")
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                archive.write(file, prefix + file.relative_to(folder).as_posix())
    return path


# --- good batches -------------------------------------------------------------------------------


def test_a_folder_of_books_is_read_in_order(tmp_path: Path):
    lot = tmp_path / "lot"
    write_pages(lot / "so 1", ["10.jpg", "2.jpg", "1.jpg"])
    write_pages(lot / "so 2", ["1.jpg"], first=20)
    write_manifest(lot, book_row("so 1"), book_row("so 2", kind="khai tử", volume="02", note="x"))
    source = read(tmp_path, lot)
    first, second = source.books
    assert (source.name, source.refused, source.warnings) == ("lot", (), ())
    assert [scan.name for scan in first.scans] == ["1.jpg", "2.jpg", "10.jpg"]
    assert [scan.number for scan in first.scans] == [1, 2, 3]
    assert (first.kind, first.year, first.unit, first.unit_id) == (
        Kind.BIRTH, 1998, "Xã An Thắng", "an-thang",
    )  # fmt: skip
    assert (second.kind, second.volume, second.note) == (Kind.DEATH, "02", "x")
    root = tmp_path / "scans"
    for scan in first.scans:
        assert scan.path == f"{scan.digest[:2]}/{scan.digest}.jpg"
        assert load_scan(scan, root, SETTINGS).grey.shape == (350, 248)
        original = lot / "so 1" / scan.name
        assert (root / scan.path).read_bytes() == original.read_bytes()


def test_a_zip_gives_the_same_batch_as_its_folder(tmp_path: Path):
    lot = tmp_path / "lot"
    write_pages(lot / "sổ 1", ["1.jpg", "2.jpg"])
    write_manifest(lot, book_row("sổ 1"))
    folder = read(tmp_path / "a", lot)
    plain = read(tmp_path / "b", zip_of(lot))
    wrapped = read(tmp_path / "c", zip_of(lot, prefix="lot/"))
    assert folder == plain == wrapped
    left = [path.name for path in (tmp_path / "b" / "scans").rglob("*") if path.is_file()]
    assert len(left) == 2


def test_pdf_and_tiff_books(tmp_path: Path):
    lot = tmp_path / "lot"
    lot.mkdir()
    jpegs = [encoded(page(n)) for n in (1, 2)]
    pdf_of_images(jpegs).save(lot / "book.pdf")
    page(5).save(lot / "book.tif", save_all=True, append_images=[page(6), page(7)])
    write_manifest(lot, book_row("book.pdf"), book_row("book.tif", volume="02"))
    pdf, tiff = read(tmp_path, lot).books
    assert [(scan.index, scan.name) for scan in pdf.scans] == [(0, "book.pdf#1"), (1, "book.pdf#2")]
    assert [scan.index for scan in tiff.scans] == [0, 1, 2]
    assert len({scan.digest for scan in (*pdf.scans, *tiff.scans)}) == 5


def test_a_scan_is_the_same_in_and_out_of_its_pdf(tmp_path: Path):
    lot = tmp_path / "lot"
    write_pages(lot / "images", ["1.jpg", "2.jpg"])
    data = [(lot / "images" / name).read_bytes() for name in ("1.jpg", "2.jpg")]
    pdf_of_images(data).save(lot / "book.pdf")
    write_manifest(lot, book_row("images"), book_row("book.pdf", volume="02"))
    source = read(tmp_path, lot)
    assert isinstance(only_error(source), DuplicateBookError)
    assert "row 2" in str(only_error(source))


def test_nested_folders_and_what_systems_leave_behind(tmp_path: Path):
    lot = tmp_path / "lot"
    write_pages(lot / "so", ["b/1.jpg", "a/10.jpg", "a/9.jpg"])
    (lot / "so" / "Thumbs.db").write_bytes(b"x")
    (lot / "so" / "a" / ".DS_Store").write_bytes(b"x")
    (lot / "__MACOSX").mkdir()
    (lot / "__MACOSX" / "._1.jpg").write_bytes(b"x")
    write_manifest(lot, book_row("so"))
    source = read(tmp_path, lot)
    assert [scan.name for scan in only_book(source).scans] == ["a/9.jpg", "a/10.jpg", "b/1.jpg"]
    assert source.warnings == ()


@pytest.mark.parametrize("on_disk", ["NFC", "NFD"])
@pytest.mark.parametrize("in_manifest", ["NFC", "NFD"])
def test_vietnamese_names_in_any_spelling(tmp_path: Path, on_disk, in_manifest):
    lot = tmp_path / "lot"
    name = "Sổ khai sinh xã Đoàn Xá"
    write_pages(
        lot / unicodedata.normalize(on_disk, name), [unicodedata.normalize(on_disk, "ảnh 1.jpg")]
    )
    write_manifest(
        lot,
        book_row(
            unicodedata.normalize(in_manifest, name),
            unit=unicodedata.normalize(in_manifest, "Xã An Thắng"),
        ),
    )
    book = only_book(read(tmp_path, lot))
    assert (book.path, book.unit, book.scans[0].name) == (name, "Xã An Thắng", "ảnh 1.jpg")


@pytest.mark.parametrize("written", ["SO\\1", "so/1/", "./so//1", "so/1"])
def test_paths_as_windows_writes_them(tmp_path: Path, written: str):
    lot = tmp_path / "lot"
    write_pages(lot / "so" / "1", ["1.jpg"])
    write_manifest(lot, book_row(written))
    assert len(only_book(read(tmp_path, lot)).scans) == 1


def test_progress_counts_every_file(tmp_path: Path):
    lot = tmp_path / "lot"
    write_pages(lot / "so", ["1.jpg", "2.jpg", "3.jpg"])
    write_manifest(lot, book_row("so"))
    calls: list[tuple[int, int, str]] = []
    read(tmp_path, lot, progress=lambda *call: calls.append(call))
    assert calls == [(1, 3, "1.jpg"), (2, 3, "2.jpg"), (3, 3, "3.jpg")]


def test_the_same_batch_has_the_same_digest_whatever_its_name(tmp_path: Path):
    lot = tmp_path / "lot"
    write_pages(lot / "so", ["1.jpg"])
    write_manifest(lot, book_row("so"))
    first = read(tmp_path, lot)
    renamed = read(tmp_path, lot.rename(tmp_path / "renamed"))
    assert (first.digest, first.books) == (renamed.digest, renamed.books)
    shutil.rmtree(tmp_path / "renamed" / "so")
    write_pages(tmp_path / "renamed" / "so", ["1.jpg"], first=9)
    assert read(tmp_path, tmp_path / "renamed").digest != first.digest


# --- national names -----------------------------------------------------------------------------


def national(folder: Path, *names: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number, name in enumerate(names, len(list(folder.iterdir())) + 1):
        pdf_of_images([encoded(page(hash((str(folder), number)) % 10_000))]).save(folder / name)


def test_national_names_make_books_without_a_manifest(tmp_path: Path):
    lot = tmp_path / "An Lão"
    national(
        lot / "Xã An Thắng" / "KS" / "A3" / "2006" / "01",
        "KS.2006.01.2006-03-05.012.pdf",
        "KS.2006.01.2006-04-01.2.pdf",
        "KS.2006.01.0000-00-00.3b.pdf",
        "Cover.AnThang.KS.A3.2006.01.pdf",
    )
    national(lot / "Xã Tân Dân", "KT.1999.02.1999-01-01.01.pdf")
    first, second = read(tmp_path, lot).books
    assert (first.unit, first.district, first.kind, first.year, first.volume) == (
        "Xã An Thắng", "An Lão", Kind.BIRTH, 2006, "01",
    )  # fmt: skip
    assert [scan.name.rsplit("/", 1)[1] for scan in first.scans] == [
        "Cover.AnThang.KS.A3.2006.01.pdf#1",
        "KS.2006.01.2006-04-01.2.pdf#1",
        "KS.2006.01.0000-00-00.3b.pdf#1",
        "KS.2006.01.2006-03-05.012.pdf#1",
    ]
    assert (second.unit_id, second.kind, second.volume) == ("tan-dan", Kind.DEATH, "02")


def test_other_kinds_years_and_units_are_refused_alone(tmp_path: Path):
    lot = tmp_path / "Huyện An Lão"
    national(lot / "Xã An Thắng", "CMC.2006.01.2006-03-05.01.pdf", "KS.2017.01.2017-01-01.01.pdf")
    national(lot / "Xã An Thắng", "KS.2006.01.2006-03-05.01.pdf", "KS.2006.2006-03-05.02.pdf")
    national(lot / "Xã Không Có", "KS.2006.01.2006-03-05.01.pdf")
    source = read(tmp_path, lot)
    assert len(source.books) == 1
    messages = {refusal.where: str(refusal.error) for refusal in source.refused}
    assert "CMC is out of scope" in messages["Xã An Thắng/CMC.2006.01"]
    assert "2017" in messages["Xã An Thắng/KS.2017.01"]
    assert "Xã Không Có" in messages["Xã Không Có/KS.2006.01"]
    assert "KIND.YEAR.BOOK" in messages["Xã An Thắng/KS.2006.2006-03-05.02.pdf"]


def test_one_entry_number_twice_is_told(tmp_path: Path):
    lot = tmp_path / "Xã An Thắng"
    national(lot / "A3", "KS.2006.01.2006-03-05.05.pdf")
    national(lot / "A4", "KS.2006.01.2006-03-06.005.pdf")
    source = read(tmp_path, lot)
    assert len(only_book(source).scans) == 2
    assert codes(source) == ["duplicate_entry"]


# --- bad input: the batch -----------------------------------------------------------------------


def test_nothing_there(tmp_path: Path):
    with pytest.raises(MissingFileError):
        read(tmp_path, tmp_path / "gone")


def test_neither_folder_nor_zip(tmp_path: Path):
    (tmp_path / "lot.zip").write_bytes(b"not a zip")
    with pytest.raises(ArchiveError, match="neither a folder nor a zip"):
        read(tmp_path, tmp_path / "lot.zip")


def test_no_manifest_and_no_national_name(tmp_path: Path):
    write_pages(tmp_path / "lot", ["1.jpg"])
    with pytest.raises(ManifestError, match=r"manifest\.csv") as caught:
        read(tmp_path, tmp_path / "lot")
    assert caught.value.exit_code == 11


def test_a_zip_that_leads_out_leaves_nothing_behind(tmp_path: Path):
    with zipfile.ZipFile(tmp_path / "lot.zip", "w") as archive:
        archive.writestr("../evil.jpg", encoded(page()))
    with pytest.raises(ArchiveError):
        read(tmp_path, tmp_path / "lot.zip")
    assert not list(tmp_path.rglob("evil.jpg"))
    assert not [path for path in (tmp_path / "scans").rglob("*") if path.is_file()]


# --- bad input: one book, the others go on ------------------------------------------------------


def lot_with(tmp_path: Path, bad_row: tuple[object, ...]) -> Path:
    """A good book in row 2 and whatever is bad in row 3."""
    lot = tmp_path / "lot"
    write_pages(lot / "good", ["1.jpg", "2.jpg"])
    write_manifest(lot, book_row("good"), bad_row)
    return lot


@pytest.mark.parametrize(
    ("row", "error", "exit_code", "telling"),
    [
        (book_row("bad", unit="Xã Nào", volume="2"), UnknownUnitError, 12, "Xã An Thắng"),
        (book_row("bad", kind="XX", volume="2"), UnknownUnitError, 12, "KS, KH, KT"),
        (book_row("bad", kind="HN", volume="2"), UnknownUnitError, 12, "out of scope"),
        (book_row("bad", year=1066, volume="2"), UnknownUnitError, 12, "1922"),
        (book_row("bad", year="", volume="2"), UnknownUnitError, 12, "1922"),
        (book_row("gone", volume="2"), MissingFileError, 13, "gone"),
        (book_row("bad/9.jpg", volume="2"), MissingFileError, 13, "bad/9.jpg"),
        (book_row("", volume="2"), ManifestError, 11, "path"),
        (book_row("../lot/bad", volume="2"), ManifestError, 11, "out of the batch"),
        (book_row("/etc", volume="2"), ManifestError, 11, "out of the batch"),
        (book_row("bad"), DuplicateBookError, 14, "row 2"),
        (book_row("good", volume="2"), DuplicateBookError, 14, "row 2"),
        (book_row("copy", volume="2"), DuplicateBookError, 14, "row 2"),
        (book_row("empty", volume="2"), NoPagesError, 19, "no scan"),
    ],
)
def test_a_bad_row_is_refused_alone(tmp_path: Path, row, error, exit_code, telling):
    lot = lot_with(tmp_path, row)
    write_pages(lot / "bad", ["1.jpg"], first=30)
    shutil.copytree(lot / "good", lot / "copy")
    (lot / "empty").mkdir()
    source = read(tmp_path, lot)
    [book] = source.books
    assert book.path == "good"
    [refusal] = source.refused
    assert type(refusal.error) is error
    assert refusal.error.exit_code == exit_code
    assert refusal.where == "manifest.csv, row 3"
    assert "manifest.csv, row 3" in str(refusal.error)
    assert telling in str(refusal.error)


def bad_pdf(path: Path, kind: str) -> None:
    pdf = pdf_of_images([encoded(page(n)) for n in (31, 32)])
    match kind:
        case "encrypted":
            pdf.save(path, encryption=pikepdf.Encryption(user="a", owner="b"))
        case "truncated":
            pdf.save(path)
            path.write_bytes(path.read_bytes()[:-800])
        case "empty":
            path.touch()
        case "no pages":
            pikepdf.new().save(path)
        case "word":
            path.write_bytes(b"PK\x03\x04 a document")


@pytest.mark.parametrize(
    ("kind", "error", "telling"),
    [
        ("encrypted", EncryptedFileError, "password"),
        ("truncated", UnreadableFileError, "cut off"),
        ("empty", UnreadableFileError, "0 bytes"),
        ("no pages", NoPagesError, "0 pages"),
        ("word", UnreadableFileError, "no image and no PDF"),
    ],
)
def test_a_bad_pdf_is_refused_alone_and_not_kept(tmp_path: Path, kind, error, telling):
    lot = lot_with(tmp_path, book_row("bad.pdf", volume="2"))
    bad_pdf(lot / "bad.pdf", kind)
    source = read(tmp_path, lot)
    assert [book.path for book in source.books] == ["good"]
    caught = only_error(source)
    assert type(caught) is error
    assert "bad.pdf" in str(caught)
    assert telling in str(caught)
    assert len([path for path in (tmp_path / "scans").rglob("*") if path.is_file()]) == 2


def test_an_archive_inside_a_folder_is_refused_alone(tmp_path: Path):
    lot = lot_with(tmp_path, book_row("bad.zip", volume="2"))
    with zipfile.ZipFile(lot / "bad.zip", "w") as archive:
        archive.writestr("1.jpg", encoded(page()))
    assert isinstance(only_error(read(tmp_path, lot)), ArchiveError)


def test_a_link_out_of_the_batch_is_refused(tmp_path: Path):
    lot = lot_with(tmp_path, book_row("bad", volume="2"))
    write_pages(tmp_path / "others", ["1.jpg"], first=40)
    (lot / "bad").mkdir()
    (lot / "bad" / "1.jpg").symlink_to(tmp_path / "others" / "1.jpg")
    caught = only_error(read(tmp_path, lot))
    assert type(caught) is ManifestError
    assert "bad/1.jpg" in str(caught)


# --- bad input: one page, the book goes on ------------------------------------------------------


def test_bad_pages_keep_their_places_and_are_named(tmp_path: Path):
    lot = tmp_path / "lot"
    write_pages(lot / "so", [f"{n}.jpg" for n in range(1, 6)])
    (lot / "so" / "2.jpg").write_bytes(b"")
    (lot / "so" / "3.jpg").write_bytes(b"")
    cut = lot / "so" / "4.jpg"
    cut.write_bytes(cut.read_bytes()[:3000])
    write_manifest(lot, book_row("so"))
    source = read(tmp_path, lot)
    book = only_book(source)
    assert [scan.number for scan in book.scans] == [1, 2, 3, 4, 5]
    assert len({scan.digest for scan in book.scans}) == 5
    assert [(said.code, said.where) for said in source.warnings] == [
        ("unreadable_scan", f"so: {n}.jpg") for n in (2, 3, 4)
    ]
    assert "3000 bytes" in str(source.warnings[2])
    for scan in book.scans[1:4]:
        with pytest.raises(UnreadableFileError, match=scan.name):
            load_scan(scan, tmp_path / "scans", SETTINGS)


def test_a_page_over_the_pixel_limit_keeps_its_place(tmp_path: Path):
    lot = tmp_path / "lot"
    write_pages(lot / "so", ["1.jpg", "3.jpg"])
    Image.new("1", (10_000, 10_000)).save(lot / "so" / "2.tif", compression="group4")
    write_manifest(lot, book_row("so"))
    source = read(tmp_path, lot)
    assert len(only_book(source).scans) == 3
    [said] = source.warnings
    assert said.error is not None
    assert said.error.exit_code == 18


def test_one_cut_jpeg_inside_a_pdf_spoils_only_its_page(tmp_path: Path):
    lot = tmp_path / "lot"
    lot.mkdir()
    jpegs = [encoded(page(n)) for n in (1, 2, 3)]
    pdf = pdf_of_images(jpegs)
    pdf.pages[1].resources.XObject["/Im0"].write(jpegs[1][:2000], filter=pikepdf.Name.DCTDecode)
    pdf.save(lot / "book.pdf")
    write_manifest(lot, book_row("book.pdf"))
    source = read(tmp_path, lot)
    assert len(only_book(source).scans) == 3
    assert [said.where for said in source.warnings] == ["book.pdf: book.pdf#2"]


def test_a_cut_page_of_a_tiff_is_found_in_its_directory(tmp_path: Path):
    lot = tmp_path / "lot"
    lot.mkdir()
    out = io.BytesIO()
    noise = np.random.default_rng(1).integers(0, 255, (300, 300), dtype=np.uint8)
    Image.fromarray(noise).save(out, "TIFF")
    (lot / "1.tif").write_bytes(out.getvalue()[:-200])
    write_pages(lot, ["2.jpg"])
    write_manifest(lot, book_row("."))
    source = read(tmp_path, lot)
    assert [said.code for said in source.warnings] == ["unreadable_scan"]
    assert "1.tif" in str(source.warnings[0])


def test_the_same_scan_twice_is_kept_once_and_told(tmp_path: Path):
    lot = tmp_path / "lot"
    write_pages(lot / "so", ["1.jpg", "2.jpg"])
    shutil.copy(lot / "so" / "1.jpg", lot / "so" / "3.jpg")
    write_manifest(lot, book_row("so"))
    source = read(tmp_path, lot)
    assert [scan.name for scan in only_book(source).scans] == ["1.jpg", "2.jpg"]
    [said] = source.warnings
    assert (said.code, said.where) == ("duplicate_scans", "so: 3.jpg")
    assert "1.jpg" in str(said)


def test_wrong_extensions_and_strangers_are_told(tmp_path: Path):
    lot = tmp_path / "lot"
    write_pages(lot / "so", ["1.jpg"])
    (lot / "so" / "2.jpg").write_bytes(encoded(page(2), "PNG"))
    (lot / "so" / "3.tif").write_bytes(b"no image at all")
    (lot / "so" / "ghi chu.docx").write_bytes(b"PK a document")
    write_pages(lot / "other", ["1.jpg"])
    write_manifest(lot, book_row("so"))
    source = read(tmp_path, lot)
    assert [scan.name for scan in only_book(source).scans] == ["1.jpg", "2.jpg", "3.tif"]
    assert sorted(codes(source)) == [
        "skipped_file", "unlisted", "unreadable_scan", "wrong_extension",
    ]  # fmt: skip
    assert only_book(source).scans[1].path.endswith(".png")


def test_half_a_page_among_whole_ones_is_told(tmp_path: Path):
    lot = tmp_path / "lot"
    write_pages(lot / "so", [f"{n}.jpg" for n in range(1, 6)])
    half = page(9).crop((0, 0, 248, 175))
    (lot / "so" / "3.jpg").write_bytes(encoded(half))
    write_manifest(lot, book_row("so"))
    source = read(tmp_path, lot)
    assert [(said.code, said.where) for said in source.warnings] == [("odd_size", "so: 3.jpg")]
    assert "50%" in str(source.warnings[0])


def test_notices_survive_braces_in_names(tmp_path: Path):
    lot = tmp_path / "lot"
    write_pages(lot / "so", ["{0}.jpg"])
    (lot / "so" / "{x}.png").write_bytes(encoded(page(2)))
    write_manifest(lot, book_row("so"))
    assert "{x}.png" in str(read(tmp_path, lot).warnings[0])
