"""How well a reader reads labelled lines: figures per hand, a report, a table of readers."""

from __future__ import annotations

import base64
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import cv2
import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined
from rapidfuzz.distance import Levenshtein

from pipeline.evaluation.distance import edits, graphemes
from pipeline.evaluation.truth import nfc
from pipeline.types import Grey

_PICTURE_HEIGHT = 64
_BINS = 10


@dataclass(frozen=True)
class ReadLine:
    """A labelled line and what a reader made of it; ``confidence`` is its probability."""

    file: str
    writer: str
    truth: str
    read: str
    confidence: float

    @property
    def edits(self) -> int:
        """Graphemes that must change."""
        return edits(_plain(self.truth), _plain(self.read))

    @property
    def exact(self) -> bool:
        """True where nothing must."""
        return _plain(self.truth) == _plain(self.read)


@dataclass(frozen=True)
class LineFigures:
    """Rates over some lines, 0..1: errors by letter and word, exact lines, calibration.

    ``bare_cer`` leaves marks and case out; ``calibration_error`` is the mean gap between
    probability and share right, in ten bins.
    """

    lines: int
    cer: float
    wer: float
    exact: float
    bare_cer: float
    confidence: float
    calibration_error: float


def line_figures(lines: Sequence[ReadLine]) -> LineFigures:
    """Figures of some lines.

    Raises:
        ValueError: no line.
    """
    if not lines:
        raise ValueError("no lines")
    letters = sum(len(graphemes(_plain(line.truth))) for line in lines)
    words = [(_plain(line.truth).split(), _plain(line.read).split()) for line in lines]
    bare = [(_bare(line.truth), _bare(line.read)) for line in lines]
    return LineFigures(
        lines=len(lines),
        cer=sum(line.edits for line in lines) / max(1, letters),
        wer=sum(Levenshtein.distance(a, b) for a, b in words)
        / max(1, sum(len(a) for a, _ in words)),
        exact=float(np.mean([line.exact for line in lines])),
        bare_cer=sum(Levenshtein.distance(a, b) for a, b in bare)
        / max(1, sum(len(a) for a, _ in bare)),
        confidence=float(np.mean([line.confidence for line in lines])),
        calibration_error=sum(
            abs(row["confidence"] - row["exact"]) * row["lines"] for row in reliability(lines)
        )
        / len(lines),
    )


def by_writer(lines: Sequence[ReadLine]) -> dict[str, LineFigures]:
    """Figures per hand, the worst first."""
    hands: dict[str, list[ReadLine]] = {}
    for line in lines:
        hands.setdefault(line.writer or "–", []).append(line)
    found = {hand: line_figures(some) for hand, some in hands.items()}
    return dict(sorted(found.items(), key=lambda item: (-item[1].cer, item[0])))


def reliability(lines: Sequence[ReadLine]) -> list[dict[str, float]]:
    """Of lines with about one probability: how many, its mean, and the share that is right."""
    rows = []
    at = np.clip((np.array([line.confidence for line in lines]) * _BINS).astype(int), 0, _BINS - 1)
    for number in range(_BINS):
        some = [line for line, own in zip(lines, at, strict=True) if own == number]
        if some:
            rows.append(
                {
                    "from": number / _BINS,
                    "lines": len(some),
                    "confidence": float(np.mean([line.confidence for line in some])),
                    "exact": float(np.mean([line.exact for line in some])),
                }
            )
    return rows


def render_lines(
    readers: dict[str, Sequence[ReadLine]],
    picture: Callable[[str], Grey | None],
    *,
    worst: int = 40,
) -> str:
    """One HTML page of its own: a table of readers, then each with its hands and worst lines.

    Args:
        readers: lines by the reader's name.
        picture: of a line by its file; None where it cannot be shown.
        worst: lines of each reader that are shown.
    """
    environment = Environment(
        loader=PackageLoader("pipeline.evaluation", "."), autoescape=True, undefined=StrictUndefined
    )
    shown = [
        {
            "name": name,
            "all": asdict(line_figures(lines)),
            "hands": {hand: asdict(own) for hand, own in by_writer(lines).items()},
            "reliability": reliability(lines),
            "worst": [
                {"line": line, "picture": _encoded(picture(line.file))}
                for line in _worst(lines, worst)
            ],
        }
        for name, lines in readers.items()
    ]
    columns = [name for name in LineFigures.__dataclass_fields__ if name != "lines"]
    return environment.get_template("lines.html.j2").render(readers=shown, columns=columns)


def _worst(lines: Sequence[ReadLine], count: int) -> list[ReadLine]:
    wrong = [line for line in lines if not line.exact]
    return sorted(wrong, key=lambda line: -line.edits / max(1, len(line.truth)))[:count]


def _encoded(grey: Grey | None) -> dict[str, Any]:
    if grey is None or not grey.size:
        return {}
    scale = min(1.0, _PICTURE_HEIGHT / grey.shape[0], 900 / grey.shape[1])
    size = (max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale)))
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    _, data = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, 80])
    return {"jpeg": base64.b64encode(data.tobytes()).decode("ascii")}


def _plain(text: str) -> str:
    return " ".join(nfc(text).split())


def _bare(text: str) -> str:
    apart = unicodedata.normalize("NFD", _plain(text).casefold().replace("đ", "d"))
    return "".join(sign for sign in apart if not unicodedata.combining(sign))
