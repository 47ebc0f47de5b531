"""Fit what the signs of a box's place are worth: ``python -m training.fit_layout ROWS``.

ROWS is what ``python -m bench.layout --pool development --strange --rows ROWS`` kept: for each
box its signs and its overlap with the true place, on pages of printed books, on the same books
worn beyond heavy, and on pages of another press laid under the book's geometry. Writes
``ocr_config/calibration/layout.json`` and prints what thresholds would let through, each book
judged by a fit on the others.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray

from bench.layout_report import judged
from pipeline.form.confidence import FILE, SIGNS, SignScore, counted
from pipeline.settings import PROJECT

Floats = NDArray[np.float64]
_DOUBTFUL = 0.3
"""Weight of pages made to be wrong: a book has few of them, a fit needs them."""
_BINS, _ROUNDS, _STEP, _RIDGE = 40, 4000, 0.5, 1e-3
_FOLDS = 5
_A_PAGE = 10.0
"""So many boxes say as much as one alone: what bends a page bends all of them."""
_FEWEST_BOOKS = 8
"""A fit on fewer books is not written unless asked for: it would know their presses only."""


@dataclass(frozen=True)
class Boxes:
    """Boxes of one layout: signs (n, signs), right or not, weight, page and book of each."""

    signs: Floats
    right: Floats
    weight: Floats
    page: NDArray[np.int64]
    book: NDArray[np.int64]
    what: NDArray[np.str_]
    wear: NDArray[np.str_]

    def only(self, chosen: NDArray[np.bool_]) -> Boxes:
        """Some of them."""
        return Boxes(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))


def main(
    rows: Annotated[list[Path], typer.Argument(help="files of bench.layout --rows")],
    out: Annotated[Path, typer.Option(help="where to write")] = (
        PROJECT / "ocr_config" / "calibration" / FILE
    ),
    version: Annotated[str, typer.Option(help="version of the fit")] = "1",
    anyhow: Annotated[bool, typer.Option(help="write also a fit on few books")] = False,
) -> None:
    """Fits, writes and reports."""
    pages = [json.loads(line) for path in rows for line in path.read_text("utf-8").splitlines()]
    layouts = {}
    for kind in SIGNS:
        boxes = gathered([page for page in pages if page["layout"] == kind], kind)
        of_kind = len(set(boxes.book.tolist())) if boxes is not None else 0
        if boxes is None or (of_kind < _FEWEST_BOOKS and not anyhow):
            typer.echo(f"{kind}: {of_kind} books are too few (--anyhow)", err=True)
            continue
        layouts[kind] = fitted(boxes, kind)
        typer.echo(f"\n{kind}: {len(boxes.right)} boxes, {int((boxes.right == 0).sum())} wrong")
        for (name, _), weight in zip(SIGNS[kind], layouts[kind].weights, strict=True):
            typer.echo(f"  {name:10} {weight:6.2f}")
        report(boxes, held_out(boxes, kind))
    books = len({page["book"] for page in pages})
    data = f"{books} books, {len(pages)} pages of the generator's development pool"
    out.write_text(json.dumps(_as_data(layouts, version, data), indent=1) + "\n", "utf-8")
    typer.echo(f"→ {out}", err=True)


def gathered(pages: Sequence[dict[str, Any]], kind: str) -> Boxes | None:
    """All boxes of pages of one layout whose form was recognised."""
    columns: dict[str, list[Any]] = {name: [] for name in Boxes.__dataclass_fields__}
    books: dict[str, int] = {}
    for number, page in enumerate(pages):
        book = books.setdefault(page["book"], len(books))
        for (_, _, signs), box in zip(page["cells"], judged(page), strict=True):
            if len(signs) != len(SIGNS[kind]):
                continue
            columns["signs"].append(signs)
            columns["right"].append(float(box.right))
            columns["weight"].append(1.0 if page["what"] == "own" else _DOUBTFUL)
            columns["page"].append(number)
            columns["book"].append(book)
            columns["what"].append(page["what"])
            columns["wear"].append(page["wear"])
    if not columns["right"]:
        return None
    return Boxes(*(np.array(values) for values in columns.values()))


def fitted(boxes: Boxes, kind: str) -> SignScore:
    """Score and curve from boxes."""
    low, high = _spans(boxes, kind)
    seen = counted(boxes.signs, low, high)
    weights = _logistic(seen, boxes.right, boxes.weight)
    scores = seen @ weights
    knots, chances = _curve(scores, boxes)
    return SignScore(
        _plain(low), _plain(high), _plain(weights), _plain(knots), _plain(chances), len(scores)
    )


def held_out(boxes: Boxes, kind: str) -> Floats:
    """Probability of each box after a fit on other books."""
    chances = np.ones(len(boxes.right))
    for fold in range(_FOLDS):
        own = boxes.book % _FOLDS == fold
        if own.any() and (~own).any():
            chances[own] = fitted(boxes.only(~own), kind).probability(boxes.signs[own])
    return chances


def _spans(boxes: Boxes, kind: str) -> tuple[Floats, Floats]:
    """Where each sign begins to speak for a place, and where it says all it can."""
    low, high = [], []
    right, wrong = boxes.right > 0, boxes.right == 0
    for n, (_, way) in enumerate(SIGNS[kind]):
        good = boxes.signs[right, n]
        bad = boxes.signs[wrong, n] if wrong.any() else good
        usual = float(np.percentile(good, 40 if way > 0 else 60))
        least = float(np.percentile(bad, 10 if way > 0 else 90))
        if (usual - least) * way < 1e-3:
            least = usual - way * 1e-3
        low.append(least)
        high.append(usual)
    return np.array(low), np.array(high)


def _logistic(seen: Floats, right: Floats, weight: Floats) -> Floats:
    """Weights of signs, none below 0; the constant is left to the curve."""
    weights, constant = np.ones(seen.shape[1]), -seen.shape[1] / 2.0
    # Right and wrong count alike: the score is to part them, the curve knows how many there are.
    share = np.average(right, weights=weight)
    balance = weight * np.where(right > 0, 0.5 / max(share, 1e-6), 0.5 / max(1 - share, 1e-6))
    balance /= balance.sum()
    for _ in range(_ROUNDS):
        chance = 1 / (1 + np.exp(-np.clip(seen @ weights + constant, -30, 30)))
        error = balance * (chance - right)
        weights = np.maximum(0.0, weights - _STEP * (seen.T @ error + _RIDGE * weights))
        constant -= _STEP * float(error.sum())
    return np.asarray(weights, np.float64)


def _curve(scores: Floats, boxes: Boxes) -> tuple[Floats, Floats]:
    """Probability at rising scores: pooled adjacent violators over bins of boxes."""
    order = np.argsort(scores, kind="stable")
    blocks = [part for part in np.array_split(order, min(_BINS, len(order))) if len(part)]
    places = [float(np.average(scores[part])) for part in blocks]
    mass = [float(boxes.weight[part].sum()) for part in blocks]
    have = [float((boxes.weight * boxes.right)[part].sum()) for part in blocks]
    merged: list[list[float]] = []
    for place, total, good in zip(places, mass, have, strict=True):
        merged.append([place, place, total, good])
        while len(merged) > 1 and merged[-2][3] * merged[-1][2] >= merged[-1][3] * merged[-2][2]:
            last = merged.pop()
            merged[-1] = [merged[-1][0], last[1], merged[-1][2] + last[2], merged[-1][3] + last[3]]
    knots: list[float] = []
    chances: list[float] = []
    for start, end, total, good in merged:
        # What was never wrong here may be wrong elsewhere: half a page more is taken to be.
        never = 1 - 0.5 / (total / _A_PAGE + 1)
        chance = (good + 0.25) / (total + 0.5) if good < total else never
        for at in (start, end) if end > start else (start,):
            knots.append(at)
            chances.append(chance)
    return np.array(knots), np.maximum.accumulate(np.array(chances))


def report(boxes: Boxes, chances: Floats) -> None:
    """What page and cell thresholds would let through of the books' own pages."""
    own = boxes.what == "own"
    pages = np.unique(boxes.page[own])
    mean = {n: float(chances[boxes.page == n].mean()) for n in pages}
    whole = {n: bool((boxes.right[boxes.page == n] > 0).all()) for n in pages}
    medium = {n: bool((boxes.wear[boxes.page == n] != "heavy").all()) for n in pages}
    of_page = np.array([mean.get(n, 0.0) for n in boxes.page])
    typer.echo("  page ≥  cell ≥   let through   wrong    good pages sent (not heavy)")
    for page_limit in (0.5, 0.8, 0.9, 0.95, 0.97, 0.98, 0.99):
        for cell_limit in (0.5, 0.8, 0.9, 0.95):
            taken = own & (of_page >= page_limit) & (chances >= cell_limit)
            wrong = int((boxes.right[taken] == 0).sum())
            good = [n for n in pages if whole[n] and medium[n]]
            sent = sum(mean[n] < page_limit for n in good)
            typer.echo(
                f"  {page_limit:5.2f}  {cell_limit:5.2f}  {int(taken.sum()):6} of {int(own.sum())}"
                f"  {wrong} ({wrong / max(1, int(taken.sum())):.4f})  {sent} of {len(good)}"
            )
    for low, high in ((0, 0.5), (0.5, 0.9), (0.9, 0.98), (0.98, 0.995), (0.995, 1.01)):
        inside = (chances >= low) & (chances < high)
        if inside.any():
            typer.echo(
                f"  said {chances[inside].mean():.4f}  right {boxes.right[inside].mean():.4f}"
                f"  of {int(inside.sum())} (all pages)"
            )


def _plain(values: Floats) -> tuple[float, ...]:
    return tuple(round(float(v), 5) for v in values)


def _as_data(layouts: dict[str, SignScore], version: str, data: str) -> dict[str, Any]:
    return {
        "version": version,
        "data": data,
        "layouts": {
            kind: {
                "signs": [name for name, _ in SIGNS[kind]],
                "low": one.low,
                "high": one.high,
                "weights": one.weights,
                "scores": one.scores,
                "probabilities": one.probabilities,
                "boxes": one.boxes,
            }
            for kind, one in layouts.items()
        },
    }


if __name__ == "__main__":
    typer.run(main)
