"""Figures of a course, and its chart."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from itertools import pairwise
from typing import Any

import numpy as np

from bench.learning.course import Course, Met, moved
from pipeline.places.drawing import FAINT, FONT, INK, SOFT, label, line, tag
from pipeline.reading.calibrate import calibration_error
from pipeline.texts import Text

FIFTHS = 5
_SURE = 0.97
_WIDTH, _HEIGHT = 640.0, 300.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 46.0, 16.0, 46.0, 40.0
_WINDOW = 15
"""Entries over which the curves are averaged."""
_ADAPTED, _PLAIN = "#1f6f5c", "#b4532a"


def figures(course: Course, plain: Course) -> dict[str, Any]:
    """What is written as JSON: with learning and without, by fifth of the book."""
    return {
        "book": course.book,
        "entries": len(course.met),
        "lines": course.lines,
        "with_learning": _side(course),
        "without": _side(plain),
        "fall": round(1 - _share(_fifths(course)[-1]) / max(1e-9, _share(_fifths(course)[0])), 3),
        "lessons": [asdict(lesson) for lesson in course.lessons],
        "learning_seconds": round(sum(lesson.seconds for lesson in course.lessons), 1),
        "taught": course.taught,
        "taught_wrong_text": course.taught_wrong,
        "probabilities": _probabilities(course, plain),
    }


def _side(course: Course) -> dict[str, Any]:
    fifths = _fifths(course)
    unseen = [[one for one in part if not one.person] for part in fifths]
    return {
        "person": [round(_share(part), 3) for part in fifths],
        "person_fields": sum(one.person for part in fifths for one in part),
        "right": [round(float(np.mean([one.right for one in part])), 3) for part in fifths],
        "accepted": [len(part) for part in unseen],
        "accepted_wrong": [sum(not one.right for one in part) for part in unseen],
        "accepted_by_field": _by_field([one for part in unseen for one in part]),
        "by_field": _kinds(fifths),
        "reading_seconds": round(course.reading_seconds, 1),
    }


def _by_field(accepted: Sequence[Met]) -> dict[str, tuple[int, int]]:
    """By field: how many were accepted, and how many of these are wrong."""
    names = sorted({one.field for one in accepted})
    own = {name: [one for one in accepted if one.field == name] for name in names}
    return {name: (len(some), sum(not one.right for one in some)) for name, some in own.items()}


def _kinds(fifths: Sequence[Sequence[Met]]) -> dict[str, dict[str, list[float]]]:
    """By field and fifth: the share that goes to a person, and the share read right.

    What is read wrong should go to a person: where few are read right no bar lets more through.
    """
    names = dict.fromkeys(one.field for part in fifths for one in part)
    found = {}
    for name in names:
        own = [[one for one in part if one.field == name] for part in fifths]
        found[name] = {
            "person": [round(_share(part), 3) for part in own],
            "right": [round(_share_right(part), 3) for part in own],
        }
    return found


def _fifths(course: Course) -> list[list[Met]]:
    """Fields by fifth of the entries, in the order in which they were met."""
    bounds = np.linspace(0, len(course.met), FIFTHS + 1).round().astype(int)
    return [[one for met in course.met[a:b] for one in met] for a, b in pairwise(bounds)]


def _share(fields: Sequence[Met]) -> float:
    return float(np.mean([one.person for one in fields])) if fields else 0.0


def _share_right(fields: Sequence[Met]) -> float:
    return float(np.mean([one.right for one in fields])) if fields else 0.0


def _probabilities(course: Course, plain: Course) -> dict[str, Any]:
    """Whether they hold: without learning, after it, and moved to what the book showed."""
    after = [one for met in course.met for one in met if one.version]
    return {
        "without": _holds([one for met in plain.met for one in met], moving=False),
        "after_learning": _holds(after, moving=False),
        "after_learning_moved": _holds(after, moving=True),
    }


def _holds(fields: Sequence[Met], *, moving: bool) -> dict[str, Any]:
    """Of values with a factor of one: mean probability against share right, and among the sure."""
    clean = [one for one in fields if one.factor == 1.0]
    if not clean:
        return {"fields": 0}
    said = np.array([moved(one.probability, one.shift if moving else 0.0) for one in clean])
    right = np.array([float(one.right) for one in clean])
    sure = said >= np.array([one.bar for one in clean])
    return {
        "fields": len(clean),
        "mean_probability": round(float(said.mean()), 3),
        "share_right": round(float(right.mean()), 3),
        "calibration_error": round(calibration_error(said, right), 3),
        "above_bar": int(sure.sum()),
        "wrong_above_bar": int((sure & (right < 1)).sum()),
        "shift": round(float(np.mean([one.shift for one in clean])), 2) if moving else 0.0,
    }


def chart(course: Course, plain: Course) -> str:
    """SVG: share of fields that went to a person along the book, and when it was learned."""
    wide, high = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM
    count = max(1, len(course.met))

    def at(entry: float, share: float) -> tuple[float, float]:
        return _LEFT + wide * entry / count, _TOP + high * (1 - share)

    parts = [tag("rect", x=0.0, y=0.0, width=_WIDTH, height=_HEIGHT, fill="#ffffff")]
    parts += _grid(at, count)
    for lesson in course.lessons:
        x, top = at(lesson.entries, 1.0)
        parts.append(
            line(x, top, x, top + high, stroke=FAINT, width=1.0, dash="" if lesson.kept else "2 3")
        )
        parts.append(label(str(lesson.reviewed), x + 2, top + 9, 9.0, fill=SOFT))
    for one, colour in ((plain, _PLAIN), (course, _ADAPTED)):
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in (at(n, s) for n, s in _smooth(one)))
        parts.append(tag("polyline", points=points, fill="none", stroke=colour, stroke_width=2.0))
    title = Text(
        "Phần trường cần người xem ({book})", "Share of fields that need a person ({book})"
    )
    parts.append(label(title.format(book=course.book), _LEFT, 18.0, 12.5, fill=INK, bold=True))
    x = _LEFT
    for text, colour in (
        (Text("không học", "without learning"), _PLAIN),
        (Text("học nét chữ của sổ", "the hand of the book learned"), _ADAPTED),
    ):
        parts.append(line(x, 32.0, x + 22, 32.0, stroke=colour, width=2.0))
        parts.append(label(str(text), x + 27, 35.5, 10.5, fill=SOFT))
        x += 170.0
    return tag(
        "svg",
        "".join(parts),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {_WIDTH:.0f} {_HEIGHT:.0f}",
        font_family=FONT,
        role="img",
    )


Place = Callable[[float, float], tuple[float, float]]


def _grid(at: Place, count: int) -> Iterator[str]:
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        x, y = at(0, share)
        end, _ = at(count, share)
        yield line(x, y, end, y, stroke="#e3e7ea", width=1.0)
        yield label(f"{share:.0%}", x - 6, y + 3.5, 10.0, fill=SOFT, anchor="end")
    for n in range(FIFTHS + 1):
        x, y = at(count * n / FIFTHS, 0.0)
        yield label(str(round(count * n / FIFTHS)), x, y + 16, 10.0, fill=SOFT, anchor="middle")
    x, y = at(count / 2, 0.0)
    said = Text(
        "trường hợp đã xem; vạch: học từ bao nhiêu trường", "entries met; bars: learned from"
    )
    yield label(str(said), x, y + 32, 10.0, fill=SOFT, anchor="middle")


def _smooth(course: Course) -> Iterator[tuple[float, float]]:
    for n in range(len(course.met)):
        near = course.met[max(0, n - _WINDOW // 2) : n + _WINDOW // 2 + 1]
        yield n + 0.5, _share([one for met in near for one in met])


def table(found: Sequence[dict[str, Any]]) -> str:
    """Markdown of several books."""
    lines = [
        "| book | to a person, by fifth, learning | without | fall | accepted wrong (without) | "
        "fields to a person (without) | CPU s learning |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for one in found:
        on, off = one["with_learning"], one["without"]
        fifths = [" ".join(f"{share:.2f}" for share in side["person"]) for side in (on, off)]
        lines.append(
            f"| {one['book']} | {fifths[0]} | {fifths[1]} | {one['fall']:.0%} | "
            f"{sum(on['accepted_wrong'])} ({sum(off['accepted_wrong'])}) of "
            f"{sum(on['accepted'])} ({sum(off['accepted'])}) | {on['person_fields']} "
            f"({off['person_fields']}) | {one['learning_seconds']:.0f} |"
        )
    return "\n".join(lines) + "\n"


def kinds(found: Sequence[dict[str, Any]]) -> str:
    """Markdown of several books, by field: what goes to a person, and what is read right."""
    lines = [
        "| book | field | to a person, by fifth, learning | read right | without |",
        "| --- | --- | --- | --- | --- |",
    ]
    for one in found:
        plain = one["without"]["by_field"]
        for name, own in one["with_learning"]["by_field"].items():
            told = (own["person"], own["right"], plain[name]["right"])
            shares = " | ".join(" ".join(f"{share:.2f}" for share in part) for part in told)
            lines.append(f"| {one['book']} | {name} | {shares} |")
    return "\n".join(lines) + "\n"
