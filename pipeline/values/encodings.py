"""Text typed before Unicode: TCVN 5712 (TCVN3, ``.Vn`` fonts) and VNI, taken for Latin-1.

Tables: TCVN 5712:1993, VN3 set with lower-case letters only (capitals are a matter of the font),
and the VNI-Win encoding, where marks follow their vowel.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache

from pipeline.reading.syllables import is_vietnamese

_TCVN3 = dict(
    zip(
        "µ¸¶·¹¨»¾¼½Æ©ÇÊÈÉË®ÌÐÎÏÑªÒÕÓÔÖ×ÝØÜÞßãáâä«åèæçé¬êíëìîïóñòô\xadõøö÷ùúýûüþ¡¢§£¤¥¦",
        "àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵĂÂĐÊÔƠƯ",
        strict=True,
    )
)
_ONLY_TCVN3 = frozenset("µ¸¶·¹¨»¾¼½©®ª«¬\xad¡¢§£¤¥¦")
"""Signs that stand in no Vietnamese or French word."""

_VNI_MARKS = {
    **dict(zip("ùøûõï", "áàảãạ", strict=True)),
    **dict(zip("âáàåãä", "âấầẩẫậ", strict=True)),
    **dict(zip("êéèúüë", "ăắằẳẵặ", strict=True)),
}
_VNI = {
    **{f"a{mark}": letter for mark, letter in _VNI_MARKS.items()},
    **dict(zip(("eù", "eø", "eû", "eõ", "eï"), "éèẻẽẹ", strict=True)),
    **dict(zip(("eâ", "eá", "eà", "eå", "eã", "eä"), "êếềểễệ", strict=True)),
    **dict(zip(("où", "oø", "oû", "oõ", "oï"), "óòỏõọ", strict=True)),
    **dict(zip(("oâ", "oá", "oà", "oå", "oã", "oä"), "ôốồổỗộ", strict=True)),
    **dict(zip(("ôù", "ôø", "ôû", "ôõ", "ôï"), "ớờởỡợ", strict=True)),
    **dict(zip(("uù", "uø", "uû", "uõ", "uï"), "úùủũụ", strict=True)),
    **dict(zip(("öù", "öø", "öû", "öõ", "öï"), "ứừửữự", strict=True)),
    **dict(zip(("yù", "yø", "yû", "yõ"), "ýỳỷỹ", strict=True)),
}
_VNI |= {pair.upper(): letter.upper() for pair, letter in _VNI.items()}
_VNI |= {f"{pair[0].upper()}{pair[1]}": letter.upper() for pair, letter in _VNI.items()}
_VNI_ALONE = {
    **{"ñ": "đ", "Ñ": "Đ", "ô": "ơ", "Ô": "Ơ", "ö": "ư", "Ö": "Ư"},
    **{"æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ", "Æ": "Ỉ", "Î": "Ỵ"},
}
_VNI_SIGN = re.compile("|".join(sorted(map(re.escape, {**_VNI, **_VNI_ALONE}), reverse=True)))
_ONLY_VNI = re.compile(
    r"[aeouyôöAEOUYÔÖ][øûåÿØÛÅ]|ñ|Ñ|[ôöÔÖ][ùõïÙÕÏ]|[oeOE][äåÄÅ]|a[ëüú]"
    r"|[eE][âáàãÂÁÀÃ]|[aA][êâáàãèÊÂÁÀÃÈ]"
)

_OUT_OF_PLACE = re.compile(
    r"[äåæçëîïðñöøûüþÿ÷×ÄÅÆÇËÎÏÐÑÖØÛÜÞ]|(?<=[a-z])[ÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝ]|[aeuAEU][ùõÙÕ]|[oO][âÂ]"
)
"""Signs, capitals and pairs of vowels that no word of Vietnamese has there."""
_WORD = re.compile(r"[^\W\d_]+")


class Legacy(StrEnum):
    """Encoding a text was found in."""

    NONE = "Unicode"
    TCVN3 = "TCVN3"
    VNI = "VNI"
    DAMAGED = "TCVN3/VNI?"


@lru_cache(maxsize=1024)
def from_legacy(text: str) -> tuple[str, Legacy]:
    """Unicode text and the encoding it came out of.

    A text without any sign of an old encoding stays. ``DAMAGED`` where such signs remain after
    conversion: part of the text was lost on the way.
    """
    if text.isascii():
        return text, Legacy.NONE
    if any(sign in _ONLY_TCVN3 for sign in text):
        if any(sign > "\u024f" or sign in "đĐăĂơƠưƯ" for sign in text):
            return text, Legacy.NONE  # real Vietnamese letters beside a sign such as « or §
        return _of_tcvn3(text), Legacy.TCVN3
    if any(sign > "\u00ff" for sign in text):
        return text, Legacy.NONE
    turned, legacy = _by_syllables(text)
    if legacy is Legacy.NONE and _ONLY_VNI.search(text):
        turned = _of_vni(text)
        legacy = Legacy.DAMAGED if re.search("[øûåÿØÛÅñÑ]", turned) else Legacy.VNI
    return turned, legacy


def _of_tcvn3(text: str) -> str:
    turned = "".join(_TCVN3.get(sign, sign) for sign in text)
    plain = [
        "".join(sign for sign in word if sign.isascii() and sign.isalpha()) for word in text.split()
    ]
    # the font alone makes capitals of the small letters with marks
    capitals = max(map(len, plain), default=0) > 1 and all(word.isupper() for word in plain if word)
    return turned.upper() if capitals else turned


def _of_vni(text: str) -> str:
    table = _VNI_ALONE | _VNI
    return _VNI_SIGN.sub(lambda found: table[found[0]], text)


def _by_syllables(text: str) -> tuple[str, Legacy]:
    """Signs that French has too: old where only so every word is a Vietnamese syllable.

    One of them must be out of place in Vietnamese: *Lôc* is Lộc without its dot, not Lục.
    """
    if not _OUT_OF_PLACE.search(text) or _all_vietnamese(text):
        return text, Legacy.NONE
    ways = ((_of_tcvn3(text), Legacy.TCVN3), (_of_vni(text), Legacy.VNI))
    found = [way for way in ways if _all_vietnamese(way[0])]
    return found[0] if len(found) == 1 else (text, Legacy.NONE)


def _all_vietnamese(text: str) -> bool:
    words = _WORD.findall(text)
    return bool(words) and all(map(is_vietnamese, words))
