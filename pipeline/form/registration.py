"""Find a learned form again on a page, without reading: printed labels and dotted lines.

Coarse: every label votes for a common shift, over a few scales. Fine: every label is looked
for near its predicted place, a smooth displacement is fitted, the search narrows. Dotted
lines then correct the heights between labels. What share of the labels agrees with the
displacement is the confidence: on another page labels turn up at random places.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.form.impression import MATCH_DPI, correlation, flat_rows, summit
from pipeline.form.leader_bend import lines_beside
from pipeline.form.leader_strips import followed_lines
from pipeline.form.warp import Floats, Warp, fit
from pipeline.types import Grey

Box = tuple[float, float, float, float]
"""x0, y0, x1, y1 in millimetres."""
Leader = tuple[float, float, float]
"""A dotted line or rule: x0, x1, y in millimetres."""

MM = 25.4 / MATCH_DPI
_REACH = 0.06
"""How far a page may be shifted, as a share of its size (feeding differs by up to 5 %)."""
_SCALES = (1.0, 0.99, 1.01, 0.98, 1.02, 0.97, 1.03)
_AGREE_MM = 0.9
_AGREE_HEIGHT = 0.3
_CHUNK_MM = 16.0
_SUPPORTED, _BENDS = 0.9, 3
"""Lines found where they should be by less than this share may be a page that bends further."""
_NO_WORSE = 0.01
"""So much of the labels' agreement may be lost to a further bend: they are surer than lines."""
_FOLLOWED = 0.4
"""Weight of a piece of line whose height its whole strip tells."""


@dataclass(frozen=True)
class Template:
    """What is printed on every page of a book, in the book's own frame (mm)."""

    width: float
    height: float
    ink: Grey
    """Print at ``MATCH_DPI``."""
    anchors: tuple[Box, ...]
    leaders: tuple[Leader, ...]


@dataclass(frozen=True)
class Registration:
    """A page found on its template. ``agrees``: per anchor, how well it was found, 0..1."""

    warp: Warp
    agrees: tuple[float, ...]
    confidence: float
    leader_support: float
    """Share of the dotted lines' pieces that lie where they should."""
    wander: float = 0.0
    """How far (mm) the labels that were seen lie off the displacement, the worst fifth of them."""


def register(ink: Grey, template: Template, start: Warp | None = None) -> Registration:
    """Where the template lies on the page whose ``impression`` is ``ink``.

    Args:
        ink: impression of the page at ``MATCH_DPI``.
        template: the book's print.
        start: a first guess; looked for over the whole reach where there is none.
    """
    size = (template.width, template.height)
    warp = start or _coarse(ink, template)
    points = np.array([((a[0] + a[2]) / 2, (a[1] + a[3]) / 2) for a in template.anchors])
    seen = np.zeros((len(points), 2))
    heights = np.zeros(len(points))
    residual = np.full(len(points), np.inf)
    for reach, degree in ((4.0, 1), (2.0, 1), (1.6, 2), (1.2, 2)):
        seen, heights = _look(ink, template, points, warp, reach)
        warp, residual = _fit_both(points, seen, heights, size, degree)
    support = 0.0
    if template.leaders:
        warp, residual, support = _with_leaders(ink, template, points, seen, heights, warp)
    near = np.exp(-((residual / _AGREE_MM) ** 2)) * (residual < 1.6 * _AGREE_MM)
    agrees = near * np.clip((heights - _AGREE_HEIGHT) / 0.3, 0, 1)
    weights = _weights(template)
    confidence = float((weights * agrees).sum() / weights.sum())
    clear = residual[heights > _AGREE_HEIGHT]
    wander = float(np.percentile(clear, 80)) if len(clear) else 2 * _AGREE_MM
    return Registration(warp, tuple(float(a) for a in agrees), confidence, support, wander)


def _weights(template: Template) -> Floats:
    """Longer labels say more."""
    return np.array([min(30.0, max(4.0, a[2] - a[0])) for a in template.anchors])


def _cut(ink: Grey, box: Box, room: float = 0.0) -> tuple[Grey, int, int]:
    """Pixels of a box (mm) with ``room`` mm around, and its corner; outside the page is 0."""
    x0, y0 = round((box[0] - room) / MM), round((box[1] - room) / MM)
    x1, y1 = round((box[2] + room) / MM), round((box[3] + room) / MM)
    inside = ink[max(0, y0) : max(0, y1), max(0, x0) : max(0, x1)]
    top, left = max(0, -y0), max(0, -x0)
    bottom = max(0, (y1 - y0) - top - inside.shape[0])
    right = max(0, (x1 - x0) - left - inside.shape[1])
    if top or left or bottom or right:
        inside = np.pad(inside, ((top, bottom), (left, right)))
    return inside, x0, y0


