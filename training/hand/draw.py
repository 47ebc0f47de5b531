"""Writes lines with fonts as hands do: joined, wobbling, with marks that stray.

A drawing is ink only (uint8, 255 = ink). Paper and pen come later (``training.hand.paper``).
"""

from __future__ import annotations

import random
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from samples.fonts import face, hand_families, installed, print_families, type_families
from training.hand.faces import lacking, latin_face, latin_families
from training.hand.scribbles import TONES, joined, marks_of, scribble, struck_through

Ink = NDArray[np.uint8]

MORE_HANDS = (
    "alex-brush",
    "bad-script",
    "birthstone",
    "charmonman",
    "corinthia",
    "ephesis",
    "great-vibes",
    "licorice",
    "lobster",
    "montecarlo",
    "ms-madi",
    "oooh-baby",
    "pacifico",
    "smooch",
    "whisper",
    "amatic-sc",
    "kodchasan",
    "mansalva",
    "playpen-sans",
    "shantell-sans",
    "twinkle-star",
)
UNSEEN = ("charm", "patrick-hand", "ms-madi", "mansalva")
"""Families that training never writes with: they measure how new hands are borne."""

_EM = 56
_INKED, _TOUCHING = 100, 5
_MOST_HIDDEN = 0.5
"""Share of a mark that may touch other strokes: *Tuấn* must not become *Tuân*."""
_JOINABLE = frozenset("abcdđeghiklmnopqrstuvxyăâêôơư")


@lru_cache(maxsize=2)
def hands(unseen: bool = False) -> tuple[str, ...]:
    """Handwriting families on this machine, those kept back or the others."""
    found = [*hand_families(), *(family for family in MORE_HANDS if installed(family))]
    return tuple(family for family in dict.fromkeys(found) if (family in UNSEEN) == unseen)


@dataclass(frozen=True)
class Hand:
    """A face to write with, and the letters whose marks must be put by hand."""

    font: ImageFont.FreeTypeFont
    lacks: frozenset[str] = frozenset()

    def apart(self, letter: str, mess: float, rng: random.Random) -> tuple[str, str]:
        """Letter and marks to write one after the other; no marks where the face has them."""
        if letter in self.lacks:
            base, marks = marks_of(letter, every=True)
            return ("ı" if base == "i" and "ı" not in self.lacks else base), marks
        return marks_of(letter) if rng.random() < mess else (letter, "")


@lru_cache(maxsize=1)
def presses() -> tuple[str, ...]:
    """Print and typewriter families."""
    return (*print_families(), *type_families(), *type_families())


def write(text: str, rng: random.Random, family: str) -> Ink:
    """The text in one line, letters of some 56 px, as one hand of this family would."""
    latin = family in latin_families()
    hand = (
        Hand(latin_face(family, float(_EM)), lacking(family))
        if latin
        else Hand(face(family, float(_EM)))
    )
    style = rng.random()
    if family in presses() or (style < 0.12 and not latin):
        return _plain(text, hand.font)
    if style < 0.6:
        return _by_word(text, hand, rng)
    return _by_letter(text, hand, rng)


def corrected(text: str, slip: str, rng: random.Random, family: str) -> Ink:
    """The text with a slip of the pen before it, heavily struck out: the text alone counts."""
    wrong = np.asarray(write(slip, rng, family))
    struck_through(wrong, 4, wrong.shape[1] - 4, rng)
    right = write(text, rng, family)
    tall = max(wrong.shape[0], right.shape[0])
    parts = [
        np.pad(ink, ((0, tall - ink.shape[0]), (0, rng.randint(4, 18)))) for ink in (wrong, right)
    ]
    return np.concatenate(parts, axis=1)


def _plain(text: str, font: ImageFont.FreeTypeFont) -> Ink:
    left, top, right, bottom = font.getbbox(text)
    image = Image.new("L", (int(right - left) + 12, int(bottom - top) + 8), 0)
    ImageDraw.Draw(image).text((6 - left, 4 - top), text, fill=255, font=font)
    return np.asarray(image, np.uint8).copy()


def _by_word(text: str, hand: Hand, rng: random.Random) -> Ink:
    """Whole words, each a little higher, larger, more slanted than the last; marks stray."""
    blank = hand.font.getlength(" ") * rng.uniform(0.5, 1.9)
    rise, stray = rng.uniform(0, 3.0), rng.uniform(0, 0.22)
    mess = rng.uniform(0, 1) if rng.random() < 0.5 else 0.0
    lean = rng.uniform(0, 0.09)
    swell = rng.gauss(0, 0.08)
    words = text.split(" ")
    pieces: list[tuple[Ink, float]] = []
    for n, word in enumerate(words):
        piece = _word(word, hand, rng, stray, mess)
        if lean > 0.03:
            piece = _leaning(piece, rng.gauss(0, lean))
        size = rng.gauss(1.0, 0.05) + swell * (n / len(words) - 0.5)
        if abs(size - 1) > 0.02:
            piece = _resized(piece, size * rng.gauss(1, 0.04), size)
        pieces.append((piece, rng.gauss(0, rise)))
    return _laid(pieces, blank)


