"""A scan with the boxes of its fields, for a person to look at."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from models import FieldRow
from pipeline.types import Decision, Grey

_COLOURS = {  # BGR
    Decision.ACCEPTED: (60, 150, 0),
    Decision.PERSON: (160, 60, 0),
    Decision.REVIEW: (0, 110, 240),
    Decision.UNREADABLE: (0, 0, 210),
    Decision.RESCAN: (0, 0, 210),
    Decision.BLANK: (170, 170, 170),
}


def draw_fields(grey: Grey, rows: Iterable[FieldRow]) -> NDArray[Any]:
    """BGR picture of the scan; green accepted, orange for review, red unreadable, grey blank."""
    picture = cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR)
    thickness = max(1, round(grey.shape[1] / 1200))
    for row in rows:
        corners = np.asarray(json.loads(row.polygon), np.float32).round().astype(np.int32)
        colour = _COLOURS[Decision(row.decision)]
        cv2.polylines(picture, [corners.reshape(-1, 1, 2)], True, colour, thickness)
    return picture
