"""Rules on entries and books, evidence, and the decision what a person must see."""

from __future__ import annotations

from pipeline.checks.book import check_book, finish_book
from pipeline.checks.decide import decide
from pipeline.checks.entry import build_entries
from pipeline.checks.entry_rules import check_entry
from pipeline.checks.rules import RULES, explain

__all__ = [
    "RULES",
    "build_entries",
    "check_book",
    "check_entry",
    "decide",
    "explain",
    "finish_book",
]
