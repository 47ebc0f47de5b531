"""Figures of ``bench.layout`` as Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from pipeline.settings import PROJECT, load_thresholds

GOOD = 0.8
"""Overlap from which a box is right."""
_FOUND = 0.5
"""Share of an entry's boxes that must be right for it to be found and bounded."""
_HELD, _FOREIGN = 0.9, 0.1
"""Share of a margin's true place that its box must cover, and of another's place that it may:
nothing bounds it outwards."""
MARGIN = " (margin)"
"""Behind the name of a field in a column beside the entry."""
Page = dict[str, Any]


def render(pages: Sequence[Page]) -> str:
    """Tables by wear and by form, and what the gates let through."""
    own = [page for page in pages if page["what"] == "own"]
    wears = sorted({page["wear"] for page in own}, key=_order)
    lines = [_HEAD, _RULE]
    lines += [_row(wear, [page for page in own if page["wear"] == wear]) for wear in wears]
    lines += ["", _HEAD, _RULE]
    forms = sorted({page["form"] for page in own})
    lines += [_row(form, [page for page in own if page["form"] == form]) for form in forms]
    lines += ["", "| gate | boxes let through | of these wrong | good pages sent to a person |"]
    lines += ["| --- | --- | --- | --- |"]
    lines += [gate(wear, [page for page in own if page["wear"] == wear]) for wear in wears]
    for what in sorted({page["what"] for page in pages} - {"own"}):
        lines.append(gate(what, [page for page in pages if page["what"] == what]))
    beside = [one for page in own for one in page.get("beside", ())]
    if beside:
        least, into = min(part for part, _ in beside), max(other for _, other in beside)
        lines += [
            "",
            f"Margins: {sum(part >= _HELD for part, _ in beside)} of {len(beside)} boxes hold "
            f"{_HELD:.0%} of their true place or more (least {least:.3f}); at most {into:.3f} of "
            "another place lies in one.",
        ]
    return "\n".join(lines)


def book_line(pages: Sequence[Page]) -> str:
    """One line on a book that was just seen: its form, its boxes, and what passed the gates."""
    own = [page for page in pages if page["what"] == "own"]
    book = own[0]
    taken = "" if book["chosen"] == book["form"] else f" taken for {book['chosen'] or 'unknown'}"
    shares = [share for page in own for share in page["true"]]
    slips = sum(page["slipped"] for page in own)
    sure = " ".join(f"{page['confidence']:.2f}" for page in own)
    passed = [box for page in own for box in _passed(page)]
    wrong = Counter(box.field for box in passed if not box.right)
    names = "".join(f", {name} {count}" for name, count in wrong.most_common())
    return (
        f"{book['book']}: {book['score']:.2f}{taken}, "
        f"{sum(share >= GOOD for share in shares)} of {len(shares)} boxes right, "
        f"{wrong.total()} of {len(passed)} let through wrong{names}, "
        f"{slips} slipped ({sum(page['slipped'] for page in own if through(page))} through), "
        f"entries {sum(map(entries_found, own))} of {sum(page['entries'] for page in own)}, "
        f"{sum(max(0, page['found'] - page['entries']) for page in own)} made up, "
        f"confidence {sure}"
    )


def _order(wear: str) -> int:
    return ("mild", "medium", "heavy").index(wear) if wear in ("mild", "medium", "heavy") else 9


_HEAD = (
    "| | books | form right | same fields | entries found | made up | boxes ≥ 0.8 | slipped, let "
    "through | CPU s to learn | CPU s a scan to place |"
)
_RULE = "|" + " --- |" * 10


def _row(name: str, pages: Sequence[Page]) -> str:
    books = {page["book"]: page for page in pages}.values()
    right = sum(book["chosen"] == book["form"] for book in books) / len(books)
    fields = sum(_same_fields(book["chosen"], book["form"]) for book in books) / len(books)
    true = sum(page["entries"] for page in pages)
    found = sum(entries_found(page) for page in pages)
    extra = sum(max(0, page["found"] - page["entries"]) for page in pages)
    shares = [share for page in pages for share in page["true"]]
    good = sum(share >= GOOD for share in shares) / max(1, len(shares))
    slips = sum(page["slipped"] for page in pages if through(page))
    return (
        f"| {name} | {len(books)} | {right:.3f} | {fields:.3f} | {found / max(1, true):.4f} "
        f"| {extra} | {good:.4f} of {len(shares)} "
        f"| {sum(page['slipped'] for page in pages)}, {slips} "
        f"| {median(book['learn_seconds'] for book in books):.1f} "
        f"| {median(book['place_seconds'] for book in books):.2f} |"
    )


def _same_fields(chosen: str, form: str) -> bool:
    from pipeline.form import load_forms

    forms = load_forms(PROJECT / "ocr_config")
    return chosen in forms and (
        chosen == form
        or (forms[chosen].kind, set(forms[chosen].fields))
        == (forms[form].kind, set(forms[form].fields))
    )


def entries_found(page: Page) -> int:
    """Entries of a page whose boxes mostly lie where they should."""
    count = page["entries"]
    if not count:
        return 0
    shares, each = page["true"], len(page["true"]) / count
    groups = [shares[round(n * each) : round((n + 1) * each)] for n in range(count)]
    return sum(
        sum(share >= GOOD for share in group) >= _FOUND * max(1, len(group)) for group in groups
    )


def through(page: Page) -> bool:
    """Whether the page passes its gate."""
    limits = load_thresholds(PROJECT / "ocr_config").layout
    return bool(page["cells"]) and page["confidence"] >= limits.min_page_confidence


def gate(name: str, pages: Iterable[Page]) -> str:
    """What the gates let through of some pages."""
    taken = [box for page in pages for box in _passed(page)]
    all_ = sum(len(page["cells"]) for page in pages)
    wrong = [box for box in taken if not box.right]
    beside = sum(box.right and box.overlap < GOOD for box in taken)
    bad = sum(box.overlap < 0.5 for box in wrong)
    good = [page for page in pages if _is_good(page)]
    sent = sum(not through(page) for page in good)
    share = len(wrong) / max(1, len(taken))
    return (
        f"| {name} | {len(taken)} of {all_} | {len(wrong)} ({share:.4f}), "
        f"overlap < 0.5: {bad}; {beside} more in a margin hold their place but reach beyond it "
        f"| {sent} of {len(good)} |"
    )


@dataclass(frozen=True)
class Judged:
    """A box on a page: its field, its confidence, its overlap with the true place."""

    field: str
    confidence: float
    overlap: float
    right: bool
    """Overlaps by ``GOOD``; in a margin, where no print bounds it outwards: holds its place and
    hardly any of another's. Ink in it asks a person whatever was read, so that this is what it
    is for."""


def judged(page: Page) -> list[Judged]:
    """All boxes of a page."""
    names = page.get("fields") or [""] * len(page["cells"])
    held = iter(page.get("beside", ()))
    boxes = []
    for name, (confidence, overlap, _) in zip(names, page["cells"], strict=True):
        right = overlap >= GOOD
        if name.endswith(MARGIN):
            own, other = next(held)
            right = right or (own >= _HELD and other <= _FOREIGN)
        boxes.append(Judged(name, confidence, overlap, right))
    return boxes


def _passed(page: Page) -> list[Judged]:
    """The boxes of a page that both gates let through."""
    if not through(page):
        return []
    least = load_thresholds(PROJECT / "ocr_config").layout.min_cell_confidence
    return [box for box in judged(page) if box.confidence >= least]


def _is_good(page: Page) -> bool:
    return bool(page["true"]) and all(share >= GOOD for share in page["true"])
