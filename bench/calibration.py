"""``python -m bench.calibration BOOKS.yaml``: do the probabilities hold, and what is accepted?

Makes the books of a list (fields of ``samples.book.BookSpec``; ``bench/books/``), digitizes them
inline and holds every written field against the truth: the calibration error beside the one that
chance alone would show, the share accepted unseen, and how many of these are wrong; for all
fields, by wear, by print, type and hand, and by field type. ``--work`` keeps what was made:
called again, books that are there are not made, and a home that is there is not digitized, anew.
A list that was looked at is used up: what is set after that needs other seeds to be measured.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from bench.measure import run_measured
from cli.evaluate import compared
from cli.home import open_home
from pipeline.evaluation.compare import BookComparison
from pipeline.evaluation.figures import summary
from pipeline.evaluation.truth import load_truth
from pipeline.fields import FieldType
from pipeline.settings import PROJECT, Settings, load_thresholds
from samples.batch import read_books, write_batches

HOTICH = (sys.executable, "-m", "cli.main")
GROUPS = ("wear", "hand", "wear_hand", "hand_field_type")
_COLUMNS = ("written", "right", "cal.error", "by chance", "accepted", "wrong", "share", "target")
_WIDE = 22


def digitized(books: Path, work: Path) -> Sequence[BookComparison]:
    """The books of one list, made and digitized in folders of their own, and their truth."""
    made, home = work / books.stem / "made", work / books.stem / "home"
    if not (made / "truth").exists():
        for name in write_batches(read_books(books, books.stem), made):
            typer.echo(name, err=True)
    if not home.exists():
        environment = {
            "HOTICH_HOME": str(home), "HOTICH_ENGINE": "inline", "HOTICH_DATABASE_URL": "",
        }  # fmt: skip
        for batch in sorted((made / "batches").iterdir()):
            run_measured(
                [*HOTICH, "queue", str(batch)], environment=environment, log=work / "queue.log"
            )
        run_measured([*HOTICH, "run"], environment=environment, log=work / "run.log")
    with open_home(Settings(home=home, database_url="")) as opened:
        found, missing = compared(opened, load_truth(made / "truth"))
    if missing:
        raise typer.BadParameter(f"{books}: never queued: {', '.join(missing)}")
    return found


def told(figures: dict[str, Any], targets: dict[str, float]) -> Iterator[str]:
    """A line a group: what ``hotich evaluate`` counts, ``wrong`` among the accepted as a number."""
    yield " " * _WIDE + "".join(f"{column:>10}" for column in _COLUMNS)
    yield _row("all", figures["all"], None)
    for name in GROUPS:
        for group, row in figures["by"][name].items():
            yield _row(group, row, targets.get(group.partition("/")[2]))


def _row(name: str, row: dict[str, Any], target: float | None) -> str:
    wrong = row["accepted_wrong"]
    count = None if wrong is None else round(wrong * (row["accepted"] or 0.0) * row["written"])
    columns = (
        row["written"], row["exact_value"], row["calibration_error"],
        row["calibration_by_chance"], row["accepted"], count, wrong, target,
    )  # fmt: skip
    return f"{name:{_WIDE}}" + "".join(f"{_cell(one):>10}" for one in columns)


def _cell(value: float | None) -> str:
    return "–" if value is None else str(value) if isinstance(value, int) else f"{value:.4f}"


def main(
    books: Annotated[list[Path], typer.Argument(help="lists of books, each a YAML file")],
    work: Annotated[Path, typer.Option(help="keeps books and homes")] = PROJECT / "var/calibration",
) -> None:
    """Make, digitize, compare, tell."""
    work.mkdir(parents=True, exist_ok=True)
    found = [one for path in books for one in digitized(path, work)]
    thresholds = load_thresholds(PROJECT / "ocr_config").decision
    targets = {name.value: thresholds.target(name) for name in FieldType}
    for line in told(summary(found), targets):
        typer.echo(line)


if __name__ == "__main__":
    typer.run(main)
