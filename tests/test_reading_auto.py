from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from reading_pictures import Sheet, box, cell

from pipeline.errors import SettingsError
from pipeline.fields import FieldType
from pipeline.reading.auto import auto_recognizer
from pipeline.reading.guide import UNGUIDED, Guide
from pipeline.reading.hand.reader import hand_recognizer
from pipeline.reading.lines import line_files, read_lines
from pipeline.reading.pair import load_pairing, pairing_file
from pipeline.reading.recognizer import NoRecognizer, read_cells
from pipeline.reading.router import Content, Look, Looks
from pipeline.reading.verdict import Verdict, told
from pipeline.settings import PROJECT, Settings
from pipeline.types import Crop, Layout, Reading

CONFIG = PROJECT / "ocr_config"
WRITTEN = ["Nguyễn Thị Hồng", "", "Kinh", "12/5/1974", '"', "Bùi Văn Khoan"]
FIELDS = ["child_full_name", "sex", "ethnicity", "birth_date", "nationality", "father_full_name"]


@pytest.fixture(scope="module")
def auto():
    return auto_recognizer("vie", CONFIG)


class Scripted:
    """A reader that says what it is told."""

    def __init__(self, name, texts):
        self.name, self.texts = name, texts

    def read(self, crops, guide=None):
        return [Reading(*self.texts[crop.field][:1], (), p, p, self.name) for crop in crops
                for p in self.texts[crop.field][1:]]  # fmt: skip


class Sure:
    """A router that says of every crop how surely it is handwriting, and what is there."""

    version = "test"

    def __init__(self, logit, **content):
        self.logit = logit
        self.content = np.array([content.get(kind.value, 0.0) for kind in Content])
        self.content[0] = 1 - self.content[1:].sum()

    def looks(self, crops):
        content = np.tile(self.content, (len(crops), 1))
        return Looks(np.full(len(crops), self.logit), content, np.zeros((len(crops), len(Look))))


def choosing(logit, printed, hand, **content):
    from pipeline.reading.auto import AutoRecognizer

    readers = Scripted("print", printed), Scripted("hand", hand)
    return AutoRecognizer(*readers, Sure(logit, **content), load_pairing(CONFIG))


SAID = {"notes": ("Hải Phòng", 0.99)}


def crop(field="notes"):
    return Crop(np.full((40, 200), 255, np.uint8), 180.0, field)


def test_printed_cells_go_to_tesseract_and_blanks_stay_blank(auto):
    sheet = Sheet(height=70, noise=3.0)
    rows = [box(5, 4 + 10 * n, 95, 13 + 10 * n) for n in range(len(WRITTEN))]
    for n, text in enumerate(WRITTEN):
        sheet.text(10, 10 + 10 * n, text)
    cells = tuple(cell(row, name) for row, name in zip(rows, FIELDS, strict=True))
    found = [r for _, r in read_cells([sheet.page()], Layout("f", cells, 1.0, 1), auto, CONFIG)]
    assert [reading.text for reading in found] == WRITTEN
    assert [reading.blank for reading in found] == [not text for text in WRITTEN]
    readers = [reading.reader for reading in found if any(sign.isalnum() for sign in reading.text)]
    assert all(reader.startswith("tesseract-") for reader in readers)


def test_what_is_surely_handwriting_is_not_shown_to_tesseract():
    (found,) = choosing(9.0, {}, {"notes": ("chữ viết", 0.7)}).read([crop()])
    assert (found.text, found.reader) == ("chữ viết", "hand")


def test_in_doubt_the_likelier_text_is_taken_and_the_other_kept():
    doubt = choosing(0.0, {"notes": ("Hai Phong", 0.3)}, {"notes": ("Hải Phòng", 0.9)})
    (found,) = doubt.read([crop()])
    assert (found.text, found.reader) == ("Hải Phòng", "hand")
    assert "Hai Phong" in [text for text, _ in found.alternatives]


def test_in_doubt_the_grammar_of_the_field_is_heard():
    doubt = choosing(0.0, {"birth_date": ("l2/S/197A", 0.6)}, {"birth_date": ("12/5/1974", 0.5)})
    guide = Guide(fits=lambda _, text: 1.0 if text == "12/5/1974" else 0.05)
    (found,) = doubt.read([crop("birth_date")], guide)
    assert found.text == "12/5/1974"


