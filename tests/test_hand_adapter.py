"""What a net has learned of a book: the file, and reading with it."""

import shutil

import cv2
import numpy as np
import pytest

from pipeline.errors import WeightsError
from pipeline.reading.hand.adapter import (
    MOST_BYTES,
    Adapter,
    read_adapter,
    rounded,
    write_adapter,
)
from pipeline.reading.hand.ink import HEIGHT
from pipeline.reading.hand.net import load_net
from pipeline.reading.hand.onnx_file import part_before, weights_of, with_weights
from pipeline.reading.hand.reader import hand_recognizer
from pipeline.reading.hand.tail import FOLD, layers_of
from pipeline.reading.recognizer import recognizer
from pipeline.settings import PROJECT
from pipeline.types import Crop

CONFIG = PROJECT / "ocr_config"


@pytest.fixture(scope="module")
def net():
    return load_net(CONFIG)


@pytest.fixture(scope="module")
def adapter(net):
    """Small differences to all trained weights."""
    dice = np.random.default_rng(1)
    layers = layers_of(weights_of(net.weights.read_bytes()))
    changes = {
        name: dice.normal(0, 3e-3, tensor.shape).astype(np.float16)
        for name, tensor in layers.tensors.items()
    }
    return Adapter(net.card.digest, "d" * 64, rounded(changes), {"before": 0.1, "note": "Hải"})


def a_line():
    ink = np.random.default_rng(3).random((HEIGHT, 200)).astype(np.float32)
    return ink * (ink > 0.7)


def test_an_adapter_comes_back_from_its_file_as_it_was(adapter, tmp_path):
    path = tmp_path / "book" / "one.npz"
    digest = write_adapter(adapter, path)
    again = read_adapter(path)
    assert path.stat().st_size <= MOST_BYTES
    assert (again.base, again.data, again.facts) == (adapter.base, adapter.data, adapter.facts)
    assert again.tensors.keys() == adapter.tensors.keys()
    for name, tensor in adapter.tensors.items():
        assert np.allclose(again.tensors[name], tensor, atol=1e-5)
    assert write_adapter(adapter, tmp_path / "two.npz") == digest
    assert [one.name for one in path.parent.iterdir()] == ["one.npz"]


def test_eight_bits_change_no_difference_by_more_than_half_a_step():
    exact = np.random.default_rng(2).normal(0, 0.01, (5, 7)).astype(np.float32)
    exact[2] = 0
    back = rounded({"one": exact})["one"].astype(np.float32)
    assert (np.abs(back - exact).max(axis=1) <= np.abs(exact).max(axis=1) / 250 + 1e-6).all()


def test_a_book_reads_with_what_was_learned_and_others_without(net, adapter, tmp_path):
    path = tmp_path / "one.npz"
    digest = write_adapter(adapter, path)
    own = load_net(CONFIG, adapter=path)
    assert own.name == f"{net.name}+{digest[:8]}"
    assert own is load_net(CONFIG, adapter=path)
    base, learned = net.posteriors([a_line()])[0], own.posteriors([a_line()])[0]
    assert np.abs(base - learned).max() > 1e-3
    assert np.array_equal(load_net(CONFIG).posteriors([a_line()])[0], base)


def test_who_has_learned_also_says_what_was_read_without_that(net, adapter, tmp_path):
    path = tmp_path / "one.npz"
    write_adapter(adapter, path)
    picture = np.full((80, 420), 235, np.uint8)
    cv2.putText(picture, "Le Van An", (20, 55), cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 1.6, 60, 3)
    crop = Crop(picture, 200.0, "child_full_name")
    plain, learned = hand_recognizer(CONFIG), hand_recognizer(CONFIG, adapter=path)
    before, after = (one.read([crop])[0] for one in (plain, learned))
    assert before.text and before.unlearned is None
    assert after.unlearned == (before.text, before.confidence)
    assert after.confidence != before.confidence
    assert (before.reader, after.reader) == (net.name, learned.name)


def test_a_newer_file_of_the_same_name_is_read_anew(net, adapter, tmp_path):
    path = tmp_path / "one.npz"
    write_adapter(adapter, path)
    first = load_net(CONFIG, adapter=path)
    none = {name: np.zeros_like(tensor) for name, tensor in adapter.tensors.items()}
    write_adapter(Adapter(adapter.base, "e" * 64, none), path)
    second = load_net(CONFIG, adapter=path)
    assert second.name != first.name
    assert np.allclose(second.posteriors([a_line()])[0], net.posteriors([a_line()])[0], atol=1e-4)


def test_an_adapter_of_other_weights_is_refused(adapter, tmp_path):
    path = tmp_path / "other.npz"
    write_adapter(Adapter("0" * 64, adapter.data, adapter.tensors), path)
    with pytest.raises(WeightsError, match="base 000000000000"):
        load_net(CONFIG, adapter=path)
    with pytest.raises(WeightsError):
        recognizer("hand", "vie", CONFIG, adapter=path)
    # Print and the base weights still read; the name says that nothing learned was used.
    assert "+" not in recognizer("auto", "vie", CONFIG, adapter=path).hand.name


@pytest.mark.parametrize("spoil", ["cut", "bytes", "none", "missing"])
def test_damaged_adapters_are_named(adapter, tmp_path, spoil):
    path = tmp_path / "one.npz"
    write_adapter(adapter, path)
    data = path.read_bytes()
    if spoil == "cut":
        path.write_bytes(data[:-1000])
    elif spoil == "bytes":
        path.write_bytes(data[: len(data) // 2] + bytes(64) + data[len(data) // 2 + 64 :])
    elif spoil == "none":
        path.write_bytes(b"")
    else:
        path.unlink()
    with pytest.raises(WeightsError, match=r"one\.npz"):
        read_adapter(path)


def test_an_adapter_too_large_is_not_written(tmp_path):
    large = np.random.default_rng(1).normal(0, 1, (1500, 2000)).astype(np.float16)
    with pytest.raises(WeightsError):
        write_adapter(Adapter("0" * 64, "", {"one": large}), tmp_path / "one.npz")
    assert not list(tmp_path.iterdir())


def test_weights_are_exchanged_in_place(net):
    model = net.weights.read_bytes()
    bias = weights_of(model)["say.bias"]
    changed = with_weights(model, {"say.bias": bias + 1})
    assert len(changed) == len(model)
    assert np.allclose(weights_of(changed)["say.bias"], bias + 1)
    with pytest.raises(WeightsError):
        with_weights(model, {"say.bias": bias[:3]})
    with pytest.raises(WeightsError):
        with_weights(model, {"no.such": bias})


def test_files_that_are_no_net_are_refused():
    for data in (b"", b"no net at all", bytes(100), b"\x3a\xff\xff\xff\xff\x0f"):
        with pytest.raises(WeightsError):
            weights_of(data)
    with pytest.raises(WeightsError):
        part_before(b"\x3a\x00", FOLD)


def test_every_shipped_set_of_weights_can_be_learned_on(tmp_path):
    cards = sorted((CONFIG / "weights").glob("*.json"))  # nets of the router have none
    assert {card.stem for card in cards} == {"hand", "hand-free"}
    for path in (card.with_suffix(".onnx") for card in cards):
        shutil.copy(path, tmp_path)
        model = (tmp_path / path.name).read_bytes()
        assert len(layers_of(weights_of(model)).blocks) >= 6
        assert part_before(model, FOLD)[1]
