"""What training any net here needs: a running mean of its weights, and an ONNX file of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from torch import Tensor, nn

_OPSET = 17
_CLOSE = 2e-3
"""Largest difference of an answer that rounding may make."""


@torch.no_grad()
def lean(mean: nn.Module, net: nn.Module, steps: int, most: float) -> None:
    """Moves the running mean of a net's weights towards what they are now.

    Args:
        mean: a net like it.
        net: after ``steps`` steps.
        steps: of learning so far; the mean of few is short.
        most: share of the mean that stays, once there are many.
    """
    keep = min(most, (1 + steps) / (10 + steps))
    means, fresh = mean.state_dict(), net.state_dict()
    for name, old in means.items():
        if not old.is_floating_point():
            old.copy_(fresh[name])
    moving = [name for name, old in means.items() if old.is_floating_point()]
    torch._foreach_lerp_(
        [means[name] for name in moving], [fresh[name] for name in moving], 1 - keep
    )


def write_onnx(
    net: nn.Module,
    path: Path,
    inputs: Sequence[str],
    output: str,
    axes: Mapping[str, Mapping[int, str]],
    trials: Sequence[tuple[Tensor, ...]],
) -> float:
    """Writes a net as an ONNX file; gives the largest difference between the two.

    Args:
        net: ready to be asked.
        path: written whole or not at all.
        inputs: their names.
        output: its name.
        axes: those that differ from call to call, by name and number.
        trials: inputs of several sizes on which file and net are compared; the net is traced on
            the first.

    Raises:
        ValueError: the file does not say what the net says.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".part")
    torch.onnx.export(
        net,
        trials[0],
        str(fresh),
        input_names=list(inputs),
        output_names=[output],
        dynamic_axes={name: dict(own) for name, own in axes.items()},
        opset_version=_OPSET,
        dynamo=False,
    )
    session = onnxruntime.InferenceSession(str(fresh), providers=["CPUExecutionProvider"])
    worst = 0.0
    for given in trials:
        with torch.inference_mode():
            wanted = net(*given).numpy()
        asked = {name: one.numpy() for name, one in zip(inputs, given, strict=True)}
        worst = max(worst, float(np.abs(session.run(None, asked)[0] - wanted).max()))
    if worst > _CLOSE:
        raise ValueError(f"ONNX differs from PyTorch by {worst:.1e}")
    fresh.rename(path)
    return worst
