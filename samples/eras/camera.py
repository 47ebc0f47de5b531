"""What happens to a picture after the page was worn: photographed, turned, cropped, torn, taped.

Each function takes a picture and its truth and gives both back; polygons follow the pixels.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
Points = NDArray[np.float64]
Truth = dict[str, Any]
_MM = 25.4


def moved(truth: Truth, move: Callable[[Points], Points]) -> Truth:
    """The truth with all its polygons taken along by ``move``, which maps points (n, 2)."""

    def walk(value: Any, key: str = "") -> Any:
        if key in ("polygon", "paper"):
            points = move(np.asarray(value, np.float64))
            return [[round(float(x), 1), round(float(y), 1)] for x, y in points]
        if isinstance(value, dict):
            return {name: walk(each, name) for name, each in value.items()}
        if isinstance(value, list):
            return [walk(each) for each in value]
        return value

    result: Truth = walk(truth)
    return result


def turned(picture: Grey, truth: Truth, degrees: int) -> tuple[Grey, Truth]:
    """Turned clockwise by 90, 180 or 270 degrees; polygons keep the order of the upright page."""
    height, width = picture.shape
    lands: dict[int, Callable[[Points], Points]] = {
        90: lambda p: np.stack([height - p[:, 1], p[:, 0]], axis=1),
        180: lambda p: np.stack([width - p[:, 0], height - p[:, 1]], axis=1),
        270: lambda p: np.stack([p[:, 1], width - p[:, 0]], axis=1),
    }
    out = np.ascontiguousarray(np.rot90(picture, -degrees // 90))
    result = moved(truth, lands[degrees])
    result |= {"width": int(out.shape[1]), "height": int(out.shape[0]), "rotation": degrees}
    return out, result


def cropped(picture: Grey, truth: Truth, rng: random.Random, dpi: float) -> tuple[Grey, Truth]:
    """Cut so tightly that the paper's edges are gone, but no field is."""
    height, width = picture.shape
    mm = dpi / _MM
    points = np.array(
        [p for e in truth["entries"] for f in e["fields"] for p in f["polygon"]]
        or [[width / 2, height / 2]]
    )
    low = np.maximum(0, points.min(axis=0) - rng.uniform(1.5, 3.0) * mm)
    high = np.minimum((width, height), points.max(axis=0) + rng.uniform(1.5, 3.0) * mm)
    # Headings above the fields stay at least in part.
    x0, y0 = int(min(low[0], 9 * mm)), int(min(0.6 * low[1], 14 * mm))
    x1, y1 = int(max(high[0], width - 9 * mm)), int(max(high[1], height - 14 * mm))
    result = moved(truth, lambda p: p - np.array([x0, y0]))
    out = np.ascontiguousarray(picture[y0:y1, x0:x1])
    return out, result | {"width": int(out.shape[1]), "height": int(out.shape[0])}


def torn(
    picture: Grey, truth: Truth, rng: random.Random, dpi: float, bed: str
) -> tuple[Grey, Truth]:
    """A corner torn off along a ragged edge; fields that lost paper are marked.

    What lies behind the paper (``bed``) shows, or the next page where the scan shows no bed.
    """
    height, width = picture.shape
    mm = dpi / _MM
    across, down = rng.uniform(18, 48) * mm, rng.uniform(18, 48) * mm
    right, low = rng.random() < 0.5, rng.random() < 0.6
    paper = np.array(truth.get("paper", [(0, 0), (width, 0), (width, height), (0, height)]))
    corner = paper[
        {(False, False): 0, (True, False): 1, (True, True): 2, (False, True): 3}[right, low]
    ]
    sx, sy = (-1 if right else 1), (-1 if low else 1)
    steps = np.linspace(0, 1, 40)
    ragged = np.array([rng.gauss(0, 1.0) for _ in steps]).cumsum() * 0.35 * mm
    ragged -= ragged[0] + (ragged[-1] - ragged[0]) * steps
    edge = [
        (corner[0] + sx * (across * (1 - t) + r), corner[1] + sy * (down * t + r))
        for t, r in zip(steps, ragged, strict=True)
    ]
    far = 20 * mm
    outside = [
        (corner[0] + sx * (across), corner[1] - sy * far),
        *edge,
        (corner[0] - sx * far, corner[1] + sy * down),
        (corner[0] - sx * far, corner[1] - sy * far),
    ]
    mask = np.zeros_like(picture)
    cv2.fillPoly(mask, [np.round(outside).astype(np.int32)], 255, cv2.LINE_AA)
    ground = {"white": 240.0, "dark": 40.0}.get(bed, 0.8 * float(np.median(picture)))
    # The tear shows its fibres: a light rim along the edge.
    rim = cv2.dilate(mask, np.ones((max(3, round(0.8 * mm)),) * 2, np.uint8))
    share = mask.astype(np.float32) / 255
    lit = (rim.astype(np.float32) / 255 - share) * 0.5
    out = np.asarray(picture * (1 - lit) + 250.0 * lit, np.float32)
    out = np.asarray(out * (1 - share) + ground * share, np.float32)
    return np.clip(out, 0, 255).astype(np.uint8), _marked(truth, mask, "torn")


