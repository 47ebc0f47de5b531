"""Pictures of pages: upright, light, kept within bounds, at addresses nobody can guess."""

from __future__ import annotations

import os

import cv2
import numpy as np
import pytest

from desk.pictures.addresses import LIFETIME_SECONDS, PictureAddress, load_key, read, sign
from desk.pictures.crops import MOST_BYTES, crop_jpeg
from desk.pictures.pyramid import TILE, TileStore, first_level, top_level
from desk.pictures.sheet import Sheet, SheetMemory, draw_sheet
from pipeline.page.points import as_matrix, turn_back
from pipeline.types import IDENTITY

KEY = bytes(32)
ADDRESS = PictureAddress(7, 1, ((10.0, 20.0), (110.0, 20.0), (110.0, 60.0), (10.0, 60.0)))


def test_a_page_scanned_upside_down_is_shown_upright_with_its_cells_in_place():
    page = np.full((300, 200), 230, np.uint8)
    page[40:60, 30:120] = 0
    scan = np.ascontiguousarray(np.rot90(page, 2))
    sheet = Sheet("d", 0, as_matrix(turn_back(200, 300, 180)), 200, 300, 300.0)
    assert np.array_equal(draw_sheet(scan, sheet), page)
    ((x, y), *_) = sheet.from_scan(((199.0 - 30, 299.0 - 40),))
    assert (round(x), round(y)) == (30, 40)


def test_a_page_of_600_dpi_is_shown_at_300():
    scan = np.full((800, 600), 230, np.uint8)
    scan[200:400, 100:300] = 0
    sheet = Sheet("d", 0, IDENTITY, 600, 800, 600.0)
    shown = draw_sheet(scan, sheet)
    assert shown.shape == (400, 300)
    assert shown[150, 100] == 0 and shown[50, 100] == 230
    assert sheet.from_scan(((100.0, 200.0),)) == ((50.0, 100.0),)


def test_a_crop_of_noise_stays_below_its_weight():
    noise = np.random.default_rng(1).integers(0, 256, (1750, 2480), np.uint8)
    whole = ((0.0, 0.0), (2480.0, 0.0), (2480.0, 1750.0), (0.0, 1750.0))
    data = crop_jpeg(noise, whole, 300.0)
    assert len(data) <= MOST_BYTES
    assert cv2.imdecode(np.frombuffer(data, np.uint8), 0) is not None


def test_a_crop_outside_the_page_is_still_a_picture():
    page = np.full((100, 100), 200, np.uint8)
    data = crop_jpeg(page, ((500.0, 500.0), (600.0, 500.0), (600.0, 520.0), (500.0, 520.0)), 300.0)
    assert cv2.imdecode(np.frombuffer(data, np.uint8), 0) is not None


def test_tiles_put_together_are_the_page(tmp_path):
    page = cv2.GaussianBlur(
        np.random.default_rng(2).integers(0, 256, (700, 1100), np.uint8), (0, 0), 6
    )
    store, size = TileStore(tmp_path), (1100, 700)
    level = top_level(*size)
    for x in range(3):
        for y in range(2):
            tile = store.tile("abcd", level, x, y, size, lambda: page)
            assert tile is not None
            part = page[y * TILE : (y + 1) * TILE, x * TILE : (x + 1) * TILE]
            shown = cv2.imread(str(tile), 0)
            assert shown.shape == part.shape
            assert np.abs(shown.astype(int) - part).mean() < 3
    assert store.tile("abcd", level, 3, 0, size, lambda: page) is None
    assert store.tile("abcd", level + 1, 0, 0, size, lambda: page) is None
    assert store.tile("abcd", first_level(*size), 0, 0, size, lambda: page) is not None


def test_the_store_of_tiles_forgets_what_nobody_looks_at(tmp_path):
    page = np.random.default_rng(3).integers(0, 256, (512, 512), np.uint8)
    store = TileStore(tmp_path, most_bytes=1_000_000)
    for number in range(12):
        key = f"{number:02d}page"
        tile = store.tile(key, 9, 0, 0, (512, 512), lambda: page)
        assert tile is not None
        os.utime(tile, (1000 + number, 1000 + number))
    store.sweep(now=10**12)
    kept = sorted(path.name for path in tmp_path.glob("??/*"))
    total = sum(path.stat().st_size for path in tmp_path.rglob("*.jpg"))
    assert total <= 1_000_000 and "11page" in kept and "00page" not in kept


def test_many_who_ask_for_one_page_wait_for_one_decoding():
    made = []
    memory = SheetMemory(keep=2, room=0)
    for key in ("a", "a", "b", "c", "a"):
        memory.get(key, lambda key=key: made.append(key) or np.zeros((1, 1), np.uint8))
    assert made == ["a", "b", "c", "a"]


def test_pages_stay_decoded_as_long_as_there_is_room_for_them():
    made = []
    memory = SheetMemory(keep=1, room=3000)
    for key in ("a", "b", "c", "a", "d", "a", "b"):
        memory.get(key, lambda key=key: made.append(key) or np.zeros((10, 100), np.uint8))
    assert made == ["a", "b", "c", "d", "b"]


def test_an_address_shows_what_was_signed_until_it_expires():
    token = sign(KEY, "session", "crop", ADDRESS, now=1000.0)
    assert read(KEY, "session", "crop", token, now=1000.0 + LIFETIME_SECONDS) == ADDRESS
    assert read(KEY, "session", "crop", token, now=1000.0 + 2 * LIFETIME_SECONDS) is None


@pytest.mark.parametrize(
    ("key", "session", "kind"),
    [(bytes(31) + b"1", "session", "crop"), (KEY, "other", "crop"), (KEY, "session", "tile")],
)
def test_an_address_is_no_good_for_another_key_session_or_kind(key, session, kind):
    assert read(key, session, kind, sign(KEY, "session", "crop", ADDRESS, 0.0), 1.0) is None


def test_changed_and_invented_addresses_show_nothing():
    token = sign(KEY, "session", "crop", ADDRESS, now=0.0)
    for at in range(len(token)):
        other = token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]
        found = read(KEY, "session", "crop", other, 1.0)
        assert found is None or found == ADDRESS  # spare bits of the last letter
    for text in ("", "x", "../../etc/passwd", "ả" * 50, "A" * 5000):
        assert read(KEY, "session", "crop", text, 1.0) is None


def test_the_key_of_a_home_stays_and_is_for_its_owner_only(tmp_path):
    key = load_key(tmp_path / "home")
    assert load_key(tmp_path / "home") == key and len(key) == 32
    assert (tmp_path / "home" / "desk.key").stat().st_mode & 0o777 == 0o600
