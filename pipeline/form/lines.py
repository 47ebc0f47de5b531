"""Forms of printed labels and dotted lines: learned once a book, laid out page by page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from types import MappingProxyType
from typing import Any

import numpy as np

from pipeline.fields import FIELDS
from pipeline.form.boxes import FieldBox
from pipeline.form.edits import apart, stretched
from pipeline.form.impression import impression, pack, unpack
from pipeline.form.registration import MM, Box, Registration, Template, register
from pipeline.form.schema import Form
from pipeline.form.template import Seen, learn_template
from pipeline.form.ticks import TickPlace, ticks_on_page
from pipeline.form.tokens import MM_PER_INCH
from pipeline.form.warp import Warp
from pipeline.texts import Text
from pipeline.types import Cell, Grey, Layout, PageClass, PageImage, Polygon, TickBox

_MIN_FOUND = 0.4
"""Share of labels from which a page is taken to bear the form; others show 0.1 by chance."""
_HELD_MM = 4.0
"""How far the fit may draw the corners that a person gave."""
_TRUSTED = 0.5
"""Trust in a label and its leader below which something speaks against them (``boxes``,
``halves``); an inferred label has more."""
_BEND_MM = 30.0
"""A box gets a pair of corners every so many millimetres, to follow the paper's bend."""


def learn_lines(seen: Sequence[Seen], form: Form) -> tuple[dict[str, Any], float, tuple[Seen, ...]]:
    """Geometry of a book (plain JSON data, millimetres), share of labels found, pages used."""
    learned = learn_template(seen, form)
    template = learned.template
    geometry = {
        "width": round(template.width, 2),
        "height": round(template.height, 2),
        "print": pack(_only_print(template)),
        "anchors": [[round(v, 2) for v in anchor] for anchor in template.anchors],
        "leaders": [list(leader) for leader in template.leaders],
        "fields": [
            {
                "entry": field.entry,
                "field": field.field,
                "box": [round(v, 2) for v in field.box],
                "label": [round(v, 2) for v in field.label],
                "lines": field.lines,
                "trust": round(field.trust, 3),
                "margin": field.margin,
            }
            for field in learned.fields
        ],
        "ticks": [
            {**asdict(tick), "box": [round(v, 2) for v in tick.box]} for tick in learned.ticks
        ],
        "missing": list(learned.missing),
        "inferred": list(learned.inferred),
        "pages": len(learned.pages),
        "score": round(learned.score, 3),
    }
    return geometry, learned.score, learned.pages


def _only_print(template: Template) -> Grey:
    """The labels' ink alone: all that a page is searched for."""
    kept = np.zeros_like(template.ink)
    for x0, y0, x1, y1 in template.anchors:
        rows = slice(max(0, round((y0 - 0.5) / MM)), round((y1 + 0.5) / MM) + 1)
        columns = slice(max(0, round((x0 - 0.5) / MM)), round((x1 + 0.5) / MM) + 1)
        kept[rows, columns] = template.ink[rows, columns]
    return kept


def lay_out_lines(
    pages: Sequence[PageImage],
    geometry: Mapping[str, Any],
    form: Form,
    corners: Mapping[int, Polygon] = MappingProxyType({}),
) -> Layout:
    """Boxes of all fields on the pages of a scan; ``corners`` are a person's, in scan pixels."""
    template = _template(geometry)
    fields = [_field(field) for field in geometry["fields"]]
    squares = _squares(geometry)
    cells: list[Cell] = []
    ticks: list[TickBox] = []
    entries = 0
    found: list[float] = []
    for number, page in enumerate(pages):
        placed = _registered(page, template, fields, corners.get(number))
        found.append(placed.confidence)
        if placed.confidence < _MIN_FOUND:
            continue
        cells += _cells(fields, template, placed, page, number, entries, geometry["score"])
        ticks += ticks_on_page(squares, placed.warp, page, number, entries)
        entries += form.entries
    notes = _notes(geometry)
    if not entries:
        return Layout(form.form, (), max(found, default=0.0), 0, PageClass.OTHER, notes)
    # A form that was poorly read while learning cannot be trusted on any page.
    learned = min(1.0, 0.45 + 0.65 * geometry["score"])
    good = [share * learned for share in found if share >= _MIN_FOUND]
    return Layout(
        form.form, tuple(cells), min(good), entries, PageClass.ENTRIES, notes, tuple(ticks)
    )


