"""Where each sign of a known text stands in a line: the likeliest path of CTC through it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pipeline.reading.hand.alphabet import BLANK


def align(logp: NDArray[np.float32], classes: Sequence[int]) -> list[tuple[int, int]]:
    """First and last frame of each sign, in order; empty where the line is too short for them.

    Args:
        logp: log-probabilities ``(frames, classes)``.
        classes: the text, see ``pipeline.reading.hand.alphabet.encode``.
    """
    count = len(logp)
    path = np.full(2 * len(classes) + 1, BLANK)
    path[1::2] = classes
    # A sign may follow another without a blank between, unless they are the same.
    jump = np.zeros(len(path), bool)
    jump[3::2] = path[3::2] != path[1:-2:2]
    score = np.full(len(path), -np.inf)
    score[:2] = logp[0, path[:2]]
    came = np.zeros((count, len(path)), np.int8)
    for frame in range(1, count):
        one = np.concatenate(([-np.inf], score[:-1]))
        two = np.where(jump, np.concatenate(([-np.inf, -np.inf], score[:-2])), -np.inf)
        options = np.stack((score, one, two))
        came[frame] = options.argmax(axis=0)
        score = options.max(axis=0) + logp[frame, path]
    state = len(path) - 1 if len(path) < 2 or score[-1] >= score[-2] else len(path) - 2
    if not np.isfinite(score[state]):
        return []
    spans: list[list[int]] = [[count, -1] for _ in classes]
    for frame in range(count - 1, -1, -1):
        if state % 2:
            span = spans[state // 2]
            span[0], span[1] = min(span[0], frame), max(span[1], frame)
        state -= int(came[frame, state])
    return [(first, last) for first, last in spans]
