"""A guide for readers, made of the value parsers and the closed lists."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from pathlib import Path

from pipeline.fields import FIELDS, FieldType
from pipeline.reading.guide import Guide, Listed
from pipeline.types import ValueState
from pipeline.values.closed import load_lexicon
from pipeline.values.context import Context
from pipeline.values.normalise import normalise
from pipeline.values.number_words import SPELLINGS

LISTS = {
    FieldType.SEX: "sexes",
    FieldType.ETHNICITY: "ethnicities",
    FieldType.NATIONALITY: "nationalities",
    # Open lists: they help a reader, a value is what is written.
    FieldType.RELATION: "relations",
    FieldType.OCCUPATION: "occupations",
}
_USUAL = {"Nam": 0.0, "Nữ": 0.0, "Kinh": 3.0, "Việt Nam": 3.0}
"""Logarithm of how much more often than another name of its list a clerk writes it."""
_OTHER_SPELLING = -2.0
_MARKS = (("nt", -2.0), ("-nt-", -3.0), ("như trên", -3.0), ('"', -2.0), ("không", -4.0))
"""What clerks write in place of a name."""


def guide_of(
    context: Context,
    config: Path,
    places: Callable[[str], Sequence[Listed]] | None = None,
) -> Guide:
    """What is known of the fields of a book.

    Args:
        context: the book; its year decides what a date may be.
        config: the ``ocr_config`` folder, for the closed lists.
        places: candidates of a place field by its name, with the logarithm of their weight.
    """
    return Guide(
        fits=partial(_fits, context), listed=partial(_listed, config, places), words=_words
    )


@lru_cache(maxsize=4096)
def _fits(context: Context, field: str, text: str) -> float:
    if field not in FIELDS:
        return 1.0
    value = normalise(field, text, context)
    return 1.0 if value.state is not ValueState.WRITTEN else value.factor


def _listed(
    config: Path, places: Callable[[str], Sequence[Listed]] | None, field: str
) -> Sequence[Listed]:
    spec = FIELDS.get(field)
    if spec is None:
        return ()
    if spec.type is FieldType.PLACE and places is not None:
        return places(field)
    name = LISTS.get(spec.type)
    return _list(config, name) if name else ()


@lru_cache(maxsize=8)
def _list(config: Path, name: str) -> tuple[Listed, ...]:
    lexicon = load_lexicon(name, config)
    found = {each: _USUAL.get(each, 0.0) for each in sorted(lexicon.names)}
    known = {each.casefold() for each in found}
    for each, spellings in lexicon.spellings.items():
        for spelling in spellings:
            text = spelling[:1].upper() + spelling[1:]
            if text.casefold() not in known:
                known.add(text.casefold())
                found[text] = _USUAL.get(each, 0.0) + _OTHER_SPELLING
    return (*found.items(), *_MARKS)


def _words(field: str) -> Sequence[str]:
    spec = FIELDS.get(field)
    if spec is None or spec.type is not FieldType.DATE_WORDS:
        return ()
    return _number_words()


@lru_cache(maxsize=1)
def _number_words() -> tuple[str, ...]:
    return tuple(dict.fromkeys(form for forms in SPELLINGS.values() for form in forms))
