"""A search by name reads its index alone: no row of each hit is looked up beside it."""

from __future__ import annotations

import pytest
from desk_people import person
from models_samples import book, digitize, queue
from sqlalchemy import event

from models.looking_up import Asked, by_index, look_up
from models.states import Role


@pytest.fixture
def boss(database):
    [book_id] = queue(database, book(2))
    digitize(database, book_id)
    return person(database, "boss", Role.SUPERVISOR)


def asked_for(database, user, name):
    """What is found, and the statements it took with their parameters."""
    statements = []

    def note(_connection, _cursor, statement, parameters, *_):
        statements.append((statement, parameters))

    event.listen(database.engine, "before_cursor_execute", note)
    found = look_up(database, user, Asked(name))
    event.remove(database.engine, "before_cursor_execute", note)
    return found, statements


def test_every_way_to_a_name_is_answered_by_a_covering_index(database, boss):
    if database.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL chooses by its statistics")
    found, statements = asked_for(database, boss, "nguien thi hoa 1.0")
    ways = [one for one in statements if "FROM person_key" in one[0]]
    assert found
    assert len(ways) == 4
    with database.read() as connection:
        for statement, parameters in ways:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            steps = [row[-1] for row in plan if "person_key" in row[-1]]
            assert steps
            assert all("COVERING INDEX" in step for step in steps)


def test_no_way_to_a_name_reads_the_whole_table_on_postgresql(database, boss):
    if database.engine.dialect.name != "postgresql":
        pytest.skip("the test above is SQLite's")
    found, statements = asked_for(database, boss, "nguien thi hoa 1.0")
    ways = [one for one in statements if "FROM person_key" in one[0]]
    assert found and len(ways) == 4
    with database.read() as connection:
        by_index(connection)
        for statement, parameters in ways:
            plan = connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)
            assert not [row[0] for row in plan if "Seq Scan on person_key" in row[0]]
    with database.read() as connection:  # only for that transaction
        assert connection.exec_driver_sql("SHOW enable_seqscan").scalar_one() == "on"


def test_only_records_of_the_kinds_that_were_found_are_asked(database, boss):
    found, statements = asked_for(database, boss, "Vũ Thị Đào")
    assert {one.kind for one in found} == {"KS"}
    assert found[0].persons[0].startswith("Nguyễn Thị Hoa")
    assert not [one for one, _ in statements if "marriage_record" in one or "death_record" in one]
