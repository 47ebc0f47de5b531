"""What laying a ledger's grid on a scan has to tell a person, in both languages."""

from __future__ import annotations

from pipeline.texts import Text

NO_TABLE = Text("Không thấy bảng trên ảnh.", "There is no table on the scan.")
UNLIKE = Text(
    "Hàng bên trái và bên phải của quyển sổ không như nhau.",
    "The book's rows left and right are not the same.",
)
APART = Text(
    "Hàng bên trái và bên phải lệch nhau {rows} hàng.",
    "Rows left and right are {rows} rows apart.",
)
HALF = Text("Thiếu một trang của mặt sổ mở.", "One page of the opening is missing.")
OFF_PAGE = Text("Có hàng hoặc cột nằm ngoài mép ảnh.", "Rows or columns run off the page.")
MOVED = Text(
    "Khung đã dời {rows} hàng theo chữ in ở đầu bảng.",
    "Rows moved by {rows} after the head's print.",
)
WRONG_ROW = Text("Có thể đã đếm hàng từ sai hàng.", "Rows may be counted from the wrong one.")
