"""How dates stand damage: ``python -m bench.dates`` writes days, changes a letter, reads them.

For each way to write: share read right as written, and right on top of the candidates after one
random edit; how often another day was chosen after it, and CPU milliseconds a damaged text.
"""

from __future__ import annotations

import datetime as dt
import random
import time

from samples.date_styles import by_the_moon, in_french, in_words, one_edit, year_first

WRITERS = {
    "Vietnamese": in_words,
    "year first": year_first,
    "French": in_french,
    "by the moon": by_the_moon,
}


def main(days: int = 400, seed: int = 1) -> None:
    """Measures and prints one line a way to write."""
    from pipeline.types import Kind
    from pipeline.values import Context
    from pipeline.values.dates import candidates, parse_date

    for name, writer in WRITERS.items():
        rng = random.Random(seed)
        whole = right = other = 0
        spent = 0.0
        for _ in range(days):
            day = dt.date(1900, 1, 31) + dt.timedelta(days=rng.randrange(42_700))
            year = max(1922, day.year)
            text = writer(day, rng)
            whole += parse_date(text, year).normalized == day.isoformat()
            damaged = one_edit(text, rng)
            begun = time.process_time()
            near = candidates(damaged, Context(Kind.BIRTH, year))
            spent += time.process_time() - begun
            right += bool(near) and near[0].edtf == day.isoformat()
            other += parse_date(damaged, year).normalized not in (None, day.isoformat())
        print(
            f"{name}: {whole / days:.4f} as written, {right / days:.4f} after one edit, "
            f"{other} other days chosen, {1000 * spent / days:.1f} ms CPU"
        )


if __name__ == "__main__":
    main()
