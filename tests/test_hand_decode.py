import numpy as np
import pytest
from hand_ink import LETTERS, VIETNAMESE, ink_of

from pipeline.reading.guide import UNGUIDED, Guide
from pipeline.reading.hand.capitals import in_capitals
from pipeline.reading.hand.decode import decode
from pipeline.reading.hand.words import WordModel, is_syllable, load_words
from pipeline.settings import PROJECT
from pipeline.types import Kind
from pipeline.values import Context
from pipeline.values.guide import guide_of

CONFIG = PROJECT / "ocr_config"
GUIDE = guide_of(Context(Kind.BIRTH, 1978), CONFIG)


def text_of(field, field_type, *inks, guide=GUIDE, model=None):
    return decode(inks, LETTERS, field, field_type, guide, model)


def test_a_listed_name_is_found_under_a_misread_letter():
    found = text_of("ethnicity", "ethnicity", ink_of("Kính", (1, "i", 0.2)))
    assert found.text == "Kinh" and found.greedy == "Kính"
    assert found.share > 0.9 and found.margin > 0.5


def test_what_the_ink_says_plainly_is_not_drawn_to_a_list():
    found = text_of("ethnicity", "ethnicity", ink_of("Trần Văn Bình"))
    assert found.text == "Trần Văn Bình"


def test_case_is_the_clerks():
    assert text_of("sex", "sex", ink_of("nữ")).text == "nữ"
    assert text_of("sex", "sex", ink_of("NAM")).text == "NAM"


def test_a_ditto_stays_a_ditto_in_a_closed_list():
    assert text_of("ethnicity", "ethnicity", ink_of("nt")).text == "nt"


def test_a_date_keeps_its_grammar():
    found = text_of("birth_date", "date", ink_of("12/5/19l4", (7, "7", 0.3)))
    assert found.text == "12/5/1974" and found.greedy == "12/5/19l4"


def test_an_impossible_day_gives_way_to_a_possible_one():
    found = text_of("birth_date", "date", ink_of("72/5/1974", (0, "1", 0.35)))
    assert found.text == "12/5/1974"
    assert ("72/5/1974" in dict(found.alternatives)) or found.greedy == "72/5/1974"


def test_numbers_are_read_as_digits_where_letters_look_alike():
    found = text_of("entry_number", "number", ink_of("1O3", (1, "0", 0.3)))
    assert found.text == "103"


def test_words_of_a_date_are_drawn_to_number_words():
    said = "Ngày mười lăm tháng hai năm một nghìn chín trăm bảy mươi tám"
    ink = ink_of(said.replace("tháng", "thàng"), (16, "á", 0.2))
    found = text_of("birth_date_words", "date_words", ink)
    assert found.text == said


def test_lines_of_a_cell_are_joined():
    found = text_of("birth_place", "place", ink_of("An Sơn, Thủy Nguyên"), ink_of("Hải Phòng"))
    assert found.text == "An Sơn, Thủy Nguyên\nHải Phòng"
    date = text_of("birth_date", "date", ink_of("12/5/"), ink_of("1974"))
    assert date.text.replace(" ", "") == "12/5/1974"


def test_candidate_places_are_weighed_by_the_ink():
    places = guide_of(
        Context(Kind.BIRTH, 1978),
        CONFIG,
        lambda _: [("An Sơn, Thủy Nguyên", -1.0), ("An Lư, Thủy Nguyên", -1.0)],
    )
    near = ink_of("An Sôn, Thủy Nguyện", (4, "ơ", 0.2), (17, "ê", 0.2))
    assert text_of("birth_place", "place", near, guide=places).text == "An Sơn, Thủy Nguyên"
    far = ink_of("Mỹ Đồng, Kim Thành")
    assert text_of("birth_place", "place", far, guide=places).text == "Mỹ Đồng, Kim Thành"