def test_doubtful_print_is_shown_to_the_net_too():
    wrong = choosing(-4.0, {"notes": ("~~", 0.1)}, {"notes": ("Hải Phòng", 0.95)})
    assert wrong.read([crop()])[0].reader == "hand"
    sure = choosing(-9.0, {"notes": ("Hải Phòng", 0.98)}, {})
    assert sure.read([crop()])[0].reader == "print"


def test_a_hand_like_print_is_shown_to_the_net_however_sure_tesseract_is():
    said = {"birth_date": ("28-1-1986", 0.98)}, {"birth_date": ("23-1-1986", 0.99)}
    (found,) = choosing(-2.0, *said).read([crop("birth_date")])
    assert found.probability <= 0.99
    assert {found.text, *(text for text, _ in found.alternatives)} == {"28-1-1986", "23-1-1986"}


def test_where_most_of_a_scan_may_be_a_hand_each_cell_is_shown_to_the_net():
    class Mixed(Sure):
        def looks(self, crops):
            logits = np.array([-12.0 if crop.field == "notes" else -1.5 for crop in crops])
            return replace(super().looks(crops), hand=logits)

    said = {"notes": ("28", 0.99), "sex": ("Nam", 0.99)}
    reader = replace(choosing(0.0, said, said), router=Mixed(0.0))
    alone = replace(reader, hand=Scripted("hand", {}))
    assert alone.read([crop()])[0].text == "28"  # surely print: the net is not asked
    (first, *_) = reader.read([crop()] + [crop("sex")] * 4)
    assert first.probability > 0.99  # both have seen it


def test_of_two_texts_none_is_as_sure_as_one_that_both_readers_see():
    apart = choosing(0.0, {"notes": ("Hai Phong", 0.9)}, {"notes": ("Hải Phòng", 0.9)})
    alike = choosing(0.0, {"notes": ("Hải Phòng", 0.9)}, {"notes": ("Hải Phòng", 0.9)})
    (doubtful,), (sure,) = apart.read([crop()]), alike.read([crop()])
    assert doubtful.probability <= 0.9 < sure.probability


@pytest.mark.parametrize(
    "text", ["", "{", '{"version": "1", "data": "", "printed": [1], "hand": [1]}']
)
def test_weights_of_two_readers_that_cannot_be_used_are_named(tmp_path, text):
    (tmp_path / "calibration").mkdir()
    path = pairing_file(tmp_path)
    if text:
        path.write_text(text)
    with pytest.raises(SettingsError) as error:
        load_pairing(tmp_path)
    assert str(path) in str(error.value)


def test_without_weights_handwriting_is_left_to_a_person(tmp_path):
    import shutil

    shutil.copytree(CONFIG, tmp_path / "config")
    (tmp_path / "config/weights/hand.onnx").unlink()
    reader = auto_recognizer("vie", tmp_path / "config")
    assert isinstance(reader.hand, NoRecognizer)
    (found,) = choosing_none(reader).read([crop()])
    assert (found.text, found.probability, found.reader) == ("", 0.0, "none")


def choosing_none(reader):
    return replace(reader, router=Sure(9.0))


def test_what_is_surely_dirt_is_blank_and_what_may_be_goes_to_a_person_without_a_text():
    (empty,) = choosing(-9.0, SAID, {}, blank=0.995).read([crop()])
    assert empty.blank and not empty.text
    (doubt,) = choosing(-9.0, SAID, {}, blank=0.6).read([crop()])
    assert (doubt.blank, doubt.text, doubt.probability) == (False, "", 0.0)
    (faint,) = choosing(-9.0, SAID, {}, blank=0.004).read([crop()])
    assert faint.text == "Hải Phòng" and faint.probability == pytest.approx(0.99 * 0.996)
    poorly = {"notes": ("~ là", 0.2)}, {"notes": ("", 0.0)}
    for empty in (0.09, 0.003):
        (poor,) = choosing(-9.0, *poorly, blank=empty).read([crop()])
        assert (poor.blank, poor.text) == (False, "")
    doubted = {"notes": ("~ là", 0.5)}, {"notes": ("", 0.0)}
    for empty, left in ((0.0003, ""), (0.0001, "~ là")):
        (poor,) = choosing(-9.0, *doubted, blank=empty).read([crop()])
        assert poor.text == left
    longer = {"notes": ("~ là người làm", 0.5)}, {"notes": ("", 0.0)}
    for empty, left in ((0.0022, ""), (0.0019, "~ là người làm")):
        (poor,) = choosing(-9.0, *longer, blank=empty).read([crop()])
        assert poor.text == left


