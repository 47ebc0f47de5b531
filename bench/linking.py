"""Time, memory and truth of linking invented people: ``python -m bench.linking --entries N``.

People are drawn from name parts with their counts, born through 1922–2015 in 233 units; some
marry, some die, some acts are written twice; names, days and units are misread or left out as
often as the options say. Names are drawn independently, which makes namesakes rarer or commoner
than life does: time and memory are what this measures best.
"""

from __future__ import annotations

import argparse
import csv
import random
import resource
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import accumulate
from typing import NamedTuple

from pipeline.checks.linking.blocks import Relation
from pipeline.checks.linking.find import find_links
from pipeline.checks.linking.people import Mention, columns
from pipeline.settings import PROJECT, load_thresholds
from pipeline.types import Kind

_FIRST, _LAST = date(1922, 1, 1), date(2015, 12, 31)
_UNITS = 233
_TONES = str.maketrans("áàảãạắằẳẵặấầẩẫậéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵ",
                       "aaaaaăăăăăâââââeeeeeêêêêêiiiiioooooôôôôôơơơơơuuuuuưưưưưyyyyy")  # fmt: skip
_MARRY, _DIE, _TWICE = 0.45, 0.4, 0.05
_A_BOOK = 60


class Person(NamedTuple):
    """Who is born."""

    name: str
    sex: str
    born: date
    unit: int
    mother: str


