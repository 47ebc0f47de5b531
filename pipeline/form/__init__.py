"""Which form a book is printed on, and where its fields lie on each page.

A form file says what is printed and in which order (``ocr_config/forms``); where it is
printed the book's own pages teach, because no two printers are alike and a book is printed
once. ``learn_book`` is asked once a book and reads a few pages; ``lay_out`` is asked for every
scan and reads nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.form.edits import corners_of, with_edges
from pipeline.form.learning import VERSION, learn_book
from pipeline.form.ledger import lay_out_ledger
from pipeline.form.lines import lay_out_lines
from pipeline.form.schema import Form, load_forms
from pipeline.types import BookForm, Layout, PageImage

__all__ = ["VERSION", "lay_out", "learn_book", "load_forms", "opens", "unknown_columns"]


def opens(book: BookForm, form: Form) -> bool:
    """Whether the book's scans hold two pages each, as its own scans told while it was learned."""
    if "sides" in book.geometry:
        return "single" not in book.geometry["sides"]
    return bool(book.geometry.get("opening", form.opening))


def unknown_columns(book: BookForm) -> tuple[str, ...]:
    """Headings of a ledger's columns that its form lacks, in order; ``?`` where none can be read.

    What is written in them is not read.
    """
    columns = (
        column
        for part in (book, *book.others)
        for side in part.geometry.get("sides", {}).values()
        for column in side["columns"]
    )
    return tuple(column["heading"] for column in columns if column.get("heading"))


def lay_out(pages: Sequence[PageImage], book: BookForm, form: Form, number: int = 0) -> Layout:
    """Boxes of all fields on the pages of one scan, in page pixels.

    A page that does not bear the form gets a class other than ``entries`` and no boxes.

    Args:
        pages: of the scan.
        book: form and geometry, with what people set right.
        form: the book's.
        number: of the scan in its book, for corrections that hold for some scans only.

    Raises:
        InputError: a correction cannot be applied.
    """
    geometry = with_edges(book.geometry, book.edits, number)
    corners = corners_of(book.edits, number)
    if form.layout == "ledger":
        layout = lay_out_ledger(pages, geometry, form, corners)
    else:
        layout = lay_out_lines(pages, geometry, form, corners)
    return layout
