"""The committed set: for evaluation and for the demo, never to be tuned on.

Batches are what a contractor hands over: commune by commune, in the wrappings that occur.
"""

from __future__ import annotations

from samples.book import BookSpec

_AN_LAO = {"batch": "an-lao-2024-03", "district": "Huyện An Lão", "seed": "committed-1"}
_KIEN_THUY = {"batch": "kien-thuy-2024-04", "district": "Huyện Kiến Thụy", "seed": "committed-2"}
_NOI_THANH = {"batch": "noi-thanh-2024-05", "district": "Quận Ngô Quyền", "seed": "committed-3"}
_TIEN_LANG = {"batch": "tien-lang-2024-06", "district": "Huyện Tiên Lãng", "seed": "committed-4"}
_FINE = {"dpi": 200, "quality": 62}


def _book(shared: dict[str, str], **own: object) -> BookSpec:
    return BookSpec(**{**_FINE, **shared, **own})  # type: ignore[arg-type]


BATCHES: tuple[BookSpec, ...] = (
    _book(
        _AN_LAO, path="KS.2008.01", unit="Xã An Thái", form="birth-158-a4", year=2008,
        wear="mild", hand="print", scans=4, extras=("cover", "blank"),
        note="bìa và trang trắng quét kèm",
    ),
    _book(
        _AN_LAO, path="KS.1978.01.pdf", unit="Xã An Thái", form="birth-76-ledger", year=1978,
        wear="mild", hand="print", scans=3, ragged=True, dpi=240, quality=58,
    ),
    _book(
        _AN_LAO, path="KT.2002.01", unit="Xã Mỹ Đức", form="death-83-half", year=2002,
        wear="mild", hand="print:dejavu-serif", scans=3, ragged=True,
    ),
    _book(
        _AN_LAO, path="KH.2011.01", unit="Xã Mỹ Đức", form="marriage-158-two-columns", year=2011,
        wear="mild", hand="type", scans=3, dpi=300,
    ),
    _book(
        _KIEN_THUY, path="KS.2010.02.pdf", unit="Xã Đoàn Xá", form="birth-158-a4", year=2010,
        volume="02", wear="medium", hand="type", scans=3, extras=("blurred",),
        note="có một trang quét mờ",
    ),
    _book(
        _KIEN_THUY, path="KS.1982.01", unit="Xã Đại Đồng", form="birth-76-ledger", year=1982,
        wear="medium", hand="type", scans=3, dpi=240, quality=55,
    ),
    _book(
        _KIEN_THUY, path="KT.2004.01.tif", unit="Xã Đại Đồng", form="death-83-half", year=2004,
        wear="medium", hand="print", scans=3,
    ),
    _book(
        _NOI_THANH, path="KH.2007.01", unit="Phường Máy Tơ", form="marriage-158-two-columns",
        year=2007, wear="medium", hand="print", scans=3,
    ),
    _book(
        _NOI_THANH, path="KS.1985.03", unit="Phường Cầu Đất", form="birth-76-ledger", year=1985,
        volume="03", wear="heavy", hand="print", scans=2, quality=45, note="sổ ố, mờ",
    ),
    _book(
        _TIEN_LANG, path="KS.2006.01", unit="Xã Đoàn Lập", form="birth-158-a4", year=2006,
        wear="mild", hand="hand:patrick-hand", scans=2, note="viết tay",
    ),
    _book(
        _TIEN_LANG, path="KT.2000.01", unit="Xã Đoàn Lập", form="death-83-half", year=2000,
        wear="mild", hand="hand:dancing-script", scans=2, note="viết tay",
    ),
)  # fmt: skip

ZIPPED = frozenset({"tien-lang-2024-06"})
