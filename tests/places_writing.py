"""How clerks write a place and how a reader misreads it: the hand of the examiner's generator."""

from __future__ import annotations

import random
import unicodedata

STREETS = (
    "Số 12 ngõ 45 phố Hai Bà Trưng",
    "Số nhà 7 đường Lạch Tray",
    "123 Lê Lợi",
    "số 4 ngách 2/15",
    "tổ 5, khu phố 3",
    "k/p 2",
    "Tổ dân phố số 8",
    "thôn 3",
    "xóm Đông",
    "đội 4",
    "Số 18B phố Cát Cụt",
    "phòng 302 nhà A5",
    "xóm 7, thôn Trung",
    "số 25 đường Trần Nguyên Hãn",
)
HOMES = (
    "tại nhà, {}",
    "Trạm y tế {}",
    "Trạm xá {}",
    "Nhà hộ sinh {}",
    "Trạm y tế thuộc {}",
    "UBND {}",
    "Ở nhà riêng tại {}",
)
_SHORT = {
    "Xã": ("x.", "X.", "x. "),
    "Phường": ("P.", "p.", "P. ", "Ph. "),
    "Thị trấn": ("TT ", "TT. ", "T.T ", "t.t. "),
    "Quận": ("Q.", "q.", "Q. "),
    "Huyện": ("H.", "h.", "H. "),
    "Thị xã": ("TX ", "T.X ", "TX. "),
    "Thành phố": ("TP ", "TP.", "T.P ", "Tp. "),
    "Tỉnh": ("T.", "t. "),
}
_VILLAGE = ("Làng", "Thôn", "Tổng")
_CITY = ("TP.HP", "TP Hải Phòng", "Hp", "HP", "T.P Hải Phòng")
# What hands and readers confuse, letter for letter; marks are lost and swapped apart from this.
_ALIKE = {
    "n": "ur", "u": "n", "h": "b", "b": "h", "c": "e", "e": "c", "l": "t", "t": "l", "i": "l",
    "a": "o", "o": "a", "m": "n", "r": "v", "v": "r", "g": "q", "y": "g", "đ": "d", "d": "đ",
    "ê": "e", "ô": "o", "ơ": "o", "ư": "u", "ă": "â", "â": "ă", "s": "r", "p": "g", "k": "h",
}  # fmt: skip
_TONES = "\u0300\u0301\u0303\u0309\u0323"


def _split(part: str) -> tuple[str, str]:
    for kind in sorted((*_SHORT, *_VILLAGE), key=len, reverse=True):
        if part.lower().startswith(kind.lower() + " "):
            return part[: len(kind)], part[len(kind) + 1 :]
    return "", part


def written(parts: list[str], draw: random.Random) -> str:
    """As a careful clerk writes: types in small letters or capitals, commas or hyphens between."""
    glue = draw.choice((", ", ", ", ", ", " - ", " ", ","))
    lower = draw.random() < 0.7
    shown = []
    for part in parts:
        kind, name = _split(part)
        if kind and kind == "Thành phố" and draw.random() < 0.5:
            kind = ""
        shown.append(f"{kind.lower() if lower else kind} {name}".strip())
    if glue == " " and not all(_split(part)[0] for part in parts[1:2]):
        glue = ", "
    return glue.join(shown)


def abbreviated(parts: list[str], draw: random.Random) -> str:
    """Types cut short: `x. An Thái, H.An Lão, TP.HP`."""
    shown = []
    for part in parts:
        kind, name = _split(part)
        if part == "Thành phố Hải Phòng":
            shown.append(draw.choice(_CITY))
        else:
            shown.append(draw.choice(_SHORT[kind]) + name if kind else name)
    return draw.choice((", ", " - ", ", ")).join(shown)


def hyphenated(parts: list[str], draw: random.Random) -> str:
    """Old spelling: `xã Vĩnh-Niệm, huyện An-Hải`; later syllables in small letters at times."""
    low = draw.random() < 0.3
    shown = []
    for part in parts:
        kind, name = _split(part)
        first, *rest = name.split(" ")
        joined = "-".join([first, *(word.lower() if low else word for word in rest)])
        shown.append(f"{kind.lower()} {joined}".strip())
    return ", ".join(shown)


def unmarked(text: str) -> str:
    """The same letters without marks: `xa Vinh Niem`."""
    parts = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(c for c in parts if unicodedata.category(c) != "Mn")


def misread(word: str, times: int, draw: random.Random) -> str:
    """`word` with `times` letters confused, lost or their marks lost or swapped."""
    letters = list(unicodedata.normalize("NFC", word))
    places = [i for i, c in enumerate(letters) if c != " "]
    for place in draw.sample(places, min(times, len(places))):
        letter = letters[place]
        apart = unicodedata.normalize("NFD", letter.lower())
        tones = [c for c in apart if c in _TONES]
        body = unicodedata.normalize("NFC", "".join(c for c in apart if c not in _TONES))
        chance = draw.random()
        if tones and chance < 0.6:
            swapped = draw.choice([t for t in _TONES if t not in tones] + ["", ""])
            new = unicodedata.normalize("NFC", unicodedata.normalize("NFD", body) + swapped)
        elif body in _ALIKE and chance < 0.9:
            new = draw.choice(_ALIKE[body])
            new = unicodedata.normalize(
                "NFC", unicodedata.normalize("NFD", new) + "".join(tones if new in "aou" else ())
            )
        elif letter.islower() and chance > 0.93:
            new = ""
        else:
            new = draw.choice(_ALIKE.get(body, body))
        letters[place] = new.upper() if letter.isupper() else new
    return "".join(letters)


def distance(one: str, two: str) -> int:
    """Letters to change, add or drop between two words."""
    row = list(range(len(two) + 1))
    for i, a in enumerate(one, 1):
        last, row[0] = row[0], i
        for j, b in enumerate(two, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (a != b))
    return row[-1]
