"""Every field of every register, defined once.

``docs/data-dictionary.md`` is generated from here (``hotich dictionary``). The national
columns are those of the "158" template (``registers.md`` 1.6); ``""`` where it has none,
in which case the value is exported into ``ghiChu`` (Thông tư 04/2020 Đ.29.9).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pipeline.types import Kind


class FieldType(StrEnum):
    """What may stand in a field; decides its normalizer, its calibrator and its threshold."""

    NAME = "name"
    DATE = "date"
    DATE_WORDS = "date_words"
    YEAR_OR_DATE = "year_or_date"
    TIME = "time"
    AGE = "age"
    SEX = "sex"
    ETHNICITY = "ethnicity"
    NATIONALITY = "nationality"
    PLACE = "place"
    NUMBER = "number"
    IDENTITY = "identity"
    RELATION = "relation"
    OCCUPATION = "occupation"
    TEXT = "text"


@dataclass(frozen=True)
class FieldSpec:
    """A field: English name, Vietnamese label, type, and national column per kind."""

    name: str
    label: str
    type: FieldType
    national: dict[Kind, str]


def _spec(name: str, label: str, type_: FieldType, **national: str) -> FieldSpec:
    return FieldSpec(name, label, type_, {Kind(kind): column for kind, column in national.items()})


T = FieldType

_COMMON = (
    _spec("entry_number", "Số", T.NUMBER, KS="so", KH="so", KT="so"),
    _spec("book_number", "Quyển số", T.TEXT, KS="quyenSo", KH="quyenSo", KT="quyenSo"),
    _spec(
        "registration_date",
        "Ngày, tháng, năm đăng ký",
        T.DATE,
        KS="ngayDangKy",
        KH="ngayDangKy",
        KT="ngayDangKy",
    ),
    _spec("registration_date_lunar", "Ngày khai âm lịch (ngày ta)", T.DATE),
    _spec(
        "registration_kind",
        "Loại đăng ký",
        T.TEXT,
        KS="loaiDangKy",
        KH="loaiDangKy",
        KT="loaiDangKy",
    ),
    _spec(
        "registration_place", "Nơi đăng ký", T.TEXT, KS="noiDangKy", KH="noiDangKy", KT="noiDangKy"
    ),
    _spec("signer_full_name", "Họ tên người ký", T.NAME, KS="nguoiKy", KH="nguoiKy", KT="nguoiKy"),
    _spec(
        "signer_title",
        "Chức vụ người ký",
        T.TEXT,
        KS="chucVuNguoiKy",
        KH="chucVuNguoiKy",
        KT="chucVuNguoiKy",
    ),
    _spec(
        "clerk_full_name",
        "Cán bộ Tư pháp – Hộ tịch",
        T.NAME,
        KS="nguoiThucHien",
        KH="nguoiThucHien",
        KT="nguoiThucHien",
    ),
    _spec("notes", "Ghi chú", T.TEXT, KS="ghiChu", KH="ghiChu", KT="ghiChu"),
    _spec("voided", "Bị gạch bỏ (hủy)", T.TEXT),
)

_PRINCIPAL = (
    _spec("child_full_name", "Họ và tên người được khai sinh", T.NAME, KS="nksHoTen"),
    _spec("deceased_full_name", "Họ và tên người chết", T.NAME, KT="nktHoTen"),
    _spec("alias", "Bí danh", T.TEXT),
    _spec("age", "Tuổi", T.AGE),
    _spec("sex", "Giới tính (Nam/Nữ)", T.SEX, KS="nksGioiTinh", KT="nktGioiTinh"),
    _spec("birth_date", "Ngày, tháng, năm sinh", T.DATE, KS="nksNgaySinh", KT="nktNgaySinh"),
    _spec("birth_date_words", "Ngày sinh ghi bằng chữ", T.DATE_WORDS, KS="nksNgaySinhBangChu"),
    _spec("birth_date_lunar", "Ngày sinh âm lịch (ngày ta)", T.DATE),
    _spec("birth_time", "Giờ sinh", T.TIME),
    _spec("birth_place", "Nơi sinh", T.PLACE, KS="nksNoiSinh"),
    _spec("home_town", "Quê quán", T.PLACE, KS="nksQueQuan"),
    _spec("ethnicity", "Dân tộc", T.ETHNICITY, KS="nksDanToc", KT="nktDanToc"),
    _spec("nationality", "Quốc tịch", T.NATIONALITY, KS="nksQuocTich", KT="nktQuocTich"),
    _spec("occupation", "Nghề nghiệp", T.OCCUPATION),
    _spec("residence", "Nơi thường trú/tạm trú", T.PLACE, KT="nktNoiCuTru"),
    _spec(
        "id_number",
        "Số CMND/Hộ chiếu, số định danh",
        T.IDENTITY,
        KS="nksSoDinhDanh",
        KT="nktSoGiayToTuyThan",
    ),
    _spec("death_date", "Chết ngày", T.DATE, KT="nktNgayChet"),
    _spec("death_date_words", "Ngày chết ghi bằng chữ", T.DATE_WORDS, KT="nktNgayChetGhiBangChu"),
    _spec("death_date_lunar", "Ngày chết âm lịch (ngày ta)", T.DATE),
    _spec("death_time", "Giờ chết", T.TIME, KT="nktGioPhutChet"),
    _spec("death_place", "Nơi chết", T.PLACE, KT="nktNoiChet"),
    _spec("death_cause", "Nguyên nhân chết", T.TEXT, KT="nktNguyenNhanChet"),
    _spec("death_notice_number", "Giấy báo tử số", T.TEXT, KT="gbtSo"),
    _spec("death_notice_issuer", "Giấy báo tử do", T.TEXT, KT="gbtCoQuanCap"),
    _spec("death_notice_date", "Giấy báo tử cấp ngày", T.DATE, KT="gbtNgay"),
    _spec("deceased_father_full_name", "Con ông (cha người chết)", T.NAME),
    _spec("deceased_mother_full_name", "Con bà (mẹ người chết)", T.NAME),
    _spec("deceased_spouse_full_name", "Vợ hoặc chồng người chết", T.NAME),
    _spec("mother_rank", "Mẹ: vợ chánh hay vợ thứ", T.TEXT),
    _spec("wife_rank", "Vợ chánh hay vợ thứ", T.TEXT),
    _spec(
        "marriage_date",
        "Ngày cưới, ngày xác lập quan hệ hôn nhân",
        T.DATE,
        KH="ngayXacLapQuanHeHonNhan",
    ),
)


def _person(prefix: str, label: str, national: str, kind: Kind) -> tuple[FieldSpec, ...]:
    """Fields of a parent, a spouse or the declarant: the same set under another prefix."""

    def one(part: str, text: str, type_: FieldType, column: str) -> FieldSpec:
        return FieldSpec(
            f"{prefix}_{part}",
            f"{label}: {text}",
            type_,
            {kind: national + column} if column else {},
        )

    return (
        one("full_name", "họ và tên", T.NAME, "HoTen"),
        one("birth_date", "năm sinh / ngày sinh", T.YEAR_OR_DATE, "NgaySinh"),
        one("age", "tuổi", T.AGE, ""),
        one("ethnicity", "dân tộc", T.ETHNICITY, "DanToc"),
        one("nationality", "quốc tịch", T.NATIONALITY, "QuocTich"),
        one("occupation", "nghề nghiệp", T.OCCUPATION, ""),
        one("home_town", "quê quán", T.PLACE, ""),
        one("residence", "nơi thường trú/tạm trú", T.PLACE, "NoiCuTru"),
        one("id_number", "số CMND/hộ chiếu", T.IDENTITY, "SoGiayToTuyThan"),
    )


def _spouse(prefix: str, label: str) -> tuple[FieldSpec, ...]:
    """What only marriage books say of a person; the national template has no column for it."""
    return (
        FieldSpec(f"{prefix}_alias", f"{label}: bí danh", T.TEXT, {}),
        FieldSpec(f"{prefix}_marriage_order", f"{label}: kết hôn lần thứ", T.TEXT, {}),
        FieldSpec(f"{prefix}_father_full_name", f"{label}: họ tên cha", T.NAME, {}),
        FieldSpec(f"{prefix}_mother_full_name", f"{label}: họ tên mẹ", T.NAME, {}),
    )


def _witness(number: int) -> tuple[FieldSpec, ...]:
    """A witness of the books until 1961."""
    who = f"Người làm chứng {number}"
    return (
        FieldSpec(f"witness{number}_full_name", f"{who}: họ và tên", T.NAME, {}),
        FieldSpec(f"witness{number}_age", f"{who}: tuổi", T.AGE, {}),
        FieldSpec(f"witness{number}_occupation", f"{who}: nghề nghiệp", T.OCCUPATION, {}),
        FieldSpec(f"witness{number}_residence", f"{who}: nơi ở", T.PLACE, {}),
    )


_DECLARANT = (
    FieldSpec(
        "declarant_full_name",
        "Người khai: họ và tên",
        T.NAME,
        {Kind.BIRTH: "nycHoTen", Kind.DEATH: "nycHoTen"},
    ),
    FieldSpec(
        "declarant_relation",
        "Người khai: quan hệ",
        T.RELATION,
        {Kind.BIRTH: "nycQuanHe", Kind.DEATH: "nycQuanHe"},
    ),
    FieldSpec("declarant_age", "Người khai: tuổi", T.AGE, {}),
    FieldSpec("declarant_occupation", "Người khai: nghề nghiệp", T.OCCUPATION, {}),
    FieldSpec("declarant_residence", "Người khai: nơi thường trú", T.PLACE, {}),
    FieldSpec(
        "declarant_id_number",
        "Người khai: số CMND",
        T.IDENTITY,
        {Kind.BIRTH: "nycSoGiayToTuyThan", Kind.DEATH: "nycSoGiayToTuyThan"},
    ),
)

FIELDS: dict[str, FieldSpec] = {
    spec.name: spec
    for spec in (
        *_COMMON,
        *_PRINCIPAL,
        *_person("father", "Cha", "cha", Kind.BIRTH),
        *_person("mother", "Mẹ", "me", Kind.BIRTH),
        *_person("husband", "Chồng", "chong", Kind.MARRIAGE),
        *_person("wife", "Vợ", "vo", Kind.MARRIAGE),
        *_spouse("husband", "Chồng"),
        *_spouse("wife", "Vợ"),
        *_DECLARANT,
        *_witness(1),
        *_witness(2),
    )
}

PRINCIPAL_NAMES: dict[Kind, tuple[str, ...]] = {
    Kind.BIRTH: ("child_full_name",),
    Kind.MARRIAGE: ("husband_full_name", "wife_full_name"),
    Kind.DEATH: ("deceased_full_name",),
}
"""Whose record it is: the fields without which an entry is nobody's (rule V01)."""
