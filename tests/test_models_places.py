"""Places in the database: equal to the files, loaded again without a change."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import func, select, text

from models import (
    Database,
    integrity,
    load_places,
    migrate,
    open_database,
    places_digest,
    verify_audit,
)
from models.database import connect_engine, parse_url
from models.migrating import alembic_config
from models.tables import PlaceName, PlaceParent, PlaceType, PlaceUnit, Unit
from pipeline.places.gazetteer import compose
from pipeline.places.records import files_digest, records
from pipeline.places.tables import COLUMNS, read_layers

UNITS = """\
hp,province,1887,,a book,yes,
an-hai,district,1966-04-07,,a book,yes,
le-chan,district,1981,,a book,no,
vinh-niem,commune,[..1946],,a book,yes,
"""
NAMES = """\
hp,Hải Phòng,official,,,,a book,yes
an-hai,An Hải,official,,,,a book,yes
le-chan,Lê Chân,official,,,,a book,yes
vinh-niem,Vĩnh Niệm,official,,,,a book,yes
vinh-niem,Vinh-Niêm,french,,1954,,a map,yes
"""
TYPES = """\
hp,Thành phố,,,,a book,yes
an-hai,Huyện,,,,a book,yes
le-chan,Quận,,,,a book,yes
vinh-niem,Xã,,2002-12-20,,a book,yes
vinh-niem,Phường,2002-12-20,,E1,the act,no
"""
PARENTS = """\
an-hai,hp,,,,a book,yes
le-chan,hp,,,,a book,yes
vinh-niem,an-hai,,2002-12-20,,a book,yes
vinh-niem,le-chan,2002-12-20,,E1,the act,yes
"""
CODES = "vinh-niem,GSO-2004,11407,,,a list\n"
EVENTS = """\
E1,status,Nghị định 106/2002/NĐ-CP,2002-12-20,2002-12-20,the act,yes,
E2,transfer,,,2003~,recalled,no,
"""
LINKS = "E2,vinh-niem,vinh-niem,remainder,0.8,\nE2,vinh-niem,hp,part,,\n"
FILES = {
    "units": UNITS, "names": NAMES, "types": TYPES, "parents": PARENTS, "codes": CODES,
    "events": EVENTS, "links": LINKS,
}  # fmt: skip


def write(folder: Path, **changed: str) -> Path:
    layer = folder / "office"
    layer.mkdir(parents=True, exist_ok=True)
    for table, rows in {**FILES, **changed}.items():
        (layer / f"{table}.csv").write_text(",".join(COLUMNS[table]) + "\n" + rows, "utf-8")
    return folder


def load(db: Database, folder: Path):
    tables = read_layers(folder)
    return load_places(db, records(compose(tables), tables), files_digest(folder))


def test_everything_stands_in_the_tables_with_its_days(database, tmp_path):
    loaded = load(database, write(tmp_path / "g"))
    assert loaded.rows == {
        "place_unit": 4, "place_event": 2, "place_name": 5, "place_type": 5, "place_parent": 4,
        "place_code": 1, "place_link": 2,
    }  # fmt: skip
    with database.read() as connection:
        types = connection.execute(
            select(
                *(PlaceType.type, PlaceType.first_day, PlaceType.end_day, PlaceType.valid_from),
                *(PlaceType.event_id, PlaceType.verified),
            )
            .where(PlaceType.unit_id == "vinh-niem")
            .order_by(PlaceType.position)
        ).all()
        unit = connection.execute(
            select(PlaceUnit.valid_from, PlaceUnit.first_day, PlaceUnit.end_day).where(
                PlaceUnit.unit_id == "vinh-niem"
            )
        ).one()
    day = date(2002, 12, 20)
    assert [tuple(row) for row in types] == [
        ("Xã", None, day, "[..1946]", None, True),
        ("Phường", day, None, "2002-12-20", "E1", False),
    ]
    assert tuple(unit) == ("[..1946]", None, None)


def test_a_name_is_found_folded_and_by_day(database, tmp_path):
    load(database, write(tmp_path / "g"))
    day = date(1990, 1, 1)
    with database.read() as connection:
        above = connection.execute(
            select(PlaceParent.parent_id)
            .join(PlaceName, PlaceName.unit_id == PlaceParent.unit_id)
            .where(
                PlaceName.name_key == "vinh niem",
                PlaceName.kind == "official",
                func.coalesce(PlaceParent.first_day, date.min) <= day,
                func.coalesce(PlaceParent.end_day, date.max) > day,
            )
        ).scalars()
        assert list(above) == ["an-hai"]


def test_the_same_files_again_do_nothing(database, tmp_path):
    folder = write(tmp_path / "g")
    assert places_digest(database) == ""
    first = load(database, folder)
    assert first.added == 23
    assert places_digest(database) == files_digest(folder)
    audit = verify_audit(database)
    again = load(database, folder)
    assert again.unchanged
    assert again.rows == first.rows
    assert verify_audit(database) == audit


def test_an_event_that_got_another_name_takes_its_rows_along(database, tmp_path):
    load(database, write(tmp_path / "g"))
    new = {
        table: FILES[table].replace("E1", "E9").replace("E2", "E7")
        for table in ("events", "types", "parents", "links")
    }
    loaded = load(database, write(tmp_path / "other", **new))
    assert (loaded.added, loaded.removed) == (4, 4), "two events and two links"
    with database.read() as connection:
        assert set(connection.execute(select(PlaceType.event_id)).scalars()) == {None, "E9"}
    assert integrity(database) == []


def test_changed_rows_are_replaced_and_vanished_ones_removed(database, tmp_path):
    folder = write(tmp_path / "g")
    load(database, folder)
    write(
        folder,
        names=NAMES.replace("vinh-niem,Vinh-Niêm,french,,1954,,a map,yes\n", ""),
        links="",
        events=EVENTS.splitlines(keepends=True)[0].replace("106/2002", "106/2002 (sửa)"),
    )
    loaded = load(database, folder)
    assert (loaded.added, loaded.changed, loaded.removed) == (0, 1, 4)
    other = load(database, write(tmp_path / "other"))
    assert (other.added, other.changed, other.removed) == (4, 1, 0)
    assert verify_audit(database).sound
    assert integrity(database) == []


def test_a_unit_that_vanishes_takes_its_rows_along(database, tmp_path):
    load(database, write(tmp_path / "g"))
    folder = tmp_path / "g"
    shutil.rmtree(folder)
    keep = {
        table: "".join(line for line in rows.splitlines(keepends=True) if "vinh-niem" not in line)
        for table, rows in FILES.items()
    }
    loaded = load(database, write(folder, **keep))
    assert loaded.removed == 10
    assert loaded.rows["place_unit"] == 3


def test_a_load_that_fails_leaves_what_was_there(database, tmp_path):
    folder = write(tmp_path / "g")
    load(database, folder)
    tables = read_layers(folder)
    broken = records(compose(tables), tables)
    broken["place_parent"][0]["parent_id"] = "nowhere"
    with pytest.raises(Exception, match=r"(?i)foreign key"):
        load_places(database, broken, "another digest")
    assert places_digest(database) == files_digest(folder)
    with database.read() as connection:
        assert connection.execute(select(func.count()).select_from(PlaceParent)).scalar() == 4


def test_a_database_from_before_the_places_keeps_its_rows(empty_url, tmp_path):
    engine = connect_engine(parse_url(empty_url))
    with engine.begin() as connection:
        command.upgrade(alembic_config(connection), "0001")
        unit = {"id": "u", "name": "An Thái", "type": "Xã", "district": "", "name_key": "an thai"}
        # As the table was then: what came later has defaults.
        names = ", ".join(unit)
        marks = ", ".join(f":{name}" for name in unit)
        connection.execute(text(f"INSERT INTO unit ({names}) VALUES ({marks})"), unit)
    engine.dispose()
    migrate(empty_url)
    db = open_database(empty_url)
    with db.read() as connection:
        assert connection.execute(select(Unit.name)).scalar() == "An Thái"
    assert load(db, write(tmp_path / "g")).added == 23
    db.close()
