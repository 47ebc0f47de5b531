"""More faces for training: hands without Vietnamese letters, whose marks it puts itself; print.

Some 160 open hands (``training/fonts``: ``npm ci --prefix training/fonts``) know Latin letters
only. A letter they lack is its base letter with marks by hand, which is how a clerk writes it too.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from fontTools.ttLib import TTFont
from PIL import ImageFont

from samples.fonts import NEEDED, merged_file
from training.hand.scribbles import marks_of

FONTS = Path(__file__).resolve().parents[1] / "fonts"
_PACKAGES = FONTS / "node_modules" / "@fontsource"
_CACHE = FONTS / "node_modules" / ".merged"
_BASES = frozenset(marks_of(letter, every=True)[0] for letter in NEEDED)
PRESSES = (
    "eb-garamond", "lora", "merriweather", "playfair-display", "source-serif-4",
    "noto-serif-display", "crimson-pro", "cormorant-garamond", "bitter", "ibm-plex-serif",
    "alegreya", "literata", "spectral", "vollkorn", "taviraj", "trirong", "pridi",
    "old-standard-tt", "prata", "podkova", "manuale", "faustina", "david-libre", "arimo",
    "barlow", "roboto-condensed",
)  # fmt: skip
"""Print among them, which holds all Vietnamese letters."""
MACHINES = (
    "jetbrains-mono", "space-mono", "ibm-plex-mono", "roboto-mono", "noto-sans-mono",
    "xanh-mono", "source-code-pro", "inconsolata",
)  # fmt: skip
"""The same in letters of one width, as a typewriter has them."""
_ASCENT = 0.75
"""Of an em. Faces differ wildly in it, and those who draw expect the base line there."""


@lru_cache(maxsize=1)
def latin_families() -> tuple[str, ...]:
    """Families of ``training/fonts`` on this machine that write all base letters and digits."""
    found = sorted(
        path.parents[1].name for path in _PACKAGES.glob("*/files/*-latin-400-normal.woff2")
    )
    hands = (family for family in found if family not in PRESSES + MACHINES)
    return tuple(family for family in hands if not _BASES & lacking(family))


def more_presses(typed: bool = False) -> tuple[str, ...]:
    """Print families of ``training/fonts`` on this machine, or those of one width."""
    return tuple(
        family
        for family in (MACHINES if typed else PRESSES)
        if (_PACKAGES / family / "files").is_dir()
    )


@lru_cache(maxsize=256)
def latin_face(family: str, size_px: float) -> ImageFont.FreeTypeFont:
    """A face at a size in pixels (em), without shaping."""
    return ImageFont.truetype(str(_file(family)), size_px, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=256)
def lacking(family: str) -> frozenset[str]:
    """Letters and signs that a family of ``training/fonts`` cannot write, or writes empty.

    The ı without a dot is among what is asked for: an i takes its marks better without one.
    """
    with TTFont(_file(family), lazy=True) as font:
        # A glyph without outline takes no room; reading the outlines takes forty times as long.
        names, places = font.getBestCmap(), font["loca"]

        def empty(letter: str) -> bool:
            if ord(letter) not in names:
                return True
            at = font.getGlyphID(names[ord(letter)])
            return bool(places[at] == places[at + 1])

        return frozenset(letter for letter in NEEDED | {"ı"} if empty(letter))


def _file(family: str) -> Path:
    level = _CACHE / f"{family}.level.ttf"
    if not level.exists():
        with TTFont(merged_file(_PACKAGES, _CACHE, family)) as font:
            em = font["head"].unitsPerEm
            font["hhea"].ascent, font["hhea"].descent = round(_ASCENT * em), -round(em / 4)
            font["OS/2"].fsSelection &= ~(1 << 7)  # take the numbers of hhea
            font.save(level)
    return level
