"""What is written beside a batch of a watched folder: what was taken, what was not, and why."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from models.clock import HERE
from models.deliveries import DeliveryView
from models.states import DeliveryState
from pipeline.texts import Language, Text, spoken

_TITLE = Text("KẾT QUẢ NHẬN LÔ", "WHAT BECAME OF THE BATCH")
_STATES = {
    DeliveryState.QUEUED: Text(
        "Đã vào hàng đợi: lô số {batch}.", "In the queue: batch {batch}."
    ),
    DeliveryState.CHECKED: Text(
        "Chưa nhận: mở trang Các lô, kiểm tra và xác nhận (đợt giao số {delivery}), "
        "hoặc sửa rồi đưa lại.",
        "Not taken yet: open the page Batches, check and confirm (delivery {delivery}), "
        "or correct it and put it here again.",
    ),
    DeliveryState.FAILED: Text(
        "Bị từ chối (đợt giao số {delivery}). Sửa rồi đưa lại.",
        "Refused (delivery {delivery}). Correct it and put it here again.",
    ),
    DeliveryState.WITHDRAWN: Text(
        "Đã được rút lại (đợt giao số {delivery}).", "Taken back (delivery {delivery})."
    ),
}  # fmt: skip
_TAKEN = Text("Sổ nhận được: {n}", "Books taken: {n}")
_GOOD = Text("Sổ dùng được: {n}", "Books that can be used: {n}")
_SCANS = Text("{n} ảnh", "{n} scans")
_REFUSED = Text("Bị từ chối: {n}", "Refused: {n}")
_WAITS = Text("Lô còn chờ: {why}", "The batch still waits: {why}")
_AGAIN = Text(
    "Lô y nguyên sẽ không được nhận lần hai; muốn thử lại nguyên lô, đặt lại tệp XONG.",
    "The very same batch is not taken twice; to try it again as it is, put the file XONG anew.",
)


def answer(place: str, delivery: DeliveryView) -> str:
    """The whole answer in Vietnamese, then in English."""
    return "\r\n".join([*_said(place, delivery, "vi"), "", "-" * 40, "",
                        *_said(place, delivery, "en"), ""])  # fmt: skip


def waiting_answer(place: str, why: str) -> str:
    """Why a complete batch is not taken yet."""
    moment = f"{datetime.now(HERE):%d.%m.%Y %H:%M}"
    return "\r\n".join([_TITLE.vi, f"{place} · {moment}", _WAITS.vi.format(why=why), ""])


def _said(place: str, delivery: DeliveryView, language: Language) -> list[str]:
    token = spoken.set(language)
    try:
        lines = [
            str(_TITLE), f"{place} · {delivery.changed_at.astimezone(HERE):%d.%m.%Y %H:%M}", "",
            _STATES[delivery.state].format(batch=delivery.batch_id, delivery=delivery.id), "",
        ]  # fmt: skip
        good = [book for book in delivery.books if book.get("scans") and not book.get("error")]
        if good:
            title = _TAKEN if delivery.state is DeliveryState.QUEUED else _GOOD
            lines.append(title.format(n=len(good)))
            for book in good:
                names = " ".join(str(book[key]) for key in ("unit", "kind", "year", "volume"))
                lines.append(f"  + {book['path']}: {names}, {_SCANS.format(n=book['scans'])}")
                lines.append(f"      SHA-256 {book['digest']}")
            lines.append("")
        refused = _refused(delivery, language)
        if refused:
            lines.append(_REFUSED.format(n=len(refused)))
            for what, advice in refused:
                lines += [f"  - {what}", *([f"      {advice}"] if advice else [])]
            lines += ["", str(_AGAIN)]
        return lines
    finally:
        spoken.reset(token)


def _refused(delivery: DeliveryView, language: Language) -> list[tuple[str, str]]:
    said: list[dict[str, Any]] = list(delivery.report.get("refused", ()))
    known = {one[language]["what"] for one in said}
    said += [
        book["error"]
        for book in delivery.books
        if book.get("error") and book["error"][language]["what"] not in known
    ]
    return [(one[language]["what"], one[language].get("advice", "")) for one in said]
