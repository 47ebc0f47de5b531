"""A link's reasons in words: what agrees or differs, and what that is worth."""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.checks.linking.find import Reason
from pipeline.texts import Text

RELATIONS = {
    "same_registration": Text("một việc ghi hai lần", "one act written twice"),
    "same_person": Text("việc của một đời người", "acts of one life"),
}
ROLES = {
    "child": Text("người được khai sinh", "child"),
    "husband": Text("chồng", "husband"),
    "wife": Text("vợ", "wife"),
    "deceased": Text("người chết", "deceased"),
}
_RARE, _COMMON = 14.0, 10.0
"""Bits of a name that one in 16,000 bears, and that one in 1,000 bears."""
_DAYS = {
    "same": Text("{what} giống nhau", "same {what}"),
    "fits": Text("{what} không mâu thuẫn", "{what} fits as far as it goes"),
    "one_part": Text("{what} lệch một phần", "one part of the {what} differs"),
    "year": Text("{what} chỉ cùng năm", "only the year of the {what} is the same"),
    "near_year": Text("{what} lệch một năm", "{what} a year apart"),
    "other": Text("{what} khác nhau", "{what} differs"),
}
_BRIEF_DAYS = {
    "same": Text("giống nhau", "the same"),
    "fits": Text("không mâu thuẫn", "fits as far as it goes"),
    "one_part": Text("lệch một phần", "one part differs"),
    "year": Text("chỉ cùng năm", "only the year is the same"),
    "near_year": Text("lệch một năm", "a year apart"),
    "other": Text("khác nhau", "differs"),
}
_THINGS = {
    "born": Text("ngày sinh", "birth date"),
    "event": Text("ngày xảy ra", "day of the act"),
    "sex": Text("giới tính", "sex"),
    "unit": Text("đơn vị", "unit"),
    "other": Text("tên mẹ hoặc vợ/chồng", "mother's or spouse's name"),
}
_NAMES = {
    "same": Text("cùng tên", "same name"),
    "marks": Text("tên chỉ khác dấu", "names differ in marks alone"),
    "ends": Text("cùng họ và tên, khác chữ đệm", "same family and given name"),
    "near": Text("tên lệch một hai chữ cái", "names a letter or two apart"),
    "other": Text("tên khác nhau", "names differ"),
}
_NUMBERS = {
    "same": Text("cùng số, đơn vị và năm", "same number, unit and year"),
    "other": Text("khác số", "numbers differ"),
    "one_book": Text("hai số trong một quyển", "two numbers in one book"),
}


def told(reasons: Iterable[Reason]) -> str:
    """``same rare name +14.2, birth date differs -3.1``: the weightiest first."""
    ordered = sorted(reasons, key=lambda one: -abs(one.weight))
    return ", ".join(f"{_said(one)} {one.weight:+.1f}" for one in ordered)


def _said(one: Reason) -> str:
    if one.what in ("name", "number"):
        return brief(one)
    return _DAYS[one.level].format(what=_THINGS[one.what])


def brief(one: Reason) -> str:
    """How one thing agrees, said beside its name: ``same rare name``, ``a year apart``."""
    if one.what == "name":
        if one.level == "same" and one.weight >= _RARE:
            return str(Text("cùng tên hiếm", "same rare name"))
        if one.level == "same" and one.weight < _COMMON:
            return str(Text("cùng tên thường gặp", "same common name"))
        return str(_NAMES[one.level])
    return str(_NUMBERS[one.level] if one.what == "number" else _BRIEF_DAYS[one.level])
