"""Labels read in part, or where only a title stands, do not lead a box astray."""

from __future__ import annotations

import numpy as np

from pipeline.form import load_forms
from pipeline.form.align import Match, Slot, align, candidates, is_short, title_places
from pipeline.form.boxes import field_boxes
from pipeline.form.carried_on import carried_on
from pipeline.form.ends import whole_labels
from pipeline.form.leaders import Segment
from pipeline.form.pitch import Label
from pipeline.form.recognise import ReadScan, _labels_score, votes
from pipeline.form.schema import Form
from pipeline.form.tokens import Token
from pipeline.form.twins import same_wording
from pipeline.settings import PROJECT
from pipeline.types import Kind, PageImage, Side

FORM = load_forms(PROJECT / "ocr_config")["death-fr-act"]
TWIN = "birth-t1-act"
BLANK = np.zeros((1200, 1500), np.uint8)


def _match(slot: int, label: str, x0: float, x1: float, y: float, score: float = 1.0) -> Match:
    return Match(slot, label, score, x0, y - 3, x1, y)


def test_the_french_alone_of_a_bilingual_label_ends_where_the_label_ends() -> None:
    slots = [Slot(0, 15), Slot(1, 15)]
    alone = _match(0, "Lieu du décès", 77, 107, 110, 0.9)
    whole = _match(1, "Nơi chết (Lieu du décès)", 61, 108, 270)
    first, second = same_wording([alone, whole], slots)
    assert (first.x0, first.x1) == (60, 107)
    assert second == whole


def test_a_label_goes_on_over_the_words_of_its_longer_wording_behind_it() -> None:
    wordings = ["Sinh ngày, tháng, năm", "Sinh ngày", "Ngày sinh"]
    # Of the second word one letter was read.
    part = _match(0, "Sinh ngày", 33, 43.7, 70, 0.6)
    others = [_match(n, "Nơi sinh của trẻ", 33, 33 + 2.1 * 14, 70 + 9 * n) for n in range(1, 6)]
    page = [_word("Sinh", 33, 39, 70), _word("tháng,", 53, 64, 70), _word("năm", 66, 73, 70),
            _word("31/12/1958", 76, 100, 70)]  # fmt: skip

    def whole(*sheet: Token) -> Match:
        labels = [wordings, *[["Nơi sinh của trẻ"]] * len(others)]
        return carried_on([part, *others], labels, [[_word("Sinh", 33, 39, 70)], sheet])[0]

    assert whole(*page) == _match(0, wordings[0], 33, 73, 70, 0.6)
    assert whole(page[0], page[3]) == part  # what was written there
    assert whole(page[0], page[1], page[3]) == part  # half of it may be writing too
    below = [_word(token.text, token.x0, token.x1, 80) for token in page[1:]]
    assert whole(page[0], *below) == part


def test_another_wording_keeps_its_beginning() -> None:
    slots = [Slot(0, 15), Slot(1, 15)]
    short = _match(0, "Chết tại", 60, 75, 110, 0.9)
    whole = _match(1, "Nơi chết (Lieu du décès)", 61, 108, 270)
    first, _ = same_wording([short, whole], slots)
    assert (first.x0, first.x1) == (60, 107)


def test_the_whole_of_a_bilingual_label_is_what_is_printed_however_well_a_part_was_read() -> None:
    slots = [Slot(0, 15), Slot(1, 15)]
    whole = _match(0, "Lieu du décès - Nơi chết", 60, 107, 110, 0.96)
    part = _match(1, "Nơi chết", 91, 108, 270, 1.0)
    assert same_wording([whole, part], slots) == (
        whole,
        _match(1, whole.label, 61, 108, 270, 1.0),
    )
    # Its words were read in part, but its place is that of all of them.
    wide = _match(1, "Lieu du décès", 61, 106, 270, 1.0)
    assert same_wording([whole, wide], slots)[1] == _match(1, whole.label, 61, 106, 270, 1.0)
    # Writing behind a label is like a longer wording only so far.
    like = _match(0, "Lieu du décès - Nơi chết", 60, 107, 110, 0.75)
    short = _match(1, "Lieu du décès", 61, 87, 270, 1.0)
    assert {m.label for m in same_wording([like, short], slots)} == {"Lieu du décès"}


