"""The strip of a unit: a row a kind, a column a year, drawn with one path a stage.

A cell drawn by itself takes up to seven elements; a unit of 94 years has 282 cells.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from markupsafe import Markup, escape

from desk.board.bars import stage_label
from desk.board.stages import STAGES, shares
from desk.i18n import _
from models.board import Counts
from pipeline.types import Kind

_LEFT, _WIDTH, _WIDEST = 62, 940, 47
_TOP, _ROW, _HIGH = 4, 29, 25
_YEARS_AT = 103

Percent = Callable[[float], str]


def matrix_svg(by_year: Mapping[tuple[Kind, int], Counts], view: str, percent: Percent) -> Markup:
    """Years from the first to the last; years between others without a book are dashed.

    Args:
        by_year: counts by kind and year.
        view: of the board, kept in the addresses of cells.
        percent: writes a share.

    Returns:
        An SVG whose cells are links to the books of their year; empty where nothing is known.
    """
    years = sorted({year for (_kind, year), one in by_year.items() if _known(one)})
    if not years:
        return Markup("")
    span = range(years[0], years[-1] + 1)
    width = _WIDTH / len(span) if len(span) > 20 else _WIDEST
    drawn: dict[str, list[str]] = {}
    parts: list[str] = []
    for row, kind in enumerate(Kind):
        top, name = _TOP + _ROW * row, _kind_name(kind)
        parts.append(f'<text x="0" y="{top + 16}">{escape(name)}</text>')
        own = [year for (of, year), counts in by_year.items() if of is kind and counts.books]
        for column, year in enumerate(span):
            x = _LEFT + width * column
            counts = by_year.get((kind, year), Counts())
            gap = bool(own) and min(own) < year < max(own)
            if _known(counts):
                _draw(drawn, counts, x, top, width)
                parts.append(_link(kind, name, year, counts, view, percent, (x, top, width)))
            elif gap:
                parts.append(_gap(name, year, x, top, width))
            else:
                drawn.setdefault("none", []).append(_box(x, top, width, _HIGH))
    paths = [
        f'<path class="cell {stage}" d="{"".join(drawn[stage])}"/>'
        for stage in ("none", *STAGES)
        if stage in drawn
    ]
    labels = [
        f'<text x="{_LEFT + width * column:.1f}" y="{_YEARS_AT}">{year}</text>'
        for column, year in enumerate(span)
        if year % 10 == 0 or not column
    ]
    return Markup(
        f'<svg class="matrix" viewBox="0 0 1034 108" role="group" '
        f'aria-label="{escape(_("Years and kinds"))}">{"".join([*paths, *parts, *labels])}</svg>'
    )


def _known(counts: Counts) -> bool:
    return bool(counts.books or counts.books_expected)


def _draw(drawn: dict[str, list[str]], counts: Counts, x: float, top: float, width: float) -> None:
    at = float(top)
    for stage, share in shares(counts).each():
        if share:
            drawn.setdefault(stage, []).append(_box(x, at, width, _HIGH * share))
            at += _HIGH * share


def _box(x: float, y: float, width: float, height: float) -> str:
    return f"M{x:.1f} {y:.1f}h{width:.1f}v{height:.1f}h-{width:.1f}z"


def _link(
    kind: Kind, name: str, year: int, counts: Counts, view: str, percent: Percent,
    at: tuple[float, float, float],
) -> str:  # fmt: skip
    x, top, width = at
    title = f"{name} {year}: {counts.books} {_('books')}; {stage_label(shares(counts), percent)}"
    return (
        f'<a href="?view={escape(view)}&amp;kind={kind}&amp;year={year}#books">'
        f"<title>{escape(title)}</title>"
        f'<rect class="frame" x="{x:.1f}" y="{top}" width="{width:.1f}" height="{_HIGH}"/></a>'
    )


def _gap(name: str, year: int, x: float, top: float, width: float) -> str:
    title = f"{name} {year}: {_('no book of this year')}"
    return (
        f'<rect class="gap" x="{x + 0.8:.1f}" y="{top + 0.8}" width="{max(width - 1.6, 1):.1f}" '
        f'height="23.4"><title>{escape(title)}</title></rect>'
    )


def _kind_name(kind: Kind) -> str:
    return {Kind.BIRTH: _("Births"), Kind.MARRIAGE: _("Marriages"), Kind.DEATH: _("Deaths")}[kind]
