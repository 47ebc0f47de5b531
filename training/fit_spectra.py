"""Writes ``ocr_config/calibration/spectra.json``: how the probabilities of shipped readers lie.

``python -m training.fit_spectra --print HOME --hand HOME [--hand HOME]`` takes the values of homes
in which books were digitized: print and type from the first (the committed samples), handwriting
from the others (books of ``spectra_books.yaml``). What is known of the values is not looked at,
only how sure the machine was. The books must have been finished by the bars that are in force now:
what passes them and was sent to a person counts as sent by a rule.
"""

from __future__ import annotations

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
    save_spectra,
    scale_of,
    spectra_file,
    type_of_scale,
)
from pipeline.checks.at_hand import at_hand
from pipeline.reading.calibrate import ALL, load_calibration
from pipeline.settings import PROJECT, Settings

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


def main(
    print_: Annotated[Path, typer.Option("--print", help="home of the committed samples")],
    hand: Annotated[list[Path], typer.Option(help="homes of handwritten books")],
) -> None:
    """Count and write."""
    found = spectra_of([print_], "tesseract") | spectra_of(hand, HAND)
    fields = [
        sum(one.fields for name, one in found.items() if (HAND in name) == own) for own in (0, 1)
    ]
    data = (
        f"values to which no rule objects: {fields[0]} of the committed samples, {fields[1]} of "
        "generated books in handwriting faces of the development pool"
    )
    save_spectra(found, spectra_file(CONFIG), data)
    typer.echo(data)


if __name__ == "__main__":
    typer.run(main)
