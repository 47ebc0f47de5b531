"""Trains the net (``python -m training.hand.train WORK``): fonts first, then real hands too.

One process on one thread. The clock of the plan counts CPU time while it trains, so that a busy
machine takes longer and learns the same; ``state.pt`` is kept every few minutes, so that a run
that was stopped goes on where it was.
"""

from __future__ import annotations

import math
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import cv2
import numpy as np
import torch
import typer
from torch import Tensor, nn

from training.hand.again import from_onnx
from training.hand.batches import Batch, Shards, batches, drawn, plain
from training.hand.measure import error_rate, judge, read_all
from training.hand.muon import Muon
from training.hand.net import HandNet
from training.hand.real import load, split_source
from training.hand.synthetic import Line, load_shard
from training.nets import lean

SOURCES = ("kalapa2023", "cinnamon2018")
_SAVE_S = 150.0
_LOOK_S = 420.0
_QUICK = {"kalapa2023": 108, "cinnamon2018": 60, "fonts": 100}


@dataclass(frozen=True)
class Plan:
    """How a run goes. Minutes are of training, the time of looking and loading apart.

    ``share`` is the part of real lines in the second phase; the first ``short_minutes`` show
    short lines only.
    """

    minutes: float
    font_minutes: float
    short_minutes: float = 8.0
    share: float = 0.6
    columns: int = 5000
    muon: float = 0.012
    adam: float = 0.002
    decay: float = 0.02
    average: float = 0.998
    seed: int = 4


class Run:
    """A net in training, with all that is needed to go on later."""

    def __init__(self, plan: Plan, device: str = "cpu") -> None:
        torch.manual_seed(plan.seed)
        self.plan, self.device = plan, device
        self.net, self.mean = HandNet().to(device), HandNet().to(device)
        self.mean.load_state_dict(self.net.state_dict())
        kernels: list[Tensor] = []
        others: list[Tensor] = []
        for name, weight in self.net.named_parameters():
            inner = weight.dim() == 4 and weight.shape[1] > 1 and not name.startswith("say")
            (kernels if inner else others).append(weight)
        self.muon = Muon(kernels, plan.muon, decay=plan.decay)
        self.adam = torch.optim.AdamW(others, plan.adam, betas=(0.9, 0.98), weight_decay=1e-3)
        self.clock, self.steps, self.lines, self.real = 0.0, 0, 0, 0

    def learn(self, batch: Batch) -> Tensor:
        """One step; gives the loss a character."""
        self._set_rate()
        self.net.train()
        with torch.autocast(self.device, torch.bfloat16):
            said = self.net(batch.ink).transpose(0, 1)
        loss = (
            nn.functional.ctc_loss(
                said,
                batch.targets,
                batch.frames,
                batch.lengths,
                reduction="sum",
                zero_infinity=True,
            )
            / batch.lengths.sum()
        )
        for one in (self.muon, self.adam):
            one.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.adam.param_groups[0]["params"], 0.5)
        self.muon.step()
        self.adam.step()
        lean(self.mean, self.net, self.steps, self.plan.average)
        self.steps += 1
        self.lines += len(batch.frames)
        self.real += batch.real
        return loss.detach()

    def _set_rate(self) -> None:
        done = min(1.0, self.clock / (60 * self.plan.minutes))
        rate = (0.5 + 0.5 * math.cos(math.pi * done)) * min(1.0, (self.steps + 1) / 60) + 0.005
        self.muon.param_groups[0]["lr"] = self.plan.muon * rate
        self.adam.param_groups[0]["lr"] = self.plan.adam * rate

    def save(self, path: Path) -> None:
        """Keeps all of it, whole or not at all."""
        fresh = path.with_suffix(".part")
        numbers = (self.clock, self.steps, self.lines, self.real)
        parts = {name: getattr(self, name).state_dict() for name in ("net", "mean", "muon", "adam")}
        torch.save({**parts, "numbers": numbers, "seed": self.plan.seed}, fresh)
        fresh.rename(path)

    def begin_with(self, net: HandNet) -> None:
        """Starts from the weights of another net instead of chance."""
        self.net.load_state_dict(net.state_dict())
        self.mean.load_state_dict(net.state_dict())

    def restore(self, path: Path) -> None:
        """Goes on from a kept state."""
        kept: dict[str, Any] = torch.load(path, weights_only=True)
        for name in ("net", "mean", "muon", "adam"):
            getattr(self, name).load_state_dict(kept[name])
        self.clock, self.steps, self.lines, self.real = kept["numbers"]


def sources(data: Path | None) -> list[Path]:
    """Folders of labelled lines below the folder of data; none without it."""
    return [data / name for name in SOURCES] if data else []


