"""From the error a supervisor allows to the probability from which a field is accepted unseen.

A target is a share of wrong values among those accepted, not a bar for each of them: fields far
above it pay for fields near it. How far depends on how probabilities lie (the *spectrum* of a
field type), which the office's own fields tell, and until then the committed samples.
Handwriting has spectra of its own: a book of hands holds no sure print that could pay for it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from pipeline.fields import FIELDS, FieldType
from pipeline.fitted import load_fitted
from pipeline.settings import DecisionThresholds, load_thresholds

NOTHING = 1.1
"""Bar that no probability passes."""
_DECIMALS = 4
"""Of probabilities in a spectrum: bins of a ten-thousandth."""
HAND = "hand"
_BY_HAND = f"/{HAND}"


def reader_family(reader: str) -> str:
    """``tesseract`` of ``tesseract-5.3.0/vie``: versions of a reader are judged together."""
    return reader.partition("-")[0]


def scale_of(field_type: str, reader: str) -> str:
    """Name of the spectrum that rules a value: ``name``, or ``name/hand`` by the net of hands."""
    return field_type + _BY_HAND if reader_family(reader) == HAND else field_type


def type_of_scale(scale: str) -> str:
    """The field type in the name of a spectrum."""
    return scale.removesuffix(_BY_HAND)


@dataclass(frozen=True)
class Spectrum:
    """How the probabilities of one field type lie.

    ``bins`` are (probability, fields), rising; ``examples`` says on how many known values the
    probabilities rest (of the calibrator, and reviewed ones).
    """

    bins: tuple[tuple[float, int], ...] = ()
    examples: int = 0

    @property
    def fields(self) -> int:
        """All fields in it."""
        return sum(count for _, count in self.bins)


@dataclass(frozen=True)
class Bars:
    """Probability from which a field is accepted, per scale, and where acceptance stopped."""

    accept: Mapping[str, float] = field(default_factory=dict)
    stopped: frozenset[tuple[str, str, str]] = frozenset()
    """(what, which, field type): ``unit``, ``book``, ``reader`` or ``type``; see ``sampling``."""
    sample_rate: float = 0.0

    def of(self, field_type: str, reader: str = "") -> float:
        """The bar of a type by a reader; that of the type, or ``default``, for want of it."""
        usual = self.accept.get(field_type, self.accept.get("default", NOTHING))
        return self.accept.get(scale_of(field_type, reader), usual)


def spectrum(probabilities: Iterable[float], examples: int = 0) -> Spectrum:
    """Bins of a ten-thousandth; rounded down, so that none looks surer than it is."""
    counts: dict[float, int] = {}
    scale = 10**_DECIMALS
    for probability in probabilities:
        kept = math.floor(probability * scale + 1e-9) / scale
        counts[kept] = counts.get(kept, 0) + 1
    return Spectrum(tuple(sorted(counts.items())), examples)


def bar_for(target: float, seen: Spectrum, thresholds: DecisionThresholds) -> float:
    """Least probability from which the expected error of what is accepted stays under a target.

    ``doubt`` standard errors are added to the expected error, over the examples behind it; no
    accepted field is likelier wrong than ``worst`` targets. A field that meets the target by
    itself passes, whatever the others do: without a spectrum that is all there is.

    Args:
        target: share of wrong values allowed, 0..1; 0 accepts nothing.
        seen: of the field type.
        thresholds: ``doubt`` and ``worst``.

    Returns:
        A probability, or :data:`NOTHING`.
    """
    if target <= 0:
        return NOTHING
    if not seen.fields or not seen.examples:
        return 1 - target
    least = 1 - min(1.0, thresholds.worst * target)
    bar, fields, wrong = _alone(target, seen.examples, thresholds.doubt), 0, 0.0
    for probability, count in reversed(seen.bins):
        if probability < least:
            break
        fields += count
        wrong += count * (1 - probability)
        error = wrong / fields
        if _at_most(error, seen.examples, thresholds.doubt) <= target:
            bar = min(bar, probability)
    return bar


def _at_most(error: float, examples: int, doubt: float) -> float:
    return error + doubt * math.sqrt(error * (1 - error) / examples)


def _alone(target: float, examples: int, doubt: float) -> float:
    """Least probability of a field that keeps the target without others that pay for it."""
    square = doubt * doubt / examples
    # Where the doubtful error is just the target: a quadratic in the error.
    middle = 2 * target + square
    error = (middle - math.sqrt(middle**2 - 4 * (1 + square) * target**2)) / (2 * (1 + square))
    return 1 - error


def bars(thresholds: DecisionThresholds, spectra: Mapping[str, Spectrum]) -> Bars:
    """The bar of every field type in print and in handwriting, by the targets and the spectra."""
    accept = {
        scale: _bar(scale, thresholds.target(name), spectra.get(scale, Spectrum()), thresholds)
        for name in map(str, FieldType)
        for scale in (name, name + _BY_HAND)
    }
    return Bars(accept, sample_rate=thresholds.sample_rate)


def _bar(scale: str, target: float, seen: Spectrum, thresholds: DecisionThresholds) -> float:
    least = thresholds.accept.get(type_of_scale(scale), thresholds.accept.get("default", 0.0))
    return max(bar_for(target, seen, thresholds), least)


@dataclass(frozen=True)
class PlanRow:
    """What a target costs: one scale at one target."""

    scale: str
    target: float
    bar: float
    fields: int
    """Values that a machine gave."""
    accepted: int
    expected_error: float
    """Among the accepted, as the probabilities have it."""
    to_people: int
    hours: float


def plan(
    scale: str,
    seen: Spectrum,
    objected: int,
    targets: Sequence[float],
    thresholds: DecisionThresholds,
    ruler: Spectrum | None = None,
) -> tuple[PlanRow, ...]:
    """What each target would mean for the fields at hand.

    Args:
        scale: a field type, or one in handwriting.
        seen: values that nothing but their probability keeps from being accepted.
        objected: values that go to people whatever the target, because a rule objects.
        targets: to compare.
        thresholds: ``doubt``, ``worst``, the rate of the sample, seconds a field.
        ruler: the spectrum that bars follow from; by default ``seen``.
    """
    rows = []
    for target in targets:
        bar = _bar(scale, target, seen if ruler is None else ruler, thresholds)
        passed = [(p, count) for p, count in seen.bins if p >= bar]
        accepted = sum(count for _, count in passed)
        wrong = sum(count * (1 - p) for p, count in passed)
        people = round(seen.fields - accepted + objected + accepted * thresholds.sample_rate)
        rows.append(
            PlanRow(
                scale,
                target,
                bar,
                seen.fields + objected,
                accepted,
                wrong / accepted if accepted else 0.0,
                people,
                people * thresholds.seconds_a_field / 3600,
            )
        )
    return tuple(rows)


# --- kept -----------------------------------------------------------------------------------------


def save_spectra(spectra: Mapping[str, Spectrum], path: Path, data: str) -> None:
    """Write spectra as JSON; ``data`` says what they were taken from."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [f'  "{name}": {json.dumps(asdict(one))}' for name, one in sorted(spectra.items())]
    head = f'{{\n "data": {json.dumps(data, ensure_ascii=False)},\n "spectra": {{\n'
    path.write_text(head + ",\n".join(rows) + "\n }\n}\n", "utf-8")


