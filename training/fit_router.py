"""Fits ``ocr_config/weights/router-*.onnx``: what stands in a cell, and how it is written.

``python -m training.fit_router FIT.npz … --test KEPT.npz`` fits two small nets on examples
(``training.router_examples``; PyTorch), keeps what they say from being too sure, and tells how they
do on faces and writers of the test.
"""

from __future__ import annotations

import copy
import math
import multiprocessing as mp
import time
import zlib
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, TypeVar

import cv2
import numpy as np
import torch
import typer
from numpy.typing import NDArray
from torch import nn

from pipeline.reading.pictures import MEASURES, letters, true_scale
from pipeline.reading.router import Content, Look, Writing, router_files
from pipeline.settings import PROJECT
from pipeline.types import Crop, Grey
from training.nets import lean
from training.router_again import from_onnx
from training.router_examples import Examples, load_examples
from training.router_net import RouterNet, batch, export, temper
from training.router_varied import Shown, shown

BATCH = 64
FIRST = 256
"""Pictures that a net to go on from is measured on."""
RATE, DECAY = 2e-3, 0.05
SMOOTHING = 0.02
"""Of the net of writing (``Plan.smoothing``)."""
AVERAGE = 0.998
LARGER = (0.85, 1.0, 1.2)
"""Heights of letters that are shown: how high they are is a guess."""
_TOLD_S = 60.0
_TEMPERING = 12
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
Floats32 = NDArray[np.float32]
Say = Callable[[str], None]
Numbers = NDArray[np.intp]
Flags = NDArray[np.bool_]
Batch = tuple[Numbers, list[Grey]]
_Given = TypeVar("_Given")
_Found = TypeVar("_Found")


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


@dataclass(frozen=True)
class Plan:
    """How long a net learns.

    CPU seconds, so that a busy machine learns the same; on a graphics card those of the wall.
    """

    seconds: float
    seed: int = 1
    smoothing: float = 0.0
    """Share of each example's truth that is given to all kinds alike."""
    size: int = BATCH
    """Pictures shown at once."""
    device: str = "cpu"
    workers: int = 0
    """Processes that vary pictures; without any it is done between steps."""
    start: Path | None = None
    """A net to go on from."""
    rate: float = RATE
    """Of learning, at its highest."""

    def clock(self) -> float:
        """Seconds since some moment."""
        return time.process_time() if self.device == "cpu" else time.monotonic()


def fit(shown_: Shown, measures: Floats32 | None, kinds: int, plan: Plan, say: Say) -> RouterNet:
    """A net, the running mean of its weights."""
    torch.manual_seed(plan.seed)
    if plan.start:
        net = from_onnx(plan.start, [own[0] for own in shown_.pictures[:FIRST]], measures)
    else:
        net = RouterNet(kinds, 0 if measures is None else measures.shape[1])
    net = net.to(plan.device, memory_format=torch.channels_last)
    mean = copy.deepcopy(net)
    rate = plan.rate * math.sqrt(plan.size / BATCH)
    teacher = torch.optim.AdamW(net.parameters(), rate, weight_decay=DECAY)
    net.train()
    with closing(_feed(shown_, plan)) as feed:
        began, told, losses = plan.clock(), 0.0, torch.zeros((), device=plan.device)
        for step, (chosen, pictures) in enumerate(feed, start=1):
            spent = plan.clock() - began
            if spent >= plan.seconds:
                break
            wave = 0.5 + 0.5 * math.cos(math.pi * spent / plan.seconds)
            for group in teacher.param_groups:
                group["lr"] = rate * wave * min(1.0, step / 100) + 1e-5
            ink, own = (one.to(plan.device) for one in batch(pictures))
            beside = None
            if measures is not None:
                beside = torch.from_numpy(measures[chosen]).to(plan.device)
            with torch.autocast(plan.device, torch.bfloat16):
                said = net(ink.to(memory_format=torch.channels_last), beside, own)
            wanted = torch.from_numpy(shown_.kinds[chosen]).to(plan.device)
            loss = nn.functional.cross_entropy(said.float(), wanted, label_smoothing=plan.smoothing)
            teacher.zero_grad()
            loss.backward()
            teacher.step()
            lean(mean, net, step, AVERAGE)
            losses += loss.detach()
            if spent - told > _TOLD_S:
                told = spent
                mean_loss = losses.item() / step
                say(f"{spent:.0f} s, {step * plan.size} pictures, loss {mean_loss:.3f} on average")
    return mean.cpu().eval()


