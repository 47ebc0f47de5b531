"""Register language to train with: what clerks of all eras wrote, and syllables nobody wrote.

Rare names are as common here as frequent ones, and syllables are put together by chance, so
that the net learns to look and not to guess.
"""

from __future__ import annotations

import csv
import random
import unicodedata
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

from pipeline.reading.hand.alphabet import foreign_signs, normalized
from pipeline.settings import PROJECT

_ONSETS = "b c ch d đ g gh gi h k kh l m n ng ngh nh p ph q r s t th tr v x".split() + [""] * 2
_RHYMES = (
    "a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây e ec em "
    "en eng eo ep et ê êch êm ên ênh êp êt êu i ia ich iêc iêm iên iêng iêp iêt iêu im in inh ip "
    "it iu o oa oac oach oai oam oan oang oanh oat oay oăc oăn oăng oăt oc oe oi om on ong op ot "
    "ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt u ua uân uât uây uc uê uênh ui um un ung uôc uôi "
    "uôm uôn uông uôt up ut uy uya uych uyên uyêt uynh uyt ư ưa ưc ưi ưng ươc ươi ươm ươn ương "
    "ươp ươt ươu ưt ưu y yêm yên yêu"
).split()
_TONES = ("", "\u0300", "\u0301", "\u0309", "\u0303", "\u0323")
_DIGIT_WORDS = (
    "không một hai ba bốn năm sáu bảy tám chín mười mươi mốt lăm tư linh lẻ trăm nghìn ngàn".split()
)
_MONTHS = "giêng hai ba tư năm sáu bảy tám chín mười một chạp".split()
_STEMS = "Giáp Ất Bính Đinh Mậu Kỷ Canh Tân Nhâm Quý".split()
_BRANCHES = "Tý Sửu Dần Mão Thìn Tỵ Ngọ Mùi Thân Dậu Tuất Hợi".split()
_REIGNS = ("Khải Định", "Bảo Đại", "Duy Tân", "Thành Thái")
_TRADES = (
    "làm ruộng|Làm ruộng|nông dân|công nhân|Công nhân xi măng|công nhân cảng|thợ mộc|thợ nề|thợ máy|"
    "thợ may|thợ rèn|thợ điện|giáo viên|Giáo viên cấp II|y sĩ|bác sĩ|y tá|nữ hộ sinh|bộ đội|sĩ quan|"
    "buôn bán|nội trợ|nội-trợ|học sinh|sinh viên|đánh cá|ngư dân|kế toán|thủ kho|lái xe|thủy thủ|"
    "cán bộ|công chức|thư ký|thương-gia|phu xe|phu bến tàu|canh điền|làm muối|thợ dệt|thợ cạo|cai|lý-trưởng|"
    "hương-bạ|chánh-hội|cảnh sát|hưu trí|mất sức|còn nhỏ|không|thất nghiệp|tự do|xã viên HTX|xã viên"
).split("|")
_ETHNIC = "Kinh|Tày|Thái|Hoa|Mường|Nùng|Dao|H'Mông|Sán Dìu|Khơ-me|Ê-đê|Ba-na|Gia-rai|Chăm|Sán Chay|Việt|kinh|KINH".split(
    "|"
)
_NATIONS = "Việt Nam|Việt-Nam|VN|V.N|Trung Quốc|Trung-Hoa|Pháp|Lào|Liên Xô|Đức|Đài Loan|Hàn Quốc|An-nam".split(
    "|"
)
_SEXES = "Nam|Nữ|nam|nữ|trai|gái|Con trai|con gái|NAM|NỮ|Trai|Gái".split("|")
_NOTES = (
    "Sinh tại nhà|Bệnh viện|bệnh viện Việt - Tiệp|Bệnh viện Phụ sản|nhà hộ sinh|trạm xá xã|Trạm y tế|"
    "đã kết hôn|chưa kết hôn|ly hôn|tái hôn|vợ|chồng|con|bố đẻ|mẹ đẻ|ông nội|bà ngoại|chú|bác ruột|cha|mẹ|"
    "chết vì bệnh|già yếu|bệnh lao|sốt rét|tai nạn giao thông|chết đuối|ốm chết|ung thư gan|huyết áp cao|suy tim|"
    "đăng ký quá hạn|đăng ký lại|cấp lại bản chính|đã cấp bản sao|cải chính|Quyết định số|theo bản án số|"
    "như trên|nt|không rõ|không biết chữ|điểm chỉ|đã ký|Ủy ban nhân dân|UBND xã|UBHC xã|Chủ tịch|Phó chủ tịch|T/M UBND|"
    "Ủy viên thư ký|Hộ tịch viên|Chứng minh nhân dân số|giấy chứng sinh số|Sổ hộ khẩu|cư trú tại|tạm trú|thường trú|"
    "quê quán|nguyên quán|nhận con nuôi|con ngoài giá thú|sinh đôi|con thứ hai|con đầu lòng|ghi chú|Người khai|người làm chứng"
).split("|")
_FRENCH = (
    "né le|née à|fils de|fille de|Haïphong|Tonkin|Annam|décédé|décédée|domicilié à|cultivateur|"
    "coolie|employé|commerçant|sans profession|mariage|naissance|décès|légitime|reconnu|déclaré par|"
    "l'an mil neuf cent|le premier janvier|février|août|décembre|à six heures du matin|du soir|"
    "âgé de|ans|Officier de l'état civil|témoins|canton de|province de Kiến-An|village|hôpital indigène|"
    "caporal|infirmier|secrétaire|propriétaire|ménagère|Français|Marie|Jean|Pierre|Louis|Joseph|Nguyễn-thị|garçon|"
    "père inconnu|François|Hélène|René|Noël|Benoît|Cécile|Thérèse|Rue Paul Bert|boulevard Chavassieux"
).split("|")
_PLACE_KINDS = (
    "xã|Xã|huyện|Huyện|tỉnh|Tỉnh|phường|Phường|quận|Quận|thành phố|Thành phố|TP|Tp|tp.|thị xã|thị trấn|Thị trấn|TT|"
    "thôn|Thôn|xóm|Xóm|làng|tổng|phủ|khu|Khu|tổ|Tổ|ấp|Ấp|đội|đường|phố|Phố|ngõ|số|Số|số nhà|tiểu khu|khối|P.|Q.|H.|T."
).split("|")


