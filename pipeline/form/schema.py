"""Forms as data: what is printed on a register page and in which order, never where.

One YAML file a form in ``ocr_config/forms``; docs/forms.md explains it to an office.
Positions are learned from the book's own pages, because printers differ.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)
from pydantic_core import PydanticCustomError

from pipeline.errors import FormFileError
from pipeline.fields import FIELDS
from pipeline.form.form_errors import explain, explain_yaml
from pipeline.texts import Text
from pipeline.types import Kind

_TWICE = Text(
    "mã mẫu '{id}' đã dùng ở tệp khác; đặt mã khác cho mục 'form'.",
    "form id '{id}' is used by another file; give 'form' another one.",
)


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _known(name: str) -> str:
    if name and name not in FIELDS:
        raise PydanticCustomError("unknown_field", "unknown field {field}", {"field": name})
    return name


FieldName = Annotated[str, AfterValidator(_known)]
"""Empty, or a name of ``pipeline.fields``."""


class Item(_Part):
    """A printed label on a labelled form and the field written behind it.

    ``labels`` are spelling variants, the usual one first. Without ``field`` the item is a
    printed heading that only helps to find the way. ``lines`` is how many dotted lines the
    writing may take. ``column`` says on which half of a two-column block it stands.
    """

    labels: tuple[str, ...] = Field(min_length=1)
    field: FieldName = ""
    lines: int = Field(default=1, ge=1, le=12)
    column: Literal["", "left", "right"] = ""
    optional: bool = False


class Column(_Part):
    """A column of a ledger: its heading (variants), the heading above a group, its field."""

    labels: tuple[str, ...] = Field(min_length=1)
    field: FieldName = ""
    group: tuple[str, ...] = ()
    page: Literal["left", "right"] = "left"
    """Side of the opening; a ledger on single pages has only ``left``."""
    lines: int = Field(default=1, ge=1, le=12)
    optional: bool = False


class Form(_Part):
    """A register form: era, kind, layout and printed labels in reading order."""

    form: str
    name: str
    kind: Kind
    era: str
    years: tuple[int, int]
    provenance: Literal["verified", "recalled"]
    layout: Literal["lines", "ledger"]
    """``lines``: labels followed by dotted lines · ``ledger``: ruled columns, one entry a row."""
    opening: bool = False
    """True where an entry runs over both pages of an opening scanned in one shot."""
    entries: int = Field(default=1, ge=1)
    """Entry blocks on a page of a ``lines`` form; a ledger's rows are counted on the page."""
    headings: tuple[str, ...] = ()
    items: tuple[Item, ...] = ()
    columns: tuple[Column, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Form:
        if self.layout == "lines" and not self.items:
            raise ValueError("layout 'lines' needs items")
        if self.layout == "ledger" and not self.columns:
            raise ValueError("layout 'ledger' needs columns")
        return self

    @property
    def parts(self) -> tuple[Item | Column, ...]:
        """Items or columns, whichever the layout has."""
        return self.items or self.columns

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of the fields of one entry, in printed order."""
        return tuple(part.field for part in self.parts if part.field)


def load_form(path: Path) -> Form:
    """One form file.

    Raises:
        FormFileError: not YAML, or not a form; says which entry.
    """
    data = None
    try:
        data = yaml.safe_load(path.read_text("utf-8"))
        return Form.model_validate(data)
    except yaml.YAMLError as error:
        raise FormFileError(explain_yaml(error), where=str(path)) from error
    except ValidationError as error:
        keys = sorted({*Form.model_fields, *Item.model_fields, *Column.model_fields})
        raise FormFileError(explain(error, data, keys, FIELDS), where=str(path)) from error
    except (OSError, UnicodeDecodeError) as error:
        raise FormFileError(str(error), where=str(path)) from error


@lru_cache(maxsize=8)
def load_forms(config: Path) -> dict[str, Form]:
    """All forms of an ``ocr_config`` folder by id, in order of file name.

    Raises:
        FormFileError: a file is wrong, or two files carry one id.
    """
    forms: dict[str, Form] = {}
    for path in sorted((config / "forms").glob("*.yaml")):
        form = load_form(path)
        if form.form in forms:
            raise FormFileError(_TWICE.format(id=form.form), where=str(path))
        forms[form.form] = form
    return forms
