import json
import shutil

import cv2
import numpy as np
import pytest

from pipeline.errors import WeightsError
from pipeline.reading.hand.ctc import greedy
from pipeline.reading.hand.ink import HEIGHT, MARGIN, ink_line, padded_width
from pipeline.reading.hand.net import buckets, load_net
from pipeline.reading.recognizer import NoRecognizer, recognizer
from pipeline.settings import PROJECT

CONFIG = PROJECT / "ocr_config"


@pytest.fixture
def config(tmp_path):
    """An ocr_config folder with the shipped weights, to be spoiled."""
    for name in ("weights", "lexicons", "calibration"):
        shutil.copytree(CONFIG / name, tmp_path / name)
    return tmp_path


def card(config, **changes):
    path = config / "weights" / "hand.json"
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), **changes}), "utf-8")


@pytest.fixture(scope="module")
def net():
    return load_net(CONFIG)


def test_lines_of_any_number_and_length_come_back_in_order(net):
    rng = np.random.default_rng(1)
    maps = [rng.random((HEIGHT, width)).astype(np.float32) for width in (300, 17, 1, 900, 305)]
    found = net.posteriors(maps)
    assert len(found) == len(maps)
    for ink, one in zip(maps, found, strict=True):
        assert one.shape[1] == len(net.card.letters) + 1
        assert np.allclose(np.exp(one).sum(axis=1), 1, atol=1e-3)
        # Frames of the padding are not asked for: training says nothing of them.
        assert len(one) == (ink.shape[1] + MARGIN) // net.card.stride


def test_no_blank_follows_the_last_word(net):
    maps = []
    for text in ("Tran Van An", "Hai Phong", "12/5/1974", "Nam"):
        grey = np.full((80, 60 + 34 * len(text)), 255, np.uint8)
        cv2.putText(grey, text, (20, 55), cv2.FONT_HERSHEY_SCRIPT_COMPLEX, 1.4, 30, 2)
        maps.append(ink_line(grey))
    letters = net.card.letters
    texts = [letters.text(tuple(one.code for one in greedy(own))) for own in net.posteriors(maps)]
    assert sum(bool(text) for text in texts) > 2
    assert all(text == text.rstrip() for text in texts)


def test_a_line_reads_alike_alone_and_among_others(net):
    rng = np.random.default_rng(2)
    maps = [rng.random((HEIGHT, width)).astype(np.float32) for width in (200, 240, 220)]
    together, alone = net.posteriors(maps)[0], net.posteriors(maps[:1])[0]
    assert np.allclose(together, alone, atol=1e-3)


def test_nothing_to_read_gives_nothing(net):
    assert net.posteriors([]) == []


def test_batches_hold_lines_of_like_length():
    widths = [900, 20, 24, 880, 400, 22]
    groups = buckets(widths)
    assert sorted(n for group in groups for n in group) == list(range(6))
    assert all(len({padded_width(widths[n]) for n in group}) == 1 for group in groups)
    assert all(len(group) * 1216 <= 5000 for group in buckets([1200] * 40))
    assert buckets([]) == []


def test_one_session_serves_a_process(net):
    assert load_net(CONFIG) is net


def test_missing_weights_are_named_and_handwriting_is_left_to_keying(config):
    (config / "weights" / "hand.onnx").unlink()
    with pytest.raises(WeightsError, match=r"hand\.onnx"):
        load_net(config)
    with pytest.raises(WeightsError):
        recognizer("hand", "vie", config)
    assert isinstance(recognizer("auto", "vie", config).hand, NoRecognizer)


def test_damaged_weights_are_refused(config):
    path = config / "weights" / "hand.onnx"
    path.write_bytes(path.read_bytes()[:-100] + bytes(100))
    with pytest.raises(WeightsError, match="sha256"):
        load_net(config)


def test_weights_that_are_no_net_are_refused(config):
    import hashlib

    (config / "weights" / "hand.onnx").write_bytes(b"no net")
    card(config, sha256=hashlib.sha256(b"no net").hexdigest())
    with pytest.raises(WeightsError):
        load_net(config)


@pytest.mark.parametrize(
    "change", [{"ink_version": "other"}, {"height": 31}, {"alphabet": "aa "}, {"alphabet": "abc"}]
)
def test_weights_of_another_version_are_refused(config, change):
    card(config, **change)
    with pytest.raises(WeightsError):
        load_net(config)


def test_a_damaged_card_is_refused(config):
    (config / "weights" / "hand.json").write_text("{}")
    with pytest.raises(WeightsError):
        load_net(config)


def test_the_advice_says_what_to_do(config):
    (config / "weights" / "hand.json").unlink()
    with pytest.raises(WeightsError) as caught:
        load_net(config)
    assert "HOTICH_RECOGNIZER" in caught.value.what_to_do() and caught.value.exit_code == 35
