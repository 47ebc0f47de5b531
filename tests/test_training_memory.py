"""What the fit of a book's memory tells of its examples."""

from __future__ import annotations

from pipeline.checks.memory_signs import SIGNS, Shown, Tally, Weights
from training.fit_memory import Example, report

WEIGHTS = Weights("t", "", {"name+": (9.0, *(0.0 for _ in SIGNS[1:]))})


def example(field: str, before: int, right: bool) -> Example:
    shown = Shown(Tally(), False, 0.0, Tally(before, 0), 0.9)
    return Example("charm", "name+", 0.9, shown, right, field)


def told(lines: list[str], name: str) -> str:
    (line,) = (line for line in lines if line[15:].startswith(name))
    return line


def test_a_name_on_every_entry_does_not_hide_how_new_names_do():
    signers = [example("signer_full_name", 30, right=True) for _ in range(8)]
    children = [example("child_full_name", 0, right=False) for _ in range(2)]
    lines = list(report([*signers, *children], WEIGHTS))
    assert "right 0.800 known 0.80" in told(lines, "name+ ")
    assert "right 1.000 known 1.00" in told(lines, "signer_full_name")
    assert "right 0.000 known 0.00" in told(lines, "child_full_name")
    assert "2 wrong of 2" in told(lines, "not known")


def test_examples_kept_without_their_field_are_told_by_family():
    lines = list(report([example("", 0, right=True)], WEIGHTS))
    assert [line[15:].split()[0] for line in lines] == ["name+", "not"]
