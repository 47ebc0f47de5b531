"""Rules on one entry, evidence and decisions: nothing doubtful passes unseen, nothing is lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.checks import RULES, build_entries, check_entry, decide, explain
from pipeline.checks.acceptance import Bars
from pipeline.checks.witnesses import weighed
from pipeline.fields import FIELDS
from pipeline.reading.recognizer import NoRecognizer, read_cells
from pipeline.settings import PROJECT, load_thresholds
from pipeline.types import (
    Cell,
    Decision,
    EntryResult,
    FieldResult,
    Kind,
    Layout,
    PageImage,
    PlaceStatus,
    Reading,
    Severity,
    Side,
    ValueState,
)
from pipeline.values import Context

CONTEXT = Context(
    Kind.BIRTH, 2008, "Xã An Thái", "Huyện An Lão", as_of=date(2022, 12, 29), ledger=False
)
BARS = Bars({"default": 0.9})
STRENGTHS = load_thresholds(PROJECT / "ocr_config").evidence
BOX = ((10.0, 10.0), (110.0, 10.0), (110.0, 30.0), (10.0, 30.0))


def field(name, value, *, literal=None, state=None, confidence=0.95, reasons=(), place=None):
    if state is None:
        state = ValueState.WRITTEN if value is not None or literal else ValueState.BLANK
    return FieldResult(
        field=name,
        literal=literal if literal is not None else (value or ""),
        value=value,
        state=state,
        confidence=confidence,
        raw_confidence=confidence,
        decision=Decision.REVIEW,
        reader="test",
        page=0,
        polygon=BOX,
        reasons=reasons,
        place=place,
    )


def entry(**values):
    return EntryResult(0, "", tuple(field(name, value) for name, value in values.items()))


GOOD = {
    "entry_number": "12",
    "registration_date": "2008-05-10",
    "child_full_name": "NGUYỄN VĂN AN",
    "sex": "Nam",
    "birth_date": "2008-05-02",
    "birth_date_words": "2008-05-02",
    "ethnicity": "Kinh",
    "father_birth_date": "1980",
    "mother_birth_date": "1984-03",
    "father_full_name": "Nguyễn Văn Bình",
}


def rules_of(kind=Kind.BIRTH, year=2008, **values):
    found = check_entry(entry(**values), replace(CONTEXT, kind=kind, year=year))
    return {finding.rule: finding for finding in found}


def test_a_sound_entry_has_no_findings():
    assert rules_of(**GOOD) == {}


@pytest.mark.parametrize(
    ("change", "rule", "severity"),
    [
        ({"registration_date": None}, "V01", Severity.ERROR),
        ({"child_full_name": None}, "V01", Severity.ERROR),
        ({"registration_date": "2018-05-10"}, "V05", Severity.ERROR),
        (
            {"registration_date": "2007-05-10", "birth_date": "2007", "birth_date_words": "2007"},
            "V05",
            Severity.ERROR,
        ),
        ({"registration_date": "2010-05-10"}, "V05", Severity.WARNING),
        ({"birth_date_words": "2008-05-12"}, "V07", Severity.ERROR),
        ({"birth_date": "2008-06-02", "birth_date_words": "2008-06-02"}, "V08", Severity.ERROR),
        ({"mother_birth_date": "2000"}, "V09", Severity.WARNING),
        ({"father_birth_date": "1908"}, "V09", Severity.WARNING),
        ({"sex": "Nữ"}, "V13", Severity.WARNING),
        ({"father_full_name": "Nguyễn V®n Bình"}, "V19", Severity.ERROR),
    ],
)
def test_each_rule_fires_on_its_fault_alone(change, rule, severity):
    found = rules_of(**(GOOD | change))
    assert set(found) - {"V23"} == {rule}  # a wrong year is late too
    assert found[rule].severity is severity
    assert explain(found[rule])


def test_a_blank_that_a_note_explains_is_no_fault():
    assert rules_of(**(GOOD | {"registration_date": None, "notes": "Bỏ trống theo sổ gốc"})) == {}


def test_partial_dates_that_agree_are_no_contradiction():
    assert "V07" not in rules_of(**(GOOD | {"birth_date": "2008"}))


def test_ages_and_years_in_the_column_of_ages_are_both_understood():
    base = {key: GOOD[key] for key in ("entry_number", "registration_date", "child_full_name")}
    assert "V09" not in rules_of(**base, mother_age="24", father_age="1980")
    assert "V09" in rules_of(**base, mother_age="84")


def test_death_and_marriage_have_rules_of_their_own():
    death = {
        "entry_number": "1",
        "registration_date": "2003-05-10",
        "deceased_full_name": "Trần Thị Hoa",
        "birth_date": "1930",
        "death_date": "2003-05-08",
    }
    assert rules_of(Kind.DEATH, 2003, **death) == {}
    assert "V10" in rules_of(Kind.DEATH, 2003, **(death | {"death_date": "2003-05-18"}))
    assert "V10" in rules_of(Kind.DEATH, 2003, **(death | {"birth_date": "1880"}))
    marriage = {
        "entry_number": "1",
        "registration_date": "2008-05-10",
        "husband_full_name": "Trần Văn Hòa",
        "wife_full_name": "Lê Thị Mai",
        "husband_birth_date": "1985",
        "wife_birth_date": "1988-01-01",
    }
    assert rules_of(Kind.MARRIAGE, **marriage) == {}
    assert "V11" in rules_of(Kind.MARRIAGE, **(marriage | {"wife_birth_date": "1992-01-01"}))
    assert "V11" in rules_of(Kind.MARRIAGE, **(marriage | {"wife_full_name": "TRẦN VĂN HOÀ"}))


def test_papers_belong_to_their_time():
    marriage = {"entry_number": "1", "registration_date": "2008-05-10"}
    assert "V15" in rules_of(Kind.MARRIAGE, **marriage, wife_id_number="031088001234")
    assert "V15" in rules_of(Kind.MARRIAGE, **marriage, wife_id_number="03108800")
    assert "V15" not in rules_of(Kind.MARRIAGE, **marriage, wife_id_number="031088001")
    assert "V15" not in rules_of(Kind.MARRIAGE, **marriage, wife_id_number="B1234567")


def test_words_outside_the_lists_are_named():
    found = EntryResult(0, "", (field("ethnicity", None, literal="Kxyz"),))
    (finding,) = check_entry(found, CONTEXT)
    assert (finding.rule, finding.detail) == ("V14", "Kxyz")


def test_every_rule_is_explained_in_two_languages():
    assert sorted(RULES) == [f"V{number:02d}" for number in (*range(1, 36), 40)]
    assert all(
        rule.text.vi and rule.text.en and rule.text.vi != rule.text.en for rule in RULES.values()
    )


def twice(day, words, *, sure=0.9, words_sure=0.8):
    return EntryResult(
        0,
        "",
        (
            field("birth_date", day, confidence=sure),
            field("birth_date_words", words, confidence=words_sure),
        ),
    )


def test_agreeing_dates_raise_each_other_once():
    heard = weighed(twice("2008-05-02", "2008-05-02"), STRENGTHS)
    assert all(0.99 < one.confidence <= STRENGTHS.ceiling for one in heard.fields)
    assert weighed(heard, STRENGTHS) == heard


def test_contradicting_dates_lower_each_other_and_the_doubtful_one_more():
    heard = weighed(twice("2008-05-02", "2008-05-12", sure=0.99), STRENGTHS)
    digits, words = (one.confidence for one in heard.fields)
    assert digits < 0.99
    assert words < 0.1


def test_a_partial_date_within_the_other_says_nothing():
    entry = twice("2008", "2008-05-12")
    assert weighed(entry, STRENGTHS) == entry


def test_an_unlikely_witness_never_accuses_by_agreeing():
    heard = weighed(twice("2008-05-02", "2008-05-02", words_sure=0.1), STRENGTHS)
    assert heard.fields[0].confidence >= 0.9
    assert heard.fields[1].confidence > 0.5


def test_a_persons_word_is_heard_and_undoes_what_the_machine_said():
    heard = weighed(twice("2008-05-02", "2008-05-12", sure=0.99), STRENGTHS)
    mended = replace(heard.fields[1], value="2008-05-02", decision=Decision.PERSON, confidence=1.0)
    again = weighed(replace(heard, fields=(heard.fields[0], mended)), STRENGTHS)
    assert again.fields[0].confidence > 0.99
    assert again.fields[1] == mended


@pytest.mark.parametrize(
    ("result", "decision"),
    [
        (field("sex", "Nam"), Decision.ACCEPTED),
        (field("sex", "Nam", confidence=0.5), Decision.REVIEW),
        (field("sex", None), Decision.BLANK),
        (field("sex", None, literal="?"), Decision.REVIEW),
        (field("sex", None, state=ValueState.UNREADABLE), Decision.UNREADABLE),
        (field("sex", None, literal="nt", state=ValueState.DITTO), Decision.REVIEW),
        (
            field("father_full_name", None, literal="không có", state=ValueState.BLANK),
            Decision.BLANK,
        ),
        (
            field(
                "father_full_name",
                None,
                literal="không có",
                state=ValueState.BLANK,
                confidence=0.5,
            ),
            Decision.REVIEW,
        ),
    ],
)
def test_decisions(result, decision):
    assert decide(result, (), BARS) is decision


def test_a_finding_sends_its_fields_to_a_person_and_no_others():
    finding = RULES["V07"].finding("birth_date", "birth_date_words")
    assert decide(field("birth_date", "2008-05-02"), (finding,), BARS) is Decision.REVIEW
    assert decide(field("sex", "Nam"), (finding,), BARS) is Decision.ACCEPTED
    blank = RULES["V01"].finding("child_full_name")
    assert decide(field("child_full_name", None), (blank,), BARS) is Decision.REVIEW


def test_what_a_soft_rule_says_is_in_the_probability_not_in_the_decision():
    soft = RULES["V13"].finding("sex")
    assert decide(field("sex", "Nam", confidence=0.95), (soft,), BARS) is Decision.ACCEPTED
    seen = entry(child_full_name="LÊ THỊ AN", sex="Nam")
    assert weighed(seen, STRENGTHS).fields[1].confidence < 0.5
    fitting = entry(child_full_name="LÊ VĂN AN", sex="Nam")
    assert weighed(fitting, STRENGTHS).fields[1].confidence > 0.99


def test_what_a_person_set_stays():
    person = replace(field("sex", None), decision=Decision.PERSON)
    assert decide(person, (RULES["V01"].finding("sex"),), BARS) is Decision.PERSON


# --- build_entries -------------------------------------------------------------------------------

SHIFTED = ((2.0, 0.0, 100.0), (0.0, 2.0, 50.0), (0.0, 0.0, 1.0))


def page():
    return PageImage(np.full((40, 40), 255, np.uint8), 150.0, Side.SINGLE, SHIFTED, 0, 0.0)


def seen(text, *, probability=0.99, blank=False):
    return Reading(text, (), probability, probability, "test", blank)


def read(rows, context=CONTEXT, entries=1):
    """``build_entries`` over rows of {field: text or None for blank}."""
    readings = [
        (Cell(0, at, name, BOX, 1.0), seen(text or "", blank=text is None))
        for at, row in enumerate(rows)
        for name, text in row.items()
    ]
    layout = Layout("test", tuple(cell for cell, _ in readings), 1.0, entries)
    return build_entries([page()], layout, readings, context)


def test_an_entry_is_put_together_from_its_cells():
    (one,) = read(
        [
            {
                "entry_number": "012",
                "child_full_name": "NGUYỄN VĂN  AN",
                "sex": "Nam",
                "birth_date": "02/5/2008",
                "birth_date_words": "Ngày mồng hai tháng năm năm hai nghìn không trăm linh tám",
                "registration_date": "10/5/2008",
                "birth_place": "Trạm y tế xã An Thái, huyện An Lão, Hải Phòng",
                "father_full_name": None,
                "notes": None,
            }
        ]
    )
    by_name = {field.field: field for field in one.fields}
    assert one.number == "12"
    assert one.findings == ()
    assert by_name["entry_number"].literal == "012"
    assert by_name["child_full_name"].value == "NGUYỄN VĂN AN"
    assert by_name["birth_date"].value == by_name["birth_date_words"].value == "2008-05-02"
    assert by_name["birth_date"].confidence > 0.999
    assert by_name["birth_place"].place.status is PlaceStatus.CERTAIN
    assert by_name["birth_place"].place.candidates[0].gso_code == "11677"
    assert by_name["father_full_name"].decision is Decision.BLANK
    assert by_name["sex"].decision is Decision.ACCEPTED
    assert by_name["sex"].polygon == ((120.0, 70.0), (320.0, 70.0), (320.0, 110.0), (120.0, 110.0))


def test_empty_rows_are_no_entries_and_keep_the_others_in_place():
    rows = [
        {"entry_number": "1", "sex": "Nam"},
        {"entry_number": None, "sex": None},
        {"entry_number": "3", "sex": "Nữ"},
    ]
    found = read(rows, entries=3)
    assert [one.index for one in found] == [0, 2]
    assert [one.number for one in found] == ["1", "3"]


def test_a_deletion_has_no_value_and_writing_under_a_stamp_is_never_accepted_unseen():
    deleted = Reading("Nam", (), 0.99, 0.999, "test", struck=True)
    stamped = Reading("Kinh", (), 0.99, 0.999, "test", notes=("stamped",))
    cells = [Cell(0, 0, name, BOX, 1.0) for name in ("sex", "ethnicity")]
    pairs = list(zip(cells, (deleted, stamped), strict=True))
    (one,) = build_entries([page()], Layout("test", tuple(cells), 1.0, 1), pairs, CONTEXT)
    sex, ethnicity = one.fields
    assert (sex.state, sex.value, sex.literal) == (ValueState.STRUCK, None, "Nam")
    assert (ethnicity.value, "stamped" in ethnicity.reasons) == ("Kinh", True)
    assert sex.decision is ethnicity.decision is Decision.REVIEW


def test_a_lone_speck_makes_no_entry_but_unread_ink_does():
    assert read([{"entry_number": "", "sex": None}]) == ()
    (one,) = read([{"entry_number": "", "sex": "", "ethnicity": None}])
    assert [field.decision for field in one.fields] == [
        Decision.UNREADABLE,
        Decision.UNREADABLE,
        Decision.BLANK,
    ]


def test_rows_left_over_beside_doubtful_columns_are_no_entries():
    """Cells whose place is in doubt are not read: what is bare there tells of no entry."""
    fields = ("entry_number", "child_full_name", "sex", "ethnicity", "nationality", "birth_place")
    inked, bare = np.full((300, 900), 230, np.uint8), np.full((300, 900), 230, np.uint8)
    for n in range(len(fields)):
        cv2.putText(inked, "Nam", (150 * n + 30, 170), cv2.FONT_HERSHEY_SIMPLEX, 1.4, 20, 3)
    found = []
    for grey in (inked, bare):
        of_page = PageImage(grey, 150.0, Side.SINGLE, SHIFTED, 0, 0.0)
        cells = tuple(
            Cell(0, 0, name, ((x, 80.0), (x + 150, 80.0), (x + 150, 220.0), (x, 220.0)), sure)
            for n, name in enumerate(fields)
            for x, sure in [(150.0 * n, 0.3 if n < 2 else 1.0)]
        )
        layout = Layout("test", cells, 1.0, 1)
        config = PROJECT / "ocr_config"
        readings = read_cells([of_page], layout, NoRecognizer(), config, least_confidence=0.35)
        found.append(build_entries([of_page], layout, readings, CONTEXT))
    (entry,), nothing = found
    assert [one.reasons for one in entry.fields[:2]] == [("box_unsure",)] * 2
    assert all(one.decision is not Decision.ACCEPTED for one in entry.fields)
    assert nothing == ()


def test_no_value_is_invented_where_nothing_was_read():
    rows = [dict.fromkeys(FIELDS, ""), dict.fromkeys(FIELDS) | {"sex": "Nam"}]
    for one in read(rows, entries=2):
        for field_ in one.fields:
            if not (one.index == 1 and field_.field == "sex"):
                assert field_.value is None


def test_a_stroke_down_through_rows_left_over_makes_no_entries_of_them():
    rows = [
        {"entry_number": "1", "ethnicity": "Kinh", "child_full_name": "Trần An", "sex": "Nam"},
        {"entry_number": None, "ethnicity": '"', "child_full_name": None, "sex": None},
        {"entry_number": "2", "ethnicity": '"', "child_full_name": None, "sex": None},
    ]
    assert [one.index for one in read(rows, replace(CONTEXT, ledger=None), entries=3)] == [0, 2]


def test_dittos_on_a_form_mean_the_person_before():
    (one,) = read(
        [
            {
                "father_nationality": "Việt Nam",
                "father_residence": "An Thái, An Lão, Hải Phòng",
                "mother_nationality": "nt",
                "mother_residence": "như trên",
                "declarant_full_name": "nt",
            }
        ]
    )
    by_name = {field.field: field for field in one.fields}
    assert by_name["mother_nationality"].value == "Việt Nam"
    assert by_name["mother_residence"].value == "An Thái, An Lão, Hải Phòng"
    assert by_name["mother_residence"].place == by_name["father_residence"].place
    assert by_name["mother_residence"].state is ValueState.DITTO
    assert by_name["mother_residence"].literal == "như trên"
    assert by_name["declarant_full_name"].value is None
    assert "V17" in {finding.rule for finding in one.findings}


def test_the_literal_of_a_place_stays_while_its_value_is_written_as_usual():
    (one,) = read([{"birth_place": "Trạm Xá xã An Thái"}])
    (found,) = (field for field in one.fields if field.field == "birth_place")
    assert (found.literal, found.value) == ("Trạm Xá xã An Thái", "Trạm xá xã An Thái")


def test_dittos_in_a_ledger_mean_the_row_above():
    rows = [
        {"entry_number": "1", "ethnicity": '"', "nationality": "Việt Nam"},
        {"entry_number": "2", "ethnicity": "Kinh", "nationality": "nt"},
        {"entry_number": "3", "ethnicity": '"', "nationality": "〃"},
    ]
    found = read(rows, replace(CONTEXT, ledger=None), entries=3)
    values = [{field.field: field.value for field in one.fields} for one in found]
    assert [row["ethnicity"] for row in values] == [None, "Kinh", "Kinh"]
    assert [row["nationality"] for row in values] == ["Việt Nam"] * 3
    assert [finding.rule for finding in found[0].findings] == ["V17"]


@pytest.mark.parametrize("text", ["Tại nhà", "Bệnh viện Bạch Mai", "Hà Nội", "Nam Định"])
def test_places_elsewhere_or_without_unit_are_no_fault(text):
    (one,) = read([{"entry_number": "1", "birth_place": text}])
    assert one.findings == ()


def test_places_of_one_entry_speak_for_one_another():
    def birth_place(**others):
        row = {"entry_number": "1", "birth_place": "xã Minh Tân"} | others
        (one,) = read([row], replace(CONTEXT, unit="Sở Tư pháp", district=""))
        return next(f.place for f in one.fields if f.field == "birth_place")

    alone = birth_place()
    assert alone.status is PlaceStatus.AMBIGUOUS
    beside = birth_place(father_residence="xã Thủy Triều, huyện Thủy Nguyên, Hải Phòng")
    assert beside.candidates[0].unit_id == "hp-xa-minh-tan@thuy-nguyen"
    before = {one.unit_id: one.probability for one in alone.candidates}
    assert beside.candidates[0].probability > before["hp-xa-minh-tan@thuy-nguyen"]


def test_a_units_name_gets_its_capitals_and_the_ink_is_kept_as_read():
    (one,) = read([{"entry_number": "1", "birth_place": "Trạm xá xã An thái"}])
    place = one.fields[1]
    assert (place.literal, place.value) == ("Trạm xá xã An thái", "Trạm xá xã An Thái")
    assert place.place.candidates[0].probability > 0.9


def test_a_place_nobody_knows_goes_to_a_person():
    (one,) = read([{"entry_number": "1", "birth_place": "xã Xyzabc, huyện An Lão, Hải Phòng"}])
    assert [finding.rule for finding in one.findings] == ["V16"]
    assert one.fields[1].decision is Decision.REVIEW


TEXTS = st.one_of(st.none(), st.text(max_size=30))


@given(st.dictionaries(st.sampled_from(sorted(FIELDS)), TEXTS, max_size=8), st.booleans())
def test_whatever_was_read_becomes_an_entry_or_nothing(row, ledger):
    for one in read([row], replace(CONTEXT, ledger=ledger)):
        for field_ in one.fields:
            assert 0.0 <= field_.confidence <= 1.0
            if field_.decision is Decision.ACCEPTED:
                assert field_.value


def test_what_is_hardly_ever_right_is_no_value():
    cells = [
        (Cell(0, 0, "entry_number", BOX, 1.0), seen("12")),
        (Cell(0, 0, "notes", BOX, 1.0), seen("Šð %y", probability=0.01)),
    ]
    layout = Layout("test", tuple(cell for cell, _ in cells), 1.0, 1)
    (one,) = build_entries([page()], layout, cells, CONTEXT)
    notes = one.fields[1]
    assert (notes.literal, notes.value, notes.decision) == ("Šð %y", None, Decision.UNREADABLE)
