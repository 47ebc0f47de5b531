"""``hotich calibrate``: from people's words to a version in the home, and back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from models_samples import AN_THAI, book, digitize, field, queue

from flows.calibrate import calibrate_office, revert_calibration, use_calibration
from models import (
    Database,
    book_entries,
    correct_field,
    entry_stories,
    judged_values,
    save_finished_book,
    verify_audit,
)
from pipeline.checks.acceptance import Bars
from pipeline.checks.book import finish_book
from pipeline.checks.sampling import SAMPLED
from pipeline.reading.recalibrated import load_recalibration, version_in_force, versions_folder
from pipeline.settings import Settings
from pipeline.types import Decision, Kind
from pipeline.values import Context

BOOKS, SCANS = 3, 6


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An office that may learn from few fields."""
    config = tmp_path / "ocr_config"
    config.mkdir()
    limits = "recalibration: {least_fields: 60, type_fields: 50, knot_fields: 20, spread: 1.0}"
    (config / "thresholds.yaml").write_text(limits, "utf-8")
    return Settings(home=tmp_path / "home", config=config)


def doubted(database: Database, scans: int, volume: str) -> int:
    """A book whose names a machine was far too sure of, all of them for a person to see."""
    (book_id,) = queue(database, book(scans, volume=volume), name=f"lô {volume}")
    digitize(database, book_id)
    entries = [
        replace(
            entry,
            fields=tuple(
                replace(one, confidence=0.9, decision=Decision.REVIEW)
                if one.field in ("child_full_name", "mother_full_name")
                else one
                for one in entry.fields
            ),
        )
        for entry in book_entries(database, book_id)
    ]
    save_finished_book(database, book_id, entries)
    return book_id


def see(database: Database, book_id: int, wrong_each: int) -> None:
    """A person sees every name; every n-th is wrong."""
    count = 0
    for entry in range(1, 2 * SCANS + 1):
        for story in entry_stories(database, book_id, f"{entry:02d}"):
            for one in story.fields:
                if one.machine.field in ("child_full_name", "mother_full_name"):
                    count += 1
                    right = one.machine.value if count % wrong_each else "Lê Thị Khác"
                    correct_field(
                        database, story.entry_id, one.machine.field, value=right, person="lan"
                    )


def test_people_find_names_wrong_and_the_office_believes_names_less(
    database: Database, settings: Settings
) -> None:
    found = calibrate_office(database, settings, actor="lan")
    assert (found.version, found.in_force, found.compared) == (0, False, None)
    for n in range(BOOKS):
        see(database, doubted(database, SCANS, f"{n + 1:02d}"), wrong_each=2)
    dry = calibrate_office(database, settings, actor="lan", dry=True)
    assert dry.compared is not None
    assert dry.compared.worth_it
    assert load_recalibration(settings.resolved_home).version == 0
    found = calibrate_office(database, settings, actor="lan")
    assert (found.version, found.in_force) == (1, True)
    assert found.reviewed == BOOKS * SCANS * 2 * 2
    bent = load_recalibration(settings.resolved_home)
    assert bent.probability("tesseract", "name", 0.9) == pytest.approx(0.6, abs=0.15)
    # once more: nothing to gain over what is in force
    again = calibrate_office(database, settings, actor="lan")
    assert (again.version, again.in_force) == (2, False)
    folder = versions_folder(settings.resolved_home)
    assert version_in_force(folder) == 1
    assert use_calibration(database, settings, 2, actor="lan")
    assert revert_calibration(database, settings, actor="lan") == 1
    assert revert_calibration(database, settings, actor="lan") == 0
    assert revert_calibration(database, settings, actor="lan") is None
    assert not use_calibration(database, settings, 9, actor="lan")
    assert verify_audit(database).broken_at is None


def test_what_was_learned_counts_when_a_book_is_finished_and_is_not_learned_twice(
    database: Database, settings: Settings
) -> None:
    (book_id,) = queue(database, book(1))
    digitize(database, book_id)
    context = Context(Kind.BIRTH, 2008, "Xã An Thái", "Huyện An Lão", AN_THAI.id)
    entries = book_entries(database, book_id)
    seen = replace(
        entries[0],
        fields=tuple(
            replace(one, reasons=(SAMPLED, "shipped=0.97", "own=0.9"), decision=Decision.REVIEW)
            if one.field == "sex"
            else one
            for one in entries[0].fields
        ),
    )
    save_finished_book(database, book_id, [seen, *entries[1:]])
    (story,) = entry_stories(database, book_id, "01")
    correct_field(database, story.entry_id, "sex", value="Nữ", person="lan")
    correct_field(database, story.entry_id, "birth_date", value="2008-03-09", person="lan")
    (judged,) = judged_values(database)  # an accepted field that was changed counts for nothing
    assert (judged.probability, judged.right, judged.reader) == (0.97, True, "tesseract")
    assert judged.weight == 2.0  # it stands for the one of the other entry too
    finished, _ = finish_book(entries, context, bars=Bars({"default": 0.98}))
    assert finished[0].fields[2].field == field("child_full_name", "").field