def _marked(truth: Truth, mask: Grey, what: str) -> Truth:
    """Fields under the mask carry ``damage``: how much of them is gone."""
    entries = []
    for entry in truth["entries"]:
        fields = []
        for field in entry["fields"]:
            one = np.zeros_like(mask)
            cv2.fillPoly(one, [np.round(field["polygon"]).astype(np.int32)], 255)
            area = float((one > 0).sum())
            lost = float(((one > 0) & (mask > 127)).sum()) / area if area else 0.0
            fields.append({**field, "damage": {what: round(lost, 2)}} if lost > 0.02 else field)
        entries.append({**entry, "fields": fields})
    return {**truth, "entries": entries}


def taped(picture: Grey, truth: Truth, rng: random.Random, dpi: float) -> tuple[Grey, Truth]:
    """A strip of old clear tape over the page: darker, shiny at its edges, text still there."""
    height, width = picture.shape
    mm = dpi / _MM
    out = picture.astype(np.float32)
    for _ in range(rng.randint(1, 2)):
        wide, long = rng.uniform(14, 22) * mm, rng.uniform(60, 170) * mm
        centre = (rng.uniform(0.2, 0.8) * width, rng.uniform(0.15, 0.85) * height)
        angle = rng.choice((0, 0, 90)) + rng.gauss(0, 4)
        corners = cv2.boxPoints((centre, (long, wide), angle))
        mask = np.zeros_like(picture)
        cv2.fillPoly(mask, [np.round(corners).astype(np.int32)], 255, cv2.LINE_AA)
        share = mask.astype(np.float32) / 255 * rng.uniform(0.75, 1.0)
        out = np.asarray(out * (1 - share) + (out * 0.86 + 8.0) * share, np.float32)
        rim = np.zeros_like(picture)
        cv2.polylines(
            rim,
            [np.round(corners).astype(np.int32)],
            True,
            255,
            max(1, round(0.35 * mm)),
            cv2.LINE_AA,
        )
        out -= rim.astype(np.float32) / 255 * rng.uniform(18, 40)
    return np.clip(out, 0, 255).astype(np.uint8), truth


def photographed(
    picture: Grey, truth: Truth, rng: random.Random, gen: np.random.Generator, dpi: float
) -> tuple[Grey, Truth]:
    """A photograph by phone: perspective, a desk, one lamp, the photographer's shadow."""
    height, width = picture.shape
    pad = rng.uniform(0.05, 0.12) * max(width, height)
    tilt = [rng.uniform(0.0, 0.055) * max(width, height) for _ in range(4)]
    swing = np.radians(rng.gauss(0, 2.0))
    source = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float64)
    inward = np.array([(1, 1), (-1, 1), (-1, -1), (1, -1)], np.float64)
    keystone = np.array(
        [(tilt[0], tilt[2]), (tilt[0], tilt[3]), (tilt[1], tilt[3]), (tilt[1], tilt[2])]
    )
    middle = source.mean(axis=0)
    turn = np.array([(np.cos(swing), np.sin(swing)), (-np.sin(swing), np.cos(swing))])
    target = ((source + inward * keystone) - middle) @ turn + middle
    target -= target.min(axis=0) - pad * np.array([rng.uniform(0.5, 1.4), rng.uniform(0.5, 1.4)])
    size = (target.max(axis=0) + pad * rng.uniform(0.5, 1.4)).round().astype(int)
    matrix = cv2.getPerspectiveTransform(source.astype(np.float32), target.astype(np.float32))
    flags = cv2.INTER_AREA
    page = cv2.warpPerspective(picture, matrix, (int(size[0]), int(size[1])), flags=flags)
    inside = cv2.warpPerspective(np.full_like(picture, 255), matrix, (int(size[0]), int(size[1])))
    share = cv2.GaussianBlur(inside, (0, 0), 1.2).astype(np.float32) / 255
    desk = _desk(share.shape, gen, rng)
    fall = cv2.GaussianBlur(inside, (0, 0), 3.5 * dpi / _MM).astype(np.float32) / 255
    desk *= 1 - 0.5 * fall
    out = np.asarray((page * share + desk * (1 - share)) * _lamp(share.shape, rng), np.float32)
    blur = max(0.3, rng.uniform(0.03, 0.09) * dpi / _MM)
    out = np.asarray(cv2.GaussianBlur(out, (0, 0), blur), np.float32)
    out += gen.standard_normal(out.shape).astype(np.float32) * rng.uniform(1.5, 4.0)

    def through(points: Points) -> Points:
        shaped = points.reshape(1, -1, 2).astype(np.float64)
        return np.asarray(
            cv2.perspectiveTransform(shaped, matrix.astype(np.float64))[0], np.float64
        )

    result = moved(truth, through)
    result |= {"width": int(size[0]), "height": int(size[1]), "dpi": 72, "photo": True}
    return np.clip(out, 0, 255).round().astype(np.uint8), result


