"""Examples that a fit was made of are kept, and read again instead of being made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn

import pytest
from pydantic import ValidationError

from pipeline.reading.pair import Seen
from training import fit_calibration, fit_memory, fit_pair, fit_views
from training.kept import kept_or_made


def of_pairs() -> Iterator[fit_pair.Example]:
    seen = Seen("name", 0.25, 0.5, 0.125, 1.0, 0.0)
    yield fit_pair.Example(1, "hand:ơ", seen, print_right=True, hand_right=False)
    yield fit_pair.Example(2, "print", seen, print_right=False, hand_right=True)


def nobody() -> NoReturn:
    raise AssertionError


def test_examples_come_back_as_they_were_made_and_are_not_made_again(tmp_path):
    file = tmp_path / "kept.jsonl"
    made = kept_or_made(file, fit_pair.Example, of_pairs)
    assert kept_or_made(file, fit_pair.Example, nobody) == made == list(of_pairs())
    assert kept_or_made(None, fit_pair.Example, of_pairs) == made


def test_what_was_cut_short_is_not_kept_as_if_it_were_all(tmp_path):
    file = tmp_path / "kept.jsonl"

    def cut_short() -> Iterator[fit_pair.Example]:
        yield next(of_pairs())
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        kept_or_made(file, fit_pair.Example, cut_short)
    assert not file.exists()


def test_examples_of_another_fit_are_refused(tmp_path):
    file = tmp_path / "kept.jsonl"
    kept_or_made(file, fit_pair.Example, of_pairs)
    for kind in (fit_views.Example, fit_memory.Example, fit_calibration.Example):
        with pytest.raises(ValidationError):
            kept_or_made(file, kind, nobody)


@dataclass(frozen=True)
class Bare:
    """An example of nothing but figures."""

    text: str
    many: tuple[float, ...]


def test_figures_and_letters_survive(tmp_path):
    file = tmp_path / "kept.jsonl"
    wanted = [Bare('ằ\u2028\n"', (0.1, 1e-300)), Bare("", ())]
    assert kept_or_made(file, Bare, lambda: wanted) == wanted
    assert kept_or_made(file, Bare, nobody) == wanted