def test_shares_are_probabilities():
    for field, kind, text in (
        ("ethnicity", "ethnicity", "Kinh"),
        ("birth_date", "date", "1/2/1960"),
        ("notes", "text", "Ghi chú"),
    ):
        found = text_of(field, kind, ink_of(text, (0, "B", 0.3)))
        shares = [share for _, share in found.alternatives]
        assert 0 < found.share <= 1 and sum(shares) <= 1.001
        assert shares == sorted(shares, reverse=True)


def test_a_line_without_letters_is_empty_text():
    blank = np.log(np.full((4, len(LETTERS) + 1), 1e-6, np.float32))
    blank[:, 0] = 0.0
    for field, kind in (("notes", "text"), ("birth_date", "date"), ("sex", "sex")):
        assert text_of(field, kind, blank).text == ""
        assert text_of(field, kind, blank, guide=UNGUIDED).text == ""


def test_letters_outside_the_alphabet_are_no_candidates():
    guide = Guide(listed=lambda _: [("Ω", 0.0), ("Kinh", 0.0)])
    assert text_of("ethnicity", "ethnicity", ink_of("Kinh"), guide=guide).text == "Kinh"
    only = Guide(listed=lambda _: [("Ω", 0.0)])
    assert text_of("ethnicity", "ethnicity", ink_of("Kinh"), guide=only).text == "Kinh"


def test_the_word_model_mends_a_mark_and_leaves_a_rare_name():
    model = WordModel({"hải": 50, "phòng": 40}, {("hải", "phòng"): 40}, {"hải": 40}, 90)
    close = ink_of("Hải Phóng", (6, "ò", 0.35))
    assert text_of("birth_place", "place", close, model=model).text == "Hải Phòng"
    rare = ink_of("Khuất Thị Vóc")
    assert text_of("child_full_name", "name", rare, model=model).text == "Khuất Thị Vóc"


@pytest.mark.parametrize(
    ("word", "is_one"),
    [
        ("nguyễn", True),
        ("khuất", True),
        ("gì", True),
        ("quyển", True),
        ("xyz", False),
        ("bh", False),
    ],
)
def test_syllables_are_known_by_their_shape(word, is_one):
    assert is_syllable(word) is is_one


def test_the_shipped_word_model_knows_the_city_and_few_words_follow_a_strange_one():
    model = load_words(CONFIG)
    assert model is not None
    assert model.log_chance("hải", "phòng") > model.log_chance("hải", "phóng")
    assert model.log_chance("", "khuất") > model.log_chance("", "xqzt")


def test_a_lone_digit_is_read_where_the_plain_text_is_empty():
    ink = ink_of("7")
    ink[1] = np.log(1e-6)
    ink[1, 0], ink[1, LETTERS.codes("7")[0]] = np.log(0.8), np.log(0.2)
    found = text_of("entry_number", "number", ink)
    assert found.text == "7" and found.greedy == ""
    blank = ink.copy()
    blank[1, LETTERS.codes("7")[0]] = np.log(1e-6)
    assert text_of("entry_number", "number", blank).text == ""


def test_letters_among_the_digits_of_a_date_give_way():
    found = text_of("birth_date", "date", ink_of("9/1/19ng", (6, "7", 0.2), (7, "9", 0.3)))
    assert found.text == "9/1/1979" and found.greedy == "9/1/19ng"


MODEL = load_words(CONFIG)


def test_capitals_are_read_together():
    doubts = [(2, "Y", 0.45), (6, "V", 0.4), (7, "Ă", 0.45)]
    found = text_of("child_full_name", "name", ink_of("NGyỄN văN", *doubts), model=MODEL)
    assert found.text == "NGYỄN VĂN" and found.greedy == "NGyỄN văN"
    assert in_capitals("NGyỄN") and in_capitals("AN") and not in_capitals("Nguyễn Văn")


PLACES = guide_of(
    Context(Kind.BIRTH, 1978),
    CONFIG,
    lambda _: (("An Thái", -4.0), ("An Thắng", -5.0), ("huyện An Lão", -5.0), ("An Lão", -5.0)),
)


