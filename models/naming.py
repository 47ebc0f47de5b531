"""Names of books that a person can say on the telephone and put into a file name."""

from __future__ import annotations

import re

from models.base import SORTABLE_LENGTH
from pipeline.scan.cover import volume_key as bare_volume
from pipeline.types import Kind
from pipeline.values.text import fold

_DISTRICT_TYPES = ("huyen", "quan", "thi xa", "thanh pho")


def slug(text: str) -> str:
    """Lower-case ASCII words joined by hyphens: ``Xã An Thái`` → ``xa-an-thai``."""
    return re.sub(r"[^a-z0-9]+", "-", fold(text)).strip("-")


def volume_key(volume: str) -> str:
    """A book's number in one spelling: ``1`` → ``01``, ``12b`` → ``12b``; none → ``00``."""
    key = bare_volume(volume)
    return f"{int(key):02d}" if key.isdecimal() else slug(key) or "00"


def book_code(
    unit_type: str, unit_name: str, district: str, kind: Kind, year: int, volume: str
) -> str:
    """``xa-an-thai.an-lao.KS.2008.01``: the unit with its type, its district without."""
    unit, type_ = slug(unit_name), slug(unit_type)
    if type_ and unit != type_ and not unit.startswith(f"{type_}-"):
        unit = f"{type_}-{unit}"
    above = fold(district)
    for word in _DISTRICT_TYPES:
        above = above.removeprefix(f"{word} ")
    where = ".".join(part for part in (unit, slug(above)) if part)
    book = f"{kind}.{year}.{volume_key(volume)}"
    # A little room is left for the number that tells namesakes apart.
    return f"{where[: SORTABLE_LENGTH - len(book) - 10]}.{book}"
