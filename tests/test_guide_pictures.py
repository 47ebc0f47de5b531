"""The pictures of the guides: all there, none left over, small enough to live here."""

from __future__ import annotations

import re

from pipeline.settings import PROJECT

DOCS = PROJECT / "docs"
MOST_BYTES = 3_000_000


def test_every_picture_that_a_guide_shows_is_there_in_its_language_and_no_other():
    named = {
        (path.name, picture)
        for path in DOCS.glob("*.md")
        for picture in re.findall(r"\((guide/[\w/-]+\.webp)\)", path.read_text("utf-8"))
    }
    there = {path.relative_to(DOCS).as_posix() for path in DOCS.glob("guide/*/*.webp")}
    assert {picture for _, picture in named} == there
    for page, picture in named:
        assert picture.startswith("guide/vi/" if page.endswith(".vi.md") else "guide/en/"), page
    assert len(there) > 30
    assert sum((DOCS / picture).stat().st_size for picture in there) < MOST_BYTES