def _leaning(piece: Ink, slant: float) -> Ink:
    """A word slanted about its base line."""
    move = np.array([[1, -slant, 1.75 * _EM * slant], [0, 1, 0]], np.float32)
    return np.asarray(cv2.warpAffine(piece, move, piece.shape[::-1]), np.uint8)


def _word(word: str, hand: Hand, rng: random.Random, stray: float, mess: float) -> Ink:
    """A word on a canvas of fixed height, its tone marks drawn apart and put down carelessly.

    ``mess`` is the share of letters whose marks are put by hand, not taken from the face.
    """
    font = hand.font
    if hand.lacks or (mess and rng.random() < 0.8):
        return _messy(word, hand, rng, mess)
    width = int(font.getlength(word)) + 24
    canvas = Image.new("L", (width, 3 * _EM), 0)
    draw = ImageDraw.Draw(canvas)
    if stray < 0.04 or rng.random() < 0.3:
        draw.text((12, _EM), word, fill=255, font=font)
        return np.asarray(canvas, np.uint8).copy()
    bare = "".join(_without_tone(letter)[0] for letter in word)
    draw.text((12, _EM), bare, fill=255, font=font)
    ink = np.asarray(canvas, np.uint8).copy()
    late = rng.uniform(-0.03, 0.12) * _EM
    for n, letter in enumerate(word):
        base, tone = _without_tone(letter)
        if tone:
            at = 12 + font.getlength(bare[:n])
            shift = (at + rng.gauss(late, stray * _EM), _EM + rng.gauss(0, stray * 0.45 * _EM))
            mark = _mark(letter, base, font)
            size = rng.gauss(1, 0.12)
            put = _resized(mark, size, size)
            if _hidden(ink, put, *shift) > _MOST_HIDDEN:  # no eye could tell it is there
                put, shift = mark, (at, float(_EM))
            _put(ink, put, *shift)
    return ink


def _messy(word: str, hand: Hand, rng: random.Random, mess: float) -> Ink:
    """A word whose letters stand bare, with marks by hand: merged, displaced, half a letter on."""
    font = hand.font
    split = [hand.apart(letter, mess, rng) for letter in word]
    bare = "".join(base for base, _ in split)
    canvas = Image.new("L", (int(font.getlength(bare)) + 30, 3 * _EM), 0)
    ImageDraw.Draw(canvas).text((12, _EM), bare, fill=255, font=font)
    ink = np.asarray(canvas, np.uint8).copy()
    pen = rng.choice((2, 2, 3))
    late = rng.uniform(-1, 5)
    for n, (base, marks) in enumerate(split):
        if marks:
            at = 12 + font.getlength(bare[:n]) + late
            left, top, right, bottom = font.getbbox(base)
            scribble(ink, marks, (at + left, _EM + top, at + right, _EM + bottom), pen, rng)
    return ink


@lru_cache(maxsize=4096)
def _mark(letter: str, base: str, font: ImageFont.FreeTypeFont) -> Ink:
    """The tone mark of a letter alone: what the letter has and its base has not."""
    size = (int(font.getlength(letter)) + 24, 3 * _EM)
    drawn = []
    for sign in (letter, base):
        image = Image.new("L", size, 0)
        ImageDraw.Draw(image).text((12, _EM), sign, fill=255, font=font)
        drawn.append(np.asarray(image, np.uint8))
    grown = cv2.dilate(drawn[1], np.ones((3, 3), np.uint8))
    return np.asarray(cv2.subtract(drawn[0], grown), np.uint8)


def _without_tone(letter: str) -> tuple[str, str]:
    parts = unicodedata.normalize("NFD", letter)
    tone = "".join(sign for sign in parts if sign in TONES)
    if not tone or letter in "iI":
        return letter, ""
    base = "".join(sign for sign in parts if sign not in TONES)
    return unicodedata.normalize("NFC", base), tone


