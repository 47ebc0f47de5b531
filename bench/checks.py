"""CPU of rules, evidence and decision for an entry of 25 fields: ``python -m bench.checks``."""

from __future__ import annotations

import time
from datetime import date

from pipeline.checks.acceptance import Bars
from pipeline.checks.book import finish_book
from pipeline.checks.decide import decided
from pipeline.checks.entry_rules import check_entry
from pipeline.checks.witnesses import weighed
from pipeline.settings import load_settings, load_thresholds
from pipeline.types import Decision, EntryResult, FieldResult, Kind, ValueState
from pipeline.values import Context

_VALUES = {
    "registration_date": "1985-05-10", "child_full_name": "Nguyễn Văn An", "sex": "Nam",
    "birth_date": "1985-05-02", "birth_date_words": "1985-05-02", "birth_place": "xã An Thái",
    "home_town": "xã An Thái", "ethnicity": "Kinh", "nationality": "Việt Nam",
    "father_full_name": "Nguyễn Văn Bình", "father_birth_date": "1960", "father_age": "25",
    "father_ethnicity": "Kinh", "father_nationality": "Việt Nam", "father_residence": "An Lão",
    "mother_full_name": "Lê Thị Hoa", "mother_birth_date": "1962", "mother_ethnicity": "Kinh",
    "mother_nationality": "Việt Nam", "mother_residence": "An Lão",
    "mother_occupation": "làm ruộng",
    "declarant_full_name": "Nguyễn Văn Bình", "declarant_relation": "cha", "notes": "",
}  # fmt: skip


def _entry(number: int) -> EntryResult:
    values = {"entry_number": str(number), **_VALUES}
    fields = tuple(
        FieldResult(
            name, value, value or None, ValueState.WRITTEN if value else ValueState.BLANK,
            0.97, 0.9, Decision.REVIEW, "tesseract-bench", 0, (),
        )
        for name, value in values.items()
    )  # fmt: skip
    return EntryResult(number, str(number), fields)


def main(entries: int = 2000) -> None:
    """Prints milliseconds of CPU an entry, for the entry alone and for a whole book."""
    context = Context(Kind.BIRTH, 1985, "Xã An Thái", "Huyện An Lão", as_of=date(2026, 1, 1))
    evidence = load_thresholds(load_settings().config).evidence
    bars = Bars({"default": 0.98}, sample_rate=0.02)
    book = [_entry(number + 1) for number in range(entries)]
    start = time.process_time()
    for entry in book:
        heard = weighed(entry, evidence)
        decided(heard, check_entry(heard, context), bars)
    alone = (time.process_time() - start) * 1000 / entries
    start = time.process_time()
    finish_book(book, context, bars=bars)
    whole = (time.process_time() - start) * 1000 / entries
    print(f"{len(book[0].fields)} fields: entry {alone:.2f} ms, in a book {whole:.2f} ms CPU")


if __name__ == "__main__":
    main()
