"""Marks on an entry in words: boxes that may be ticked, and why one of them asks for a person."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from desk.review.shown import in_language
from pipeline.checks.decide import MARGIN_NOTE
from pipeline.checks.ditto import DITTO_CORRECTED
from pipeline.form import load_forms
from pipeline.reading.corrections import CORRECTED
from pipeline.reading.overflow import OVERFLOWS, OVERRUN, TORN
from pipeline.reading.ticks import NONE_TICKED, SEVERAL_TICKED
from pipeline.texts import Text

_MARKS = {
    NONE_TICKED: Text("Máy không thấy ô nào được đánh dấu.", "No box was seen to be ticked."),
    SEVERAL_TICKED: Text(
        "Máy thấy nhiều ô được đánh dấu.", "More than one box was seen to be ticked."
    ),
    DITTO_CORRECTED: Text(
        "Dấu “như trên”: giá trị ở trên vừa được sửa.",
        "A ditto: the value that it repeats has been corrected.",
    ),
    MARGIN_NOTE: Text(
        "Có thể có chữ ở lề: xem dọc cả lề trang, không có gì thì bấm - .",
        "There may be writing in the margin: look all along it; - where there is none.",
    ),
    CORRECTED: Text(
        "Có chữ bị gạch, chữ sửa ở phía trên.", "Text is struck out, its correction stands above."
    ),
    OVERFLOWS: Text(
        "Chữ tràn qua mép ô; máy đọc cả phần tràn.",
        "The writing runs over the edge of its cell; all of it was read.",
    ),
    OVERRUN: Text(
        "Chữ của ô bên trái tràn sang ô này; máy không đọc phần đó.",
        "The cell on the left runs over into this one; that part was not read.",
    ),
    TORN: Text(
        "Có chữ dính với dòng trên hoặc dưới; máy bỏ phần đó.",
        "Letters hang together with the row above or below; they were left out.",
    ),
}


def told(reasons: Iterable[str], language: str) -> tuple[str, ...]:
    """What to say of the marks of a field."""
    return tuple(in_language(_MARKS[one], language) for one in reasons if one in _MARKS)


@lru_cache(maxsize=64)
def boxes_of(config: Path, form_id: str) -> dict[str, tuple[str, ...]]:
    """Values of the boxes that a form prints, by field, in printed order.

    Args:
        config: the folder ``ocr_config``.
        form_id: of the form; one that is not known prints none.
    """
    form = load_forms(config).get(form_id)
    found: dict[str, tuple[str, ...]] = {}
    for item in () if form is None else form.items:
        if item.ticks and item.choice not in found.get(item.ticks, ()):
            found[item.ticks] = (*found.get(item.ticks, ()), item.choice)
    return found
