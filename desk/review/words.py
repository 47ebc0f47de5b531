"""Texts that the page's script shows, in the language of the page, and its table of keys."""

from __future__ import annotations

from typing import Any

from desk.review.shown import STATES, in_language
from pipeline.checks.voids import VOID
from pipeline.texts import Text
from pipeline.types import Kind

_KINDS = {
    Kind.BIRTH: Text("khai sinh", "births"),
    Kind.MARRIAGE: Text("kết hôn", "marriages"),
    Kind.DEATH: Text("khai tử", "deaths"),
}
_SOURCES = {
    "reader": Text("máy đọc", "reader"),
    "names": Text("tên thường gặp", "known names"),
    "gazetteer": Text("địa danh", "gazetteer"),
    "list": Text("danh mục", "list"),
}
_TEXTS: dict[str, Any] = {
    "typeIt": Text("gõ chữ trên sổ, hoặc - ? = \"", "type what is written, or - ? = \""),
    "look": Text("cần xem", "look"),
    "confirmed": Text("đã xác nhận", "confirmed"),
    "corrected": Text("đã sửa", "corrected"),
    "machine": Text("máy", "machine"),
    "sayWhat": Text(
        "Chưa có gì ở ô này: gõ chữ trên sổ, hoặc phím - (trống), ? (không đọc được)",
        "Nothing is said here yet: type it, or press - (blank), ? (unreadable)",
    ),
    "stillWaiting": Text("Còn {n} ô chưa xem.", "{n} fields are still to be looked at."),
    "keptHere": Text("đã giữ trong máy này", "kept on this computer"),
    "keptServer": Text("đã giữ trên máy chủ", "kept on the server"),
    "keptNowhere": Text("⚠ máy này không giữ được bản nháp", "⚠ this computer cannot keep drafts"),
    "saved": Text("đã lưu ✓", "saved ✓"),
    "notSaved": Text(
        "Chưa lưu được. Chữ đã gõ vẫn còn; thử lại.",
        "Not saved. What you typed is kept; try again.",
    ),
    "noNetwork": Text(
        "Mất liên lạc với máy chủ. Cứ làm tiếp: chữ đã gõ được giữ trong máy này và tự gửi lại.",
        "No connection to the server. Go on: what you type is kept here and sent again by itself.",
    ),
    "sessionEnded": Text(
        "Phiên làm việc đã hết. Chữ đã gõ vẫn còn. Nhấn Enter để đăng nhập lại.",
        "Your session has ended. What you typed is kept. Press Enter to log in again.",
    ),
    "lostHold": Text(
        "Người khác đã nhận trường hợp này. Chữ đã gõ vẫn còn. Enter: sang trường hợp khác.",
        "Somebody else has taken this entry. What you typed is kept. Enter: another entry.",
    ),
    "otherTab": Text(
        "Trường hợp này đang mở ở cửa sổ khác. Nhấn Enter để làm tiếp ở đây.",
        "This entry is open in another window. Press Enter to go on here.",
    ),
    "draftBack": Text("Đã mở lại bản nháp của bạn.", "Your draft is back."),
    "draftOld": Text(
        "Đã mở lại bản nháp; trong lúc đó trường hợp đã thay đổi. Khi lưu sẽ so từng ô.",
        "Your draft is back; the entry has changed meanwhile. Saving will compare field by field.",
    ),
    "voidWord": Text(VOID, VOID),
    "voided": Text(
        "Cả trường hợp được ghi là bị gạch bỏ (hủy). Alt+H lần nữa: không hủy.",
        "The whole entry stands as void (crossed out). Alt+H once more lifts it.",
    ),
    "notVoided": Text("Trường hợp không bị hủy.", "The entry is not void."),
    "voidNotHere": Text(
        "Ở lượt nhập thứ hai không ghi hủy: chuyển người phụ trách (Alt+L).",
        "Nothing is made void in a second keying: pass it to the supervisor (Alt+L).",
    ),
    "noLinks": Text(
        "Không có liên kết nào được gợi ý.", "No links with other entries are suggested."
    ),
    "linkNotKept": Text(
        "Chưa ghi được ý kiến về liên kết; thử lại.", "What you said of the link is not kept yet."
    ),
    "nothingEarlier": Text("Không còn gì để lùi.", "There is nothing further to take back."),
    "conflict": Text("{field}: hai giá trị khác nhau (còn {n})", "{field}: two values ({n} left)"),
    "yours": Text("bạn", "you"),
    "theirs": Text("{by} đã lưu", "saved by {by}"),
    "movedOn": Text(
        "Ở đây nay là “{text}”: xem rồi lưu lần nữa.",
        "“{text}” stands here now: look, and save once more.",
    ),
    "machines": Text("máy đọc lại", "read again by the machine"),
    "page": Text("Trang sổ", "Page"),
    "typing": {
        "telex": Text("Telex", "Telex"),
        "vni": Text("VNI", "VNI"),
        "off": Text("Tắt gõ tiếng Việt", "Vietnamese typing off"),
        "foreign": Text("Dùng bộ gõ của máy", "The computer's own keyboard"),
    },
    "given": {
        "skip": Text("đã bỏ qua", "skipped"),
        "escalate": Text("đã chuyển người phụ trách", "given to the supervisor"),
        "rescan": Text("đã đề nghị quét lại", "to be scanned again"),
    },
    "giveTitles": {
        "skip": Text("Bỏ qua trường hợp này", "Skip this entry"),
        "escalate": Text("Chuyển người phụ trách", "Give it to the supervisor"),
        "rescan": Text("Đề nghị quét lại trang này", "Ask for another scan of this page"),
    },
    "reasons": {
        "skip": [
            Text("Chữ khó, để người khác đọc", "A difficult hand: somebody else may read it"),
            Text("Tôi quen người trong sổ này", "I know the people in this entry"),
            Text("Cần hỏi lại rồi làm sau", "I have to ask first"),
        ],
        "escalate": [
            Text("Sổ ghi mâu thuẫn", "The register contradicts itself"),
            Text("Có sửa chữa, đóng dấu lạ", "Corrections or stamps that need a decision"),
            Text("Ô của máy khoanh sai chỗ", "The machine's boxes are in the wrong place"),
            Text("Hai trường hợp bị nhập làm một", "Two entries were taken for one"),
        ],
        "rescan": [
            Text("Ảnh mờ", "Blurred"),
            Text("Ảnh bị cắt mất mép", "An edge is cut off"),
            Text("Quá tối hoặc quá sáng", "Too dark or too bright"),
            Text("Thiếu trang, hoặc trang bị che", "A page is missing or covered"),
        ],
    },
}  # fmt: skip
_KEYS: tuple[tuple[Text, tuple[tuple[tuple[str, ...], Text], ...]], ...] = (
    (
        Text("Ô đang làm", "The field at hand"),
        (
            (("Enter",), Text("nhận chữ này, sang ô cần xem tiếp", "accept, next doubtful field")),
            (
                ("1", "…", "9"),
                Text("chọn gợi ý (trước khi gõ)", "take a candidate (before typing)"),
            ),
            (("Alt+1", "…"), Text("chọn gợi ý, ô nào cũng được", "take a candidate, in any field")),
            (("-", "F2", "Alt+R"), Text("để trống", "blank")),
            (("?", "F4", "Alt+K"), Text("không đọc được", "unreadable")),
            (("=", "F8", "Alt+G"), Text("bị gạch bỏ", "struck out")),
            (('"', "F9", "Alt+N"), Text("như trên", "ditto")),
            (("Esc",), Text("trả lại như lúc mở", "as it was when opened")),
        ),
    ),
    (
        Text("Đi lại", "Moving"),
        (
            (("Tab", "↓"), Text("ô sau", "next field")),
            (("Shift+Tab", "↑"), Text("ô trước", "field before")),
            (("Ctrl+↓",), Text("ô cần xem sau", "next doubtful field")),
            (("Ctrl+↑", "Shift+Enter"), Text("ô cần xem trước", "doubtful field before")),
        ),
    ),
    (
        Text("Trường hợp", "The entry"),
        (
            (("Enter",), Text("ở nút lưu: lưu, sang trường hợp sau", "on the button: save, next")),
            (("Ctrl+Enter",), Text("lưu khi đã xem hết", "save once all is looked at")),
            (("Ctrl+Z", "Ctrl+Y"), Text("lùi lại, làm lại; không giới hạn", "undo, redo, endless")),
            (
                ("Alt+T",),
                Text(
                    "cả cột của trang này; ở đó: cả quyển",
                    "this column over the page; there: through the book",
                ),
            ),
            (("Alt+X",), Text("ở cột: đánh dấu hay bỏ", "in a column: tick or leave")),
            (("Alt+U",), Text("sửa khung của trang", "fix the boxes of the page")),
            (
                ("Alt+H",),
                Text("cả trường hợp bị gạch bỏ (hủy), hay không", "the entry is void, or is not"),
            ),
            (
                ("Alt+M",),
                Text(
                    "liên kết gợi ý; ở đó: 1 là một, 2 không phải, 3 mở, ↑ ↓, Esc",
                    "suggested links; there: 1 same, 2 not the same, 3 open, ↑ ↓, Esc",
                ),
            ),
            (("Alt+P",), Text("mở lại trường hợp vừa lưu", "the entry saved before")),
            (("Alt+B",), Text("bỏ qua", "skip")),
            (("Alt+L",), Text("chuyển người phụ trách", "to the supervisor")),
            (("Alt+Q",), Text("đề nghị quét lại", "ask for another scan")),
        ),
    ),
    (
        Text("Trang sổ", "The page"),
        (
            (("PageUp", "PageDown"), Text("phóng to, thu nhỏ", "zoom in, out")),
            (("Alt+0",), Text("cả trang, rồi về ô", "whole page, back to the field")),
            (("Alt+C",), Text("tương phản", "contrast")),
            (("Alt+O",), Text("xoay", "rotate")),
            (("F6",), Text("vào trang: ← ↑ → ↓ + − R C; Esc về ô", "into the page; Esc back")),
            (("Alt+V",), Text("Telex, VNI, tắt", "Telex, VNI, off")),
        ),
    ),
)


