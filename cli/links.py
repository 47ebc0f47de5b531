"""``hotich links``: entries that may belong together, with what speaks for it."""

from __future__ import annotations

import getpass
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from cli.output import err, out, print_json
from pipeline.errors import InputError
from pipeline.texts import Text

if TYPE_CHECKING:
    from cli.home import Home
    from models import LinkRecord


def register(cli: typer.Typer) -> None:
    """Adds the command."""
    cli.command(
        "links",
        help=str(
            Text(
                "Các trường hợp có thể là một việc ghi hai lần, hay của một người; kèm lý do.",
                "Entries that may be one act written twice, or of one person; with reasons.",
            )
        ),
    )(links)


def links(
    book: Annotated[
        str | None, typer.Option("--book", help=str(Text("Chỉ của quyển này", "Of this book")))
    ] = None,
    find: Annotated[
        bool, typer.Option("--find", help=str(Text("Tìm lại", "Look for links anew")))
    ] = False,
    confirm: Annotated[
        list[int] | None, typer.Option("--confirm", metavar="LINK", help=str(Text("Đúng", "Right")))
    ] = None,
    refuse: Annotated[
        list[int] | None, typer.Option("--refuse", metavar="LINK", help=str(Text("Sai", "Wrong")))
    ] = None,
    person: Annotated[str | None, typer.Option("--person")] = None,
    all_: Annotated[
        bool, typer.Option("--all", help=str(Text("Cả đã duyệt", "Those judged too")))
    ] = False,
    most: Annotated[int, typer.Option("--most", min=1)] = 50,
    json_: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Nothing is joined by itself: a link is a suggestion until a person confirms it."""
    from cli.home import open_home
    from models import LinkState, find_books, find_entry_links

    who = person or getpass.getuser()
    with open_home() as home:
        for numbers, right in ((confirm, True), (refuse, False)):
            for number in numbers or ():
                _judge(home, number, right=right, person=who)
        if find:
            _find(home, who)
        books = find_books(home.database, book) if book else []
        if book and not books:
            raise InputError(Text("không có quyển {b}", "no book {b}").format(b=book))
        rows: list[LinkRecord] = []
        ids: list[int | None] = [one.id for one in books]
        for book_id in ids or [None]:
            state = None if all_ else LinkState.SUGGESTED
            rows += find_entry_links(home.database, book_id=book_id, state=state, most=most)
    if json_:
        print_json([{**asdict(one), "at": one.at.isoformat() if one.at else None} for one in rows])
        return
    for one in rows:
        for line in lines(one):
            out.print(line)
    if not rows:
        err.print(Text("Không có liên kết nào.", "No links.").format())


def lines(one: LinkRecord) -> list[str]:
    """A link in two lines, the second says why."""
    from pipeline.checks.linking.told import RELATIONS, ROLES, told

    states = {
        "suggested": "",
        "confirmed": str(Text(" ✓ {who}", " ✓ {who}").format(who=one.person)),
        "refused": str(Text(" ✗ {who}", " ✗ {who}").format(who=one.person)),
    }
    return [
        f"[bold]{one.id}[/] {one.probability:.2f} {RELATIONS[one.relation]}: "
        f"{one.first} ({ROLES[one.first_role]}) – {one.second} ({ROLES[one.second_role]})"
        f"{states[one.state]}",
        f"  [dim]{one.weight:+.1f}: {told(one.reasons)}[/]",
    ]


def _judge(home: Home, number: int, *, right: bool, person: str) -> None:
    from models import judge_link

    if not judge_link(home.database, number, right=right, person=person):
        raise InputError(Text("không có liên kết {n}", "there is no link {n}").format(n=number))


def _find(home: Home, actor: str) -> None:
    from flows.link import link_office

    found = link_office(home.database, home.settings, actor=actor)
    err.print(
        Text(
            "{persons} người, so {compared} cặp; {suggested} liên kết cần xem.",
            "{persons} persons, {compared} pairs compared; {suggested} links to look at.",
        ).format(persons=found.persons, compared=found.compared, suggested=found.suggested)
    )
