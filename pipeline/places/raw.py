"""Raw rows of ``ocr_config/gazetteer/raw``: the registry's states and who became whom.

A registry code is no identity (84 of the 114 codes of July 2025 had another holder before),
so codes only serve here to find a holder on a day; ``build`` gives units their own ids.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

REFORM = "2025-07-01"
"""Day of Nghị quyết 1669/NQ-UBTVQH15: two levels, no districts."""
HAI_PHONG = "31"


@dataclass(frozen=True)
class RegistryState:
    """One row of the registry: a code with a name, type and district for a time (ISO days).

    ``start`` empty: already so on 2004-08-31; ``end`` empty: still so.
    """

    province: str
    level: str
    code: str
    district: str
    name: str
    type: str
    start: str
    end: str
    act: str
    """The act that began it."""


@dataclass(frozen=True)
class RawLink:
    """The holder of one code passes into the holder of another on a day.

    ``extent``: whole, part, transfer (part of a unit that lives on), land_only.
    """

    day: str
    old: str
    new: str
    extent: str
    act: str
    source: str


def rows(path: Path) -> list[dict[str, str]]:
    """Rows of a CSV file as dictionaries."""
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def act_name(text: str) -> str:
    """One spelling for each act: ``Nghị quyết 872/NQ-UBTVQH14``, dates in brackets left out."""
    name = re.sub(r"\s*\([^)]*\d{4}\)", "", text).strip()
    name = name.removeprefix("(").removesuffix(")")
    if re.match(r"\d+/NQ", name):
        name = f"Nghị quyết {name}"
    return name[:1].upper() + name[1:]


def corrections(folder: Path, kind: str) -> list[dict[str, str]]:
    """Rows of the list of corrections of one kind: date, name, recode or extent."""
    return [row for row in rows(folder / "corrections.csv") if row["kind"] == kind]


def _registry(folder: Path) -> Iterator[RegistryState]:
    moved = {row["was"]: row["is"] for row in corrections(folder, "date")}
    renamed = {(row["code"], row["was"]): row["is"] for row in corrections(folder, "name")}
    for row in rows(folder / "gso_unit_states_2004_2025.csv"):
        start = moved.get(row["valid_from"], row["valid_from"])
        end = moved.get(row["valid_to"], row["valid_to"])
        if start and start == end:
            continue
        yield RegistryState(
            row["province_code"],
            row["level"],
            row["gso_code"],
            row["district_code"],
            renamed.get((row["gso_code"], row["name_base"]), row["name_base"]),
            row["type"],
            start,
            end,
            act_name(row["from_act"]),
        )
    for row in rows(folder / "units_2025-07-01.csv"):
        yield RegistryState(
            HAI_PHONG,
            "commune",
            row["gso_code"],
            "",
            row["name_base"],
            row["type"],
            REFORM,
            "",
            f"Nghị quyết 1669/NQ-UBTVQH15, khoản {row['nq1669_clause']}",
        )


def registry_states(folder: Path) -> list[RegistryState]:
    """All states, corrected, in order of day and code."""
    return sorted(_registry(folder), key=lambda state: (state.start, state.level, state.code))


_EXTENT = re.compile(
    r"(toàn bộ diện tích tự nhiên\s*,\s*(?:và )?quy mô dân số"
    r"|một phần diện tích tự nhiên\s*,?\s*(?:và )?(?:toàn bộ|một phần)?\s*quy mô dân số"
    r"|một phần diện tích tự nhiên|phần còn lại)"
)
_RESULT = re.compile(r"thành\s*(?:phường|xã|đặc khu)\s*mới")


def land_only(clause: str, name: str) -> bool:
    """True where a clause of NQ 1669 takes land of ``name`` and no people.

    The law says *một phần diện tích tự nhiên* alone; with people it adds *quy mô dân số*. For
    civil registers such a link does not count. 17 pairs, as many as the official table has.
    """
    parts = _EXTENT.split(_RESULT.split(clause)[0])
    # Names may be run together with the next word in the copy of the law.
    said = re.compile(re.escape(name) + r"(?!\s?\w*[A-ZĐ])(?=\W|$|thành|và|sau)")
    return any(
        extent == "một phần diện tích tự nhiên" and said.search(names)
        for extent, names in zip(parts[1::2], parts[2::2], strict=False)
    ) and not any(
        extent != "một phần diện tích tự nhiên" and said.search(names)
        for extent, names in zip(parts[1::2], parts[2::2], strict=False)
    )


def _reform(folder: Path) -> Iterator[RawLink]:
    clauses = {row["clause"]: row["text"] for row in rows(folder / "nq1669_clauses.csv")}
    mended = {(row["code"], row["was"]): row["is"] for row in corrections(folder, "extent")}
    for row in rows(folder / "conversion_2025-07-01.csv"):
        extent = "whole" if row["extent"] == "full" else "part"
        extent = mended.get((row["old_code"], row["new_code"]), extent)
        if not extent:
            continue
        base = re.sub(r"^(?:Phường|Xã|Thị trấn) ", "", row["old_name"])
        if extent == "part" and land_only(clauses.get(row["clause"], ""), base):
            extent = "land_only"
        yield RawLink(
            row["effective_date"],
            row["old_code"] or row["old_district_code"],
            row["new_code"],
            extent,
            f"{act_name(row['legal_act'])}, khoản {row['clause']}",
            row["source"],
        )


def raw_links(folder: Path) -> list[RawLink]:
    """All passings of ground and people from 2004 to 2025, in order of day."""
    links = [
        RawLink(
            row["effective_date"],
            row["old_code"],
            row["new_code"],
            row["extent"],
            act_name(row["legal_act"]),
            row["source"],
        )
        for row in rows(folder / "links_2004_2019.csv")
    ]
    for path in sorted(folder.glob("conversion_*_hai*.csv")):
        joined: dict[str, list[dict[str, str]]] = defaultdict(list)
        for row in rows(path):
            joined[row["new_code"]].append(row)
        for group in joined.values():
            if len(group) > 1:  # merged_into and absorbs; alone: rename, status, parent
                links += [
                    RawLink(
                        row["effective_date"],
                        row["old_code"],
                        row["new_code"],
                        "whole",
                        act_name(row["legal_act"]),
                        row["source"],
                    )
                    for row in group
                ]
    links += _reform(folder)
    return sorted(links, key=lambda link: (link.day, link.old, link.new))
