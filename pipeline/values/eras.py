"""Years that are no numbers: reigns of the Nguyễn, and the cycle of sixty (can chi).

First years of the reigns and the order of stems and branches are recalled (``registers.md``
3.1); 1984 is Giáp Tý. Both count lunar years. Tý and Tỵ lose their difference with their marks,
but a stem goes only with every other branch, so that the pair tells which is meant.
"""

from __future__ import annotations

REIGNS = {
    ("gia", "long"): (1802, 1819),
    ("minh", "mang"): (1820, 1840),
    ("minh", "menh"): (1820, 1840),
    ("thieu", "tri"): (1841, 1847),
    ("tu", "duc"): (1848, 1883),
    ("kien", "phuc"): (1884, 1884),
    ("ham", "nghi"): (1885, 1885),
    ("dong", "khanh"): (1886, 1888),
    ("thanh", "thai"): (1889, 1907),
    ("duy", "tan"): (1907, 1916),
    ("khai", "dinh"): (1916, 1925),
    ("bao", "dai"): (1926, 1945),
}
"""Folded name -> first and last year."""

STEMS = ("giap", "at", "binh", "dinh", "mau", "ky", "canh", "tan", "nham", "quy")
BRANCHES = (
    ("ty", "ti"), ("suu",), ("dan",), ("mao", "meo"), ("thin",), ("ty", "ti"),
    ("ngo",), ("mui", "vi"), ("than",), ("dau",), ("tuat",), ("hoi",),
)  # fmt: skip

ERA_SPELLINGS = {
    "giap": ("giáp",), "at": ("ất",), "binh": ("bính",), "dinh": ("đinh", "định"), "mau": ("mậu",),
    "ky": ("kỷ", "kỉ"), "canh": ("canh",), "tan": ("tân",), "nham": ("nhâm", "nhăm"),
    "quy": ("quý", "quí"), "qui": ("quí",), "ty": ("tý", "tỵ"), "ti": ("tí", "tị"),
    "suu": ("sửu",), "dan": ("dần",), "mao": ("mão",), "meo": ("mẹo",), "thin": ("thìn",),
    "ngo": ("ngọ",), "mui": ("mùi",), "vi": ("vị",), "than": ("thân",), "dau": ("dậu",),
    "tuat": ("tuất",), "hoi": ("hợi",), "thu": ("thứ",), "nien": ("niên",), "nguyen": ("nguyên",),
    "gia": ("gia",), "long": ("long",), "minh": ("minh",), "mang": ("mạng",), "menh": ("mệnh",),
    "thieu": ("thiệu",), "tri": ("trị",), "tu": ("tự",), "duc": ("đức",), "kien": ("kiến",),
    "phuc": ("phúc",), "nghi": ("nghi",), "dong": ("đồng",), "khanh": ("khánh",),
    "thanh": ("thành",), "thai": ("thái",), "duy": ("duy",), "khai": ("khải",), "bao": ("bảo",),
    "dai": ("đại",), "ham": ("hàm",),
}  # fmt: skip
"""Folded word -> as it is written."""


def cycle_of(year: int) -> int:
    """Place of a lunar year in the cycle: 0 for Giáp Tý."""
    return (year - 4) % 60


def latest_in_cycle(place: int, limit: int) -> int:
    """The latest year of a cycle's name that is not after ``limit``."""
    return limit - (limit - 4 - place) % 60
