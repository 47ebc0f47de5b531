"""What training any net here needs: a running mean of its weights, ONNX files, the way back.

In a file batch norms are folded into the layers before them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
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


@torch.no_grad()
def undo(norm: nn.BatchNorm2d, run: Callable[[], object]) -> None:
    """Gives a batch norm the statistics of what reaches it, and the scale and shift that undo them.

    A folded norm has no statistics of its own left, but in training it measures anew: so the net
    says what it said, and learns as nets with norms do.

    Args:
        norm: of a net that is ready to be asked; its shift is the folded one.
        run: sends something through the net, once or more often.
    """
    seen: list[Tensor] = []
    hook = norm.register_forward_pre_hook(
        lambda _module, given: seen.append(given[0].transpose(0, 1).flatten(1))
    )
    run()
    hook.remove()
    values = torch.cat(seen, dim=1)
    mean, variance = values.mean(dim=1), values.var(dim=1)
    norm.running_mean.copy_(mean)  # type: ignore[union-attr]
    norm.running_var.copy_(variance)  # type: ignore[union-attr]
    norm.weight.copy_((variance + norm.eps).sqrt())
    norm.bias.add_(mean)


@torch.no_grad()
def pass_on(norm: nn.BatchNorm2d, shift: NDArray[np.float32]) -> None:
    """Makes a batch norm add a shift, the folded one, and nothing else."""
    norm.running_mean.zero_()  # type: ignore[union-attr]
    norm.running_var.fill_(1 - norm.eps)  # type: ignore[union-attr]
    norm.weight.fill_(1.0)
    norm.bias.copy_(torch.from_numpy(shift))


def kept_weights(graph: onnx.GraphProto) -> dict[str, NDArray[np.float32]]:
    """The weights of an ONNX file by name."""
    return {one.name: numpy_helper.to_array(one).astype(np.float32) for one in graph.initializer}


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
