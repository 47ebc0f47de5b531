"""The desk's two languages: English in the source, Vietnamese in ``locale``; Vietnamese first.

Every ``.po`` file of a language is read when the desk starts; there is nothing to compile.
"""

from __future__ import annotations

import io
from functools import lru_cache
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

from pipeline.texts import Language, language

LOCALE = Path(__file__).parent / "locale"
LANGUAGES: tuple[Language, ...] = ("vi", "en")


@lru_cache
def catalog(code: Language) -> NullTranslations:
    """All messages of a language."""
    merged: NullTranslations | None = None
    for path in sorted((LOCALE / code / "LC_MESSAGES").glob("*.po")):
        with path.open("rb") as source:
            messages = read_po(source, locale=code)
        compiled = io.BytesIO()
        write_mo(compiled, messages)
        compiled.seek(0)
        read = Translations(compiled)
        if isinstance(merged, Translations):
            merged.merge(read)
        else:
            merged = read
    return merged or NullTranslations()


def _(message: str) -> str:
    """The message in the language of the moment."""
    return str(catalog(language()).ugettext(message))


def ngettext(one: str, many: str, number: int) -> str:
    """The message for a number, in the language of the moment."""
    return str(catalog(language()).ungettext(one, many, number))


def chosen(wanted: str, accept: str) -> Language:
    """The language of somebody who is not logged in.

    Args:
        wanted: what they chose before (cookie), else empty.
        accept: the browser's ``Accept-Language``; English only where it says so and does not
            name Vietnamese.
    """
    if wanted in LANGUAGES:
        return "en" if wanted == "en" else "vi"
    spoken = [part.split(";")[0].strip().lower()[:2] for part in accept[:200].split(",")]
    return "en" if "en" in spoken and "vi" not in spoken else "vi"
