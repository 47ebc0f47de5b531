import pytest
from reading_pictures import Sheet, box, cell

from pipeline.errors import SettingsError
from pipeline.reading.recognizer import read_cells, recognizer
from pipeline.settings import PROJECT
from pipeline.types import Layout

CONFIG = PROJECT / "ocr_config"
ROWS = [box(5, 4 + 10 * n, 95, 13 + 10 * n) for n in range(6)]


@pytest.fixture(scope="module")
def reader():
    return recognizer("tesseract", "vie", CONFIG)


def read(reader, written, fields=None, noise=4.0, lines=1):
    """Readings of rows of text on one noisy page with dotted leaders."""
    sheet = Sheet(height=10 * len(ROWS) + 8, noise=noise)
    for n, text in enumerate(written):
        sheet.text(10, 10 + 10 * n, text)
        sheet.leader(5, 95, 10.5 + 10 * n)
    fields = fields or ["notes"] * len(written)
    cells = tuple(cell(row, name, lines) for row, name in zip(ROWS, fields, strict=False))
    return read_cells([sheet.page()], Layout("form", cells, 1.0, 1), reader, CONFIG)


def test_cells_are_read_in_the_layouts_order_and_blanks_stay_blank(reader):
    written = ["Nguyễn Thị Hồng", "", "12/5/1974", '"', "", "Nữ"]
    readings = [reading for _, reading in read(reader, written)]
    assert [reading.text for reading in readings] == written
    assert [reading.blank for reading in readings] == [not text for text in written]
    assert all(reading.reader.startswith("tesseract-") for reading in readings)


def test_what_is_not_blank_carries_its_words_and_the_lowest_confidence(reader):
    ((_, reading),) = read(reader, ["Trần Văn Bình"])
    assert [word.text for word in reading.words] == ["Trần", "Văn", "Bình"]
    assert reading.confidence == min(word.confidence for word in reading.words)
    assert 0.0 <= reading.probability <= 1.0


def test_short_numbers_are_read(reader):
    written = ["7", "12", "03", "1974", "031522652", "9/1/1978"]
    fields = ["entry_number"] * 3 + ["father_birth_date", "id_number", "birth_date"]
    assert [reading.text for _, reading in read(reader, written, fields)] == written


def test_lines_of_a_cell_are_joined_by_line_feeds(reader):
    sheet = Sheet(height=30)
    sheet.text(10, 10, "An Sơn, Thủy Nguyên,")
    sheet.text(10, 16, "Hải Phòng")
    cells = (cell(box(5, 4, 95, 19), "birth_place", 2),)
    ((_, reading),) = read_cells([sheet.page()], Layout("form", cells, 1.0, 1), reader, CONFIG)
    assert reading.text == "An Sơn, Thủy Nguyên,\nHải Phòng"


def test_a_dash_is_a_sign_and_not_a_letter(reader):
    sheet = Sheet()
    sheet.line(20, 9, 24, 9, 0.3)
    cells = (cell(ROWS[0]),)
    ((_, reading),) = read_cells([sheet.page()], Layout("form", cells, 1.0, 1), reader, CONFIG)
    assert reading.text == "-" and not reading.blank


def test_without_a_reader_whatever_is_written_goes_to_a_person():
    readings = [reading for _, reading in read(recognizer("none", "vie", CONFIG), ["Kinh", ""])]
    assert [reading.blank for reading in readings] == [False, True]
    assert readings[0].text == "" and readings[0].probability == 0.0
    assert {reading.reader for reading in readings} == {"none"}


def test_a_scan_without_cells_gives_nothing(reader):
    assert read_cells([Sheet().page()], Layout("form", (), 1.0, 0), reader, CONFIG) == []


def test_an_unknown_reader_is_refused():
    with pytest.raises(SettingsError):
        recognizer("abbyy", "vie", CONFIG)
