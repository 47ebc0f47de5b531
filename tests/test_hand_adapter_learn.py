"""Learning a book: it helps where there is something to learn, and says why where not."""

import math

import cv2
import numpy as np
import pytest

from pipeline.errors import WeightsError
from pipeline.reading.hand import learn
from pipeline.reading.hand.adapter import Adapter, read_adapter, write_adapter
from pipeline.reading.hand.examples import apart, digest_of, lessons_of, parts
from pipeline.reading.hand.hands import MOST_HANDS, tell_apart
from pipeline.reading.hand.ink import ink_line
from pipeline.reading.hand.judge import by_chance
from pipeline.reading.hand.learn import FEWEST, Example, Plan, learn_hand
from pipeline.reading.hand.net import load_net
from pipeline.reading.hand.vary import varied
from pipeline.settings import PROJECT

CONFIG = PROJECT / "ocr_config"
WORDS = ("Nam", "Hoa", "Lan", "Ba")


QUICK = Plan(lines=4, rate=3e-3)


def written(text):
    """A line in a face that no training has seen, leaning hard."""
    grey = np.full((80, 60 + 34 * len(text)), 255, np.uint8)
    cv2.putText(grey, text, (20, 55), cv2.FONT_HERSHEY_SCRIPT_COMPLEX, 1.4, 30, 2)
    lean = np.array([[1, 0.35, -14], [0, 1, 0]], np.float32)
    return ink_line(cv2.warpAffine(grey, lean, grey.shape[::-1], borderValue=255))


def book(count, odd="h"):
    """Entries of a clerk whose ``a`` the net is told to call something else."""
    return [
        Example(written(WORDS[n % len(WORDS)]), WORDS[n % len(WORDS)].replace("a", odd), str(n))
        for n in range(count)
    ]


@pytest.fixture(scope="module")
def card():
    return load_net(CONFIG).card


def test_a_book_is_learned_judged_and_read_with(card, tmp_path):
    told = []
    found = learn_hand(CONFIG, "hand", book(160), steps=10, progress=told.append, plan=QUICK)
    assert found.adapter is not None, found.note
    assert found.after < found.before
    assert found.kept + found.trained == 160
    assert found.adapter.base == card.digest
    assert found.adapter.facts["steps"] == 10
    assert told == sorted(told)
    path = tmp_path / "book.npz"
    write_adapter(found.adapter, path)
    net = load_net(CONFIG, adapter=path)
    assert "+" in net.name
    assert read_adapter(path).data == digest_of(book(160))


def test_the_same_seed_and_steps_learn_the_same():
    plan = Plan(lines=2, rate=3e-3)
    one, two = (learn_hand(CONFIG, "hand", book(160), steps=2, plan=plan) for _ in range(2))
    assert (one.before, one.after) == (two.before, two.after)


def test_half_of_what_was_learned_is_taken_unless_much_is_misread(monkeypatch):
    moved = {}
    for share, least in ((1.0, 0.0), (0.5, 2.0)):
        monkeypatch.setattr(learn, "_ALL_FROM", least)
        monkeypatch.setattr(learn, "_CHANCE", 1.0)
        found = learn_hand(CONFIG, "hand", book(160), steps=4, plan=QUICK)
        assert found.adapter is not None and found.adapter.facts["share"] == share
        tensors = found.adapter.tensors
        moved[share] = sum(float(np.abs(one.astype(np.float32)).sum()) for one in tensors.values())
    assert moved[0.5] == pytest.approx(0.5 * moved[1.0], rel=0.02)


def test_few_lines_judge_in_turn_and_all_are_learned():
    found = learn_hand(CONFIG, "hand", book(FEWEST), steps=1, plan=Plan(lines=1))
    assert (found.kept, found.trained) == (FEWEST, FEWEST)


def test_what_does_not_help_is_rolled_back():
    found = learn_hand(CONFIG, "hand", book(160), steps=1, plan=Plan(rate=0.0, lines=1))
    assert found.adapter is None
    assert found.before == found.after
    assert "no help" in found.note


def test_no_time_changes_nothing():
    found = learn_hand(CONFIG, "hand", book(160), seconds=0.0)
    assert found.adapter is None
    assert found.before == found.after


