"""Structured logs: a JSON object a line, ids in it, no value of a book."""

from __future__ import annotations

import json
import logging

import pytest
from sqlalchemy import text

from models import migrate, open_database
from pipeline.errors import StorageError
from pipeline.logs import log_to


@pytest.fixture
def lines(tmp_path):
    path = log_to(tmp_path / "logs", "desk")
    assert log_to(tmp_path / "logs", "desk") == path
    yield lambda: [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    logger = logging.getLogger("hotich")
    for handler in [one for one in logger.handlers if isinstance(one, logging.FileHandler)]:
        logger.removeHandler(handler)
        handler.close()


def test_a_line_carries_ids_and_drops_what_is_none(lines):
    log = logging.getLogger("hotich.flows")
    log.info("scan read", extra={"book": "xa.KS.2008.01", "scan": 3, "unit": "hp-an-thai",
                                 "child_full_name": "Nguyễn Thị Hoa"})  # fmt: skip
    [line] = lines()
    assert (line["says"], line["book"], line["scan"], line["unit"]) == (
        "scan read", "xa.KS.2008.01", 3, "hp-an-thai",
    )  # fmt: skip
    assert line["level"] == "INFO" and line["at"].endswith("Z")
    assert "child_full_name" not in line


def test_errors_are_told_by_class_and_place_without_their_text(lines, sqlite_url):
    log = logging.getLogger("hotich.desk")
    log.warning("watch: %s: %s", "folder", StorageError("Nguyễn Thị Hoa"))
    migrate(sqlite_url)
    database = open_database(sqlite_url)
    try:
        with database.write() as connection:
            connection.execute(
                text("INSERT INTO unit (id) VALUES (:name)"), {"name": "Trần Văn Lý"}
            )
    except Exception as error:
        assert "Trần Văn Lý" not in str(error)
        log.exception("%s: %s", "page", error)
    database.close()
    first, second = lines()
    assert first["says"] == "watch: folder: StorageError"
    assert second["error"] == "IntegrityError" and any("test_logs" in at for at in second["where"])
    assert not any(name in json.dumps(lines(), ensure_ascii=False) for name in ("Hoa", "Lý"))
