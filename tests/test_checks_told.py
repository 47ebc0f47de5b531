"""What normalizing notes at a value is told in words, in both languages."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pipeline.values
from pipeline.checks.told import note_text
from pipeline.checks.told_notes import NOTES


def codes(node: ast.AST) -> Iterator[str]:
    """Codes of the reasons that an expression may be."""
    match node:
        case ast.Constant(value=str(text)):
            yield text.split("=")[0]
        case ast.JoinedStr(values=[ast.Constant(value=str(text)), *_]):
            yield text.split("=")[0]
        case ast.Tuple(elts=parts):
            for part in parts:
                yield from codes(part)
        case ast.IfExp(body=one, orelse=other):
            yield from codes(one)
            yield from codes(other)


def written() -> Iterator[str]:
    """Codes in the calls by which the normalizers give reasons."""
    for file in Path(pipeline.values.__path__[0]).glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            match node:
                case ast.Call(func=ast.Attribute(attr="because"), args=[reason, *_]):
                    yield from codes(reason)
                case ast.Call(func=ast.Name(id="not_understood"), args=[reason, *_]):
                    yield from codes(reason)
                case ast.Call(func=ast.Name(id="Found"), args=[_, _, reasons, *_]):
                    yield from codes(reasons)


def test_every_reason_of_the_normalizers_has_words():
    found = set(written())
    assert len(found) > 40
    assert found - NOTES.keys() == set()


def test_reasons_are_told_in_the_language_of_the_moment_with_their_particulars(monkeypatch):
    monkeypatch.setenv("HOTICH_LANGUAGE", "en")
    assert note_text("impossible_year=0005") == "no such year: 0005"
    assert note_text("about") == "said to be about so"
    monkeypatch.setenv("HOTICH_LANGUAGE", "vi")
    assert note_text("about") == "người ghi nói là khoảng"
    assert note_text("of_tomorrow=1") == "of_tomorrow: 1"