def _column(broken: Match) -> list[Match]:
    names = ("Tên họ người chết", "Tên họ người khai", "Chứng thứ nhất", "Vợ hay chồng là")
    widths = (34.0, 33.0, 28.0, 29.0)
    rows = enumerate(zip(names, widths, strict=True))
    return [*(_match(n, name, 60, 60 + w, 40 + 9.0 * n) for n, (name, w) in rows), broken]


def test_a_worn_beginning_is_taken_to_stand_where_the_other_labels_begin() -> None:
    broken = _match(9, "Ngày chết tây", 71, 85, 90, 0.8)
    restored = whole_labels(_column(broken), BLANK)[-1]
    assert abs(restored.x0 - 60) < 1
    assert restored.x1 == 85


def test_a_label_of_its_usual_width_keeps_its_place() -> None:
    whole = _match(9, "Ngày chết tây", 120, 145, 90)
    assert whole_labels(_column(whole), BLANK)[-1] == whole


def _word(text: str, x0: float, x1: float, y: float) -> Token:
    return Token(text, x0, y - 3, x1, y, 0.9)


def test_a_part_of_a_title_is_no_label_even_where_its_mark_is_misread() -> None:
    title = [_word("SỐ", 140, 146, 30), _word("TỬ", 147, 153, 30)]
    assert title_places(title, FORM) == [(140, 27, 153, 30)]
    assert title_places([_word("Số", 55, 59, 40)], FORM) == []
    label = [_word("Số", 55, 59, 40)]
    lone = [_word("SỐ", 140, 146, 30)]
    assert align(label, FORM, 240).matches[0].score > align(lone, FORM, 240).matches[0].score
    assert is_short("Số") and not is_short("Tên họ người chết")


def test_a_caption_under_an_entry_names_nobody_who_signed_it() -> None:
    form = load_forms(PROJECT / "ocr_config")["birth-83-half"]
    signer = next(n for n, item in enumerate(form.items) if item.field == "signer_full_name")

    def likeness(*words: str) -> float:
        line = [_word(text, 60 + 12 * n, 70 + 12 * n, 40) for n, text in enumerate(words)]
        return max(match.score for match in candidates(line, form) if match.slot == signer)

    assert likeness("Người", "ký") == 1.0
    assert likeness("Người", "khai", "ký") < 0.45  # what weighs nothing in a chain


def test_a_short_label_without_the_leader_of_the_others_is_trusted_less() -> None:
    items = {item.field: n for n, item in enumerate(FORM.items)}
    places = {"deceased_full_name": 50.0, "residence": 60.0, "death_date": 70.0}
    labels = [Label(0, items[f], 60, 90, y - 3, y, y) for f, y in places.items()]
    leaders = [Segment(((92.0, y), (150.0, y), (200.0, y))) for y in places.values()]
    number = Label(0, items["entry_number"], 140, 146, 37, 40, 40)
    boxes = {b.field: b for b in field_boxes(FORM, [number, *labels], leaders, 240)}
    assert boxes["entry_number"].trust < 0.5
    assert all(boxes[field].trust == 1.0 for field in places)


def test_the_leader_of_a_number_ends_before_a_title_at_its_height() -> None:
    items = {item.field: n for n, item in enumerate(FORM.items)}
    places = {"deceased_full_name": 50.0, "residence": 60.0, "death_date": 70.0}
    labels = [Label(0, items[f], 60, 90, y - 3, y, y) for f, y in places.items()]
    leaders = [Segment(((92.0, y), (150.0, y), (200.0, y))) for y in places.values()]
    number = Label(0, items["entry_number"], 60, 75, 37, 40, 40)
    # Worn twice; what stands at the end of the line is none of it.
    spans = ((77.0, 90.0), (96.0, 101.0), (112.0, 117.0), (160.0, 172.0))
    worn = [Segment(((a, 40.0), ((a + b) / 2, 40.0), (b, 40.0))) for a, b in spans]
    boxes = {b.field: b for b in field_boxes(FORM, [number, *labels], [*worn, *leaders], 240)}
    assert boxes["entry_number"].box[2] == 117.0