@pytest.mark.parametrize(
    ("text", "sure", "left"),
    [("T", 0.11, ""), ("15", 0.5, ""), ("15", 0.6, "15"), ("T", 0.6, "T"), ("165", 0.2, "165")],
)
def test_two_signs_as_likely_wrong_as_right_are_no_text_even_where_no_dirt_is_seen(
    text, sure, left
):
    (found,) = choosing(9.0, {}, {"notes": (text, sure)}, blank=0.0).read([crop()])
    assert (found.blank, found.text) == (False, left)


def test_a_lone_sign_is_believed_only_where_no_dirt_is_seen():
    for text, sure, empty, left in (
        ("7", 0.99, 0.002, ""), ("1\n1", 0.56, 0.002, ""), ("7", 0.92, 0.0005, "7"),
        ("17", 0.92, 0.002, "17"),
    ):  # fmt: skip
        (found,) = choosing(9.0, {}, {"notes": (text, sure)}, blank=empty).read([crop()])
        assert (found.blank, found.text) == (False, left)
    (ditto,) = choosing(9.0, {}, {"notes": ('"', 0.7)}, ditto=0.3, blank=0.001).read([crop()])
    assert ditto.text == '"'


def test_of_a_text_that_is_not_believed_nothing_is_left_to_be_told():
    made_up = Reading("7", (), 0.9, 0.9, "hand", greedy="7", unlearned=("7", 0.8))
    found = told(made_up, Verdict(empty=0.002))
    assert (found.text, found.greedy, found.unlearned) == ("", "", None)


def test_a_ditto_mark_needs_no_reader():
    (found,) = choosing(0.0, {}, {}, ditto=0.95).read([crop()])
    assert (found.text, found.probability) == ('"', pytest.approx(0.95))
    for empty in (0.05, 0.003):
        (specks,) = choosing(0.0, {}, {}, ditto=0.9, blank=empty).read([crop()])
        assert (specks.blank, specks.text) == (False, "")


def test_a_short_text_that_is_hardly_likely_is_no_suggestion():
    long = "Thành phố Hải Phồng"
    for text, sure, left in (
        ("Hải Phồng", 0.11, ""), ("Hải Phồng", 0.13, "Hải Phồng"), (long, 0.11, long),
    ):  # fmt: skip
        (found,) = choosing(9.0, {}, {"notes": (text, sure)}, blank=0.0).read([crop()])
        assert (found.blank, found.text) == (False, left)


def test_a_text_in_what_may_be_a_stamp_alone_is_made_up():
    made_up = Reading("79", (), 0.8, 0.8, "hand")
    assert told(made_up, Verdict(stamp=0.3, stamped=0.4)).text == ""
    assert told(made_up, Verdict(stamp=0.01, stamped=0.9)).text == "79"


def test_strokes_that_a_reader_takes_for_a_ditto_mark_are_doubted_where_the_router_does():
    (found,) = choosing(9.0, {}, {"notes": ('"', 0.95)}, ditto=0.2).read([crop()])
    assert found.text == '"' and found.probability <= 0.5
    for ditto, empty in ((0.02, 0.0), (0.2, 0.003)):
        chances = {"ditto": ditto, "blank": empty}
        (none,) = choosing(9.0, {}, {"notes": ('"', 0.95)}, **chances).read([crop()])
        assert (none.blank, none.text) == (False, "")


def test_a_deletion_is_read_and_said():
    (found,) = choosing(-9.0, SAID, {}, struck=0.9).read([crop()])
    assert found.struck and found.text == "Hải Phòng"


