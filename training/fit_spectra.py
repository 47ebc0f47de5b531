"""Writes ``ocr_config/calibration/spectra.json``: how the probabilities of shipped readers lie.

``python -m training.fit_spectra --print HOME --hand HOME [--hand HOME] --memory FILE`` takes the
values of homes in which books were digitized: print and type from the first (the committed
samples), handwriting from the others (books of ``spectra_books.yaml``). What is known of the values
is not looked at, only how sure the machine was. The books must have been finished by the bars that
are in force now: what passes them and was sent to a person counts as sent by a rule.

Names, places, relations and occupations in handwriting pass by what people have set in their book
alone, never by themselves: their spectra are those of books that are being reviewed (FILE,
examples that ``training.fit_memory`` has kept), above what a reading is believed by itself. With
``--memory`` alone these are made anew, and what print and hands gave by themselves stays.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from models import open_database
from models.quality import counted_values
from models.targets import bars_in_force
from pipeline.checks.acceptance import (
    HAND,
    Spectrum,
    load_spectra,
    save_spectra,
    scale_of,
    spectra_file,
    type_of_scale,
)
from pipeline.checks.at_hand import at_hand
from pipeline.checks.memory import FAMILIES
from pipeline.checks.memory_signs import before_learning
from pipeline.reading.calibrate import ALL, load_calibration
from pipeline.settings import PROJECT, Settings
from training.fit_hand_calibration import CEILING
from training.fit_memory import Example, each_by_others, said
from training.kept import read_kept

CONFIG = PROJECT / "ocr_config"


def spectra_of(homes: Sequence[Path], reader: str) -> dict[str, Spectrum]:
    """Spectra of what one reader (``tesseract`` or ``hand``) read in some homes, by scale."""
    counts = {name: curve.count for name, curve in load_calibration(CONFIG, reader).curves.items()}
    bins: dict[str, Counter[float]] = defaultdict(Counter)
    for home in homes:
        with closing(open_database(Settings(home=home).resolved_database_url)) as database:
            found = at_hand(counted_values(database), bars_in_force(database, CONFIG, home), {})
        for scale, seen in found.spectra.items():
            if (scale == scale_of(type_of_scale(scale), HAND)) == (reader == HAND):
                bins[scale] += Counter(dict(seen.bins))
    return {
        scale: Spectrum(tuple(sorted(own.items())), counts.get(type_of_scale(scale), counts[ALL]))
        for scale, own in bins.items()
    }


def while_reviewed(examples: Sequence[Example]) -> dict[str, Counter[float]]:
    """Probabilities of values in handwriting that their book has made surer, by scale."""
    found: dict[str, Counter[float]] = defaultdict(Counter)
    for own, weights in each_by_others(examples):
        for one, probability in zip(own, said(own, weights), strict=True):
            # Rounded down, so that none looks surer than it is.
            kept = math.floor(probability * 1000) / 1000
            usual = before_learning(one.family)
            if kept > CEILING.get(usual, 1.0):
                for kind in (kind for kind, family in FAMILIES.items() if family == usual):
                    found[scale_of(kind, HAND)][kept] += 1
    return found


def main(
    memory: Annotated[Path, typer.Option(help="examples of training.fit_memory")],
    print_: Annotated[
        Path | None, typer.Option("--print", help="home of the committed samples")
    ] = None,
    hand: Annotated[list[Path] | None, typer.Option(help="homes of handwritten books")] = None,
) -> None:
    """Count and write."""
    if bool(print_) != bool(hand):
        raise typer.BadParameter("--print and --hand go together")
    found = load_spectra(spectra_file(CONFIG))
    if print_ and hand:
        found = spectra_of([print_], "tesseract") | spectra_of(hand, HAND)
    examples = read_kept(memory, Example)
    reviewed = while_reviewed(examples)
    fields = [
        sum(
            one.fields
            for name, one in found.items()
            if (HAND in name) == own and name not in reviewed
        )
        for own in (0, 1)
    ]
    data = (
        f"values to which no rule objects: {fields[0]} of the committed samples, {fields[1]} of "
        "generated books in handwriting faces of the development pool; "
        f"{len(examples)} of books that are being reviewed"
    )
    for scale, bins in reviewed.items():
        found[scale] = Spectrum(tuple(sorted(bins.items())), found[scale].examples)
    save_spectra(found, spectra_file(CONFIG), data)
    typer.echo(data)


if __name__ == "__main__":
    typer.run(main)
