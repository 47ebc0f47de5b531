"""What a form file must hold beyond the type of each entry, and what is said where it does not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from pipeline.fields import PRINCIPAL_NAMES
from pipeline.texts import Text

if TYPE_CHECKING:
    from pipeline.form.schema import Form

_NEEDS = Text(
    "layout '{layout}' cần mục '{key}' (các nhãn in, theo thứ tự).",
    "layout '{layout}' needs '{key}' (the printed labels in order).",
)
_NOT_HERE = Text(
    "layout '{layout}' không dùng '{key}'; bỏ đi.",
    "layout '{layout}' has no use for '{key}'; drop it.",
)
_YEARS = Text(
    "years: năm đầu {first} lớn hơn năm cuối {last}.",
    "years: the first year {first} is after the last {last}.",
)
_TWICE = Text(
    "trường '{field}' ghi hai lần ({labels}); mỗi trường chỉ một chỗ trong một trường hợp.",
    "field '{field}' stands twice ({labels}); a field has one place in an entry.",
)
_NO_NAME = Text(
    "thiếu trường '{field}': không có họ tên thì trường hợp không của ai.",
    "field '{field}' is missing: without the name an entry is nobody's.",
)
_OPENING = Text(
    "opening: true cần ít nhất một cột 'page: left' và một cột 'page: right'.",
    "opening: true needs at least one column with 'page: left' and one with 'page: right'.",
)
_SINGLE = Text(
    "cột '{label}' ghi 'page: right' mà mẫu không có 'opening: true'.",
    "column '{label}' says 'page: right', but the form lacks 'opening: true'.",
)
_TICKS = Text(
    "ô đánh dấu '{label}' cần cả 'ticks' và 'choice', và không có 'field'.",
    "tick box '{label}' needs both 'ticks' and 'choice', and no 'field'.",
)
_HALVES = Text(
    "chỉ có 'column: {one}'; mẫu hai cột cần cả left và right.",
    "only 'column: {one}' is used; a form of two columns needs left and right.",
)


def faults(form: Form) -> Iterator[str]:
    """Sentences about what does not fit together in a form, none where all is well."""
    used, unused = ("items", "columns") if form.layout == "lines" else ("columns", "items")
    if not getattr(form, used):
        yield _NEEDS.format(layout=form.layout, key=used)
        return
    if getattr(form, unused):
        yield _NOT_HERE.format(layout=form.layout, key=unused)
    if form.layout == "ledger" and form.entries != 1:
        yield _NOT_HERE.format(layout=form.layout, key="entries")
    if form.years[0] > form.years[1]:
        yield _YEARS.format(first=form.years[0], last=form.years[1])
    for name, count in Counter(form.fields).items():
        if count > 1:
            labels = ", ".join(part.labels[0] for part in form.parts if part.field == name)
            yield _TWICE.format(field=name, labels=labels)
    for name in PRINCIPAL_NAMES[form.kind]:
        if name not in form.fields:
            yield _NO_NAME.format(field=name)
    yield from _of_items(form)
    yield from _of_columns(form)


def _of_items(form: Form) -> Iterator[str]:
    for item in form.items:
        if bool(item.ticks) != bool(item.choice) or (item.ticks and item.field):
            yield _TICKS.format(label=item.labels[0])
    halves = {item.column for item in form.items} & {"left", "right"}
    if len(halves) == 1:
        yield _HALVES.format(one=next(iter(halves)))


def _of_columns(form: Form) -> Iterator[str]:
    sides = {column.page for column in form.columns}
    if form.opening and form.columns and len(sides) == 1:
        yield _OPENING.format()
    for column in form.columns:
        if column.page == "right" and not form.opening:
            yield _SINGLE.format(label=column.labels[0])