def test_a_number_without_a_leader_does_not_take_the_whole_line() -> None:
    items = {item.field: n for n, item in enumerate(FORM.items)}
    places = {"deceased_full_name": 50.0, "residence": 60.0, "death_date": 70.0}
    labels = [Label(0, items[f], 60, 90, y - 3, y, y) for f, y in places.items()]
    leaders = [Segment(((92.0, y), (150.0, y), (200.0, y))) for y in places.values()]
    number = Label(0, items["entry_number"], 60, 75, 37, 40, 40)
    boxes = {b.field: b for b in field_boxes(FORM, [number, *labels], leaders, 240)}
    left, _, right, _ = boxes["entry_number"].box
    assert 30.0 < right - left < 45.0
    # Any other line runs to the margin though its leader is worn off.
    worn = {b.field: b for b in field_boxes(FORM, labels, leaders[1:], 240)}
    assert abs(worn["deceased_full_name"].box[2] - 200.0) < 1.0


def _number_box(
    *spans: tuple[float, float], broken: bool = False
) -> tuple[float, float, float, float]:
    """The box of a number whose leader shows in some stretches, above lines that end at 200 mm."""
    items = {item.field: n for n, item in enumerate(FORM.items)}
    places = {"deceased_full_name": 50.0, "residence": 60.0, "death_date": 70.0}
    labels = [Label(0, items[f], 60, 90, y - 3, y, y) for f, y in places.items()]
    leaders = [Segment(((92.0, y), (150.0, y), (200.0, y))) for y in places.values()]
    number = Label(0, items["entry_number"], 60, 75, 37, 40, 40)
    if broken:
        pieces = ((92.0, 115.0), (150.0, 200.0))
        leaders = [Segment(((a, y), (b, y))) for y in places.values() for a, b in pieces]
    own = [Segment(((a, 40.0), ((a + b) / 2, 40.0), (b, 40.0))) for a, b in spans]
    boxes = field_boxes(FORM, [number, *labels], [*own, *leaders], 240)
    return next(box.box for box in boxes if box.field == "entry_number")


def test_a_number_whose_leader_lost_its_end_has_the_room_of_a_whole_one() -> None:
    left, _, right, _ = _number_box((77.0, 103.0))
    assert 0.8 * 41 < right - left < 28 / 0.8
    # Among lines in pieces a long one that lost more is likelier.
    left, _, right, _ = _number_box((77.0, 103.0), broken=True)
    assert 0.8 * 45 < right - left < 30 / 0.8
    # One seen further is longer.
    assert _number_box((77.0, 120.0))[2] == 120.0


def test_the_leader_of_a_number_worn_in_long_stretches_runs_to_the_margin_of_the_others() -> None:
    assert _number_box((77.0, 90.0), (112.0, 140.0), (190.0, 200.0))[2] == 200.0
    # Hardly anything of it is seen: what stands at the margin is something else.
    assert _number_box((77.0, 90.0), (190.0, 200.0))[2] < 120.0


def test_the_last_field_beside_the_number_ends_where_its_line_does() -> None:
    """No press draws the number's line over the whole page: bare paper follows."""
    items = {item.field: n for n, item in enumerate(FORM.items)}
    places = {"deceased_full_name": 50.0, "residence": 60.0, "death_date": 70.0}
    labels = [Label(0, items[f], 60, 90, y - 3, y, y) for f, y in places.items()]
    leaders = [Segment(((92.0, y), (150.0, y), (200.0, y))) for y in places.values()]
    number = Label(0, items["entry_number"], 60, 67, 37, 40, 40)
    date = Label(0, items["registration_date_lunar"], 90, 112, 37, 40, 40)
    spans = ((69.0, 88.0), (114.0, 130.0), (136.0, 160.0))
    short = [Segment(((a, 40.0), ((a + b) / 2, 40.0), (b, 40.0))) for a, b in spans]
    boxes = field_boxes(FORM, [number, date, *labels], [*short, *leaders], 240)
    assert {b.field: b for b in boxes}["registration_date_lunar"].box[2] == 160.0
    assert {b.field: b for b in boxes}["registration_date_lunar"].trust == date.trust
    # Worn off on all pages it ends nobody knows where.
    boxes = field_boxes(FORM, [number, date, *labels], [short[0], *leaders], 240)
    assert {b.field: b for b in boxes}["registration_date_lunar"].trust < 0.35 * date.trust
    # On a line of its own it ends where the others do: its leader is worn.
    alone = Label(0, items["registration_date_lunar"], 60, 82, 77, 80, 80)
    worn = [Segment(((84.0, 80.0), (100.0, 80.0), (130.0, 80.0)))]
    boxes = field_boxes(FORM, [*labels, alone], [*worn, *leaders], 240)
    assert {b.field: b for b in boxes}["registration_date_lunar"].box[2] == 200.0


