"""Entries of one scan that a person split or joined.

A split cuts every box of an entry at the same share of its height (two rows read as one), or
lays the same boxes a second time elsewhere on the page (two forms read as one). A join puts an
entry and the one after it together. Entries after it are counted anew. The learned geometry
itself stays as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pipeline.errors import InputError
from pipeline.page.scale import MM_PER_INCH
from pipeline.texts import Text
from pipeline.types import (
    Cell,
    EditKind,
    Layout,
    LayoutEdit,
    PageImage,
    Point,
    Polygon,
    TickBox,
)

LEAST_SHARE = 0.05
"""A cut nearer to an edge leaves no room to write in."""
_FURTHEST_MM = 1000.0
_NO_ENTRY = Text("trang không có trường hợp thứ {n}", "the page has no entry {n}")
_BAD_CUT = Text(
    "đường tách phải nằm trong trường hợp, cách mép ít nhất {least} %",
    "the cut must lie inside the entry, at least {least} % from its edges",
)
_NO_WAY = Text("trường hợp thứ hai phải nằm ở chỗ khác", "the second entry must lie somewhere else")
_ONE_SCAN = Text("tách và gộp chỉ cho một ảnh", "splits and joins hold for one scan only")


def regroups(edits: Sequence[LayoutEdit], number: int) -> tuple[LayoutEdit, ...]:
    """The splits and joins of the scan of a number, in the order in which they were made."""
    kinds = (EditKind.SPLIT, EditKind.JOIN)
    return tuple(edit for edit in edits if edit.kind in kinds and edit.covers(number))


def check_regroup(edit: LayoutEdit) -> None:
    """Refuse a split or join that could not be applied to any scan.

    Raises:
        InputError: no such entry, or the cut lies beside it, or the copy on it.
    """
    if edit.first != edit.last or edit.first < 1:
        raise InputError(_ONE_SCAN.format())
    if not 0 <= edit.index < 1000:
        raise InputError(_NO_ENTRY.format(n=edit.index + 1))
    if edit.kind is EditKind.JOIN:
        return
    if edit.share:
        if not LEAST_SHARE <= edit.share <= 1 - LEAST_SHARE:
            raise InputError(_BAD_CUT.format(least=round(LEAST_SHARE * 100)))
    elif not 1.0 <= abs(edit.across_mm) + abs(edit.by_mm) <= _FURTHEST_MM:
        raise InputError(_NO_WAY.format())


def regrouped(
    layout: Layout, pages: Sequence[PageImage], edits: Sequence[LayoutEdit], number: int
) -> Layout:
    """The layout of a scan with its entries as people split and joined them.

    What a person said of an entry's extent is taken for sure.

    Raises:
        InputError: an edit names an entry that the layout does not have.
    """
    for edit in regroups(edits, number):
        if edit.kind is EditKind.SPLIT:
            layout = _split(layout, pages, edit)
        else:
            layout = _joined(layout, edit)
    return layout


def own_rows(edits: Sequence[LayoutEdit], number: int, count: int) -> list[int | None]:
    """For each entry as counted now: its place in the learned geometry, None where it has none.

    Args:
        edits: of the book.
        number: of the scan.
        count: entries that the geometry has on the scan, or more.
    """
    rows: list[int | None] = list(range(count))
    for edit in regroups(edits, number):
        at = edit.index
        if edit.kind is EditKind.JOIN:
            rows[at : at + 2] = [None]
        else:
            rows[at : at + 1] = [None, None] if edit.share else [*rows[at : at + 1], None]
    return rows


def _split(layout: Layout, pages: Sequence[PageImage], edit: LayoutEdit) -> Layout:
    cells: list[Cell] = []
    for cell in layout.cells:
        if cell.entry != edit.index:
            cells.append(replace(cell, entry=cell.entry + 1) if cell.entry > edit.index else cell)
        elif edit.share:
            upper, lower = _cut(cell.polygon, edit.share)
            for n, polygon in enumerate((upper, lower)):
                part = edit.share if n == 0 else 1 - edit.share
                lines = max(1, round(cell.lines * part))
                cells.append(
                    _sure(replace(cell, entry=cell.entry + n, polygon=polygon, lines=lines))
                )
        else:
            pixels = pages[cell.page].dpi / MM_PER_INCH
            way = (edit.across_mm * pixels, edit.by_mm * pixels)
            second = replace(
                cell, entry=cell.entry + 1, polygon=_moved(cell.polygon, way),
                printed=tuple(_moved(one, way) for one in cell.printed),
            )  # fmt: skip
            cells += [_sure(cell), _sure(second)]
    return _counted(layout, cells, edit, 1, _split_ticks(layout, pages, edit))


def _split_ticks(layout: Layout, pages: Sequence[PageImage], edit: LayoutEdit) -> list[TickBox]:
    """Squares go with their entry; a cut leaves each to the half in which it lies."""
    own = [cell for cell in layout.cells if cell.entry == edit.index]
    ticks: list[TickBox] = []
    for tick in layout.ticks:
        if tick.entry != edit.index:
            ticks.append(replace(tick, entry=tick.entry + 1) if tick.entry > edit.index else tick)
        elif edit.share:
            heights = [y for cell in own if cell.page == tick.page for _, y in cell.polygon]
            cut = min(heights) + edit.share * (max(heights) - min(heights)) if heights else 0.0
            below = bool(heights) and _middle(tick.polygon) > cut
            ticks.append(replace(tick, entry=tick.entry + 1) if below else tick)
        else:
            pixels = pages[tick.page].dpi / MM_PER_INCH
            way = (edit.across_mm * pixels, edit.by_mm * pixels)
            moved = _moved(tick.polygon, way)
            ticks += [tick, replace(tick, entry=tick.entry + 1, polygon=moved)]
    return ticks


def _joined(layout: Layout, edit: LayoutEdit) -> Layout:
    first = {cell.field: cell for cell in layout.cells if cell.entry == edit.index}
    second = {cell.field: cell for cell in layout.cells if cell.entry == edit.index + 1}
    if not second:
        raise InputError(_NO_ENTRY.format(n=edit.index + 2))
    cells: list[Cell] = []
    for cell in layout.cells:
        if cell.entry == edit.index:
            cells.append(_sure(_together(cell, second.get(cell.field))))
        elif cell.entry == edit.index + 1:
            if cell.field not in first:
                cells.append(_sure(replace(cell, entry=edit.index)))
        else:
            cells.append(replace(cell, entry=cell.entry - 1) if cell.entry > edit.index else cell)
    # Squares of both are the joined entry's: where both are ticked, a person decides.
    ticks = [
        replace(tick, entry=tick.entry - 1) if tick.entry > edit.index else tick
        for tick in layout.ticks
    ]
    return _counted(layout, cells, edit, -1, ticks)


def _counted(
    layout: Layout, cells: list[Cell], edit: LayoutEdit, more: int, ticks: Sequence[TickBox]
) -> Layout:
    if not any(cell.entry == edit.index for cell in layout.cells):
        raise InputError(_NO_ENTRY.format(n=edit.index + 1))
    shown = [cell.confidence for cell in cells if cell.confidence > 0]
    return replace(
        layout, cells=tuple(sorted(cells, key=lambda cell: cell.entry)),
        entries=layout.entries + more, ticks=tuple(ticks),
        confidence=sum(shown) / len(shown) if shown else 0.0,
    )  # fmt: skip


def _sure(cell: Cell) -> Cell:
    return replace(cell, confidence=1.0) if cell.confidence > 0 else cell


def _together(cell: Cell, other: Cell | None) -> Cell:
    """One box around both; on two pages the first one's."""
    if other is None or other.page != cell.page:
        return cell
    printed = (*cell.printed, *other.printed)
    upper, lower = (_chains(one.polygon) for one in (cell, other))
    below = min(y for _, y in other.polygon) >= _middle(cell.polygon)
    if len(upper[0]) == len(lower[0]) and below:
        polygon = (*upper[0], *reversed(lower[1]))
        return replace(cell, polygon=polygon, lines=cell.lines + other.lines, printed=printed)
    xs, ys = zip(*cell.polygon, *other.polygon, strict=True)
    around = (
        (min(xs), min(ys)), (max(xs), min(ys)), (max(xs), max(ys)), (min(xs), max(ys)),
    )  # fmt: skip
    return replace(cell, polygon=around, lines=max(cell.lines, other.lines), printed=printed)


def _cut(polygon: Polygon, share: float) -> tuple[Polygon, Polygon]:
    top, bottom = _chains(polygon)
    middle = [
        (ax + share * (bx - ax), ay + share * (by - ay))
        for (ax, ay), (bx, by) in zip(top, bottom, strict=True)
    ]
    return (*top, *reversed(middle)), (*middle, *reversed(bottom))


def _chains(polygon: Polygon) -> tuple[list[Point], list[Point]]:
    """Upper and lower edge of a box, both from left to right."""
    half = len(polygon) // 2
    return list(polygon[:half]), list(reversed(polygon[half : 2 * half]))


def _middle(polygon: Polygon) -> float:
    return sum(y for _, y in polygon) / len(polygon)


def _moved(polygon: Polygon, way: Point) -> Polygon:
    return tuple((x + way[0], y + way[1]) for x, y in polygon)
