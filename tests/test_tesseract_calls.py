import os
import shutil
import subprocess
import sys
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont
from reading_pictures import FONT

from pipeline import tesseract
from pipeline.errors import LanguageDataMissingError, PageError, TesseractMissingError


def picture(text, width=420):
    image = Image.new("L", (width, 60), 255)
    ImageDraw.Draw(image).text((12, 12), text, font=ImageFont.truetype(FONT, 25), fill=20)
    return np.asarray(image)


def texts(found):
    return [" ".join(word.text for word in words) for words in found]


def test_each_picture_of_a_list_gets_its_own_words_even_beside_empty_ones():
    written = ["Nguyễn Thị Hồng", "", "Kinh", "", "12/5/1974", ""]
    found = tesseract.read_list([picture(text) for text in written], 150, psm=6)
    assert texts(found) == written


def test_many_pictures_go_in_one_call():
    written = [f"Hải Phòng {n}" for n in range(100, 160)]
    assert texts(tesseract.read_list([picture(t) for t in written], 150, psm=6)) == written


def test_no_pictures_give_no_words():
    assert tesseract.read_list([], 150) == []


def test_words_are_composed_and_carry_boxes_and_confidences():
    (words,) = tesseract.read_list([picture("Nguyễn Thị Hồng")], 150)
    assert [word.text for word in words] == [
        unicodedata.normalize("NFC", word.text) for word in words
    ]
    assert all(0.5 < word.confidence <= 1.0 for word in words)
    assert words[0].x < words[1].x < words[2].x
    assert all(0 < word.w < 150 and 0 < word.h < 60 for word in words)
    assert len({word.line_key for word in words}) == 1


def test_lines_of_a_page_are_told_apart():
    page = np.vstack([picture("Nguyễn Văn An"), picture("Trần Thị Bình")])
    words = tesseract.page_words(page, 150)
    lines = sorted({word.line_key for word in words})
    assert len(lines) == 2
    assert " ".join(w.text for w in words if w.line_key == lines[1]) == "Trần Thị Bình"


SHM = Path("/dev/shm")


@pytest.mark.skipif(not SHM.is_dir(), reason="no memory disk")
def test_pictures_leave_nothing_behind():
    tesseract.read_list([picture("Kinh"), picture("Nam")], 150)
    assert not list(SHM.glob(f"hotich-ocr-{os.getpid()}-*"))


@pytest.mark.skipif(not SHM.is_dir(), reason="no memory disk")
def test_pictures_of_a_killed_process_are_taken_away():
    code = "import os; print(os.getpid())"
    dead = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    left, mine = (SHM / f"hotich-ocr-{pid}-test" for pid in (dead.stdout.strip(), os.getpid()))
    for folder in (left, mine):
        folder.mkdir()
        (folder / "0.pgm").write_bytes(b"P5 1 1 255 0")
    code = "import numpy, pipeline.tesseract as t; t.read_list([numpy.zeros((9, 9), 'u1')], 150)"
    subprocess.run([sys.executable, "-c", code], check=True)
    assert not left.exists() and mine.exists()
    shutil.rmtree(mine)


def test_version_and_languages_are_known():
    assert tesseract.version()[0].isdigit()
    assert {"vie", "fra"} <= tesseract.languages()


def test_a_missing_language_is_named_even_beside_one_that_is_there():
    with pytest.raises(LanguageDataMissingError) as caught:
        tesseract.read_list([picture("Kinh")], 150, languages="vie+xyz")
    assert caught.value.exit_code == 32
    assert "xyz" in str(caught.value) and "apt-get" in str(caught.value)


def test_a_machine_without_tesseract_is_told_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(TesseractMissingError) as caught:
        tesseract.read_list([picture("Kinh")], 150)
    assert caught.value.exit_code == 31


def test_a_call_that_takes_too_long_concerns_its_page_only():
    with pytest.raises(PageError):
        tesseract.read_list([picture("Nguyễn Thị Hồng Hạnh")] * 60, 150, timeout=0.05)


def test_tesseract_is_held_to_one_thread():
    assert os.environ["OMP_THREAD_LIMIT"] == "1"


def test_a_whitelist_is_kept():
    (words,) = tesseract.read_list(
        [picture("12/5/1974")], 150, config=tesseract.whitelist("0123456789")
    )
    assert set("".join(word.text for word in words)) <= set("0123456789")
