"""What goes wrong with what was handed over, on a page, with the machine, its storage or engine."""

from __future__ import annotations

from typing import ClassVar

from pipeline.texts import Text


class HotichError(Exception):
    """Root of all errors that a person may see. ``particulars`` fill the message's fields."""

    exit_code: ClassVar[int] = 1
    retryable: ClassVar[bool] = False
    message: ClassVar[Text] = Text("Có lỗi: {detail}", "Something went wrong: {detail}")
    advice: ClassVar[Text] = Text(
        "Chạy 'hotich doctor' và gửi nhật ký cho người quản trị.",
        "Run 'hotich doctor' and send the log to your administrator.",
    )

    def __init__(self, detail: str = "", *, where: str = "", **particulars: object) -> None:
        self.detail = detail
        self.where = where
        self.particulars = particulars
        super().__init__(detail)

    def __reduce__(self) -> tuple[object, ...]:
        # Errors cross process borders; keep the keyword particulars when pickled.
        return (_rebuild, (type(self), self.detail, self.where, self.particulars))

    @property
    def code(self) -> str:
        """Stable name for logs, JSON and the database, e.g. ``EncryptedFileError``."""
        return type(self).__name__

    def _fields(self) -> dict[str, object]:
        return {"detail": self.detail, "where": self.where, **self.particulars}

    def what(self) -> str:
        """What happened and where, in the language of the moment."""
        text = self.message.format(**self._fields())
        return f"{self.where}: {text}" if self.where else text

    def what_to_do(self) -> str:
        """What a person can do about it."""
        return self.advice.format(**self._fields())

    def __str__(self) -> str:
        return f"{self.what()} {self.what_to_do()}".strip()


def _rebuild(
    cls: type[HotichError], detail: str, where: str, particulars: dict[str, object]
) -> HotichError:
    return cls(detail, where=where, **particulars)


class InputError(HotichError):
    """What was handed over cannot be used as it is."""

    exit_code = 10
    message = Text("Dữ liệu vào không dùng được: {detail}", "The input cannot be used: {detail}")
    advice = Text("Sửa rồi gửi lại phần này.", "Correct it and queue this part again.")


class ManifestError(InputError):
    """manifest.csv / .json / .xlsx missing, unreadable, or with a bad row."""

    exit_code = 11
    message = Text("Bảng kê không đúng: {detail}", "The manifest is wrong: {detail}")
    advice = Text(
        "Cần cột path,unit,district,kind,year,volume,note; mỗi dòng một quyển sổ.",
        "It needs the columns path,unit,district,kind,year,volume,note; one row a book.",
    )


class UnknownUnitError(ManifestError):
    """The unit, district, kind or year of a manifest row is not known."""

    exit_code = 12
    message = Text("Không nhận ra {detail}", "Not recognised: {detail}")
    advice = Text(
        "Ghi đúng như bìa sổ. Gợi ý gần nhất: {nearest}",
        "Write it as on the cover. Nearest known: {nearest}",
    )

    def _fields(self) -> dict[str, object]:
        return {"nearest": "–", **super()._fields()}


class ForeignBookError(InputError):
    """A book that somebody else is to hand over, or of a unit that is not the contractor's."""

    message = Text("Không thuộc phần được giao: {detail}", "Not yours to deliver: {detail}")
    advice = Text(
        "Kiểm tra lại đơn vị, năm, số quyển; hoặc hỏi người phụ trách kế hoạch.",
        "Check unit, year and volume, or ask whoever keeps the plan.",
    )


class MissingFileError(ManifestError):
    """The manifest names a file or folder that is not in the batch."""

    exit_code = 13
    message = Text("Không thấy tệp {detail}", "File not found: {detail}")
    advice = Text("Bổ sung tệp hoặc sửa cột path.", "Add the file or correct the path column.")


class DuplicateBookError(InputError):
    """The same book (same scans, or same unit, kind, year and volume) is already here."""

    exit_code = 14
    message = Text("Sổ này đã có trong hàng đợi: {detail}", "This book is already queued: {detail}")
    advice = Text(
        "Không cần gửi lại. Nếu là sổ khác, sửa năm hoặc số quyển.",
        "No need to send it again. If it is another book, correct year or volume.",
    )


