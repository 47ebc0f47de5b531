"""An office with everything in it, for pictures of every screen: a small city and a real book.

All people in it are invented, as those of ``samples`` are.
"""

from __future__ import annotations

import os
import random
import re
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from io import BytesIO
from pathlib import Path

from board_stage import city
from desk_office import WIDER, violations
from desk_quick import FORM as QUICK_FORM
from desk_quick import MM, digitize_again, queued_book
from models_samples import field
from PIL import Image
from playwright.sync_api import Page
from sqlalchemy import delete, func, insert, select, update

from models import (
    Database,
    book_entries,
    correct_field,
    migrate,
    open_database,
    save_book_form,
    save_finished_book,
)
from models.board import BEFORE_DAYS
from models.finishing import placed_entries
from models.tables import Batch, Book, Contractor, DayCounter, Entry, FieldValue, Maker
from pipeline.settings import PROJECT, Settings
from pipeline.types import BookForm, Decision, EntryResult, ValueState

SIZES = ((1366, 768), (1920, 1080))
GUIDE = os.environ.get("HOTICH_GUIDE")
"""Folder of the guide's pictures, where they are to be made anew (``./run guide``)."""
AXE_EVERYWHERE = bool(os.environ.get("HOTICH_AXE_EVERYWHERE"))
"""Ask axe-core at every size of screen, not at the first alone: twice the time."""
SHOTS = os.environ.get("HOTICH_SHOTS")
_WEEKS = 26
COLUMNS = ("entry_number", "registration_date", "child_full_name", "sex", "birth_date",
           "birth_place")  # fmt: skip
XS = (12.0, 21.5, 39.5, 78.0, 88.0, 107.0, 145.0)
YS = (65.5, 80.0, 94.5, 109.0, 125.0, 141.0, 157.0, 172.0)
"""Columns and rows of the picture, in millimetres; it is a photograph, so by eye."""
LINES = (
    ("02", "15/1/1982", "Trần Thanh Hưng", "Nam", "13/1/1982", "Đại Đồng, Kiến Thụy, Hải Phòng"),
    ("03", "16/1/1982", "Trần Thị Kim", "Nữ", "4/1/1982", "Trạm xá xã Đại Đồng"),
    ("04", "16/1/1982", "Lương Thế Công", "Nam", "2/12/1981", "Nhà hộ sinh"),
    ("05", "17/1/1982", "Lê Đức Lượng", "Nam", "18/12/1981", "Đại Đồng, Kiến Thụy, Hải Phòng"),
    ("06", "19/1/1982", "Ngô Thị Thu Bình", "Nữ", "7/1/1982", "Nhà hộ sinh"),
    ("07", "23/1/1982", "Phạm Thị Hải Hoài", "Nữ", "11/1/1982", "Nhà hộ sinh"),
    ("08", "27/1/1982", "Nguyễn Thanh Việt", "Nam", "28/11/1981", "Đại Đồng, Kiến Thụy, Hải Phòng"),
)
"""What stands in the picture: invented people of ``samples``."""
_GRID = {"xs": list(XS), "ys": [45.0, *YS], "first": 1}
_SIDE = {"grid": _GRID, "columns": [{"field": name} for name in COLUMNS]}
FORM = BookForm(QUICK_FORM.form_id, 0.9, {"sides": {"single": _SIDE}, "link": None}, "form-2")


def guide_home(folder: Path) -> tuple[Settings, int]:
    """A home with 300 books of many units, and a book of a readable scan and one in doubt."""
    (folder / "home").mkdir()
    settings = Settings(home=folder / "home", workers=1)
    migrate(settings.resolved_database_url)
    with closing(open_database(settings.resolved_database_url)) as database:
        city(database, 300, 3000)
    settings, book_id = queued_book(folder, 1)
    with closing(open_database(settings.resolved_database_url)) as database:
        save_book_form(database, book_id, FORM)
        digitize_again(database, book_id, 1, len(LINES), _line)
        with database.write() as connection:
            xanh = select(Contractor.id).where(Contractor.name == "Số Hóa Xanh").scalar_subquery()
            batch = select(Book.batch_id).where(Book.id == book_id).scalar_subquery()
            named = {"contractor_id": xanh, "name": "Lô 21, xã Đại Đồng"}
            connection.execute(update(Batch).where(Batch.id == batch).values(**named))
            # Operators get it before the city's books, of which no picture exists.
            connection.execute(update(Book).where(Book.id == book_id).values(priority=50))
        _sample(database, book_id)
        _nine_weeks(database)
    return settings, book_id


def _line(_scan: int, row: int) -> EntryResult:
    fields = []
    for at, (name, literal) in enumerate(zip(COLUMNS, LINES[row], strict=True)):
        x0, x1, y0, y1 = (mm * MM for mm in (XS[at], XS[at + 1], YS[row], YS[row + 1]))
        value = literal
        if "/" in literal:
            day, month, year = literal.split("/")
            value = f"{year}-{int(month):02d}-{int(day):02d}"
        doubtful = name in ("child_full_name", "birth_place") or (name, row) == ("sex", 4)
        fields.append(
            field(
                name, literal, value, Decision.REVIEW if doubtful else Decision.ACCEPTED,
                state=ValueState.WRITTEN, confidence=0.64 if doubtful else 0.98,
                polygon=((x0, y0), (x1, y0), (x1, y1), (x0, y1)),
            )
        )  # fmt: skip
    return EntryResult(row, LINES[row][0], tuple(fields), ())


