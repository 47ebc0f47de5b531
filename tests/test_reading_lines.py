import csv

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont
from reading_pictures import FONT

from pipeline.errors import (
    ImageTooLargeError,
    InputError,
    MissingFileError,
    NoPagesError,
    UnreadableFileError,
)
from pipeline.fields import FieldType
from pipeline.reading.lines import line_files, read_lines
from pipeline.settings import Settings

WRITTEN = {"b.png": "Nguyễn Thị Hồng", "a.jpg": "Hải Phòng", "c.tif": "12/5/1974"}


@pytest.fixture
def folder(tmp_path):
    for name, text in WRITTEN.items():
        image = Image.new("RGB", (560, 90), (240, 235, 225))
        font = ImageFont.truetype(FONT, 44)
        ImageDraw.Draw(image).text((15, 14), text, font=font, fill=(30, 30, 60))
        image.save(tmp_path / name)
    return tmp_path


def test_all_pictures_of_a_folder_are_read_in_order_of_name(folder):
    (folder / "notes.txt").write_text("no picture")
    done = []
    found = list(read_lines(line_files(folder), FieldType.TEXT, Settings(), done.append))
    assert {line.file: line.text for line in found} == WRITTEN
    assert [line.file for line in found] == sorted(WRITTEN)
    assert all(0 <= line.confidence <= 1 for line in found)
    assert done == [3]


def test_labels_decide_which_files_and_in_which_order(folder):
    labels = folder / "labels.tsv"
    with labels.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, delimiter="\t")
        writer.writerows([["file", "text"], ["c.tif", '"'], ["b.png", "?"]])
    for given in (folder, labels):
        assert [file.name for file in line_files(given)] == ["c.tif", "b.png"]


def test_an_empty_picture_gives_an_empty_text(tmp_path):
    Image.new("L", (500, 80), 230).save(tmp_path / "empty.png")
    (line,) = read_lines(line_files(tmp_path), FieldType.NAME, Settings())
    assert line.text == ""


def test_the_size_of_a_picture_does_not_matter_much(folder):
    with Image.open(folder / "b.png") as image:
        image.resize((280, 45)).save(folder / "small.png", dpi=(72, 72))
        image.resize((1120, 180)).save(folder / "large.png", dpi=(600, 600))
    files = [file for file in line_files(folder) if file.name in ("small.png", "large.png")]
    texts = {line.text for line in read_lines(files, FieldType.NAME, Settings())}
    assert texts == {"Nguyễn Thị Hồng"}


def test_what_is_not_there_is_named(folder):
    with pytest.raises(MissingFileError, match="gone"):
        line_files(folder / "gone")
    (folder / "labels.tsv").write_text("file\ttext\nmissing.png\tx\n")
    with pytest.raises(MissingFileError, match=r"missing\.png"):
        line_files(folder)


def test_labels_without_the_column_are_refused(folder):
    (folder / "labels.tsv").write_text("image\ttext\na.jpg\tx\n")
    with pytest.raises(InputError):
        line_files(folder)


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(NoPagesError):
        line_files(tmp_path)


def test_a_file_that_is_no_picture_is_named(tmp_path):
    (tmp_path / "broken.png").write_bytes(b"no picture at all")
    with pytest.raises(UnreadableFileError, match=r"broken\.png"):
        list(read_lines(line_files(tmp_path), FieldType.TEXT, Settings()))


def test_a_picture_above_the_limit_is_not_decoded(tmp_path):
    Image.new("1", (4000, 1000)).save(tmp_path / "huge.png")
    with pytest.raises(ImageTooLargeError):
        list(read_lines(line_files(tmp_path), FieldType.TEXT, Settings(max_megapixels=1)))


def test_deep_see_through_and_inverted_pictures_are_read_too(folder, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    with Image.open(folder / "b.png") as picture:
        grey = np.asarray(picture.convert("L"))
    Image.fromarray(grey.astype(np.uint16) * 200).save(other / "deep.png")
    Image.fromarray(255 - grey).save(other / "inverted.png")
    ink = Image.new("RGBA", grey.shape[::-1], (0, 0, 0, 0))
    ink.putalpha(Image.fromarray(255 - grey).point(lambda level: 255 if level > 90 else 0))
    ink.save(other / "clear.png")
    settings = Settings(recognizer="tesseract")
    found = {one.file: one.text for one in read_lines(line_files(other), FieldType.NAME, settings)}
    assert set(found.values()) == {"Nguyễn Thị Hồng"}, found


def test_odd_pictures_are_read_or_empty_and_never_an_error(tmp_path):
    rng = np.random.default_rng(2)
    pictures = {
        "dot": np.full((1, 1), 10), "wide": rng.integers(0, 255, (12, 10_000)),
        "tall": rng.integers(0, 255, (10_000, 12)), "black": np.zeros((60, 400)),
        "white": np.full((60, 400), 255), "column": np.zeros((80, 1)),
        "colour": rng.integers(0, 255, (50, 300, 3)),
    }  # fmt: skip
    for name, picture in pictures.items():
        Image.fromarray(picture.astype(np.uint8)).save(tmp_path / f"{name}.png")
    found = list(read_lines(line_files(tmp_path), FieldType.NUMBER, Settings(recognizer="hand")))
    assert len(found) == len(pictures)
    empty = {line.file: line.text for line in found if line.file in ("dot.png", "black.png")}
    assert set(empty.values()) == {""}
    assert all(0 <= line.confidence <= 1 for line in found)


def test_a_line_on_its_side_is_read_with_little_confidence(folder):
    with Image.open(folder / "b.png") as image:
        image.rotate(90, expand=True).save(folder / "side.png")
    files = [file for file in line_files(folder) if file.name == "side.png"]
    (line,) = read_lines(files, FieldType.NAME, Settings(recognizer="hand"))
    assert line.confidence < 0.9


def test_the_rest_is_read_where_a_picture_is_missing_or_broken(folder):
    (folder / "broken.png").write_bytes(b"no picture at all")
    (folder / "labels.tsv").write_text(
        "file\twriter\ttext\ngone.png\tx\ta\nbroken.png\tx\tb\nb.png\ty\tNguyễn Thị Hồng\n"
    )
    told = {}
    files = line_files(folder, all_there=False)
    found = list(
        read_lines(
            files,
            FieldType.NAME,
            Settings(recognizer="tesseract"),
            refused=lambda file, error: told.update({file.name: type(error)}),
        )
    )
    assert told == {"gone.png": MissingFileError, "broken.png": UnreadableFileError}
    assert [line.text for line in found] == ["", "", "Nguyễn Thị Hồng"]
    assert [line.confidence for line in found][:2] == [0.0, 0.0]
    assert [(file.writer, file.text) for file in files][2] == ("y", "Nguyễn Thị Hồng")


def test_labels_that_are_no_text_are_refused(tmp_path):
    (tmp_path / "labels.tsv").write_bytes(b"file\ttext\na.png\t\xff\xfe\n")
    with pytest.raises(InputError):
        line_files(tmp_path)