class ArchiveError(InputError):
    """A zip that is broken, escapes its folder, or unpacks to too much."""

    exit_code = 15
    message = Text("Tệp nén không an toàn: {detail}", "The archive is not safe: {detail}")
    advice = Text("Nén lại thư mục lô và gửi lại.", "Zip the batch folder again and resend it.")


class UnreadableFileError(InputError):
    """Empty, truncated, or not what its name says."""

    exit_code = 16
    message = Text("Không đọc được tệp: {detail}", "The file cannot be read: {detail}")
    advice = Text("Quét hoặc xuất lại tệp này.", "Scan or export this file again.")


class EncryptedFileError(InputError):
    """A PDF that asks for a password."""

    exit_code = 17
    message = Text("Tệp PDF có mật khẩu: {detail}", "The PDF asks for a password: {detail}")
    advice = Text("Lưu lại PDF không đặt mật khẩu.", "Save the PDF without a password.")


class ImageTooLargeError(InputError):
    """An image that decompresses to more than ``max_megapixels``."""

    exit_code = 18
    message = Text("Ảnh quá lớn: {detail}", "The image is too large: {detail}")
    advice = Text(
        "Quét lại ở 300 dpi, hoặc nâng giới hạn HOTICH_MAX_MEGAPIXELS.",
        "Scan again at 300 dpi, or raise HOTICH_MAX_MEGAPIXELS.",
    )


class NoPagesError(InputError):
    """A PDF, TIFF or folder without a page."""

    exit_code = 19
    message = Text("Không có trang nào: {detail}", "There is no page in it: {detail}")
    advice = Text("Kiểm tra lại tệp đã quét.", "Check the scanned file.")


class PageError(HotichError):
    """One page cannot be digitized; the book goes on."""

    exit_code = 20
    message = Text("Trang không số hóa được: {detail}", "The page cannot be digitized: {detail}")
    advice = Text("Xem trang này bằng mắt.", "Look at this page.")


class NotARegisterError(PageError):
    """No known form was found on the page."""

    nearest: tuple[tuple[str, float], ...] = ()
    """The likeliest forms with their scores."""
    exit_code = 21
    message = Text(
        "Không nhận ra mẫu sổ nào: {detail}", "No known register form was found: {detail}"
    )
    advice = Text(
        "Kiểm tra có phải trang sổ không; nếu là mẫu mới, thêm tệp vào ocr_config/forms.",
        "Check that it is a register page; for a new form add a file to ocr_config/forms.",
    )


class LayoutError(PageError):
    """The form is known but its boxes cannot be trusted on this page."""

    exit_code = 22
    message = Text("Không khớp được khung sổ: {detail}", "The form could not be fitted: {detail}")
    advice = Text("Quét lại phẳng hơn, hoặc nhập tay.", "Scan it flatter, or key it by hand.")


class SetupError(HotichError):
    """This machine is not ready."""

    exit_code = 30
    message = Text("Máy chưa sẵn sàng: {detail}", "This machine is not ready: {detail}")
    advice = Text("Chạy './run setup'.", "Run './run setup'.")


class TesseractMissingError(SetupError):
    """The tesseract program is not installed."""

    exit_code = 31
    message = Text("Chưa cài Tesseract. {detail}", "Tesseract is not installed. {detail}")
    advice = Text(
        "apt-get install tesseract-ocr tesseract-ocr-vie",
        "apt-get install tesseract-ocr tesseract-ocr-vie",
    )


class LanguageDataMissingError(SetupError):
    """Tesseract lacks the data of a language."""

    exit_code = 32
    message = Text(
        "Tesseract thiếu dữ liệu ngôn ngữ: {detail}", "Tesseract lacks language data: {detail}"
    )
    advice = Text(
        "apt-get install tesseract-ocr-vie tesseract-ocr-fra",
        "apt-get install tesseract-ocr-vie tesseract-ocr-fra",
    )


class FormFileError(SetupError):
    """A file in ocr_config/forms does not describe a form."""

    exit_code = 33
    message = Text("Tệp mẫu sổ sai: {detail}", "The form file is wrong: {detail}")
    advice = Text("Sửa tệp theo docs/forms.md.", "Correct it as docs/forms.md describes.")


class SettingsError(SetupError):
    """A setting has a value that cannot be used."""

    exit_code = 34
    message = Text("Thiết lập sai: {detail}", "A setting is wrong: {detail}")
    advice = Text("Xem docs/operation.md.", "See docs/operation.md.")


