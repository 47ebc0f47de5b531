"""What people have set in a book bears out, or doubts, what is read in the rest of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from models_samples import birth, claim, field, queue, result, save
from models_samples import book as sample_book
from sqlalchemy import select

from models import book_entries, correct_field, save_finished_book
from models.tables import Entry
from pipeline.checks import finish_book
from pipeline.checks.acceptance import load_bars
from pipeline.checks.memory import FEWEST, SPELLED, remember, said_by_book, spelled_as_set
from pipeline.checks.memory_signs import SIGNS, load_weights, save_weights, weights_file
from pipeline.checks.other_texts import UNLEARNED
from pipeline.checks.story import explain_field
from pipeline.checks.witnesses import BOOK, weighed
from pipeline.errors import SettingsError
from pipeline.settings import PROJECT, load_thresholds
from pipeline.types import Decision, EntryResult, FieldResult, Kind
from pipeline.values import Context

CONFIG = PROJECT / "ocr_config"
EVIDENCE = load_thresholds(CONFIG).evidence
WEIGHTS = load_weights(CONFIG)
CONTEXT = Context(Kind.BIRTH, 1974, "Xã An Thái", "Huyện An Lão", as_of=date(2022, 12, 29))
HAND = "hand-7dd7e855"
NAME, PLACE = "father_full_name", "birth_place"
HOME = "xóm Đông, xã An Thái"


def read(name: str, text: str, sure: float = 0.95, reader: str = HAND) -> FieldResult:
    one = field(name, text, reader=reader, reasons=())
    return replace(one, literal=text, confidence=sure, decision=Decision.REVIEW)


def set_by_person(name: str, text: str, value: str = "", reader: str = HAND) -> FieldResult:
    one = replace(read(name, text, reader=reader), decision=Decision.PERSON, confidence=1.0)
    return replace(one, value=value or text)


def entries(*fields: FieldResult) -> list[EntryResult]:
    return [EntryResult(n, "", (one,)) for n, one in enumerate(fields)]


def heard(one: FieldResult, *known: FieldResult, hands: tuple[int, ...] = ()) -> FieldResult:
    """The last field of a book of these, as the book makes it out."""
    book = entries(*known, one)
    memory = remember(book, CONTEXT, hands)
    last = spelled_as_set(book[-1], memory)
    hand = hands[-1] if hands else 0
    said = said_by_book(last, memory, WEIGHTS, EVIDENCE.ceiling, hand)
    return weighed(last, EVIDENCE, said).fields[0]


def test_a_name_whose_words_people_confirmed_is_surer_than_any_reading_alone() -> None:
    known = [set_by_person(NAME, "Trần Văn Hùng")] * FEWEST
    assert heard(read(NAME, "Trần Văn Hùng"), *known).confidence > 0.99


def test_a_letter_that_the_net_was_unsure_of_makes_the_same_words_less_sure() -> None:
    """What names are believed by themselves has a ceiling: the letters tell the sure ones apart."""
    known = [set_by_person(NAME, "Trần Văn Hùng")] * FEWEST
    one = read(NAME, "Trần Văn Hoa")  # a word that nobody has met
    clear, faint = (replace(one, raw_confidence=sure) for sure in (0.995, 0.4))
    wrong_clear, wrong_faint = (1 - heard(each, *known).confidence for each in (clear, faint))
    assert wrong_faint > 2 * wrong_clear


def test_a_net_that_has_learned_the_hand_is_believed_less_for_being_sure() -> None:
    known = [set_by_person(NAME, "Trần Văn Hùng")] * FEWEST
    one = replace(read(NAME, "Trần Văn Hoa"), raw_confidence=0.995)
    learned = replace(one, reader=f"{HAND}+9b21c7d0")
    assert 1 - heard(learned, *known).confidence > 1.5 * (1 - heard(one, *known).confidence)


def test_what_the_net_reads_without_having_learned_bears_it_out_or_doubts_it() -> None:
    known = [set_by_person(NAME, "Trần Văn Hùng")] * FEWEST
    one = replace(read(NAME, "Trần Văn Hoa", reader=f"{HAND}+9b21c7d0"), raw_confidence=0.99)
    alike, unsure, other, silent = (
        1 - heard(replace(one, reasons=reasons), *known).confidence
        for reasons in (
            (f"{UNLEARNED}0.9700:Trần văn Hoa",),
            (f"{UNLEARNED}0.4000:Trần Văn Hoa",),
            (f"{UNLEARNED}0.9700:Trần Văn Hòa",),
            (),
        )
    )
    assert alike < unsure < other == silent
    assert other > 5 * alike


def test_a_name_with_a_word_that_people_corrected_is_doubted() -> None:
    known = [set_by_person(NAME, "Trần Văn Hưng", "Trần Văn Hùng")] * FEWEST
    before = read(NAME, "Lê Văn Hưng")
    assert heard(before, *known).confidence < 0.8
    assert heard(read(NAME, "Trần Văn Hưng"), *known).confidence < 0.8


def test_a_word_is_confirmed_only_for_its_part_of_the_name() -> None:
    known = [set_by_person(NAME, "Trần Văn Hùng")] * FEWEST
    middle = heard(read(NAME, "Trần Văn Hùng"), *known).confidence
    given_name = heard(read(NAME, "Trần Hùng Văn"), *known).confidence
    assert given_name < 0.98 < 0.99 < middle


def test_capital_letters_do_not_bear_out_small_ones() -> None:
    capitals = [set_by_person(NAME, "TRẦN VĂN HÙNG")] * FEWEST
    small = [set_by_person(NAME, "Trần Văn Hùng")] * FEWEST
    one = read(NAME, "Trần Văn Hùng")
    assert 1 - heard(one, *capitals).confidence > 2 * (1 - heard(one, *small).confidence)


def test_a_small_letter_that_people_make_a_capital_is_no_word_read_right() -> None:
    corrected = [set_by_person(NAME, "Trần Văn trấn", "Trần Văn Trấn")] * FEWEST
    confirmed = [set_by_person(NAME, "Trần Văn Trấn")] * FEWEST
    doubted = heard(read(NAME, "Trần Văn trấn"), *corrected).confidence
    sure = heard(read(NAME, "Trần Văn Trấn"), *confirmed).confidence
    assert 1 - doubted > 20 * (1 - sure) and sure > 0.99


@pytest.mark.parametrize(
    ("name", "text", "written"),
    [
        ("father_occupation", "thợ Vẽ bản đồ,", "Thợ vẽ bản đồ"),
        ("declarant_relation", "Bà, dì", "Bà dì"),
        (NAME, "Lữ Ngọc Hoà", "Lữ Ngọc Hòa"),
        (NAME, "Trần HOÀ", "Trần HOÀ"),
    ],
)
def test_texts_take_signs_capitals_and_places_of_tones_from_what_people_set(
    name: str, text: str, written: str
) -> None:
    said = {NAME: "Lê Thị Hòa", "father_occupation": written, "declarant_relation": written}[name]
    known = [set_by_person(name, said)]
    once = heard(read(name, text), *known)
    twice = heard(read(name, text), *known * 2)
    assert (once.value, twice.value, twice.literal) == (text, written, text)
    assert (SPELLED in twice.reasons) == (text != written)


def test_too_few_people_s_fields_say_nothing() -> None:
    known = [set_by_person(NAME, "Trần Văn Hùng")] * (FEWEST - 1)
    one = read(NAME, "Trần Văn Hùng")
    assert heard(one, *known) == one


def test_what_print_was_read_as_says_nothing_of_a_hand() -> None:
    known = [set_by_person(NAME, "Trần Văn Hùng", reader="tesseract-5.3.0/vie")] * FEWEST
    one = read(NAME, "Trần Văn Hùng")
    assert heard(one, *known) == one


def test_one_clerk_s_letters_say_nothing_of_another_s() -> None:
    known = [set_by_person(NAME, "Trần Văn Hùng")] * FEWEST
    one = read(NAME, "Trần Văn Hùng")
    assert heard(one, *known, hands=(*[1] * FEWEST, 2)) == one
    assert heard(one, *known, hands=(*[1] * FEWEST, 1)).confidence > 0.99


def test_a_place_takes_capitals_and_commas_from_what_people_set() -> None:
    known = [set_by_person(PLACE, "xóm Đông xã An Thái", HOME)] * 2
    found = heard(read(PLACE, "Xóm đông, Xã An Thái"), *known)
    assert found.value == HOME
    assert found.literal == "Xóm đông, Xã An Thái"
    assert SPELLED in found.reasons


@pytest.mark.parametrize(
    "known",
    [
        [set_by_person(PLACE, HOME)],  # once may be a slip of the pen or of the finger
        [set_by_person(PLACE, HOME)] * 2 + [set_by_person(PLACE, HOME.title())] * 2,
        [set_by_person(PLACE, "xóm Đoài, xã An Thái")] * 5,
    ],
)
def test_a_place_keeps_its_spelling_where_people_have_not_settled_on_another(known) -> None:
    one = read(PLACE, "Xóm đông, Xã An Thái")
    assert heard(one, *known).value == one.value


def test_no_sign_of_a_number_is_ever_changed() -> None:
    known = [set_by_person(PLACE, "Số 1-2 phố Cát Dài")] * 30
    assert heard(read(PLACE, "số 1.2 phố Cát Dài"), *known).value == "số 1.2 phố Cát Dài"
    assert heard(read(PLACE, "số 1-2 phố Cát Dài,"), *known).value == "Số 1-2 phố Cát Dài"


def test_no_letter_of_a_place_is_ever_changed() -> None:
    known = [set_by_person(PLACE, HOME)] * 30
    assert heard(read(PLACE, "xóm Dông, xã An Thái"), *known).value == "xóm Dông, xã An Thái"


def test_finishing_a_book_accepts_what_its_people_have_borne_out_and_says_why() -> None:
    known = [set_by_person(PLACE, HOME)] * 40
    other = read(PLACE, "xóm Doài, xã An Thái")
    book = entries(*known, read(PLACE, "xóm Đông xã An Thái"), other)
    finished, _ = finish_book(book, CONTEXT)
    good, doubted = finished[-2].fields[0], finished[-1].fields[0]
    assert (good.value, good.decision) == (HOME, Decision.ACCEPTED)
    assert doubted.decision is Decision.REVIEW
    told = explain_field(good, (), load_bars(CONFIG))
    assert any("40" in witness for witness in told.witnesses)
    assert told.by_itself == pytest.approx(0.95)


def test_finishing_again_adds_nothing_twice() -> None:
    book = entries(*[set_by_person(NAME, "Trần Văn Hùng")] * 30, read(NAME, "Trần Văn Hùng", 0.9))
    once, _ = finish_book(book, CONTEXT)
    again, _ = finish_book(once, CONTEXT)
    assert again == once
    assert sum(reason.startswith(BOOK) for reason in again[-1].fields[0].reasons) == 1


def test_what_people_have_set_is_left_alone() -> None:
    book = entries(*[set_by_person(PLACE, HOME)] * 30, set_by_person(PLACE, HOME.title()))
    finished, _ = finish_book(book, CONTEXT)
    assert finished[-1].fields == book[-1].fields


WORDS = st.lists(st.sampled_from(["Trần", "Văn", "Hùng", "Hưng", "Vân", ""]), max_size=4)


@given(st.lists(st.tuples(WORDS, WORDS), max_size=40), WORDS, st.floats(0.0, 1.0))
def test_no_memory_makes_a_probability_that_is_none(pairs, words, sure) -> None:
    known = [
        set_by_person(NAME, " ".join(literal), " ".join(value) or "Vân") for literal, value in pairs
    ]
    found = heard(read(NAME, " ".join(words) or "Vân", sure), *known)
    assert 0.0 <= found.confidence <= max(sure, EVIDENCE.ceiling)


def test_weights_come_back_as_they_were_written(tmp_path: Path) -> None:
    (tmp_path / "calibration").mkdir()
    save_weights(WEIGHTS, weights_file(tmp_path))
    assert load_weights(tmp_path) == WEIGHTS
    assert {len(own) for own in WEIGHTS.families.values()} == {len(SIGNS)}


@pytest.mark.parametrize("text", ["{", '{"version": "1", "data": "", "families": {"name": [1]}}'])
def test_broken_weights_are_told_with_their_file(tmp_path: Path, text: str) -> None:
    (tmp_path / "calibration").mkdir()
    weights_file(tmp_path).write_text(text, "utf-8")
    with pytest.raises(SettingsError) as told:
        load_weights(tmp_path)
    assert "memory.json" in str(told.value)


def test_without_weights_a_book_says_nothing(tmp_path: Path) -> None:
    assert load_weights(tmp_path).families == {}


def test_in_the_database_people_s_words_accept_what_is_read_like_them(database) -> None:
    name = read("mother_full_name", "Vũ Thị Đào")
    (book_id,) = queue(database, sample_book(1))
    (job,) = claim(database, book_id)
    rows = tuple(birth(n, f"{n + 1:02d}", "Hoa", mother_full_name=name) for n in range(40))
    save(database, job, replace(result(1), entries=rows))
    with database.read() as connection:
        ids = list(connection.execute(select(Entry.id).order_by(Entry.position)).scalars())
    for entry_id in ids[:30]:
        correct_field(database, entry_id, name.field, value="Vũ Thị Đào", person="lan")
    finished, findings = finish_book(book_entries(database, book_id), CONTEXT)
    save_finished_book(database, book_id, finished, findings)
    kept = [
        one
        for entry in book_entries(database, book_id, finished=True)
        for one in entry.fields
        if one.field == name.field
    ]
    assert {one.decision for one in kept[:30]} == {Decision.PERSON}
    # some of what is accepted is drawn for the blind sample
    assert all(one.confidence > 0.99 for one in kept[30:])
    assert [one.decision for one in kept[30:]].count(Decision.ACCEPTED) >= 8


def test_a_relation_that_people_confirmed_again_and_again_needs_them_no_more() -> None:
    known = [set_by_person("declarant_relation", "Bố")] * 30
    book = entries(*known, read("declarant_relation", "Bố", 0.97))
    finished, _ = finish_book(book, CONTEXT)
    assert finished[-1].fields[0].decision is Decision.ACCEPTED


def test_a_short_form_confirms_the_word_it_means() -> None:
    known = [set_by_person("ethnicity", "kinh.", "Kinh")] * 30
    corrected = [set_by_person("ethnicity", "Kinh", "Tày")] * 30
    one = read("ethnicity", "kinh.", 0.9)
    assert heard(one, *known).confidence > heard(one, *corrected).confidence
    assert heard(one, *known).confidence > 0.95
