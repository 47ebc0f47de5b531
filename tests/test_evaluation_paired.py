"""Another reader takes the place of the present one only where it is better beyond chance."""

from __future__ import annotations

from pipeline.evaluation.paired import PairedLine, compare_readers


def lines(era, gains, hand="a"):
    return [
        PairedLine(era, hand, f"{era}/{hand}/{n}", 20, 5, 5 - gain) for n, gain in enumerate(gains)
    ]


def test_a_reader_better_on_most_entries_is_worth_it():
    found = compare_readers(lines("158", [1, 2, 1, 0, 3, 1, -1, 2, 1, 1]))
    assert found.worth_it
    assert (round(found.all.before, 3), round(found.all.after, 3)) == (0.25, 0.195)
    assert (found.eras[0].group, found.hands[0].group) == ("158", "158 · a")


def test_a_gain_on_few_entries_may_be_chance():
    assert not compare_readers(lines("158", [3, 0, 0, 0])).worth_it
    assert not compare_readers(lines("158", [1, -1] * 10)).worth_it
    assert not compare_readers([]).worth_it


def test_a_reader_that_is_worse_in_one_era_is_refused():
    good, bad = lines("158", [2] * 30), lines("76", [-1] * 8)
    found = compare_readers(good + bad)
    assert found.all.better
    assert [era.group for era in found.eras if era.worse] == ["76"]
    assert not found.worth_it


def test_a_single_line_that_got_worse_is_no_reason_to_refuse():
    assert compare_readers(lines("158", [2] * 20) + lines("76", [-1, 0, 0])).worth_it


def test_lines_of_one_entry_count_as_one_throw():
    one = [PairedLine("158", "a", "same", 20, 5, 3) for _ in range(50)]
    assert not compare_readers(one).worth_it
