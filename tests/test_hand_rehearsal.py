"""Lines that come with the weights stand in where an office has no books to learn from yet."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest

from pipeline.reading.hand.ctc import greedy
from pipeline.reading.hand.examples import Example, lessons_of
from pipeline.reading.hand.net import load_net
from pipeline.reading.hand.rehearsal import load_rehearsal, rehearsal_file, write_rehearsal
from pipeline.settings import PROJECT, load_thresholds

CONFIG = PROJECT / "ocr_config"


def test_the_shipped_lines_are_enough_to_learn_beside_and_the_net_reads_them() -> None:
    lines = load_rehearsal(CONFIG)
    net = load_net(CONFIG)
    assert len(lines) >= load_thresholds(CONFIG).learning.old_lines
    usable = lessons_of(lines, net.card)
    assert len(usable.lessons) == len(lines)
    read = [
        net.card.letters.text(tuple(letter.code for letter in greedy(ink)))
        for ink in net.posteriors([line.ink for line in lines])
    ]
    alike = sum(one.strip() == line.text for one, line in zip(read, lines, strict=True))
    assert alike >= 0.5 * len(lines)  # cursive capitals among them


def test_lines_come_back_as_they_were_written(tmp_path: Path) -> None:
    (tmp_path / "weights").mkdir()
    ink = np.linspace(0, 1, 48 * 30, dtype=np.float32).reshape(48, 30)
    write_rehearsal([Example(ink, "Đỗ Thị Ỷ", "a")], rehearsal_file(tmp_path))
    (line,) = load_rehearsal(tmp_path)
    assert line.text == "Đỗ Thị Ỷ"
    np.testing.assert_allclose(line.ink, ink, atol=1 / 15)


@pytest.mark.parametrize("content", [None, b"", b"PK\x03\x04 no archive"])
def test_without_usable_lines_learning_goes_on(tmp_path: Path, content, caplog) -> None:
    (tmp_path / "weights").mkdir()
    if content is not None:
        rehearsal_file(tmp_path).write_bytes(content)
    with caplog.at_level(logging.WARNING):
        assert load_rehearsal(tmp_path) == ()
    assert bool(caplog.records) == (content is not None)
