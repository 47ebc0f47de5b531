"""Invented people: parts of names put together by chance, as often as people bear them."""

from __future__ import annotations

import csv
import random
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from samples.chance import often

DATA = Path(__file__).resolve().parent / "data"

OLD_GIVEN = {
    "male": "Hùng Dũng Sơn Bình Thắng Tiến Chiến Thành Long Hải Cường Toàn Thịnh Quyết Hòa "
    "Khoát Thụ Chất Kha Lộc Điền Hợi Tý Thìn Dần Bẩy Sáu Ngọ Mão",
    "female": "Hoa Lan Hồng Nhung Thu Nga Hà Loan Mận Đào Bưởi Gái Thơm Tươi Nhàn Hiền Thảo "
    "Sen Nụ Mơ Lụa Tơ Thoa Xuyến Liên Minh Thìn Tuất Dần",
}
"""Given names that were usual before about 1960; recalled, not counted."""


@dataclass(frozen=True)
class Parts:
    """Name parts with weights, by sex (family names have none)."""

    words: tuple[str, ...]
    weights: tuple[float, ...]

    def draw(self, rng: random.Random) -> str:
        """One part by weight."""
        return rng.choices(self.words, self.weights)[0]


@lru_cache(maxsize=1)
def _parts() -> dict[tuple[str, str], Parts]:
    found: dict[tuple[str, str], list[tuple[str, float]]] = {}
    with (DATA / "name_parts.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            found.setdefault((row["part"], row["sex"]), []).append(
                (row["text"], float(row["count"]))
            )
    return {
        key: Parts(tuple(w for w, _ in items), tuple(n for _, n in items))
        for key, items in found.items()
    }


def full_name(rng: random.Random, sex: str, born: int, family: str = "") -> str:
    """A name in title case. ``sex`` is ``male`` or ``female``; ``born`` decides the fashion."""
    parts = _parts()
    family = family or parts["family", ""].draw(rng)
    if born < 1975 and often(rng, 0.75):
        middle = "Thị" if sex == "female" else rng.choice(("Văn", "Văn", "Văn", "Đức", "Xuân"))
    else:
        middle = parts["middle", sex].draw(rng)
    if born < 1960 and often(rng, 0.6):
        given = rng.choice(OLD_GIVEN[sex].split())
    else:
        given = parts["given", sex].draw(rng)
    if given in middle.split():
        middle = "Thị" if sex == "female" else "Văn"
    return f"{family} {middle} {given}"


def family_of(name: str) -> str:
    """The family name: the first word."""
    return name.split(" ", 1)[0]


@lru_cache(maxsize=1)
def units() -> tuple[tuple[str, str], ...]:
    """(unit, district) of the communes of Hải Phòng in 2004, as on a cover."""
    with (DATA / "units_2004.csv").open(encoding="utf-8", newline="") as lines:
        return tuple((row["unit"], row["district"]) for row in csv.DictReader(lines))


def spoken(unit: str) -> str:
    """A unit inside a sentence: ``Xã An Thái`` -> ``xã An Thái``."""
    for kind in ("Xã", "Phường", "Thị trấn", "Huyện", "Quận", "Thị xã"):
        if unit.startswith(kind + " "):
            return kind.lower() + unit[len(kind) :]
    return unit
