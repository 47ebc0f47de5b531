"""HTML report of a calibration: reliability on fields it was not fitted on, in one file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from pipeline.evaluation.recalibrated import HeldOut, weighed_by
from pipeline.evaluation.reliability import diagram, reliability
from pipeline.reading.recalibrate import Judged, Recalibration


def render_calibration(
    judged: Sequence[Judged],
    curves: Sequence[tuple[str, Recalibration]],
    compared: HeldOut | None,
    intro: str,
) -> str:
    """The report as one HTML page.

    Args:
        judged: reviewed fields; those held out where there was a comparison.
        curves: calibrations side by side, each with what it is called.
        compared: their figures, where they were compared.
        intro: a sentence on what is shown.
    """
    groups: dict[str, list[Judged]] = defaultdict(list)
    for one in judged:
        groups[one.reader].append(one)
        groups[f"{one.reader} · {one.field_type}"].append(one)
    diagrams = [
        [
            Markup(diagram(reliability(weighed_by(bent, group)), f"{name} ({called})"))
            for called, bent in curves
        ]
        for name, group in sorted(groups.items())
    ]
    environment = Environment(
        loader=PackageLoader("pipeline.evaluation", "."), autoescape=True, undefined=StrictUndefined
    )
    return environment.get_template("calibration.html.j2").render(
        intro=intro, rows=(compared.all, *compared.readers) if compared else (), diagrams=diagrams
    )
