import numpy as np
import pytest

from pipeline.errors import SettingsError
from pipeline.reading.auto import leaning
from pipeline.reading.router import FIGURES, figures, load_router


def test_figures_do_not_hang_on_the_size_of_the_picture():
    rng = np.random.default_rng(1)
    small = np.full((40, 300), 255, np.uint8)
    for x in range(10, 280, 14):
        small[10 : 30 - rng.integers(0, 8), x : x + 4] = 0
        small[10:14, x : x + 10] = 0
    large = np.kron(small, np.ones((2, 2), np.uint8))
    apart = np.abs(figures(small) - figures(large))[: FIGURES - 12]
    assert apart.mean() < 0.02


@pytest.mark.parametrize("shape", [(1, 1), (1, 900), (900, 1), (50, 12000), (600, 600)])
@pytest.mark.parametrize("tone", [0, 128, 255])
def test_odd_pictures_have_finite_figures(shape, tone):
    found = figures(np.full(shape, tone, np.uint8))
    assert found.shape == (FIGURES,) and np.isfinite(found).all()


def test_a_doubtful_cell_leans_on_the_others_of_its_scan_and_a_clear_one_does_not():
    on_print = leaning(np.array([0.5, *[-6.0] * 20]))
    on_hand = leaning(np.array([0.5, *[6.0] * 20]))
    assert on_print[0] < 0.05 and on_hand[0] > 0.95
    assert leaning(np.array([9.0, *[-6.0] * 20]))[0] > 0.5
    assert leaning(np.array([2.0]))[0] == pytest.approx(1 / (1 + np.exp(-2.0)))


def test_a_router_that_is_missing_or_damaged_is_named(tmp_path):
    with pytest.raises(SettingsError, match="router"):
        load_router(tmp_path)
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / "router.npz").write_bytes(b"no weights")
    load_router.cache_clear()
    with pytest.raises(SettingsError, match="router"):
        load_router(tmp_path)
