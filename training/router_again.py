"""Makes a router's net ready to learn on from its file (ONNX, batch norms folded).

As ``training.hand.again`` does for the net of hands: each norm is given the statistics of what
reaches it, and the scale and shift that undo them, so that the net says what the file says.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import Tensor, nn

from pipeline.types import Grey
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
    net = RouterNet(kinds, 0 if measures is None else measures.shape[1]).eval()
    layers = [one for one in net.modules() if isinstance(one, nn.Conv2d | nn.Linear)]
    norms = [one for one in net.modules() if isinstance(one, nn.BatchNorm2d)]
    with torch.no_grad():
        for layer, (weight, shift) in zip(layers, kept, strict=True):
            layer.weight.copy_(torch.from_numpy(weight))
            if layer.bias is not None:
                layer.bias.copy_(torch.from_numpy(shift))
        for norm, (_, shift) in zip(norms, kept, strict=False):
            norm.running_mean.zero_()  # type: ignore[union-attr]
            norm.running_var.fill_(1 - norm.eps)  # type: ignore[union-attr]
            norm.weight.fill_(1.0)
            norm.bias.copy_(torch.from_numpy(shift))
        ink, own = batch(pictures)
        beside = None if measures is None else torch.from_numpy(measures[: len(pictures)])
        for norm in norms:
            _measure(net, norm, (ink, beside, own))
    return net


def _measure(
    net: RouterNet, norm: nn.BatchNorm2d, given: tuple[Tensor, Tensor | None, Tensor]
) -> None:
    seen: list[Tensor] = []
    hook = norm.register_forward_pre_hook(
        lambda _module, reached: seen.append(reached[0].transpose(0, 1).flatten(1))
    )
    net(*given)
    hook.remove()
    mean, variance = seen[0].mean(dim=1), seen[0].var(dim=1)
    norm.running_mean.copy_(mean)  # type: ignore[union-attr]
    norm.running_var.copy_(variance)  # type: ignore[union-attr]
    norm.weight.copy_((variance + norm.eps).sqrt())
    norm.bias.add_(mean)


def _layers(path: Path) -> list[tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """Weight and shift of each layer, in the order in which a picture meets them."""
    graph = onnx.load(str(path)).graph
    found = {one.name: numpy_helper.to_array(one).astype(np.float32) for one in graph.initializer}
    return [
        (found[node.input[1]], found[node.input[2]])
        for node in graph.node
        if node.op_type in ("Conv", "Gemm")
    ]
