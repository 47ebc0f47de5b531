"""Small pictures of cells, drawn by hand for the tests of the reading room."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from pipeline.types import IDENTITY, Cell, PageImage, Polygon, Side

FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSerif.ttf"
DPI = 300.0
PAPER, INK = 225, 45


def px(mm: float) -> float:
    return mm * DPI / 25.4


@dataclass
class Sheet:
    """A page to draw on, in millimetres; ``page()`` scans it."""

    width: float = 100.0
    height: float = 30.0
    noise: float = 0.0
    seed: int = 1
    image: Image.Image = field(init=False)

    def __post_init__(self) -> None:
        self.image = Image.new("L", (round(px(self.width)), round(px(self.height))), PAPER)
        self.draw = ImageDraw.Draw(self.image)

    def text(self, x: float, baseline: float, text: str, size: float = 3.8, ink: int = INK) -> None:
        font = ImageFont.truetype(FONT, px(size))
        self.draw.text((px(x), px(baseline)), text, font=font, fill=ink, anchor="ls")

    def line(self, x0: float, y0: float, x1: float, y1: float, width: float = 0.25) -> None:
        self.draw.line((px(x0), px(y0), px(x1), px(y1)), fill=INK + 20, width=round(px(width)))

    def leader(self, x0: float, x1: float, y: float, step: float = 1.15) -> None:
        radius = px(0.15)
        for x in np.arange(x0, x1, step):
            self.draw.ellipse(
                (px(x) - radius, px(y) - radius, px(x) + radius, px(y) + radius), fill=INK + 20
            )

    def page(self) -> PageImage:
        grey = cv2.GaussianBlur(np.asarray(self.image), (0, 0), 0.8).astype(np.float32)
        if self.noise:
            grey += np.random.default_rng(self.seed).normal(0, self.noise, grey.shape)
        return PageImage(np.clip(grey, 0, 255).astype(np.uint8), DPI, Side.SINGLE, IDENTITY, 0, 0.0)


def box(x0: float, y0: float, x1: float, y1: float) -> Polygon:
    return ((px(x0), px(y0)), (px(x1), px(y0)), (px(x1), px(y1)), (px(x0), px(y1)))


def cell(polygon: Polygon, field_name: str = "notes", lines: int = 1, **more: object) -> Cell:
    return Cell(0, 0, field_name, polygon, 1.0, lines, **more)  # type: ignore[arg-type]
