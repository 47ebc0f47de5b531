"""``hotich show entry``: every value of an entry, where it came from and why it was taken."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.links import lines as link_lines
from cli.output import out, print_json
from pipeline.errors import InputError
from pipeline.texts import Text

if TYPE_CHECKING:
    from models import EntryStory, FieldStory, LinkRecord
    from pipeline.checks.story import FieldExplained

_READER = Text("máy đọc", "reader")
_CALIBRATED = Text("hiệu chỉnh", "calibrated")
_OFFICE = Text("theo các ô đã xem của cơ quan", "by the office's reviewed fields")
_WITNESSED = Text("với bằng chứng", "with evidence")


def entry(
    code: Annotated[str, typer.Argument(metavar="BOOK")],
    where: Annotated[
        str,
        typer.Argument(
            metavar="ENTRY",
            help=str(Text("Số, hoặc ẢNH/VỊ TRÍ", "Its number, or SCAN/POSITION")),
        ),
    ],
    json_: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """What was read, what it means, who spoke for and against it, and what a person said."""
    from cli.home import open_home
    from models import bars_in_force, entry_stories, find_books, find_entry_links
    from pipeline.checks.story import explain_field

    with open_home() as home:
        books = [
            book for book in find_books(home.database, code) if code in (book.code, str(book.id))
        ]
        stories = entry_stories(home.database, books[0].id, where) if books else []
        bars = bars_in_force(home.database, home.settings.config, home.settings.resolved_home)
        links = {
            story.entry_id: find_entry_links(home.database, entry_ids=[story.entry_id], most=20)
            for story in stories
        }
    if not stories:
        raise InputError(
            Text("không có trường hợp {entry}", "no entry {entry}").format(entry=where), where=code
        )
    for story in stories:
        told = [
            (field, explain_field(field.machine, story.findings, bars)) for field in story.fields
        ]
        if json_:
            print_json(_data(story, told, links[story.entry_id]))
        else:
            _tell(story, told)
            for link in links[story.entry_id]:
                for line in link_lines(link):
                    out.print(line)


def _data(
    story: EntryStory, told: list[tuple[FieldStory, FieldExplained]], links: list[LinkRecord]
) -> dict[str, Any]:
    return {
        "entry_id": story.entry_id,
        "scan": story.scan,
        "position": story.position,
        "number": story.number,
        "findings": [asdict(finding) for finding in story.findings],
        "links": [
            {**asdict(link), "at": link.at.isoformat() if link.at else None} for link in links
        ],
        "fields": [
            {
                **asdict(said),
                "scan": story.scan,
                "page": field.side,
                "polygon": field.machine.polygon,
                "reader": field.machine.reader,
                "pipeline_version": field.pipeline_version,
                "place": asdict(field.machine.place) if field.machine.place else None,
                "person": asdict(field.person) if field.person else None,
            }
            for field, said in told
        ],
    }


def _tell(story: EntryStory, told: list[tuple[FieldStory, FieldExplained]]) -> None:
    from pipeline.checks.told import decision_text, field_text

    number = story.number or "?"
    out.print(f"[bold]{Text('Số', 'No.')} {number}[/]  {story.scan}/{story.position}")
    for field, said in told:
        value = said.value if said.value is not None else "–"
        out.print(
            f"\n[bold]{_plain(field_text(said.field))}[/]  {_plain(value)}  "
            f"[dim]{decision_text(said.decision)}: {_plain(said.why)}[/]"
        )
        for label, text in _lines(field, said):
            out.print(f"  [dim]{label}:[/] {_plain(text)}")


def _lines(field: FieldStory, said: FieldExplained) -> list[tuple[str, str]]:
    from pipeline.checks.told import note_text

    corner = field.machine.polygon[0] if field.machine.polygon else (0.0, 0.0)
    steps = [said.shipped, said.by_itself, said.probability]
    names = [_CALIBRATED, _OFFICE, _WITNESSED]
    if said.by_itself == said.shipped:  # the office has no curves of its own
        del steps[1], names[1]
    if said.probability == said.by_itself:  # nobody spoke
        del steps[-1], names[-1]
    chances = " → ".join((_step(_READER, said.raw), *map(_step, names, steps)))
    read = [said.literal or "–"]
    read += [f"{one.text} ({one.share:.2f})" for one in said.alternatives]
    lines = [
        (str(Text("ở đâu", "where")), f"{field.side}, ({corner[0]:.0f}, {corner[1]:.0f})"),
        (str(Text("đọc được", "read")), " | ".join(read)),
        (str(Text("riêng nét mực", "ink alone")), said.ink_alone),
        (str(Text("xác suất", "probability")), f"{chances}  {field.machine.reader}"),
        (str(Text("bằng chứng", "evidence")), "; ".join(said.witnesses)),
        (str(Text("lưu ý", "notes")), "; ".join(map(note_text, said.reasons))),
        (str(Text("quy tắc", "rules")), "; ".join(said.rules)),
    ]
    if field.machine.place:
        units = (
            f"{one.type} {one.name}, {one.parent} {one.probability:.2f}"
            for one in field.machine.place.candidates[:3]
        )
        lines.append(
            (str(Text("nơi", "place")), f"{field.machine.place.status}: {'; '.join(units)}")
        )
    if field.person:
        when = f"{field.person.at:%Y-%m-%d %H:%M}" if field.person.at else ""
        spoken = field.person.value if field.person.value is not None else field.person.state
        lines.append((str(Text("người", "person")), f"{spoken} ({field.person.by}, {when})"))
    return [(label, text) for label, text in lines if text]


def _step(name: Text, probability: float) -> str:
    return f"{name} {probability:.4f}"


def _plain(text: str) -> str:
    return text.replace("[", r"\[")
