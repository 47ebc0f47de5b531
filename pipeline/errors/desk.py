"""What a person at the desk asked for and cannot have."""

from __future__ import annotations

from pipeline.errors.work import HotichError
from pipeline.texts import Text


class DeskError(HotichError):
    """What a person at the desk asked for cannot be done."""

    exit_code = 60
    message = Text("Không thực hiện được: {detail}", "This cannot be done: {detail}")
    advice = Text("Tải lại trang rồi thử lại.", "Load the page again and try once more.")


class UserError(DeskError):
    """A login name, role, scope or password that cannot be used."""

    exit_code = 61
    message = Text("Tài khoản không hợp lệ: {detail}", "The account cannot be used: {detail}")
    advice = Text("Sửa rồi thử lại; xem docs/desk.md.", "Correct it; see docs/desk.md.")


class BadValueError(DeskError):
    """Typed text that cannot be stored: too long, or with control characters."""

    exit_code = 62
    message = Text("Giá trị không dùng được: {detail}", "The value cannot be used: {detail}")
    advice = Text("Sửa ô này rồi lưu lại.", "Correct the field and save again.")


class LostHoldError(DeskError):
    """The entry is no longer in this person's hands."""

    exit_code = 63
    message = Text(
        "Trường hợp này không còn do bạn giữ. {detail}",
        "This entry is no longer in your hands. {detail}",
    )
    advice = Text(
        "Những gì đã gõ vẫn còn trong bản nháp; mở lại trường hợp.",
        "What you typed is kept as a draft; open the entry again.",
    )


class StaleEntryError(DeskError):
    """Somebody else, or the machine, has changed the entry since it was opened."""

    exit_code = 64
    message = Text(
        "Trường hợp này đã thay đổi từ khi bạn mở. {detail}",
        "This entry has changed since you opened it. {detail}",
    )
    advice = Text("So sánh hai giá trị rồi lưu lại.", "Compare both values, then save again.")


class OutOfReachError(DeskError):
    """It does not exist, or this person may not see it; which of the two is not said."""

    exit_code = 65
    message = Text("Không tìm thấy. {detail}", "Not found. {detail}")
    advice = Text(
        "Kiểm tra lại địa chỉ, hoặc hỏi người phụ trách về phạm vi được giao.",
        "Check the address, or ask your supervisor which units are yours.",
    )


class ReleasedError(DeskError):
    """It is signed off: only a recorded correction changes it."""

    exit_code = 68
    message = Text(
        "Đã duyệt, không sửa trực tiếp. {detail}", "Released, not to be edited. {detail}"
    )
    advice = Text(
        "Người phụ trách mở trường hợp và ghi đính chính kèm lý do.",
        "A supervisor opens the entry and records a correction with its reason.",
    )


class NotReleasableError(DeskError):
    """Something has to be settled before it may be signed off."""

    exit_code = 69
    message = Text("Chưa duyệt được: {detail}", "Cannot be released yet: {detail}")
    advice = Text(
        "Xử lý những mục còn lại rồi duyệt lại.", "Settle what is left, then release again."
    )


class DeskAddressError(DeskError):
    """The desk cannot listen where it should."""

    exit_code = 66
    message = Text(
        "Không mở được bàn nhập liệu tại {detail}", "The desk cannot be opened at {detail}"
    )
    advice = Text("Đặt HOTICH_DESK_PORT khác.", "Set another HOTICH_DESK_PORT.")


class IntakeError(DeskError):
    """A delivery, a page or a plan that cannot be taken as it is."""

    exit_code = 70
    message = Text("Không nhận được: {detail}", "It cannot be taken: {detail}")
    advice = Text("Sửa rồi gửi lại.", "Correct it and send it again.")