def _sample(database: Database, book_id: int) -> None:
    """Half a year of the blind sample; one firm's last weeks are worse than all before."""
    chance, now = random.Random(5), datetime.now(UTC)
    with database.write() as connection:
        maker = connection.execute(select(func.min(Maker.id))).scalar_one()
        rows = []
        for entry, firm in connection.execute(
            select(Entry.id, Batch.contractor_id)
            .join(Book, Book.id == Entry.book_id)
            .join(Batch, Batch.id == Book.batch_id)
            .where(Entry.book_id != book_id)
        ).all():
            week = chance.randrange(_WEEKS)
            rate = 0.25 if firm == 2 and week < 2 else 0.01
            wrong = chance.random() < rate
            rows.append(
                {
                    "entry_id": entry, "field": "child_full_name", "position": 1, "page": 0,
                    "polygon": [], "literal": "Lê Văn Cường", "value": "Lê Văn Cường",
                    "state": ValueState.WRITTEN, "confidence": 0.99, "raw_confidence": 0.99,
                    "decision": Decision.ACCEPTED, "reasons": ["blind_sample"],
                    "maker_id": maker, "person_state": ValueState.WRITTEN, "person_by": "lan",
                    "person_value": "Lê Văn Cương" if wrong else "Lê Văn Cường",
                    "person_at": now - timedelta(days=7 * week + chance.randrange(6)),
                }
            )  # fmt: skip
        connection.execute(insert(FieldValue), rows)


def _nine_weeks(database: Database) -> None:
    """Days on which something moved, for the burn-up, its forecast and the cost of an entry."""
    chance, today = random.Random(6), date.today()
    with database.write() as connection:
        unit = connection.execute(select(func.min(DayCounter.unit_id))).scalar_one()
        days = DayCounter.__table__.c
        connection.execute(delete(DayCounter).where(days.day > BEFORE_DAYS))
        for back in range(84):
            day = today - timedelta(days=back)
            if day.weekday() < 6:
                checked, released = chance.randint(12, 34), chance.randint(3, 9)
                row = {
                    "day": day, "unit_id": unit, "scans_read": checked // 8,
                    "entries_review": chance.randint(-12, 12), "fields_person": 3 * checked,
                    "entries_settled": checked - released, "entries_released": released,
                    "reviews": checked // 2, "hand_seconds": checked * chance.randint(14, 20),
                }  # fmt: skip
                connection.execute(insert(DayCounter).values(row))


def settle_book(database: Database, book_id: int) -> None:
    """People say what was in doubt; the book gets its records, by which it is found."""
    for one in placed_entries(database, book_id):
        for cell in one.entry.fields:
            if cell.decision is Decision.REVIEW:
                correct_field(database, one.id, cell.field, value=cell.value, person="lan")
    save_finished_book(database, book_id, book_entries(database, book_id))


def look(
    page: Page,
    name: str,
    *,
    part: str = "",
    sizes: tuple[tuple[int, int], ...] = SIZES,
) -> None:
    """The page at both sizes of screen: nothing cut off, no rule broken; its pictures are kept.

    Args:
        page: where somebody has gone.
        name: of the picture.
        part: of which the guide shows only this element's picture.
        sizes: of the screen.
    """
    for size in sizes:
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.wait_for_load_state("networkidle")
        assert page.evaluate(WIDER) <= 0, (name, size)
        if SHOTS:
            page.screenshot(path=Path(SHOTS) / f"{name}-{size[0]}.png")
        if size == sizes[0] or AXE_EVERYWHERE:
            found = violations(page)
            assert found == [], (name, found)
            if GUIDE and size == sizes[0]:
                shown = page.locator(part).first if part else page
                keep_picture(page, name, shown.screenshot())


def keep_picture(page: Page, name: str, data: bytes) -> None:
    """A picture that a guide shows, in the page's language, where they are made anew."""
    if GUIDE and name in _shown():
        folder = Path(GUIDE) / (page.locator("html").get_attribute("lang") or "vi")
        folder.mkdir(parents=True, exist_ok=True)
        save_small(data, folder / f"{name}.webp")


@lru_cache
def _shown() -> frozenset[str]:
    texts = (path.read_text("utf-8") for path in (PROJECT / "docs").glob("*.md"))
    return frozenset(
        name for text in texts for name in re.findall(r"guide/\w+/([\w-]+).webp", text)
    )


def save_small(data: bytes, path: Path) -> None:
    """As WebP, small enough to live in the repository."""
    Image.open(BytesIO(data)).convert("RGB").save(path, "WEBP", quality=50, method=6)
