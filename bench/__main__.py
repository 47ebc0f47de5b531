"""``./run bench``: hotich and OCRmyPDF on the same generated A3 ledger pages, in one run.

Pages: landscape A3 at 300 dpi, 10 columns × (1 header + 12 rows) = 130 cells, printed. Both
sides take turns, so that a slow moment of the machine hits both. CPU seconds are those of
the whole process tree, start-up and (for hotich) learning the book's geometry included.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import typer

from bench.measure import Cost, run_measured
from bench.report import render
from samples.batch import ledger_books, write_batches

OUT = Path(__file__).resolve().parent / "out"
HOTICH = (sys.executable, "-m", "cli.main")
WORKERS = 2


@dataclass(frozen=True)
class Round:
    """One turn of both."""

    hotich: Cost
    ocrmypdf: Cost


def main(
    pages: Annotated[int, typer.Option(help="pages a round, one book")] = 40,
    rounds: Annotated[int, typer.Option(help="turns of each side")] = 2,
    wear: Annotated[str, typer.Option(help="mild, medium or heavy")] = "mild",
    out: Annotated[Path, typer.Option(help="folder for bench.json and bench.md")] = OUT,
) -> None:
    """Measures and writes bench.json and bench.md."""
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="hotich-bench-") as name:
        work = Path(name)
        typer.echo(f"making {pages} pages …", err=True)
        for _ in write_batches(ledger_books(pages, "bench", wear), work):
            pass
        batch = next(path.parent for path in sorted(work.rglob("manifest.csv")))
        pdf = _as_pdf(batch, work / "pages.pdf")
        turns = []
        for number in range(rounds):
            home = work / f"home-{number}"
            turn = Round(_hotich(batch, home, work), _ocrmypdf(pdf, work))
            typer.echo(
                f"round {number + 1}: hotich {turn.hotich.cpu_seconds / pages:.2f}, "
                f"OCRmyPDF {turn.ocrmypdf.cpu_seconds / pages:.2f} CPU s a page",
                err=True,
            )
            turns.append(turn)
        result = _result(turns, pages, wear)
        result["stages"] = _stages(home, pages)
        result["quality"] = _quality(home, next(work.rglob("truth")))
    (out / "bench.json").write_text(json.dumps(result, indent=2) + "\n", "utf-8")
    (out / "bench.md").write_text(render(result), "utf-8")
    typer.echo(render(result))


def _environment(home: Path) -> dict[str, str]:
    return {
        "HOTICH_HOME": str(home),
        "HOTICH_ENGINE": "inline",
        "HOTICH_WORKERS": str(WORKERS),
        "HOTICH_DATABASE_URL": "",
    }


def _hotich(batch: Path, home: Path, work: Path) -> Cost:
    environment = _environment(home)
    # Queueing is the contractor's side (copying, digests), measured apart from digitizing.
    run_measured([*HOTICH, "queue", str(batch)], environment=environment, log=work / "queue.log")
    return run_measured([*HOTICH, "run"], environment=environment, log=work / "run.log")


def _ocrmypdf(pdf: Path, work: Path) -> Cost:
    command = [
        sys.executable, "-m", "ocrmypdf", "--language", "vie", "--jobs", str(WORKERS),
        "--quiet", str(pdf), str(work / "ocr.pdf"),
    ]  # fmt: skip
    return run_measured(command, log=work / "ocrmypdf.log")


def _as_pdf(batch: Path, pdf: Path) -> Path:
    """The same JPEG files, wrapped without encoding them again."""
    import img2pdf

    images = sorted(path for path in batch.rglob("*") if path.suffix in (".jpg", ".jpeg"))
    pdf.write_bytes(img2pdf.convert([str(path) for path in images]))
    return pdf


def _result(turns: list[Round], pages: int, wear: str) -> dict[str, Any]:
    def side(name: str) -> dict[str, Any]:
        costs: list[Cost] = [getattr(turn, name) for turn in turns]
        return {
            "cpu_seconds_a_page": statistics.median(c.cpu_seconds for c in costs) / pages,
            "pages_a_minute": 60 * pages / statistics.median(c.wall_seconds for c in costs),
            "largest_process_mb": max(c.largest_mb for c in costs),
            "all_processes_mb": max(c.tree_mb for c in costs),
            "rounds": [asdict(cost) for cost in costs],
        }

    ratios = [turn.ocrmypdf.cpu_seconds / turn.hotich.cpu_seconds for turn in turns]
    tesseract = subprocess.run(["tesseract", "--version"], capture_output=True, text=True)
    return {
        "pages": pages,
        "wear": wear,
        "workers": WORKERS,
        "cores": os.cpu_count(),
        "versions": {
            "tesseract": tesseract.stdout.split()[1] if shutil.which("tesseract") else "",
            "ocrmypdf": version("ocrmypdf"),
            "opencv-python": version("opencv-python"),
        },
        "hotich": side("hotich"),
        "ocrmypdf": side("ocrmypdf"),
        "ratio": statistics.median(ratios),
        "ratios": ratios,
    }


def _stages(home: Path, pages: int) -> dict[str, float]:
    """CPU seconds a page per stage, as stored with the scans."""
    from models import open_database, stage_seconds

    database = open_database(f"sqlite:///{home / 'hotich.sqlite'}")
    try:
        return {stage: total / pages for stage, total in stage_seconds(database).items()}
    finally:
        database.close()


def _quality(home: Path, truth: Path) -> dict[str, Any]:
    command = [*HOTICH, "evaluate", str(truth), "--json"]
    environment = {**os.environ, **_environment(home)}
    answer = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    figures = json.loads(answer.stdout)
    return {"entries": figures["entries"], **figures["all"]}


if __name__ == "__main__":
    typer.run(main)
