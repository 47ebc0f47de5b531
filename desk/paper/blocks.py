"""What a paper is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Align = Literal["L", "C", "R"]


@dataclass(frozen=True)
class Letterhead:
    """The two columns above an official paper (form after Decree 30/2020/NĐ-CP, annex I).

    Left the authority's names, the last one bold; right the country's name and motto.
    """

    authority: tuple[str, ...]
    place_and_day: str = ""
    """``Hải Phòng, ngày 05 tháng 01 năm 2026``; in italics below the motto."""


@dataclass(frozen=True)
class Heading:
    """``level`` 1: the title, in the middle; 2: of a section, never alone at a page's foot."""

    text: str
    level: Literal[1, 2] = 2


@dataclass(frozen=True)
class Paragraph:
    """Running text; ``size`` in points."""

    text: str
    bold: bool = False
    italic: bool = False
    align: Align = "L"
    size: float = 11.0


@dataclass(frozen=True)
class Facts:
    """Names and what they are, one a line; ``share`` of the width is the names'."""

    rows: Sequence[tuple[str, str]]
    share: float = 0.3
    size: float = 11.0


@dataclass(frozen=True)
class Column:
    """A column of a table; ``width`` counts among the others'."""

    title: str
    width: float = 1.0
    align: Align = "L"


@dataclass(frozen=True)
class Table:
    """Rows under a head that stands again on each page. Rows with numbers in ``bold`` are sums.

    Text is wrapped; a word longer than its column (a digest) is broken anywhere.
    """

    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    bold: frozenset[int] = frozenset()
    size: float = 9.0


@dataclass(frozen=True)
class Picture:
    """An SVG, PNG or JPEG over ``share`` of the width, in the middle."""

    data: bytes
    share: float = 1.0
    caption: str = ""


@dataclass(frozen=True)
class Signature:
    """A place to sign: whose it is, what stands under it, and a name where it is known."""

    role: str
    hint: str = "(Ký, ghi rõ họ tên)"
    name: str = ""


@dataclass(frozen=True)
class Signatures:
    """Places to sign, side by side; no page break tears them apart."""

    places: Sequence[Signature]


@dataclass(frozen=True)
class NewPage:
    """What follows begins on a page of its own."""


Block = Letterhead | Heading | Paragraph | Facts | Table | Picture | Signatures | NewPage
