import shutil

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont
from reading_pictures import FONT

from pipeline.errors import SettingsError
from pipeline.reading import router as router_module
from pipeline.reading.auto import leaning
from pipeline.reading.pictures import MEASURES, letters, measures, true_scale
from pipeline.reading.router import Content, Look, load_router, router_files
from pipeline.settings import PROJECT
from pipeline.types import Crop

CONFIG = PROJECT / "ocr_config"
DPI = 180.0


@pytest.fixture(scope="module")
def router():
    return load_router(CONFIG)


def crop(image, **more):
    return Crop(image, DPI, "notes", depth=120.0, ink_share=0.02, **more)


def printed(text, size_mm=3.6):
    scale = DPI / 25.4
    font = ImageFont.truetype(FONT, round(size_mm * scale))
    image = Image.new("L", (int(font.getlength(text)) + 60, 80), 255)
    ImageDraw.Draw(image).text((20, 52), text, font=font, fill=0, anchor="ls")
    return np.asarray(cv2.GaussianBlur(np.asarray(image), (0, 0), 0.7))


def strokes(*lines, shape=(80, 240), thick=2):
    image = np.full(shape, 255, np.uint8)
    for a, b in lines:
        cv2.line(image, a, b, 0, thick, cv2.LINE_AA)
    return image


def look(router, image, **more):
    found = router.looks([crop(image, **more)])
    return list(Look)[int(found.chances[0].argmax())]


def test_plain_print_is_print_and_no_hand(router):
    found = router.looks([crop(printed("Nguyễn Thị Hồng")), crop(printed("Ngày 12/5/1974"))])
    assert (found.hand < 0).all()
    assert (found.of(Content.WRITTEN) > 0.9).all()


def test_two_short_strokes_are_a_ditto_mark(router):
    image = strokes(((110, 35), (108, 47)), ((118, 35), (116, 47)))
    assert look(router, image) is Look.DITTO


def test_writing_under_long_strokes_is_struck_out(router):
    image = printed("Bùi Văn Khoan")
    middle = 45
    cv2.line(image, (12, middle), (image.shape[1] - 30, middle - 2), 0, 2, cv2.LINE_AA)
    cv2.line(image, (12, middle + 6), (image.shape[1] - 30, middle + 5), 0, 2, cv2.LINE_AA)
    assert look(router, image, struck=True) is Look.STRUCK


def test_a_piece_of_a_seal_is_a_stamp_or_a_stamp_over_writing(router):
    image = np.full((120, 260), 255, np.uint8)
    for radius, thick in ((115, 4), (106, 2), (62, 2)):
        cv2.circle(image, (130, 150), radius, 90, thick, cv2.LINE_AA)
    star = [(130 + r * np.sin(np.pi * n / 5), 100 - r * np.cos(np.pi * n / 5))
            for n, r in enumerate((28, 11) * 5)]  # fmt: skip
    cv2.fillPoly(image, [np.round(np.array(star)).astype(np.int32)], 90, cv2.LINE_AA)
    found = router.looks([crop(image)])
    stamps = float(found.of(Content.STAMP)[0] + found.of(Content.STAMPED)[0])
    assert stamps > 0.5


def test_shares_of_all_looks_sum_to_one(router):
    rng = np.random.default_rng(3)
    noise = rng.integers(0, 256, (60, 200), np.uint8)
    found = router.looks([crop(noise), crop(printed("7")), crop(np.full((9, 9), 255, np.uint8))])
    assert found.chances.sum(axis=1) == pytest.approx(np.ones(3))
    assert found.content.sum(axis=1) == pytest.approx(np.ones(3))
    assert found.chances.min() >= 0


def test_no_cells_have_no_looks(router):
    found = router.looks([])
    assert found.hand.shape == (0,) and found.chances.shape == (0, len(Look))


def inked(image):
    return cv2.boundingRect((image < 128).astype(np.uint8))[2:]


def test_letters_are_of_one_height_however_large_the_picture():
    small = printed("Nguyễn Thị Hồng")
    large = cv2.resize(small, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    assert inked(large)[0] > 1.9 * inked(small)[0]
    assert inked(letters(large)) == pytest.approx(inked(letters(small)), rel=0.05)
    assert inked(letters(printed("mmm")))[1] == pytest.approx(22, abs=2)
    assert inked(letters(small, 1.2))[1] == pytest.approx(1.2 * inked(letters(small))[1], rel=0.05)


def test_a_cell_is_seen_on_its_true_scale_whatever_its_resolution():
    image = printed("Hải Phòng 1974")
    fine = cv2.resize(image, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    one, other = crop(image), Crop(fine, 2 * DPI, "notes", depth=120.0, ink_share=0.02)
    assert true_scale(one).shape == true_scale(other).shape
    assert np.abs(true_scale(one).astype(int) - true_scale(other)).mean() < 4
    assert measures(one) == pytest.approx(measures(other), abs=1e-6)


SHAPES = [(1, 1), (1, 900), (900, 1), (3, 3), (50, 12_000), (600, 600)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("tone", [0, 128, 255])
def test_odd_pictures_have_pictures_of_bounded_size_and_a_look(router, shape, tone):
    image = np.full(shape, tone, np.uint8)
    assert max(letters(image).shape) <= 500 and max(true_scale(crop(image)).shape) <= 420
    found = measures(crop(image, lines=3))
    assert found.shape == (MEASURES,) and np.isfinite(found).all()
    assert np.isfinite(router.looks([crop(image)]).chances).all()


@pytest.mark.parametrize("turn", [1, 2, 3])
def test_turned_cells_have_a_look(router, turn):
    image = np.ascontiguousarray(np.rot90(printed("Hải Phòng"), turn))
    assert router.looks([crop(image)]).chances.sum() == pytest.approx(1)


def test_a_doubtful_cell_leans_on_the_others_of_its_scan_and_a_clear_one_does_not():
    on_print = leaning(np.array([0.5, *[-6.0] * 20]))
    on_hand = leaning(np.array([0.5, *[6.0] * 20]))
    assert on_print[0] < 0.05 and on_hand[0] > 0.95
    assert leaning(np.array([9.0, *[-6.0] * 20]))[0] > 0.5
    assert leaning(np.array([2.0]))[0] == pytest.approx(1 / (1 + np.exp(-2.0)))


@pytest.mark.parametrize("which", [0, 1])
def test_a_router_that_is_missing_damaged_or_of_another_kind_is_named(tmp_path, which):
    def loaded():
        router_module._loaded.cache_clear()
        return load_router(tmp_path)

    with pytest.raises(SettingsError, match="router"):
        loaded()
    (tmp_path / "weights").mkdir()
    for path in router_files(CONFIG):
        shutil.copy(path, tmp_path / "weights" / path.name)
    assert loaded().version == load_router(CONFIG).version
    path = router_files(tmp_path)[which]
    path.write_bytes(b"no weights")
    with pytest.raises(SettingsError, match="router"):
        loaded()
    shutil.copy(router_files(CONFIG)[1 - which], path)  # the one net for the other
    with pytest.raises(SettingsError, match="router"):
        loaded()
