"""Days as people write them on the command line."""

from __future__ import annotations

import re
from datetime import date

from pipeline.errors import InputError
from pipeline.texts import Text

_VIETNAMESE = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})")


def day_of(text: str, option: str) -> date:
    """``2025-07-01`` or ``1/7/2025``.

    Raises:
        InputError: no such day, or outside the years the gazetteer can know; names the option.
    """
    from pipeline.places.asked import checked_day

    written = text.strip()
    found = _VIETNAMESE.fullmatch(written)
    try:
        if found:
            day, month, year = map(int, found.groups())
            return checked_day(date(year, month, day))
        return checked_day(date.fromisoformat(written))
    except ValueError as error:
        raise InputError(
            Text(
                "'{text}' không phải là ngày; viết như 2025-07-01 hoặc 1/7/2025",
                "'{text}' is not a day; write it like 2025-07-01 or 1/7/2025",
            ).format(text=written),
            where=option,
        ) from error
    except InputError as error:
        raise InputError(error.detail, where=option) from error


def day_or_today(text: str | None, option: str) -> date:
    """The day of an option, today where it is not given."""
    return date.today() if text is None else day_of(text, option)
