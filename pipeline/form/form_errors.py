"""What is wrong with a form file, said so that an office can mend it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import yaml
from pydantic import ValidationError
from rapidfuzz.process import extractOne

from pipeline.texts import Text

_MISSING = Text("{where}: thiếu '{key}'; thêm vào.", "{where}: '{key}' is missing; add it.")
_UNKNOWN_KEY = Text(
    "{where}: không có mục '{key}'; có lẽ là '{nearest}'.",
    "{where}: there is no entry '{key}'; probably '{nearest}' is meant.",
)
_UNKNOWN_FIELD = Text(
    "{where}: không có trường '{key}'; có lẽ là '{nearest}' (xem docs/data-dictionary.md).",
    "{where}: there is no field '{key}'; probably '{nearest}' is meant (docs/data-dictionary.md).",
)
_ONE_OF = Text(
    "{where}: '{value}' không dùng được; ghi một trong: {allowed}.",
    "{where}: '{value}' cannot be used; write one of: {allowed}.",
)
_FORM_ID = Text(
    "{where}: '{value}' không dùng làm mã được; chỉ chữ thường không dấu, số và gạch nối.",
    "{where}: '{value}' cannot be an id; only small plain letters, digits and hyphens.",
)
_NO_TEXT = Text(
    "{where}: nhãn trống; ghi chữ in trên mẫu.", "{where}: an empty label; write the printed words."
)
_OTHER = Text("{where}: {message} (đang ghi {value}).", "{where}: {message} (it says {value}).")
_YAML = Text(
    "dòng {line}: không đúng cú pháp YAML ({problem}); kiểm tra dấu ngoặc, dấu phẩy, thụt dòng.",
    "line {line}: this is not YAML ({problem}); check brackets, commas and indents.",
)
_EMPTY = Text("tệp rỗng; chép một tệp mẫu có sẵn.", "the file is empty; copy an existing form.")


def explain_yaml(error: yaml.YAMLError) -> str:
    """A syntax error with its line."""
    mark = getattr(error, "problem_mark", None)
    line = mark.line + 1 if mark else "?"
    return _YAML.format(line=line, problem=getattr(error, "problem", None) or str(error))


def explain(error: ValidationError, data: Any, keys: Sequence[str], fields: Iterable[str]) -> str:
    """All that is wrong with the entries of a form file, one sentence each.

    Args:
        error: what pydantic found.
        data: the file's content, to name an entry by its label.
        keys: entries that a form, an item or a column may have.
        fields: known field names.
    """
    if not isinstance(data, dict):
        return _EMPTY.format()
    return " ".join(_sentence(dict(e), data, keys, fields) for e in error.errors())


def _sentence(
    one: dict[str, Any], data: dict[str, Any], keys: Sequence[str], fields: Iterable[str]
) -> str:
    path = [part for part in one["loc"] if part != "function-after"]
    value, kind = one.get("input"), one["type"]
    if kind == "missing":
        return _MISSING.format(where=_entry(path[:-1], data), key=path[-1])
    if kind == "extra_forbidden":
        key = str(path[-1])
        return _UNKNOWN_KEY.format(
            where=_entry(path[:-1], data), key=key, nearest=_nearest(key, keys)
        )
    where = _entry(path, data)
    if kind == "unknown_field":
        name = str(one["ctx"]["field"])
        return _UNKNOWN_FIELD.format(where=where, key=name, nearest=_nearest(name, list(fields)))
    if kind in ("literal_error", "enum"):
        return _ONE_OF.format(where=where, value=value, allowed=one["ctx"]["expected"])
    if kind == "form_fault":
        return str(one["ctx"]["message"])
    if kind == "string_pattern_mismatch" and path[-1:] == ["form"]:
        return _FORM_ID.format(where=where, value=value)
    if kind in ("string_too_short", "string_pattern_mismatch"):
        return _NO_TEXT.format(where=where)
    if isinstance(value, (dict, list)):
        return f"{where}: {one['msg']}."
    return _OTHER.format(where=where, message=one["msg"], value=repr(value))


def _nearest(name: str, known: Sequence[str]) -> str:
    match = extractOne(name, known)
    return match[0] if match else "?"


def _entry(path: Sequence[Any], data: Any) -> str:
    """Place of an entry, counted from 1, with its first label: ``items 3 (Nam/Nữ) lines``."""
    words: list[str] = []
    for part in path:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            data = None
        if isinstance(part, int):
            labels = data.get("labels") if isinstance(data, dict) else None
            name = f" ({labels[0]})" if isinstance(labels, list) and labels else ""
            words.append(f"{part + 1}{name}")
        else:
            words.append(str(part))
    return " ".join(words) or "form"