def _by_letter(text: str, hand: Hand, rng: random.Random) -> Ink:
    """Letter by letter, each with a shake of its own; words drift up and down."""
    font = hand.font
    shake, grow, tilt = rng.uniform(0, 2.2), rng.uniform(0, 0.08), rng.uniform(0, 5)
    space = font.getlength(" ") * rng.uniform(0.6, 1.9)
    tight = rng.uniform(-0.07, 0.09) * _EM
    width = int(font.getlength(text) * 1.3 + (abs(tight) + 4) * len(text) + space * 8 + 60)
    canvas = np.zeros((3 * _EM, width), np.uint8)
    at, drift = 12.0, 0.0
    mess = rng.uniform(0, 1) if rng.random() < 0.35 else 0.0
    rows = _body(font) if rng.random() < 0.5 else None
    last: tuple[Ink, int] | None = None
    for n, letter in enumerate(text):
        if letter == " ":
            at += space * rng.uniform(0.8, 1.25)
            drift, last = rng.gauss(0, shake), None
            continue
        base, marks = hand.apart(letter, mess, rng)
        piece = _marked(base, marks, font, rng) if marks else _letter(letter, font)
        angle, size = rng.gauss(0, tilt), rng.gauss(1, grow)
        if abs(angle) > 1 or abs(size - 1) > 0.02:
            turn = cv2.getRotationMatrix2D((piece.shape[1] / 2, 1.75 * _EM), angle, size)
            piece = np.asarray(cv2.warpAffine(piece, turn, piece.shape[::-1]), np.uint8)
        down = round(drift + rng.gauss(0, shake * 0.6))
        _put(canvas, piece, at, _EM + down)
        small = base.lower() == base and marks_of(base)[0] in _JOINABLE
        if rows and last and small:
            joined(canvas, last[0], piece, rows, (last[1], round(at - 12)))
        last = (piece, round(at - 12)) if small else None
        following = text[n : n + 2]
        step = font.getlength(following) - font.getlength(following[1:])
        at += step * size + tight + rng.gauss(0, 0.6)
    return canvas[:, : min(width, int(at) + 24)]


def _body(font: ImageFont.FreeTypeFont) -> tuple[int, int]:
    """Rows of the top of small letters and of the base line in a letter's canvas."""
    _, top, _, bottom = font.getbbox("x")
    return int(_EM + top), int(_EM + bottom)


def _marked(base: str, marks: str, font: ImageFont.FreeTypeFont, rng: random.Random) -> Ink:
    """A letter with marks by hand."""
    ink = _letter(base, font).copy()
    left, top, right, bottom = font.getbbox(base)
    box = (12 + left, _EM + top, 12 + right, _EM + bottom)
    scribble(ink, marks, box, rng.choice((2, 2, 3)), rng)
    return ink


@lru_cache(maxsize=8192)
def _letter(letter: str, font: ImageFont.FreeTypeFont) -> Ink:
    image = Image.new("L", (int(font.getlength(letter)) + 24 + _EM // 2, 3 * _EM), 0)
    ImageDraw.Draw(image).text((12, _EM), letter, fill=255, font=font)
    return np.asarray(image, np.uint8)


def _put(canvas: Ink, piece: Ink, left: float, top: float) -> None:
    """Lays a piece (its own origin at 12 px, one em down) on a canvas, ink over ink."""
    part, own = _under(canvas, piece, left, top)
    part[...] = np.maximum(part, own)


def _hidden(canvas: Ink, piece: Ink, left: float, top: float) -> float:
    """Share of a piece's ink that would touch other ink, or fall beside the canvas."""
    part, own = _under(canvas, piece, left, top)
    if not part.size:
        return 1.0
    near = cv2.dilate(part, np.ones((_TOUCHING, _TOUCHING), np.uint8))
    clear = int(np.count_nonzero((own > _INKED) & (near <= _INKED)))
    return 1 - clear / max(1, int(np.count_nonzero(piece > _INKED)))


def _under(canvas: Ink, piece: Ink, left: float, top: float) -> tuple[Ink, Ink]:
    """The part of a canvas that a piece would lie on, and that part of the piece; may be empty."""
    x, y = round(left - 12), round(top - _EM)
    height, width = piece.shape
    x0, y0 = max(0, x), max(0, y)
    x1, y1 = max(x0, min(canvas.shape[1], x + width)), max(y0, min(canvas.shape[0], y + height))
    return canvas[y0:y1, x0:x1], piece[y0 - y : y1 - y, x0 - x : x1 - x]


def _resized(piece: Ink, across: float, down: float) -> Ink:
    """Larger or smaller about the base line (1.75 em down) on the same height."""
    height, width = piece.shape
    across, down = max(0.6, across), max(0.6, down)
    move = np.array([[across, 0, 0], [0, down, 1.75 * _EM * (1 - down)]], np.float32)
    return np.asarray(cv2.warpAffine(piece, move, (max(2, int(width * across)), height)), np.uint8)


def _laid(pieces: list[tuple[Ink, float]], blank: float) -> Ink:
    width = int(sum(piece.shape[1] - 24 + blank for piece, _ in pieces) + 60)
    canvas = np.zeros((3 * _EM, width), np.uint8)
    at = 12.0
    for piece, rise in pieces:
        _put(canvas, piece, at, _EM + rise)
        at += piece.shape[1] - 24 + blank
    return canvas
