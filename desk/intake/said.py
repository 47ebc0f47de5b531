"""Errors and notices kept in both languages: who reads them may not be who caused them."""

from __future__ import annotations

from typing import Any

from pipeline.errors import HotichError
from pipeline.scan.report import Notice
from pipeline.texts import Language, Text, spoken

_LANGUAGES: tuple[Language, ...] = ("vi", "en")


def said_of(error: HotichError, where: str = "") -> dict[str, Any]:
    """An error as plain data: code, place, what happened and what to do, twice."""
    kept: dict[str, Any] = {"code": error.code, "where": where or error.where}
    for language in _LANGUAGES:
        token = spoken.set(language)
        try:
            kept[language] = {"what": error.what(), "advice": error.what_to_do()}
        finally:
            spoken.reset(token)
    return kept


def notice_of(notice: Notice) -> dict[str, Any]:
    """A notice as plain data."""
    kept: dict[str, Any] = {"code": notice.code, "where": notice.where}
    for language in _LANGUAGES:
        token = spoken.set(language)
        try:
            kept[language] = {"what": str(notice)}
        finally:
            spoken.reset(token)
    return kept


def text_of(text: Text) -> dict[str, str]:
    """A text in both languages as plain data."""
    return {"vi": text.vi, "en": text.en}
