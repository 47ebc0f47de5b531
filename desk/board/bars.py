"""The bar of stages, and the strip of a tile: 250 stand on the board, so Jinja does not write them.

A strip is one element with a gradient, where a bar is a drawing of up to seven: a browser lays a
board of strips out in half the time. Pages may carry no styles of their own, so the gradient's
stops are classes, whole per cents, of ``static/strips.css``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

from markupsafe import Markup, escape

from desk.board.stages import Shares
from desk.i18n import _
from pipeline.texts import Language, language

_WIDTH = 1000


def stage_bar(shares: Shares, percent: Callable[[float], str], *, big: bool = False) -> Markup:
    """An SVG bar, released first; what it shows is its label too."""
    label = escape(stage_label(shares, percent))
    at, parts = 0.0, []
    for stage, share in reversed([one for one in shares.each() if one[1]]):
        width = _WIDTH * share
        parts.append(f'<rect class="{stage}" x="{at:.1f}" y="0" width="{width:.1f}" height="10"/>')
        at += width
    if not parts:
        parts.append(f'<rect class="missing" x="0" y="0" width="{_WIDTH}" height="10"/>')
    return Markup(
        f'<svg class="stagebar{" big" if big else ""}" viewBox="0 0 {_WIDTH} 10" '
        f'preserveAspectRatio="none" role="img" aria-label="{label}">'
        f"{''.join(parts)}</svg>"
    )


def stage_strip(shares: Shares, percent: Callable[[float], str]) -> Markup:
    """The same in small and in whole per cents; whatever there is at all shows."""
    label = escape(stage_label(shares, percent))
    return Markup(f'<span class="{strip_classes(shares)}" role="img" aria-label="{label}"></span>')


def stage_label(shares: Shares, percent: Callable[[float], str]) -> str:
    """What a bar or strip shows, in words."""
    names = _names(language())
    known = [f"{names[stage]} {percent(share)}" for stage, share in shares.each() if share]
    return ", ".join(known) or names["missing"]


def strip_classes(shares: Shares) -> str:
    """The classes that draw a strip below the text of an element."""
    parts = whole_percents([getattr(shares, stage) for stage in _ALONG])
    stops = [f"{letter}{sum(parts[: at + 1])}" for at, letter in enumerate(_STOPS) if parts[at]]
    return " ".join(("strip", *stops))


def whole_percents(shares: Sequence[float]) -> list[int]:
    """Whole per cents of some shares of one: none of them lost, together as near as may be."""
    wanted = [100 * share for share in shares]
    found = [max(1, int(want)) if want > 0 else 0 for want in wanted]
    whole = sum(wanted) > 100 - 1e-6
    total = 100 if whole else min(99, round(sum(wanted)))  # what is missing shows too
    while sum(found) > total and max(found) > 1:
        found[found.index(max(found))] -= 1
    while sum(found) < total:
        behind = [want - have for want, have in zip(wanted, found, strict=True)]
        found[behind.index(max(behind))] += 1
    return found


def strip_styles() -> str:
    """What ``static/strips.css`` holds: how a strip is drawn, and a class for every stop."""
    ends = "".join(
        f", var(--{stage}) 0 var(--{letter}, 0%)"
        for stage, letter in zip(_ALONG, _STOPS, strict=True)
    )
    classes = "".join(
        "".join(f".{letter}{n}{{--{letter}:{n}%}}" for n in range(1, 101)) + "\n"
        for letter in _STOPS
    )
    return (
        "/* Made by desk.board.bars.strip_styles(); a test holds that this is what it makes. */\n"
        ".strip { display: block; forced-color-adjust: none; print-color-adjust: exact; "
        f"background: linear-gradient(90deg{ends}, var(--missing) 0) "
        "0 100% / 100% 7px no-repeat; }\n"
        f"{classes}"
    )


_ALONG = ("released", "checked", "review", "stuck", "waiting")
"""Stages from the left; what remains is missing."""
_STOPS = "abcde"


@lru_cache(maxsize=4)
def _names(_language: Language) -> dict[str, str]:
    return {
        "missing": _("not handed over"), "waiting": _("scanned, not read"),
        "stuck": _("stuck scans"), "review": _("in review"), "checked": _("checked"),
        "released": _("released"),
    }  # fmt: skip
