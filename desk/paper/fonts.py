"""The fonts of papers: those of the page, whose two halves are joined into one.

Be Vietnam Pro (OFL) comes by npm in subsets, as browsers want them; a PDF wants one file with
Latin and Vietnamese letters, so that a word is one piece of text and not five.
"""

from __future__ import annotations

import logging
import tempfile
import unicodedata
from functools import lru_cache
from pathlib import Path

from fontTools.merge import Merger, Options
from fontTools.ttLib import TTFont

from desk.static_files import NODE
from pipeline.errors import SetupError
from pipeline.texts import Text

STYLES = {"": "400-normal", "B": "600-normal", "I": "400-italic", "BI": "600-italic"}
"""Styles as fpdf2 names them, and the files they come from."""
_FILES = "@fontsource/be-vietnam-pro/files/be-vietnam-pro"
_HALVES = ("latin", "vietnamese")
_LAYOUT = ["GSUB", "GPOS", "GDEF", "DSIG"]
_STAND_INS = str.maketrans(
    {"≤": "<=", "≥": ">=", "→": "->", "←": "<-", "✓": "x", "−": "–", "\u202f": "\u00a0",
     "\u2009": "\u00a0", "\u2011": "-", "\t": " "}
)  # fmt: skip


@lru_cache
def _room() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="hotich-fonts-")  # gone with the process


@lru_cache
def font(style: str) -> Path:
    """A font file with all letters of a style; made once in the life of a process (0.5 s).

    Raises:
        SetupError: the packages of the page are not installed.
    """
    halves = [NODE / f"{_FILES}-{half}-{STYLES[style]}.woff" for half in _HALVES]
    if not all(path.is_file() for path in halves):
        raise SetupError(
            Text(
                "thiếu phông chữ của trang web: chạy './run setup'",
                "the page's fonts are missing: run './run setup'",
            ).format()
        )
    logging.getLogger("fontTools").setLevel(logging.WARNING)
    options = Options()
    options.drop_tables = list(_LAYOUT)
    merged = Merger(options).merge([str(path) for path in halves])
    merged.flavor = None
    path = Path(_room().name) / f"{STYLES[style]}.ttf"
    merged.save(path)
    return path


@lru_cache
def _letters() -> frozenset[str]:
    return frozenset(chr(code) for code in TTFont(font("")).getBestCmap())


def plain(text: str) -> str:
    """Text in letters that the fonts have: composed, signs spelled out, the rest ``?``."""
    text = unicodedata.normalize("NFC", text).translate(_STAND_INS)
    return "".join(one if one in _letters() or one == "\n" else "?" for one in text)
