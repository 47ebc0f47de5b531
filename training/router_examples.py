"""Examples for the router: pictures of drawn cells and of real lines, with the truth.

``python -m training.router_examples OUT.npz --count 9000 --seed fit`` draws cells in the faces
and hands that may be fitted on, ``--kept`` in those of the test. ``HOTICH_HANDWRITING`` names the
folder of real hands (docs/reading.md); without it faces stand alone.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import typer
from numpy.typing import NDArray

from pipeline.reading.auto import shown
from pipeline.reading.hand.ink import ink_line
from pipeline.reading.pictures import MEASURES, measures
from pipeline.reading.router import Look, Writing
from pipeline.types import Grey
from training.drawn_cells import draw_cell
from training.ink_sources import Source, faces, real_hands, typed_pages

Floats = NDArray[np.float32]
WEARS = ("mild", "mild", "medium", "medium", "heavy")
_PLAIN = ((Writing.HAND, 0.44), (Writing.PRINTED, 0.30), (Writing.TYPED, 0.26))
_LOOKS = (
    ("plain", 0.52), (Look.STRUCK, 0.10), (Look.DITTO, 0.10), (Look.STAMP, 0.08),
    ("stamped", 0.08), (Look.BLANK, 0.12),
)  # fmt: skip
SMALL = ("1", "7", "4", "x", "-", "0", "I", "/", ".", "1", "-", "b", "V", "2", "no", "11")
_REAL = 0.55
"""Share of real hands and machines where there are any."""
_AS_LINE = 0.3
"""Share of written cells that are also seen as pictures of lines are."""


@dataclass(frozen=True)
class Examples:
    """Pictures of cells, and the truth."""

    picture: NDArray[np.object_]
    """Clean crops, as PNG files."""
    dpi: Floats
    measures: Floats
    look: NDArray[np.str_]
    writing: NDArray[np.str_]
    stamped: NDArray[np.bool_]
    blank: NDArray[np.bool_]
    """Called blank by the rule (``blank.py``) already."""
    line: NDArray[np.bool_]
    """Seen as the picture of a line is: sizes say nothing."""
    source: NDArray[np.str_]
    wear: NDArray[np.str_]
    text: NDArray[np.str_]

    def where(self, chosen: NDArray[np.bool_]) -> Examples:
        """Some of them."""
        return Examples(**{name: getattr(self, name)[chosen] for name in _NAMES})


_NAMES = ("picture", "dpi", "measures", "look", "writing", "stamped", "blank", "line", "source",
          "wear", "text")  # fmt: skip


def save_examples(rows: Sequence[Mapping[str, object]], path: Path) -> None:
    """Keeps examples: pictures one behind the other, the rest a column each."""
    columns = {name: np.array([row[name] for row in rows]) for name in _NAMES if name != "picture"}
    columns |= {name: columns[name].astype(np.float32) for name in ("dpi", "measures")}
    pictures = [bytes(row["picture"]) for row in rows]  # type: ignore[call-overload]
    columns["pictures"] = np.frombuffer(b"".join(pictures), np.uint8)
    columns["ends"] = np.cumsum([len(one) for one in pictures])
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, allow_pickle=False, **columns)


def load_examples(paths: Sequence[Path]) -> Examples:
    """Examples of several files."""
    parts = []
    for path in paths:
        with np.load(path, allow_pickle=False) as file:
            part = {name: file[name] for name in _NAMES if name != "picture"}
            whole, ends = file["pictures"], file["ends"].tolist()
        own = [whole[a:b].tobytes() for a, b in zip([0, *ends], ends, strict=False)]
        part["picture"] = np.array(own, np.object_)
        parts.append(part)
    return Examples(**{name: np.concatenate([part[name] for part in parts]) for name in _NAMES})


@lru_cache(maxsize=4)
def sources(kept: bool, real: bool = True) -> tuple[Source, ...]:
    """Faces, and real hands and machines where they are."""
    found = list(faces(kept))
    home = os.environ.get("HOTICH_HANDWRITING")
    if home and real:
        for folder in sorted(Path(home).iterdir()):
            if (folder / "labels.tsv").exists():
                found += real_hands(folder, kept)
            elif "typed" in folder.name:
                found += typed_pages(folder, kept)
    return tuple(found)


def drawn(count: int, seed: str, kept: bool, only: str = "") -> Iterator[dict[str, object]]:
    """Rows of examples: cells of every look, drawn by chance.

    Args:
        count: cells.
        seed: names the chance.
        kept: in faces and hands of the test.
        only: one look (or ``stamped``, ``small``, ``faces``: handwriting in faces) instead of all.
    """
    rng = random.Random(f"router cells {seed} {kept}")
    everyone = sources(kept, only != "faces")
    for _ in range(count):
        pick = only or rng.choices([k for k, _ in _LOOKS], [w for _, w in _LOOKS])[0]
        writing = rng.choices([k for k, _ in _PLAIN], [w for _, w in _PLAIN])[0]
        source = _one(everyone, writing, rng)
        if pick == "faces":  # clean outlines are no sign of print
            hands = [one for one in everyone if one.family and one.writing is Writing.HAND]
            source = rng.choice(hands)
        plain = pick in ("plain", "stamped", "small", "faces")
        look = Look(source.writing.value) if plain else Look(pick)
        small = pick == "small" or (pick == "plain" and rng.random() < 0.08)
        if small:
            source = rng.choice([one for one in everyone if one.family])
            look = Look(source.writing.value)
        cell = draw_cell(
            look,
            source,
            rng.choice(WEARS),
            rng,
            text=rng.choice(SMALL) if small else "",
            stamped=pick == "stamped",
            dirty=1.0 if kept else 1.6,
        )
        row: dict[str, object] = {
            "look": cell.look.value, "writing": cell.writing.value, "stamped": cell.stamped,
            "blank": cell.crop.blank, "source": cell.source, "wear": cell.wear, "text": cell.text,
            "line": False,
        }  # fmt: skip
        own = {"picture": _png(cell.crop.image), "dpi": cell.crop.dpi}
        yield row | own | {"measures": measures(cell.crop)}
        long = plain and not small and not cell.stamped and cell.crop.lines == 1
        if long and not cell.crop.blank and rng.random() < _AS_LINE:
            yield row | _as_line(shown(ink_line(cell.crop.image)))


def _as_line(image: Grey) -> dict[str, object]:
    """How the picture of a line is kept: nothing is known of its scale."""
    return {"picture": _png(image), "dpi": 0.0, "measures": np.zeros(MEASURES), "line": True}


def _png(image: Grey) -> bytes:
    return cv2.imencode(".png", image)[1].tobytes()


def _one(everyone: Sequence[Source], writing: Writing, rng: random.Random) -> Source:
    own = [one for one in everyone if one.writing is writing]
    real = [one for one in own if not one.family]
    drawn_ones = [one for one in own if one.family]
    return rng.choice(real if real and rng.random() < _REAL else drawn_ones)


def raw_lines(kept: bool, most: int) -> Iterator[dict[str, object]]:
    """Real lines just as ``hotich read`` sees them, whole or some words of them."""
    rng = random.Random(f"router lines {kept}")
    for source in sources(kept):
        for ink, _, text in rng.sample(source.lines, min(most, len(source.lines))):
            image = shown(ink_line(255 - ink))
            width = image.shape[1]
            part = rng.choice((1.0, 0.5, 0.25))
            start = rng.randint(0, round(width * (1 - part)))
            words = image[:, start : start + max(8, round(width * part))]
            yield {
                **_as_line(words), "stamped": False,
                "look": source.writing.value, "writing": source.writing.value,
                "blank": False, "source": source.name, "wear": "real", "text": text,
            }  # fmt: skip


def main(
    out: Annotated[Path, typer.Argument()],
    count: Annotated[int, typer.Option(help="cells to draw")] = 9000,
    seed: Annotated[str, typer.Option()] = "fit",
    kept: Annotated[bool, typer.Option(help="faces, writers and pages of the test")] = False,
    only: Annotated[str, typer.Option(help="one look, stamped, small or faces")] = "",
    lines: Annotated[int, typer.Option(help="real lines a writer, as they are")] = 10,
) -> None:
    """Draw, cut, keep the pictures."""
    cv2.setNumThreads(1)
    rows = list(drawn(count, seed, kept, only))
    rows += raw_lines(kept, lines) if not only else ()
    save_examples(rows, out)
    typer.echo(f"{len(rows)} -> {out}")


if __name__ == "__main__":
    typer.run(main)
