"""Forms as data: all eras and kinds are there, wrong files say what is wrong, previews draw."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import yaml
from click.testing import Result
from typer.testing import CliRunner

from cli.main import cli
from pipeline.errors import FormFileError, InputError
from pipeline.fields import FIELDS
from pipeline.form.preview import draw_form, margin_side
from pipeline.form.schema import ERAS, load_form, load_forms
from pipeline.settings import PROJECT
from pipeline.types import Kind

FORMS = load_forms(PROJECT / "ocr_config")
FIRST = {
    *("birth-158-a4", "birth-76-ledger", "birth-76-ledger-single", "death-83-half"),
    "marriage-158-two-columns",
}
RIGHT = {
    "form": "death-office", "name": "Sổ khai tử", "kind": "KT", "era": "83", "years": [1999, 2006],
    "provenance": "recalled", "layout": "lines", "headings": ["KHAI TỬ"],
    "items": [
        {"labels": ["Số"], "field": "entry_number"},
        {"labels": ["Họ và tên"], "field": "deceased_full_name"},
        {"labels": ["Ghi chú"], "field": "notes", "column": "margin", "optional": True},
    ],
}  # fmt: skip


def written(tmp_path: Path, form: dict[str, object]) -> Path:
    path = tmp_path / "office.yaml"
    path.write_text(yaml.safe_dump(form, allow_unicode=True), "utf-8")
    return path


def test_every_era_has_a_form_of_every_kind() -> None:
    have = {(form.era, form.kind) for form in FORMS.values()}
    assert have == {(era, kind) for era in ERAS for kind in Kind}
    assert set(FORMS) >= FIRST


def test_every_form_can_say_whose_entry_it_is_and_when_it_was_registered() -> None:
    for form in FORMS.values():
        assert {"entry_number", "registration_date", "notes"} <= set(form.fields), form.form
        assert all(len(set(part.labels)) == len(part.labels) for part in form.parts), form.form
        assert len(form.headings) == len(set(form.headings)), form.form


def test_fields_stand_in_books_of_their_kind_only() -> None:
    people = {
        Kind.BIRTH: ("child_", "father_", "mother_"),
        Kind.MARRIAGE: ("husband_", "wife_"),
        Kind.DEATH: ("deceased_", "death_"),
    }
    for form in FORMS.values():
        strangers = [p for kind, own in people.items() if kind is not form.kind for p in own]
        assert not [n for n in form.fields if n.startswith(tuple(strangers))], form.form


def test_a_new_form_of_an_office_loads(tmp_path: Path) -> None:
    form = load_form(written(tmp_path, RIGHT))
    assert form.fields == ("entry_number", "deceased_full_name", "notes")
    assert margin_side(form) == "right"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"kind": "XX"}, "XX"),
        ({"era": "1999"}, "04CP"),
        ({"form": "Khai tử"}, "Khai tử"),
        ({"years": [2006, 1999]}, "2006"),
        ({"layout": "ledger"}, "columns"),
        ({"columns": [{"labels": ["Số"], "field": "entry_number"}]}, "columns"),
        ({"titel": "x"}, "titel"),
        ({"items": [{"labels": ["Số"], "field": "entry_number"}]}, "deceased_full_name"),
        ({"items": [*RIGHT["items"], {"labels": ["Số"], "field": "entry_number"}]}, "entry_number"),
        ({"items": [*RIGHT["items"], {"labels": ["Tuổi"], "field": "agee"}]}, "age"),
        ({"items": [*RIGHT["items"], {"labels": []}]}, "items 4"),
        ({"items": [*RIGHT["items"], {"labels": [" "]}]}, "items 4"),
        ({"items": [*RIGHT["items"], {"labels": ["Nam"], "column": "left"}]}, "left"),
        ({"items": [*RIGHT["items"], {"labels": ["Đúng hạn"], "ticks": "registration_kind"}]},
         "Đúng hạn"),
        ({"items": [*RIGHT["items"], {"labels": ["Nghề"], "field": "occupation", "lines": 40}]},
         "Nghề"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_wrong_form_says_what_is_wrong(
    change: dict[str, object],
    says: str,
    language: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HOTICH_LANGUAGE", language)
    with pytest.raises(FormFileError) as caught:
        load_form(written(tmp_path, {**RIGHT, **change}))
    assert says in caught.value.detail
    assert "office.yaml" in str(caught.value)
    assert "Value error" not in caught.value.detail


def test_ledgers_say_when_pages_and_columns_do_not_fit(tmp_path: Path) -> None:
    columns = [
        {"labels": ["Số"], "field": "entry_number"},
        {"labels": ["Họ và tên"], "field": "deceased_full_name", "page": "right"},
    ]
    ledger = {**RIGHT, "layout": "ledger", "columns": columns}
    del ledger["items"]
    with pytest.raises(FormFileError, match="opening"):
        load_form(written(tmp_path, ledger))
    columns[0]["page"] = "right"
    with pytest.raises(FormFileError, match="opening"):
        load_form(written(tmp_path, {**ledger, "opening": True}))


def test_two_files_with_one_id_are_refused(tmp_path: Path) -> None:
    (tmp_path / "forms").mkdir()
    for name in ("a", "b"):
        (tmp_path / "forms" / f"{name}.yaml").write_text(yaml.safe_dump(RIGHT), "utf-8")
    with pytest.raises(FormFileError, match="death-office"):
        load_forms(tmp_path)


@pytest.mark.parametrize("form", FORMS)
def test_every_form_can_be_drawn(form: str) -> None:
    picture = draw_form(FORMS[form], dpi=60)
    assert picture.dtype == np.uint8
    blue = (picture[..., 0].astype(int) - picture[..., 2]) > 60
    # The name of each field stands on the page in the pen's colour.
    assert blue.sum() > 12 * len(FORMS[form].fields)
    assert (picture[:, -2:] == 255).all()


def test_vietnamese_letters_need_no_font_of_the_machine() -> None:
    form = FORMS["birth-158-a4"]
    plain = form.model_copy(update={"headings": ("SO DANG KY",), "state_titles": (), "codes": ()})
    marked = plain.model_copy(update={"headings": ("SỔ ĐĂNG KÝ",)})
    one, other = (draw_form(each)[40:90] for each in (plain, marked))
    assert (one != other).any()


def test_the_commands_list_check_and_draw(tmp_path: Path) -> None:
    def hotich(*args: str) -> Result:
        return CliRunner().invoke(cli, ["forms", *args], env={"COLUMNS": "120"})

    assert all(name in hotich("list").output for name in FORMS)
    assert "nksHoTen" in hotich("list", "birth-87").output
    assert hotich("check").exit_code == 0
    target = tmp_path / "form.png"
    assert hotich("preview", str(written(tmp_path, RIGHT)), "--out", str(target)).exit_code == 0
    assert cv2.imread(str(target)) is not None
    wrong = hotich("check", str(written(tmp_path, {**RIGHT, "kind": "XX"})))
    assert isinstance(wrong.exception, FormFileError)
    unknown = hotich("preview", "birth-158-a5", "--out", str(target))
    assert isinstance(unknown.exception, InputError)
    assert "birth-158-a4" in unknown.exception.detail
    nowhere = hotich("preview", "birth-87", "--out", str(tmp_path / "no" / "form.png"))
    assert isinstance(nowhere.exception, InputError)


def test_ticks_name_a_field_and_a_value() -> None:
    ticks = [item for form in FORMS.values() for item in form.items if item.ticks]
    assert len(ticks) >= 12
    assert all(item.ticks in FIELDS and item.choice and not item.field for item in ticks)
