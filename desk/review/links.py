"""A link between two entries in words: what it may be, the facts side by side, what they weigh."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime

from models.linked import LinkedEntry, LinkedPair
from models.states import LinkState
from pipeline.checks.linking.blocks import Relation
from pipeline.checks.linking.find import Reason
from pipeline.checks.linking.told import brief
from pipeline.texts import Text
from pipeline.types import Kind

_STEPS = (10.0, 5.0)
"""Bits from which what is said counts as very strong, and as strong."""
_SURE = 0.999
"""No chance is told as more than this: it is reckoned, not known."""
_SECOND_COPY = Text("Có thể là bản thứ hai", "Maybe the second copy")
_TWICE = Text("Có thể là cùng một việc, ghi hai lần", "Maybe one act, written twice")
_ACTS = {
    Kind.BIRTH: Text("Có thể là khai sinh", "Maybe the birth"),
    Kind.MARRIAGE: Text("Có thể là đăng ký kết hôn", "Maybe a marriage"),
    Kind.DEATH: Text("Có thể là khai tử", "Maybe the death"),
}
_OF = {
    "child": Text("của người này", "of this person"),
    "husband": Text("của người chồng", "of the husband"),
    "wife": Text("của người vợ", "of the wife"),
    "deceased": Text("của người chết", "of the deceased"),
}
_AS = {"husband": Text(" (là chồng)", " (as husband)"), "wife": Text(" (là vợ)", " (as wife)")}
_LABELS = {
    "name": Text("Họ tên", "Name"),
    "born": Text("Ngày sinh", "Birth date"),
    "sex": Text("Giới tính", "Sex"),
    "unit": Text("Đơn vị", "Unit"),
    "number": Text("Số / năm mở sổ", "No. / year of the book"),
}
_EVENTS = {
    Kind.BIRTH: Text("Ngày sinh", "Birth date"),
    Kind.MARRIAGE: Text("Ngày đăng ký", "Registered on"),
    Kind.DEATH: Text("Ngày chết", "Date of death"),
}
_OTHERS = {
    "child": Text("Họ tên mẹ", "Mother's name"),
    "husband": Text("Họ tên vợ", "Wife's name"),
    "wife": Text("Họ tên chồng", "Husband's name"),
}
_SOMEBODY = Text("Người liên quan", "Somebody beside")
_BY = {
    "husband": Text(", theo người chồng", ", by the husband"),
    "wife": Text(", theo người vợ", ", by the wife"),
}
_DATES = ("born", "event")


@dataclass(frozen=True)
class Evidence:
    """One thing that is compared; ``steps`` 1 to 3 for (above 0) or against (below) one person."""

    label: str
    own: str
    other: str
    dated: bool
    """Both are EDTF dates."""
    said: str
    steps: int
    points: str


@dataclass(frozen=True)
class LinkView:
    """A link seen from one of its entries. ``chance`` is a share; ``points`` their sum."""

    id: int
    title: str
    own: LinkedEntry
    other: LinkedEntry
    chance: float
    points: str
    evidence: tuple[Evidence, ...]
    person: bool
    """Acts of one life, not one act written twice."""
    state: LinkState
    by: str
    at: datetime | None
    told: tuple[tuple[str, str, bool], ...]
    """What else the other entry says of the act: label, value, whether it is an EDTF date."""
    open: str = ""
    """Address of the other entry, where this person may open it."""


def link_view(pair: LinkedPair, entry_id: int | None = None, open_: str = "") -> LinkView:
    """The link as it is told.

    Args:
        pair: the link.
        entry_id: from which entry it is seen; by default the first.
        open_: address of the other entry.
    """
    own, other = pair.first, pair.second
    if entry_id == other.entry_id:
        own, other = other, own
    return LinkView(
        pair.id, _title(pair, own, other), own, other, min(pair.probability, _SURE),
        points(pair.weight), tuple(_evidence(one, own, other) for one in pair.reasons),
        pair.relation is Relation.PERSON, pair.state, pair.person, pair.at,
        _told(pair, other), open_,
    )  # fmt: skip


def points(weight: float) -> str:
    """``+14``, ``−3`` or ``0``."""
    whole = round(weight)
    return f"{whole:+d}".replace("-", "−") if whole else "0"


def _title(pair: LinkedPair, own: LinkedEntry, other: LinkedEntry) -> str:
    if pair.relation is Relation.PERSON:
        as_ = str(_AS[other.role]) if other.role in _AS else ""
        return f"{_ACTS[other.kind]} {_OF[own.role]}{as_}"
    by = str(_BY[own.role]) if own.role in _BY else ""
    numbered = any(one.what == "number" and one.level == "same" for one in pair.reasons)
    return f"{_SECOND_COPY if numbered and own.book != other.book else _TWICE}{by}"


def _told(pair: LinkedPair, other: LinkedEntry) -> tuple[tuple[str, str, bool], ...]:
    """Of acts of one life nothing is compared but the person: the act itself is told beside."""
    if pair.relation is not Relation.PERSON:
        return ()
    facts = [(str(_EVENTS[other.kind]), other.facts.event, True)]
    if other.role in _OTHERS:
        facts.append((str(_OTHERS[other.role]), other.facts.other, False))
    return tuple(one for one in facts if one[1])


def _evidence(one: Reason, own: LinkedEntry, other: LinkedEntry) -> Evidence:
    size = abs(one.weight)
    steps = 3 if size >= _STEPS[0] else 2 if size >= _STEPS[1] else 1 if round(size) else 0
    return Evidence(
        _label(one.what, own), _fact(one.what, own), _fact(one.what, other), one.what in _DATES,
        brief(one), int(math.copysign(steps, one.weight)), points(one.weight),
    )  # fmt: skip


def _label(what: str, own: LinkedEntry) -> str:
    if what == "event":
        return str(_EVENTS[own.kind])
    return str(_OTHERS.get(own.role, _SOMEBODY) if what == "other" else _LABELS[what])


def _fact(what: str, of: LinkedEntry) -> str:
    if what == "unit":
        return of.unit
    if what == "number":
        return f"{of.number or '?'} / {of.year}"
    return str(getattr(of.facts, what))