def _said(texts: Any, language: str) -> Any:
    if isinstance(texts, Text):
        return in_language(texts, language)
    if isinstance(texts, dict):
        return {key: _said(value, language) for key, value in texts.items()}
    return [_said(value, language) for value in texts]


def page_texts(language: str) -> dict[str, Any]:
    """Texts of the page's script."""
    said: dict[str, Any] = _said(_TEXTS, language)
    said["states"] = {str(state): in_language(text, language) for state, text in STATES.items()}
    said["states"]["open"] = ""
    return said


def key_table(language: str) -> list[tuple[str, list[tuple[tuple[str, ...], str]]]]:
    """Keys in groups: (group, (keys, what they do))."""
    return [
        (
            in_language(group, language),
            [(keys, in_language(what, language)) for keys, what in rows],
        )
        for group, rows in _KEYS
    ]


def kinds_of(language: str) -> dict[str, str]:
    """Kinds of registers in words."""
    return {str(kind): in_language(text, language) for kind, text in _KINDS.items()}


def sources_of(language: str) -> dict[str, str]:
    """Where candidates come from, in words."""
    return {name: in_language(text, language) for name, text in _SOURCES.items()}


_BOXES = {
    "moved": Text("dời {mm} mm", "moved by {mm} mm"),
    "unmoved": Text("chưa dời", "not moved"),
    "nothing": Text("Chưa dời cạnh hay góc nào.", "Nothing has been moved yet."),
    "changes": Text("{n} chỗ đã dời", "{n} moved"),
    "proposal": Text(
        "Máy không tìm thấy khung trên trang này: kéo bốn góc vào bốn góc bảng.",
        "No boxes were found on this page: drag the four corners onto those of the table.",
    ),
    "done": Text(
        "Đã ghi. {n} ảnh sẽ được đọc lại; chữ người đã nhập giữ nguyên.",
        "Kept. {n} scans will be read again; what people typed stays.",
    ),
    "crossing": Text("cạnh này không vượt qua cạnh bên cạnh", "an edge cannot pass its neighbour"),
    "noNetwork": _TEXTS["noNetwork"],
    "notSaved": Text("Chưa ghi được; thử lại.", "Not kept; try again."),
    "sessionEnded": Text(
        "Phiên làm việc đã hết. Đăng nhập lại rồi sửa khung lần nữa.",
        "Your session has ended. Log in again and fix the boxes once more.",
    ),
    "stale": Text(
        "Người khác vừa sửa khung của quyển này. Tải lại trang rồi sửa tiếp.",
        "Somebody else has just corrected this book's boxes. Load the page again and go on.",
    ),
}

