"""Fonts the generator writes with: DejaVu from the system, the rest from npm, never committed.

@fontsource packages split a font into script subsets; the Vietnamese letters lie in
three of them. They are merged into one TrueType file a face, kept beside the packages.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from fontTools import subset
from fontTools.merge import Merger
from fontTools.merge import Options as MergeOptions
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables._g_l_y_f import GlyphCoordinates
from PIL import ImageFont

HERE = Path(__file__).resolve().parent
PACKAGES = HERE / "node_modules" / "@fontsource"
CACHE = HERE / "node_modules" / ".merged-2"
DEJAVU = Path("/usr/share/fonts/truetype/dejavu")
SUBSETS = ("latin", "latin-ext", "vietnamese")

_VOWELS = "aăâeêioôơuưy"
_TONES = ("", "\u0300", "\u0301", "\u0309", "\u0303", "\u0323")
VIETNAMESE = frozenset(
    letter
    for vowel in _VOWELS
    for tone in _TONES
    for letter in (
        unicodedata.normalize("NFC", vowel + tone),
        unicodedata.normalize("NFC", vowel + tone).upper(),
    )
) | frozenset("đĐ")
"""All letters of Vietnamese that carry a mark, and the plain vowels, both cases."""
NEEDED = VIETNAMESE | frozenset("0123456789.,-/():;\"'ABCDEGHKLMNOPQRSTUVXYabcdeghiklmnopqrstuvxy")

PRINT: dict[str, tuple[str, ...]] = {
    "dejavu-serif": ("DejaVuSerif.ttf", "DejaVuSerif-Bold.ttf"),
    "dejavu-serif-condensed": ("DejaVuSerifCondensed.ttf", "DejaVuSerifCondensed-Bold.ttf"),
    "dejavu-sans": ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf"),
    "dejavu-sans-condensed": ("DejaVuSansCondensed.ttf", "DejaVuSansCondensed-Bold.ttf"),
}
"""System faces: regular and bold file."""
PRINT_NPM = ("tinos", "noto-serif", "roboto-slab", "be-vietnam-pro", "open-sans")
TYPE_NPM = ("cousine",)
TYPE_FALLBACK = ("dejavu-serif-condensed",)
"""DejaVu Sans Mono lacks most Vietnamese letters, so without npm a serif stands in."""
HAND_NPM = (
    "patrick-hand",
    "mali",
    "itim",
    "pangolin",
    "sriracha",
    "mynerve",
    "dancing-script",
    "charm",
    "playwrite-vn",
)


def missing_letters(path: Path) -> frozenset[str]:
    """Letters of Vietnamese, digits and signs that a font file cannot write."""
    with TTFont(path, lazy=True) as font:
        have = font.getBestCmap()
        return frozenset(letter for letter in NEEDED if ord(letter) not in have)


def installed(family: str) -> bool:
    """True where the font package of ``family`` is on this machine."""
    return (PACKAGES / family / "files").is_dir()


def print_families() -> tuple[str, ...]:
    """Families for printed labels and printed filling that this machine has."""
    return tuple(f for f in PRINT_NPM if installed(f)) + tuple(PRINT)


def type_families() -> tuple[str, ...]:
    """Typewriter families that this machine has."""
    return tuple(f for f in TYPE_NPM if installed(f)) or TYPE_FALLBACK


def hand_families() -> tuple[str, ...]:
    """Handwriting families that this machine has; none without the npm packages."""
    return tuple(f for f in HAND_NPM if installed(f))


def _plain_zero(font: TTFont) -> None:
    """Take the dot out of a coder's zero: typewriters of the time had none."""
    glyph = font["glyf"][font.getBestCmap()[ord("0")]]
    if glyph.numberOfContours != 3:
        return
    ends = [-1, *glyph.endPtsOfContours]
    widths = [
        max(x for x, _ in glyph.coordinates[a + 1 : b + 1])
        - min(x for x, _ in glyph.coordinates[a + 1 : b + 1])
        for a, b in pairwise(ends)
    ]
    dot = widths.index(min(widths))
    first, last = ends[dot] + 1, ends[dot + 1] + 1
    glyph.coordinates = GlyphCoordinates([*glyph.coordinates[:first], *glyph.coordinates[last:]])
    glyph.flags = bytearray([*glyph.flags[:first], *glyph.flags[last:]])
    glyph.endPtsOfContours = [
        end - (last - first if end >= last else 0)
        for n, end in enumerate(glyph.endPtsOfContours)
        if n != dot
    ]
    glyph.numberOfContours = 2


def _merge(files: Path, family: str, weight: int, target: Path) -> None:
    # Several processes may merge one family at once: each works in a folder of its own, and
    # whichever is done last puts its (equal) file in place.
    with TemporaryDirectory(dir=target.parent) as scratch:
        draft = Path(scratch) / target.name
        _merge_into(files, family, weight, draft)
        draft.replace(target)


def _merge_into(files: Path, family: str, weight: int, target: Path) -> None:
    parts = []
    for name in SUBSETS:
        source = files / f"{family}-{name}-{weight}-normal.woff2"
        if not source.exists():
            continue  # some families hold all letters in fewer subsets
        font = TTFont(source)
        # Layout tables differ between subsets and cannot be merged; plain letters need none.
        for table in ("GSUB", "GPOS", "GDEF", "DSIG", "STAT", "fpgm", "prep", "cvt ", "gasp"):
            if table in font:
                del font[table]
        options = subset.Options(hinting=False, notdef_outline=True, layout_features=[])
        font.flavor = None
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=list(font.getBestCmap()))
        cutter.subset(font)
        part = target.with_suffix(f".{name}.part.ttf")
        font.save(part)
        parts.append(part)
    merged = Merger(options=MergeOptions(drop_tables=["vmtx", "vhea", "MATH"])).merge(
        [str(part) for part in parts]
    )
    _plain_zero(merged)
    merged.save(target)


@lru_cache(maxsize=64)
def font_file(family: str, bold: bool = False) -> Path:
    """The TrueType file of a family, merged on first use.

    Raises:
        FileNotFoundError: the family is not on this machine; says how to install it.
    """
    system = PRINT.get(family)
    if system:
        return DEJAVU / system[1 if bold else 0]
    if not installed(family):
        raise FileNotFoundError(
            f"font {family!r} is not installed: run 'npm ci --prefix samples' in the project"
        )
    return merged_file(PACKAGES, CACHE, family, 700 if bold else 400)


def merged_file(packages: Path, cache: Path, family: str, weight: int = 400) -> Path:
    """One TrueType file of all subsets of a family, kept in ``cache``; 400 where a weight lacks."""
    files = packages / family / "files"
    if not (files / f"{family}-latin-{weight}-normal.woff2").exists():
        weight = 400
    target = cache / f"{family}-{weight}.ttf"
    if not target.exists():
        cache.mkdir(parents=True, exist_ok=True)
        _merge(files, family, weight, target)
    return target


@lru_cache(maxsize=256)
def face(family: str, size_px: float, bold: bool = False) -> ImageFont.FreeTypeFont:
    """A face at a size in pixels (em). Basic layout, so that no shaping library matters."""
    return ImageFont.truetype(
        str(font_file(family, bold)), size_px, layout_engine=ImageFont.Layout.BASIC
    )