def _coarse(ink: Grey, template: Template) -> Warp:
    """Common shift and scale that most labels vote for, searched at half scale."""
    middle = np.array([template.width / 2, template.height / 2])
    reach = _REACH * np.array([template.width, template.height])
    reach += np.abs(_page_excess(ink, template))
    stretch = 0.03 * middle
    half = 2 * MM
    grid = np.ceil(reach / half).astype(int)
    spare = np.ceil(stretch / half).astype(int) + 2
    total = [np.zeros((2 * grid[1] + 1, 2 * grid[0] + 1), np.float32) for _ in _SCALES]
    for box, weight in zip(template.anchors, _weights(template), strict=True):
        patch = _half(_cut(template.ink, box)[0])
        around = (
            box[0] - (grid[0] + spare[0]) * half,
            box[1] - (grid[1] + spare[1]) * half,
            box[2] + (grid[0] + spare[0]) * half,
            box[3] + (grid[1] + spare[1]) * half,
        )
        votes = correlation(_half(_cut(ink, around)[0]), patch)
        wide = cv2.dilate(np.clip(votes, 0.0, 1.0), np.ones((3, 3), np.uint8))
        centre = np.array([(box[0] + box[2]) / 2, (box[1] + box[3]) / 2]) - middle
        for sheet, scale in zip(total, _SCALES, strict=True):
            x, y = spare + np.round((scale - 1) * centre / half).astype(int)
            part = wide[y : y + sheet.shape[0], x : x + sheet.shape[1]]
            sheet[: part.shape[0], : part.shape[1]] += weight * part
    best = max(range(len(_SCALES)), key=lambda at: float(total[at].max()))
    x, y, _ = summit(total[best])
    dx, dy = (x - grid[0]) * half, (y - grid[1]) * half
    grow = _SCALES[best] - 1
    # Displacement (scale - 1) * (point - middle) in coordinates -1..1.
    return Warp(
        template.width,
        template.height,
        (dx, grow * middle[0], 0.0),
        (dy, 0.0, grow * middle[1]),
    )


def _page_excess(ink: Grey, template: Template) -> tuple[float, float]:
    """How much larger the page is than the frame, half of it on each side (mm)."""
    return (
        (ink.shape[1] * MM - template.width) / 2,
        (ink.shape[0] * MM - template.height) / 2,
    )


