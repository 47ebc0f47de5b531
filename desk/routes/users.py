"""Users: for admins."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from desk.guard import Admin, Desk, TheDesk
from desk.security.passwords import hash_password, invent_password
from desk.templating import render
from models.states import Role
from models.units import find_units
from models.users import add_user, change_user, find_user, list_users, set_password
from models.web_sessions import end_sessions
from pipeline.errors import OutOfReachError, UserError
from pipeline.texts import Text

router = APIRouter(prefix="/users")


@router.get("")
def users(request: Request, desk: TheDesk, admin: Admin) -> Response:
    """The list, and a form for a new one."""
    return _page(request, desk)


@router.post("")
def add(
    request: Request,
    desk: TheDesk,
    admin: Admin,
    login: Annotated[str, Form()] = "",
    name: Annotated[str, Form()] = "",
    role: Annotated[str, Form()] = "",
    units: Annotated[str, Form()] = "",
    batches: Annotated[str, Form()] = "",
    contractor: Annotated[str, Form()] = "",
    everywhere: Annotated[bool, Form()] = False,
) -> Response:
    """A new user with an invented password, shown once."""
    password = invent_password()
    try:
        user = add_user(
            desk.database,
            login,
            name,
            _role(role),
            hash_password(password),
            units=_units(desk, units),
            batches=_numbers(batches),
            everywhere=everywhere,
            contractor=contractor.strip()[:200] or None,
            actor=admin.login,
        )
    except UserError as error:
        return _page(request, desk, 422, wrong=error.what())
    return _page(request, desk, 201, told=(user.login, password))


@router.post("/{login}/scope")
def scope(
    request: Request,
    desk: TheDesk,
    admin: Admin,
    login: str,
    role: Annotated[str, Form()] = "",
    units: Annotated[str, Form()] = "",
    batches: Annotated[str, Form()] = "",
    everywhere: Annotated[bool, Form()] = False,
) -> Response:
    """Another role or scope; ends the user's sessions."""
    _known(desk, login)
    try:
        change_user(
            desk.database,
            login,
            role=_role(role),
            units=_units(desk, units),
            batches=_numbers(batches),
            everywhere=everywhere,
            actor=admin.login,
        )
    except UserError as error:
        return _page(request, desk, 422, wrong=error.what())
    return RedirectResponse("/users", 303)


@router.post("/{login}/disable")
def disable(request: Request, desk: TheDesk, admin: Admin, login: str) -> Response:
    """Shuts a user out, at once."""
    return _switch(request, desk, admin.login, login, disabled=True)


@router.post("/{login}/enable")
def enable(request: Request, desk: TheDesk, admin: Admin, login: str) -> Response:
    """Lets a user in again."""
    return _switch(request, desk, admin.login, login, disabled=False)


@router.post("/{login}/password")
def password(request: Request, desk: TheDesk, admin: Admin, login: str) -> Response:
    """A new invented password, shown once; lifts a lock-out, ends sessions."""
    user = _known(desk, login)
    invented = invent_password()
    set_password(desk.database, user, hash_password(invented), must_change=True, actor=admin.login)
    return _page(request, desk, told=(user, invented))


@router.post("/{login}/sessions/end")
def end_all(desk: TheDesk, admin: Admin, login: str) -> Response:
    """Logs a user out everywhere."""
    user = find_user(desk.database, login)
    if user is None:
        raise OutOfReachError()
    end_sessions(desk.database, user.id, actor=admin.login)
    return RedirectResponse("/users", 303)


def _page(
    request: Request,
    desk: Desk,
    status: int = 200,
    *,
    wrong: str = "",
    told: tuple[str, str] | None = None,
) -> Response:
    return render(
        request,
        "users.html",
        status,
        users=list_users(desk.database),
        roles=list(Role),
        wrong=wrong,
        told=told,
    )


def _switch(request: Request, desk: Desk, actor: str, login: str, *, disabled: bool) -> Response:
    _known(desk, login)
    try:
        change_user(desk.database, login, disabled=disabled, actor=actor)
    except UserError as error:
        return _page(request, desk, 422, wrong=error.what())
    return RedirectResponse("/users", 303)


def _known(desk: Desk, login: str) -> str:
    user = find_user(desk.database, login) if login.isprintable() else None
    if user is None:
        raise OutOfReachError()
    return user.login


def _role(name: str) -> Role:
    try:
        return Role(name)
    except ValueError:
        raise UserError(Text("vai trò", "role").format()) from None


def _units(desk: Desk, typed: str) -> list[str]:
    """Ids of units typed by id or name, one a line or with semicolons."""
    found = []
    for text in (part.strip() for part in typed[:5000].replace(";", "\n").splitlines()):
        if not text:
            continue
        units = find_units(desk.database, text) if text.isprintable() else []
        if len(units) != 1:
            what = Text("đơn vị '{text}': {n} kết quả", "unit '{text}': {n} found")
            raise UserError(what.format(text=text[:60], n=len(units)))
        found.append(units[0].id)
    return found


def _numbers(typed: str) -> list[int]:
    parts = typed[:2000].replace(";", " ").replace(",", " ").split()
    if not all(part.isascii() and part.isdecimal() and len(part) < 10 for part in parts):
        raise UserError(Text("số lô", "numbers of batches").format())
    return [int(part) for part in parts]
