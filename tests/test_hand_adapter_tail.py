"""The upper part of the net in numpy: it says what the net says, and its gradients are right."""

import numpy as np
import pytest

from pipeline.errors import WeightsError
from pipeline.reading.hand.ctc import text_scores
from pipeline.reading.hand.ctc_loss import ctc_loss, frames_needed
from pipeline.reading.hand.ink import HEIGHT
from pipeline.reading.hand.look import line_features, lower_part
from pipeline.reading.hand.net import load_net
from pipeline.reading.hand.onnx_file import weights_of
from pipeline.reading.hand.optimise import Optimiser
from pipeline.reading.hand.tail import Layers, Noise, backward, forward, layers_of, tape_of
from pipeline.reading.hand.threads import blas_threads, one_thread
from pipeline.settings import PROJECT


@pytest.fixture(scope="module")
def net():
    return load_net(PROJECT / "ocr_config")


def log_softmax(rows):
    rows = rows - rows.max(axis=1, keepdims=True)
    return rows - np.log(np.exp(rows).sum(axis=1, keepdims=True))


def some_lines(seed=1, frames=(30, 60, 8), classes=12):
    dice = np.random.default_rng(seed)
    return [log_softmax(dice.normal(0, 2, (n, classes))).astype(np.float32) for n in frames]


TEXTS = [(3, 3, 5, 3), (1, 2, 11, 2, 7, 7, 7), ()]


def test_numpy_says_what_the_net_says(net):
    model = net.weights.read_bytes()
    dice = np.random.default_rng(2)
    maps = [dice.random((HEIGHT, width)).astype(np.float32) for width in (310, 16, 120)]
    layers = layers_of(weights_of(model))
    tape = tape_of(lower_part(model).features(maps), 5)
    said, _ = forward(layers, tape)
    for (start, stop), wanted in zip(tape.spans, net.posteriors(maps), strict=True):
        assert stop - start >= len(wanted)
        assert np.allclose(said[start : start + len(wanted)], wanted, atol=1e-4)


def test_the_loss_is_the_likelihood_of_the_text():
    lines = some_lines()
    losses, _ = ctc_loss(lines, TEXTS)
    wanted = [-text_scores(line, [text])[0] for line, text in zip(lines, TEXTS, strict=True)]
    assert np.allclose(losses, wanted, atol=1e-4)


def test_the_gradient_of_the_loss_is_what_small_changes_show():
    lines = [line.astype(np.float64) for line in some_lines(2, (9, 14), 6)]
    texts = [(1, 1, 4), (5, 2)]
    _, gradients = ctc_loss(lines, texts)
    small = 1e-5
    for n, text in enumerate(texts):
        for frame, code in ((0, 0), (3, text[0]), (5, text[-1]), (8, 3)):
            shown = []
            for change in (small, -small):
                moved = lines[n].copy()
                moved[frame, code] += change
                shown.append(ctc_loss([log_softmax(moved)], [text])[0][0])
            assert gradients[n][frame, code] == pytest.approx(
                (shown[0] - shown[1]) / (2 * small), abs=1e-4
            )


def test_the_loss_agrees_with_pytorch():
    torch = pytest.importorskip("torch")
    lines = some_lines()
    losses, gradients = ctc_loss(lines, TEXTS)
    for line, text, loss, gradient in zip(lines, TEXTS, losses, gradients, strict=True):
        given = torch.tensor(line, dtype=torch.float64, requires_grad=True)
        wanted = torch.nn.functional.ctc_loss(
            given.log_softmax(-1)[:, None],
            torch.tensor([text], dtype=torch.long),
            torch.tensor([len(line)]),
            torch.tensor([len(text)]),
            reduction="sum",
        )
        wanted.backward()
        assert loss == pytest.approx(wanted.item(), abs=1e-4)
        assert np.allclose(gradient, given.grad.numpy(), atol=1e-5)


def test_a_line_too_short_for_its_text_pulls_nowhere():
    line = some_lines(3, (4,))
    assert frames_needed((1, 1, 1)) == 5
    losses, gradients = ctc_loss(line, [(1, 1, 1)])
    assert np.isinf(losses[0])
    assert not gradients[0].any()
    assert ctc_loss([], [])[1] == []


