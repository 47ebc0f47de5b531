import itertools

import numpy as np
import pytest
from hand_ink import LETTERS, ink_of

from pipeline.reading.hand.beam import n_best, stretches
from pipeline.reading.hand.ctc import spans, text_scores


@pytest.fixture(scope="module")
def doubtful():
    """A line with sure frames between doubtful ones, over three letters, and all its texts."""
    rng = np.random.default_rng(5)
    chances = rng.random((8, 4)) ** 2
    chances[2] = [1, 0, 0, 0]
    chances[5] = [0, 0, 1, 0]
    chances = (chances + 1e-7) / (chances + 1e-7).sum(axis=1, keepdims=True)
    truth: dict[tuple[int, ...], float] = {}
    for path in itertools.product(range(4), repeat=8):
        text = tuple(code for code, _ in itertools.groupby(path) if code)
        chance = float(np.prod([chances[t, code] for t, code in enumerate(path)]))
        truth[text] = truth.get(text, 0.0) + chance
    return np.log(chances).astype(np.float32), truth


def test_texts_put_together_of_stretches_are_those_of_the_whole_line(doubtful):
    ink, truth = doubtful
    found = n_best(ink, width=500)
    assert [one.codes for one in found[:8]] == sorted(truth, key=lambda t: -truth[t])[:8]
    for one in found[:8]:
        assert np.exp(one.score) == pytest.approx(truth[one.codes], rel=0.03)


def test_a_line_that_is_sure_has_one_text_and_no_doubtful_stretch():
    ink = ink_of("Xoong", sure=0.9985)
    assert [len(texts) for texts in stretches(ink)[0]] == [1]
    (only,) = n_best(ink)
    assert LETTERS.text(only.codes) == "Xoong"


def test_a_weight_at_spaces_counts_wherever_words_end():
    ink = ink_of("an la", (1, " ", 0.3))
    space = LETTERS.space

    def no_short_words(text: bytes, code: int) -> float:
        return -5.0 if (code in (0, space)) and len(text.split(bytes((space,)))[-1]) < 2 else 0.0

    for at in (None, space):
        found = n_best(ink, bonus=no_short_words, at=at)
        assert LETTERS.text(found[0].codes) == "an la"


def test_letters_of_a_text_are_found_in_their_frames():
    text = "An Sơn"
    codes = LETTERS.codes(text)
    found = spans(ink_of(text), codes)
    assert [first for first, _ in found] == [2 * n + 1 for n in range(len(text))]
    assert spans(ink_of("An")[:2], codes)[-1][1] == 2  # too long for the ink: spread evenly
    assert spans(ink_of("An"), ()) == []


def test_case_counts_for_nothing_where_it_is_left_out():
    ink = LETTERS.without_case(ink_of("VăN", (1, "Ă", 0.4)))
    small, capitals = (text_scores(ink, [LETTERS.codes(text)])[0] for text in ("văn", "VĂN"))
    assert small > np.log(0.8) and capitals < -20