def load_spectra(path: Path) -> dict[str, Spectrum]:
    """Spectra of a file; none where there is no file.

    Raises:
        SettingsError: the file is there but cannot be used.
    """
    return load_fitted(path, "spectra", _spectra, dict)


def _spectra(data: dict[str, Any]) -> dict[str, Spectrum]:
    return {
        name: Spectrum(
            tuple((float(p), int(count)) for p, count in one["bins"]), int(one["examples"])
        )
        for name, one in data["spectra"].items()
    }


def spectra_file(config: Path) -> Path:
    """The committed spectra of an ``ocr_config`` folder."""
    return config / "calibration" / "spectra.json"


def learned_spectra_file(home: Path) -> Path:
    """Where a home keeps spectra of its own."""
    return home / "calibration" / "spectra.json"


def spectra_in_force(config: Path, home: Path) -> dict[str, Spectrum]:
    """The committed spectra, and before them those of the home.

    Raises:
        SettingsError: spectra cannot be used.
    """
    return load_spectra(spectra_file(config)) | load_spectra(learned_spectra_file(home))


@lru_cache(maxsize=8)
def load_bars(config: Path, home: Path | None = None) -> Bars:
    """Bars of an ``ocr_config`` folder by the file's own targets, for a page while it is read.

    A book is decided by ``models.targets.bars_in_force``, which knows what supervisors have set.

    Raises:
        SettingsError: thresholds or spectra cannot be used.
    """
    known = load_spectra(spectra_file(config)) if home is None else spectra_in_force(config, home)
    return bars(load_thresholds(config).decision, known)


def type_of(name: str) -> str:
    """Type of a field by its name."""
    return FIELDS[name].type.value
