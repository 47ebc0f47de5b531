"""Pages out of templates, in the language of the moment; everything is escaped."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from desk.board.bars import stage_bar, stage_strip
from desk.board.matrix import matrix_svg
from desk.board.tiles import board_tile, wall_tile
from desk.i18n import LANGUAGES, catalog
from desk.static_files import static
from models.clock import HERE
from pipeline.texts import language

TEMPLATES = Path(__file__).parent / "templates"


@lru_cache
def environment() -> Environment:
    """Jinja with our filters; an unknown name in a template is an error, never a blank."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_callables(  # type: ignore[attr-defined]
        lambda message: catalog(language()).ugettext(message),
        lambda one, many, number: catalog(language()).ungettext(one, many, number),
        newstyle=True,
    )
    made.globals["static"] = static
    made.globals["languages"] = LANGUAGES
    made.globals["stage_bar"] = lambda shares, big=False: stage_bar(shares, percent, big=big)
    made.globals["stage_strip"] = lambda shares: stage_strip(shares, percent)
    made.globals["board_tile"] = lambda tile, query: board_tile(tile, query, percent)
    made.globals["wall_tile"] = lambda tile, query: wall_tile(tile, query, percent)
    made.globals["matrix_svg"] = lambda matrix, view: matrix_svg(matrix, view, percent)
    made.filters["moment"] = lambda moment: moment.astimezone(HERE).strftime("%d.%m.%Y %H:%M")
    made.filters["count"] = count
    made.filters["percent"] = percent
    made.filters["dated"] = dated
    return made


def count(number: float) -> str:
    """A whole number with its thousands apart, as the language writes it."""
    text = f"{number:,.0f}"
    return text.replace(",", ".") if language() == "vi" else text


def percent(share: float, digits: int = 0) -> str:
    """``98,5 %``; never 100 % or 0 % of what is not quite that."""
    text = f"{100 * share:.{digits}f}"
    if digits == 0 and share > 0 and text == "0":
        text = "<1"
    elif digits == 0 and share < 1 and text == "100":
        text = ">99"
    return (text.replace(".", ",") if language() == "vi" else text) + " %"


def dated(edtf: str) -> str:
    """``05/12/1974`` for 1974-12-05; partial dates stay partial."""
    return "/".join(reversed(edtf.split("-"))) if edtf[:4].isdecimal() else edtf


def render(request: Request, name: str, status: int = 200, **context: Any) -> HTMLResponse:
    """The page of a template. ``me`` is the user, None before the log-in."""
    session = getattr(request.state, "session", None)
    context = {"me": session.user if session else None, "path": request.url.path, **context}
    text = environment().get_template(name).render(lang=language(), request=request, **context)
    return HTMLResponse(text, status_code=status)
