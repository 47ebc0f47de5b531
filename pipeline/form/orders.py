"""Forms whose persons a press prints the other way round: the mother before the father.

Their labels are alike but for the name's, and are told apart by their order alone. Under the
wrong order every age, place and people of one parent would be read for the other.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.form.align import align
from pipeline.form.schema import Column, Form, Item
from pipeline.form.tokens import Token

_PAIRS = (("father_", "mother_"), ("husband_", "wife_"))
_BETTER = 0.02
"""By how much, of the share of labels found on all pages, another order must be better."""


def orders(form: Form) -> tuple[Form, ...]:
    """A form, and the same with two persons changed over where each has lines of its own."""
    return (form, *(found for pair in _PAIRS if (found := _changed(form, *pair)) is not None))


def _changed(form: Form, first: str, second: str) -> Form | None:
    parts = form.parts
    one, two = _run(parts, first), _run(parts, second)
    if one is None or two is None or one[1] != two[0] or any(item.column for item in form.items):
        return None
    changed = (
        *parts[: one[0]],
        *parts[two[0] : two[1]],
        *parts[one[0] : one[1]],
        *parts[two[1] :],
    )
    return form.model_copy(update={"items" if form.items else "columns": changed})


def _run(parts: Sequence[Item | Column], prefix: str) -> tuple[int, int] | None:
    """Where the lines of a person begin and end; none where they do not stand together."""
    own = [n for n, part in enumerate(parts) if part.field.startswith(prefix)]
    if not own or own[-1] - own[0] != len(own) - 1:
        return None
    return own[0], own[-1] + 1


def printed_order(pages: Sequence[tuple[Sequence[Token], float]], form: Form) -> Form:
    """The order of a form's labels that pages show best: the form's own in doubt.

    Args:
        pages: words of each page, and its width in millimetres.
        form: labelled.
    """
    best, most = form, 0.0
    for order in orders(form):
        score = sum(align(tokens, order, width).score for tokens, width in pages)
        if score > most + (0.0 if order is form else _BETTER):
            best, most = order, score
    return best
