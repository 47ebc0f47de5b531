"""From fields and their ink to adapters: what is left out, told apart, learned, and compared."""

from __future__ import annotations

import shutil
from dataclasses import replace

import cv2
import numpy as np
import pytest
import yaml

from flows.adapters import adapter_file
from flows.inks import MOVED, NO_CELL, NOT_HANDWRITTEN, Taught, taught_fields
from flows.teaching import (
    NO_TEXT,
    NOTHING_NEW,
    TOO_FEW,
    BookTask,
    Lines,
    data_digest,
    grouped,
    learn_book_hands,
    lines_of,
)
from flows.train import OfficeTask, held_back, learn_office, train_office
from models import AdapterState, ReviewedField, adapters_of
from pipeline.reading.hand.ink import ink_line
from pipeline.reading.hand.inks import CellInk, packed
from pipeline.reading.hand.net import load_net
from pipeline.settings import PROJECT, Settings
from pipeline.types import Kind, ScanRef
from pipeline.values import Context

BOOK = Context(Kind.BIRTH, 2008)
WORDS = ("Nam", "Bình", "Hoa", "Lan", "Minh", "Anh", "An", "Mai")
SQUARE = ((0.0, 0.0), (100.0, 0.0), (100.0, 40.0), (0.0, 40.0))


def written(text):
    grey = np.full((80, 60 + 34 * len(text)), 255, np.uint8)
    cv2.putText(grey, text, (20, 55), cv2.FONT_HERSHEY_SCRIPT_COMPLEX, 1.4, 30, 2)
    return packed(ink_line(grey))


INKS = {word: written("Binh" if word == "Bình" else word) for word in WORDS}


def taught(n, value=None):
    word = WORDS[n % len(WORDS)]
    return Taught(
        "b", "158", n // 4 + 1, f"scan{n // 4}/0", f"field{n % 4}", "", value or word, BOOK,
        (INKS[word],),
    )  # fmt: skip


def some(count):
    # any name of a field that is a name
    names = ("child_full_name", "father_full_name", "mother_full_name", "clerk_full_name")
    return tuple(replace(taught(n), field=names[n % 4]) for n in range(count))


@pytest.fixture(scope="module")
def settings(tmp_path_factory) -> Settings:
    """A home whose learning is short."""
    root = tmp_path_factory.mktemp("office")
    shutil.copytree(PROJECT / "ocr_config", root / "ocr_config")
    path = root / "ocr_config" / "thresholds.yaml"
    thresholds = yaml.safe_load(path.read_text("utf-8"))
    thresholds["learning"] |= {"seconds": 2, "office_seconds": 2, "office_fields": 50}
    path.write_text(yaml.safe_dump(thresholds), "utf-8")
    return Settings(home=root / "home", config=root / "ocr_config")


@pytest.fixture(scope="module")
def net(settings):
    return load_net(settings.config)


def task(settings, fields, **more) -> BookTask:
    return BookTask(settings, tuple(fields), (), {}, **more)


def test_a_value_that_cannot_stand_in_the_ink_is_left_out(settings):
    fields = [*some(59), replace(some(1)[0], value="Nguyễn Thị Khánh Huyền")]
    found = learn_book_hands(task(settings, fields, dry=True))
    assert (found.fields, found.learned) == (59, ())
    assert found.left_out == {NO_TEXT: 1}


def test_too_few_fields_teach_nothing_and_say_so(settings):
    (one,) = learn_book_hands(task(settings, some(30))).learned
    assert (one.state, one.digest, one.detail["note"]) == (AdapterState.SKIPPED, None, TOO_FEW)


def test_the_same_fields_are_not_learned_twice(settings, net):
    lines, _ = lines_of(some(56), lambda _: net)
    known = frozenset({data_digest(net.card.name, lines)})
    (one,) = learn_book_hands(task(settings, some(56), known=known)).learned
    assert (one.state, one.detail["note"]) == (AdapterState.SKIPPED, NOTHING_NEW)


def test_a_hand_is_learned_and_what_helps_lies_in_the_home(settings):
    (one,) = learn_book_hands(task(settings, some(56))).learned
    assert one.state in (AdapterState.ACTIVE, AdapterState.ROLLED_BACK), one.detail
    assert (one.fields, one.lines, one.hand, one.scans) == (56, 56, 0, tuple(range(1, 15)))
    assert one.before is not None and one.after is not None
    kept = one.digest is not None and adapter_file(settings, one.digest).path.is_file()
    assert kept == (one.state is AdapterState.ACTIVE)


def test_large_hands_are_learned_apart_and_small_ones_share():
    lines = [Lines(one, ()) for one in some(100)]
    hands = [0] * 60 + [1] * 25 + [2] * 15
    first, shared = grouped(lines, hands, 50)
    assert (len(first.lines), first.scans) == (60, tuple(range(1, 16)))
    assert (len(shared.lines), shared.scans) == (100, tuple(range(16, 26)))
    assert [len(group.lines) for group in grouped(lines, [0] * 100, 50)] == [100]


def test_only_handwriting_that_still_lies_where_it_lay_teaches():
    ref = ScanRef("a.jpg", 0, 1, "d" * 64, "a.jpg")

    def field(name, reader, polygon=SQUARE):
        return ReviewedField(ref, 0, name, "", "Hoa", polygon, reader)

    far = tuple((x, y + 500) for x, y in SQUARE)
    cell = CellInk((INKS["Hoa"],), 0.9, (50.0, 20.0), 40.0)
    inks = {
        "d" * 64: {
            (0, "child_full_name"): cell,
            (0, "notes"): replace(cell, chance=0.1),
            (0, "signer_title"): replace(cell, chance=0.1),
        }
    }
    fields = [
        field("child_full_name", "tesseract-5/vie"),
        field("notes", "tesseract-5/vie"),
        field("signer_title", "hand-1"),
        field("child_full_name", "hand-1", far),
        field("sex", "hand-1"),
        field("sex", "tesseract-5/vie"),
    ]
    found, left_out = taught_fields(fields, inks, book="b", era="158", context=BOOK)
    assert [one.field for one in found] == ["child_full_name", "signer_title"]
    assert left_out == {NOT_HANDWRITTEN: 2, MOVED: 1, NO_CELL: 1}


def test_what_is_held_back_is_the_same_in_every_run():
    kept = [held_back(f"scan/{n}", 0.2) for n in range(2000)]
    assert kept == [held_back(f"scan/{n}", 0.2) for n in range(2000)]
    assert 0.17 < sum(kept) / len(kept) < 0.23


def test_the_office_switches_only_to_what_is_better_on_what_was_held_back(settings):
    fields = tuple(replace(one, entry=f"e{n}") for n, one in enumerate(some(80)))
    found = learn_office(OfficeTask(settings, fields, ("b",) * 80, None))
    if found.compared is None:
        assert found.adapter.state is AdapterState.ROLLED_BACK, found.adapter.detail
    else:
        worth = found.compared.worth_it
        assert found.adapter.state is (AdapterState.ACTIVE if worth else AdapterState.ROLLED_BACK)
        assert found.compared.all.lines == sum(held_back(one.entry, 0.2) for one in fields)
        assert adapter_file(settings, found.adapter.digest).path.is_file()


def test_an_office_without_corrections_learns_nothing(settings, database):
    class NoPool:
        """Never asked for anything."""

    found = train_office(database, settings, NoPool(), actor="lan")
    assert (found.books, found.reviewed, found.adapter) == (0, 0, None)
    assert found.wanted == 50
    assert adapters_of(database, None) == []
