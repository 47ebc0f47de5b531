"""Training of the reader of hands: lines are made, learned from, exported, and aligned."""

from __future__ import annotations

import random

import numpy as np
import pytest

torch = pytest.importorskip("torch")
onnxruntime = pytest.importorskip("onnxruntime")
pytest.importorskip("onnx")

from pipeline.reading.hand.alphabet import collapse, encode, foreign_signs  # noqa: E402
from pipeline.reading.hand.ink import HEIGHT, ink_line, padded_width, stack  # noqa: E402
from pipeline.reading.hand.vary import shown  # noqa: E402
from training.hand.again import from_onnx  # noqa: E402
from training.hand.align import align  # noqa: E402
from training.hand.batches import Shards, batches, drawn  # noqa: E402
from training.hand.draw import presses, write  # noqa: E402
from training.hand.export import export, folded  # noqa: E402
from training.hand.lists import syllable  # noqa: E402
from training.hand.measure import read_all  # noqa: E402
from training.hand.net import HandNet, Shape, Swept  # noqa: E402
from training.hand.paper import on_paper  # noqa: E402
from training.hand.pieces import Pieces, cut_line  # noqa: E402
from training.hand.strays import trimmed  # noqa: E402
from training.hand.synthetic import Line, load_shard, save_shard  # noqa: E402
from training.hand.tape import Tape, add_shard  # noqa: E402
from training.hand.tape import _moves as moves_of  # noqa: E402
from training.hand.tape import batches as tape_batches  # noqa: E402
from training.hand.text import line_text  # noqa: E402
from training.hand.train import Plan, Run  # noqa: E402
from training.hand.vary_tape import Look  # noqa: E402
from training.hand.vary_tape import _moved as laid  # noqa: E402


def printed(text: str, seed: int = 1) -> Line:
    rng = random.Random(seed)
    grey = on_paper(trimmed(write(text, rng, presses()[0])), rng)
    return Line(np.asarray(ink_line(grey) * 255, np.uint8), text, "print")


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)
    torch.manual_seed(1)


def test_texts_hold_only_signs_the_net_can_write():
    rng = random.Random(3)
    texts = [line_text(rng) for _ in range(300)]
    assert all(text and not foreign_signs(text) for text in texts)
    assert len(set(texts)) > 200
    assert all(encode(syllable(rng)) for _ in range(300))


def test_a_run_learns_and_goes_on_where_it_stopped(tmp_path):
    words = ("số 12", "Hải", "Nam", "1974")
    lines = [printed(text, seed) for seed, text in enumerate(words)]
    dice = np.random.default_rng(1)
    shards = Shards(tmp_path, lines=lines)
    feed = batches(drawn([], shards, Shards(tmp_path), 0.0, dice), dice, 1500)
    run = Run(Plan(minutes=1, font_minutes=1))
    losses = [run.learn(next(feed)) for _ in range(30)]
    assert np.mean(losses[-5:]) < 0.6 * np.mean(losses[:3])
    run.save(tmp_path / "state.pt")
    again = Run(Plan(minutes=1, font_minutes=1))
    again.restore(tmp_path / "state.pt")
    assert again.steps == run.steps
    assert all(
        torch.equal(a, b)
        for a, b in zip(run.net.state_dict().values(), again.net.state_dict().values(), strict=True)
    )


def test_a_batch_made_on_the_card_holds_the_lines_and_few_shapes(tmp_path):
    lines = [printed(text, seed) for seed, text in enumerate(("số 12", "Hải", "Nam", "1974"))]
    save_shard(tmp_path / "one.npz", lines)
    tape = Tape(torch.zeros(2_000_000, dtype=torch.uint8))
    add_shard(tape, tmp_path / "one.npz", "fonts")
    shares = {"fonts": 1.0, "recomposed": 0.0, "real": 0.0}
    found = list(tape_batches(tape, shares, np.random.default_rng(1), 3000, strength=0.0))
    assert len(found) > 5
    shapes = {tuple(batch.ink.shape) for batch in found}
    assert len(shapes) <= 3 and all(batch.ink.max() <= 1 for batch in found)
    known = {tuple(encode(line.text)) for line in lines}
    told = torch.split(found[0].targets, found[0].lengths.tolist())
    assert {tuple(one.tolist()) for one in told} <= known
    # What is not changed is what the processor's way makes of it, dirt apart.
    line = lines[0]
    box = (0, HEIGHT, 0, line.ink.shape[1])
    same = shown(line.ink, box, np.random.default_rng(0), 0.0)
    look = Look(*torch.from_numpy(still(tape.table()[:1])).unbind(1))
    moved = laid(tape.bytes, look, same.shape[1])[0, 0].numpy()
    assert np.allclose(moved, same, atol=1e-4)


