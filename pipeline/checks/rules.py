"""The rules as data: id, severity, law and what each says to a person.

The set is that of ``registers.md`` 6.2. An error blocks release, a warning goes to review, a
soft warning only makes its fields a little less sure.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.texts import Text
from pipeline.types import Finding, Severity


@dataclass(frozen=True)
class Rule:
    """One rule. ``law`` is its source; empty where it is common sense."""

    id: str
    severity: Severity
    text: Text
    law: str = ""
    soft: bool = False

    def finding(self, *fields: str, detail: str = "", severity: Severity | None = None) -> Finding:
        """This rule's word against some fields. ``detail`` carries values, not sentences."""
        return Finding(self.id, severity or self.severity, fields, detail)


_E, _W = Severity.ERROR, Severity.WARNING

RULES: dict[str, Rule] = {
    rule.id: rule
    for rule in (
        Rule(
            "V01",
            _E,
            Text(
                "Mục bắt buộc để trống mà không có ghi chú giải thích.",
                "A required field is blank and no note explains it.",
            ),
            "Thông tư 04/2020/TT-BTP Đ.23.1, Đ.29",
        ),
        Rule(
            "V02",
            _E,
            Text(
                "Hai trường hợp trùng số trong một năm.", "Two entries of a year bear one number."
            ),
            "Thông tư 04/2020/TT-BTP Đ.29.3",
        ),
        Rule(
            "V03",
            _W,
            Text(
                "Số thứ tự bị nhảy hoặc lùi so với các trường hợp bên cạnh.",
                "The running number jumps or goes back against its neighbours.",
            ),
            "Thông tư 04/2020/TT-BTP Đ.29.3",
        ),
        Rule(
            "V04",
            _W,
            Text(
                "Ngày đăng ký sớm hơn trường hợp trước.",
                "The registration date is earlier than that of the entry before.",
            ),
        ),
        Rule(
            "V05",
            _E,
            Text(
                "Năm đăng ký nằm ngoài thời gian của quyển sổ.",
                "The year of registration lies outside the time of the book.",
            ),
            "Thông tư 04/2020/TT-BTP Đ.36",
        ),
        Rule(
            "V07",
            _E,
            Text(
                "Ngày ghi bằng số và bằng chữ khác nhau.",
                "The date in digits and the date in words differ.",
            ),
            "Thông tư 04/2020/TT-BTP Đ.31.2, Đ.34",
        ),
        Rule(
            "V08",
            _E,
            Text("Đăng ký trước ngày sinh.", "Registered before the day of birth."),
        ),
        Rule(
            "V09",
            _W,
            Text(
                "Tuổi cha hoặc mẹ khi sinh con không hợp lý (mẹ 13–55, cha 13–80).",
                "A parent's age at the birth is not plausible (mother 13–55, father 13–80).",
            ),
        ),
        Rule(
            "V10",
            _E,
            Text(
                "Ngày chết không khớp ngày sinh hoặc ngày đăng ký.",
                "The day of death does not fit the birth or the registration.",
            ),
        ),
        Rule(
            "V11",
            _W,
            Text(
                "Vợ hoặc chồng chưa đủ tuổi, hoặc hai bên trùng tên.",
                "Husband or wife is under age, or both bear one name.",
            ),
            "Luật Hôn nhân và gia đình 1959 Đ.6",
        ),
        Rule(
            "V13",
            _W,
            Text(
                "Chữ đệm Thị/Văn không hợp với giới tính.",
                "The middle name Thị/Văn does not fit the sex.",
            ),
            soft=True,
        ),
        Rule(
            "V14",
            _E,
            Text(
                "Giá trị không có trong danh mục (giới tính, dân tộc, quốc tịch).",
                "The value is in no list (sex, ethnic group, nationality).",
            ),
            "Quyết định 121-TCTK/PPCĐ",
        ),
        Rule(
            "V15",
            _W,
            Text(
                "Số giấy tờ tùy thân không đúng dạng của thời kỳ đó.",
                "The number of the identity paper is not of its time's form.",
            ),
        ),
        Rule(
            "V16",
            _W,
            Text(
                "Địa danh không khớp đơn vị hành chính nào vào thời điểm đó.",
                "The place fits no administrative unit of its time.",
            ),
            "Thông tư 04/2020/TT-BTP Đ.30",
        ),
        Rule(
            "V17",
            _E,
            Text(
                "Dấu 'như trên' mà không có gì ở trên.",
                "A ditto mark with nothing above it.",
            ),
        ),
        Rule(
            "V19",
            _E,
            Text(
                "Có ký tự không thuộc chữ Việt hoặc mã chữ cũ.",
                "Characters that are not Vietnamese letters, or of an old encoding.",
            ),
        ),
    )
}


def explain(finding: Finding) -> str:
    """What a finding says, in the language of the moment, its values behind it."""
    text = str(RULES[finding.rule].text)
    return f"{text} ({finding.detail})" if finding.detail else text


def is_soft(finding: Finding) -> bool:
    """True where a finding only makes its fields less sure."""
    return RULES[finding.rule].soft
