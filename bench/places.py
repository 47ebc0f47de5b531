"""What places cost: ``python -m bench.places`` prints cold start, memory and questions a second.

Every commune of 29 December 2022, written in six ways: each text is new to the resolver.
"""

from __future__ import annotations

import resource
import time
from datetime import date

ROUNDS = 5
_DAY = date(2022, 12, 29)


def main() -> None:
    """Measures and prints; CPU seconds of this process."""
    before = time.process_time()
    from pipeline.places import load_gazetteer, resolve_batch

    gazetteer = load_gazetteer()
    rows = _rows()
    first = list(resolve_batch(rows[:1]))
    print(f"cold start {time.process_time() - before:.2f} CPU s, {len(gazetteer.units)} units")
    assert first[0]["status"] != "unknown"
    best = 0.0
    for _ in range(ROUNDS):
        _forget()
        begun = time.process_time()
        count = sum(1 for _ in resolve_batch(rows))
        best = max(best, count / (time.process_time() - begun))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{best:.0f} new texts a CPU second (best of {ROUNDS} rounds), peak {peak:.0f} MB")


def _rows() -> list[dict[str, str]]:
    from pipeline.places import load_gazetteer
    from pipeline.places.gazetteer import alive_on
    from pipeline.values.text import fold

    gazetteer = load_gazetteer()
    rows: list[dict[str, str]] = []
    for _, state in alive_on(gazetteer, _DAY, "commune", "31"):
        above = gazetteer.units[state.parent].on(_DAY)
        assert above is not None  # validate: one living parent a day
        full = f"{state.full_name}, {above.full_name}, thành phố Hải Phòng"
        bare = f"{state.name}, {above.name}, Hải Phòng"
        texts = (
            full,
            bare,
            fold(full),
            bare.replace(",", ""),
            f"thôn Đoài, {full}",
            full.replace("n", "u", 1),
        )
        asked = {"id": "", "year": "2011", "unit": "", "as_of": "2026-01-01"}
        rows += [{**asked, "text": text} for text in texts]
    return rows


def _forget() -> None:
    import sys

    from pipeline.places.origins import origins
    from pipeline.places.parse import parse
    from pipeline.places.spans import names_in

    for remembered in (parse, names_in, origins):
        remembered.cache_clear()
    sys.modules["pipeline.places.resolve"]._resolve.cache_clear()


if __name__ == "__main__":
    main()
