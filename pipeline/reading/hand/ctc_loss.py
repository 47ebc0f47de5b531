"""What CTC makes of a net's answer and the text that stands there: loss and gradient, in numpy.

Forward and backward pass (Graves et al. 2006) run together, as one batch of twice the lines: the
backward pass is the forward pass of the line and its text read from the end. Chances are kept
near 1 by scaling each frame.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from pipeline.reading.hand.ctc import Codes, Floats, Posteriors

_LEAST = 1e-300


def frames_needed(codes: Codes) -> int:
    """Frames a text takes at least: equal neighbours need a blank between them."""
    return len(codes) + sum(a == b for a, b in pairwise(codes))


def ctc_loss(
    lines: Sequence[Posteriors], texts: Sequence[Codes]
) -> tuple[Floats, list[Posteriors]]:
    """Loss of each line, and its gradient.

    Args:
        lines: log-probabilities of each line, shape (frames, classes).
        texts: what stands there, as classes.

    Returns:
        Negative log-likelihoods, infinite where a line is too short for its text; gradients by
        what went into the softmax, shape (frames, classes), all 0 for such lines.
    """
    count = len(lines)
    if not count:
        return np.zeros(0), []
    frames = np.array([len(line) for line in lines])
    lengths = np.array([len(text) for text in texts])
    states = 2 * int(lengths.max()) + 1
    longest = int(frames.max())
    # Row n is line n, row count + n the same line from its end.
    labels = np.zeros((2 * count, states), np.intp)
    inside = np.zeros((2 * count, states), bool)
    said = np.zeros((longest, 2 * count, states))
    for n, (line, text) in enumerate(zip(lines, texts, strict=True)):
        own = 2 * len(text) + 1
        labels[n, 1:own:2] = text
        labels[count + n, 1:own:2] = text[::-1]
        inside[[n, count + n], :own] = True
        chances = np.exp(line[:, labels[n, :own]].astype(np.float64))
        said[: len(line), n, :own] = chances
        said[: len(line), count + n, :own] = chances[::-1, ::-1]
    into, out, log = _passes(said, labels)
    rows = np.arange(count)
    last = into[frames - 1, rows]
    ends = last[rows, 2 * lengths] + np.where(
        lengths > 0, last[rows, np.maximum(0, 2 * lengths - 1)], 0.0
    )
    with np.errstate(divide="ignore"):
        losses = -(log[frames - 1, rows] + np.log(ends))
    losses[~(ends > 0)] = np.inf
    gradients = []
    for n, line in enumerate(lines):
        own, height = 2 * int(lengths[n]) + 1, len(line)
        chances = np.exp(line, dtype=np.float32)
        if np.isfinite(losses[n]):
            # Through each state, in each frame: what leads to it and what follows from it.
            through = into[:height, n, :own] * out[:height, count + n, :own][::-1, ::-1]
            through /= np.maximum(through.sum(axis=1, keepdims=True), _LEAST)
            letters = np.zeros((own, line.shape[1]), np.float32)
            letters[np.arange(own), labels[n, :own]] = 1.0
            gradients.append(chances - through.astype(np.float32) @ letters)
        else:
            gradients.append(np.zeros_like(chances))
    return losses, gradients


def _passes(said: Floats, labels: NDArray[np.intp]) -> tuple[Floats, Floats, Floats]:
    """Chances of each state with and without its own frame, (frames, rows, states); log scale.

    Args:
        said: chance of each state's letter, shape (frames, rows, states); 0 beyond a text.
        labels: letters of the states, shape (rows, states).
    """
    skip = np.zeros(labels.shape)
    skip[:, 3::2] = labels[:, 3::2] != labels[:, 1:-2:2]
    into, out = np.zeros_like(said), np.zeros_like(said)
    log = np.zeros(said.shape[:2])
    total = np.zeros(said.shape[1])
    out[0, :, :2] = 1.0
    moved = np.empty_like(out[0])
    for n in range(len(said)):
        if n:
            before, now = into[n - 1], out[n]
            now[...] = before
            now[:, 1:] += before[:, :-1]
            np.multiply(before[:, :-2], skip[:, 2:], out=moved[:, 2:])
            now[:, 2:] += moved[:, 2:]
        np.multiply(out[n], said[n], out=into[n])
        scale = into[n].max(axis=1)
        np.maximum(scale, _LEAST, out=scale)
        into[n] /= scale[:, None]
        total += np.log(scale)
        log[n] = total
    return into, out, log
