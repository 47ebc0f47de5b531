"""Everything that can go wrong, said once.

Each class carries the exit code of the command line, a message and an advice in
both languages, and whether trying again can help::

    HotichError (1)
    ├── InputError (10)                    what a contractor handed over; nothing else is touched
    │   ├── ManifestError (11)             manifest missing, unreadable, or a bad row
    │   ├── UnknownUnitError (12)          unit, district, kind or year that nobody knows
    │   ├── MissingFileError (13)          the manifest names what is not there
    │   ├── DuplicateBookError (14)        the same book queued before
    │   ├── ArchiveError (15)              zip with path traversal, bomb, or broken
    │   ├── UnreadableFileError (16)       truncated, empty, wrong extension, not an image or PDF
    │   ├── EncryptedFileError (17)        PDF that asks for a password
    │   ├── ImageTooLargeError (18)        more pixels than the limit allows
    │   └── NoPagesError (19)              PDF or folder with no page in it
    ├── PageError (20)                     one page only; the book goes on
    │   ├── NotARegisterError (21)         no known form on the page
    │   └── LayoutError (22)               the form is known but its boxes cannot be trusted
    ├── SetupError (30)                    this machine is not ready
    │   ├── TesseractMissingError (31)
    │   ├── LanguageDataMissingError (32)
    │   ├── FormFileError (33)             a form file in ocr_config/forms is wrong
    │   ├── SettingsError (34)
    │   ├── WeightsError (35)              weights missing, damaged, of another version
    │   └── GazetteerError (36)            a row of ocr_config/gazetteer is wrong
    ├── StorageError (40)                  retry may help
    │   ├── DiskFullError (41)
    │   ├── DatabaseLockedError (42)
    │   ├── DatabaseGoneError (43)
    │   │   └── DatabaseNewerError
    │   └── WatchedPlaceError (44)         a watched folder or bucket that is away or shut
    ├── EngineError (50)                   Prefect server or worker; retry may help
    │   └── EngineBusyError (51)           another process runs the engine of this home
    └── DeskError (60)                     what a person at the desk asked for cannot be done
        ├── UserError (61)                 a name, role or password that cannot be used
        ├── BadValueError (62)             typed text that cannot be stored
        ├── LostHoldError (63)             the entry is no longer in this person's hands
        ├── StaleEntryError (64)           somebody or the machine changed it meanwhile
        ├── OutOfReachError (65)           not there, or not for this person to see
        ├── ReleasedError (68)             signed off: only a recorded correction changes it
        ├── NotReleasableError (69)        something must be settled before it is signed off
        ├── DeskAddressError (66)          the address of the desk is taken or cannot be used
        └── IntakeError (70)               a delivery, page or plan that cannot be taken like this
"""

from pipeline.errors.desk import (
    BadValueError,
    DeskAddressError,
    DeskError,
    IntakeError,
    LostHoldError,
    NotReleasableError,
    OutOfReachError,
    ReleasedError,
    StaleEntryError,
    UserError,
)
from pipeline.errors.work import (
    ArchiveError,
    DatabaseGoneError,
    DatabaseLockedError,
    DatabaseNewerError,
    DiskFullError,
    DuplicateBookError,
    EncryptedFileError,
    EngineBusyError,
    EngineError,
    ForeignBookError,
    FormFileError,
    GazetteerError,
    HotichError,
    ImageTooLargeError,
    InputError,
    LanguageDataMissingError,
    LayoutError,
    ManifestError,
    MissingFileError,
    NoPagesError,
    NotARegisterError,
    PageError,
    SettingsError,
    SetupError,
    StorageError,
    TesseractMissingError,
    UnknownUnitError,
    UnreadableFileError,
    WatchedPlaceError,
    WeightsError,
)

__all__ = [
    "ArchiveError",
    "BadValueError",
    "DatabaseGoneError",
    "DatabaseLockedError",
    "DatabaseNewerError",
    "DeskAddressError",
    "DeskError",
    "DiskFullError",
    "DuplicateBookError",
    "EncryptedFileError",
    "EngineBusyError",
    "EngineError",
    "ForeignBookError",
    "FormFileError",
    "GazetteerError",
    "HotichError",
    "ImageTooLargeError",
    "InputError",
    "IntakeError",
    "LanguageDataMissingError",
    "LayoutError",
    "LostHoldError",
    "ManifestError",
    "MissingFileError",
    "NoPagesError",
    "NotARegisterError",
    "NotReleasableError",
    "OutOfReachError",
    "PageError",
    "ReleasedError",
    "SettingsError",
    "SetupError",
    "StaleEntryError",
    "StorageError",
    "TesseractMissingError",
    "UnknownUnitError",
    "UnreadableFileError",
    "UserError",
    "WatchedPlaceError",
    "WeightsError",
    "error_of",
]


def error_of(code: str) -> type[HotichError] | None:
    """The class that a kept code names; None where it is no error's."""
    known = globals().get(code)
    return known if isinstance(known, type) and issubclass(known, HotichError) else None
