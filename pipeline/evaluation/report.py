"""HTML report: figures as tables, the worst readings as pictures. One file, no network."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from typing import Any

import cv2
import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from pipeline.evaluation.compare import BookComparison, Pair
from pipeline.evaluation.distance import edits, graphemes
from pipeline.evaluation.figures import GROUPS, Figures, summary, weighed
from pipeline.evaluation.reliability import diagram, reliability
from pipeline.evaluation.truth import TruthBook, nfc
from pipeline.types import Grey, Polygon

LoadScan = Callable[[TruthBook, str], Grey | None]
"""Grey image of a scan by book and scan name, None where it is not at hand."""

_MARGIN = 6
_HEIGHT = 64


def render_report(
    comparisons: Sequence[BookComparison], load_scan: LoadScan, *, worst: int = 60
) -> str:
    """The report as one HTML page; ``worst`` is how many misread fields are shown."""
    environment = Environment(
        loader=PackageLoader("pipeline.evaluation", "."), autoescape=True, undefined=StrictUndefined
    )
    return environment.get_template("report.html.j2").render(
        summary=summary(comparisons),
        columns=list(Figures.__dataclass_fields__),
        diagrams=_diagrams(comparisons),
        worst=_worst(comparisons, load_scan, worst),
    )


def _diagrams(comparisons: Sequence[BookComparison]) -> list[Markup]:
    """Reliability of the probabilities, all together and by how the books are written."""
    pairs = [pair for comparison in comparisons for pair in comparison.pairs]
    hand = GROUPS["hand"]
    groups = {"all": pairs} | {
        name: [pair for pair in pairs if hand(pair) == name]
        for name in sorted({hand(pair) for pair in pairs})
    }
    return [Markup(diagram(reliability(weighed(group)), name)) for name, group in groups.items()]


def _error(pair: Pair) -> float:
    truth = nfc(pair.truth.literal)
    seen = nfc(pair.seen.literal if pair.seen else "")
    return edits(truth, seen) / max(len(graphemes(truth)), 1)


def _worst(
    comparisons: Sequence[BookComparison], load_scan: LoadScan, count: int
) -> list[dict[str, Any]]:
    """Slips and inventions first, then accepted but wrong, then the most misread."""

    def gravity(pair: Pair) -> tuple[bool, bool, float]:
        accepted_wrong = (
            pair.seen is not None and pair.seen.decision == "accepted" and not pair.exact_value
        )
        return (pair.slipped or pair.invented, accepted_wrong, _error(pair))

    wrong = [
        pair
        for comparison in comparisons
        for pair in comparison.pairs
        if pair.slipped or pair.invented or not (pair.exact_literal and pair.exact_value)
    ]
    chosen = sorted(wrong, key=gravity, reverse=True)[:count]
    scans: dict[tuple[str, str], Grey | None] = {}
    pictures: dict[int, str] = {}
    for pair in sorted(chosen, key=lambda pair: (pair.book.path, pair.scan)):
        key = (pair.book.path, pair.scan)
        if key not in scans:
            scans = {key: load_scan(pair.book, pair.scan)}  # one page in memory at a time
        pictures[id(pair)] = _picture(scans[key], pair)
    return [{"pair": pair, "picture": pictures[id(pair)]} for pair in chosen]


def _picture(scan: Grey | None, pair: Pair) -> str:
    """Crop around the true place and the found box, as base64 JPEG; empty without scan."""
    if scan is None:
        return ""
    corners = np.asarray(pair.truth.polygon, np.float32)
    if pair.seen is not None:
        corners = np.vstack([corners, np.asarray(pair.seen.polygon, np.float32)])
    left, top = np.maximum(corners.min(0).astype(int) - _MARGIN, 0)
    right, bottom = corners.max(0).astype(int) + _MARGIN
    colour = cv2.cvtColor(scan[top:bottom, left:right], cv2.COLOR_GRAY2BGR)
    _draw(colour, pair.truth.polygon, (left, top), (60, 140, 0))
    if pair.seen is not None:
        _draw(colour, pair.seen.polygon, (left, top), (0, 0, 220))
    scale = min(_HEIGHT * 2 / max(colour.shape[0], 1), 1.0)
    small = cv2.resize(colour, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    _, data = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, 80])
    return base64.b64encode(data.tobytes()).decode("ascii")


def _draw(
    image: np.ndarray[Any, Any], polygon: Polygon, origin: tuple[int, int], colour: tuple[int, ...]
) -> None:
    points = (np.asarray(polygon, np.float32) - origin).round().astype(np.int32)
    cv2.polylines(image, [points.reshape(-1, 1, 2)], isClosed=True, color=colour, thickness=1)
