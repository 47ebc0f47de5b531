"""What values cost: ``python -m bench.values`` normalizes entries as a generated clerk wrote them.

Births of the 2006 form, new dates and names in each entry; CPU seconds of this process. What is
not understood as it was meant is counted too.
"""

from __future__ import annotations

import random
import time
from itertools import islice

FORM, YEAR = "birth-158-a4", 2008


def main(entries: int = 300) -> None:
    """Measures and prints."""
    from pipeline.fields import FIELDS
    from pipeline.types import Kind
    from pipeline.values import Context, normalise
    from samples.clerk import draw_clerk
    from samples.entries import book_entries

    clerk = draw_clerk(random.Random(1), "Xã An Thái", "Huyện An Lão", ledger=False)
    made = islice(book_entries(("bench", "values"), FORM, clerk, YEAR, "01"), entries + 1)
    rows = [[(field, ink) for field, ink in entry.items() if field in FIELDS] for entry in made]
    context = Context(Kind.BIRTH, YEAR)
    begun = time.process_time()
    first, *rest = rows
    for field, written in first:
        normalise(field, written.literal, context)
    cold = time.process_time() - begun
    begun = time.process_time()
    fields = wrong = 0
    for entry in rest:
        for field, written in entry:
            value = normalise(field, written.literal, context)
            fields += 1
            meant = written.value if written.state == "written" else None
            wrong += written.state == "written" and value.normalized != meant
    spent = time.process_time() - begun
    print(f"first entry, tables loaded: {1000 * cold:.0f} ms CPU")
    cost = 25_000 * spent / fields
    print(f"{cost:.2f} ms CPU for 25 fields ({fields} fields, {wrong} not as meant)")


if __name__ == "__main__":
    main()
