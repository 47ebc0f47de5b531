"""A ditto is as sure as the value it repeats and its mark make it; places by their spelling."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from models_samples import field

from pipeline.checks import finish_book
from pipeline.checks.ditto import from_rows_above, with_lent_evidence
from pipeline.checks.witnesses import own, weighed
from pipeline.places.spelled import (
    capitals_as_known,
    common_words_small,
    nearly_as_known,
    spelled_as_known,
)
from pipeline.reading.calibrate import (
    DITTO,
    DITTO_WORD,
    Evidence,
    kind_of,
    load_calibration,
    probability,
)
from pipeline.settings import PROJECT, load_thresholds
from pipeline.types import Decision, EntryResult, FieldResult, Kind, ValueState
from pipeline.values import Context
from pipeline.values.marks import is_ditto

EVIDENCE = load_thresholds(PROJECT / "ocr_config").evidence
CONTEXT = Context(Kind.BIRTH, 1974, "Xã An Thái", "Huyện An Lão", as_of=date(2022, 12, 29))


def place(spelling: str, confidence: float = 0.95) -> FieldResult:
    one = field("birth_place", "An Thái, An Lão", reasons=(f"place_spelling={spelling}",))
    return replace(one, confidence=confidence, decision=Decision.REVIEW)


def repeated(above: FieldResult, mark: float) -> FieldResult:
    return replace(
        above,
        literal='"',
        state=ValueState.DITTO,
        confidence=mark * own(above),
        reasons=("ditto",),
    )


def column(*fields: FieldResult) -> list[FieldResult]:
    rows = [weighed(EntryResult(n, str(n), (one,)), EVIDENCE) for n, one in enumerate(fields)]
    return [row.fields[0] for row in with_lent_evidence(rows, EVIDENCE.ceiling)]


def test_what_speaks_for_a_value_speaks_for_its_repetitions() -> None:
    first = place("known")
    second = repeated(first, 0.998)
    third = repeated(second, 0.998)
    one, two, three = column(first, second, third)
    assert one.confidence > 0.99 > first.confidence
    assert two.confidence == pytest.approx(0.998 * one.confidence)
    assert three.confidence == pytest.approx(0.998 * two.confidence)
    assert "as_sure_as=row_above" in two.reasons


def test_a_doubtful_mark_stays_doubtful_below_the_surest_value() -> None:
    first = place("known", 0.99)
    _, two = column(first, repeated(first, 0.9))
    assert two.confidence < 0.9


def test_what_speaks_against_a_value_speaks_against_its_repetitions() -> None:
    first = place("other")
    one, two = column(first, repeated(first, 0.998))
    assert two.confidence < one.confidence < 0.95


def marks(count: int, sure: float = 0.97) -> list[EntryResult]:
    """A column of a value and marks that nobody has resolved yet."""
    head = replace(field("ethnicity", "Kinh"), confidence=0.999, decision=Decision.REVIEW)
    mark = replace(head, literal="-nt-", value=None, state=ValueState.DITTO, confidence=sure)
    return [EntryResult(n, "", (mark if n else head,)) for n in range(count + 1)]


def test_the_marks_of_a_run_are_not_doubted_as_if_each_stood_alone() -> None:
    alone = [own(entry.fields[0]) for entry in from_rows_above(marks(12))]
    run = [own(entry.fields[0]) for entry in from_rows_above(marks(12), together=10)]
    assert alone[1] == run[1] == pytest.approx(0.999 * 0.97)
    assert alone[12] == pytest.approx(0.999 * 0.97**12)
    # as the mean over books of which each has its own share of misread marks
    share, expected = 0.03, 0.999
    for n in range(12):
        expected *= 1 - share / (1 + n / 10)
    assert run[12] == pytest.approx(expected) and 0.75 < run[12] < run[1]
    assert run == sorted(run, reverse=True)


def test_a_run_begins_anew_below_what_is_written_out_and_after_an_unread_page() -> None:
    rows = marks(6)
    rows[3] = rows[0]
    for breaks, at in ((frozenset(), 4), (frozenset({3}), 4)):
        done = from_rows_above(rows, breaks, together=10)
        assert own(done[at].fields[0]) == pytest.approx(0.999 * 0.97)


def test_a_mark_below_nothing_is_not_said_to_be_right_until_its_value_is_known() -> None:
    head, one, two = marks(2)
    unread = replace(head, fields=(replace(head.fields[0], value=None, literal="?"),))
    hanging = [weighed(entry, EVIDENCE) for entry in from_rows_above([unread, one, two])]
    assert [entry.fields[0].confidence for entry in hanging[1:]] == [0.0, 0.0]
    assert [own(entry.fields[0]) for entry in hanging[1:]] == [0.97, 0.97]
    # a page turn later the row above is known: the mark counts as surely as it was read
    known = from_rows_above([head, *hanging[1:]])
    assert [own(entry.fields[0]) for entry in known] == [
        own(entry.fields[0]) for entry in from_rows_above([head, one, two])
    ]


@pytest.mark.parametrize("mark", ["nt", "-nt-", "n.t", "N/T", "như trên", "NHƯ NT", "- nhu tren -"])
def test_marks_in_words_have_a_curve_of_their_own_in_every_column(mark: str) -> None:
    assert is_ditto(mark)
    assert {kind_of(name, mark) for name in ("nationality", "date", "name")} == {DITTO_WORD}
    shipped = load_calibration(PROJECT / "ocr_config", "tesseract")
    assert shipped.curves[DITTO_WORD].count >= 300
    sure = probability(shipped, "nationality", Evidence(0.9, 0.9, 0.95), mark)
    assert sure > 0.95


@pytest.mark.parametrize("text", ["Nt Kinh", "Như Trên Sông", "net", "n", "Trần Như", ""])
def test_a_word_that_holds_such_letters_is_no_mark(text: str) -> None:
    assert kind_of("name", text) == "name"


def test_lending_twice_lends_once() -> None:
    first = replace(place("known"), field="birth_place")
    rows = [EntryResult(n, "", (one,)) for n, one in enumerate((first, repeated(first, 0.998)))]
    once, _ = finish_book(rows, CONTEXT)
    twice, _ = finish_book(once, CONTEXT)
    assert [entry.fields for entry in twice] == [entry.fields for entry in once]
    assert any("as_sure_as=" in reason for reason in once[1].fields[0].reasons)


def test_a_ditto_below_a_ditto_bears_no_witness_of_its_own():
    def entry(*states: ValueState) -> EntryResult:
        names = ("child_full_name", "ethnicity", "father_ethnicity", "mother_ethnicity")
        values = ("Nguyễn Văn An", "Kinh", "Kinh", "Kinh")
        fields = [
            replace(field(n, v), state=s) for n, v, s in zip(names, values, states, strict=True)
        ]
        return weighed(EntryResult(0, "1", tuple(fields)), EVIDENCE)

    written, mark = ValueState.WRITTEN, ValueState.DITTO
    said = "sign=ethnic_parent"
    assert said in entry(written, written, mark, mark).fields[1].reasons
    assert said in entry(written, mark, mark, written).fields[1].reasons
    assert said not in entry(written, mark, mark, mark).fields[1].reasons


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("Bệnh viện Kiến An, Hải Phong", True),
        ("An Thài, An Lão", True),
        ("Tram xá xã An Thái", True),
        ("phường Cát B1, quận Hải An", True),
        ("An Thái, An Lão Hải Phòng", True),  # a comma was lost at the end of a line
        ("An Thái, An Lão", False),  # it is one
        ("thôn Bách Phương, xã An Thái", False),  # like nothing: a hamlet
        ("số 7 phố Lê Lợi", False),
        ("", False),
        ("Trạm xá thị trãn Cát Bà", True),  # a word for a kind of unit, with another mark
        ("Trạm xá thị trấn Cát Bà", False),
        ("Huyên An Lão", True),
        ("TT Cát Bà", False),
    ],
)
def test_a_place_is_nearly_a_known_one_or_not(text: str, near: bool) -> None:
    assert nearly_as_known(text, 2004) is near


def test_a_place_that_is_nearly_a_known_one_goes_to_a_person_however_surely_read() -> None:
    sure = replace(place("near"), confidence=0.997)
    (one,) = column(sure)
    assert one.confidence < 0.95
    assert one.confidence < column(replace(place("other"), confidence=0.997))[0].confidence


def test_a_persons_word_is_not_lent_over_nor_changed() -> None:
    first = place("known")
    by_person = replace(repeated(first, 0.998), decision=Decision.PERSON)
    assert column(first, by_person)[1] == by_person


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("An Thái, An Lão", True),
        ("xã An Thái, huyện An Lão, Hải Phòng", True),
        ("Trạm xá xã An Thái", True),
        ("XÃ AN THÁI, HUYỆN AN LÃO", True),
        ("An Thài, An Lão", False),  # a mark misread
        ("Trạm xé xã An Thái", False),
        ("an thái, An Lão", False),  # a capital misread
        ("An ThÁi, An Lão", False),
        ("thôn Bách Phương, xã An Thái", False),  # hamlets are in no list: nothing is said
        ("An Thái 7, An Lão", False),
        ("", False),
        ("., -", False),
        ("Bệnh viện Kiến An, Hải Phòng", True),
        ("Bệnh viện Kien An, Hải Phòng", False),  # the French wrote Kien-An
        ("Bệnh viện Kien-An", True),
        ("An Thái, An Lão Hải Phòng", False),  # a comma was lost at the end of a line
        ("An Thái An Lão Hải Phòng", True),  # whoever writes none has lost none
        ("An Thái - An Lão - Hải Phòng", True),
    ],
)
def test_a_place_is_spelled_as_the_gazetteer_has_it_or_not(text: str, known: bool) -> None:
    assert spelled_as_known(text, 1990) is known


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("An thái, An lão", "An Thái, An Lão"),
        ("Trạm xá xã An thái", "Trạm xá xã An Thái"),
        ("xã an Thái", "xã An Thái"),
        ("AN THÁI, AN LÃO", "AN THÁI, AN LÃO"),
        ("an thái, An Lão", "an thái, An Lão"),  # words in small letters need not be a name
        ("An thài, An Lão", "An thài, An Lão"),  # another word
        ("Trạm xá xã An Thái", "Trạm xá xã An Thái"),
        ("An", "An"),
        ("", ""),
    ],
)
def test_names_of_units_get_their_capitals(text: str, mended: str) -> None:
    assert capitals_as_known(text, 1990) == mended


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("Trạm Xá xã An Thái", "Trạm xá xã An Thái"),
        ("Trạm xá Xã An Thái", "Trạm xá xã An Thái"),
        ("Nhà hộ Sinh", "Nhà hộ sinh"),
        ("Trạm y tế Xã An Thái, huyện An Lão", "Trạm y tế xã An Thái, huyện An Lão"),
        ("thôn Trung, Xã An Thái, huyện An Lão", "thôn Trung, xã An Thái, huyện An Lão"),
    ],
)
def test_common_words_inside_places_lose_a_capital_that_may_be_a_small_letter(
    text: str, mended: str
) -> None:
    assert common_words_small(text) == mended


@pytest.mark.parametrize(
    "text",
    [
        "Trạm Xá Xã An Thái",  # all alike: the clerk's way
        "Bệnh Viện Kiến An",  # nothing tells
        "Trạm xá Xã An Thái, Huyện An Lão",  # Huyện tells: this clerk writes units so
        "Trạm xá, Xã An Thái",  # a part of its own, and no other tells how they begin
        "Xã An Thái, huyện An Lão",  # the first word
        "phường Nghĩa Xá, quận Lê Chân",  # a word of the name
        "TRẠM XÁ XÃ AN THÁI",
        "Trạm Y tế xã An Thái",  # Y has a shape of its own
        "Trạm XÁ xã An Thái",  # no word of one capital
        "TX. Đồ Sơn, Xã An Thái",
        "",
        "., -",
    ],
)
def test_other_capitals_of_places_stay(text: str) -> None:
    assert common_words_small(text) == text


@pytest.mark.parametrize(
    ("type_", "text", "kind"),
    [
        ("ethnicity", '"', DITTO),
        ("place", "”", DITTO),
        ("age", '"', "age"),  # may be 11
        ("ethnicity", "Kinh", "ethnicity"),
        ("ethnicity", ".", "ethnicity"),
        ("ethnicity", "", "ethnicity"),
    ],
)
def test_marks_are_calibrated_as_marks(type_: str, text: str, kind: str) -> None:
    assert kind_of(type_, text) == kind
