"""Hands a book over the way contractors do: a folder of JPEG, a PDF, a multi-page TIFF; a zip."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import pikepdf
from PIL import Image

from pipeline.form.schema import Form, load_forms
from pipeline.settings import PROJECT
from samples.book import BookSpec, SamplePage, book_truth, draw_hand, make_book
from samples.pen import Hand
from samples.printer import draw_printer

COLUMNS = ("path", "unit", "district", "kind", "year", "volume", "note")
_STILL = (2009, 1, 1, 0, 0, 0)
"""Time stamp inside archives, so that the same seed gives the same bytes."""


def write_book(spec: BookSpec, folder: Path) -> dict[str, Any]:
    """Make a book and write its scans below ``folder``; returns its truth.

    ``spec.path`` decides the form: ``.pdf``, ``.tif`` or a folder of JPEG.
    """
    form, hand = _form_and_hand(spec)
    target = folder / spec.path
    one_file = target.suffix in (".pdf", ".tif")
    (target.parent if one_file else target).mkdir(parents=True, exist_ok=True)
    scans: list[dict[str, Any]] = []
    pictures: list[bytes | Image.Image] = []
    for number, page in enumerate(make_book(spec), start=1):
        name = f"{target.name}#{number}" if one_file else f"{number:04d}.jpg"
        scans.append({"name": name, **page.truth})
        if one_file:
            is_pdf = target.suffix == ".pdf"
            pictures.append(jpeg(page, spec) if is_pdf else Image.fromarray(page.picture))
        else:
            (target / name).write_bytes(jpeg(page, spec))
    if target.suffix == ".pdf":
        _pdf([data for data in pictures if isinstance(data, bytes)], scans, target)
    elif target.suffix == ".tif":
        _tiff([page for page in pictures if isinstance(page, Image.Image)], spec, target)
    return book_truth(spec, form, hand, scans)


def _form_and_hand(spec: BookSpec) -> tuple[Form, Hand]:
    if spec.pool:
        from samples.eras.book import open_book

        form, _, hand = open_book(spec)
        return form, hand
    form = load_forms(PROJECT / "ocr_config")[spec.form]
    printer = draw_printer(form, spec.printer or spec.seed)
    return form, draw_hand(spec, printer, form.layout == "ledger")


def jpeg(page: SamplePage, spec: BookSpec) -> bytes:
    """The scan as a JPEG file that carries its resolution."""
    buffer = io.BytesIO()
    Image.fromarray(page.picture).save(
        buffer, "JPEG", quality=spec.quality, dpi=(page.truth["dpi"],) * 2, optimize=True
    )
    return buffer.getvalue()


def _pdf(jpegs: Sequence[bytes], scans: Sequence[dict[str, Any]], target: Path) -> None:
    """A scan PDF: each page is nothing but its JPEG, embedded as it is."""
    with pikepdf.new() as pdf:
        for data, scan in zip(jpegs, scans, strict=True):
            width, height, dpi = scan["width"], scan["height"], scan["dpi"]
            size = (width * 72 / dpi, height * 72 / dpi)
            image = pikepdf.Stream(pdf, data)
            image.stream_dict = pikepdf.Dictionary(
                Type=pikepdf.Name.XObject,
                Subtype=pikepdf.Name.Image,
                Width=width,
                Height=height,
                ColorSpace=pikepdf.Name.DeviceGray,
                BitsPerComponent=8,
                Filter=pikepdf.Name.DCTDecode,
            )
            page = pdf.add_blank_page(page_size=size)
            page.obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=image))
            page.obj.Contents = pikepdf.Stream(
                pdf, f"q {size[0]:.3f} 0 0 {size[1]:.3f} 0 0 cm /Im0 Do Q".encode()
            )
        pdf.save(target, deterministic_id=True)


def _tiff(pages: Sequence[Image.Image], spec: BookSpec, target: Path) -> None:
    pages[0].save(
        target,
        "TIFF",
        save_all=True,
        append_images=pages[1:],
        compression="jpeg",
        quality=spec.quality,
        dpi=(spec.dpi, spec.dpi),
    )


def write_manifest(specs: Sequence[BookSpec], folder: Path) -> None:
    """``manifest.csv`` of a batch."""
    forms = load_forms(PROJECT / "ocr_config")
    with (folder / "manifest.csv").open("w", encoding="utf-8", newline="") as out:
        table = csv.writer(out, lineterminator="\n")
        table.writerow(COLUMNS)
        for spec in specs:
            kind = forms[spec.form].kind.value
            table.writerow(
                (spec.path, spec.unit, spec.district, kind, spec.year, spec.volume, spec.note)
            )


def write_truth(truth: dict[str, Any], folder: Path) -> None:
    """The truth file of a book, named after its path."""
    name = Path(truth["path"]).name.removesuffix(".pdf").removesuffix(".tif")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(_json(truth), encoding="utf-8")


def _json(truth: dict[str, Any]) -> str:
    """JSON with one line a field: small, and a change shows where it is."""

    def dump(value: object) -> str:
        return json.dumps(value, ensure_ascii=False)

    scans = []
    for scan in truth["scans"]:
        entries = []
        for entry in scan["entries"]:
            fields = ",\n   ".join(map(dump, entry["fields"]))
            entries.append(f'\n  {{"number": {dump(entry["number"])}, "fields": [\n   {fields}]}}')
        head = dump({key: value for key, value in scan.items() if key != "entries"})
        scans.append(f' {head[:-1]}, "entries": [{",".join(entries)}]}}')
    head = dump({key: value for key, value in truth.items() if key != "scans"})
    return f'{head[:-1]}, "scans": [\n' + ",\n".join(scans) + "\n]}\n"


def zip_folder(folder: Path, target: Path) -> None:
    """A batch as one archive, entries in order and with a fixed time."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), _STILL)
                archive.writestr(entry, path.read_bytes())


def single_thread() -> None:
    """OpenCV on one thread: pictures must not depend on the machine."""
    cv2.setNumThreads(1)
