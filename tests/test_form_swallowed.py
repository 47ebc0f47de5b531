"""A label that was not read is found by its print, or the box before it is doubted."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from pipeline.form import load_forms
from pipeline.form.boxes import FieldBox, field_boxes
from pipeline.form.leaders import Segment
from pipeline.form.pitch import Label, line_pitch
from pipeline.form.reprinted import found_again
from pipeline.form.swallowed import Shared, doubted
from pipeline.form.tokens import MM_PER_INCH, READ_DPI
from pipeline.form.twins import paired_headings
from pipeline.settings import PROJECT

FORM = load_forms(PROJECT / "ocr_config")["birth-15"]
PITCH = 8.0
# Fields by row, each with where its label begins.
ROWS = (
    (("child_full_name", 26),), (("birth_date", 26),), (("birth_date_words", 26),),
    (("sex", 26), ("ethnicity", 65), ("nationality", 110)), (("birth_place", 26),), (),
    (("home_town", 26),), (("mother_full_name", 26), ("mother_birth_date", 115)),
    (("mother_ethnicity", 26), ("mother_nationality", 85)), (("mother_residence", 26),), (),
    (("father_full_name", 26), ("father_birth_date", 115)),
    (("father_ethnicity", 26), ("father_nationality", 85)), (("father_residence", 26),), (),
    (("declarant_full_name", 26),),
)  # fmt: skip


def _boxes(*unread: str) -> dict[str, FieldBox]:
    items = {item.field: n for n, item in enumerate(FORM.items)}
    labels, leaders = [], []
    for row, places in enumerate(ROWS):
        y = 40.0 + PITCH * row
        leaders.append(Segment(((50.0, y), (100.0, y), (162.0, y))))
        for field, x in places:
            if field not in unread:
                labels.append(Label(0, items[field], x, x + 18.0, y - 3, y, y))
    labels.sort(key=lambda label: label.item)
    fields = field_boxes(FORM, labels, leaders, 215.0)
    settled = doubted(fields, labels, FORM, line_pitch(labels, leaders))
    return {field.field: field for field in settled}


def _doubtful(*unread: str) -> set[str]:
    return {name for name, field in _boxes(*unread).items() if field.trust < 0.35}


def test_where_all_labels_are_found_no_box_is_doubted() -> None:
    assert _doubtful() == set()


def test_a_box_before_a_label_missing_on_its_row_is_doubted() -> None:
    assert _doubtful("ethnicity") == {"sex"}
    assert _doubtful("father_birth_date") == {"father_full_name"}
    assert _doubtful("ethnicity", "nationality") == {"sex"}


def test_a_label_missing_at_the_beginning_of_a_row_takes_nothing_from_the_row_above() -> None:
    assert _doubtful("mother_ethnicity") == set()


def test_a_label_missing_on_a_line_of_its_own_is_held_against_a_box_that_took_the_line() -> None:
    assert _doubtful("birth_date") == set()
    boxes = _boxes("home_town")
    assert (boxes["birth_place"].lines > 2) == (boxes["birth_place"].trust < 0.35)


def test_a_label_that_not_every_press_has_is_not_missed() -> None:
    assert all(item.optional for item in FORM.items if item.field == "id_number")
    assert "home_town" not in _doubtful()


MM = MM_PER_INCH / READ_DPI


def _sheet(printed: dict[str, str]) -> tuple[np.ndarray, list[Label]]:
    """Common print of the rows with these words as labels, and the labels read on it."""
    items = {item.field: n for n, item in enumerate(FORM.items)}
    ink = np.zeros((round(200 / MM), round(215 / MM)), np.uint8)
    labels = []
    for row, places in enumerate(ROWS):
        y = 40.0 + PITCH * row
        for field, x in places:
            word = printed.get(field, field.replace("_", " ")[:9])
            at = (round(x / MM), round(y / MM))
            cv2.putText(ink, word, at, cv2.FONT_HERSHEY_SIMPLEX, 0.6, 255, 1)
            (wide, high), _ = cv2.getTextSize(word, cv2.FONT_HERSHEY_SIMPLEX, 0.6, 1)
            labels.append(Label(0, items[field], x, x + wide * MM, y - high * MM, y, y))
    return ink, sorted(labels, key=lambda label: label.item)


def _without(labels: list[Label], field: str) -> list[Label]:
    return [label for label in labels if FORM.items[label.item].field != field]


def test_a_label_not_read_is_found_by_the_print_it_has_elsewhere() -> None:
    peoples = dict.fromkeys(("ethnicity", "mother_ethnicity", "father_ethnicity"), "Dan toc:")
    ink, labels = _sheet(peoples)
    for field in peoples:  # in the middle of a row, and at its beginning
        true = next(label for label in labels if FORM.items[label.item].field == field)
        again = found_again(_without(labels, field), FORM, ink)
        (seen,) = (label for label in again if label.item == true.item)
        assert abs(seen.x0 - true.x0) < 0.4 and abs(seen.baseline - true.baseline) < 0.4
        assert len(again) == len(labels)


def test_a_label_that_may_be_worded_as_another_is_found_by_the_others_print() -> None:
    """Father's Tuổi may also be Năm sinh, the declarant's is Tuổi alone: one print all the same."""
    peoples = dict.fromkeys(("ethnicity", "mother_ethnicity", "father_ethnicity"), "Dan toc:")
    ink, labels = _sheet(peoples)
    items = [
        item.model_copy(update={"labels": (*item.labels, "Là người dân tộc")})
        if item.field in ("mother_ethnicity", "father_ethnicity")
        else item
        for item in FORM.items
    ]
    form = FORM.model_copy(update={"items": tuple(items)})
    again = found_again(_without(labels, "ethnicity"), form, ink)
    assert len(again) == len(labels)


def test_a_label_read_in_writing_right_behind_another_is_put_where_its_print_is() -> None:
    ink, labels = _sheet(dict.fromkeys(("ethnicity", "mother_ethnicity"), "Dan toc:"))
    sex, true = (
        next(one for one in labels if FORM.items[one.item].field == field)
        for field in ("sex", "ethnicity")
    )
    by = sex.x1 + 1.5 - true.x0
    strayed = replace(true, x0=true.x0 + by, x1=true.x1 + by)
    read = [*_without(labels, "ethnicity"), strayed]
    (seen,) = (one for one in found_again(read, FORM, ink) if one.item == true.item)
    assert abs(seen.x0 - true.x0) < 0.4
    # Where it is printed nowhere else, nobody knows.
    alone = _without(read, "mother_ethnicity")
    (seen,) = (one for one in found_again(alone, FORM, ink) if one.item == true.item)
    assert (seen.x0, seen.trust) == (strayed.x0, 0.3)


def test_other_words_between_two_labels_are_not_taken_for_one() -> None:
    words = {"mother_ethnicity": "Dan toc:", "father_ethnicity": "Dan toc:", "ethnicity": "Nam Ha"}
    ink, labels = _sheet(words)
    read = _without(labels, "ethnicity")
    assert found_again(read, FORM, ink) == tuple(read)


def test_half_of_a_pair_of_headings_is_part_of_a_name() -> None:
    form = load_forms(PROJECT / "ocr_config")["marriage-15"]
    wife = next(n for n, item in enumerate(form.items) if item.labels == ("Vợ",))
    labels = [Label(0, n, 26.0, 40.0, 10 * n - 3.0, 10.0 * n, 10.0 * n) for n in (0, 2, wife + 1)]
    assert paired_headings(labels, form) == tuple(labels[:2])
    both = [*labels[:2], Label(0, wife, 26.0, 40.0, 157.0, 160.0, 160.0), labels[2]]
    assert paired_headings(both, form) == tuple(both)


def _with_print(printed: tuple[str, ...], pages: int) -> set[str]:
    """Boxes in doubt where the label of ``ethnicity`` was not read; these fields have print."""
    words = {field: "Dan toc:" for row in ROWS for field, _ in row if field in printed}
    words |= {field: "" for row in ROWS for field, _ in row if field not in printed}
    ink, labels = _sheet(words)
    labels = _without(labels, "ethnicity")
    leaders = [
        Segment(((50.0, y), (100.0, y), (162.0, y)))
        for y in (40.0 + PITCH * row for row in range(len(ROWS)))
    ]
    fields = field_boxes(FORM, labels, leaders, 215.0)
    settled = doubted(fields, labels, FORM, PITCH, Shared(ink, pages))
    return {field.field for field in settled if field.trust < 0.35}


def test_a_box_is_not_doubted_for_a_label_that_this_press_does_not_print() -> None:
    every = tuple(field for row in ROWS for field, _ in row)
    without = tuple(field for field in every if field != "ethnicity")
    assert _with_print(without, pages=3) == set()
    # On two pages the median is no median: what is missing there may have worn off.
    assert _with_print(without, pages=2) == {"sex"}
    # Its print is there: it was not read.
    assert _with_print(every, pages=3) == {"sex"}


def test_persons_one_under_another_have_lines_as_wide_as_the_page() -> None:
    form = load_forms(PROJECT / "ocr_config")["marriage-04cp"]
    items = {item.field: n for n, item in enumerate(form.items) if item.field}

    def ends(wife: tuple[float, float], husband_nationality: float) -> dict[str, float]:
        rows = (
            ("wife_nationality", *wife), ("husband_ethnicity", 20.0, 64.0),
            ("husband_nationality", husband_nationality, 64.0), ("husband_residence", 20.0, 72.0),
        )  # fmt: skip
        labels = [Label(0, items[f], x, x + 20.0, y - 3, y, y) for f, x, y in rows]
        leaders = [Segment(((42.0, y), (120.0, y), (190.0, y))) for y in (48.0, 56.0, 64.0, 72.0)]
        boxes = field_boxes(form, sorted(labels, key=lambda one: one.item), leaders, 200.0)
        return {box.field: box.box[2] for box in boxes}

    under = ends((110.0, 48.0), 110.0)
    assert under["husband_residence"] > 180 and under["husband_nationality"] > 180
    beside = ends((110.0, 64.0), 60.0)
    assert beside["husband_residence"] < 112


def test_a_number_keeps_room_where_wear_left_the_beginning_of_its_leader() -> None:
    items = {item.field: n for n, item in enumerate(FORM.items)}

    def width(*leader: tuple[float, float]) -> float:
        labels = [Label(0, items["entry_number"], 26.0, 36.0, 29.0, 32.0, 32.0)]
        leaders = [Segment(((a, 32.0), ((a + b) / 2, 32.0), (b, 32.0))) for a, b in leader]
        for row, places in enumerate(ROWS[:3]):
            y = 40.0 + PITCH * row
            leaders.append(Segment(((50.0, y), (100.0, y), (162.0, y))))
            labels.append(Label(0, items[places[0][0]], 26.0, 44.0, y - 3, y, y))
        labels.sort(key=lambda label: label.item)
        (box,) = (
            box for box in field_boxes(FORM, labels, leaders, 215.0) if box.field == "entry_number"
        )
        return box.box[2] - box.box[0]

    assert abs(width((37.0, 73.0)) - 36.0) < 2.5
    # Whole, though shorter than most: presses differ, or the end is worn off. A box between both
    # overlaps either.
    assert 31.0 < width((37.0, 67.0)) < 37.0
    assert width((37.0, 46.0)) > 24.0


def test_print_behind_the_writing_of_a_box_tells_of_a_label_not_every_press_has() -> None:
    form = load_forms(PROJECT / "ocr_config")["birth-04cp"]
    items = {item.field: n for n, item in enumerate(form.items) if item.field}
    assert form.items[items["father_nationality"]].optional
    rows = (
        ("father_full_name", 20.0, 40.0), ("father_ethnicity", 110.0, 40.0),
        ("father_occupation", 20.0, 48.0), ("father_residence", 20.0, 56.0),
    )  # fmt: skip

    def doubts(*words: tuple[str, float]) -> set[str]:
        ink = np.zeros((round(100 / MM), round(200 / MM)), np.uint8)
        labels = [Label(0, items[f], x, x + 16.0, y - 3, y, y) for f, x, y in rows]
        printed = [("Dan toc:", x, y) for _, x, y in rows] + [(w, x, 40.0) for w, x in words]
        for word, x, y in printed:
            at = (round(x / MM), round(y / MM))
            cv2.putText(ink, word, at, cv2.FONT_HERSHEY_SIMPLEX, 0.6, 255, 1)
        leaders = [Segment(((38.0, y), (100.0, y), (180.0, y))) for _, _, y in rows]
        labels.sort(key=lambda label: label.item)
        fields = field_boxes(form, labels, leaders, 200.0)
        settled = doubted(fields, labels, form, 8.0, Shared(ink, 2))
        return {field.field for field in settled if field.trust < 0.35}

    assert "father_ethnicity" in doubts(("Quoc tich:", 146.0))
    assert "father_ethnicity" not in doubts()
    # Written alike on both pages, where writing begins.
    assert "father_ethnicity" not in doubts(("Kinh", 129.0))


def test_a_name_in_the_middle_of_a_row_is_not_cut_where_its_leader_wore_off() -> None:
    form = load_forms(PROJECT / "ocr_config")["marriage-764"]
    items = {item.field: n for n, item in enumerate(form.items) if item.field}
    rows = (("witness2_full_name", 117.0, 40.0), ("registration_date", 20.0, 48.0))
    labels = [Label(0, items[f], x, x + 30.0, y - 3, y, y) for f, x, y in rows]
    leaders = [Segment(((52.0, y), (100.0, y), (190.0, y))) for y in (48.0, 56.0, 64.0)]
    leaders.append(Segment(((149.0, 40.0), (155.0, 40.0), (164.0, 40.0))))
    boxes = field_boxes(form, sorted(labels, key=lambda one: one.item), leaders, 200.0)
    (name,) = (box for box in boxes if box.field == "witness2_full_name")
    assert name.box[2] > 185


def test_a_box_ends_as_near_to_the_next_label_as_the_leaders_of_the_press_do() -> None:
    items = {item.field: n for n, item in enumerate(FORM.items)}

    def end(leader: float) -> float:
        labels, leaders = [], []
        for row, places in enumerate(ROWS):
            y = 40.0 + PITCH * row
            for n, (field, x) in enumerate(places):
                labels.append(Label(0, items[field], x, x + 18.0, y - 3, y, y))
                stop = places[n + 1][1] - 1.5 if n + 1 < len(places) else 162.0
                stop = leader if field == "sex" else stop
                leaders.append(Segment(((x + 19.0, y), ((x + 19.0 + stop) / 2, y), (stop, y))))
        labels.sort(key=lambda label: label.item)
        fields = field_boxes(FORM, labels, leaders, 215.0)
        return next(field.box[2] for field in fields if field.field == "sex")

    assert abs(end(63.5) - 63.5) < 0.3
    assert abs(end(60.0) - 63.5) < 0.3  # worn off before it


def test_print_in_which_a_leader_stops_is_a_label_however_short() -> None:
    """Do: behind a number of a notice, read on no page; writing has the leader under it."""
    form = load_forms(PROJECT / "ocr_config")["death-158-a4"]
    items = {item.field: n for n, item in enumerate(form.items)}
    rows = [("death_place", 40.0), ("death_notice_number", 48.0), ("death_notice_date", 56.0)]

    def doubts(word: str, *leader: tuple[float, float]) -> bool:
        ink = np.zeros((round(100 / MM), round(200 / MM)), np.uint8)
        printed = [*(("Giay so:", 20.0, y) for _, y in rows), (word, 112.0, 48.0)]
        for text, x, y in printed:
            at = (round(x / MM), round(y / MM))
            cv2.putText(ink, text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.6, 255, 1)
        labels = [Label(0, items[field], 20.0, 40.0, y - 3, y, y) for field, y in rows]
        pieces = [*((42.0, 180.0, y) for _, y in rows if y != 48.0), *((*p, 48.0) for p in leader)]
        lines = tuple(Segment(((a, y), ((a + b) / 2, y), (b, y))) for a, b, y in pieces)
        fields = field_boxes(form, labels, lines, 200.0)
        settled = doubted(fields, labels, form, 8.0, Shared(ink, 2, lines))
        return any(f.field == "death_notice_number" and f.trust < 0.35 for f in settled)

    (wide, _), _ = cv2.getTextSize("Do:", cv2.FONT_HERSHEY_SIMPLEX, 0.6, 1)
    parted = ((42.0, 111.0), (113.0 + wide * MM, 180.0))
    assert doubts("Do:", *parted)
    assert not doubts("", *parted)  # worn off there
    assert not doubts("Do:", (42.0, 180.0))  # written on it, alike on both pages
    assert not doubts("Do:", (42.0, 80.0), (160.0, 180.0))  # and worn off around it
