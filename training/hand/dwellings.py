"""Places as one clerk writes them over a book: many hamlets, some by number, few communes.

The generator of samples writes the same few places again and again. A memory of a book must not
learn from that: *thôn 3* and *thôn 5* are both places of the book, and a 3 is soon read as a 5.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from samples import people

_KINDS = ("thôn", "xóm", "đội", "tổ", "khu")
_OLD_NAMES = (
    "Đông", "Đoài", "Trung", "Thượng", "Hạ", "Nam", "Bắc", "Đình", "Chùa", "Chợ", "Cầu", "Giữa",
    "Trong", "Ngoài", "Mới", "Trại", "Bến", "Đống", "Núi", "Đầm",
)  # fmt: skip
_BIRTH_PLACES = ("trạm y tế xã {unit}", "Bệnh viện {district}", "Bệnh viện Phụ sản Hải Phòng")
_MOST = 24
_AT_HOME, _BORN_IN_A_HOUSE = 0.75, 0.6
_TAIL = 0.7
_TWO_WORDS = 0.4


@dataclass(frozen=True)
class Dwellings:
    """What one clerk writes for places, the commoner ones first.

    Attributes:
        hamlets: *thôn Đông*, *tổ 3*, in this clerk's words and capitals.
        communes: with their district, that of the book first.
        district: whether the district is written behind.
        city: whether the city is.
        comma: between them.
    """

    hamlets: tuple[str, ...]
    communes: tuple[tuple[str, str], ...]
    district: bool
    city: bool
    comma: str

    def __call__(self, field: str, rng: random.Random) -> str:
        """One place for a field of this name."""
        if field == "birth_place" and rng.random() > _BORN_IN_A_HOUSE:
            unit, district = (_bare(name) for name in self.communes[0])
            return rng.choice(_BIRTH_PLACES).format(unit=unit, district=district)
        home = rng.random() < _AT_HOME
        unit, district = self.communes[0] if home else rng.choice(self.communes)
        # Few hamlets are large, many are small.
        at = min(int(rng.expovariate(4 / len(self.hamlets))), len(self.hamlets) - 1)
        parts = [self.hamlets[at] if rng.random() < _TAIL else "", _small(unit)]
        parts += [_small(district)] * self.district + ["Hải Phòng"] * self.city
        return self.comma.join(part for part in parts if part)


def dwellings(unit: str, district: str, rng: random.Random) -> Dwellings:
    """What a clerk of a commune writes."""
    kind = rng.choice(_KINDS)
    kind = kind.capitalize() if rng.random() < 1 / 3 else kind
    count = rng.randint(4, _MOST)
    names = [str(n) for n in range(1, count + 1)]
    if rng.random() < 1 / 2:
        names = rng.sample(_OLD_NAMES, min(count, len(_OLD_NAMES)))
        units = rng.sample(people.units(), count)
        names = [_bare(one[0]) if rng.random() < _TWO_WORDS else own
                 for one, own in zip(units, names, strict=False)]  # fmt: skip
    rng.shuffle(names)
    others = rng.sample(people.units(), rng.randint(2, 8))
    return Dwellings(
        tuple(f"{kind} {name}" for name in names),
        ((unit, district), *others),
        district=rng.random() < 2 / 3,
        city=rng.random() < 1 / 3,
        comma=rng.choice((", ", ", ", " - ", " ")),
    )


def _bare(unit: str) -> str:
    return unit.partition(" ")[2]


def _small(unit: str) -> str:
    kind, _, name = unit.partition(" ")
    return f"{kind.lower()} {name}"
