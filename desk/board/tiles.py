"""Tiles of units on board and wall, as they stand in the page.

Two hundred and more stand on a screen, so Jinja does not write them, a tile has as few elements as
can be (a browser lays out and paints every one), and what is known is kept: a tile's text hangs
on nothing but what it shows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from urllib.parse import quote

from markupsafe import Markup, escape

from desk.board.bars import stage_label, strip_classes
from desk.board.units import Group, Tile
from desk.i18n import _
from pipeline.texts import Language, language

AT_ONCE = 80
"""Tiles that fill the largest usual screen (1920 by 1080) and some more."""
_NAME_ON_WALL = 11
"""Characters that fit on a wall's tile; the whole name is its title."""
_APART = "\u2002"

Percent = Callable[[float], str]


def board_tile(tile: Tile, query: str, percent: Percent) -> Markup:
    """A tile of the board; ``query`` keeps the board's filter in its address."""
    return _board_tile(tile, query, percent, language())


def wall_tile(tile: Tile, query: str, percent: Percent) -> Markup:
    """A tile of the wall screen, for eyes at a distance."""
    return _wall_tile(tile, query, percent, language())


def at_once(groups: Sequence[Group]) -> int:
    """How many districts are laid out before the first picture; the others follow it."""
    seen = 0
    for number, group in enumerate(groups):
        if seen >= AT_ONCE:
            return number
        seen += len(group.tiles)
    return len(groups)


@lru_cache(maxsize=4096)
def _board_tile(tile: Tile, query: str, percent: Percent, _language: Language) -> Markup:
    counts = tile.counts
    if tile.empty:
        expected = counts.books_expected
        line = f"0 / {expected} {_('books')}" if expected else _("no book yet")
    else:
        line = f"✓ {percent(tile.shares.done)}{_APART}★ {percent(tile.shares.released)}"
    return _linked(tile, tile.short, query, percent, Markup(escape(line)) + _flag(tile))


@lru_cache(maxsize=4096)
def _wall_tile(tile: Tile, query: str, percent: Percent, _language: Language) -> Markup:
    name = tile.short
    if len(name) > _NAME_ON_WALL:
        name = name[: _NAME_ON_WALL - 1].rstrip() + "…"
    done, released = (int(100 * share) for share in (tile.shares.done, tile.shares.released))
    line = (
        Markup("–")
        if tile.empty
        else Markup(f"✓{done}{_APART}★{released}") + _flag(tile, bare=True)
    )
    return _linked(tile, name, query, percent, line)


def _linked(tile: Tile, name: str, query: str, percent: Percent, line: Markup) -> Markup:
    title = f"{tile.name}: {stage_label(tile.shares, percent)}"
    return Markup(
        f'<li><a class="tile{" empty" if tile.empty else ""}" '
        f'href="/progress/units/{quote(tile.key)}?{escape(query)}" title="{escape(title)}">'
        f'<b class="{strip_classes(tile.shares)}">{escape(name)}</b>{line}</a></li>'
    )


def _flag(tile: Tile, *, bare: bool = False) -> Markup:
    stuck = tile.counts.scans_stuck
    if not stuck:
        return Markup("")
    return Markup(f'{_APART}<span class="flag">▲{"" if bare else f" {stuck}"}</span>')
