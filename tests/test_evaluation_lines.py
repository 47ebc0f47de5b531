import numpy as np
import pytest
from typer.testing import CliRunner

from cli.lines_compare import labelled, reader_names
from cli.main import cli
from pipeline.errors import InputError, SettingsError
from pipeline.evaluation.lines import ReadLine, by_writer, line_figures, reliability, render_lines
from pipeline.places import load_gazetteer
from pipeline.places.written import place_names
from pipeline.reading.lines import LineFile
from pipeline.settings import PROJECT

LINES = [
    ReadLine("a.png", "Lan", "Hải Phòng", "Hải Phòng", 0.9),
    ReadLine("b.png", "Lan", "An Lão", "an lao", 0.8),
    ReadLine("c.png", "Minh", "Kinh", "Kính <b>", 0.3),
]


def test_errors_are_counted_by_letter_word_and_line():
    found = line_figures(LINES)
    assert (found.lines, found.exact) == (3, pytest.approx(1 / 3))
    assert found.cer == pytest.approx((3 + 5) / (9 + 6 + 4))
    assert found.wer == pytest.approx((2 + 2) / 5)
    assert found.bare_cer == pytest.approx(4 / 19)
    with pytest.raises(ValueError, match="no lines"):
        line_figures([])


def test_the_worst_hand_comes_first():
    assert list(by_writer(LINES)) == ["Minh", "Lan"]


def test_reliability_sets_probability_against_what_is_right():
    rows = {row["from"]: row for row in reliability(LINES)}
    assert rows[0.9]["exact"] == 1.0 and rows[0.8]["exact"] == rows[0.3]["exact"] == 0.0
    assert sum(row["lines"] for row in rows.values()) == 3


def test_the_report_shows_worst_lines_and_escapes_what_was_read():
    page = render_lines({"hand": LINES}, lambda _: np.full((40, 200), 230, np.uint8))
    assert page.count("data:image/jpeg;base64,") == 2 and "Kính &lt;b&gt;" in page
    assert "<img" not in render_lines({"hand": LINES}, lambda _: None)


def test_readers_that_nobody_knows_or_has_are_refused():
    assert reader_names("tesseract, hand") == ["tesseract", "hand"]
    with pytest.raises(SettingsError, match="magic"):
        reader_names("magic")


def test_a_comparison_needs_labels(tmp_path):
    with pytest.raises(InputError):
        labelled([LineFile("a.png", tmp_path / "a.png")])


def test_lines_are_read_compared_and_reported_past_a_missing_picture(tmp_path):
    from PIL import Image

    Image.new("L", (300, 60), 240).save(tmp_path / "a.png")
    (tmp_path / "labels.tsv").write_text("file\twriter\ttext\na.png\tx\tΩ\ngone.png\tx\ty\n")
    out, folder = tmp_path / "read.tsv", tmp_path / "report"
    call = ["read", str(tmp_path), "--out", str(out), "--reader", "hand"]
    answer = CliRunner().invoke(cli, [*call, "--report", str(folder), "--compare", "hand"])
    assert answer.exit_code == 13
    assert [row.split("\t")[0] for row in out.read_text("utf-8").splitlines()] == [
        "file", "a.png", "gone.png",
    ]  # fmt: skip
    assert "Ω" in (folder / "lines.html").read_text("utf-8")


def test_names_of_a_unit_stand_alone_and_with_their_type():
    names = place_names(load_gazetteer(PROJECT / "ocr_config"), "Xã An Thái, Huyện An Lão", 1979)
    weights = dict(names("birth_place"))
    assert weights["An Thái"] > weights["Bát Trang"] > weights["Đồng Nai"]
    assert "huyện An Thụy" in weights
    assert sum(np.exp(list(weights.values()))) == pytest.approx(1.0, abs=1e-6)
