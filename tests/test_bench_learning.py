"""The simulated book: what comes to a person, and what learning changes."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from dataclasses import replace

import numpy as np
import pytest

from bench.learning.course import (
    Course,
    Lesson,
    Met,
    Reader,
    Reviewed,
    Rules,
    as_written,
    may_be,
    take_through,
)
from bench.learning.report import chart, figures, kinds, table
from pipeline.settings import PROJECT
from pipeline.values import normalise
from samples.fonts import installed
from training.hand import paper
from training.hand.book import face_book

CONFIG = PROJECT / "ocr_config"
FIELDS = ("child_full_name", "birth_date", "sex", "father_full_name")
needs_faces = pytest.mark.skipif(not installed("patrick-hand"), reason="no handwriting faces")


def met(person, right, version=0, probability=0.9):
    return Met("sex", probability, 0.0, 1.0, 0.96, person, right, version)


def bare(book):
    """What was met, whatever the book's fields then said of the probabilities."""
    return [[replace(one, shift=0.0) for one in entry] for entry in book.met]


def course(shares, version=0):
    """Ten entries a share, of ten fields each; what is accepted is right."""
    book = Course("mali", 0)
    for share in shares:
        book.met += [
            [met(n < 10 * share, n >= 10 * share, version) for n in range(10)] for _ in range(10)
        ]
    return book


@needs_faces
def test_a_book_is_the_same_each_time_and_its_values_are_those_of_its_texts():
    one, other = (face_book("patrick-hand", 3, 1, FIELDS) for _ in range(2))
    lines = [line for entry in one.entries for line in entry]
    again = [line for entry in other.entries for line in entry]
    assert [line.text for line in lines] == [line.text for line in again]
    assert all((a.ink == b.ink).all() for a, b in zip(lines, again, strict=True))
    for line in lines:
        assert line.value == normalise(line.field, line.text, one.context).normalized
    assert {line.field for line in lines} == set(FIELDS)


@needs_faces
def test_nothing_is_learned_before_enough_fields_are_set(tmp_path):
    book = face_book("patrick-hand", 4, 1, FIELDS)
    learned, plain = take_through(book, Rules(CONFIG, first=500), tmp_path, lambda _: None)
    assert learned.lessons == []
    assert bare(learned) == bare(plain)
    assert learned.taught == sum(one.person for entry in learned.met for one in entry) > 0


@needs_faces
def test_chosen_entries_are_all_met_once(tmp_path):
    book = face_book("patrick-hand", 5, 1, FIELDS)
    rules = Rules(CONFIG, first=500, chosen=8)
    learned, plain = take_through(book, rules, tmp_path, lambda _: None)
    assert sorted(map(str, bare(learned))) == sorted(map(str, bare(plain)))


@needs_faces
def test_the_text_that_is_learned_is_the_one_in_the_ink():
    book = face_book("mali", 2, 1, ("birth_date",))
    reader = Reader(book, CONFIG)
    results = reader.read(range(2), ())
    for n, entry in enumerate(book.entries):
        for line, reading in zip(entry, results[n].readings, strict=True):
            blind = replace(reading, text="")
            reviewed = Reviewed(n, line, may_be(reader, line, blind, book))
            assert [one.text for one in as_written([reviewed])] == [line.text]


@pytest.mark.slow
@needs_faces
def test_a_book_is_learned_and_the_rest_of_it_read_again(tmp_path):
    book = face_book("charm", 16, 1, FIELDS)
    rules = Rules(CONFIG, first=30, growth=9, seconds=4)
    learned, plain = take_through(book, rules, tmp_path, lambda _: None)
    (lesson,) = learned.lessons
    assert lesson.reviewed >= 30
    later = {one.version for one in learned.met[-1]}
    assert later == {1 if lesson.kept else 0}
    assert bare(learned)[: lesson.entries] == bare(plain)[: lesson.entries]


def test_figures_say_how_far_the_fields_of_a_person_fall():
    learned, plain = course((0.8, 0.5, 0.4, 0.3, 0.2), version=1), course((0.8,) * 5)
    learned.lessons.append(Lesson(20, 50, 40, 0.2, 0.1, True, 30.0, 31.0, ""))
    found = figures(learned, plain)
    assert found["with_learning"]["person"] == [0.8, 0.5, 0.4, 0.3, 0.2]
    assert found["fall"] == 0.75
    assert found["without"]["person_fields"] == 400
    assert found["with_learning"]["accepted_wrong"] == [0] * 5
    assert found["learning_seconds"] == 30.0
    assert "75%" in table([found])


def test_an_error_that_nobody_saw_is_counted():
    learned = course((0.5,) * 5)
    learned.met[0][9] = met(person=False, right=False)
    assert figures(learned, course((0.5,) * 5))["with_learning"]["accepted_wrong"][0] == 1


def test_figures_say_by_field_what_a_person_gets_and_what_is_read_right():
    learned, plain = course((0.5,) * 5, version=1), course((0.5,) * 5)
    for entry in learned.met[40:]:  # the last fifth: a name that is right and goes to a person
        entry.append(replace(met(person=True, right=True), field="child_full_name"))
        plain.met[0].append(replace(met(person=True, right=False), field="child_full_name"))
    found = figures(learned, plain)
    own = found["with_learning"]["by_field"]
    assert own["sex"] == {"person": [0.5] * 5, "right": [0.5] * 5}
    assert own["child_full_name"] == {"person": [0, 0, 0, 0, 1.0], "right": [0, 0, 0, 0, 1.0]}
    row = next(line for line in kinds([found]).splitlines() if "child_full_name" in line)
    assert row.endswith("| 0.00 0.00 0.00 0.00 1.00 | 0.00 0.00 0.00 0.00 0.00 |")


@needs_faces
def test_a_book_of_one_scan_is_blurred_as_one(monkeypatch):
    sizes: list[float | None] = []

    def on_paper(*given, scale, **also):
        sizes.append(scale)
        return paper.on_paper(*given, scale=scale, **also)

    monkeypatch.setattr("training.hand.book.on_paper", on_paper)
    inks = [
        [line.ink for (line,) in face_book("patrick-hand", 4, 1, ("sex",), scale=scale).entries]
        for scale in (None, 0.4, 0.4, 1.0)
    ]
    assert sizes == [None] * 4 + [0.4] * 8 + [1.0] * 4
    each, small, again, large = inks
    assert all((a == b).all() for a, b in zip(small, again, strict=True))
    assert not any(np.array_equal(a, b) for a, b in zip(small, large, strict=True))
    assert not all(np.array_equal(a, b) for a, b in zip(each, small, strict=True))


def test_a_chart_is_a_drawing_with_both_curves():
    learned, plain = course((0.8, 0.2), version=1), course((0.8, 0.8))
    learned.lessons.append(Lesson(5, 50, 40, 0.2, 0.1, True, 30.0, 31.0, ""))
    root = ElementTree.fromstring(chart(learned, plain))
    lines = [one for one in root.iter() if one.tag.endswith("polyline")]
    assert len(lines) == 2
    assert all(len(line.get("points").split()) == 20 for line in lines)
