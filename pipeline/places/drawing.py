"""SVG by hand: elements as text, and how wide a text will be where no font can be asked."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from pipeline.values.text import fold

FONT = "Arial, 'Liberation Sans', 'Noto Sans', 'DejaVu Sans', sans-serif"
INK, SOFT, FAINT, EDGE = "#1d2329", "#5b6670", "#8b959e", "#77828c"
"""Greys of texts and lines, the darkest first."""
# Of the widest of these fonts (DejaVu Sans), so that a text that fits here fits everywhere.
_NARROW, _WIDE = frozenset("ijl.,;:'|!()[] "), frozenset("mwMW@%–—…")
_EM_NARROW, _EM_LOWER, _EM_UPPER, _EM_WIDE = 0.36, 0.62, 0.74, 0.95
_BOLD = 1.1
_ELLIPSIS = "…"


def width_of(text: str, size: float, *, bold: bool = False) -> float:
    """Pixels that a text takes at most at a font size."""
    total = 0.0
    for sign in text:
        plain = fold(sign) or " "
        if sign in _WIDE or plain in _WIDE:
            total += _EM_WIDE
        elif plain in _NARROW:
            total += _EM_NARROW
        else:
            total += _EM_UPPER if sign.isupper() else _EM_LOWER
    return total * size * (_BOLD if bold else 1.0)


def fitted(text: str, size: float, width: float, *, bold: bool = False) -> str:
    """A text cut to a width, with an ellipsis; empty where not even that has room."""
    if width_of(text, size, bold=bold) <= width:
        return text
    while text and width_of(text + _ELLIPSIS, size, bold=bold) > width:
        text = text[:-1]
    return text.rstrip(" ,;·") + _ELLIPSIS if text else ""


def wrapped(text: str, size: float, width: float, lines: int) -> list[str]:
    """A text broken between words into at most so many lines; the last is cut."""
    words, found = text.split(), [""]
    for at, word in enumerate(words):
        longer = f"{found[-1]} {word}".strip()
        if width_of(longer, size) <= width or not found[-1]:
            found[-1] = longer
        elif len(found) < lines:
            found.append(word)
        else:
            found[-1] = fitted(" ".join([found[-1], *words[at:]]), size, width)
            break
    return [fitted(line, size, width) for line in found]


def tag(name: str, inner: str = "", **attributes: object) -> str:
    """An element; underscores in names of attributes stand for hyphens, None leaves one out."""
    written = "".join(
        f" {key.rstrip('_').replace('_', '-')}={quoteattr(_plain(value))}"
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{name}{written}>{inner}</{name}>" if inner else f"<{name}{written}/>"


def _plain(value: object) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def words(text: str) -> str:
    """Text as it may stand inside an element."""
    return escape(text)


def label(
    text: str,
    x: float,
    y: float,
    size: float,
    *,
    fill: str,
    bold: bool = False,
    italic: bool = False,
    anchor: str | None = None,
) -> str:
    """A line of text with its baseline at ``y``."""
    return tag(
        "text",
        words(text),
        x=x,
        y=y,
        font_size=size,
        fill=fill,
        font_weight="bold" if bold else None,
        font_style="italic" if italic else None,
        text_anchor=anchor,
    )


def line(
    x1: float, y1: float, x2: float, y2: float, *, stroke: str, width: float, dash: str = ""
) -> str:
    """A straight line."""
    return tag(
        *("line",), x1=x1, y1=y1, x2=x2, y2=y2, stroke=stroke, stroke_width=width,
        stroke_dasharray=dash or None,
    )  # fmt: skip


def described(title: str, *parts: str) -> str:
    """Parts as a group that says what it is when a pointer rests on it."""
    return tag("g", tag("title", words(title)) + "".join(parts))


def bar(x1: float, x2: float, y: float, height: float, *, torn: bool, on: bool) -> str:
    """Outline of a bar: torn at its left where nobody knows its beginning, an arrow while it is."""
    tip = min(8.0, (x2 - x1) / 2) if on else 0.0
    right = f"L{x2 - tip:.1f} {y:.1f}L{x2:.1f} {y + height / 2:.1f}L{x2 - tip:.1f} {y + height:.1f}"
    left = ""
    if torn:
        step = height / 4
        left = "".join(
            f"L{x1 + (5 if at % 2 else 0):.1f} {y + height - at * step:.1f}" for at in range(1, 4)
        )
    return f"M{x1:.1f} {y:.1f}{right}L{x1:.1f} {y + height:.1f}{left}Z"


def badge(number: int, x: float, y: float) -> str:
    """A number in a disc, centred."""
    return tag("circle", cx=x, cy=y, r=7.5, fill=INK) + label(
        str(number), x, y + 3.4, 9.5, fill="#ffffff", bold=True, anchor="middle"
    )
