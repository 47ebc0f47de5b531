"""Measures weights as they read (``python -m training.hand.evaluate hand``): per set and hand.

Pictures go the way of reading: file, ink map, ONNX. The lines are those that training kept
apart; with ``--worst FOLDER`` the worst lines are put on a sheet, to be looked at.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import onnxruntime
import typer
from numpy.typing import NDArray

from pipeline.reading.hand.alphabet import ALPHABET, collapse
from pipeline.reading.hand.ink import InkLine, ink_line, stack
from pipeline.settings import PROJECT
from training.hand.measure import Judged, error_rate, judge
from training.hand.real import Label, split_source
from training.hand.synthetic import load_shard
from training.hand.train import sources

_SHEET = 24
_DIGITS = re.compile(r"[\d/.,\- ]+")


def session_of(path: Path) -> onnxruntime.InferenceSession:
    """Weights on one thread, as a reading process has them."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def greedy(session: onnxruntime.InferenceSession, ink: InkLine) -> str:
    """The likeliest sign a frame."""
    best = np.asarray(session.run(None, {"ink": stack([ink])})[0]).argmax(-1)[0]
    return collapse(best.tolist(), ALPHABET).strip()


def _pictures(labels: Sequence[Label]) -> list[NDArray[np.uint8]]:
    pictures = [cv2.imread(str(label.path), cv2.IMREAD_GRAYSCALE) for label in labels]
    return [np.asarray(picture, np.uint8) for picture in pictures]


def _by_hand(labels: Sequence[Label], judged: Sequence[Judged]) -> dict[str, float]:
    hands: dict[str, list[Judged]] = {}
    for label, line in zip(labels, judged, strict=True):
        hands.setdefault(label.writer, []).append(line)
    return {hand: round(100 * error_rate(lines), 2) for hand, lines in sorted(hands.items())}


def _sheet(path: Path, inks: Sequence[InkLine], judged: Sequence[Judged]) -> None:
    """The lines with most edits a letter, under them what was read, in the sheet's file name."""
    order = sorted(range(len(inks)), key=lambda n: -judged[n].edits / max(1, len(judged[n].text)))
    worst = order[:_SHEET]
    width = max(inks[n].shape[1] for n in worst)
    rows = [
        np.pad(255 - (inks[n] * 255).astype(np.uint8), ((0, 4), (0, width - inks[n].shape[1])))
        for n in worst
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.vstack(rows))
    text = "\n".join(f"{judged[n].edits}\t{judged[n].text}\t{judged[n].read}" for n in worst)
    path.with_suffix(".tsv").write_text(text + "\n", encoding="utf-8")


Figures = dict[str, dict[str, object]]


def _real(
    session: onnxruntime.InferenceSession, name: str, data: Path | None, worst: Path | None
) -> Figures:
    figures: Figures = {}
    for folder in sources(data):
        labels = split_source(folder).kept
        inks = [ink_line(picture) for picture in _pictures(labels)]
        began = time.process_time()
        read = [greedy(session, ink) for ink in inks]
        pace = len(inks) / (time.process_time() - began)
        judged = judge(read, [label.text for label in labels])
        figures[folder.name] = _said(folder.name, judged, f", {pace:.0f} lines a CPU second")
        hands = _by_hand(labels, judged)
        if len(hands) > 1:
            figures[folder.name]["hands"] = hands
            typer.echo("  " + " ".join(f"{hand} {rate}" for hand, rate in hands.items()))
        if worst:
            _sheet(worst / f"{name}-{folder.name}.png", inks, judged)
    return figures


def _said(name: str, judged: Sequence[Judged], more: str = "") -> dict[str, object]:
    exact = sum(not line.edits for line in judged) / max(1, len(judged))
    rate = 100 * error_rate(judged)
    typer.echo(f"{name}: {len(judged)} lines, CER {rate:.2f} %, {100 * exact:.1f} % exact{more}")
    return {"lines": len(judged), "cer": round(rate, 2), "exact": round(100 * exact, 1)}


def _shards(
    session: onnxruntime.InferenceSession, folder: Path, worst: Path | None
) -> list[Judged]:
    lines = [line for path in sorted(folder.glob("*.npz")) for line in load_shard(path)]
    inks = [np.asarray(line.ink / 255, np.float32) for line in lines]
    judged = judge([greedy(session, ink) for ink in inks], [line.text for line in lines])
    if worst:
        _sheet(worst, inks, judged)
    return judged


def main(
    name: str = "hand",
    data: Annotated[Path | None, typer.Option(envvar="HOTICH_HANDWRITING")] = None,
    fonts: Annotated[Path | None, typer.Option(help="Shards in unseen fonts")] = None,
    fields: Annotated[Path | None, typer.Option(help="Shards recomposed of kept hands")] = None,
    worst: Path | None = None,
    facts: Annotated[Path | None, typer.Option(help="Adds the figures to this JSON file")] = None,
) -> None:
    """Prints error rates; greedy, case and marks counted."""
    cv2.setNumThreads(1)
    session = session_of(PROJECT / "ocr_config" / "weights" / f"{name}.onnx")
    figures = _real(session, name, data, worst)
    if fonts:
        sheet = worst / f"{name}-fonts.png" if worst else None
        figures["unseen fonts"] = _said("unseen fonts", _shards(session, fonts, sheet))
    if fields:
        sheet = worst / f"{name}-fields.png" if worst else None
        judged = _shards(session, fields, sheet)
        digits = [line for line in judged if _DIGITS.fullmatch(line.text)]
        words = [line for line in judged if not _DIGITS.fullmatch(line.text)]
        figures["recomposed digits"] = _said("recomposed digits", digits)
        figures["recomposed words"] = _said("recomposed words", words)
    if facts:
        known = json.loads(facts.read_text("utf-8")) if facts.exists() else {}
        known["error_rates"] = figures
        facts.write_text(json.dumps(known, ensure_ascii=False, indent=1), encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
