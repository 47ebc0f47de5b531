"""Writes weights for reading (``python -m training.hand.export STATE hand``) with their card.

Batch norms are folded into the convolutions before them, so the file holds convolutions only.
"""

from __future__ import annotations

import copy
import hashlib
import json
import subprocess
from pathlib import Path
from typing import Any

import torch
import typer
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from pipeline.reading.hand.alphabet import ALPHABET
from pipeline.reading.hand.ink import HEIGHT, INK_VERSION, MARGIN, PAD_TO
from pipeline.settings import PROJECT
from training.hand.net import STRIDE, HandNet
from training.nets import write_onnx


def folded(net: HandNet) -> HandNet:
    """A copy whose batch norms have become part of the convolutions before them."""
    net = copy.deepcopy(net).eval()
    for parent in net.modules():
        if not isinstance(parent, nn.Sequential):
            continue
        for at in range(len(parent) - 1):
            first, second = parent[at], parent[at + 1]
            if isinstance(first, nn.Conv2d) and isinstance(second, nn.BatchNorm2d):
                parent[at] = fuse_conv_bn_eval(first, second)
                parent[at + 1] = nn.Identity()
    return net


def export(net: HandNet, path: Path) -> float:
    """Writes the ONNX file; gives the largest difference between it and PyTorch.

    Raises:
        ValueError: the file does not say what the net says.
    """
    sizes = ((2, 4 * PAD_TO), (1, 2 * PAD_TO), (3, 7 * PAD_TO))
    axes = {"ink": {0: "batch", 3: "width"}, "logp": {0: "batch", 1: "frames"}}
    trials = [(torch.rand(lines, 1, HEIGHT, width),) for lines, width in sizes]
    return write_onnx(folded(net), path, ("ink",), "logp", axes, trials)


def write_card(path: Path, facts: dict[str, Any]) -> None:
    """The card beside weights: what they fit, what they learned from, how well they read."""
    card = {
        "name": path.stem,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "ink_version": INK_VERSION,
        "height": HEIGHT,
        "stride": STRIDE,
        "pad_to": PAD_TO,
        "margin": MARGIN,
        "alphabet": "".join(ALPHABET),
        "parameters": facts.pop("parameters"),
        "commit": _commit(),
        **facts,
    }
    text = json.dumps(card, ensure_ascii=False, indent=1)
    path.with_suffix(".json").write_text(text + "\n", encoding="utf-8")


def _commit() -> str:
    done = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    return done.stdout.strip()


def main(state: Path, name: str = "hand", facts: Path | None = None) -> None:
    """Exports the averaged weights of a state of ``training.hand.train``.

    ``facts`` is a JSON file with what the card shall say besides (data, error rates, limits).
    """
    torch.manual_seed(1)
    net, known = HandNet(), {"version": 1, "lines": 0, "real_lines": 0, "seed": 0}
    if state.exists():
        kept = torch.load(state, weights_only=True)
        net.load_state_dict(kept["mean"])
        clock, steps, lines, real = kept["numbers"]
        known |= {
            "minutes": round(clock / 60, 1),
            "steps": steps,
            "lines": lines,
            "real_lines": real,
        }
        known["seed"] = kept["seed"]
    path = PROJECT / "ocr_config" / "weights" / f"{name}.onnx"
    worst = export(net, path)
    own: dict[str, Any] = json.loads(facts.read_text("utf-8")) if facts else {}
    parameters = sum(weight.numel() for weight in net.parameters())
    write_card(path, {"parameters": parameters, "training": known, **own})
    typer.echo(f"{path.name}: {path.stat().st_size / 1e6:.2f} MB, differs by {worst:.1e}")


if __name__ == "__main__":
    typer.run(main)
