"""The bar of stages: 250 of them stand on the board, so they are not written in Jinja."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from markupsafe import Markup, escape

from desk.board.stages import Shares
from desk.i18n import _
from pipeline.texts import Language, language

_WIDTH = 1000


def stage_bar(shares: Shares, percent: Callable[[float], str], *, big: bool = False) -> Markup:
    """An SVG bar, released first; what it shows is its label too."""
    names = _names(language())
    known = [(stage, share) for stage, share in shares.each() if share]
    label = ", ".join(f"{names[stage]} {percent(share)}" for stage, share in known)
    at, parts = 0.0, []
    for stage, share in reversed(known):
        width = _WIDTH * share
        parts.append(f'<rect class="{stage}" x="{at:.1f}" y="0" width="{width:.1f}" height="10"/>')
        at += width
    if not parts:
        parts.append(f'<rect class="missing" x="0" y="0" width="{_WIDTH}" height="10"/>')
    return Markup(
        f'<svg class="stagebar{" big" if big else ""}" viewBox="0 0 {_WIDTH} 10" '
        f'preserveAspectRatio="none" role="img" aria-label="{escape(label or names["missing"])}">'
        f"{''.join(parts)}</svg>"
    )


@lru_cache(maxsize=4)
def _names(_language: Language) -> dict[str, str]:
    return {
        "missing": _("not handed over"), "waiting": _("scanned, not read"),
        "stuck": _("stuck scans"), "review": _("in review"), "checked": _("checked"),
        "released": _("released"),
    }  # fmt: skip
