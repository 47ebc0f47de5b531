import itertools

import numpy as np
import pytest
from hand_ink import LETTERS, ink_of

from pipeline.reading.hand.ctc import IMPOSSIBLE, greedy, n_best, squeezed, text_scores


@pytest.fixture(scope="module")
def small():
    """A short line over three letters, and the true probability of every text it may be."""
    rng = np.random.default_rng(3)
    chances = rng.random((6, 4)) ** 2
    chances /= chances.sum(axis=1, keepdims=True)
    truth: dict[tuple[int, ...], float] = {}
    for path in itertools.product(range(4), repeat=6):
        text = tuple(code for code, _ in itertools.groupby(path) if code)
        chance = float(np.prod([chances[t, code] for t, code in enumerate(path)]))
        truth[text] = truth.get(text, 0.0) + chance
    return np.log(chances).astype(np.float32), truth


def test_the_score_of_a_text_is_the_sum_over_all_ways_to_write_it(small):
    ink, truth = small
    texts = list(truth)
    assert np.allclose(np.exp(text_scores(ink, texts)), [truth[text] for text in texts], atol=1e-6)


def test_a_wide_beam_finds_the_likeliest_texts_in_their_order(small):
    ink, truth = small
    found = n_best(ink, width=500)
    assert [one.codes for one in found[:5]] == sorted(truth, key=lambda t: -truth[t])[:5]
    assert np.exp(found[0].score) == pytest.approx(max(truth.values()), abs=2e-3)


def test_a_text_too_long_for_the_line_is_impossible(small):
    ink, _ = small
    assert text_scores(ink, [(1, 2, 1, 2, 1, 2, 1)])[0] == IMPOSSIBLE
    assert text_scores(ink, [(1, 1, 1, 1)])[0] == IMPOSSIBLE  # blanks must part them


def test_nothing_to_score_gives_nothing(small):
    assert text_scores(small[0], []).shape == (0,)
    assert text_scores(small[0], [()])[0] > IMPOSSIBLE


def test_letters_carry_their_frames_and_doubled_letters_stay_two():
    found = greedy(ink_of("Xoong"))
    assert LETTERS.text(tuple(letter.code for letter in found)) == "Xoong"
    assert all(letter.start < letter.end and letter.probability > 0.9 for letter in found)
    assert all(a.end <= b.start for a, b in itertools.pairwise(found))


def test_squeezing_sure_blanks_changes_no_score():
    ink = ink_of("Hải Phòng")
    wide = np.repeat(ink, np.where(np.exp(ink[:, 0]) > 0.99, 5, 1), axis=0)
    texts = [LETTERS.codes(text) for text in ("Hải Phòng", "Hải Phong", "Hai Phòng")]
    assert len(squeezed(wide)) == len(ink)
    assert np.allclose(text_scores(wide, texts), text_scores(squeezed(wide), texts), atol=0.02)


def test_a_bonus_turns_a_close_choice_but_not_a_clear_one():
    e = LETTERS.codes("ê")[0]

    def prefers(text, code):
        return 1.0 if code == e else 0.0

    close, clear = ink_of("Me", (1, "ê", 0.45)), ink_of("Me", (1, "ê", 0.02))
    for ink, wanted in ((close, "Mê"), (clear, "Me")):
        assert LETTERS.text(n_best(ink, bonus=prefers)[0].codes) == wanted


def test_a_line_of_one_frame_or_none_is_no_error():
    for frames in (0, 1):
        ink = np.log(np.full((frames, 5), 0.2, np.float32))
        assert len(n_best(ink)) >= 1
        assert len(greedy(ink)) <= 1
        assert text_scores(ink, [(1,)]).shape == (1,)
