"""Small real files for tests of the intake: images, PDFs, manifests, batches."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import cv2
import numpy as np
import pikepdf
from PIL import Image

from pipeline.errors import UnknownUnitError
from pipeline.scan.store import ScanStore
from pipeline.settings import Settings
from pipeline.types import ScanRef

SETTINGS = Settings(max_megapixels=50)


def find_unit(unit: str, district: str, year: int) -> str:
    """A gazetteer of two communes and a district."""
    known = {
        "Xã An Thắng": "an-thang",
        "Xã Tân Dân": "tan-dan",
        "An Lão": "an-lao",
    }
    if unit not in known:
        raise UnknownUnitError(f"“{unit}”, {district}, {year}", nearest="Xã An Thắng")
    return known[unit]


def page(number: int = 1, size: tuple[int, int] = (248, 350)) -> Image.Image:
    """A grey page with writing that depends on its number."""
    width, height = size
    grey = np.full((height, width), 230, np.uint8)
    rng = np.random.default_rng(number)
    for y in range(height // 10, height * 9 // 10, max(12, height // 20)):
        word = "".join(rng.choice(list("nguyenvanthi"), 9))
        scale = height / 700
        cv2.putText(grey, word, (width // 8, y), cv2.FONT_HERSHEY_SIMPLEX, scale, 40, 1)
    return Image.fromarray(grey)


def encoded(image: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    """The bytes of an image file."""
    out = io.BytesIO()
    image.save(out, kind, **options)  # type: ignore[arg-type]
    return out.getvalue()


def write_pages(folder: Path, names: list[str], first: int = 1) -> None:
    """JPEG pages under the names given, each different."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, name in enumerate(names, first):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encoded(page(number), dpi=(30, 30)))


def pdf_of_images(jpegs: list[bytes], points: tuple[float, float] = (595, 842)) -> pikepdf.Pdf:
    """A PDF as scanners make it: each page one JPEG over the whole page."""
    pdf = pikepdf.new()
    for data in jpegs:
        with Image.open(io.BytesIO(data)) as image:
            width, height = image.size
            space = {"L": "/DeviceGray", "RGB": "/DeviceRGB", "CMYK": "/DeviceCMYK"}[image.mode]
        stream = pikepdf.Stream(
            pdf,
            data,
            Type=pikepdf.Name.XObject,
            Subtype=pikepdf.Name.Image,
            Width=width,
            Height=height,
            ColorSpace=pikepdf.Name(space),
            BitsPerComponent=8,
            Filter=pikepdf.Name.DCTDecode,
        )
        add_page(pdf, {"/Im0": stream}, f"q {points[0]} 0 0 {points[1]} 0 0 cm /Im0 Do Q", points)
    return pdf


def add_page(
    pdf: pikepdf.Pdf,
    images: dict[str, pikepdf.Stream],
    content: str,
    points: tuple[float, float] = (595, 842),
) -> pikepdf.Page:
    """A page with its images and its content stream."""
    return pdf.pages.append(
        pikepdf.Page(
            pikepdf.Dictionary(
                Type=pikepdf.Name.Page,
                MediaBox=[0, 0, *points],
                Resources=pikepdf.Dictionary(XObject=pikepdf.Dictionary(images)),
                Contents=pdf.make_stream(content.encode()),
            )
        )
    )


def raw_image(pdf: pikepdf.Pdf, grey: np.ndarray, **entries: object) -> pikepdf.Stream:
    """An uncompressed 8-bit grey image for a PDF."""
    return pikepdf.Stream(
        pdf,
        grey.tobytes(),
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image,
        Width=grey.shape[1],
        Height=grey.shape[0],
        ColorSpace=pikepdf.Name.DeviceGray,
        BitsPerComponent=8,
        **entries,
    )


def write_manifest(folder: Path, *rows: tuple[object, ...]) -> None:
    """manifest.csv with the columns of the interface."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "manifest.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("path", "unit", "district", "kind", "year", "volume", "note"))
        writer.writerows(rows)


def book_row(path: str, **changes: object) -> tuple[object, ...]:
    """A manifest row that is right in everything but what is changed."""
    row: dict[str, object] = {
        "path": path,
        "unit": "Xã An Thắng",
        "district": "Huyện An Lão",
        "kind": "KS",
        "year": 1998,
        "volume": "01",
        "note": "",
    }
    return tuple((row | changes).values())


def store_in(tmp_path: Path) -> ScanStore:
    """A new store."""
    return ScanStore(tmp_path / "scans")


def ref_to(path: Path, root: Path, index: int = 0) -> ScanRef:
    """A reference to a file as if it lay in a store at ``root``."""
    return ScanRef(path.relative_to(root).as_posix(), index, 1, "0" * 64, path.name)