def _half(ink: Grey) -> Grey:
    size = (max(1, ink.shape[1] // 2), max(1, ink.shape[0] // 2))
    return np.asarray(cv2.resize(ink, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _look(
    ink: Grey, template: Template, points: Floats, warp: Warp, reach: float
) -> tuple[Floats, Floats]:
    """Where each label is seen within ``reach`` mm of its predicted place, and how clearly."""
    predicted = warp.apply(points) - points
    seen = np.zeros((len(points), 2))
    heights = np.zeros(len(points))
    for at, box in enumerate(template.anchors):
        patch, px, py = _cut(template.ink, box, 0.3)
        dx, dy = predicted[at]
        moved = (box[0] + dx, box[1] + dy, box[2] + dx, box[3] + dy)
        window, wx, wy = _cut(ink, moved, reach + 0.3)
        x, y, height = summit(correlation(window, patch))
        seen[at] = ((x + wx - px) * MM, (y + wy - py) * MM)
        heights[at] = height
    return seen, heights


def _fit_both(
    points: Floats, seen: Floats, heights: Floats, size: tuple[float, float], degree: int
) -> tuple[Warp, Floats]:
    trust = np.clip(heights, 0.02, 1.0) ** 2
    x, rx = fit(points, seen[:, 0], trust, size, degree)
    y, ry = fit(points, seen[:, 1], trust, size, degree)
    return Warp(*size, x, y), np.hypot(rx, ry)


def _with_leaders(
    ink: Grey, template: Template, points: Floats, seen: Floats, heights: Floats, warp: Warp
) -> tuple[Warp, Floats, float]:
    """Correct the heights by the dotted lines, which reach where no label stands."""
    thin = flat_rows(ink, MATCH_DPI)
    pieces = np.array(
        [
            (x, leader[2])
            for leader in template.leaders
            for x in np.arange(leader[0] + 2, leader[1] - _CHUNK_MM + 2, _CHUNK_MM)
        ]
    ).reshape(-1, 2)
    size = (template.width, template.height)
    trust = np.clip(heights, 0.02, 1.0) ** 2
    support = 0.0
    aside = followed_lines(thin, pieces, _CHUNK_MM, warp)
    if aside is not None:
        at = pieces + np.array([_CHUNK_MM / 2, 0.0])
        moved = warp.apply(at)[:, 1] - at[:, 1] + aside
        y, _ = fit(
            np.concatenate([points, at]),
            np.concatenate([seen[:, 1], moved]),
            np.concatenate([trust, np.full(len(at), _FOLLOWED)]),
            size,
            3,
        )
        warp = Warp(*size, warp.x, y)
    for reach, degree in ((1.8, 3), (1.2, 4)):
        if len(pieces):
            moved, clear = _look_lines(thin, pieces, warp, reach)
            all_points = np.concatenate([points, pieces + np.array([_CHUNK_MM / 2, 0.0])])
            all_moved = np.concatenate([seen[:, 1], moved])
            weights = np.concatenate([trust, 0.6 * clear])
        else:
            all_points, all_moved, weights = points, seen[:, 1], trust
            clear = np.zeros(0)
        y, residual = fit(all_points, all_moved, weights, size, degree)
        warp = Warp(*size, warp.x, y)
        if len(pieces):
            support = float(np.mean((np.abs(residual[len(points) :]) < 0.5) & (clear > 0.15)))
    if len(pieces) and support < _SUPPORTED:
        warp, support = _bent(thin, template, (points, seen, trust), pieces, warp, support)
    x, rx = fit(points, seen[:, 0], trust, size, 3)
    warp = Warp(*size, x, warp.y)
    ry = seen[:, 1] - (warp.apply(points)[:, 1] - points[:, 1])
    return warp, np.hypot(rx, ry), support


def _bent(
    thin: Grey,
    template: Template,
    labels: tuple[Floats, Floats, Floats],
    pieces: Floats,
    warp: Warp,
    support: float,
) -> tuple[Warp, float]:
    """The page bent further where its lines lie clearly beside their place, and their support.

    ``labels``: middles in the frame, where each is seen, and its trust.
    """
    points, seen, trust = labels
    size = (template.width, template.height)
    leaders = np.array(template.leaders)
    ends = np.array(template.anchors)[:, (0, 2)]
    bent = warp
    for _ in range(_BENDS):
        off = seen[:, 1] - (bent.apply(points)[:, 1] - points[:, 1])
        beside = lines_beside(thin, leaders, bent, np.column_stack([ends, off, trust]))
        if beside is None:
            break
        moved = bent.apply(beside.at)[:, 1] - beside.at[:, 1] + beside.down
        y, _ = fit(
            np.concatenate([points, beside.at]),
            np.concatenate([seen[:, 1], moved]),
            np.concatenate([trust, np.full(len(moved), _FOLLOWED)]),
            size,
            4,
        )
        bent = Warp(*size, bent.x, y)
    if bent is warp or _agreed(bent, labels) < _agreed(warp, labels) - _NO_WORSE:
        return warp, support
    at = pieces + np.array([_CHUNK_MM / 2, 0.0])
    moved, clear = _look_lines(thin, pieces, bent, 1.2)
    aside = moved - (bent.apply(at)[:, 1] - at[:, 1])
    more = float(np.mean((np.abs(aside) < 0.5) & (clear > 0.15)))
    return (bent, more) if more >= support else (warp, support)


def _agreed(warp: Warp, labels: tuple[Floats, Floats, Floats]) -> float:
    """Share of the labels, by their trust, that are seen at the height where they should be."""
    points, seen, trust = labels
    off = seen[:, 1] - (warp.apply(points)[:, 1] - points[:, 1])
    return float((trust * (np.abs(off) < _AGREE_MM)).sum() / trust.sum())


def _look_lines(thin: Grey, pieces: Floats, warp: Warp, reach: float) -> tuple[Floats, Floats]:
    """Height displacement of each piece of a dotted line, and how clearly it is seen."""
    moved = np.zeros(len(pieces))
    clear = np.zeros(len(pieces))
    starts = warp.apply(pieces)
    ends = warp.apply(pieces + np.array([_CHUNK_MM, 0.0]))
    for at, (start, end) in enumerate(zip(starts, ends, strict=True)):
        y = (start[1] + end[1]) / 2
        strip, _, top = _cut(thin, (start[0], y - reach, end[0], y + reach))
        profile = np.minimum(strip, 90).astype(np.float32).mean(axis=1)
        profile = np.convolve(profile, (0.25, 0.5, 0.25), mode="same")
        x, _, height = summit(profile.reshape(1, -1))
        moved[at] = (x + top + 0.5) * MM - y
        base = float(np.median(profile))
        clear[at] = np.clip((height - base) / 20.0, 0.0, 1.0)
    return moved + (starts[:, 1] + ends[:, 1]) / 2 - pieces[:, 1], clear
