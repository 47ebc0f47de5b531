"""The database's clock, which is the only one that leases trust.

Workers sit on several machines whose clocks differ; the database is one.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Any

from sqlalchemy import Date, Double, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from models.base import Moment

HERE = timezone(timedelta(hours=7))
"""Viet Nam's time, all year: what screens, papers and days are told in, wherever servers stand."""


class Now(FunctionElement[datetime]):
    """This moment: of the statement, not of the transaction, to the millisecond."""

    type = Moment()
    inherit_cache = True


class After(FunctionElement[datetime]):
    """This moment plus a number of seconds."""

    type = Moment()
    inherit_cache = True

    def __init__(self, seconds: float) -> None:
        super().__init__(bindparam(None, float(seconds), type_=Double()))


class Today(FunctionElement[date]):
    """The day it is in Vietnam (UTC+7 all year)."""

    type = Date()
    inherit_cache = True


class DayOf(FunctionElement[date]):
    """The day it was in Vietnam at a moment."""

    type = Date()
    inherit_cache = True

    def __init__(self, moment: Any) -> None:
        super().__init__(moment)


@compiles(DayOf, "sqlite")
def _day_sqlite(element: DayOf, compiler: SQLCompiler, **kw: Any) -> str:
    return f"date({compiler.process(element.clauses, **kw)},'+7 hours')"


@compiles(DayOf, "postgresql")
def _day_postgresql(element: DayOf, compiler: SQLCompiler, **kw: Any) -> str:
    moment = compiler.process(element.clauses, **kw)
    return f"CAST(({moment}) AT TIME ZONE 'UTC' + interval '7 hours' AS date)"


@compiles(Today, "sqlite")
def _today_sqlite(element: Today, compiler: SQLCompiler, **kw: Any) -> str:
    return "date('now','+7 hours')"


@compiles(Today, "postgresql")
def _today_postgresql(element: Today, compiler: SQLCompiler, **kw: Any) -> str:
    return "CAST(statement_timestamp() AT TIME ZONE 'UTC' + interval '7 hours' AS date)"


@compiles(Now, "sqlite")
def _now_sqlite(element: Now, compiler: SQLCompiler, **kw: Any) -> str:
    return "strftime('%Y-%m-%d %H:%M:%f','now')"


@compiles(Now, "postgresql")
def _now_postgresql(element: Now, compiler: SQLCompiler, **kw: Any) -> str:
    return "statement_timestamp()"


@compiles(After, "sqlite")
def _after_sqlite(element: After, compiler: SQLCompiler, **kw: Any) -> str:
    seconds = compiler.process(element.clauses, **kw)
    return f"strftime('%Y-%m-%d %H:%M:%f','now',({seconds}) || ' seconds')"


@compiles(After, "postgresql")
def _after_postgresql(element: After, compiler: SQLCompiler, **kw: Any) -> str:
    return (
        f"statement_timestamp() + make_interval(secs => {compiler.process(element.clauses, **kw)})"
    )