def _feed(examples: Shown, plan: Plan) -> Generator[Batch]:
    """Batches without end, made by the plan's workers where it has some."""
    if not plan.workers:
        yield from shown(examples, plan.size, plan.seed)
        return
    fork = mp.get_context("fork")
    made: mp.Queue[Batch] = fork.Queue(4 * plan.workers)
    workers = [
        fork.Process(target=_fill, args=(made, examples, plan.size, plan.seed * 1000 + n))
        for n in range(plan.workers)
    ]
    for one in workers:
        one.start()
    try:
        while True:
            yield made.get()
    finally:
        for one in workers:
            one.terminate()
            one.join()


def _fill(made: mp.Queue[Batch], examples: Shown, size: int, seed: int) -> None:
    for one in shown(examples, size, seed):
        made.put(one)


def _each(how: Callable[[_Given], _Found], of: Sequence[_Given], plan: Plan) -> list[_Found]:
    """A function of each, by the plan's workers where it has some."""
    if not plan.workers:
        return [how(one) for one in of]
    with mp.get_context("fork").Pool(plan.workers) as pool:
        return pool.map(how, of, chunksize=200)


def logits_of(net: RouterNet, pictures: Sequence[Grey], measures: Floats32 | None = None) -> Floats:
    """What a net says of pictures, a row each."""
    found = np.zeros((len(pictures), net.say[-1].out_features))
    order = sorted(range(len(pictures)), key=lambda n: pictures[n].shape[::-1])
    with torch.inference_mode():
        for at in range(0, len(order), BATCH):
            some = order[at : at + BATCH]
            ink, own = batch([pictures[n] for n in some])
            beside = None if measures is None else torch.from_numpy(measures[some])
            found[some] = net(ink, beside, own).numpy()
    return found


def kept_to_temper(groups: NDArray[np.str_]) -> Flags:
    """Sources that no net learns from: whether its shares are probabilities is seen on them."""
    return np.array([zlib.crc32(name.encode()) % _TEMPERING == 0 for name in groups.tolist()])


def temperature(logits: Floats, kinds: Numbers) -> float:
    """What logits are best divided by; 1 where nothing tells."""
    if not len(kinds):
        return 1.0
    tempers = np.geomspace(0.5, 5.0, 60)
    losses = [_loss(logits / temper, kinds) for temper in tempers]
    return float(tempers[int(np.argmin(losses))])


def at_home(kinds: Numbers) -> Floats:
    """What to add to what is said of contents, so that its chances are those of registers."""
    drawn = np.sqrt(np.bincount(kinds, minlength=len(USUAL)))  # as ``how_often`` draws kinds
    return np.asarray(np.log([USUAL[kind] for kind in Content]) - np.log(drawn / drawn.sum()))


def _loss(logits: Floats, y: Numbers) -> float:
    top = logits.max(axis=1)
    total = top + np.log(np.exp(logits - top[:, None]).sum(axis=1))
    return float((total - logits[np.arange(len(y)), y]).mean())


def _image(png: bytes) -> Grey:
    return np.asarray(cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_GRAYSCALE), np.uint8)


def _in_sizes(png: bytes) -> list[Grey]:
    return [letters(_image(png), larger) for larger in LARGER]


def _crops(examples: Examples) -> Iterator[Crop]:
    for png, dpi in zip(examples.picture, examples.dpi.tolist(), strict=True):
        yield Crop(_image(png), dpi, "notes")


def fit_writing(some: Examples, plan: Plan, say: Say) -> RouterNet:
    """How something is written.

    Shown all sources, since faces are what it lacks; ``SMOOTHING`` keeps it from being too sure of
    those it never met, better than tempering on a few kept apart (0.012 calibration error on the
    test, 0.032 so).
    """
    some = some.where(with_letters(some))
    pictures = _each(_in_sizes, some.picture.tolist(), plan)
    shown_ = Shown(pictures, writing_of(some), some.source, True)
    return fit(shown_, None, len(Writing), replace(plan, smoothing=SMOOTHING), say)


