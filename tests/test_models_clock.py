"""Days and hours are Viet Nam's, wherever the server stands."""

from __future__ import annotations

from datetime import UTC, date, datetime

from sqlalchemy import literal, select

from desk.templating import environment
from models.base import Moment
from models.clock import DayOf

NIGHT = datetime(2026, 3, 31, 18, 30, tzinfo=UTC)


def test_half_past_one_at_night_belongs_to_the_new_day(database):
    with database.read() as connection:
        day = connection.execute(select(DayOf(literal(NIGHT, Moment())))).scalar_one()
    assert day == date(2026, 4, 1)


def test_screens_tell_the_time_of_viet_nam(monkeypatch):
    monkeypatch.setenv("TZ", "America/New_York")
    assert environment().filters["moment"](NIGHT) == "01.04.2026 01:30"