_REGROUP = {
    "cutLine": Text("Đường tách: ↑ ↓ để dời", "Cut: move it with ↑ ↓"),
    "copyAt": Text("Trường hợp thứ hai: mũi tên để dời", "Second entry: move it with the arrows"),
    "cutAt": Text("tách ở {share} % chiều cao", "cut at {share} % of the height"),
    "copied": Text("dời {across} mm ngang, {down} mm dọc", "{across} mm across, {down} mm down"),
    "entry": Text("thứ {n} trên ảnh", "entry {n} of the scan"),
    "numbered": Text("thứ {n} trên ảnh · số {number}", "entry {n} of the scan · No. {number}"),
    "noBelow": Text("Không có trường hợp nào ngay sau nó.", "No entry comes right after it."),
    "saveFirst": Text(
        "Lưu hoặc bỏ các cạnh đã dời trước.", "Save or put back the moved edges first."
    ),
    "sure": Text(
        "Gộp với trường hợp ngay sau nó? Bấm lần nữa để gộp.",
        "Join it with the entry right after it? Press once more to join.",
    ),
    "first": Text("giữ chữ của trường hợp đầu", "keep the first entry's"),
    "second": Text("giữ chữ của trường hợp sau", "keep the second entry's"),
    "both": Text("ghép cả hai", "both, one after the other"),
    "gone": Text("Trường hợp này không còn.", "This entry is no longer there."),
}


def boxes_texts(language: str) -> dict[str, Any]:
    """Texts of the page that sets boxes right."""
    said: dict[str, Any] = _said({**_BOXES, **_REGROUP}, language)
    return said
