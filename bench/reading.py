"""What reading hands costs: ``python -m bench.reading`` prints figures of one core, in one run.

Cells and lines are drawn in handwriting faces (``--lines FOLDER`` takes real lines instead for
the long ones). An opening of 20 rows of 12 handwritten fields is read as in production; memory is
the peak until then. Then each step is timed apart in CPU time of this process, and Tesseract
reads the same lines.
"""

from __future__ import annotations

import os
import random
import resource
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, TypeVar

import cv2
import numpy as np
import typer
from PIL import Image, ImageDraw

from pipeline.places import load_gazetteer
from pipeline.places.written import place_names
from pipeline.reading.guide import Guide
from pipeline.reading.hand.decode import decode
from pipeline.reading.hand.reader import HandRecognizer, hand_recognizer, seen
from pipeline.reading.lines import line_files, raw_crop
from pipeline.reading.recognizer import TesseractRecognizer, field_type, recognizer
from pipeline.settings import PROJECT, load_settings
from pipeline.types import Crop, Grey, Kind
from pipeline.values import Context
from pipeline.values.guide import guide_of
from samples.fonts import face, hand_families

T = TypeVar("T")
CONFIG = PROJECT / "ocr_config"
DPI = 200.0
_UNIT, _YEAR = "Xã An Thái, Huyện An Lão", 1979
_SHORT = (
    ("entry_number", "17"), ("birth_date", "12/5/1974"), ("sex", "Nữ"), ("ethnicity", "Kinh"),
    ("nationality", "Việt Nam"), ("registration_date", "3.1.1979"), ("notes", "Không"),
    ("father_full_name", "Lê Văn An"), ("birth_place", "An Thái"),
)  # fmt: skip
_LONG = (
    ("birth_place", "thôn Đoài, xã An Thái, huyện An Lão, Hải Phòng"),
    ("notes", "Đăng ký quá hạn theo quyết định của Ủy ban nhân dân xã"),
    ("birth_place", "Trạm y tế xã Quốc Tuấn, huyện An Lão, thành phố Hải Phòng"),
)
_ROW = (
    ("entry_number", "17"), ("child_full_name", "Nguyễn Thị Hồng Vân"), ("sex", "Nữ"),
    ("birth_date", "12/5/1979"), ("birth_place", "An Thái, An Lão"), ("ethnicity", "Kinh"),
    ("nationality", "Việt Nam"), ("father_full_name", "Nguyễn Văn Thành"),
    ("mother_full_name", "Phạm Thị Mai"), ("registration_date", "20/5/1979"),
    ("birth_place", "xã An Thái, huyện An Lão"), ("notes", "-nt-"),
)  # fmt: skip


def drawn(text: str, family: str, rng: random.Random) -> Grey:
    """A text written in a face on uneven paper, as a crop at ``DPI`` would show it."""
    font = face(family, rng.uniform(34, 44))
    box = font.getbbox(text)
    size = (int(box[2]) + 30, int(box[3] - min(0, box[1])) + 24)
    image = Image.new("L", size, 225)
    ImageDraw.Draw(image).text((12, 10), text, font=font, fill=rng.randint(40, 90))
    noise = np.random.default_rng(rng.randint(0, 1 << 30)).normal(0, 5, (size[1], size[0]))
    return np.clip(np.asarray(image, np.float64) + noise, 0, 255).astype(np.uint8)


def crops_of(fields: Sequence[tuple[str, str]], count: int) -> list[Crop]:
    """So many cells, texts and faces in turn; always the same."""
    rng = random.Random("bench reading")
    families = hand_families()
    if not families:
        raise typer.BadParameter("no handwriting faces: ./run setup")
    return [
        Crop(drawn(fields[n % len(fields)][1], families[n % len(families)], rng), DPI, field)
        for n in range(count)
        for field in [fields[n % len(fields)][0]]
    ]


def _timed(work: Callable[[], T]) -> tuple[T, float]:
    began = time.process_time()
    answer = work()
    return answer, time.process_time() - began


def steps(name: str, crops: Sequence[Crop], reader: HandRecognizer, guide: Guide) -> None:
    """Milliseconds a cell of each step, and cells a second of all."""
    letters, model = reader.net.card.letters, reader.model
    maps, ink = _timed(lambda: [seen(crop.image) for crop in crops])
    _, single = _timed(lambda: [reader.net.posteriors([one]) for one in maps])
    posteriors, net = _timed(lambda: reader.net.posteriors(maps))
    fields = [(crop.field, field_type(crop.field)) for crop in crops]

    def all_decoded() -> None:
        for (field, kind), own in zip(fields, posteriors, strict=True):
            decode([own], letters, field, kind, guide, model)

    _, decoding = _timed(all_decoded)
    each = 1000 / len(crops)
    width = np.mean([one.shape[1] for one in maps])
    print(
        f"{name}: {len(crops)} of {width:.0f} columns · ms each: level and ink {ink * each:.2f}, "
        f"net {net * each:.2f} (one by one {single * each:.2f}), decoding {decoding * each:.2f} · "
        f"{len(crops) / (ink + net + decoding):.0f} a CPU second"
    )


def main(
    lines: Annotated[Path | None, typer.Option(help="folder of real long lines")] = None,
    count: Annotated[int, typer.Option(help="cells and lines of each kind")] = 120,
) -> None:
    """Measures and prints."""
    os.environ["OMP_THREAD_LIMIT"] = "1"
    cv2.setNumThreads(1)
    reader = hand_recognizer(CONFIG)
    names = place_names(load_gazetteer(CONFIG), _UNIT, _YEAR)
    guide = guide_of(Context(Kind.BIRTH, _YEAR), CONFIG, names)
    names("birth_place")
    reader.read(crops_of(_ROW, 12), guide)  # what is loaded once is loaded
    opening = crops_of(_ROW, 20 * 12)
    _, seconds = _timed(lambda: reader.read(opening, guide))
    print(f"opening of 20 x 12 handwritten fields: {seconds:.2f} CPU s")
    # Before lines are held in hundreds for the clock, which no page does.
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    print(f"memory of the reading process: {peak:.0f} MB at its peak")
    short = crops_of(_SHORT, count)
    if lines:
        files = line_files(lines)[:: max(1, len(line_files(lines)) // count)][:count]
        long = [raw_crop(file.path, "birth_place", 100) for file in files]
    else:
        long = crops_of(_LONG, count)
    steps("short cells", short, reader, guide)
    steps("long lines", long, reader, guide)
    printed = recognizer("tesseract", load_settings().ocr_languages, CONFIG)
    assert isinstance(printed, TesseractRecognizer)
    for name, crops in (("short cells", short), ("long lines", long)):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        _, own = _timed(lambda crops=crops: printed.read(crops))  # type: ignore[misc]
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent = own + after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        print(f"Tesseract, {name}: {len(crops) / spent:.0f} a CPU second")


if __name__ == "__main__":
    typer.run(main)