class WeightsError(SetupError):
    """The weights of the handwriting net are missing, damaged, or made for another version."""

    exit_code = 35
    message = Text(
        "Không dùng được mạng đọc chữ viết: {detail}",
        "The handwriting net cannot be used: {detail}",
    )
    advice = Text(
        "Chép lại ocr_config/weights từ bản cài đặt, hoặc đặt HOTICH_RECOGNIZER=tesseract.",
        "Copy ocr_config/weights from the release again, or set HOTICH_RECOGNIZER=tesseract.",
    )


class GazetteerError(SetupError):
    """A row of the gazetteer is wrong or speaks against another; ``where`` names file and line."""

    exit_code = 36
    message = Text("Bảng địa danh sai: {detail}", "The gazetteer is wrong: {detail}")
    advice = Text(
        "Sửa dòng đó theo docs/gazetteer.md, rồi chạy 'hotich places check'.",
        "Correct that row as docs/gazetteer.md describes, then run 'hotich places check'.",
    )


class StorageError(HotichError):
    """Disk or database; trying again may help."""

    exit_code = 40
    retryable = True
    message = Text("Lỗi lưu trữ: {detail}", "Storage failed: {detail}")
    advice = Text("Chạy lại; việc đã xong không mất.", "Run again; finished work is kept.")


class DiskFullError(StorageError):
    """No space left on the device."""

    exit_code = 41
    message = Text("Hết dung lượng đĩa: {detail}", "The disk is full: {detail}")
    advice = Text(
        "Giải phóng dung lượng rồi chạy lại; việc đã xong không mất.",
        "Free some space and run again; finished work is kept.",
    )


class WatchedPlaceError(StorageError):
    """The watched folder or bucket cannot be reached, is not there, or lets nobody in."""

    exit_code = 44
    message = Text("Nơi nhận lô không dùng được: {why}", "The watched place fails: {why}")
    advice = Text(
        "Xem HOTICH_DESK_WATCH, đường mạng, khóa truy cập; các lô ở đó được nhận khi nó trở lại.",
        "See HOTICH_DESK_WATCH, the network, the keys; batches there are taken when it is back.",
    )


class DatabaseLockedError(StorageError):
    """Another process holds the database."""

    exit_code = 42
    message = Text("Cơ sở dữ liệu đang bị khóa: {detail}", "The database is locked: {detail}")
    advice = Text(
        "Đợi tiến trình kia xong rồi chạy lại.", "Wait for the other process, then run again."
    )


class DatabaseGoneError(StorageError):
    """The database cannot be reached or is not set up."""

    exit_code = 43
    message = Text(
        "Không mở được cơ sở dữ liệu: {detail}", "The database cannot be opened: {detail}"
    )
    advice = Text(
        "Chạy 'hotich init' hoặc kiểm tra HOTICH_DATABASE_URL.",
        "Run 'hotich init' or check HOTICH_DATABASE_URL.",
    )


class DatabaseNewerError(DatabaseGoneError):
    """The database was made by a newer version of this program."""

    message = Text(
        "Cơ sở dữ liệu thuộc phiên bản hotich mới hơn: {detail}",
        "The database is of a newer version of hotich: {detail}",
    )
    advice = Text(
        "Cài phiên bản mới hơn, hoặc phục hồi bản sao lưu của phiên bản này.",
        "Install the newer version, or restore a backup of this version.",
    )


class EngineError(HotichError):
    """Prefect's server or worker does not answer."""

    exit_code = 50
    retryable = True
    message = Text(
        "Bộ máy điều phối không trả lời: {detail}", "The engine does not answer: {detail}"
    )
    advice = Text(
        "Chạy 'hotich up', hoặc 'hotich run --engine inline'.",
        "Start 'hotich up', or use 'hotich run --engine inline'.",
    )


class EngineBusyError(EngineError):
    """Another process runs the engine of this home."""

    exit_code = 51
    retryable = False
    message = Text(
        "Bộ máy của thư mục dữ liệu này đang chạy: {detail}",
        "The engine of this home is already running: {detail}",
    )
    advice = Text(
        "Dùng bộ máy đang chạy, hoặc dừng nó trước (Ctrl-C ở cửa sổ kia).",
        "Use the one that runs, or stop it first (Ctrl-C in its window).",
    )
