"""The rules on one entry, as data (``registers.md`` 6.2, and V22 on our own)."""

from __future__ import annotations

from pipeline.checks.rule import Rule
from pipeline.texts import Text
from pipeline.types import Severity

_E, _W = Severity.ERROR, Severity.WARNING
_TT04 = "Thông tư 04/2020/TT-BTP"
_PARENTS_DATES = ("father_birth_date", "mother_birth_date", "father_age", "mother_age")

ENTRY_RULES = (
    Rule(
        "V01",
        _E,
        Text(
            "Mục bắt buộc để trống mà không có ghi chú giải thích.",
            "A required field is blank and no note explains it.",
        ),
        f"{_TT04} Đ.23.1, Đ.29",
        fields=(
            "entry_number", "registration_date", "child_full_name", "husband_full_name",
            "wife_full_name", "deceased_full_name", "notes",
        ),
    ),
    Rule(
        "V05",
        _E,
        Text(
            "Năm đăng ký nằm ngoài thời gian của quyển sổ.",
            "The year of registration lies outside the time of the book.",
        ),
        f"{_TT04} Đ.36",
        fields=("registration_date",),
    ),
    Rule(
        "V06",
        _E,
        Text(
            "Quyển số không khớp số hoặc năm mở của quyển sổ.",
            "The book number is not that of the book, or of another year.",
        ),
        f"{_TT04} Đ.36",
        fields=("book_number",),
    ),
    Rule(
        "V07",
        _E,
        Text(
            "Ngày ghi bằng số và bằng chữ khác nhau.",
            "The date in digits and the date in words differ.",
        ),
        f"{_TT04} Đ.31.2, Đ.34",
        fields=("birth_date", "birth_date_words", "death_date", "death_date_words"),
        evidence=Text(
            "giống nhau: tăng cả hai; khác nhau: giảm cả hai (digits_words)",
            "the same: both rise; different: both fall (digits_words)",
        ),
    ),
    Rule(
        "V08",
        _E,
        Text("Đăng ký trước ngày sinh.", "Registered before the day of birth."),
        fields=("birth_date", "registration_date"),
    ),
    Rule(
        "V09",
        _W,
        Text(
            "Tuổi cha hoặc mẹ khi sinh con không hợp lý (mẹ 13–55, cha 13–80).",
            "A parent's age at the birth is not plausible (mother 13–55, father 13–80).",
        ),
        fields=("birth_date", *_PARENTS_DATES),
    ),
    Rule(
        "V10",
        _E,
        Text(
            "Ngày chết không khớp ngày sinh hoặc ngày đăng ký.",
            "The day of death does not fit the birth or the registration.",
        ),
        fields=("birth_date", "death_date", "registration_date"),
    ),
    Rule(
        "V11",
        _W,
        Text(
            "Vợ hoặc chồng chưa đủ tuổi, hoặc hai bên trùng tên.",
            "Husband or wife is under age, or both bear one name.",
        ),
        "Luật Hôn nhân và gia đình 1959 Đ.6",
        fields=(
            "husband_birth_date", "wife_birth_date", "husband_full_name", "wife_full_name",
            "registration_date",
        ),
    ),
    Rule(
        "V12",
        _E,
        Text(
            "Phần về cha hoặc mẹ có nội dung nhưng thiếu họ tên.",
            "A parent's part is filled but for the name (an unknown parent's part stays blank).",
        ),
        "Nghị định 158/2005/NĐ-CP",
        fields=("father_*", "mother_*"),
    ),
    Rule(
        "V13",
        _W,
        Text(
            "Chữ đệm Thị/Văn không hợp với giới tính.",
            "The middle name Thị/Văn does not fit the sex.",
        ),
        soft=True,
        fields=("sex", "child_full_name", "deceased_full_name"),
        evidence=Text(
            "hợp: tăng giới tính; không hợp: giảm (sex_name)",
            "fits: the sex rises; does not: it falls (sex_name)",
        ),
    ),
    Rule(
        "V14",
        _E,
        Text(
            "Giá trị không có trong danh mục (giới tính, dân tộc, quốc tịch).",
            "The value is in no list (sex, ethnic group, nationality).",
        ),
        "Quyết định 121-TCTK/PPCĐ",
        fields=("type:sex", "type:ethnicity", "type:nationality"),
    ),
    Rule(
        "V15",
        _W,
        Text(
            "Số giấy tờ tùy thân không đúng dạng của thời kỳ đó.",
            "The number of the identity paper is not of its time's form.",
        ),
        fields=("type:identity", "registration_date"),
    ),
    Rule(
        "V16",
        _W,
        Text(
            "Địa danh không khớp đơn vị hành chính nào vào thời điểm đó.",
            "The place fits no administrative unit of its time.",
        ),
        f"{_TT04} Đ.30",
        fields=("type:place",),
    ),
    Rule(
        "V17",
        _E,
        Text("Dấu 'như trên' mà không có gì ở trên.", "A ditto mark with nothing above it."),
        fields=("*",),
    ),
    Rule(
        "V19",
        _E,
        Text(
            "Có ký tự không thuộc chữ Việt hoặc mã chữ cũ.",
            "Characters that are not Vietnamese letters, or of an old encoding.",
        ),
        fields=("*",),
    ),
    Rule(
        "V22",
        _W,
        Text(
            "Tuổi và năm sinh của cha hoặc mẹ không khớp năm đăng ký.",
            "A parent's age and year of birth do not fit the year of registration.",
        ),
        f"{_TT04} Đ.23.2",
        fields=(*_PARENTS_DATES, "registration_date"),
    ),
    Rule(
        "V23",
        _W,
        Text(
            "Đăng ký muộn hơn một năm sau khi sinh mà không có ghi chú.",
            "Registered more than a year after the birth, and no note says so.",
        ),
        soft=True,
        fields=("birth_date", "registration_date", "notes"),
    ),
    Rule(
        "V24",
        _W,
        Text(
            "Hai người khác vai trò mang cùng họ tên hoặc cùng số giấy tờ.",
            "Two persons of different roles bear one full name or one paper's number.",
        ),
        fields=("child_full_name", "*_full_name", "*_id_number"),
    ),
    Rule(
        "V25",
        _W,
        Text(
            "Họ của con không phải họ cha hay họ mẹ.",
            "The child's family name is neither the father's nor the mother's.",
        ),
        soft=True,
        fields=("child_full_name", "father_full_name", "mother_full_name"),
        evidence=Text(
            "cùng họ: tăng tên con; khác họ: giảm (family_name)",
            "the same: the child's name rises; different: it falls (family_name)",
        ),
    ),
    Rule(
        "V26",
        _W,
        Text(
            "Người khai là cha hoặc mẹ nhưng họ tên khác.",
            "The declarant is father or mother, but under another name.",
        ),
        fields=("declarant_relation", "declarant_full_name", "*_full_name"),
        evidence=Text(
            "cùng tên: tăng cả hai; khác tên: giảm cả hai (declarant)",
            "the same name: both rise; another: both fall (declarant)",
        ),
    ),
    Rule(
        "V27",
        _W,
        Text(
            "Giấy báo tử cấp trước ngày chết hoặc sau ngày đăng ký.",
            "The notice of death is older than the death or newer than the registration.",
        ),
        fields=("death_notice_date", "death_date", "registration_date"),
    ),
    Rule(
        "V28",
        _W,
        Text(
            "Nơi đăng ký không phải đơn vị giữ quyển sổ.",
            "The place of registration is not the unit that kept the book.",
        ),
        fields=("registration_place",),
    ),
    Rule(
        "V30",
        _W,
        Text(
            "Dân tộc của con không phải của cha hay của mẹ.",
            "The child's ethnic group is neither the father's nor the mother's.",
        ),
        soft=True,
        fields=("ethnicity", "father_ethnicity", "mother_ethnicity"),
        evidence=Text(
            "giống: tăng dân tộc con; khác cả hai: giảm (ethnic_parent)",
            "the same: the child's rises; neither: it falls (ethnic_parent)",
        ),
    ),
    Rule(
        "V32",
        _W,
        Text(
            "Từ chỉ đơn vị trong địa danh thiếu dấu (xa, huyen, tinh …).",
            "A word for a unit stands without its marks in a place (xa, huyen, tinh …).",
        ),
        fields=("type:place",),
    ),
    Rule(
        "V34",
        _W,
        Text(
            "Trường hợp này bị gạch bỏ: xác nhận, hoặc để trống ô 'Bị gạch bỏ' nếu không phải.",
            "This entry is crossed out: confirm it, or leave 'voided' blank if it is not.",
        ),
        law="Thông tư 04/2020/TT-BTP Đ.35",
        fields=("voided",),
    ),
)  # fmt: skip
