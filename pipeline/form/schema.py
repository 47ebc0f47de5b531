"""Forms as data: what is printed on a register page and in which order, never where.

One YAML file a form in ``ocr_config/forms``; docs/forms.md explains it to an office.
Positions are learned from the book's own pages, because printers differ.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal, get_args

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
from pipeline.form.form_rules import faults
from pipeline.texts import Text
from pipeline.types import Kind

_TWICE = Text(
    "mã mẫu '{id}' đã dùng ở tệp khác; đặt mã khác cho mục 'form'.",
    "form id '{id}' is used by another file; give 'form' another one.",
)


_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""Safe as ever; the one in C reads all forms in a fifth of the time, at every start."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _known(name: str) -> str:
    if name and name not in FIELDS:
        raise PydanticCustomError("unknown_field", "unknown field {field}", {"field": name})
    return name


FieldName = Annotated[str, AfterValidator(_known)]
"""Empty, or a name of ``pipeline.fields``."""
Label = Annotated[str, Field(min_length=1, pattern=r"\S")]
Labels = Annotated[tuple[Label, ...], Field(min_length=1)]
"""Spelling variants of a printed label, the usual one first."""
Era = Literal["FR", "T1", "764", "04CP", "76", "87", "83", "158", "15"]
"""Name of the law or time the form is of (``registers.md`` 2.0; docs/forms.md lists them)."""
ERAS: tuple[str, ...] = get_args(Era)
"""All eras, oldest first."""


class Item(_Part):
    """A printed label on a labelled form and the field written behind it.

    ``labels`` are spelling variants, the usual one first. Without ``field`` the item is a
    printed heading that only helps to find the way. ``lines`` is how many dotted lines the
    writing may take. ``column`` says on which half of a two-column block it stands, or that it
    stands in the margin, a column beside the whole entry (left of it where it is the first item).

    ``ticks`` makes it a box to tick instead: the label stands behind a small square, and a mark
    in the square gives the field named by ``ticks`` the value ``choice``.
    """

    labels: Labels
    field: FieldName = ""
    lines: int = Field(default=1, ge=1, le=12)
    column: Literal["", "left", "right", "margin"] = ""
    optional: bool = False
    ticks: FieldName = ""
    choice: str = ""


class Column(_Part):
    """A column of a ledger: its heading (variants), the heading above a group, its field."""

    labels: Labels
    field: FieldName = ""
    group: tuple[str, ...] = ()
    page: Literal["left", "right"] = "left"
    """Side of the opening; a ledger on single pages has only ``left``."""
    lines: int = Field(default=1, ge=1, le=12)
    optional: bool = False


class Form(_Part):
    """A register form: era, kind, layout and printed labels in reading order."""

    form: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    name: str
    kind: Kind
    era: Era
    years: tuple[int, int]
    provenance: Literal["verified", "recalled"]
    layout: Literal["lines", "ledger"]
    """``lines``: labels followed by dotted lines · ``ledger``: ruled columns, one entry a row."""
    opening: bool = False
    """True where an entry runs over both pages of an opening scanned in one shot."""
    entries: int = Field(default=1, ge=1, le=12)
    """Entry blocks on a page of a ``lines`` form; a ledger's rows are counted on the page."""
    headings: tuple[str, ...] = ()
    state_titles: tuple[str, ...] = ()
    """What the state calls itself above the heading; `` / `` stands for a new line."""
    offices: tuple[str, ...] = ()
    """Who keeps the book, as printed in the corner, where that was so called in this time only."""
    codes: tuple[str, ...] = ()
    """Numbers of the form, as printed in a corner of the page (TP/HT-2010-KS)."""
    items: tuple[Item, ...] = ()
    columns: tuple[Column, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Form:
        found = " ".join(faults(self))
        if found:
            raise PydanticCustomError("form_fault", "{message}", {"message": found})
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
        data = yaml.load(path.read_text("utf-8"), Loader=_LOADER)
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
