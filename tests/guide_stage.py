"""An office with everything in it, for pictures of every screen: a small city and a real book.

All people in it are invented, as those of ``samples`` are.
"""

from __future__ import annotations

import os
import random
from contextlib import closing
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

from board_stage import city
from desk_office import violations
from desk_quick import quick_home
from PIL import Image
from playwright.sync_api import Page
from sqlalchemy import func, insert, select, update

from models import Database, book_entries, correct_field, migrate, open_database, save_finished_book
from models.finishing import placed_entries
from models.tables import Batch, Book, Contractor, Entry, FieldValue, Maker
from pipeline.settings import PROJECT, Settings
from pipeline.types import Decision, ValueState

SIZES = ((1366, 768), (1920, 1080))
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
GUIDE = os.environ.get("HOTICH_GUIDE")
"""Folder of the guide's pictures, where they are to be made anew (``./run guide``)."""
SHOTS = Path(os.environ.get("HOTICH_SHOTS") or PROJECT / "build" / "desk-screens")
_WEEKS = 26


def guide_home(folder: Path) -> tuple[Settings, int]:
    """A home with 300 books of many units, and a book of two readable scans and one in doubt."""
    (folder / "home").mkdir()
    settings = Settings(home=folder / "home", workers=1)
    migrate(settings.resolved_database_url)
    with closing(open_database(settings.resolved_database_url)) as database:
        city(database, 300, 3000)
    settings, book_id = quick_home(folder)
    with closing(open_database(settings.resolved_database_url)) as database:
        with database.write() as connection:
            xanh = select(Contractor.id).where(Contractor.name == "Số Hóa Xanh").scalar_subquery()
            batch = select(Book.batch_id).where(Book.id == book_id).scalar_subquery()
            named = {"contractor_id": xanh, "name": "Lô 21, xã Đại Đồng"}
            connection.execute(update(Batch).where(Batch.id == batch).values(**named))
            # Operators get it before the city's books, of which no picture exists.
            connection.execute(update(Book).where(Book.id == book_id).values(priority=50))
        _sample(database, book_id)
    return settings, book_id


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


def settle_book(database: Database, book_id: int) -> None:
    """People say what was in doubt; the book gets its records, by which it is found."""
    for one in placed_entries(database, book_id):
        for field in one.entry.fields:
            if field.decision is Decision.REVIEW:
                correct_field(database, one.id, field.field, value=field.value, person="lan")
    save_finished_book(database, book_id, book_entries(database, book_id))


def look(
    page: Page, name: str, *, part: str = "", sizes: tuple[tuple[int, int], ...] = SIZES
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
        SHOTS.mkdir(parents=True, exist_ok=True)
        data = page.screenshot(path=SHOTS / f"{name}-{size[0]}.png")
        if size == sizes[0]:
            assert violations(page) == [], name
            keep_picture(page, name, page.locator(part).first.screenshot() if part else data)


def keep_picture(page: Page, name: str, data: bytes) -> None:
    """A picture of the guide, in the page's language, where they are made anew."""
    if GUIDE:
        folder = Path(GUIDE) / (page.locator("html").get_attribute("lang") or "vi")
        folder.mkdir(parents=True, exist_ok=True)
        save_small(data, folder / f"{name}.webp")


def save_small(data: bytes, path: Path) -> None:
    """As WebP, small enough to live in the repository."""
    Image.open(BytesIO(data)).convert("RGB").save(path, "WEBP", quality=50, method=6)