def _desk(
    shape: tuple[int, ...], gen: np.random.Generator, rng: random.Random
) -> NDArray[np.float32]:
    """A wooden desk or a cloth: dark, with a grain along one way."""
    height, width = shape[0], shape[1]
    small = gen.standard_normal((60, 12)).astype(np.float32)
    if rng.random() < 0.5:
        small = np.ascontiguousarray(small.T)
    grain = cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)
    desk = rng.uniform(45, 120) * (1 + 0.12 * grain)
    return np.asarray(np.clip(desk, 5, 200), np.float32)


def _lamp(shape: tuple[int, ...], rng: random.Random) -> NDArray[np.float32]:
    """Light from one side, and the soft shadow of whoever holds the phone."""
    height, width = shape[0], shape[1]
    y, x = np.mgrid[0:height:8, 0:width:8].astype(np.float32)
    x, y = x / width, y / height
    spot = (rng.uniform(0.1, 0.9), rng.uniform(0.0, 0.5))
    light = 1.08 - rng.uniform(0.15, 0.45) * np.hypot(x - spot[0], (y - spot[1]) * 0.8)
    edge = rng.uniform(0.55, 0.95) + 0.25 * (x - rng.random())
    light *= 1 - rng.uniform(0.0, 0.25) / (1 + np.exp(-(y - edge) * 18))
    return np.asarray(cv2.resize(light.astype(np.float32), (width, height)), np.float32)


def slipped(
    base: Grey, paper: Grey, rng: random.Random, dpi: float
) -> tuple[Grey, list[list[float]]]:
    """A smaller paper lying on a page, more or less aslant, with its shadow; and its outline.

    Paper on a scanner's glass is lit from one side: its shadow is broad and soft where the paper
    stands off, a fine line where it lies close, and may be missing on the side of the lamp.
    """
    height, width = base.shape
    h, w = paper.shape
    mm = dpi / _MM
    angle = np.radians(rng.gauss(0, rng.choice((1.5, 4.0, 7.0))))
    room = (max(1.0, width - w), max(1.0, height - h))
    at = np.array([rng.uniform(0.02, 0.98) * room[0], rng.uniform(0.02, 0.9) * room[1]])
    turn = np.array([(np.cos(angle), -np.sin(angle)), (np.sin(angle), np.cos(angle))])
    centre = np.array([w / 2, h / 2])
    matrix = np.hstack([turn, (at + centre - turn @ centre).reshape(2, 1)])
    laid = cv2.warpAffine(paper, matrix, (width, height)) * rng.uniform(0.88, 1.03)
    inside = cv2.warpAffine(np.full_like(paper, 255), matrix, (width, height))
    share = inside.astype(np.float32) / 255
    soft, deep = rng.choice(((1.2, 0.35), (0.5, 0.3), (0.25, 0.4), (1.8, 0.3)))
    away = np.radians(rng.uniform(0, 360)), rng.uniform(0.0, 1.2) * soft * mm
    aside = np.array([[1, 0, away[1] * np.cos(away[0])], [0, 1, away[1] * np.sin(away[0])]])
    shade = cv2.GaussianBlur(
        cv2.warpAffine(share, aside.astype(np.float32), (width, height)), (0, 0), soft * mm
    )
    out = base * (1 - deep * rng.uniform(0.6, 1.1) * shade) * (1 - share) + laid * share
    corners = np.array([(0, 0), (w, 0), (w, h), (0, h)], np.float64) @ turn.T + matrix[:, 2]
    return np.clip(out, 0, 255).astype(np.uint8), [
        [round(float(x), 1), round(float(y), 1)] for x, y in corners
    ]