def fit_content(some: Examples, plan: Plan, say: Say) -> tuple[RouterNet, Floats]:
    """What is there, tempered; and what makes its chances those of registers."""
    some = some.where(in_cells(some))
    apart, kinds = kept_to_temper(some.source), content_of(some)
    pictures = _each(true_scale, list(_crops(some)), plan)
    known = [[own] for own, kept in zip(pictures, apart, strict=True) if not kept]
    shown_ = Shown(known, kinds[~apart], some.source[~apart], False)
    net = fit(shown_, some.measures[~apart], len(Content), plan, say)
    plain = [own for own, kept in zip(pictures, apart, strict=True) if kept]
    temper(net, temperature(logits_of(net, plain, some.measures[apart]), kinds[apart]))
    return net, at_home(kinds[~apart])


def report_writing(net: RouterNet, test: Examples) -> Iterator[str]:
    """Hand or not, by source and wear; whether shares hold."""
    own = test.where(with_letters(test))
    said = logits_of(net, [letters(_image(png)) for png in own.picture])
    hand = said[:, 2] - np.logaddexp(said[:, 0], said[:, 1])
    right = (hand > 0) == (writing_of(own) == list(Writing).index(Writing.HAND))
    yield f"hand or not: {right.mean():.4f} of {len(right)}"
    for name in ("line", "wear", "source"):
        for value in np.unique(getattr(own, name)):
            of = getattr(own, name) == value
            yield f"  {name} {value!s:24} {int(of.sum()):5d} {right[of].mean():.4f}"
    chance = 1 / (1 + np.exp(-np.clip(hand, -50, 50)))
    yield f"  calibration error {_calibration(np.maximum(chance, 1 - chance), right):.4f}"


def report_content(net: RouterNet, test: Examples) -> Iterator[str]:
    """Contents confused; whether shares hold. Rare contents are not yet as rare as they are."""
    cells = test.where(in_cells(test))
    truth = content_of(cells)
    shares = logits_of(net, [true_scale(crop) for crop in _crops(cells)], cells.measures)
    shares = np.exp(shares - np.logaddexp.reduce(shares, axis=1, keepdims=True))
    found = shares.argmax(axis=1)
    yield f"content of a cell: {(truth == found).mean():.4f} of {len(truth)}"
    kinds = list(Content)
    yield " " * 10 + " ".join(f"{kind.value:>8}" for kind in kinds)
    for n, kind in enumerate(kinds):
        row = np.bincount(found[truth == n], minlength=len(kinds))
        yield f"  {kind.value:8}" + " ".join(f"{count:8d}" for count in row)
    yield f"  calibration error {_calibration(shares.max(axis=1), truth == found):.4f}"


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
    test: Annotated[
        list[Path] | None, typer.Option(help="files of faces and writers kept apart, to be told of")
    ] = None,
    minutes: Annotated[float, typer.Option(help="of CPU time, for each of the two nets")] = 15.0,
    only: Annotated[str, typer.Option(help="writing or content; the other stays as it is")] = "",
    size: Annotated[int, typer.Option(help="pictures shown at once")] = BATCH,
    device: Annotated[str, typer.Option(help="cuda: minutes of the wall")] = "cpu",
    workers: Annotated[int, typer.Option(help="processes that vary pictures meanwhile")] = 0,
    on: Annotated[bool, typer.Option("--on", help="go on from the nets that are there")] = False,
    rate: Annotated[float, typer.Option(help="of learning, at its highest")] = RATE,
    config: Annotated[Path, typer.Option()] = PROJECT / "ocr_config",
) -> None:
    """Fit, temper, test, write."""
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    plan = Plan(60 * minutes, size=size, device=device, workers=workers, rate=rate)
    some, kept = load_examples(examples), load_examples(test) if test else None
    written, there = router_files(config)
    if only != "content":
        net = fit_writing(some, replace(plan, start=written if on else None), typer.echo)
        if kept:
            typer.echo("\n".join(report_writing(net, kept)))
        export(net, written)
    if only != "writing":
        net, shift = fit_content(some, replace(plan, start=there if on else None), typer.echo)
        if kept:
            typer.echo("\n".join(report_content(net, kept)))
        temper(net, 1.0, shift.tolist())
        export(net, there, MEASURES)


if __name__ == "__main__":
    typer.run(main)
