"""What stands on the cover of a book, as people write it in a manifest: kind, year, volume."""

from __future__ import annotations

import re

from pipeline.errors import UnknownUnitError
from pipeline.scan.names import fold
from pipeline.texts import Text
from pipeline.types import Kind

FIRST_YEAR, LAST_YEAR = 1922, 2015
"""Years of opening of the books to be digitized: civil status in Tonkin begins in 1922 (Hải Phòng's
oldest registers), and from 2016 entries are made in the electronic system (registers.md 2.0)."""

_KIND_WORDS = {
    Kind.BIRTH: "ks khaisinh sinh birth births naissance naissances",
    Kind.MARRIAGE: "kh kethon giathu honthu marriage marriages mariage mariages",
    Kind.DEATH: "kt khaitu tu tuvong chungtu death deaths deces",
}
_KINDS = {word: kind for kind, words in _KIND_WORDS.items() for word in words.split()}
_OUT_OF_SCOPE = {
    "cmc": "CMC", "nhanchamecon": "CMC", "chamecon": "CMC",
    "hn": "HN", "tinhtranghonnhan": "HN", "xacnhantinhtranghonnhan": "HN",
}  # fmt: skip
_PREFIXES = ("sodangky", "dangky", "soho", "so", "registerof")


def parse_kind(text: str) -> Kind:
    """Kind of register from its code or its name in Vietnamese, English or French.

    Raises:
        UnknownUnitError: nobody knows it, or it is one of the kinds outside the project.
    """
    word = fold(text)
    bare = next(
        (
            word.removeprefix(p)
            for p in _PREFIXES
            if word.removeprefix(p) in {*_KINDS, *_OUT_OF_SCOPE}
        ),
        word,
    )
    if bare in _KINDS:
        return _KINDS[bare]
    if bare in _OUT_OF_SCOPE:
        detail = Text(
            "loại sổ {code} nằm ngoài phạm vi: chỉ số hóa khai sinh, kết hôn, khai tử",
            "register kind {code} is out of scope: only births, marriages and deaths are digitized",
        ).format(code=_OUT_OF_SCOPE[bare])
    else:
        detail = Text("loại sổ “{text}”", "register kind “{text}”").format(text=text.strip())
    raise UnknownUnitError(detail, nearest="KS, KH, KT")


def parse_year(text: str) -> int:
    """Year in which a book was opened, ``1975`` (a spreadsheet's ``1975.0`` too).

    Raises:
        UnknownUnitError: no year, or one outside 1922 to 2015.
    """
    found = re.fullmatch(r"(?:năm\s*)?([0-9]{4})(?:\.0+)?", text.strip().casefold())
    if found and FIRST_YEAR <= int(found[1]) <= LAST_YEAR:
        return int(found[1])
    detail = Text(
        "năm mở sổ “{text}”: cần bốn chữ số, từ {first} đến {last}",
        "year of opening “{text}”: four digits from {first} to {last} are needed",
    ).format(text=text.strip(), first=FIRST_YEAR, last=LAST_YEAR)
    raise UnknownUnitError(detail, nearest=f"{FIRST_YEAR}–{LAST_YEAR}")


def volume_key(volume: str) -> str:
    """What makes two volumes the same: ``01``, ``1`` and ``Quyển số 01/1975`` are."""
    bare = fold(volume.split("/")[0])
    for word in ("quyenso", "soquyen", "quyen", "so", "volume", "vol"):
        bare = bare.removeprefix(word)
    return bare.lstrip("0") or ("0" if bare else "")
