"""Makes a router's net ready to learn on from its file (ONNX, batch norms folded).

As ``training.hand.again`` does for the net of hands.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from torch import nn

from pipeline.types import Grey
from training.nets import kept_weights, pass_on, undo
from training.router_net import RouterNet, batch


def from_onnx(
    path: Path, pictures: Sequence[Grey], measures: NDArray[np.float32] | None
) -> RouterNet:
    """The net of a file written by ``training.router_net.export``.

    Args:
        path: the file.
        pictures: some hundred, as the net is shown them.
        measures: what is beside them, a row each, where the net hears any.
    """
    kept = _layers(path)
    kinds = kept[-1][0].shape[0]
    net = RouterNet(kinds, 0 if measures is None else measures.shape[1])
    net.eval()
    layers = [one for one in net.modules() if isinstance(one, nn.Conv2d | nn.Linear)]
    norms = [one for one in net.modules() if isinstance(one, nn.BatchNorm2d)]
    with torch.no_grad():
        for layer, (weight, shift) in zip(layers, kept, strict=True):
            layer.weight.copy_(torch.from_numpy(weight))
            if layer.bias is not None:
                layer.bias.copy_(torch.from_numpy(shift))
        for norm, (_, shift) in zip(norms, kept, strict=False):
            pass_on(norm, shift)
        ink, own = batch(pictures)
        beside = None if measures is None else torch.from_numpy(measures[: len(pictures)])
        for norm in norms:
            undo(norm, lambda: net(ink, beside, own))
    return net


def _layers(path: Path) -> list[tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """Weight and shift of each layer, in the order in which a picture meets them."""
    graph = onnx.load(str(path)).graph
    found = kept_weights(graph)
    return [
        (found[node.input[1]], found[node.input[2]])
        for node in graph.node
        if node.op_type in ("Conv", "Gemm")
    ]
