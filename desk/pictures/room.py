"""Where pictures are made: from a signed address to bytes, decoding each page once."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from desk.pictures.addresses import PictureAddress
from desk.pictures.crops import crop_jpeg, strip_jpeg
from desk.pictures.pyramid import TileStore
from desk.pictures.sheet import Sheet, SheetMemory, box_of, draw_sheet
from models import Database
from models.scan_pages import ShownPage, shown_page
from pipeline.scan.load import load_scan
from pipeline.settings import Settings
from pipeline.types import Grey


@dataclass
class PictureRoom:
    """Pictures of one home. Tiles are kept in ``desk/pages`` of it, within a bound."""

    db: Database
    settings: Settings
    key: bytes
    tiles: TileStore
    sheets: SheetMemory = field(default_factory=SheetMemory)

    @classmethod
    def open(cls, db: Database, settings: Settings, key: bytes) -> PictureRoom:
        """The pictures of the home of ``settings``; ``key`` signs their addresses."""
        return cls(db, settings, key, TileStore(settings.resolved_home / "desk" / "pages"))

    def crop(self, address: PictureAddress) -> bytes | None:
        """A cell with its rim (JPEG); None where the record has no such page."""
        page = shown_page(self.db, address.scan_id, address.page)
        if page is None or len(address.polygon) < 3:
            return None
        sheet = sheet_of(page)
        return crop_jpeg(
            self._drawn(page, sheet), sheet.from_scan(address.polygon), sheet.shown_dpi
        )

    def head(self, address: PictureAddress) -> bytes | None:
        """A band of the shown page between the two heights of the address (JPEG)."""
        page = shown_page(self.db, address.scan_id, address.page)
        if page is None or len(address.polygon) != 2:
            return None
        (_, top), (_, bottom) = box_of(address.polygon)
        return strip_jpeg(self._drawn(page, sheet_of(page)), top, bottom)

    def tile(self, address: PictureAddress, level: int, x: int, y: int) -> Path | None:
        """A tile of the page; None where there is none."""
        page = shown_page(self.db, address.scan_id, address.page)
        if page is None:
            return None
        sheet = sheet_of(page)
        return self.tiles.tile(sheet.key, level, x, y, sheet.size, lambda: self._drawn(page, sheet))

    def _drawn(self, page: ShownPage, sheet: Sheet) -> Grey:
        def draw() -> Grey:
            scan = load_scan(page.scan, self.settings.scan_store, self.settings)
            return draw_sheet(scan.grey, sheet)

        return self.sheets.get(sheet.key, draw)


def sheet_of(page: ShownPage) -> Sheet:
    """A page of the record as it is shown."""
    return Sheet(page.scan.digest, page.position, page.to_scan, page.width, page.height, page.dpi)