def real_lines(data: Path | None, without: str = "") -> tuple[list[Line], dict[str, list[Line]]]:
    """Training lines of all sources, and the lines kept apart by source.

    Of the source named by ``without`` nothing is trained on: its kept lines then show what a new
    source costs.
    """
    train: list[Line] = []
    kept: dict[str, list[Line]] = {}
    for source in sources(data):
        split = split_source(source)
        if source.name != without:
            train.extend(load(split.train, source.name))
        kept[source.name] = list(load(split.kept, source.name))
    return train, kept


def look(net: HandNet, sets: dict[str, list[Line]], most: dict[str, int]) -> dict[str, float]:
    """Error rate on each set, on evenly picked lines of it where ``most`` says so."""
    found = {}
    for name, lines in sets.items():
        few = lines[:: max(1, len(lines) // most.get(name, len(lines)))]
        judged = judge(read_all(net, [plain(line) for line in few]), [line.text for line in few])
        found[name] = error_rate(judged)
    return found


def main(
    work: Annotated[Path, typer.Argument(help="Folder of this run: shards/, val/, state.pt")],
    data: Annotated[Path | None, typer.Option(envvar="HOTICH_HANDWRITING")] = None,
    minutes: float = 90,
    font_minutes: float = 13,
    short_minutes: float = Plan.short_minutes,
    share: float = 0.6,
    columns: int = 5000,
    seed: int = 4,
    muon: Annotated[float, typer.Option(help="Highest rate of the kernels")] = Plan.muon,
    adam: Annotated[float, typer.Option(help="Highest rate of all else")] = Plan.adam,
    start: Annotated[Path | None, typer.Option(help="Weights (ONNX) to go on from")] = None,
    without: Annotated[str, typer.Option(help="Source that is only measured, never learned")] = "",
) -> None:
    """Trains until the plan's minutes are over, going on from ``state.pt`` where there is one."""
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    plan = Plan(minutes, font_minutes, short_minutes, share, columns, muon, adam, seed=seed)
    run, state = Run(plan), work / "state.pt"
    real, sets = real_lines(data, without)
    if state.exists():
        run.restore(state)
    elif start is not None:
        run.begin_with(from_onnx(start, [plain(line) for line in real]))
    sets["fonts"] = [
        line for path in sorted((work / "val").glob("*.npz")) for line in load_shard(path)
    ]
    typer.echo(f"{len(real)} real lines, pid {os.getpid()}")
    _train(run, work, real, sets)
    run.save(state)
    if run.clock < 60 * plan.minutes:
        raise typer.Exit(1)
    typer.echo(f"end {_figures(look(run.mean, sets, {}))}")


def _train(run: Run, work: Path, real: list[Line], sets: dict[str, list[Line]]) -> None:
    plan, shards, remade = run.plan, Shards(work / "shards"), Shards(work / "recomposed")
    dice = np.random.default_rng([plan.seed, run.steps])
    saved = looked = run.clock
    mean_loss = 0.0
    feed: Iterator[Batch] = iter(())
    phase = -1
    stopped: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: stopped.append(number))
    while run.clock < 60 * plan.minutes and not stopped:
        began = time.process_time()
        now = _phase(run)
        if now != phase or run.steps % 200 == 0:
            shards.refresh()
            remade.refresh()
            longest, share = ((10, 0.0), (999, 0.0), (999, plan.share))[now]
            if phase == 1 and now == 2:
                run.save(work / "fonts.pt")
            phase = now
            feed = batches(drawn(real, shards, remade, share, dice, longest), dice, plan.columns)
        loss = float(run.learn(next(feed)))
        mean_loss += (loss - mean_loss) * (0.02 if mean_loss else 1.0)
        run.clock += time.process_time() - began
        if run.steps % 50 == 0:
            typer.echo(
                f"{time.strftime('%H:%M:%S')} min {run.clock / 60:.1f} step {run.steps} "
                f"lines {run.lines} real {run.real} loss {mean_loss:.3f}"
            )
        if run.clock - saved > _SAVE_S:
            run.save(work / "state.pt")
            saved = run.clock
        if run.clock - looked > _LOOK_S:
            rates = _figures(look(run.mean, sets, _QUICK))
            typer.echo(f"look min {run.clock / 60:.1f} real {run.real} {rates}")
            looked = run.clock


def _phase(run: Run) -> int:
    minute = run.clock / 60
    return 0 if minute < run.plan.short_minutes else 1 if minute < run.plan.font_minutes else 2


def _figures(rates: dict[str, float]) -> str:
    return " ".join(f"{name} {100 * rate:.2f}" for name, rate in rates.items())


if __name__ == "__main__":
    typer.run(main)
