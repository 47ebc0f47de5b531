"""A scan is read with what its hand has taught; a file that cannot be used never stops it."""

from __future__ import annotations

import logging
from dataclasses import replace

import cv2
import numpy as np
import pytest

from flows.adapters import (
    AdapterFile,
    adapted,
    adapter_file,
    adapter_for,
    check_file,
    hand_of,
    scan_adapter,
)
from flows.page import PageTask, Tools, reader_for
from flows.teaching import keep, read_start
from models import AdapterRecord, AdapterState
from pipeline.errors import DiskFullError, WeightsError
from pipeline.reading.hand.adapter import Adapter
from pipeline.reading.hand.naming import weights_name
from pipeline.reading.hand.net import load_net
from pipeline.reading.hand.reader import hand_recognizer
from pipeline.reading.recognizer import recognizer
from pipeline.settings import Settings, load_thresholds
from pipeline.types import BookForm, Crop, Kind, ScanRef
from pipeline.values import Context

CONFIG = Settings().config


def record(id_, state, scans, digest="d" * 64, version=1):
    return AdapterRecord(
        state=state, hand=0, scans=scans, base="hand-1", digest=digest, data_digest="", fields=60,
        lines=60, id=id_, version=version,
    )  # fmt: skip


@pytest.fixture
def settings(tmp_path):
    return Settings(home=tmp_path / "home")


@pytest.fixture(scope="module")
def net():
    return load_net(CONFIG)


@pytest.fixture
def kept(settings, net):
    """An adapter in the home that changes one weight of the net a little."""
    from pipeline.reading.hand.net import load_weights
    from pipeline.reading.hand.onnx_file import weights_of

    _, card, weights = load_weights(CONFIG)
    name, tensor = max(weights_of(weights).items(), key=lambda one: one[0])
    change = np.full(tensor.shape, 0.01, np.float16)
    return adapter_file(settings, keep(Adapter(card.digest, "data" * 16, {name: change}), settings))


def task(adapter):
    return PageTask(
        ScanRef("a.jpg", 0, 1, "0" * 64, "a.jpg"), BookForm("", 0.0, {}, ""),
        Context(Kind.BIRTH, 2008), adapter,
    )  # fmt: skip


@pytest.fixture
def tools(settings):
    return Tools(settings, load_thresholds(CONFIG), {}, None, hand_recognizer(CONFIG))


def test_a_scan_is_read_with_the_hand_of_the_nearest_reviewed_one():
    first = record(1, AdapterState.ACTIVE, (1, 2, 3))
    second = record(2, AdapterState.ACTIVE, (20, 21))
    assert [adapter_for(n, [first, second]).id for n in (1, 10, 12, 99)] == [1, 1, 2, 2]


def test_a_hand_that_learning_did_not_help_is_read_without():
    helped = record(1, AdapterState.ACTIVE, (1, 2))
    not_helped = record(2, AdapterState.ROLLED_BACK, (20,), digest=None)
    assert adapter_for(19, [helped, not_helped]) is None
    # a later attempt that was of no help does not take away what an earlier one gave
    again = record(3, AdapterState.ROLLED_BACK, (1, 2), digest=None, version=2)
    assert adapter_for(1, [helped, again]).id == 1


def test_a_scan_is_of_the_hand_of_the_nearest_reviewed_one_also_where_learning_did_not_help():
    helped = record(1, AdapterState.ACTIVE, (1, 2))
    not_helped = replace(record(2, AdapterState.ROLLED_BACK, (20,), digest=None), hand=2)
    assert hand_of(3, [replace(helped, hand=1), not_helped]) == 1
    assert hand_of(19, [replace(helped, hand=1), not_helped]) == 2
    assert hand_of(7, []) == 0


def test_a_book_without_its_own_is_read_with_the_offices(settings):
    office = record(1, AdapterState.ACTIVE, (), digest="0f" * 32)
    own = record(2, AdapterState.ACTIVE, (1,), digest="b0" * 32)
    assert scan_adapter(1, [], [], settings) is None
    assert scan_adapter(1, [], [office], settings).digest == "0f" * 32
    assert scan_adapter(1, [own], [office], settings).digest == "b0" * 32


def test_readings_name_the_adapter_beside_the_weights(tools, kept, net):
    reader, notes = reader_for(task(kept), tools)
    assert notes == ()
    assert reader.name == f"{net.name}+{kept.digest[:8]}"
    assert tools.recognizer.name == net.name
    assert reader_for(task(None), tools)[0] is tools.recognizer


@pytest.mark.parametrize("name", ["hand", "auto"])
def test_pages_read_with_an_adapter_say_what_was_read_without_it(tools, kept, name):
    tools = replace(tools, recognizer=recognizer(name, "vie", CONFIG))
    picture = np.full((80, 420), 235, np.uint8)
    cv2.putText(picture, "Le Van An", (20, 55), cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 1.6, 60, 3)
    crop = Crop(picture, 200.0, "child_full_name")
    (before,) = getattr(tools.recognizer, "hand", tools.recognizer).read([crop])
    adapted_reader, _ = reader_for(task(kept), tools)
    (after,) = getattr(adapted_reader, "hand", adapted_reader).read([crop])
    assert before.text and before.unlearned is None
    assert after.unlearned == (before.text, before.confidence)


@pytest.mark.parametrize("harm", ["gone", "damaged"])
def test_a_file_that_cannot_be_used_is_warned_of_and_read_without(tools, kept, harm, caplog):
    if harm == "gone":
        kept.path.unlink()
    else:
        kept.path.write_bytes(kept.path.read_bytes()[:-1] + b"!")
    with caplog.at_level(logging.WARNING, "hotich.flows"):
        reader, notes = reader_for(task(kept), tools)
    assert reader is tools.recognizer
    assert notes[0].startswith(f"adapter {kept.digest[:8]}")
    assert kept.path.name[:8] in caplog.text or "sha256" in caplog.text
    with pytest.raises(WeightsError):
        check_file(kept)


def test_an_adapter_of_other_weights_is_read_without(tools, settings):
    other = Adapter("0" * 64, "data" * 16, {"w": np.zeros(3, np.float16)})
    file = adapter_file(settings, keep(other, settings))
    assert reader_for(task(file), tools)[0] is tools.recognizer
    assert read_start(file, "1" * 64) is None


def test_weights_are_named_without_loading_them(net, tmp_path):
    assert weights_name(CONFIG) == net.name
    assert weights_name(tmp_path) == ""


def test_print_is_read_as_before(settings, kept):
    from pipeline.reading.recognizer import NoRecognizer

    reader = NoRecognizer()
    assert adapted(reader, settings, kept) is reader


def test_a_file_of_an_adapter_lies_under_its_digest(settings, kept):
    assert check_file(kept).parent.parent == settings.adapter_store
    assert not list(settings.adapter_store.glob("*.new"))


def test_a_full_disk_leaves_nothing_half_written(settings, monkeypatch):
    def full(*_args, **_kw):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pipeline.reading.hand.adapter.os.fsync", full)
    with pytest.raises(DiskFullError):
        keep(Adapter("0" * 64, "data" * 16, {"w": np.zeros(3, np.float16)}), settings)
    assert [path for path in settings.adapter_store.rglob("*") if path.is_file()] == []


def test_what_was_learned_before_and_cannot_be_used_is_begun_anew(settings):
    assert read_start(None, "0" * 64) is None
    assert read_start(AdapterFile(settings.adapter_store / "x.npz", "0" * 64), "0" * 64) is None
