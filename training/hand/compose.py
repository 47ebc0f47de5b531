"""Writes a text in a real hand with the pieces cut out of its lines.

Words the hand wrote are taken whole; others are put together of as few pieces as can be.
Capitals with marks that the hand never wrote are made of its capital and of a mark over one of
its small letters, or of a small letter of the same shape, enlarged.
"""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.reading.hand.ink import InkLine
from training.hand.pieces import BASE, LOOSE, TALL, Piece, Pieces, Place
from training.hand.scribbles import DOT
from training.hand.standing import BODY

_MOST_PARTS = 4
_ALIKE = frozenset("cosuvxzpkơưôwy")
"""Small letters (without tone) that look like their capitals."""
_RISE = 1.5
_SET_DOWN = 3
"""Rows that a piece is moved at most to stand on the base line; more is a tail, or a speck."""
_DEEP = frozenset("gpqyjPQ/.,;-()'\"f")
"""Signs that go below the base line, or do not stand on it."""


@dataclass(frozen=True)
class Manner:
    """How one line is written: room between words and signs (columns), unrest."""

    blank: float
    tight: float
    unrest: float
    drift: float

    @staticmethod
    def of(rng: random.Random) -> Manner:
        """One by chance."""
        return Manner(
            rng.uniform(5, 16), rng.uniform(-0.8, 1.5), rng.uniform(0, 1.3), rng.gauss(0, 0.006)
        )


def written(text: str, pieces: Pieces, rng: random.Random, whole: bool = False) -> InkLine | None:
    """The text in this hand, ``(TALL, width)``; None where pieces are missing.

    ``whole`` takes words as the hand wrote them, and only signs that stand apart one by one.
    """
    manner = Manner.of(rng)
    words = [_word(word, pieces, rng, whole) for word in text.split(" ")]
    found = [word for word in words if word is not None]
    if len(found) < len(words):
        return None
    canvas = np.zeros((TALL, _room(found, manner)), np.float32)
    at = 8.0
    for parts in found:
        rise = rng.gauss(0, manner.unrest)
        size = 1 + rng.gauss(0, 0.025)
        for n, piece in enumerate(parts):
            joint = piece.lead + manner.tight if n else 0.0
            at += max(-6.0, joint)
            up = rise + rng.gauss(0, 0.3 * manner.unrest) + manner.drift * at
            at += _put(canvas, piece.ink, at, up, size)
            at += piece.trail if n < len(parts) - 1 else 0.0
        at += manner.blank * rng.uniform(0.75, 1.3)
    inked = np.flatnonzero(canvas.max(axis=0) > 0.2)
    return canvas[:, : int(inked[-1]) + 6] if inked.size else None


def _room(words: list[list[Piece]], manner: Manner) -> int:
    signs = sum(piece.ink.shape[1] + 8 for word in words for piece in word)
    return int(1.15 * signs + len(words) * 1.4 * manner.blank) + 60


def _put(canvas: InkLine, ink: InkLine, at: float, up: float, size: float) -> float:
    """Lays ink down at a column, some rows lower; gives its width."""
    wide = max(2, round(ink.shape[1] * size))
    move = np.array([[size, 0, 0], [0, size, BASE * (1 - size) + up]], np.float32)
    laid = cv2.warpAffine(ink, move, (wide, TALL), flags=cv2.INTER_LINEAR)
    x = max(0, round(at))
    target = canvas[:, x : x + wide]
    np.maximum(target, laid[:, : target.shape[1]], out=target)
    return float(wide)


def _word(word: str, pieces: Pieces, rng: random.Random, whole: bool) -> list[Piece] | None:
    if word in pieces.words and (whole or rng.random() < 0.85):
        piece = _cut(pieces.words[word], rng)
        return None if piece is None else _evened([piece], [word], rng)
    if whole and not all(sign in LOOSE for sign in word):
        return None
    letters = sum(sign.isalpha() and sign.islower() for sign in word)
    parts = _parted(word, pieces, rng)
    if parts is None or (letters and len(parts) > max(_MOST_PARTS, len(word) - letters + 2)):
        return None
    return parts


