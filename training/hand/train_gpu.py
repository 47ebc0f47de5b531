"""Trains the net on a graphics card (``python -m training.hand.train_gpu WORK``).

Lines lie on the card and are changed there (``tape``); the processors make new ones meanwhile:
``synthetic`` and ``recompose`` write shards into the work folder, and what appears is taken in.
The clock of the plan is the wall's. What comes out is a ``state.pt`` as ``train`` writes it.
"""

from __future__ import annotations

import pickle
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer

from training.hand.again import from_onnx
from training.hand.batches import plain
from training.hand.synthetic import Line, load_shard
from training.hand.tape import Tape, add_real, add_shard, batches
from training.hand.train import Plan, Run, look, real_lines

_SHARES = {"fonts": 0.5, "recomposed": 0.3, "real": 0.2}
"""Of what is shown. Some thousand real lines come again hundreds of times, lines in fonts a few."""
_LOOK_STEPS = 50
_SAVE_S = 60.0


@dataclass
class Feed:
    """Lines of the work folder's shards as they appear."""

    work: Path
    tape: Tape
    without: str
    only_fonts: bool
    seen: set[Path] = field(default_factory=set)

    def refresh(self, most: int = 40) -> None:
        """Takes in some of the shards that are new."""
        kinds = ("fonts",) if self.only_fonts else ("fonts", "recomposed")
        found = [(p, kind) for kind in kinds for p in (self.work / kind).glob("*.npz")]
        for path, kind in [one for one in found if one[0] not in self.seen][:most]:
            self.seen.add(path)
            add_shard(self.tape, path, kind, self.without if kind == "recomposed" else "")


def main(
    work: Annotated[Path, typer.Argument(help="Folder with fonts/ and recomposed/")],
    out: Annotated[Path, typer.Option(help="The state that is written")],
    data: Annotated[Path | None, typer.Option(envvar="HOTICH_HANDWRITING")] = None,
    lines: Annotated[Path | None, typer.Option(help="Real lines, pickled, instead of data")] = None,
    minutes: float = 8.0,
    short_minutes: float = 0.0,
    columns: int = 60_000,
    muon: float = 0.014,
    seed: int = 12,
    start: Path | None = None,
    without: str = "",
    only_fonts: bool = False,
    average: float = 0.999,
    room: Annotated[float, typer.Option(help="GB of lines on the card")] = 10.0,
    channels_last: Annotated[bool, typer.Option(help="How pictures lie on the card")] = False,
    device: str = "cuda",
) -> None:
    """Trains until the plan's minutes are over; the averaged weights are what counts."""
    plan = Plan(minutes, 0, short_minutes, 0, columns, muon, 0.003, 0.02, average, seed)
    run = Run(plan, device)
    if channels_last:
        for net in (run.net, run.mean):
            net.to(memory_format=torch.channels_last)
    real, kept = pickle.loads(lines.read_bytes()) if lines else real_lines(data)
    if start is not None:
        few = _first_of(work) if only_fonts else real[:24]
        run.begin_with(from_onnx(start, [plain(line) for line in few]).to(device))
    real = [line for line in real if line.source != without and not only_fonts]
    if out.exists():
        run.restore(out)
    tape = Tape(torch.zeros(int(room * 1e9), dtype=torch.uint8, device=device))
    add_real(tape, real)
    _train(run, Feed(work, tape, without, only_fonts), out)
    run.save(out)
    if device == "cpu":
        typer.echo(f"{out.name} end {look(run.mean, kept, {})}")


def _first_of(work: Path) -> list[Line]:
    """Some lines in fonts, as soon as there are any."""
    while not (found := sorted((work / "fonts").glob("*.npz"))):
        time.sleep(0.2)
    return list(load_shard(found[0]))[:24]


def _train(run: Run, feed: Feed, out: Path) -> None:
    dice = np.random.default_rng([run.plan.seed, run.steps])
    began, saved = time.monotonic() - run.clock, run.clock
    while not feed.tape.codes:
        feed.refresh()
        time.sleep(0.2)
    mean = torch.zeros((), device=run.device)
    while run.clock < 60 * run.plan.minutes:
        feed.refresh()
        short = run.clock < 60 * run.plan.short_minutes
        for batch in batches(feed.tape, _SHARES, dice, run.plan.columns, 10 if short else 999):
            loss = run.learn(batch)
            mean += (loss - mean) * (0.02 if run.steps > 50 else 0.2)
            run.clock = time.monotonic() - began
            if run.steps % _LOOK_STEPS == 0 or run.steps in (1, 2, 3, 5, 10, 20):
                typer.echo(
                    f"{out.name} s {run.clock:.0f} step {run.steps} lines {run.lines} real "
                    f"{run.real} of {len(feed.tape.codes)} loss {float(mean):.3f}"
                )
            if run.clock - saved > _SAVE_S:
                run.save(out)
                saved = run.clock
            if run.clock >= 60 * run.plan.minutes:
                break


if __name__ == "__main__":
    typer.run(main)
