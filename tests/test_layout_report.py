"""What a box of ``bench.layout`` counts as."""

from __future__ import annotations

from bench.layout_report import MARGIN, gate, judged


def _page(*boxes: tuple[str, float, tuple[float, float] | None]) -> dict[str, object]:
    return {
        "confidence": 0.9,
        "true": [share for _, share, _ in boxes],
        "cells": [[0.9, share, []] for _, share, _ in boxes],
        "fields": [name for name, _, _ in boxes],
        "beside": [held for _, _, held in boxes if held is not None],
    }


def test_a_box_in_a_margin_is_right_where_it_holds_its_place_and_no_other() -> None:
    page = _page(
        ("sex", 0.9, None),
        ("notes" + MARGIN, 0.5, (0.96, 0.02)),
        ("notes" + MARGIN, 0.5, (0.6, 0.0)),
        ("notes" + MARGIN, 0.5, (0.96, 0.4)),
        ("notes", 0.5, None),
    )
    assert [box.right for box in judged(page)] == [True, True, False, False, False]


def test_what_reaches_beyond_a_margin_is_told_apart_from_what_is_wrong() -> None:
    line = gate("heavy", [_page(("sex", 0.4, None), ("notes" + MARGIN, 0.5, (0.96, 0.0)))])
    assert "2 of 2 | 1 (0.5000), overlap < 0.5: 1; 1 more in a margin" in line
