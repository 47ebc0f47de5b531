"""The rules on books, on all books of a unit, on deliveries and on the work, as data."""

from __future__ import annotations

from pipeline.checks.rule import Rule, Scope
from pipeline.texts import Text
from pipeline.types import Severity

_E, _W = Severity.ERROR, Severity.WARNING
_TT04 = "Thông tư 04/2020/TT-BTP"
_ALL_BOOKS = (Scope.BOOK, Scope.UNIT)

BOOK_RULES = (
    Rule(
        "V02",
        _E,
        Text("Hai trường hợp trùng số trong một năm.", "Two entries of a year bear one number."),
        f"{_TT04} Đ.29.3",
        scopes=_ALL_BOOKS,
        fields=("entry_number",),
    ),
    Rule(
        "V03",
        _W,
        Text(
            "Số thứ tự bị nhảy hoặc lùi so với các trường hợp bên cạnh.",
            "The running number jumps or goes back against its neighbours.",
        ),
        f"{_TT04} Đ.29.3",
        scopes=_ALL_BOOKS,
        fields=("entry_number",),
        evidence=Text(
            "nối tiếp số trước hoặc sau: tăng; không: giảm (next_number)",
            "follows the one before, or is followed: it rises; else it falls (next_number)",
        ),
    ),
    Rule(
        "V04",
        _W,
        Text(
            "Ngày đăng ký sớm hơn trường hợp trước.",
            "The registration date is earlier than that of the entry before.",
        ),
        scopes=(Scope.BOOK,),
        fields=("registration_date",),
        evidence=Text(
            "nằm giữa các ngày bên cạnh: tăng; không: giảm (date_in_order)",
            "between the dates around it: it rises; not: it falls (date_in_order)",
        ),
    ),
    Rule(
        "V18",
        _W,
        Text(
            "Số trường hợp khác số ghi khi khóa sổ, hoặc thiếu bìa.",
            "Not as many entries as the closing statement says, or no cover.",
        ),
        f"{_TT04} Đ.36",
        scopes=(Scope.BOOK,),
        fields=("entry_number",),
    ),
    Rule(
        "V29",
        _W,
        Text(
            "Một người được ghi hai lần dưới hai số.",
            "One person stands under two numbers.",
        ),
        scopes=_ALL_BOOKS,
        fields=("*_full_name", "birth_date", "death_date"),
    ),
    Rule(
        "V31",
        _W,
        Text(
            "Trường hợp này có trong hai bản của một quyển sổ, nội dung khác nhau.",
            "This entry stands in two copies of a book, which differ.",
        ),
        "Nghị định 764-TTg 1956",
        scopes=(Scope.UNIT,),
        fields=("entry_number", "registration_date", "*_full_name"),
    ),
    Rule(
        "V33",
        _W,
        Text(
            "Số thứ tự không đi theo hàng: các ô của trang có thể bị lệch hàng.",
            "Running numbers do not follow the rows: the boxes of the page may be a row off.",
        ),
        scopes=(Scope.BOOK,),
        fields=("*",),
    ),
    Rule(
        "V35",
        _W,
        Text(
            "Sổ có cột mà mẫu không có: cột đó không được đọc. Hãy lập mẫu riêng cho sổ "
            "(hotich forms define) rồi học lại sổ (hotich layout learn).",
            "The book has columns that its form lacks: they are not read. Define a form of the "
            "book's own (hotich forms define) and learn it again (hotich layout learn).",
        ),
        scopes=(Scope.BOOK,),
    ),
    Rule(
        "V20",
        _E,
        Text(
            "Tệp PDF và dòng dữ liệu không khớp một-một, hoặc tệp hỏng.",
            "PDF files and rows do not match one to one, or a file is damaged.",
        ),
        "Công văn 1437/BTP-CNTT",
        scopes=(Scope.DELIVERY,),
    ),
    Rule(
        "V21",
        _E,
        Text(
            "Chưa kiểm đủ ảnh: vòng 1 100 %, vòng 2 ít nhất 30 %.",
            "Too few scans were checked: all in loop 1, at least 30 % in loop 2.",
        ),
        "Công văn 1437/BTP-CNTT",
        scopes=(Scope.PROCESS,),
    ),
    Rule(
        "V40",
        _E,
        Text(
            "Kiểm tra vòng 2 thấy sai: xem lại và lưu.",
            "The second loop found it wrong: look again and save.",
        ),
        scopes=(Scope.PROCESS,),
    ),
)
