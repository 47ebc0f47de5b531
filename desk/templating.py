"""Pages out of templates, in the language of the moment; everything is escaped."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from desk.i18n import LANGUAGES, catalog
from desk.static_files import static
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
    made.filters["moment"] = lambda moment: moment.astimezone().strftime("%d.%m.%Y %H:%M")
    return made


def render(request: Request, name: str, status: int = 200, **context: Any) -> HTMLResponse:
    """The page of a template. ``me`` is the user, None before the log-in."""
    session = getattr(request.state, "session", None)
    context = {"me": session.user if session else None, "path": request.url.path, **context}
    text = environment().get_template(name).render(lang=language(), request=request, **context)
    return HTMLResponse(text, status_code=status)
