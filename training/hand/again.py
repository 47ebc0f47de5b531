"""Makes a net ready to train on from weights as they are shipped (ONNX, batch norms folded)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from torch import nn

from pipeline.reading.hand.ink import InkLine, stack
from training.hand.net import HandNet
from training.nets import kept_weights, pass_on, undo

_LINES = 24


def from_onnx(path: Path, inks: Sequence[InkLine]) -> HandNet:
    """The net of an ONNX file, its batch norms set to what they would have measured.

    Some lines are sent through for it (``training.nets.undo``).

    Args:
        path: weights written by ``training.hand.export``.
        inks: a few dozen ink maps of real lines.

    Raises:
        KeyError: the file is of another net; it may have fewer blocks along the line.
    """
    kept = _weights(path)
    net = HandNet().eval()
    pairs = [(name, norm) for name, norm in _pairs(net) if f"{name}.weight" in kept]
    with torch.no_grad():
        _leave_out_new(net, kept)
        for name, module in net.named_modules():
            if isinstance(module, nn.Conv2d) and not _new(name, kept):
                module.weight.copy_(torch.from_numpy(kept[f"{name}.weight"]))
                if module.bias is not None:
                    module.bias.copy_(torch.from_numpy(kept[f"{name}.bias"]))
        batches = [torch.from_numpy(stack([ink])) for ink in inks[:_LINES]]
        for name, norm in pairs:
            pass_on(norm, kept[f"{name}.bias"])
        for _, norm in pairs:
            undo(norm, lambda: [net(batch) for batch in batches])
    return net


def _new(name: str, kept: dict[str, NDArray[np.float32]]) -> bool:
    """Whether a layer lies in a block along the line that the file's net did not have yet."""
    return (
        name.startswith("along.") and f"{'.'.join(name.split('.')[:2])}.change.0.weight" not in kept
    )


def _leave_out_new(net: HandNet, kept: dict[str, NDArray[np.float32]]) -> None:
    """Blocks that the file's net did not have add nothing at first, so that it says the same."""
    for name, module in net.named_modules():
        if isinstance(module, nn.BatchNorm2d) and name.endswith("change.5") and _new(name, kept):
            module.weight.zero_()
            module.bias.zero_()


def _pairs(net: HandNet) -> list[tuple[str, nn.BatchNorm2d]]:
    """Each batch norm with the name of the convolution that took it in, in the net's order."""
    found = []
    for parent_name, parent in net.named_modules():
        if isinstance(parent, nn.Sequential):
            for at, (first, second) in enumerate(pairwise(parent)):
                if isinstance(first, nn.Conv2d) and isinstance(second, nn.BatchNorm2d):
                    found.append((f"{parent_name}.{at}", second))
    return found


def _weights(path: Path) -> dict[str, NDArray[np.float32]]:
    graph = onnx.load(str(path)).graph
    found = kept_weights(graph)
    for node in graph.node:  # equal weights are written once
        if node.op_type == "Identity" and node.input[0] in found:
            found[node.output[0]] = found[node.input[0]]
    return found
