"""The boxes of a scan as the page that sets them right shows them, and what it sends back."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from desk.pictures.sheet import Sheet
from desk.review.shown import in_language, label_of
from desk.review.view import Address, page_view, sheets_of
from models.fixing import BoxesToFix
from pipeline.errors import InputError
from pipeline.form.handles import Edge, handles_of
from pipeline.page.scale import MM_PER_INCH
from pipeline.texts import Text
from pipeline.types import EditKind, LayoutEdit, Polygon

_COLUMN = Text("Cạnh cột {n}: {left} | {right}", "Column edge {n}: {left} | {right}")
_ROW = Text("Cạnh hàng {n}", "Row edge {n}")
_BOX = {
    "left": Text("{field}: cạnh trái", "{field}: left edge"),
    "right": Text("{field}: cạnh phải", "{field}: right edge"),
    "top": Text("{field}: cạnh trên", "{field}: upper edge"),
    "bottom": Text("{field}: cạnh dưới", "{field}: lower edge"),
}
_CORNERS = (
    Text("Góc trên bên trái", "Upper left corner"),
    Text("Góc trên bên phải", "Upper right corner"),
    Text("Góc dưới bên phải", "Lower right corner"),
    Text("Góc dưới bên trái", "Lower left corner"),
)
_NO_PAGE = Text("ảnh không có trang {page}", "the scan has no page {page}")
_Number = Annotated[float, Field(allow_inf_nan=False, ge=-1e6, le=1e6)]


class Move(BaseModel):
    """One correction: four corners of a page, or an edge by millimetres."""

    model_config = ConfigDict(extra="forbid")

    page: int = Field(ge=0, le=9)
    corners: list[tuple[_Number, _Number]] = Field(default=[], max_length=4)
    """Pixels of the shown page, clockwise from the top left; empty for an edge."""
    side: str = Field(default="", max_length=10)
    edge: str = Field(default="", max_length=10)
    index: int = Field(default=0, ge=0, le=1000)
    field: str = Field(default="", max_length=40)
    by_mm: _Number = 0.0


class Moves(BaseModel):
    """What is saved, and on what it was seen."""

    model_config = ConfigDict(extra="forbid")

    stamp: str = Field(min_length=1, max_length=32)
    rest: bool
    """Edges hold from here to the end of the book; corners are always this page's."""
    moves: list[Move] = Field(min_length=1, max_length=200)


class Regroup(BaseModel):
    """A split or join of entries of the page, and on what it was seen."""

    model_config = ConfigDict(extra="forbid")

    stamp: str = Field(min_length=1, max_length=32)
    entry: int = Field(default=0, ge=0, le=999)
    """Position among the entries of the scan; a join takes the one after it in."""
    share: float = Field(default=0.0, ge=0, le=1, allow_inf_nan=False)
    across_mm: _Number = 0.0
    down_mm: _Number = 0.0
    choices: dict[str, Literal["first", "second", "both"]] = Field(default={}, max_length=200)
    """Which word to keep where people said different things in both entries."""

    def as_edit(self, kind: EditKind, number: int, person: str) -> LayoutEdit:
        """The correction of the record, of the scan of a number."""
        return LayoutEdit(
            kind, number, number, person, index=self.entry, share=self.share,
            by_mm=self.down_mm, across_mm=self.across_mm,
        )  # fmt: skip


def boxes_view(found: BoxesToFix, address: Address, field: str, language: str) -> dict[str, Any]:
    """Pages with corners, edges and boxes in pixels of the shown page.

    Args:
        found: the scan.
        address: makes addresses of pictures.
        field: where the person came from; its page and left edge come first.
        language: ``vi`` or ``en``.
    """
    entry = found.entry
    sheets = sheets_of(entry)
    pages = []
    handles = handles_of(found.form, entry.scan_number, entry.pages, found.boxes)
    for at, (sheet, own) in enumerate(zip(sheets, handles, strict=True)):
        pages.append(
            {
                **asdict(page_view(entry, at, sheet, address, None)),
                "corners": _shown(sheet, own.corners),
                "corner_names": [in_language(text, language) for text in _CORNERS],
                "known": own.known,
                "mm": sheet.shown_dpi / MM_PER_INCH,
                "edges": [_edge(sheet, edge, language) for edge in own.edges],
                "boxes": [
                    {
                        "at": _shown(sheet, box.polygon),
                        "entry": box.entry,
                        "own": box.entry == entry.position,
                    }
                    for box in found.boxes
                    if box.page == at
                ],
            }
        )
    first = next((one.page for one in entry.fields if one.field == field), 0)
    return {
        "id": entry.id, "base": f"/boxes/{entry.id}", "pages": pages,
        "stamp": found.stamp, "field": field, "first": first,
        "entry": entry.position, "cuts": "sides" in found.form.geometry,
        "entries": [{"at": at, "number": number} for at, number in found.entries],
        "last": found.last and {"kind": str(found.last[0]), "at": found.last[1]},
    }  # fmt: skip


def edits_of(moves: Moves, found: BoxesToFix, person: str) -> list[LayoutEdit]:
    """What a page sends as corrections of the record.

    Raises:
        InputError: the scan has no such page.
    """
    number = found.entry.scan_number
    sheets = sheets_of(found.entry)
    edits = []
    for move in moves.moves:
        if move.page >= len(sheets):
            raise InputError(_NO_PAGE.format(page=move.page))
        if move.corners:
            corners = sheets[move.page].into_scan(tuple(move.corners))
            edits.append(
                LayoutEdit(
                    EditKind.CORNERS, number, number, person, page=move.page, corners=corners
                )
            )
        else:
            edits.append(
                LayoutEdit(
                    EditKind.EDGE, number, 0 if moves.rest else number, person, side=move.side,
                    edge=move.edge, index=move.index, field=move.field, by_mm=move.by_mm,
                )
            )  # fmt: skip
    return edits


def _edge(sheet: Sheet, edge: Edge, language: str) -> dict[str, Any]:
    a, b = edge.line
    middle = ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2)
    after = (middle[0] + edge.along[0], middle[1] + edge.along[1])
    (x0, y0), (x1, y1), (mx, my), (nx, ny) = sheet.from_scan((a, b, middle, after))
    return {
        "side": edge.side, "edge": edge.edge, "index": edge.index, "field": edge.field,
        "line": [[round(x0, 1), round(y0, 1)], [round(x1, 1), round(y1, 1)]],
        "along": [nx - mx, ny - my], "between": list(edge.between),
        "name": _name(edge, language),
    }  # fmt: skip


def _name(edge: Edge, language: str) -> str:
    if edge.field:
        text = in_language(_BOX[edge.edge], language)
        number = f" ({edge.index + 1})" if edge.index else ""
        return text.format(field=label_of(edge.field, language) + number)
    if edge.edge == "row":
        return in_language(_ROW, language).format(n=edge.index + 1)
    left, right = (label_of(one, language) if one else "–" for one in edge.between)
    return in_language(_COLUMN, language).format(n=edge.index + 1, left=left, right=right)


def _shown(sheet: Sheet, polygon: Polygon) -> list[list[float]]:
    return [[round(x, 1), round(y, 1)] for x, y in sheet.from_scan(polygon)]
