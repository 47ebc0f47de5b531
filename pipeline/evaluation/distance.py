"""Character error rate over grapheme clusters, and overlap of polygons."""

from __future__ import annotations

import unicodedata

import cv2
import numpy as np
from rapidfuzz.distance import Levenshtein

from pipeline.types import Polygon


def graphemes(text: str) -> list[str]:
    """Letters with their marks, in NFC: what a reader calls one character."""
    clusters: list[str] = []
    for character in unicodedata.normalize("NFC", text):
        if clusters and unicodedata.combining(character):
            clusters[-1] += character
        else:
            clusters.append(character)
    return clusters


def edits(truth: str, seen: str) -> int:
    """Least insertions, deletions and substitutions of graphemes that turn one into the other."""
    return int(Levenshtein.distance(graphemes(truth), graphemes(seen)))


def overlap(first: Polygon, second: Polygon) -> float:
    """Intersection over union of two convex polygons, 0..1; 0 where either has no area."""
    area_a, area_b, shared = _areas(first, second)
    return shared / (area_a + area_b - shared) if shared else 0.0


def covered(place: Polygon, box: Polygon) -> float:
    """Share, 0..1, of a convex polygon that lies within another."""
    area, _, shared = _areas(place, box)
    return shared / area if shared else 0.0


def _areas(first: Polygon, second: Polygon) -> tuple[float, float, float]:
    """The areas of two convex polygons, and that of their intersection."""
    a = cv2.convexHull(np.asarray(first, np.float32)).reshape(-1, 2)
    b = cv2.convexHull(np.asarray(second, np.float32)).reshape(-1, 2)
    area_a, area_b = float(cv2.contourArea(a)), float(cv2.contourArea(b))
    low, high = np.maximum(a.min(0), b.min(0)), np.minimum(a.max(0), b.max(0))
    if area_a <= 0 or area_b <= 0 or np.any(high <= low):
        return area_a, area_b, 0.0
    # Shifting to the origin keeps float32 exact enough on pages of thousands of pixels.
    shared, _ = cv2.intersectConvexConvex(a - low, b - low)
    return area_a, area_b, float(shared)
