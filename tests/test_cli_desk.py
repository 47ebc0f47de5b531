"""``hotich user``, ``hotich audit`` and the desk as a watched child."""

from __future__ import annotations

import json
import os
import shutil
import signal
import time
from pathlib import Path

import pytest
from desk_browser import PASSWORD  # also makes hashing cheap
from sqlalchemy import update
from typer.testing import CliRunner

from cli.main import cli
from models import open_database
from models.audit import verify_audit
from models.tables import AuditEvent


@pytest.fixture
def home(tmp_path: Path, _migrated_sqlite: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copy(_migrated_sqlite, tmp_path / "hotich.sqlite")
    monkeypatch.setenv("HOTICH_HOME", str(tmp_path))
    monkeypatch.setenv("HOTICH_LANGUAGE", "en")
    monkeypatch.delenv("HOTICH_DATABASE_URL", raising=False)
    return tmp_path


def hotich(*arguments: str, typed: str | None = None):
    return CliRunner().invoke(cli, list(arguments), input=typed)


def test_users_are_added_listed_shut_out_and_let_in(home):
    added = hotich("user", "add", "quantri", "--role", "admin")
    assert added.exit_code == 0
    assert len(added.stdout.strip().split("-")) == 6  # invented, told once
    assert hotich(
        "user", "add", "lan", "--everywhere", "--password-stdin", typed=PASSWORD + "\n"
    ).exit_code == 0  # fmt: skip
    assert hotich("user", "disable", "lan").exit_code == 0
    rows = {row["login"]: row for row in json.loads(hotich("user", "list", "--json").stdout)}
    assert rows["lan"]["disabled"]
    assert (rows["quantri"]["scope"], rows["quantri"]["must_change"]) == (["*"], True)
    assert hotich("user", "enable", "lan").exit_code == 0
    assert hotich("user", "password", "lan").stdout.strip()
    for wrong in (["add", "quantri"], ["add", "Ăn"], ["disable", "ghost"], ["add", "x1",
                  "--unit", "nowhere"], ["disable", "quantri"]):  # fmt: skip
        assert hotich("user", *wrong).exception is not None, wrong


def test_a_changed_row_of_the_audit_log_is_named_and_a_cut_end_too(home):
    hotich("user", "add", "quantri", "--role", "admin")
    hotich("user", "add", "lan", "--everywhere")
    sound = hotich("audit", "verify", "--json")
    assert sound.exit_code == 0
    head = json.loads(sound.stdout)["head"]
    assert hotich("audit", "verify", "--head", head).exit_code == 0
    assert hotich("audit", "verify", "--head", "0" * 64).exit_code == 1
    db = open_database(f"sqlite:///{home / 'hotich.sqlite'}")
    with db.write() as connection:
        connection.execute(update(AuditEvent).where(AuditEvent.id == 1).values(actor="ma"))
    assert verify_audit(db).broken_at == 1
    db.close()
    broken = hotich("audit", "verify", "--json")
    assert broken.exit_code == 1
    assert json.loads(broken.stdout)["broken_at"] == 1


def test_demo_users_keep_their_invented_passwords_in_a_file_for_their_owner(home, capsys):
    from cli.demo_users import tell_demo_users
    from cli.home import open_home

    with open_home() as opened:
        tell_demo_users(opened)
        first = json.loads((home / "demo-users.json").read_text())
        tell_demo_users(opened)
    assert json.loads((home / "demo-users.json").read_text()) == first
    assert (home / "demo-users.json").stat().st_mode & 0o777 == 0o600
    assert set(first) == {"lan", "minh", "hoa", "giamsat", "quantri", "nhathau"}
    assert len(set(first.values())) == 6


@pytest.mark.slow
def test_the_desk_is_served_as_a_child_that_comes_back_when_killed(home, monkeypatch):
    from cli.desk import desk_beside, is_answering
    from cli.home import open_home
    from desk.settings import load_desk_settings

    monkeypatch.setenv("HOTICH_DESK_PORT", "0")
    with open_home() as opened, desk_beside(opened) as address:
        port = int(address.rsplit(":", 1)[1])
        options = load_desk_settings()
        _until(lambda: is_answering(options, port))
        pid = _desk_pid(port)
        os.kill(pid, signal.SIGKILL)
        _until(lambda: is_answering(options, port) and _desk_pid(port) != pid)
    assert not is_answering(options, port)


def _desk_pid(port: int) -> int:
    import psutil

    for process in psutil.process_iter(["environ", "cmdline"]):
        environ, command = process.info["environ"] or {}, process.info["cmdline"] or []
        if environ.get("HOTICH_DESK_PORT") == str(port) and "flows.leash" not in command:
            return int(process.pid)
    return 0


def _until(true) -> None:
    end = time.monotonic() + 120
    while not true():
        assert time.monotonic() < end, "in vain"
        time.sleep(0.2)
