"""How answers leave the desk, and how its writers wait."""

from __future__ import annotations

import asyncio
import socket
import threading

import pytest
from models_samples import book, digitize, queue
from sqlalchemy import create_engine, func, insert, select

from desk.serve import bind
from desk.settings import DeskSettings
from desk.warming import warm_up
from models import Database
from models.looking_up import read_ahead
from models.tables import Contractor, PersonKey
from pipeline.settings import Settings


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_body_does_not_wait_until_its_headers_were_acknowledged(host):
    try:
        opened = bind(DeskSettings(host=host, port=0))
    except Exception:
        if host == "::1":
            pytest.skip("no IPv6 on this machine")
        raise

    async def option() -> int:
        made: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        class Accepted(asyncio.Protocol):
            def connection_made(self, transport):
                accepted = transport.get_extra_info("socket")
                made.set_result(accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))

        server = await asyncio.get_running_loop().create_server(Accepted, sock=opened)
        _, writer = await asyncio.open_connection(*opened.getsockname()[:2])
        try:
            return await asyncio.wait_for(made, 20)
        finally:
            writer.close()
            server.close()

    assert asyncio.run(option()) != 0


def test_writers_of_one_process_wait_for_each_other_and_lose_nothing(database):
    def write(number: int) -> None:
        for turn in range(10):
            with database.write() as connection:
                connection.execute(insert(Contractor).values(name=f"{number}/{turn}"))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as connection:
        names = set(connection.execute(select(Contractor.name)).scalars())
    assert names == {f"{number}/{turn}" for number in range(8) for turn in range(10)}


def test_a_writer_that_failed_leaves_its_turn_to_the_next(database):
    with pytest.raises(RuntimeError), database.write() as connection:
        connection.execute(insert(Contractor).values(name="gone"))
        raise RuntimeError
    with database.write() as connection:
        connection.execute(insert(Contractor).values(name="there"))
    with database.read() as connection:
        assert connection.execute(select(Contractor.name)).scalars().all() == ["there"]


def test_the_desk_reads_every_name_ahead_when_it_starts(database):
    [book_id] = queue(database, book(2))
    digitize(database, book_id)
    with database.read() as connection:
        names = connection.execute(select(func.count()).select_from(PersonKey)).scalar_one()
    assert names > 0
    assert read_ahead(database) == (2 * names if database.dialect == "sqlite" else 0)


def test_a_desk_that_cannot_get_ready_serves_all_the_same(tmp_path, caplog):
    gone = Database(create_engine(f"sqlite:///{tmp_path / 'nowhere' / 'x.sqlite'}"))
    warm_up(Settings(home=tmp_path), gone).join(60)
    assert [one.message for one in caplog.records if one.name == "hotich.desk"] == [
        "not ready beforehand"
    ]
