"""What a column may be called in any form of a kind.

A printer adds columns and leaves others out. A heading that plainly names another field must not
be taken, by its place, for the one that stood there in the form: every value below it would go
into a wrong field.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from pipeline.form.labels import fold, folded_score, label_score
from pipeline.form.ledger_columns import Heading
from pipeline.form.schema import Column, Form

_OTHER = 0.75
"""Likeness from which a heading is the label of another field."""
_PLAINER = 0.3
"""By how much it must be liker that label than the column's own."""
_SURELY, _SURER = 0.95, 0.1
"""The same where the heading is that label to the letter."""
_OWN = 0.6
"""Likeness from which a heading may be the column's own, worded otherwise."""
_NAMED = 0.8
"""Likeness from which a column that the form lacks is named by its heading."""
_AGREE = 0.9
_LETTERS = 6
"""Fewer letters are found in any longer heading."""

Names = tuple[tuple[str, frozenset[str]], ...]


@dataclass(frozen=True)
class KnownHeadings:
    """Labels of all forms of a kind, folded, each with the fields that it names in one of them."""

    names: Names = ()

    def contradicts(self, heading: Heading, column: Column, likeness: float) -> bool:
        """Whether a heading plainly names another field than a column's.

        Args:
            heading: as it was read.
            column: of a form.
            likeness: of heading and column (``ledger_columns.heading_score``).
        """
        if not column.field:
            return False
        others = [(score, inside) for name, score, inside in _scored(self, heading)
                  if column.field not in name]  # fmt: skip
        best = max((score for score, _ in others), default=0.0)
        if best >= _SURELY and likeness < best - _SURER:
            return True  # the mother's name is not the father's, however alike their labels
        if likeness >= _OWN:
            return False
        plain = best >= _OTHER and likeness < best - _PLAINER
        if not plain and not any(inside for _, inside in others):
            return False
        return not _inside(heading, [fold(label) for label in column.labels])

    def named(self, heading: Heading, taken: Iterable[str]) -> tuple[str, float]:
        """The one field that a heading names, and how plainly; none where it may be several.

        "Dân tộc" names the child's, the father's and the mother's: its heading does not tell.
        """
        found = [(name, score) for name, score, _ in _scored(self, heading) if score >= _NAMED]
        if not found:
            return "", 0.0
        best = max(score for _, score in found)
        fields = frozenset[str]().union(*(name for name, score in found if score == best))
        if len(fields) > 1 or fields & set(taken):
            return "", 0.0
        return next(iter(fields)), best


NOTHING_KNOWN = KnownHeadings()


def known_headings(forms: Iterable[Form]) -> KnownHeadings:
    """The labels of some forms; those without a field name none."""
    names: dict[str, set[str]] = {}
    for form in forms:
        for part in form.parts:
            for label in part.labels:
                names.setdefault(fold(label), set()).update({part.field} - {""})
    return KnownHeadings(tuple((name, frozenset(fields)) for name, fields in names.items() if name))


def plainly(heading: Heading) -> str:
    """What a heading says where two of its readings agree; empty where they do not."""
    for n, label in enumerate(heading.labels):
        if len(fold(label)) < _LETTERS - 1:
            continue
        if any(label_score(label, (other,)) >= _AGREE for other in heading.labels[n + 1 :]):
            return " ".join(label.split())
    return ""


@lru_cache(maxsize=512)
def _scored(
    known: KnownHeadings, heading: Heading
) -> tuple[tuple[frozenset[str], float, bool], ...]:
    """For each label: its fields, likeness, and whether a legible heading holds it, best first."""
    readings = [fold(label) for label in heading.labels]
    plain = fold(plainly(heading))
    found = [
        (
            fields,
            max((folded_score(seen, name) for seen in readings), default=0.0),
            len(name) >= _LETTERS and name in plain,
        )
        for name, fields in known.names
        if fields
    ]
    return tuple(sorted(found, key=lambda one: -one[1]))


def _inside(heading: Heading, names: Iterable[str]) -> bool:
    plain = fold(plainly(heading))
    return any(len(name) >= _LETTERS and name in plain for name in names)
