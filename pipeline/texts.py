"""Messages in both languages, side by side, each at the place that says it."""

from __future__ import annotations

import os
from contextvars import ContextVar
from typing import Literal, NamedTuple

Language = Literal["vi", "en"]

spoken: ContextVar[Language | None] = ContextVar("spoken", default=None)
"""Language of whoever is served just now, where that differs from request to request."""


def language() -> Language:
    """Language of messages to people: ``HOTICH_LANGUAGE``, Vietnamese unless it says ``en``."""
    said = spoken.get()
    if said is not None:
        return said
    return "en" if os.environ.get("HOTICH_LANGUAGE", "vi").lower().startswith("en") else "vi"


class Text(NamedTuple):
    """One message in Vietnamese and English; ``str.format`` fields carry the particulars.

    ``Text("Không thấy {name}.", "{name} is missing.").format(name="manifest.csv")``
    """

    vi: str
    en: str

    def format(self, **particulars: object) -> str:
        """The message in the language of the moment, its fields filled in."""
        template = self.en if language() == "en" else self.vi
        return template.format(**particulars)

    def filled(self, **particulars: object) -> Text:
        """The message with its fields filled in, its language still open."""
        texts = (one.format(**particulars) for one in (self.vi, self.en))
        return Text(*(text.replace("{", "{{").replace("}", "}}") for text in texts))

    def __str__(self) -> str:
        return self.format()
