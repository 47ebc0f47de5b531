"""The database's clock, which is the only one that leases trust.

Workers sit on several machines whose clocks differ; the database is one.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, Double, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from models.base import Moment


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
