"""The error that supervisors allow: what each target means, and setting another one."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from desk.guard import Desk, Supervisor, TheDesk
from desk.i18n import _
from desk.review.shown import FIELD_TYPES, in_language
from desk.templating import render
from models.targets import (
    NEWEST,
    decision_in_force,
    learn_bars,
    set_target,
    target_history,
    targets_set,
    values_at_hand,
)
from pipeline.checks.acceptance import HAND, scale_of
from pipeline.checks.at_hand import MOST_TARGET, TARGETS, AtHand
from pipeline.errors import BadValueError, OutOfReachError
from pipeline.fields import FieldType
from pipeline.settings import load_thresholds
from pipeline.texts import language

router = APIRouter(prefix="/quality/targets")
_KEEP_SECONDS = 300.0
_SHOWN = 30


@dataclass
class _Kept:
    """Values counted a while ago: a plan need not be of this second."""

    of: dict[tuple[int, str], tuple[float, AtHand]] = field(default_factory=dict)


_kept = _Kept()


@router.get("")
def targets(request: Request, desk: TheDesk, user: Supervisor, fresh: bool = False) -> Response:
    """Each field type with its target, what follows, and what others would cost."""
    thresholds = decision_in_force(desk.database, desk.settings.config)
    shipped = load_thresholds(desk.settings.config).decision
    found, at = _at_hand(desk, fresh=fresh)
    own = targets_set(desk.database)
    rows: list[dict[str, Any]] = []
    for type_ in FieldType:
        target = thresholds.target(type_)
        targets = sorted({target, *TARGETS})
        scales: list[dict[str, Any]] = [
            {"plans": plans, "now": plans[targets.index(target)], "hand": reader == HAND}
            for reader in ("", HAND)
            if (plans := found.rows(scale_of(type_, reader), targets, thresholds))
        ]
        rows.append(
            {
                "type": type_.value,
                "name": in_language(FIELD_TYPES[type_], language()),
                "target": target,
                "shipped": shipped.target(type_),
                "set": own.get(type_),
                "scales": scales,
                "fields": sum(one["now"].fields for one in scales),
            }
        )
    rows.sort(key=lambda row: -row["fields"])
    now = [one["now"] for row in rows for one in row["scales"]]
    return render(
        request, "targets.html", rows=rows, at=at, newest=NEWEST, most=MOST_TARGET,
        seconds=thresholds.seconds_a_field, history=target_history(desk.database, _SHOWN),
        names={type_.value: in_language(FIELD_TYPES[type_], language()) for type_ in FieldType},
        hours=sum(one.hours for one in now), may_set=user.sees_all,
        fields=sum(one.fields for one in now), accepted=sum(one.accepted for one in now),
    )  # fmt: skip


@router.post("/learn")
def learn(desk: TheDesk, user: Supervisor) -> Response:
    """The bars from the office's own values, from the books to come on."""
    if not user.sees_all:
        raise OutOfReachError()
    found, _at = _at_hand(desk, fresh=True)
    learn_bars(desk.database, found, desk.settings.resolved_home, actor=user.login)
    _kept.of.clear()
    return RedirectResponse("/quality/targets", 303)


@router.post("/{field_type}")
def put(
    desk: TheDesk,
    user: Supervisor,
    field_type: str,
    target: Annotated[str, Form(max_length=12)] = "",
    reason: Annotated[str, Form(max_length=500)] = "",
    back: Annotated[bool, Form()] = False,
) -> Response:
    """Another target of a type, or back to that of the file."""
    share = None if back else _share(target)
    set_target(desk.database, user, field_type, share, reason)
    return RedirectResponse(f"/quality/targets#t-{field_type}", 303)


def _at_hand(desk: Desk, *, fresh: bool) -> tuple[AtHand, float]:
    home = desk.settings.resolved_home
    key = (id(desk.database), str(home))
    kept = _kept.of.get(key)
    if kept is None or fresh or time.time() - kept[0] > _KEEP_SECONDS:
        kept = (time.time(), values_at_hand(desk.database, desk.settings.config, home))
        _kept.of.clear()
        _kept.of[key] = kept
    return kept[1], kept[0]


def _share(text: str) -> float:
    """``0,5`` per cent as a share.

    Raises:
        BadValueError: no plain number.
    """
    plain = text.replace("%", "").replace(",", ".").strip()
    digits = plain.removeprefix("-").replace(".", "", 1)
    if not (digits.isascii() and digits.isdecimal()):
        raise BadValueError(_("A target is a number, such as 0.5, in per cent."))
    return round(float(plain) / 100, 6)