def test_writing_under_a_stamp_is_read_and_never_sure():
    (found,) = choosing(-9.0, SAID, {}, stamped=0.7).read([crop()])
    assert (found.text, found.notes) == ("Hải Phòng", ("stamped",))
    assert found.probability < 0.5


def test_a_stamp_alone_is_nothing_written_and_doubt_about_it_is_shown():
    (sure,) = choosing(-9.0, SAID, {}, stamp=0.99).read([crop()])
    assert (sure.blank, sure.text, sure.notes) == (True, "", ("stamp",))
    (doubt,) = choosing(-9.0, SAID, {}, stamp=0.7).read([crop()])
    assert (doubt.blank, doubt.text, doubt.notes) == (False, "", ("stamp",))


def test_blank_crops_are_not_shown_to_the_router():
    blank = Crop(np.full((9, 9), 255, np.uint8), 180.0, "notes", blank=True)
    reader = choosing(-9.0, SAID, {}, ditto=0.99)
    found = reader.read([blank, crop()])
    assert [one.text for one in found] == ["Hải Phòng", '"']


SHAPES = [(1, 1), (1, 300), (300, 1), (3, 3), (40, 10_000), (700, 700)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("tone", [0, 120, 255])
def test_odd_crops_are_read_as_nothing_or_little_and_never_raise(auto, shape, tone):
    image = np.full(shape, tone, np.uint8)
    for reader in (auto, hand_recognizer(CONFIG)):
        (found,) = reader.read([Crop(image, 180.0, "notes", lines=3)])
        assert isinstance(found, Reading) and len(found.text) < 60


@pytest.mark.parametrize("turn", [1, 2, 3])
@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "1", "P", "I;16"])
def test_pictures_of_any_kind_and_way_up_are_read_without_error(tmp_path, turn, mode):
    sheet = Sheet(width=60, height=9)
    sheet.text(4, 6.5, "Hải Phòng")
    picture = Image.fromarray(np.rot90(sheet.page().grey, turn))
    if mode == "I;16":
        picture = Image.fromarray(np.asarray(picture, np.uint16) * 257)
    else:
        picture = picture.convert(mode)
    picture.save(tmp_path / "line.png")
    for reader in ("auto", "hand"):
        settings = Settings(recognizer=reader)
        (line,) = read_lines(line_files(tmp_path), FieldType.TEXT, settings)
        assert line.file == "line.png" and 0.0 <= line.confidence <= 1.0


def test_noise_alone_is_not_taken_for_sure_writing(tmp_path):
    rng = np.random.default_rng(4)
    Image.fromarray(rng.integers(0, 256, (60, 500), np.uint8)).save(tmp_path / "noise.png")
    Image.new("L", (500, 60), 0).save(tmp_path / "black.png")
    Image.new("L", (500, 60), 255).save(tmp_path / "white.png")
    for line in read_lines(line_files(tmp_path), FieldType.NAME, Settings(recognizer="hand")):
        assert line.confidence < 0.5


def test_spaces_around_signs_make_no_other_text():
    printed = {"notes": ("Ngọc Sơn - Kiến An", 0.9)}
    alike = choosing(-4.0, printed, {"notes": ("Ngọc Sơn -Kiến An", 0.6)})
    apart = choosing(-4.0, printed, {"notes": ("Ngọc Sơn - Kiến Ân", 0.6)})
    (sure,), (doubtful,) = alike.read([crop()]), apart.read([crop()])
    assert (sure.text, sure.alternatives) == ("Ngọc Sơn - Kiến An", ())
    assert doubtful.probability < 0.9 < sure.probability


def test_print_read_in_several_pictures_is_always_shown_to_the_net():
    class Worn(Scripted):
        def read(self, crops, guide=UNGUIDED):
            read = super().read(crops, guide)
            return [replace(one, notes=("pictures=2/2",)) for one in read]

    said = {"notes": ("Hải Phòng", 0.985)}
    clean = choosing(-12.0, said, said)
    (once,) = clean.read([crop()])
    (twice,) = replace(clean, printed=Worn("print", said)).read([crop()])
    assert once.probability == 0.985 < twice.probability
