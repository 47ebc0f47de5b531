"""Why a page must come again, in words."""

from __future__ import annotations

from models.own_figures import ASKED
from pipeline.errors import error_of
from pipeline.scan.quality import describe
from pipeline.texts import Text
from pipeline.types import QualityFault

_NO_BOXES = Text(
    "Không đọc được khung sổ; sẽ có người nhập tay.",
    "The boxes of the form could not be trusted; a person will key it.",
)


_ASKED = Text(
    "Người soát yêu cầu quét lại, ghi lý do riêng.",
    "A person at the desk asked for it, for a reason of its own.",
)


def reason_of(code: str) -> str:
    """Reason and advice behind a code of a quality fault or an error."""
    if code == ASKED:
        return str(_ASKED)
    try:
        return str(describe(QualityFault(code)))
    except ValueError:
        pass
    known = error_of(code)
    if known is not None:
        error = known("")
        return f"{error.what().rstrip(' :')}. {error.what_to_do()}"
    return str(_NO_BOXES)