def small_layers(dice):
    """A net of the same kind, small enough to change each weight by hand; double precision."""
    shapes = {"look.6.0.weight": (6, 4, 2, 1), "look.6.0.bias": (6,)}
    for block in ("along.1", "along.2"):
        shapes |= {
            f"{block}.change.0.weight": (6, 1, 1, 5),
            f"{block}.change.0.bias": (6,),
            f"{block}.change.2.weight": (7, 6, 1, 1),
            f"{block}.change.2.bias": (7,),
            f"{block}.change.4.weight": (6, 7, 1, 1),
            f"{block}.change.4.bias": (6,),
        }
    shapes |= {"say.weight": (5, 6, 1, 1), "say.bias": (5,)}
    layers = layers_of({name: dice.normal(0, 0.5, shape) for name, shape in shapes.items()})
    return layers.like(layers.flat.astype(np.float64))


@pytest.mark.parametrize("noise", [Noise(), Noise(0.3, 0.4)])
def test_the_gradient_of_the_layers_is_what_small_changes_show(noise):
    dice = np.random.default_rng(5)
    layers = small_layers(dice)
    tape = tape_of([dice.normal(0, 1, (n, 8)).astype(np.float32) for n in (9, 6)], 2)
    texts = [(1, 2, 2), (4,)]

    def loss(flat):
        said, trace = forward(layers.like(flat), tape, noise, np.random.default_rng(8))
        losses, pulls = ctc_loss([said[a:b] for a, b in tape.spans], texts)
        return losses.sum(), said, trace, pulls

    _, said, trace, pulls = loss(layers.flat)
    pull = np.zeros_like(said)
    for (a, b), own in zip(tape.spans, pulls, strict=True):
        pull[a:b] = own
    found = layers.like(np.full_like(layers.flat, np.nan))
    backward(layers, tape, trace, pull, found)
    assert np.isfinite(found.flat).all()
    small = 1e-6
    for n in dice.choice(layers.flat.size, 60, replace=False):
        sides = []
        for change in (small, -small):
            flat = layers.flat.copy()
            flat[n] += change
            sides.append(loss(flat)[0])
        assert found.flat[n] == pytest.approx((sides[0] - sides[1]) / (2 * small), abs=2e-4)


def test_lines_on_a_tape_do_not_touch():
    dice = np.random.default_rng(6)
    layers = small_layers(dice)
    lines = [dice.normal(0, 1, (n, 8)).astype(np.float32) for n in (7, 3, 12)]
    together = tape_of(lines, 2)
    said, _ = forward(layers, together)
    for line, (start, stop) in zip(lines, together.spans, strict=True):
        alone = tape_of([line], 2)
        wanted, _ = forward(layers, alone)
        assert np.allclose(said[start:stop], wanted[slice(*alone.spans[0])], atol=1e-5)


def test_what_nothing_asks_for_goes_back_to_the_base():
    weights, base = np.full(4, 2.0, np.float32), np.ones(4, np.float32)
    optimiser = Optimiser(weights, base, decay=0.5)
    for _ in range(40):
        optimiser.step(np.array([0, 0, 0, 1.0], np.float32), 0.1)
    assert np.allclose(weights[:3], 1 + 0.95**40, atol=1e-3)
    assert weights[3] < 0


def test_weights_of_another_net_cannot_be_learned_on():
    with pytest.raises(WeightsError, match="look"):
        layers_of({"along.1.change.4.weight": np.zeros((2, 2, 1, 1), np.float32)})
    with pytest.raises(WeightsError):
        layers_of({})


def test_features_of_a_line_do_not_hang_on_the_lines_beside_it(net):
    dice = np.random.default_rng(7)
    maps = [dice.random((HEIGHT, width)).astype(np.float32) for width in (100, 105, 300)]
    found = line_features(net, maps)
    assert found.shape[0] == 3
    assert np.allclose(found[:1], line_features(net, maps[:1]), atol=1e-4)
    assert line_features(net, []).shape[0] == 0


def test_learning_keeps_to_one_thread_and_gives_the_others_back():
    before = blas_threads()
    with one_thread():
        assert blas_threads() in (0, 1)  # 0: another library than OpenBLAS
    assert blas_threads() == before


def test_layers_are_views_of_one_row():
    layers = small_layers(np.random.default_rng(1))
    assert isinstance(layers, Layers)
    layers.flat[...] = 0
    assert not any(tensor.any() for tensor in layers.tensors.values())