def test_names_of_places_are_put_right_inside_a_longer_text():
    ink = ink_of("thôn 3, xã An Thải, huyên An Lão", (16, "á", 0.1), (23, "ệ", 0.1))
    found = text_of("birth_place", "place", ink, guide=PLACES)
    assert found.text == "thôn 3, xã An Thái, huyện An Lão"
    assert found.greedy == "thôn 3, xã An Thải, huyên An Lão"
    assert len(found.alternatives) > 1 and sum(share for _, share in found.alternatives) <= 1.001


@pytest.mark.parametrize("text", ["An Thới", "Tân Thái", "ở nhà", "xã Quốc Tuấn", "ANTHÁI"])
def test_a_place_that_is_no_candidate_stays_as_it_is_written(text):
    assert text_of("birth_place", "place", ink_of(text), guide=PLACES).text == text


def test_a_sign_between_words_is_no_part_of_a_name():
    assert text_of("birth_place", "place", ink_of("An, Thải"), guide=PLACES).text == "An, Thải"


def test_texts_of_several_lines_have_alternatives_too():
    found = text_of("notes", "text", ink_of("An", (1, "m", 0.3)), ink_of("Lão", (1, "à", 0.2)))
    texts = [text for text, _ in found.alternatives]
    assert texts[:3] == ["An\nLão", "Am\nLão", "An\nLào"]
    assert sum(share for _, share in found.alternatives) <= 1.001


def words_in_no_list(count):
    model = load_words(CONFIG)
    listed = {part for text, _ in GUIDE.listed("ethnicity") for part in text.casefold().split()}
    words = [word for word in model.words if len(word) > 2 and word.isalpha()]
    return [word for word in words if word not in listed and LETTERS.codes(word)][:count]


@pytest.mark.slow
def test_few_of_a_thousand_words_in_no_list_are_drawn_to_one():
    words = words_in_no_list(1000)
    rng = np.random.default_rng(1)
    drawn = 0
    for word in words:
        # Each word with one letter that may as well be another.
        doubt = (int(rng.integers(len(word))), "aoniế"[int(rng.integers(5))], 0.3)
        found = text_of("ethnicity", "ethnicity", ink_of(word, doubt))
        drawn += found.text.casefold() not in (word, found.greedy.casefold())
    assert len(words) == 1000 and drawn <= 15


def poor_ink(text, *others):
    """Ink of which each letter is as likely one of some others."""
    return ink_of(text, *((n, sign, 0.4) for n, sign in enumerate(others) if sign))


def test_a_closed_list_speaks_for_letters_that_tell_little():
    ink = poor_ink("Phẻn Lim", "T", "", "ầ", "u", "", "", "a", "u")
    found = text_of("nationality", "nationality", ink)
    assert found.text == "Phần Lan" and found.greedy == "Phẻn Lim"
    assert found.share < 0.5  # a person is asked all the same


@pytest.mark.parametrize("field", ["notes", "declarant_relation"])
def test_where_other_texts_may_stand_they_stay(field):
    ink = poor_ink("Phẻn Lim", "T", "", "ầ", "u", "", "", "a", "u")
    guide = Guide(listed=lambda _: [("Phần Lan", 0.0), ("Ba Lan", 0.0)])
    assert text_of(field, "relation", ink, guide=guide).text == "Phẻn Lim"


def test_a_listed_name_is_found_however_little_the_nets_own_text_is_like_it():
    nearer = [(f"B0{sign}", 0.0) for sign in VIETNAMESE if sign != "o"]
    guide = Guide(listed=lambda _: [*nearer, ("Lào", 0.0)])
    found = text_of("ethnicity", "ethnicity", poor_ink("B01", "L", "à", "o"), guide=guide)
    assert found.text == "Lào" and found.greedy == "B01"


def test_a_list_is_spelled_as_it_stands_there():
    listed = {text for field in ("ethnicity", "nationality") for text, _ in GUIDE.listed(field)}
    assert {"H'Mông", "Cao Lan", "CHDC Đức", "Cộng hòa Pháp", "VNDCCH"} <= listed
    found = text_of("nationality", "nationality", ink_of("CHDC Đức", (5, "ứ", 0.1)))
    assert found.text == "CHDC Đức"
