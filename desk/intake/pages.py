"""Single pages: a small picture of one, and one that comes to take another's place."""

from __future__ import annotations

from pathlib import Path
from shutil import copyfileobj
from typing import BinaryIO

import cv2

from pipeline.errors import IntakeError
from pipeline.scan.book import look_at_files
from pipeline.scan.load import load_scan
from pipeline.scan.names import nfc
from pipeline.scan.store import ScanStore, storage_errors
from pipeline.settings import Settings
from pipeline.texts import Text
from pipeline.types import ScanRef

_PREVIEW_PIXELS = 900
"""Longer side: enough to see blur, cut edges and darkness."""


def preview(ref: ScanRef, settings: Settings) -> bytes:
    """A page as a small JPEG.

    Raises:
        InputError: it cannot be decoded.
    """
    grey = load_scan(ref, settings.scan_store, settings).grey
    scale = _PREVIEW_PIXELS / max(grey.shape)
    size = [max(1, round(side * min(scale, 1.0))) for side in grey.shape]
    small = cv2.resize(grey, (size[1], size[0]), interpolation=cv2.INTER_AREA)
    done, data = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, 70])
    if not done:
        raise IntakeError(ref.name)
    return bytes(data)


def keep_page(source: BinaryIO, name: str, settings: Settings) -> ScanRef:
    """Put one page into the scan store, looked at like any other scan.

    Raises:
        InputError: no picture, damaged, too large.
        IntakeError: more than one page in it.
        DiskFullError: nothing half-written stays.
    """
    store = ScanStore(settings.scan_store)
    name = nfc(name)[-120:]
    with store.incoming() as folder:
        path = folder / f"page{Path(name).suffix[:10].lower()}"
        with storage_errors(path), path.open("wb") as target:
            copyfileobj(source, target, 1 << 20)
        leaves, _ = look_at_files([path], folder, settings, lambda _path: None)
        if len(leaves) != 1:
            raise IntakeError(
                Text("tệp có {n} trang; gửi đúng một trang", "{n} pages in it; send just one")
                .format(n=len(leaves))
            )  # fmt: skip
        leaf = leaves[0]
        kept = store.put(path, leaf.file_digest, leaf.suffix, move=True)
        return ScanRef(kept, leaf.index, 1, leaf.digest, name)
