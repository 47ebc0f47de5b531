"""Databases for tests: each test gets its own, of both kinds, with the newest schema.

``database_url`` and ``database`` run a test twice, on SQLite and on PostgreSQL;
``sqlite_url`` and ``postgres_url`` give one kind, empty.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from postgres_cluster import Cluster, binary, running_cluster
from statements import share_compiled_statements

from models import Database, migrate, open_database, recount, verify_audit

HERE = Path(__file__).resolve().parent
_numbers = count()
share_compiled_statements()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files of long tests begin first, so that no worker is left alone with one at the end."""
    slow = {item.path for item in items if any(item.iter_markers("slow"))}
    patient = {item.path for item in items if any(item.iter_markers("timeout"))}
    items.sort(key=lambda item: (item.path not in patient, item.path not in slow))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Tests of a file that makes something once go to one worker, all others to any.

    Parted among workers they would make it again on each: the samples alone take minutes. Not by
    ``--dist loadgroup``: xdist 3.8 marks its groups in what pytest 9.2 no longer reads.
    """
    if config.getvalue("dist") != "loadscope":
        return None
    from xdist.scheduler import LoadScopeScheduling

    once = ('scope="', "\n@cache\n")
    texts = {path.name: path.read_text("utf-8") for path in HERE.glob("test_*.py")}
    shared = {name for name, text in texts.items() if any(sign in text for sign in once)}

    class ByFixture(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.split("::", 1)[0]
            return file if Path(file).name in shared else nodeid

    return ByFixture(config, log)


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[Cluster]:
    if binary("initdb") is None or binary("postgres") is None:
        reason = "no PostgreSQL server programs (apt-get install postgresql)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with running_cluster() as cluster:
        yield cluster


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Debian's Chromium, for a file of browser tests."""
    from desk_office import chromium  # others need no Playwright

    with chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def _migrated_postgres(postgres_cluster: Cluster) -> str:
    postgres_cluster.execute("CREATE DATABASE hotich_template")
    migrate(postgres_cluster.url("hotich_template"))
    return "hotich_template"


@pytest.fixture(scope="session")
def _migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "hotich.sqlite"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def postgres_url(postgres_cluster: Cluster) -> Iterator[str]:
    """An empty PostgreSQL database."""
    yield from _postgres_database(postgres_cluster, "template1")


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """Where an SQLite database may be made."""
    return f"sqlite:///{tmp_path / 'hotich.sqlite'}"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def empty_url(request: pytest.FixtureRequest) -> str:
    """An empty database of either kind."""
    return request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of either kind with the newest schema."""
    if request.param == "sqlite":
        path = tmp_path / "hotich.sqlite"
        shutil.copy(request.getfixturevalue("_migrated_sqlite"), path)
        yield f"sqlite:///{path}"
    else:
        template = request.getfixturevalue("_migrated_postgres")
        yield from _postgres_database(request.getfixturevalue("postgres_cluster"), template)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An open database of either kind with the newest schema."""
    database = open_database(database_url)
    yield database
    database.close()


def _postgres_database(cluster: Cluster, template: str) -> Iterator[str]:
    name = f"hotich_{next(_numbers)}"
    cluster.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    yield cluster.url(name)
    cluster.execute(f"DROP DATABASE {name} WITH (FORCE)")


# Two workers share two cores with Tesseract: slowness of a moment is no finding of a property test.
hypothesis.settings.register_profile(
    "shared machine",
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("shared machine")


@pytest.fixture(scope="session")
def _firms(_migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All units, two firms (``xanh``, ``do``), a supervisor and an operator, made once."""
    from desk_browser import known
    from desk_intake import firm, units_of_plan

    from models.states import Role

    path = tmp_path_factory.mktemp("firms") / "hotich.sqlite"
    shutil.copy(_migrated_sqlite, path)
    database = open_database(f"sqlite:///{path}")
    units_of_plan(database)
    firm(database, "xanh", "Số Hóa Xanh")
    firm(database, "do", "Số Hóa Đỏ")
    known(database, "giamsat", Role.SUPERVISOR)
    known(database, "lan")
    database.close()
    return path


@pytest.fixture
def firms(tmp_path: Path, _firms: Path) -> Iterator[Database]:
    """A database of an office with two firms; afterwards its counters and its log are proven."""
    shutil.copy(_firms, tmp_path / "hotich.sqlite")
    database = open_database(f"sqlite:///{tmp_path / 'hotich.sqlite'}")
    yield database
    assert verify_audit(database).sound
    assert recount(database) == []
    database.close()


@pytest.fixture
def firms_app(firms: Database, tmp_path: Path) -> Any:
    """The desk of that office, its home in ``tmp_path``."""
    from desk_browser import desk_app

    return desk_app(firms, tmp_path, reserve_gigabytes=0)