def test_too_few_lines_are_refused_with_a_word():
    found = learn_hand(CONFIG, "hand", book(FEWEST - 1))
    assert found.adapter is None
    assert math.isnan(found.before)
    assert str(FEWEST) in found.note
    assert learn_hand(CONFIG, "hand", []).adapter is None
    one = [Example(line.ink, line.text, "1") for line in book(30)]
    assert learn_hand(CONFIG, "hand", one).adapter is None


def test_lines_that_cannot_be_learned_are_left_out_and_named(card):
    good = book(1)[0]
    odd = [
        Example(good.ink, "東京", "1"),
        Example(good.ink, "", "2"),
        Example(good.ink[:, :16], "Nguyen Thi Hoa", "3"),
    ]
    found = lessons_of([good, *odd], card)
    assert len(found.lessons) == 1
    assert (found.strange, found.short, found.empty) == (("京", "東"), 1, 1)
    assert "京 東" in found.left_out()
    assert "東" in learn_hand(CONFIG, "hand", odd).note


def test_an_adapter_of_other_weights_is_no_start():
    with pytest.raises(WeightsError, match="base"):
        learn_hand(CONFIG, "hand", book(20), start=Adapter("0" * 64, "", {}))


def test_what_progress_raises_ends_the_learning():
    def enough(_done):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        learn_hand(CONFIG, "hand", book(160), steps=3, progress=enough)


def test_whole_entries_judge_and_the_same_ones_as_the_book_grows(card):
    ink = book(1)[0].ink
    lines = [Example(ink, "Nam", str(n // 3)) for n in range(300)]
    small, large = lessons_of(lines[:150], card).lessons, lessons_of(lines, card).lessons
    for lessons in (small, large):
        learned, kept = apart(lessons, 4)
        assert not {line.entry for line in learned} & {line.entry for line in kept}
        assert 0.15 < len(kept) / len(lessons) < 0.3
    judged = {line.entry for line in apart(small, 4)[1]}
    still = {line.entry for line in apart(large, 4)[1]}
    assert len(judged & still) >= 0.7 * len(judged)
    turns = parts(small, 4, 3)
    assert sorted(line.entry for _, kept in turns for line in kept) == sorted(
        line.entry for line in small
    )


def test_chance_is_told_from_help():
    dice = np.random.default_rng(1)
    entries = [str(n) for n in range(20)]
    assert by_chance(np.array([1, 2] * 10), entries, dice) < 0.01
    assert by_chance(np.array([1, -1] * 10), entries, dice) > 0.3
    assert by_chance(np.zeros(20, np.int64), entries, dice) == 1.0
    # Many lines of one entry are one witness.
    assert by_chance(np.ones(20, np.int64), ["1"] * 20, dice) > 0.3


def test_a_varied_line_keeps_its_height_and_no_variation_keeps_it(card):
    ink = book(1)[0].ink
    dice = np.random.default_rng(2)
    assert np.abs(varied(ink, dice, 0.0) - ink).max() < 0.01
    assert all(varied(ink, dice).shape[0] == ink.shape[0] for _ in range(5))


def clerks(*runs, d=20, seed=1):
    """Features of runs of entries, each clerk with a mean of his own."""
    dice = np.random.default_rng(seed)
    means = dice.normal(0, 1.2, (6, d))
    rows = [dice.normal(means[clerk], 1.0, (count, d)) for clerk, count in runs]
    return np.concatenate(rows).astype(np.float32)


def test_one_clerk_is_one_hand():
    split = sum(len(set(tell_apart(clerks((0, 60), seed=n), range(60)))) > 1 for n in range(10))
    assert split <= 1


def test_clerks_are_told_apart_and_known_again():
    found = tell_apart(clerks((0, 30), (1, 25), (0, 30)), [str(n) for n in range(85)])
    assert len(set(found)) == 2
    assert found[0] == 0
    agree = np.array(found) == np.array([0] * 30 + [1] * 25 + [0] * 30)
    assert agree.mean() > 0.95


def test_lines_of_an_entry_are_of_one_hand_and_hands_are_few():
    features = clerks(*((n % 6, 20) for n in range(12)))
    found = tell_apart(features, [str(n // 2) for n in range(240)])
    assert found[::2] == found[1::2]
    assert 1 < len(set(found)) <= MOST_HANDS
    assert tell_apart(features[:6], ["1", "1", "2", "2", "3", "3"]) == [0] * 6
    assert tell_apart(np.zeros((0, 0), np.float32), []) == []
