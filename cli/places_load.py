"""The gazetteer's files into the database: checked first, and only where they have changed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.database import Database
from models.places import PlacesLoaded, load_places, places_digest
from pipeline.errors import GazetteerError
from pipeline.settings import Settings
from pipeline.texts import Text

if TYPE_CHECKING:
    from pipeline.places.validate import Report


def load_gazetteer_tables(settings: Settings, database: Database) -> PlacesLoaded:
    """Brings the database's places to the state of the files; costs nothing where they are.

    Raises:
        GazetteerError: the files speak against one another; the tables stay as they were.
    """
    from pipeline.places.records import files_digest

    folder = settings.config / "gazetteer"
    digest = files_digest(folder)
    known = places_digest(database) == digest
    return load_places(database, {} if known else _checked_records(folder), digest)


def _checked_records(folder: Path) -> dict[str, list[dict[str, Any]]]:
    from pipeline.places.gazetteer import compose
    from pipeline.places.records import records
    from pipeline.places.tables import read_layers
    from pipeline.places.validate import check

    tables = read_layers(folder)
    gazetteer = compose(tables)
    _refuse_problems(check(gazetteer))
    return records(gazetteer, tables)


def _refuse_problems(report: Report) -> None:
    if report.problems:
        first = report.problems[0]
        raise GazetteerError(
            Text("{text} (tất cả {n} lỗi)", "{text} ({n} problems in all)").format(
                text=first.text, n=len(report.problems)
            ),
            where=first.where,
        )
