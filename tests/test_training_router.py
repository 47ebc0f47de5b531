"""The router's nets: a picture says the same alone as in a batch, in PyTorch as in the file."""

import random

import numpy as np
import pytest

from pipeline.reading.hand.net import session_of
from pipeline.reading.router import Look
from training.drawn_cells import draw_cell
from training.ink_sources import faces
from training.router_examples import drawn, load_examples, save_examples
from training.router_varied import Shown, how_often, shown

SIZES = ((47, 331), (96, 420), (8, 8), (31, 90))


def pictures():
    rng = np.random.default_rng(1)
    return [rng.integers(0, 256, size, np.uint8) for size in SIZES]


def test_a_picture_says_the_same_alone_in_a_batch_and_in_the_written_file(tmp_path):
    torch = pytest.importorskip("torch")
    from training.router_net import RouterNet, batch, export

    torch.manual_seed(1)
    net = RouterNet(3, measures=2).eval()
    measures = torch.rand(len(SIZES), 2)
    ink, own = batch(pictures())
    with torch.inference_mode():
        together = net(ink, measures, own).numpy()
    export(net, tmp_path / "net.onnx", measures=2)
    session = session_of((tmp_path / "net.onnx").read_bytes(), ("ink", "measures"))
    for n, picture in enumerate(pictures()):
        alone = (1 - picture / np.float32(255))[None, None]
        said = session.run(None, {"ink": alone, "measures": measures[n : n + 1].numpy()})[0][0]
        assert said == pytest.approx(together[n], abs=1e-3)
    assert np.ptp(together, axis=0).max() > 5e-3


def test_a_net_that_goes_on_says_what_its_file_says_and_has_norms_that_measure(tmp_path):
    torch = pytest.importorskip("torch")
    from training.router_again import from_onnx
    from training.router_net import RouterNet, batch, export

    torch.manual_seed(2)
    net, measures = RouterNet(3, measures=2), torch.rand(len(SIZES), 2)
    ink, own = batch(pictures())
    net.train()(ink, measures, own)
    with torch.inference_mode():
        before = net.eval()(ink, measures, own).numpy()
    export(net, tmp_path / "net.onnx", measures=2)
    again = from_onnx(tmp_path / "net.onnx", pictures(), measures.numpy())
    with torch.inference_mode():
        assert again(ink, measures, own).numpy() == pytest.approx(before, abs=1e-3)
    norms = [one for one in again.modules() if isinstance(one, torch.nn.BatchNorm2d)]
    assert norms and all(float(one.running_var.std()) > 0 for one in norms)


def test_tempering_divides_what_a_net_says_and_then_moves_it():
    torch = pytest.importorskip("torch")
    from training.router_net import RouterNet, batch, temper

    net = RouterNet(3).eval()
    ink, own = batch(pictures())
    with torch.inference_mode():
        before = net(ink, None, own).numpy()
        temper(net, 2.0, [0.0, 1.0, -1.0])
        after = net(ink, None, own).numpy()
    assert after == pytest.approx(before / 2 + np.array([0.0, 1.0, -1.0]), abs=1e-5)


def test_rare_kinds_and_rare_sources_are_shown_oftener_than_they_are():
    kinds = np.array([0] * 90 + [1] * 10)
    groups = np.array(["a"] * 60 + ["b"] * 40)
    often = how_often(kinds, groups, evened=True)
    assert often.sum() == pytest.approx(1)
    assert 0.1 < often[kinds == 1].sum() < 0.5
    assert often[70] > often[0]
    assert how_often(kinds, groups, evened=False)[70] == pytest.approx(
        how_often(kinds, groups, evened=False)[0]
    )


@pytest.mark.parametrize("lines", [True, False])
def test_pictures_are_shown_varied_in_batches_with_the_numbers_of_their_examples(lines):
    given = [[np.full((20 + n, 60 + 300 * n), 40 * n, np.uint8)] for n in range(3)]
    examples = Shown(given, np.arange(3), np.array(["a", "b", "c"]), lines)
    numbers, seen = next(iter(shown(examples, 16, seed=1)))
    assert len(numbers) == len(seen) == 16 and set(numbers.tolist()) <= {0, 1, 2}
    for n, picture in zip(numbers.tolist(), seen, strict=True):
        assert picture.shape[0] == 20 + n
        assert picture.shape[1] <= (240 if lines else 60 + 300 * n)
    fresh = next(iter(shown(examples, 16, seed=1)))[1]
    assert all(np.array_equal(a, b) for a, b in zip(seen, fresh, strict=True))


def test_examples_are_kept_whole(tmp_path, monkeypatch):
    monkeypatch.delenv("HOTICH_HANDWRITING", raising=False)
    rows = list(drawn(12, "kept whole", kept=True))
    save_examples(rows[:5], tmp_path / "a.npz")
    save_examples(rows[5:], tmp_path / "b.npz")
    found = load_examples([tmp_path / "a.npz", tmp_path / "b.npz"])
    assert found.picture.tolist() == [row["picture"] for row in rows]
    assert found.text.tolist() == [row["text"] for row in rows]
    assert found.measures.shape == (len(rows), 6)
    some = found.where(found.line)
    assert (some.dpi == 0).all() and (found.dpi[~found.line] > 0).all()


def test_a_drawn_cell_tells_what_it_is():
    face = next(one for one in faces(True) if one.family == "charm")
    cell = draw_cell(Look.HAND, face, "mild", random.Random(2), text="Nguyễn Văn An")
    assert (cell.text, cell.source, cell.crop.blank) == ("Nguyễn Văn An", "charm", False)