def _parted(word: str, pieces: Pieces, rng: random.Random) -> list[Piece] | None:
    """Fewest pieces that make up a word, one way of several; None where there are none."""
    best: list[tuple[float, list[str]] | None] = [(0.0, [])] + [None] * len(word)
    for stop in range(1, len(word) + 1):
        for start in range(stop):
            before, text = best[start], word[start:stop]
            if before is None or not (text in pieces.parts or _makeable(text, pieces)):
                continue
            cost = before[0] + 1.0 + rng.uniform(0, 0.3)
            known = best[stop]
            if known is None or cost < known[0]:
                best[stop] = (cost, [*before[1], text])
    last = best[-1]
    if last is None:
        return None
    found = [_piece(text, pieces, rng) for text in last[1]]
    parts = [piece for piece in found if piece is not None]
    return _evened(parts, last[1], rng) if len(parts) == len(found) else None


def _evened(parts: list[Piece], texts: Sequence[str], rng: random.Random) -> list[Piece]:
    """Pieces on one base line, and digits and plain capitals of about one height."""
    stood = [
        piece if any(sign in _DEEP or DOT in _split(sign)[1] for sign in text) else _stood(piece)
        for piece, text in zip(parts, texts, strict=True)
    ]
    tall = [n for n, text in enumerate(texts) if _plainly_tall(text)]
    if len(tall) < 2:
        return stood
    heights = [_height(stood[n]) for n in tall]
    usual = float(np.median(heights))
    for n, height in zip(tall, heights, strict=True):
        size = float(np.clip(usual / max(4.0, height), 0.7, 1.4)) * rng.uniform(0.94, 1.06)
        stood[n] = _grown(stood[n], size, size)
    return stood


def _plainly_tall(text: str) -> bool:
    return all(sign.isdigit() or (sign.isupper() and not _split(sign)[1]) for sign in text)


def _inked_rows(ink: InkLine) -> NDArray[np.int64]:
    return np.flatnonzero((ink > 0.35).sum(axis=1) > 0)


def _height(piece: Piece) -> float:
    rows = _inked_rows(piece.ink)
    return float(rows[-1] - rows[0] + 1) if rows.size else 0.0


def _stood(piece: Piece) -> Piece:
    """A piece without tails below, set down on the base line."""
    rows = _inked_rows(piece.ink)
    down = BASE - 1 - int(rows[-1]) if rows.size else 0
    if not down or abs(down) > _SET_DOWN:
        return piece
    move = np.array([[1, 0, 0], [0, 1, down]], np.float32)
    moved = cv2.warpAffine(piece.ink, move, piece.ink.shape[::-1])
    return Piece(np.asarray(moved, np.float32), piece.lead, piece.trail)


def _grown(piece: Piece, across: float, down: float) -> Piece:
    """A piece enlarged from the base line."""
    wide = max(2, round(piece.ink.shape[1] * across))
    move = np.array([[wide / piece.ink.shape[1], 0, 0], [0, down, BASE * (1 - down)]], np.float32)
    grown = cv2.warpAffine(piece.ink, move, (wide, TALL))
    return Piece(np.asarray(grown, np.float32), piece.lead, piece.trail)


def writable(word: str, pieces: Pieces) -> bool:
    """True where the hand has the pieces for a word."""
    return _word(word, pieces, random.Random(0), whole=False) is not None


def _cut(places: Sequence[Place], rng: random.Random) -> Piece | None:
    return rng.choice(places).piece()


def _piece(text: str, pieces: Pieces, rng: random.Random) -> Piece | None:
    if text in pieces.parts:
        return _cut(pieces.parts[text], rng)
    return _made(text, pieces, rng)


def _split(letter: str) -> tuple[str, str]:
    """Base and marks (combining) of a letter."""
    parts = unicodedata.normalize("NFD", letter)
    return parts[0], parts[1:]


