"""Users to try the desk with: made at the first start of the demo, told at each."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from cli.output import out
from pipeline.texts import Text

if TYPE_CHECKING:
    from cli.home import Home

_FILE = "demo-users.json"


def tell_demo_users(home: Home) -> None:
    """Prints login names and passwords of the demo's users.

    The passwords are invented here and lie in the home, readable for its owner only, so that
    the next start can tell them again. Nobody must use them for real work.
    """
    from rich.table import Table

    table = Table(str(Text("Người dùng thử", "Demo user")), str(Text("Mật khẩu", "Password")),
                  str(Text("Vai trò", "Role")))  # fmt: skip
    for login, password, role in _users(home):
        table.add_row(login, password, role)
    out.print(table)


def _users(home: Home) -> list[tuple[str, str, str]]:
    from cli.demo import CONTRACTORS
    from desk.security.passwords import hash_password, invent_password
    from models.states import Role
    from models.users import add_user, find_user

    wanted = {
        "lan": Role.OPERATOR, "minh": Role.OPERATOR, "hoa": Role.OPERATOR,
        "giamsat": Role.SUPERVISOR, "quantri": Role.ADMIN, "nhathau": Role.CONTRACTOR,
    }  # fmt: skip
    path = home.settings.resolved_home / _FILE
    known: dict[str, str] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    for login, role in wanted.items():
        if find_user(home.database, login) is None:
            known[login] = invent_password()
            add_user(
                home.database, login, login.title(), role, hash_password(known[login]),
                everywhere=role is not Role.CONTRACTOR, must_change=False, actor="hotich demo",
                contractor=CONTRACTORS[0] if role is Role.CONTRACTOR else None,
            )  # fmt: skip
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(known, file, indent=1)
    return [(login, known.get(login, "–"), str(role)) for login, role in wanted.items()]