def still(rows):
    return moves_of(rows, np.zeros(len(rows)), np.random.default_rng(0))


def test_shifted_products_are_the_depthwise_convolution_and_learn_alike():
    sweep = Swept(6, 11).double()
    given = torch.randn(3, 6, 1, 20, dtype=torch.float64)
    results = []
    for way in (sweep.forward, sweep.by_shifts):
        frames = given.clone().requires_grad_()
        sweep.zero_grad()
        (way(frames) * torch.linspace(-1, 1, 20)).square().sum().backward()
        results.append((way(frames).detach(), frames.grad, sweep.weight.grad.clone()))
    for one, other in zip(*results, strict=True):
        assert torch.allclose(one, other, atol=1e-4)


def test_blocks_that_weights_lack_add_nothing_until_they_learn(tmp_path):
    few = HandNet(Shape(blocks=2)).eval()
    export(few, tmp_path / "few.onnx")
    ink = np.random.default_rng(9).random((HEIGHT, 200), np.float32)
    more = from_onnx(tmp_path / "few.onnx", [ink] * 4).eval()
    assert sum(1 for name in more.along.state_dict() if name.endswith("change.0.weight")) > 2
    given = torch.from_numpy(stack([ink]))
    with torch.inference_mode():
        assert np.allclose(more(given).numpy(), few(given).numpy(), atol=1e-3)


def test_weights_read_the_same_after_export_alone_and_in_a_batch(tmp_path):
    net = HandNet().eval()
    for norm in net.modules():
        if isinstance(norm, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(norm.running_mean, -0.2, 0.2)
            torch.nn.init.uniform_(norm.running_var, 0.5, 1.5)
    path = tmp_path / "hand.onnx"
    assert export(net, path) < 2e-3
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    inks = [np.random.default_rng(n).random((HEIGHT, 100 + n), np.float32) for n in range(3)]
    width = padded_width(102)
    together = session.run(None, {"ink": stack(inks, width)})[0]
    alone = [session.run(None, {"ink": stack([ink], width)})[0][0] for ink in inks]
    assert np.allclose(together, alone, atol=1e-4)
    assert len(read_all(folded(net), inks)) == 3
    again = from_onnx(path, [np.random.default_rng(9).random((HEIGHT, 200), np.float32)] * 4)
    with torch.inference_mode():
        said = again.eval()(torch.from_numpy(stack(inks, width))).numpy()
    assert np.allclose(said, together, atol=1e-3)


def test_alignment_finds_the_signs_in_their_order():
    classes = encode("aab")
    path = [0, classes[0], classes[0], 0, classes[1], 0, classes[2], classes[2], 0]
    logp = np.full((len(path), 300), -8.0, np.float32)
    logp[np.arange(len(path)), path] = -0.01
    assert collapse(path) == "aab"
    assert align(logp, classes) == [(1, 2), (4, 4), (6, 7)]
    assert align(logp[:2], classes) == []


def test_words_are_cut_where_there_is_no_ink():
    ink = np.zeros((HEIGHT, 120), np.float32)
    ink[20:30, 4:40] = 1
    ink[20:30, 60:110] = 1
    spans = [(1, 2), (4, 6), (12, 12), (16, 18), (22, 25)]
    pieces = Pieces("test")
    cut_line(ink, "ab cd", spans, pieces)
    assert set(pieces.words) == {"ab", "cd"}
    widths = [
        piece.ink.shape[1]
        for word in ("ab", "cd")
        if (piece := pieces.words[word][0].piece()) is not None
    ]
    assert 32 <= widths[0] <= 60 and 45 <= widths[1] <= 80


def test_shards_keep_lines_and_unchanged_lines_stay_unchanged(tmp_path):
    lines = [printed("Hà Nội"), printed("12/5/1974", 2)]
    save_shard(tmp_path / "one.npz", lines)
    again = list(load_shard(tmp_path / "one.npz"))
    assert [line.text for line in again] == ["Hà Nội", "12/5/1974"]
    ink = again[0].ink
    box = (0, HEIGHT, 0, ink.shape[1])
    still = shown(ink, box, np.random.default_rng(0), 0.0)
    assert np.allclose(still, ink / 255, atol=1e-6)
