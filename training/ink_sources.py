"""What cells are filled with when the router learns: faces, machines and real hands.

A source draws one line of writing as ink (uint8, 255 = ink) with its base line. Sources are kept
apart whole: a face, a writer or a typed page of the test is never fitted on.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from xml.etree import ElementTree

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from pipeline.reading.hand.ink import ink_and_box
from pipeline.reading.router import Writing
from samples import fonts
from training.hand import draw
from training.hand.faces import latin_face, latin_families, more_presses
from training.hand.paper import bent
from training.hand.pens import plain
from training.hand.real import RealLine, load, split_source
from training.hand.strays import trimmed
from training.hand.text import field_text, line_text

Ink = NDArray[np.uint8]
KEPT = frozenset({"patrick-hand", "dancing-script", "playwrite-vn", "mansalva", "ms-madi", "charm",
                  "tinos", "open-sans", "dejavu-serif-condensed", "dejavu-mono"})  # fmt: skip
"""Families of the test."""
NO_HAND = frozenset({"pacifico", "lobster"})
"""Brush and sign faces with strokes no pen has."""
TYPED_KEPT = ("0104", "0159")
"""Typed pages of the test."""
_ITALIC = {
    "dejavu-serif-italic": "DejaVuSerif-Italic.ttf",
    "dejavu-sans-oblique": "DejaVuSans-Oblique.ttf",
    "dejavu-mono": "DejaVuSansMono.ttf",
}
"""More faces of the system, by file. The mono face lacks most Vietnamese letters: it stands for
type in figures and plain words."""


@dataclass(frozen=True)
class Tile:
    """Ink of one line, the row of its base line, and what stands there."""

    ink: Ink
    base: int
    text: str


@dataclass(frozen=True)
class Source:
    """Somebody or something that writes; ``lines`` are real ones, else a face is drawn."""

    name: str
    writing: Writing
    kept: bool
    family: str = ""
    lines: tuple[tuple[Ink, float, str], ...] = ()
    """Ink of real lines, the share of its height where letters stand, and text."""

    def tile(self, rng: random.Random, em: float, text: str = "", longest: int = 40) -> Tile:
        """A line in letters of ``em`` pixels; real lines say what they say."""
        if self.lines:
            return _real(self.lines, rng, em, longest)
        text = text or some_text(rng, longest)
        if self.family == "dejavu-mono":
            text = "".join(sign for sign in text if sign.isascii()) or "12"
        if self.writing is Writing.PRINTED:
            return _pressed(text, _face(self.family, em, rng.random() < 0.2))
        if self.writing is Writing.TYPED:
            return _typed(text, _face(self.family, em), rng)
        return _written(text, self.family, rng, em)


def some_text(rng: random.Random, longest: int = 40) -> str:
    """What may stand in a cell: long, short, and a lone figure now and then."""
    pick = rng.random()
    if pick < 0.12:
        return str(rng.choice((1, 1, 7, 4, rng.randint(1, 99), rng.randint(1, 31))))
    if pick < 0.2:
        return rng.choice(("Nam", "Nữ", "nam", "nữ", "Kinh", "Tày", "x", "V", "Mường", "kg", "CB"))
    text = field_text(rng) if pick < 0.85 else line_text(rng, longest)
    words = text.split(" ")
    while len(words) > 1 and len(" ".join(words)) > longest:
        words.pop()
    text = " ".join(words)
    return text.upper() if rng.random() < 0.08 else text


@lru_cache(maxsize=256)
def _file_face(name: str, size: float) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(
        str(fonts.DEJAVU / _ITALIC[name]), size, layout_engine=ImageFont.Layout.BASIC
    )


def _face(family: str, em: float, bold: bool = False) -> ImageFont.FreeTypeFont:
    size = float(round(em))
    if family in more_presses() + more_presses(typed=True):
        return latin_face(family, size)
    return _file_face(family, size) if family in _ITALIC else fonts.face(family, size, bold)


def _pressed(text: str, font: ImageFont.FreeTypeFont) -> Tile:
    left, top, right, bottom = font.getbbox(text, anchor="ls")
    size = (int(right - left) + 8, int(bottom - top) + 8)
    image = Image.new("L", size, 0)
    base = round(4 - top)
    ImageDraw.Draw(image).text((4 - left, base), text, fill=255, font=font, anchor="ls")
    return Tile(np.asarray(image, np.uint8), base, text)


def _typed(text: str, font: ImageFont.FreeTypeFont, rng: random.Random) -> Tile:
    """Letter by letter: each jumps a little, is struck harder or softer, or leans."""
    em = float(font.size)
    wide = font.getlength("n")
    canvas = np.zeros((round(2.4 * em), int(wide * len(text) + 2 * em)), np.uint8)
    base = round(1.5 * em)
    jump = rng.uniform(0.005, 0.04)
    for n, letter in enumerate(text):
        if letter == " ":
            continue
        glyph = _pressed(letter, font)
        tone = min(1.0, max(0.5, rng.gauss(0.9, 0.1)))
        ink = glyph.ink
        if rng.random() < 0.4:
            middle = (ink.shape[1] / 2, ink.shape[0] / 2)
            turn = cv2.getRotationMatrix2D(middle, rng.gauss(0, 0.8), 1.0)
            ink = np.asarray(cv2.warpAffine(ink, turn, ink.shape[::-1]), np.uint8)
        offset = (wide - ink.shape[1]) / 2
        x = round(em / 2 + n * wide + offset + rng.gauss(0, jump) * em)
        y = base - glyph.base + round(rng.gauss(0, jump) * em)
        part = canvas[max(0, y) : y + ink.shape[0], max(0, x) : x + ink.shape[1]]
        own = ink[max(0, -y) :, max(0, -x) :][: part.shape[0], : part.shape[1]]
        np.maximum(part, (own * tone).astype(np.uint8), out=part)
    return Tile(canvas, base, text)


def _written(text: str, family: str, rng: random.Random, em: float) -> Tile:
    """A face as a hand would write it: bent, slanted, stroke by stroke another pen."""
    ink = draw.write(text, rng, family)
    if rng.random() < 0.75:
        ink = bent(ink, rng)
    ink = trimmed(plain(ink, rng)[0], 2)
    scale = em / 56 * rng.uniform(0.95, 1.25)
    size = (max(2, round(ink.shape[1] * scale)), max(2, round(ink.shape[0] * scale)))
    small = np.asarray(cv2.resize(ink, size, interpolation=cv2.INTER_AREA), np.uint8)
    # Where letters stand is not known after bending: most ink lies above it.
    rows = np.cumsum(small.sum(axis=1, dtype=np.float64))
    return Tile(small, int(np.searchsorted(rows, 0.9 * rows[-1])), text)


def _real(
    lines: Sequence[tuple[Ink, float, str]], rng: random.Random, em: float, longest: int
) -> Tile:
    """A piece of a real line, cut between words."""
    ink, foot, text = rng.choice(lines)
    letters = max(4, len(text))
    share = min(1.0, rng.choice((2, 4, 8, 14, longest)) / letters)
    width = max(12, round(ink.shape[1] * share))
    if width < ink.shape[1]:
        gaps = _gaps(ink)
        first = rng.choice([0, *[gap for gap in gaps if gap < ink.shape[1] - width]])
        last = min((gap for gap in gaps if gap > first + 0.6 * width), default=ink.shape[1])
        ink = ink[:, first:last]
    # From top to bottom a line is some two em high.
    scale = 1.7 * em / ink.shape[0] * rng.uniform(0.8, 1.2)
    size = (max(2, round(ink.shape[1] * scale)), max(2, round(ink.shape[0] * scale)))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = np.asarray(cv2.resize(ink, size, interpolation=how), np.uint8)
    return Tile(small, round(foot * small.shape[0]), text)


def _gaps(ink: Ink) -> list[int]:
    """Middles of what is empty between words."""
    empty = np.concatenate(([0], (ink.max(axis=0) < 60).astype(np.int8), [0]))
    edges = np.flatnonzero(np.diff(empty))
    least = max(4, ink.shape[0] // 6)
    pairs = zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
    return [(a + b) // 2 for a, b in pairs if b - a >= least and a > 0 and b < ink.shape[1]]


def faces(kept: bool) -> Iterator[Source]:
    """Faces of this machine, those of the test or the others."""
    families = (*draw.hands(), *draw.hands(True), *latin_families())
    hands = [name for name in families if name not in NO_HAND]
    groups = (
        (Writing.HAND, hands),
        (
            Writing.PRINTED,
            [
                *fonts.print_families(),
                "dejavu-serif-italic",
                "dejavu-sans-oblique",
                *more_presses(),
            ],
        ),
        (Writing.TYPED, [*fonts.type_families(), "dejavu-mono", *more_presses(typed=True)]),
    )
    for writing, names in groups:
        for name in names:
            if (name in KEPT) == kept:
                yield Source(name, writing, kept, name)


def real_hands(folder: Path, kept: bool) -> Iterator[Source]:
    """Writers of a folder of lines, parted as for the net: a writer is on one side only."""
    split = split_source(folder)
    by_writer: dict[str, list[RealLine]] = {}
    for n, line in enumerate(load(split.kept if kept else split.train, folder.name)):
        # Unknown writers: some lines that follow one another, as often drawn as one hand's.
        writer = line.writer if line.writer != "?" else f"?{n // 40}"
        by_writer.setdefault(writer, []).append(line)
    for writer, lines in sorted(by_writer.items()):
        cut = tuple(
            (
                _unruled(line.ink[max(0, round(line.box[0])) : round(line.box[1]) + 1]),
                0.72,
                line.text,
            )
            for line in lines
        )
        yield Source(f"{folder.name}/{writer}", Writing.HAND, kept, lines=cut)


def _unruled(ink: Ink) -> Ink:
    """Without the rules of the form it was written on: they say nothing of the hand."""
    mask = np.where(ink > 60, 255, 0).astype(np.uint8)
    long, tall = max(20, round(1.3 * len(ink))), max(12, round(0.9 * len(ink)))
    lines = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((1, long), np.uint8))
    stems = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((tall, 1), np.uint8))
    both = cv2.bitwise_or(lines, stems)
    return np.where(cv2.dilate(both, np.ones((3, 5), np.uint8)) > 0, 0, ink).astype(np.uint8)


def typed_pages(folder: Path, kept: bool) -> Iterator[Source]:
    """Typed pages of real machines with their lines in ALTO, a source a page."""
    for path in sorted(folder.glob("*.xml")):
        if any(part in path.name for part in TYPED_KEPT) != kept:
            continue
        page = cv2.imread(str(path.with_suffix(".jpg")), cv2.IMREAD_GRAYSCALE)
        lines = _alto_lines(np.asarray(page, np.uint8), path, "Typewritten")
        if lines:
            yield Source(f"typed/{path.stem}", Writing.TYPED, kept, lines=tuple(lines))


def _alto_lines(page: Ink, path: Path, label: str) -> list[tuple[Ink, float, str]]:
    tree = ElementTree.parse(path)
    space = {"a": tree.getroot().tag.split("}")[0].strip("{")}
    wanted = {
        tag.get("ID")
        for tag in tree.iterfind(".//a:OtherTag", space)
        if label in (tag.get("LABEL") or "")
    }
    found = []
    for line in tree.iterfind(".//a:TextLine", space):
        if line.get("TAGREFS") not in wanted:
            continue
        left, top, width, height = (
            round(float(line.get(name) or 0)) for name in ("HPOS", "VPOS", "WIDTH", "HEIGHT")
        )
        seen = ink_and_box(page[top : top + height, left : left + width])
        if seen is None:
            continue
        ink, (high, low, begin, end) = seen
        text = " ".join(s.get("CONTENT") or "" for s in line.iterfind("a:String", space))
        found.append((ink[max(0, high) : low, begin:end], 0.75, text))
    return found