def _bearers(marks: str, pieces: Pieces) -> list[str]:
    """Small letters of the hand that bear just these marks."""
    return [
        letter
        for base in "aeouyi"
        if (letter := unicodedata.normalize("NFC", base + marks)) in pieces.parts
    ]


def _makeable(text: str, pieces: Pieces) -> bool:
    if len(text) != 1 or not text.isupper():
        return False
    small = text.lower()
    base, marks = _split(text)
    if small in pieces.parts and _split(small)[0] in _ALIKE:
        return True
    return bool(marks) and base in pieces.parts and bool(_bearers(marks, pieces))


def _made(text: str, pieces: Pieces, rng: random.Random) -> Piece | None:
    """A capital the hand never wrote."""
    small = text.lower()
    base, marks = _split(text)
    if marks and base in pieces.parts:
        bearers = _bearers(marks, pieces)
        for letter in rng.sample(bearers, len(bearers)):
            capital, bearer = _cut(pieces.parts[base], rng), _cut(pieces.parts[letter], rng)
            if capital and bearer and (crowned := _crowned(capital, bearer, rng)):
                return crowned
    if small in pieces.parts and _split(small)[0] in _ALIKE:
        piece = _cut(pieces.parts[small], rng)
        return _risen(piece, rng) if piece else None
    return None


def _risen(piece: Piece, rng: random.Random) -> Piece:
    """A small letter as a capital: enlarged from the base line."""
    size = rng.uniform(_RISE - 0.15, _RISE + 0.1)
    return _grown(piece, size * 0.92, size)


def _crowned(capital: Piece, bearer: Piece, rng: random.Random) -> Piece | None:
    """A capital with the marks of a small letter; None where they do not stand apart there."""
    mask = (bearer.ink > 0.3).astype(np.uint8)
    count, labels, stats, centres = cv2.connectedComponentsWithStats(mask, connectivity=8)
    if count < 3:
        return None
    body = 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
    head = stats[body, cv2.CC_STAT_TOP]
    if head < BASE - 1.9 * BODY:
        return None  # marks and letter are one
    marks = [n for n in range(1, count) if n != body and stats[n, cv2.CC_STAT_AREA] >= 2]
    over = [n for n in marks if centres[n][1] < head]
    under = [n for n in marks if centres[n][1] > BASE - 0.1 * BODY]
    if not marks or len(over) + len(under) < len(marks):
        return None
    inked = np.flatnonzero((capital.ink > 0.3).any(axis=1))
    if not inked.size:
        return None
    width = max(capital.ink.shape[1], bearer.ink.shape[1]) + 4
    laid = np.zeros((TALL, width), np.float32)
    side = (width - capital.ink.shape[1]) // 2
    laid[:, side : side + capital.ink.shape[1]] = capital.ink
    for group, high in ((over, True), (under, False)):
        if not group:
            continue
        x0 = min(stats[n, cv2.CC_STAT_LEFT] for n in group)
        x1 = max(stats[n, cv2.CC_STAT_LEFT] + stats[n, cv2.CC_STAT_WIDTH] for n in group)
        y0 = min(stats[n, cv2.CC_STAT_TOP] for n in group)
        y1 = max(stats[n, cv2.CC_STAT_TOP] + stats[n, cv2.CC_STAT_HEIGHT] for n in group)
        mark = np.where(np.isin(labels, group), bearer.ink, 0)[y0:y1, x0:x1].astype(np.float32)
        y = int(inked[0]) - (y1 - y0) - rng.randint(0, 2) if high else BASE + rng.randint(2, 4)
        x = (width - (x1 - x0)) // 2 + rng.randint(-2, 3)
        y, x = max(0, y), max(0, x)
        target = laid[y : y + mark.shape[0], x : x + mark.shape[1]]
        np.maximum(target, mark[: target.shape[0], : target.shape[1]], out=target)
    return Piece(laid, capital.lead, capital.trail)
