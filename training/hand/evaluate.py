"""Measures weights as they read (``python -m training.hand.evaluate hand``): per set and hand.

Pictures go the way of reading: file, ink map, ONNX. The lines are those that training kept
apart; with ``--worst FOLDER`` the worst lines are put on a sheet, to be looked at.
"""

from __future__ import annotations

import json
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


def main(
    name: str = "hand",
    data: Annotated[Path | None, typer.Option(envvar="HOTICH_HANDWRITING")] = None,
    fonts: Annotated[Path | None, typer.Option(help="Folder of shards in unseen fonts")] = None,
    worst: Path | None = None,
    facts: Annotated[Path | None, typer.Option(help="Adds the figures to this JSON file")] = None,
) -> None:
    """Prints error rates; greedy, case and marks counted."""
    cv2.setNumThreads(1)
    session = session_of(PROJECT / "ocr_config" / "weights" / f"{name}.onnx")
    figures: dict[str, object] = {}
    for folder in sources(data):
        source = folder.name
        labels = split_source(folder).kept
        inks = [ink_line(picture) for picture in _pictures(labels)]
        began = time.process_time()
        read = [greedy(session, ink) for ink in inks]
        pace = len(inks) / (time.process_time() - began)
        judged = judge(read, [label.text for label in labels])
        exact = sum(not line.edits for line in judged) / len(judged)
        figures[source] = {"lines": len(judged), "cer": round(100 * error_rate(judged), 2)}
        typer.echo(
            f"{source}: {len(judged)} lines, CER {100 * error_rate(judged):.2f} %, "
            f"{100 * exact:.1f} % of lines exact, {pace:.0f} lines a CPU second"
        )
        hands = _by_hand(labels, judged)
        if len(hands) > 1:
            figures[source] = {**figures[source], "hands": hands}  # type: ignore[dict-item]
            typer.echo("  " + " ".join(f"{hand} {rate}" for hand, rate in hands.items()))
        if worst:
            _sheet(worst / f"{name}-{source}.png", inks, judged)
    if fonts:
        lines = [line for path in sorted(fonts.glob("*.npz")) for line in load_shard(path)]
        inks = [np.asarray(line.ink / 255, np.float32) for line in lines]
        judged = judge([greedy(session, ink) for ink in inks], [line.text for line in lines])
        figures["unseen fonts"] = {"lines": len(judged), "cer": round(100 * error_rate(judged), 2)}
        typer.echo(f"unseen fonts: {len(judged)} lines, CER {100 * error_rate(judged):.2f} %")
        if worst:
            _sheet(worst / f"{name}-fonts.png", inks, judged)
    if facts:
        known = json.loads(facts.read_text("utf-8")) if facts.exists() else {}
        known["error_rates"] = figures
        facts.write_text(json.dumps(known, ensure_ascii=False, indent=1), encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
