"""Places outside Hải Phòng for the examination: provinces, lost provinces, countries; nonsense.

From general knowledge, not from the gazetteer's sources: the provinces of 1976-2025 and their
merger on 1 July 2025 (resolution 202/2025/QH15). Lost provinces are asked only in years in which
they stood, and only where the present province of the greater part is not in doubt.
"""

from __future__ import annotations

from datetime import date

from places_truth import REFORM

HA_TAY_ENDS = date(2008, 8, 1)

MERGED_2025 = {
    "Thái Bình": "Hưng Yên",
    "Nam Định": "Ninh Bình",
    "Hà Nam": "Ninh Bình",
    "Bắc Giang": "Bắc Ninh",
    "Vĩnh Phúc": "Phú Thọ",
    "Hòa Bình": "Phú Thọ",
    "Yên Bái": "Lào Cai",
    "Bắc Kạn": "Thái Nguyên",
    "Hà Giang": "Tuyên Quang",
    "Quảng Bình": "Quảng Trị",
    "Quảng Nam": "Đà Nẵng",
    "Bình Định": "Gia Lai",
    "Hải Dương": "Hải Phòng",
    "Kiên Giang": "An Giang",
}
"""Province before 1 July 2025 -> province after (only those that the examination asks)."""

# name in the book, first and last year asked, provinces of 2008-2025 it stands for
LOST = (
    ("Hà Đông", 1925, 1964, ("Hà Nội",)),
    ("Sơn Tây", 1925, 1964, ("Hà Nội",)),
    ("Hà Tây", 1992, 2007, ("Hà Nội",)),
    ("Quảng Yên", 1951, 1954, ("Quảng Ninh",)),
    ("Hồng Quảng", 1957, 1962, ("Quảng Ninh",)),
    ("Hải Ninh", 1925, 1962, ("Quảng Ninh",)),
    ("Hải Hưng", 1969, 1995, ("Hải Dương", "Hưng Yên")),
    ("Hà Nam Ninh", 1977, 1990, ("Hà Nam", "Nam Định", "Ninh Bình")),
    ("Nam Hà", 1966, 1974, ("Hà Nam", "Nam Định")),
    ("Hà Bắc", 1964, 1995, ("Bắc Ninh", "Bắc Giang")),
    ("Nghệ Tĩnh", 1977, 1990, ("Nghệ An", "Hà Tĩnh")),
    ("Vĩnh Phú", 1969, 1995, ("Vĩnh Phúc", "Phú Thọ")),
    ("Bắc Thái", 1966, 1995, ("Bắc Kạn", "Thái Nguyên")),
    ("Hoàng Liên Sơn", 1977, 1990, ("Lào Cai", "Yên Bái")),
)
# province, district, commune: the communes bear names that Hải Phòng has too, the province decides
PLACES = (
    ("Thái Bình", "Thái Thụy", "Thụy Liên"),
    ("Thái Bình", "Quỳnh Phụ", "An Thái"),
    ("Thái Bình", "Đông Hưng", "Minh Tân"),
    ("Thái Bình", "Vũ Thư", "Hòa Bình"),
    ("Thái Bình", "Kiến Xương", "Quang Trung"),
    ("Nam Định", "Hải Hậu", "Hải Minh"),
    ("Nam Định", "Giao Thủy", "Giao Nhân"),
    ("Nam Định", "Ý Yên", "Yên Đồng"),
    ("Hưng Yên", "Khoái Châu", "Đông Kết"),
    ("Hưng Yên", "Ân Thi", "Quang Vinh"),
    ("Quảng Ninh", "Đông Triều", "Hưng Đạo"),
    ("Quảng Ninh", "Yên Hưng", "Hà An"),
    ("Thanh Hóa", "Nga Sơn", "Nga Điền"),
    ("Thanh Hóa", "Hậu Lộc", "Minh Lộc"),
    ("Nghệ An", "Diễn Châu", "Diễn Kỷ"),
    ("Hà Tĩnh", "Can Lộc", "Thiên Lộc"),
    ("Hà Nam", "Lý Nhân", "Nhân Hậu"),
    ("Ninh Bình", "Kim Sơn", "Phát Diệm"),
    ("Bắc Ninh", "Gia Bình", "Đại Bái"),
    ("Lạng Sơn", "Cao Lộc", "Đồng Đăng"),
    ("Phú Thọ", "Lâm Thao", "Cao Mại"),
    ("Hà Nội", "Đông Anh", "Cổ Loa"),
)
# in the books, the country meant
COUNTRIES = (
    ("Trung Quốc", "Trung Quốc"),
    ("Quảng Đông, Trung Quốc", "Trung Quốc"),
    ("Phúc Kiến, Trung Hoa", "Trung Quốc"),
    ("Paris, Pháp", "Pháp"),
    ("nước Pháp", "Pháp"),
    ("Liên Xô", "Nga"),
    ("Cộng hòa Dân chủ Đức", "Đức"),
    ("Tiệp Khắc", "Séc"),
    ("Hàn Quốc", "Hàn Quốc"),
    ("Đài Loan", "Đài Loan"),
    ("Phnôm Pênh, Cao Miên", "Campuchia"),
    ("Lào", "Lào"),
)
# A country that fell apart or was renamed: every way to tell it is right.
COUNTRY_ALSO = {
    "Nga": ("Liên Xô", "Liên bang Nga"),
    "Séc": ("Tiệp Khắc", "Cộng hòa Séc", "Slovakia"),
    "Đức": ("Cộng hòa Dân chủ Đức", "Cộng hòa liên bang Đức"),
    "Trung Quốc": ("Trung Hoa",),
    "Đài Loan": ("Đài Loan (Trung Quốc)",),
    "Campuchia": ("Cao Miên", "Cam-pu-chia"),
    "Pháp": (),
    "Hàn Quốc": (),
    "Lào": (),
}
NONSENSE = (
    "không rõ",
    "chưa xác định",
    "- nt -",
    "như trên",
    "........",
    "không khai",
    "mất tích",
    "vô danh",
    "12/5/1975",
    "ông nội cháu",
    "xqrt wpl",
    "bzz kkth, hggr",
    "ngày mồng năm tháng mười",
    "con thứ ba",
    "làm ruộng",
    "giấy chứng sinh số 41",
    "Phạm Thị Bích",
    "???",
    "Kinh",
    "đã ly hôn",
    "hw. ftgkq 18",
    "uubb nnhh ttrr",
    "bị gạch bỏ",
    "trang 17",
)


def provinces_on(names: tuple[str, ...], day: date) -> frozenset[str]:
    """Province names on a day of provinces that stood 2008-2025."""
    if day < REFORM:
        return frozenset(names)
    return frozenset(MERGED_2025.get(name, name) for name in names)


PROVINCE_NAMES = frozenset(
    {*MERGED_2025, *MERGED_2025.values(), *(row[0] for row in LOST), *(row[0] for row in PLACES)}
    | {"Kiến An", "Vĩnh Long", "Lai Châu", "Sơn La", "Quảng Ninh", "Cao Bằng", "Điện Biên"}
    | {"Long An", "Bình Dương", "Đồng Nai", "Tây Ninh", "Vĩnh Yên", "Phúc Yên", "Khánh Hòa"}
)
