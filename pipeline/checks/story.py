"""Why a field is what it is: where read, as what, on whose word, and why accepted or not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.checks.acceptance import Bars
from pipeline.checks.borne_out import GIVEN, given
from pipeline.checks.other_texts import INK_ALONE, READ_AS, OtherText, other_texts
from pipeline.checks.rules import explain, is_soft
from pipeline.checks.sampling import SAMPLED, STOPPED
from pipeline.checks.told import book_text, sign_text, witness_text
from pipeline.checks.witnesses import (
    AGREES,
    BOOK,
    DIFFERS,
    LENT,
    OWN,
    SPEAKS_AGAINST,
    SPEAKS_FOR,
    SPELLING,
    own,
)
from pipeline.fields import FIELDS
from pipeline.texts import Text
from pipeline.types import Decision, FieldResult, Finding, ValueState

_WITNESSES = {
    AGREES: Text("giống {name}", "agrees with {name}"),
    DIFFERS: Text("khác {name}", "differs from {name}"),
    SPEAKS_FOR: Text("thuận: {name}", "for it: {name}"),
    SPEAKS_AGAINST: Text("nghịch (không thấy): {name}", "against it (not seen): {name}"),
}
_WITNESSES[LENT] = Text("chắc như {name}", "as sure as {name}")
_STATES = {
    ValueState.BLANK: Text("ô trống", "the cell is empty"),
    ValueState.UNREADABLE: Text("có chữ nhưng không đọc được", "there is ink that was not read"),
    ValueState.STRUCK: Text("chữ bị gạch bỏ", "the writing is struck through"),
}


@dataclass(frozen=True)
class FieldExplained:
    """One field, every step of its way said."""

    field: str
    literal: str
    ink_alone: str
    """What the ink alone says, where a list or a grammar chose another text; else empty."""
    alternatives: tuple[OtherText, ...]
    value: str | None
    state: str
    raw: float
    """The reader's own figure."""
    shipped: float
    """Calibrated, and lowered where the text broke its field's grammar."""
    by_itself: float
    """The same as this office's own reviewed fields bear it out (``hotich calibrate``)."""
    probability: float
    """With all witnesses."""
    witnesses: tuple[str, ...]
    rules: tuple[str, ...]
    reasons: tuple[str, ...]
    """What normalizing noted."""
    decision: str
    bar: float
    why: str


def explain_field(field: FieldResult, findings: Sequence[Finding], bars: Bars) -> FieldExplained:
    """The story of a machine's field.

    Args:
        field: as finishing the book left it.
        findings: of its entry.
        bars: those in force now; the decision may be older.
    """
    spoke = [finding for finding in findings if field.field in finding.fields]
    kept, witnesses, ink = [], [], ""
    for reason in field.reasons:
        key, equals, rest = reason.partition("=")
        if key + equals in _WITNESSES:
            said = sign_text if key + equals in (SPEAKS_FOR, SPEAKS_AGAINST) else witness_text
            witnesses.append(_WITNESSES[key + equals].format(name=said(rest)))
        elif key + equals == BOOK:
            witnesses.append(book_text(rest))
        elif key + equals == INK_ALONE:
            ink = rest
        elif key + equals not in (READ_AS, OWN, GIVEN, SPELLING):
            kept.append(reason)
    bar = bars.of(FIELDS[field.field].type.value, field.reader)
    return FieldExplained(
        field=field.field,
        literal=field.literal,
        ink_alone=ink,
        alternatives=tuple(other_texts(field.reasons, READ_AS)),
        value=field.value,
        state=str(field.state),
        raw=field.raw_confidence,
        shipped=given(field),
        by_itself=own(field),
        probability=field.confidence,
        witnesses=tuple(witnesses),
        rules=tuple(f"{finding.rule}: {explain(finding)}" for finding in spoke),
        reasons=tuple(kept),
        decision=str(field.decision),
        bar=bar,
        why=_why(field, spoke, bar),
    )


def _why(field: FieldResult, spoke: Sequence[Finding], bar: float) -> str:
    hard = [finding.rule for finding in spoke if not is_soft(finding)]
    stop = next((r.removeprefix(STOPPED) for r in field.reasons if r.startswith(STOPPED)), "")
    figures = {"p": f"{field.confidence:.4f}", "bar": f"{bar:.4f}"}
    if field.decision is Decision.RESCAN:
        return Text("phải quét lại", "to be scanned again").format()
    if hard:
        text = Text("quy tắc phản đối: {rules}", "a rule objects: {rules}")
        return text.format(rules=", ".join(hard))
    if stop:
        text = Text(
            "tự nhận đã dừng: mẫu kiểm tra sai nhiều hơn mức cho phép ({what})",
            "acceptance has stopped: the sample is wrong more often than allowed ({what})",
        )
        return text.format(what=stop)
    if SAMPLED in field.reasons:
        return Text("được rút vào mẫu kiểm tra", "drawn for the blind sample").format()
    if field.state in _STATES:
        return str(_STATES[field.state])
    if field.value is None:
        return Text("không hiểu được nghĩa", "its meaning was not understood").format()
    if field.decision is Decision.ACCEPTED:
        text = Text("xác suất {p} đạt ngưỡng {bar}", "probability {p} passes the bar {bar}")
    else:
        text = Text("xác suất {p} dưới ngưỡng {bar}", "probability {p} is below the bar {bar}")
    if field.decision is Decision.ACCEPTED and field.confidence < bar:
        text = Text(
            "nhận theo ngưỡng khi đó; nay xác suất {p} dưới ngưỡng {bar}",
            "accepted by the bar of that time; now probability {p} is below the bar {bar}",
        )
    elif bar > 1:
        text = Text(
            "loại trường này không tự nhận (xác suất {p})",
            "fields of this type are not accepted unseen (probability {p})",
        )
    return text.format(**figures)