def _drawn(dice: random.Random) -> Callable[[str, str], str]:
    parts: dict[tuple[str, str], tuple[list[str], list[int]]] = {}
    with (PROJECT / "ocr_config/lexicons/name_parts.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            for sex in (row["sex"][0],) if row["sex"] else ("m", "f"):
                texts, counts = parts.setdefault((row["part"], sex), ([], []))
                texts.append(row["text"])
                counts.append(int(row["count"]))
    summed = {key: (texts, list(accumulate(counts))) for key, (texts, counts) in parts.items()}

    def draw(part: str, sex: str) -> str:
        texts, counts = summed[part, sex]
        return dice.choices(texts, cum_weights=counts)[0]

    return draw


class World:
    """Acts in the order they are written, and which of them belong together."""

    def __init__(self, entries: int, seed: int, misread: float) -> None:
        self.dice = random.Random(seed)
        self.draw = _drawn(self.dice)
        self.misread = misread
        self.entries = entries
        self.entry = 0
        self.numbers: dict[tuple[int, int, Kind], int] = {}
        self.links: dict[Relation, set[tuple[int, int]]] = {one: set() for one in Relation}

    def name(self, sex: str) -> str:
        """Family, middle and given name."""
        return " ".join(self.draw(part, sex) for part in ("family", "middle", "given"))

    def read(self, name: str) -> str:
        """A name as a reader has it: a tone lost, or a letter."""
        if not name or self.dice.random() >= self.misread:
            return name
        if self.dice.random() < 0.7:
            return name.translate(_TONES)
        at = self.dice.randrange(len(name))
        return name[:at] + self.dice.choice("aehnou") + name[at + 1 :]

    def day(self, day: date, partial: float = 0.0) -> str:
        """A date as it is written and read: sometimes the year alone, sometimes a wrong day."""
        if self.dice.random() < partial:
            return str(day.year)
        if self.dice.random() < self.misread:
            day = day.replace(day=self.dice.randint(1, 28))
        return day.isoformat()

    def mentions(self) -> Iterator[Mention]:
        """Acts until there are enough entries."""
        while self.entry < self.entries:
            yield from self._life()

    def _life(self) -> Iterator[Mention]:
        dice = self.dice
        sex = dice.choice("mf")
        days = (_LAST - _FIRST).days
        born = _FIRST + timedelta(days=dice.randrange(days))
        person = Person(self.name(sex), sex, born, dice.randrange(_UNITS), self.name("f"))
        acts: list[tuple[Kind, int]] = []
        if dice.random() < 0.8:  # the births of the oldest books are lost
            yield from self._act(Kind.BIRTH, born, person, acts, (("child", person),))
        wed = born + timedelta(days=dice.randrange(18 * 365, 40 * 365))
        if wed <= _LAST and dice.random() < _MARRY:
            other = "f" if sex == "m" else "m"
            spouse = Person(
                self.name(other), other, born + timedelta(days=dice.randrange(-2000, 2000)), 0, ""
            )
            pair = (("husband", person), ("wife", spouse))
            if sex == "f":
                pair = (("husband", spouse), ("wife", person))
            yield from self._act(Kind.MARRIAGE, wed, person, acts, pair)
        died = (wed if acts else born) + timedelta(days=dice.randrange(1, 60 * 365))
        if died <= _LAST and dice.random() < _DIE:
            yield from self._act(Kind.DEATH, died, person, acts, (("deceased", person),))

    def _act(
        self, kind: Kind, day: date, owner: Person, acts: list[tuple[Kind, int]],
        people: tuple[tuple[str, Person], ...],
    ) -> Iterator[Mention]:  # fmt: skip
        dice = self.dice
        unit = owner.unit if dice.random() < 0.75 else dice.randrange(_UNITS)
        key = (unit, day.year, kind)
        number = self.numbers[key] = self.numbers.get(key, 0) + 1
        written = [self.entry]
        if dice.random() < _TWICE:
            written.append(self.entry + 1)
            self.links[Relation.REGISTRATION].add((written[0], written[1]))
        for entry in written:
            copy = entry != written[0]
            for before, other in acts:
                if before is not kind:
                    self.links[Relation.PERSON].add((min(other, entry), max(other, entry)))
            for role, person in people:
                spouse = next((p.name for r, p in people if r != role), "")
                yield Mention(
                    entry, kind, role, self.read(person.name),
                    "Nam" if person.sex == "m" else "Nữ",
                    self.day(person.born, 0.0 if kind is Kind.BIRTH else 0.3),
                    self.day(day), f"u{unit}",
                    ((unit * 100 + day.year - 1900) * 3 + list(Kind).index(kind)) * 2 + copy,
                    day.year, number, self.read(person.mother if kind is Kind.BIRTH else spouse),
                )  # fmt: skip
        acts += [(kind, entry) for entry in written]
        self.entry = written[-1] + 1


def main() -> None:
    """Prints seconds, memory, precision and recall."""
    options = argparse.ArgumentParser()
    options.add_argument("--entries", type=int, default=200_000)
    options.add_argument("--seed", type=int, default=6)
    options.add_argument("--misread", type=float, default=0.05)
    given = options.parse_args()
    limits = load_thresholds(PROJECT / "ocr_config").linking
    clock = time.process_time()
    world = World(given.entries, given.seed, given.misread)
    people = columns(world.mentions())
    made = time.process_time() - clock
    clock = time.process_time()
    found = find_links(people, limits, lambda what, count: print(f"  {what}: {count:,} pairs"))
    linked = time.process_time() - clock
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{world.entry:,} entries, {len(people):,} persons: invented and put into columns "
        f"{made:.0f} s, linked {linked:.0f} s CPU, {memory:.0f} MB; {found.compared:,} pairs, "
        f"{found.left_out:,} rows under keys too common"
    )
    for relation in Relation:
        true = world.links[relation]
        told: dict[tuple[int, int], float] = {}
        for one in found.suggestions:
            if one.relation is relation:  # husband and wife link two marriages twice
                pair = min(one.first, one.second), max(one.first, one.second)
                told[pair] = max(told.get(pair, 0.0), one.probability)
        right = len(told.keys() & true)
        mean = sum(told.values())
        print(
            f"{relation}: {len(true):,} true, {len(told):,} suggested, "
            f"precision {right / max(1, len(told)):.4f} (expected {mean / max(1, len(told)):.4f}), "
            f"recall {right / max(1, len(true)):.4f}"
        )


if __name__ == "__main__":
    main()
