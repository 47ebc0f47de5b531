"""Days and extents as people of the office read them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from pipeline.places.when import OPEN_END, OPEN_START
from pipeline.texts import Text

_SET = re.compile(r"\[(.*)\.\.(.*)\]")

EXTENTS: Mapping[str, Text] = {
    "whole": Text("toàn bộ", "whole"),
    "part": Text("một phần", "part"),
    "remainder": Text("phần còn lại", "remainder"),
    "land_only": Text("chỉ đất, không có dân", "land only, no people"),
    "hamlets": Text("một số thôn", "some hamlets"),
    "unknown": Text("không rõ phạm vi", "extent unknown"),
}
LEVEL_NAMES: Mapping[str, Text] = {
    "country": Text("nước", "country"),
    "province": Text("cấp tỉnh", "province"),
    "district": Text("cấp huyện", "district"),
    "canton": Text("tổng", "canton"),
    "commune": Text("cấp xã", "commune"),
    "hamlet": Text("thôn, làng", "village"),
}
UNVERIFIED = Text("chưa kiểm chứng", "not verified")


def spell_when(text: str) -> str:
    """An EDTF date as written by hand: ``7/4/1966``, ``khoảng 1956``, ``1946–1956``.

    Of an interval of years only the years are said.
    """
    between = _SET.fullmatch(text)
    if between:
        first, last = between.groups()
        if first and last and first[:4] != last[:4]:
            return f"{first[:4]}–{last[:4]}"
        first, last = spell_when(first), spell_when(last)
        if not first:
            return Text("từ trước {day}", "before {day}").format(day=last)
        if not last:
            return Text("sau {day}", "after {day}").format(day=first)
        return f"{first}–{last}"
    about = text.endswith("~")
    parts = [str(int(part)) for part in text.rstrip("~").split("-") if part]
    spelt = "/".join(reversed(parts))
    return Text("khoảng {day}", "about {day}").format(day=spelt) if about else spelt


def spell_day(day: date) -> str:
    """``7/4/1966``; empty for an open one."""
    return "" if day in (OPEN_START, OPEN_END) else f"{day.day}/{day.month}/{day.year}"


def spell_life(begins: str, ends: str) -> str:
    """``từ trước 31/8/2004 → 1/1/2025``; ``nay`` while it lasts, ``?`` where nobody knows."""
    now = Text("nay", "now").format()
    return f"{spell_when(begins) or '?'} → {spell_when(ends) or now}"


def spell_extent(extent: str, share: float) -> str:
    """``toàn bộ``, ``một phần (50 %)``."""
    name = EXTENTS[extent].format() if extent in EXTENTS else extent
    return name if extent in ("whole", "land_only") else f"{name} ({share:.0%})"
