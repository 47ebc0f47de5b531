"""``hotich user``: who may log in at the desk."""

from __future__ import annotations

import sys
from collections.abc import Callable
from enum import StrEnum
from typing import Annotated

import typer

from cli.output import err, out, print_json
from pipeline.texts import Text

_ACTOR = "hotich user"


class RoleName(StrEnum):
    """Choices of ``--role``."""

    CONTRACTOR = "contractor"
    OPERATOR = "operator"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"


Login = Annotated[str, typer.Argument(help=str(Text("Tên đăng nhập", "Login name")))]


def register(cli: typer.Typer) -> None:
    """Adds the group."""
    group = typer.Typer(
        no_args_is_help=True,
        help=str(Text("Người dùng của bàn soát xét.", "Users of the review desk.")),
    )
    texts: dict[str, tuple[Callable[..., None], Text]] = {
        "add": (add, Text("Thêm người dùng, in mật khẩu một lần.", "Add a user.")),
        "list": (list_, Text("Danh sách.", "List them.")),
        "disable": (disable, Text("Khóa, và kết thúc phiên.", "Shut out, and end sessions.")),
        "enable": (enable, Text("Mở lại.", "Let in again.")),
        "identity": (
            identity,
            Text("Gắn với tài khoản cơ quan.", "Link to the identity provider's account."),
        ),
        "password": (password, Text("Đặt mật khẩu mới.", "Set a new password.")),
    }
    for name, (command, text) in texts.items():
        group.command(name, help=str(text))(command)
    cli.add_typer(group, name="user")


def add(
    login: Login,
    role: Annotated[RoleName, typer.Option("--role")] = RoleName.OPERATOR,
    name: Annotated[str, typer.Option("--name", help=str(Text("Họ tên", "Full name")))] = "",
    unit: Annotated[
        list[str] | None, typer.Option("--unit", help=str(Text("Đơn vị (lặp lại)", "Unit, again")))
    ] = None,
    batch: Annotated[
        list[int] | None, typer.Option("--batch", help=str(Text("Số lô (lặp lại)", "Batch, again")))
    ] = None,
    everywhere: Annotated[
        bool, typer.Option("--everywhere", help=str(Text("Mọi đơn vị", "All units")))
    ] = False,
    contractor: Annotated[
        str | None, typer.Option("--contractor", help=str(Text("Tên nhà thầu", "Firm")))
    ] = None,
    stdin: Annotated[
        bool,
        typer.Option(
            "--password-stdin", help=str(Text("Đọc mật khẩu từ stdin", "Read from stdin"))
        ),
    ] = False,
) -> None:
    """Adds a user. Without ``--password-stdin`` a password is invented and printed once."""
    from cli.home import open_home
    from desk.security.passwords import hash_password
    from models import find_units
    from models.states import Role
    from models.users import add_user
    from pipeline.errors import UserError

    chosen, invented = _password(stdin)
    with open_home() as home:
        units = []
        for text in unit or []:
            found = find_units(home.database, text)
            if len(found) != 1:
                what = Text("đơn vị '{text}': {n} kết quả", "unit '{text}': {n} found")
                raise UserError(what.format(text=text, n=len(found)))
            units.append(found[0].id)
        user = add_user(
            home.database, login, name or login, Role(role.value), hash_password(chosen),
            units=units, batches=batch or (), everywhere=everywhere, contractor=contractor,
            must_change=invented, actor=_ACTOR,
        )  # fmt: skip
    _tell(user.login, chosen if invented else "")


def list_(json_: Annotated[bool, typer.Option("--json")] = False) -> None:
    """Prints login, role, scope and state."""
    from rich.table import Table

    from cli.home import open_home
    from models.users import list_users

    with open_home() as home:
        users = list_users(home.database)
    rows = [
        {
            "login": user.login,
            "name": user.name,
            "role": str(user.role),
            "scope": ["*"] if user.sees_all else [*sorted(user.units), *map(str, user.batches)],
            "disabled": user.disabled,
            "must_change": user.must_change,
        }
        for user in users
    ]
    if json_:
        print_json(rows)
        return
    table = Table("login", *(str(one) for one in (
        Text("tên", "name"), Text("vai trò", "role"), Text("phạm vi", "scope"),
        Text("trạng thái", "state"))))  # fmt: skip
    for user, row in zip(users, rows, strict=True):
        state = Text("bị khóa", "shut out") if user.disabled else Text("hoạt động", "active")
        scope = ", ".join(str(one) for one in row["scope"])  # type: ignore[attr-defined]
        table.add_row(user.login, user.name, str(user.role), scope, str(state))
    out.print(table)


def disable(login: Login) -> None:
    """Shuts a user out."""
    _switch(login, disabled=True)


def enable(login: Login) -> None:
    """Lets a user in again."""
    _switch(login, disabled=False)


def password(
    login: Login,
    stdin: Annotated[bool, typer.Option("--password-stdin")] = False,
) -> None:
    """Sets a password, invented unless it comes from standard input; ends the sessions."""
    from cli.home import open_home
    from desk.security.passwords import hash_password
    from models.users import set_password

    chosen, invented = _password(stdin)
    with open_home() as home:
        set_password(
            home.database, login, hash_password(chosen), must_change=invented, actor=_ACTOR
        )
    _tell(login, chosen if invented else "")


def identity(
    login: Login,
    subject: Annotated[
        str,
        typer.Argument(help=str(Text("Mã định danh của máy chủ tài khoản", "Subject there"))),
    ] = "",
    drop: Annotated[
        bool, typer.Option("--drop", help=str(Text("Bỏ mọi liên kết", "Take all links away")))
    ] = False,
) -> None:
    """Links a user to an account of the provider set in HOTICH_DESK_OIDC_ISSUER, or unlinks.

    From then on they come in by the provider alone: their password and sessions end.
    """
    from cli.home import open_home
    from desk.settings import load_desk_settings
    from models.identities import identities, link_identity, unlink_identities
    from pipeline.errors import UserError

    issuer = load_desk_settings().oidc_issuer
    if subject and not issuer:
        what = Text("chưa đặt HOTICH_DESK_OIDC_ISSUER", "HOTICH_DESK_OIDC_ISSUER is not set")
        raise UserError(what.format())
    with open_home() as home:
        if drop:
            unlink_identities(home.database, login, actor=_ACTOR)
        if subject:
            link_identity(home.database, login, issuer, subject, actor=_ACTOR)
        for one in identities(home.database):
            if one.login == login:
                out.print(f"{one.issuer} {one.subject}", markup=False)


def _password(stdin: bool) -> tuple[str, bool]:
    """The password, and whether it was invented here."""
    from desk.security.passwords import invent_password

    return (sys.stdin.readline().rstrip("\n"), False) if stdin else (invent_password(), True)


def _switch(login: str, *, disabled: bool) -> None:
    from cli.home import open_home
    from models.users import change_user

    with open_home() as home:
        change_user(home.database, login, disabled=disabled, actor=_ACTOR)
    err.print(Text("✓ {login}", "✓ {login}").format(login=login), markup=False)


def _tell(login: str, password: str) -> None:
    err.print(Text("✓ {login}", "✓ {login}").format(login=login), markup=False)
    if password:
        note = Text(
            "Mật khẩu (chỉ hiện lần này, phải đổi khi đăng nhập):",
            "Password (shown only now, to be changed at the first log-in):",
        )
        err.print(str(note))
        out.print(password, markup=False)