def _registered(
    page: PageImage, template: Template, fields: Sequence[FieldBox], corners: Polygon | None
) -> Registration:
    """Where the form lies on the page: searched for, or held to the corners a person gave."""
    ink = impression(page.grey, page.dpi)
    if corners is None:
        return register(ink, template)
    frame = printed_part(fields)
    given = stretched(page, corners, frame, (template.width, template.height))
    found = register(ink, template, given)
    if apart(found.warp, given, frame) <= _HELD_MM:
        return replace(found, confidence=1.0)
    return Registration(given, (1.0,) * len(template.anchors), 1.0, found.leader_support)


def printed_part(fields: Sequence[FieldBox]) -> Box:
    """The rectangle of the frame that holds all labels and fields, mm: what corners mean."""
    own = [field for field in fields if not field.margin]
    boxes = np.array([box for field in own for box in (field.box, field.label)])
    x0, y0 = boxes[:, :2].min(axis=0).tolist()
    x1, y1 = boxes[:, 2:].max(axis=0).tolist()
    return (x0, y0, x1, y1)


_MISSING = Text(
    "Không tìm thấy nhãn của mục: {field}; mục này không có ô.",
    "Label not found: {field}; the field has no box.",
)
_INFERRED = Text(
    "Không đọc được nhãn của mục: {field}; vị trí suy ra từ các nhãn bên cạnh.",
    "Label not read: {field}; its place was inferred from its neighbours.",
)


def _notes(geometry: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(
        text.format(field=FIELDS[name].label)
        for text, names in ((_MISSING, geometry["missing"]), (_INFERRED, geometry["inferred"]))
        for name in names
    )


def _template(geometry: Mapping[str, Any]) -> Template:
    return Template(
        geometry["width"],
        geometry["height"],
        unpack(geometry["print"]),
        tuple((a[0], a[1], a[2], a[3]) for a in geometry["anchors"]),
        tuple((a[0], a[1], a[2]) for a in geometry["leaders"]),
    )


def _field(data: Mapping[str, Any]) -> FieldBox:
    return FieldBox(
        data["entry"],
        data["field"],
        tuple(data["box"]),
        tuple(data["label"]),
        data["lines"],
        data["trust"],
        data.get("margin", False),
    )


def _squares(geometry: Mapping[str, Any]) -> tuple[TickPlace, ...]:
    return tuple(
        TickPlace(**{**tick, "box": tuple(tick["box"])}) for tick in geometry.get("ticks", ())
    )


def _cells(
    fields: Sequence[FieldBox],
    template: Template,
    placed: Registration,
    page: PageImage,
    number: int,
    entries: int,
    score: float,
) -> list[Cell]:
    centres = np.array([((a[0] + a[2]) / 2, (a[1] + a[3]) / 2) for a in template.anchors])
    agrees = np.array(placed.agrees)
    cells = []
    for field in fields:
        middle = np.array([(field.box[0] + field.box[2]) / 2, (field.box[1] + field.box[3]) / 2])
        # Heights decide over right and wrong line, so a label above counts as farther away.
        away = np.hypot(*((centres - middle) * (0.5, 1.0)).T)
        near = np.argsort(away)[:5]
        local = float(np.average(agrees[near], weights=1 / (4 + away[near])))
        signs = (
            placed.confidence,
            placed.leader_support,
            local,
            float(agrees[near[:2]].min()),
            placed.wander,
            field.trust,
            score,
        )
        confidence = min(1.0, local * field.trust * (0.7 + 0.3 * placed.leader_support))
        printed = _overlaps(field.box, field.label)
        cells.append(
            Cell(
                page=number,
                entry=entries + field.entry,
                field=field.field,
                polygon=_polygon(field.box, placed.warp, page.dpi),
                confidence=confidence,
                lines=field.lines,
                signs=signs,
                printed=(_polygon(field.label, placed.warp, page.dpi),) if printed else (),
                margin=field.margin,
                doubt=1.0 if field.trust >= _TRUSTED else field.trust,
            )
        )
    return cells


def _overlaps(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _polygon(box: Box, warp: Warp, dpi: float) -> Polygon:
    """The box on the page, in page pixels: top edge rightwards, bottom edge back."""
    x0, y0, x1, y1 = box
    steps = 1 + int((x1 - x0) // _BEND_MM)
    across = np.linspace(x0, x1, steps + 1)
    corners = [(x, y0) for x in across] + [(x, y1) for x in across[::-1]]
    points = warp.apply(corners) * (dpi / MM_PER_INCH)
    return tuple((float(x), float(y)) for x, y in points)
