"""Fits ``ocr_config/weights/router.npz``: what stands in a cell, and how it is written.

``python -m training.fit_router FIT.npz … --test KEPT.npz`` fits two small networks on examples
(``training.router_examples``), tempers them on faces and writers kept from the fitting, and
tells how they do on those of the test.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray

from pipeline.reading.router import Content, Look, Network, Router, Writing, save_router
from pipeline.settings import PROJECT
from training.router_examples import Examples, load_examples

VERSION = "2"
HIDDEN = 96
STEPS, BATCH = 4000, 256
SHRINK = 6e-3
SHAKE = 0.8
"""Noise on the figures: a new face is never quite like a known one."""
_TEMPERING = 6
"""One source in so many is kept to temper on."""
USUAL = {
    Content.WRITTEN: 0.86,
    Content.BLANK: 0.06,
    Content.STRUCK: 0.015,
    Content.DITTO: 0.05,
    Content.STAMP: 0.005,
    Content.STAMPED: 0.01,
}
"""How often each is met in registers, of cells that are not plainly blank (an estimate): examples
hold far more of the rare ones, and a stamp must not be seen where none is."""
Floats = NDArray[np.float64]
Numbers = NDArray[np.intp]
Flags = NDArray[np.bool_]


def content_of(examples: Examples) -> Numbers:
    """Number of the ``Content`` of each example."""
    kinds = list(Content)
    names = {look.value: kinds.index(Content.WRITTEN) for look in Look}
    names |= {kind.value: n for n, kind in enumerate(kinds) if kind.value in names}
    found = np.array([names[look] for look in examples.look.tolist()])
    written = found == kinds.index(Content.WRITTEN)
    found[written & examples.stamped] = kinds.index(Content.STAMPED)
    return found


def writing_of(examples: Examples) -> Numbers:
    """Number of the ``Writing`` of each example."""
    kinds = [kind.value for kind in Writing]
    return np.array([kinds.index(name) for name in examples.writing.tolist()])


def in_cells(examples: Examples) -> Flags:
    """Those that the network of contents is asked about: cells that are not plainly blank."""
    return np.asarray(~examples.line & ~examples.blank)


def with_letters(examples: Examples) -> Flags:
    """Those that say how they are written: words or figures, no ditto mark, no stamp."""
    written = np.isin(examples.look, [kind.value for kind in Writing] + [Look.STRUCK.value])
    letters = np.array([any(s.isalnum() for s in text) for text in examples.text.tolist()])
    return np.asarray(written & letters & ~examples.blank)


def fit(x: Floats, y: Numbers, groups: NDArray[np.str_], seed: int = 1) -> Network:
    """A network with one hidden layer by Adam; kinds and groups are drawn alike often."""
    rng = np.random.default_rng(seed)
    kinds, wide = int(y.max()) + 1, x.shape[1]
    middle, spread = x.mean(axis=0), x.std(axis=0) + 1e-3
    z = np.clip((x - middle) / spread, -6, 6).astype(np.float32)
    numbers = np.unique(groups, return_inverse=True)[1]
    often = 1 / np.sqrt(np.bincount(numbers))[numbers]
    for kind in range(kinds):
        often[y == kind] *= (y == kind).sum() ** 0.5 / max(1e-9, often[y == kind].sum())
    often /= often.sum()
    parts = [
        rng.normal(0, 1 / wide**0.5, (wide, HIDDEN)).astype(np.float32),
        np.zeros(HIDDEN, np.float32),
        rng.normal(0, 1 / HIDDEN**0.5, (HIDDEN, kinds)).astype(np.float32),
        np.zeros(kinds, np.float32),
    ]
    speed = [np.zeros_like(part) for part in parts]
    power = [np.zeros_like(part) for part in parts]
    draws = rng.choice(len(y), (STEPS, BATCH), p=often)
    for step, some in enumerate(draws, start=1):
        shaken = z[some] + SHAKE * rng.standard_normal((BATCH, wide), np.float32)
        inner = np.maximum(0, shaken @ parts[0] + parts[1])
        logits = inner @ parts[2] + parts[3]
        error = np.exp(logits - logits.max(axis=1, keepdims=True))
        error /= error.sum(axis=1, keepdims=True)
        error[np.arange(BATCH), y[some]] -= 1
        error /= BATCH
        back = (error @ parts[2].T) * (inner > 0)
        slopes = [
            shaken.T @ back + SHRINK * parts[0],
            back.sum(axis=0),
            inner.T @ error + SHRINK * parts[2],
            error.sum(axis=0),
        ]
        rate = np.float32(0.004 * (1 - step / STEPS) + 1e-5)
        for n, slope in enumerate(slopes):
            speed[n] = 0.9 * speed[n] + 0.1 * slope
            power[n] = 0.999 * power[n] + 0.001 * slope**2
            move = (speed[n] / (1 - 0.9**step)) / (np.sqrt(power[n] / (1 - 0.999**step)) + 1e-8)
            parts[n] = np.asarray(parts[n] - rate * move, np.float32)
    first, first_bias, second, second_bias = (np.asarray(part, np.float64) for part in parts)
    return Network(middle, spread, first, first_bias, second, second_bias)


def tempered(x: Floats, y: Numbers, groups: NDArray[np.str_]) -> Network:
    """The network of all, tempered by one that had not seen some of the sources."""
    apart = np.array([zlib.crc32(name.encode()) % _TEMPERING == 0 for name in groups.tolist()])
    if not apart.any() or apart.all():
        return fit(x, y, groups)
    part = fit(x[~apart], y[~apart], groups[~apart])
    logits = part.logits(x[apart])
    tempers = np.geomspace(0.5, 5.0, 40)
    losses = [_loss(logits / temper, y[apart]) for temper in tempers]
    return replace(fit(x, y, groups), temper=float(tempers[int(np.argmin(losses))]))


def at_home(network: Network, y: Numbers) -> Network:
    """The network of contents, its chances those of registers rather than of the examples."""
    drawn = np.sqrt(np.bincount(y, minlength=len(USUAL)))  # as ``fit`` draws kinds
    shift = np.log([USUAL[kind] for kind in Content]) - np.log(drawn / drawn.sum())
    return replace(network, second_bias=network.second_bias + network.temper * shift)


def _loss(logits: Floats, y: Numbers) -> float:
    top = logits.max(axis=1)
    total = top + np.log(np.exp(logits - top[:, None]).sum(axis=1))
    return float((total - logits[np.arange(len(y)), y]).mean())


def fitted(examples: Examples) -> Router:
    """Both networks."""
    letters, cells = with_letters(examples), in_cells(examples)
    how = examples.where(letters)
    what = examples.where(cells)
    return Router(
        VERSION,
        tempered(how.forms.astype(np.float64), writing_of(how), how.source),
        tempered(
            np.hstack([what.forms, what.scales]).astype(np.float64),
            content_of(what),
            what.source,
        ),
    )


def report(router: Router, test: Examples) -> Iterator[str]:
    """Tables: looks confused, hand or not by source and wear, and whether shares hold."""
    letters = test.where(with_letters(test))
    found = router.judged(*_rows(letters))
    hand = writing_of(letters) == list(Writing).index(Writing.HAND)
    right = (found.hand > 0) == hand
    yield f"hand or not: {right.mean():.4f} of {len(right)}"
    for name in ("line", "wear", "source"):
        for value in np.unique(getattr(letters, name)):
            own = getattr(letters, name) == value
            yield f"  {name} {value!s:24} {int(own.sum()):5d} {right[own].mean():.4f}"
    chance = 1 / (1 + np.exp(-np.clip(found.hand, -50, 50)))
    yield f"  calibration error {_calibration(np.maximum(chance, 1 - chance), right):.4f}"
    cells = test.where(in_cells(test))
    judged = router.judged(*_rows(cells))
    kinds = list(Content)
    truth, said = content_of(cells), judged.content.argmax(axis=1)
    yield f"content of a cell: {(truth == said).mean():.4f} of {len(truth)}"
    yield " " * 10 + " ".join(f"{kind.value:>8}" for kind in kinds)
    for n, kind in enumerate(kinds):
        row = np.bincount(said[truth == n], minlength=len(kinds))
        yield f"  {kind.value:8}" + " ".join(f"{count:8d}" for count in row)
    sure = judged.content.max(axis=1)
    yield f"  calibration error {_calibration(sure, truth == said):.4f}"
    looks = list(Look)
    plain = ~cells.stamped
    of = np.array([looks.index(Look(look)) for look in cells.look.tolist()])[plain]
    all_said = judged.chances[plain].argmax(axis=1)
    yield f"looks: {(of == all_said).mean():.4f} of {len(of)}"
    yield " " * 10 + " ".join(f"{look.value:>8}" for look in looks)
    for n, look in enumerate(looks):
        row = np.bincount(all_said[of == n], minlength=len(looks))
        yield f"  {look.value:8}" + " ".join(f"{count:8d}" for count in row)


def _rows(examples: Examples) -> tuple[Floats, Floats]:
    return examples.forms.astype(np.float64), examples.scales.astype(np.float64)


def _calibration(chances: Floats, right: Flags) -> float:
    """Mean distance between what is claimed and what is right, over ten bins."""
    bins = np.minimum(9, (chances * 10).astype(int))
    return float(
        sum(
            abs(chances[bins == n].sum() - right[bins == n].sum()) for n in np.unique(bins).tolist()
        )
        / len(chances)
    )


def main(
    examples: Annotated[list[Path], typer.Argument(help="files of examples to fit on")],
    test: Annotated[list[Path], typer.Option(help="files of faces and writers kept apart")],
    out: Annotated[Path, typer.Option()] = PROJECT / "ocr_config/weights/router.npz",
) -> None:
    """Fit, temper, test, write."""
    some = load_examples(examples)
    router = fitted(some)
    for line in report(router, load_examples(test)):
        typer.echo(line)
    typer.echo(f"tempers {router.writing.temper:.2f} {router.content.temper:.2f}")
    usual = at_home(router.content, content_of(some.where(in_cells(some))))
    save_router(replace(router, content=usual), out)


if __name__ == "__main__":
    typer.run(main)