def test_a_title_over_a_signature_is_no_label_of_a_line() -> None:
    items = {item.field: n for n, item in enumerate(FORM.items)}
    places = {"deceased_full_name": 50.0, "residence": 60.0, "death_date": 70.0}
    labels = [Label(0, items[f], 60, 90, y - 3, y, y) for f, y in places.items()]
    leaders = [Segment(((92.0, y), (150.0, y), (200.0, y))) for y in places.values()]
    caption = Label(0, items["clerk_full_name"], 160, 172, 77, 80, 80)
    # Printed as a line is: it begins like the others, or a leader follows it.
    line = Label(0, items["clerk_full_name"], 60, 72, 77, 80, 80)
    row = [Segment(((175.0, 80.0), (190.0, 80.0), (200.0, 80.0)))]
    stroke = [Segment(((155.0, 80.0), (180.0, 80.0), (200.0, 80.0)))]
    flourish = [Segment(((173.0, 80.0), (176.0, 80.0), (180.0, 80.0)))]
    loops = [Segment(((a, 80.0), (a + 9, 80.0), (a + 20, 80.0))) for a in (150.0, 168.0)]
    for label, more, kept in (
        (caption, [], False), (caption, stroke, False), (caption, flourish, False),
        (caption, loops, False),
        (line, [], True), (caption, row, True),
    ):  # fmt: skip
        boxes = field_boxes(FORM, [*labels, label], [*leaders, *more], 240)
        assert ("clerk_full_name" in {box.field for box in boxes}) == kept
        assert set(places) <= {box.field for box in boxes}


def _printed(form: Form, blocks: int) -> list[Token]:
    """The words of a page on which the labels of an entry stand so many times."""
    words: list[Token] = []
    for n, item in enumerate(item for _ in range(blocks) for item in form.items):
        x, y = 20.0, 20.0 + 9 * n
        for word in item.labels[0].split():
            wide = 2.0 * len(word)
            words.append(Token(word, x, y, x + wide, y + 3, 0.9))
            x += wide + 1
    return words


def test_a_page_that_shows_its_labels_twice_is_not_one_for_one_entry() -> None:
    one, two = (load_forms(PROJECT / "ocr_config")[name] for name in ("birth-87", "birth-87-half"))
    alone, pair = _printed(one, 1), _printed(two, 2)
    assert _labels_score(alone, one, 210.0) > _labels_score(alone, two, 210.0)
    assert _labels_score(pair, two, 210.0) > _labels_score(pair, one, 210.0)


def test_of_two_forms_worded_alike_that_of_the_state_named_on_the_page_is_the_books() -> None:
    forms = {name: load_forms(PROJECT / "ocr_config")[name] for name in ("birth-fr-act", TWIN)}
    words = _printed(forms[TWIN], 2)
    page = PageImage(
        np.zeros((3300, 2500), np.uint8), 200.0, Side.SINGLE, ((1, 0, 0), (0, 1, 0)), 0, 0.0
    )

    def best(*title: Token) -> str:
        scan = ReadScan(1, (page,), ((*title, *words),))
        return votes([scan], forms, Kind.BIRTH, 1945)[0][0].form.form

    assert best() == "birth-fr-act"  # 1945 belongs to both
    assert best(_word("VIỆT NAM DÂN CHỦ CỘNG HÒA", 60.0, 150.0, 10.0)) == TWIN
    assert best(_word("ỦY BAN KHÁNG CHIẾN HÀNH CHÍNH", 60.0, 150.0, 10.0)) == TWIN
    assert best(_word("PROTECTORAT DU TONKIN", 60.0, 150.0, 10.0)) == "birth-fr-act"