@lru_cache(maxsize=1)
def _name_parts() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    with (PROJECT / "samples" / "data" / "name_parts.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            found.setdefault(row["part"], []).append(row["text"])
    return {part: tuple(dict.fromkeys(words)) for part, words in found.items()}


@lru_cache(maxsize=1)
def _places() -> tuple[str, ...]:
    folder = PROJECT / "ocr_config" / "gazetteer"
    names: dict[str, None] = {}
    for path in (folder / "states.csv", folder / "old_names.csv", folder / "other_provinces.csv"):
        names |= dict.fromkeys(_column(path, "name"))
    return tuple(names)


def _column(path: Path, column: str) -> list[str]:
    with path.open(encoding="utf-8") as lines:
        return [row[column] for row in csv.DictReader(lines) if row[column]]


def syllable(rng: random.Random) -> str:
    """A syllable that Vietnamese could have."""
    onset, rhyme = rng.choice(_ONSETS), rng.choice(_RHYMES)
    tones = _TONES if rhyme[-1] not in "ctp" and rhyme[-2:] != "ch" else ("\u0301", "\u0323")
    at = _mark_place(rhyme)
    toned = rhyme[: at + 1] + rng.choice(tones) + rhyme[at + 1 :]
    return unicodedata.normalize("NFC", onset + toned)


def _mark_place(rhyme: str) -> int:
    for sign in "ơêôâăư":
        if sign in rhyme:
            return rhyme.rindex(sign)
    vowels = [n for n, sign in enumerate(rhyme) if sign in "aeiouy"]
    if len(vowels) > 1 and (
        len(vowels) == 3 or vowels[-1] < len(rhyme) - 1 or rhyme in ("oa", "oe", "uy")
    ):
        return vowels[1]
    return vowels[0]


def name(rng: random.Random) -> str:
    """A name; every part of the lists as likely as every other, some parts invented."""
    parts = _name_parts()
    common = rng.random() < 0.5
    family = rng.choice(parts["family"][:12] if common else parts["family"])
    words = [family]
    if rng.random() < 0.9:
        words.append(rng.choice(("Văn", "Thị")) if rng.random() < 0.4 else _part(rng, "middle"))
    if rng.random() < 0.15:
        words.append(_part(rng, "middle"))
    words.append(_part(rng, "given"))
    style = rng.random()
    if style < 0.12:
        return "-".join(
            word if n in (0, len(words) - 1) else word.lower() for n, word in enumerate(words)
        )
    if style < 0.2:
        return " ".join(words).upper()
    if style < 0.26:
        return " ".join([words[0], *(word.lower() for word in words[1:])])
    return " ".join(words)


def _part(rng: random.Random, part: str) -> str:
    return syllable(rng).capitalize() if rng.random() < 0.25 else rng.choice(_name_parts()[part])


def place(rng: random.Random) -> str:
    """A place, alone or within others, in full or short."""
    own = rng.choice(_places()) if rng.random() < 0.7 else _invented(rng)
    style = rng.random()
    if style < 0.35:
        return own
    if style < 0.45:
        return own.replace(" ", "-")
    kind = rng.choice(_PLACE_KINDS)
    first = f"{kind} {rng.randint(1, 260)}" if rng.random() < 0.25 else f"{kind} {own}"
    if style < 0.65:
        return first
    mark = rng.choice((", ", " ", " - ", " , "))
    more = [rng.choice(_places()) for _ in range(rng.randint(1, 2))]
    return mark.join([first, *more])


def _invented(rng: random.Random) -> str:
    return " ".join(syllable(rng).capitalize() for _ in range(rng.randint(1, 2)))


def date(rng: random.Random) -> str:
    """A date in digits, in words, or of the old calendar; or a part of one."""
    day, month, year = rng.randint(1, 31), rng.randint(1, 12), rng.randint(1890, 2022)
    style = rng.random()
    if style < 0.6:
        mark = rng.choice("//.-- ")
        short = f"{year % 100:02d}" if rng.random() < 0.35 else str(year)
        two = rng.random() < 0.5
        days = f"{day:02d}" if two else str(day)
        months = f"{month:02d}" if two else str(month)
        parts = [days, months, short] if rng.random() < 0.85 else [months, short]
        return mark.join(parts)
    if style < 0.7:
        return f"ngày {day} tháng {month} năm {year}"
    if style < 0.76:
        return f"{rng.choice(_STEMS)} {rng.choice(_BRANCHES)}"
    if style < 0.8:
        return f"{rng.choice(_REIGNS)} {rng.choice(('thứ ', 'năm thứ ', ''))}{rng.randint(1, 20)}"
    if style < 0.84:
        return f"{rng.randint(0, 23)} giờ {rng.choice(('', '30', '15', 'rưỡi', '05 phút'))} {rng.choice(('', 'sáng', 'chiều', 'đêm'))}"
    words = rng.choices(_DIGIT_WORDS, k=rng.randint(2, 5))
    return rng.choice(
        (
            f"ngày {' '.join(words[:2])} tháng {rng.choice(_MONTHS)}",
            f"năm một nghìn chín trăm {' '.join(words[:3])}",
            f"tháng {rng.choice(_MONTHS)}",
            " ".join(words),
        )
    )


def number(rng: random.Random) -> str:
    """A number as registers have them: of entries, papers, ages, hours, houses."""
    style = rng.random()
    if style < 0.35:
        return str(rng.randint(0, 10 ** rng.randint(1, 4)))
    if style < 0.45:
        return f"{rng.randint(1, 400):0{rng.randint(1, 3)}d}/{rng.choice((str(rng.randint(1950, 2015)), str(rng.randint(1, 99)), 'KS', 'QĐ-UB', 'HT'))}"
    if style < 0.55:
        return "".join(rng.choices("0123456789", k=rng.choice((9, 9, 12, 8))))
    if style < 0.65:
        return f"{rng.randint(1, 99)} tuổi"
    if style < 0.75:
        return f"{rng.randint(1, 500)}{rng.choice('ABCD/')}{rng.randint(1, 90)}"
    if style < 0.85:
        return rng.choice(("1", "2", "01", "02")) + " " + rng.choice(("bản", "trang", "con", "tờ"))
    return f"{rng.choice(('Số', 'số', 'No', 'N°'))} {rng.randint(1, 999)}"


def chance(rng: random.Random) -> str:
    """Syllables by chance, in small letters, title case or capitals, with signs here and there."""
    words = [syllable(rng) for _ in range(rng.randint(1, 4))]
    style = rng.random()
    if style < 0.35:
        words = [word.capitalize() for word in words]
    elif style < 0.5:
        words = [word.upper() for word in words]
    if rng.random() < 0.2:
        words[rng.randrange(len(words))] += rng.choice((",", ".", ";", ":", ")", "?", "-"))
    if rng.random() < 0.1:
        words.insert(
            rng.randrange(len(words) + 1),
            rng.choice(("&", "+", "=", '"', "(", "x", "°", "%", "1°", "_")),
        )
    return " ".join(words)


def _of(choices: Sequence[str]) -> Callable[[random.Random], str]:
    return lambda rng: rng.choice(choices)


_KINDS: tuple[tuple[float, Callable[[random.Random], str]], ...] = (
    (0.27, name),
    (0.2, place),
    (0.17, date),
    (0.09, number),
    (0.03, _of(_SEXES)),
    (0.03, _of(_ETHNIC)),
    (0.03, _of(_NATIONS)),
    (0.05, _of(_TRADES)),
    (0.07, _of(_NOTES)),
    (0.04, _of(_FRENCH)),
    (0.13, chance),
)


def line_text(rng: random.Random, longest: int = 60) -> str:
    """A line of at most ``longest`` letters (shortened by whole words), normalised."""
    weights = [weight for weight, _ in _KINDS]
    text = rng.choices(_KINDS, weights)[0][1](rng)
    while len(text) < longest and rng.random() < 0.25:
        text += rng.choice((" ", ", ", " ")) + rng.choices(_KINDS, weights)[0][1](rng)
    text = normalized(text)
    while len(text) > longest and " " in text:
        text = text.rpartition(" ")[0]
    return text[:longest].strip() if not foreign_signs(text) else line_text(rng, longest)
