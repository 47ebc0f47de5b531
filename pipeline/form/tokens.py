"""Words a page shows, in millimetres and in lines, as Tesseract saw them.

Words are cut at colons and dotted leaders, which often stick to a label or a value, so
that a label ends where its print ends.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import cv2
import numpy as np

from pipeline.form.impression import impression
from pipeline.form.labels import fold
from pipeline.tesseract import page_words
from pipeline.types import Grey, PageImage

MM_PER_INCH = 25.4
READ_DPI = 150.0
"""Print of 10 to 12 points is 20 to 25 px high here, what Tesseract likes best (anchors.md 2.2)."""
_SMOOTH_PX = 0.7
"""Takes paper grain off without closing the letters."""
_BREAK = re.compile(r"[:;…_]+|[.·•]{2,}|[-–—]{2,}")


@dataclass(frozen=True)
class Token:
    """A word or a piece of one. Box in millimetres; ``stop``: a colon or leader follows.

    ``colon``: what follows begins with a colon.
    """

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    confidence: float
    stop: bool = False
    colon: bool = False

    @property
    def middle(self) -> float:
        """Height of the middle of the word on the page."""
        return (self.y0 + self.y1) / 2


def page_tokens(
    page: PageImage, languages: str = "vie", *, depth_mm: float | None = None
) -> list[Token]:
    """Tokens of a page in millimetres from its top left corner.

    Args:
        page: upright.
        languages: as Tesseract writes them.
        depth_mm: read only so much of the page from its top; all of it by default.
    """
    # Ink against its own paper, not the bare grey: on stained and shadowed pages Tesseract
    # found 0.95 of the labels instead of 0.0 to 0.5 (heavy wear, four generated books).
    grey = page.grey
    if depth_mm is not None:
        grey = grey[: round(depth_mm / MM_PER_INCH * page.dpi)]
    return ink_tokens(impression(grey, page.dpi, READ_DPI), languages)


def ink_tokens(ink: Grey, languages: str = "vie", *, psm: int = 11) -> list[Token]:
    """As ``page_tokens``, for ink drawn at ``READ_DPI``."""
    smooth = cv2.GaussianBlur(ink, (0, 0), _SMOOTH_PX)
    unit = MM_PER_INCH / READ_DPI
    tokens: list[Token] = []
    for word in page_words(
        np.asarray(255 - smooth, dtype=np.uint8), READ_DPI, psm=psm, languages=languages
    ):
        box = (word.x * unit, word.y * unit, (word.x + word.w) * unit, (word.y + word.h) * unit)
        tokens += split_word(word.text, box, word.confidence)
    return tokens


def split_word(text: str, box: tuple[float, float, float, float], confidence: float) -> list[Token]:
    """Pieces of a word between colons and leaders; x shared out by number of signs."""
    x0, y0, x1, y1 = box
    width = (x1 - x0) / max(1, len(text))
    pieces: list[Token] = []
    start = 0
    for match in [*_BREAK.finditer(text), None]:
        end = match.start() if match else len(text)
        piece = text[start:end]
        if fold(piece):
            at = (x0 + start * width, x0 + end * width)
            colon = match is not None and match.group().startswith(":")
            pieces.append(Token(piece, at[0], y0, at[1], y1, confidence, match is not None, colon))
        elif pieces and match:
            pieces[-1] = replace(pieces[-1], stop=True)
        start = match.end() if match else end
    return pieces


def token_lines(tokens: list[Token]) -> list[list[Token]]:
    """Tokens gathered into lines of text, each from left to right, lines from the top.

    A word joins the line whose last word lies at its height, so that a line may bend with
    the paper.
    """
    lines: list[list[Token]] = []
    for token in sorted(tokens, key=lambda token: token.x0):
        height = token.y1 - token.y0
        best: list[Token] | None = None
        nearest = 0.5
        for line in lines:
            last = line[-1]
            apart = abs(last.middle - token.middle) / max(1.0, min(height, last.y1 - last.y0))
            overlap = last.x1 - token.x0
            if apart < nearest and overlap < 0.6 * (token.x1 - token.x0):
                best, nearest = line, apart
        if best is None:
            lines.append([token])
        else:
            best.append(token)
    return sorted(lines, key=lambda line: sum(t.middle for t in line) / len(line))
