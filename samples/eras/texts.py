"""What clerks of an era wrote: trades, causes, places, remarks. Invented or common knowledge.

Every list is halved between the pools (``pools.Pool.share``), so texts stand in pairs of a kind.
"""

from __future__ import annotations

TRADES: dict[str, tuple[str, ...]] = {
    "FR": (
        *("Làm ruộng", "Cày ruộng", "Buôn bán", "Buôn thúng", "Phu xe", "Phu mỏ", "Thợ mộc"),
        *("Thợ nề", "Lý trưởng", "Phó lý", "Thầy đồ", "Thầy thuốc", "Hương sư", "Thư ký"),
        *("Thợ may", "Thợ rèn", "Làm muối", "Đánh cá", "Bồi bếp", "Cai phu", "Nội trợ", "Lính cơ"),
    ),
    "T1": (
        *("Làm ruộng", "Cày cấy", "Buôn bán", "Buôn vặt", "Công nhân", "Thợ máy", "Thợ mộc"),
        *("Thợ nề", "Giáo viên", "Hương sư", "Bộ đội", "Tự vệ", "Thư ký", "Công chức"),
        *("Phu xe", "Phu cảng", "Nội trợ", "Chài lưới"),
    ),
    "764": (
        *("Làm ruộng", "Nông dân", "Công nhân", "Thợ máy", "Bộ đội", "Quân nhân", "Giáo viên"),
        *("Cán bộ", "Buôn bán", "Tiểu thương", "Thợ may", "Thợ mộc", "Y tá", "Thư ký"),
        *("Đánh cá", "Làm muối", "Xích lô", "Nội trợ"),
    ),
    "04CP": (
        *("Xã viên", "Làm ruộng", "Công nhân", "Công nhân cảng", "Bộ đội", "Quân nhân"),
        *("Giáo viên", "Cán bộ", "Y sỹ", "Y tá", "Kế toán", "Thợ tiện", "Thợ nguội", "Lái xe"),
        *("Mậu dịch viên", "Thủy thủ", "Thợ may", "Nội trợ"),
    ),
    "76": (
        *("Làm ruộng", "Xã viên", "Công nhân", "Công nhân cảng", "Giáo viên", "Cán bộ"),
        *("Bộ đội", "Công an", "Y sỹ", "Y tá", "Thợ mộc", "Thợ nề", "Kế toán", "Lái xe"),
        *("Mậu dịch viên", "Thủy thủ"),
    ),
    "87": (
        *("Làm ruộng", "Nông nghiệp", "Công nhân", "Thợ xây", "Giáo viên", "Cán bộ"),
        *("Buôn bán", "Kinh doanh", "Bộ đội", "Công an", "Thợ may", "Lái xe", "Y sỹ", "Kế toán"),
        *("Lao động tự do", "Hưu trí"),
    ),
}
for _later in ("83", "158", "15"):
    TRADES[_later] = TRADES["87"]

OF_WOMEN_ONLY = ("Nội trợ", "Buôn thúng", "Buôn vặt")
OF_WOMEN = (
    *OF_WOMEN_ONLY,
    *("Làm ruộng", "Cày cấy", "Buôn bán", "Nông dân", "Xã viên", "Công nhân", "Giáo viên"),
    *("Cán bộ", "Y tá", "Y sỹ", "Thợ may", "Kế toán", "Làm muối", "Tiểu thương", "Hương sư"),
    *("Thư ký", "Mậu dịch viên", "Kinh doanh", "Nông nghiệp", "Lao động tự do", "Hưu trí"),
    *("Phu mỏ", "Công nhân cảng", "Công chức"),
)
"""Trades that the sample women have; men have all but the first three."""

CAUSES: dict[bool, tuple[str, ...]] = {
    True: (
        *("Già yếu", "Bệnh già", "Bệnh lao", "Ho lao", "Sốt rét", "Sốt", "Dịch tả", "Kiết lỵ"),
        *("Thương hàn", "Đậu mùa", "Bệnh phổi", "Thổ huyết", "Chết đuối", "Bom đạn"),
        *("Phù thũng", "Đẻ khó"),
    ),
    False: (
        *("Tuổi già", "Già yếu", "Bệnh tim", "Suy tim", "Tai biến mạch máu não", "Xuất huyết não"),
        *("Ung thư phổi", "Ung thư gan", "Bệnh phổi", "Viêm phổi", "Tai nạn giao thông"),
        *("Tai nạn lao động", "Suy thận", "Xơ gan"),
    ),
}
"""Causes of death, by whether the era is old (before 1961)."""

NOTES: dict[bool, tuple[str, ...]] = {
    True: (
        *("Khai muộn", "Khai quá hạn", "Con thứ hai", "Con đầu lòng", "Sinh đôi", "Có án tòa"),
        *("Đã sao lục", "Cấp trích lục", "Sửa tên theo án tòa", "Khai lại"),
    ),
    False: (
        *("Đăng ký quá hạn", "Đăng ký lại", "Đã cấp bản sao", "Cấp lại bản chính"),
        *("Cải chính tên đệm", "Cải chính ngày sinh", "Con ngoài giá thú", "Bổ sung quê quán"),
        *("Đã ly hôn", "Xác định lại dân tộc"),
    ),
}

CLINICS: dict[bool, tuple[str, ...]] = {
    True: (
        *("Nhà hộ sinh", "Nhà thương Hải Phòng", "Tại nhà", "Nhà thương Kiến An"),
        *("Nhà thương bản xứ", "Trạm hộ sinh"),
    ),
    False: (
        *("Bệnh viện Phụ sản Hải Phòng", "Bệnh viện Kiến An", "Bệnh viện Việt Tiệp"),
        *("Nhà hộ sinh", "Trạm y tế xã", "Trạm xá"),
    ),
}
ISSUERS = (*("Bệnh viện Việt Tiệp", "Bệnh viện Kiến An", "Ủy ban nhân dân xã", "Công an huyện"),)
ALIASES = ("Tý", "Cún", "Ba", "Bé", "Hai", "Tèo", "Sáu", "Út", "Cò", "Mít")

WORDS_FOR_STATE = {
    "FR": "BẢO HỘ BẮC KỲ",
    "T1": "ỦY BAN KHÁNG CHIẾN HÀNH CHÍNH",
    "764": "ỦY BAN HÀNH CHÍNH",
    "04CP": "ỦY BAN HÀNH CHÍNH",
}
"""Who keeps the book; ỦY BAN NHÂN DÂN since 1976."""
COMPOUNDS = (
    *("Nghề nghiệp", "Trú quán", "Quê quán", "Sinh quán", "Chứng thứ", "Lý trưởng", "Khai sinh"),
    *("Giá thú", "Khai tử", "Hộ lại", "Ghi chú", "Dân tộc", "Quốc tịch", "Bí danh", "Đăng ký"),
    *("Hành chính", "Ủy ban", "Việt Nam", "Độc lập", "Hạnh phúc", "Tự do", "Dân chủ", "Cộng hòa"),
    *("VIỆT NAM", "DÂN CHỦ", "CỘNG HÒA", "QUỐC GIA", "KHAI SINH", "GIÁ THÚ", "KHAI TỬ", "KẾT HÔN"),
    *("BẮC KỲ", "BẢO HỘ"),
)
"""Words that printers before about 1960 joined by a hyphen."""


def hyphened(text: str) -> str:
    """A printed text as it was spelt then: ``Nghề-nghiệp``."""
    for words in COMPOUNDS:
        text = text.replace(words, words.replace(" ", "-"))
    return text
