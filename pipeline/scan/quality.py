"""Is a scan good enough to be digitized, or must it be made again, and why."""

from __future__ import annotations

import math

from pipeline.scan.measure import measure
from pipeline.settings import QualityThresholds
from pipeline.texts import Text
from pipeline.types import Quality, QualityFault, Scan

DESCRIPTIONS = {
    QualityFault.BLURRED: Text(
        "Ảnh nhòe. Lau kính, ép phẳng trang, giữ yên khi quét; không thu nhỏ ảnh.",
        "The image is blurred. Clean the glass, press the page flat, keep still; do not downscale.",
    ),
    QualityFault.LOW_RESOLUTION: Text(
        "Độ phân giải thấp. Quét ở 300 dpi.", "The resolution is too low. Scan at 300 dpi."
    ),
    QualityFault.TOO_DARK: Text(
        "Ảnh quá tối. Tăng độ sáng hoặc kiểm tra đèn, đậy nắp máy quét.",
        "The image is too dark. Raise the brightness, check the lamp, close the lid.",
    ),
    QualityFault.TOO_BRIGHT: Text(
        "Ảnh quá sáng, mất nét mực nhạt. Giảm độ sáng, tắt chế độ xóa nền.",
        "The image is too bright, pale ink is lost. Lower the brightness, turn off background "
        "removal.",
    ),
    QualityFault.CUT_EDGE: Text(
        "Chữ bị cắt ở mép ảnh. Đặt lại sổ để thấy đủ cả trang.",
        "Writing is cut off at the border of the image. Place the book so that all of the page "
        "shows.",
    ),
    QualityFault.SKEWED: Text(
        "Trang nghiêng quá nhiều. Đặt sổ thẳng theo mép kính.",
        "The page lies too crooked. Lay the book along the edge of the glass.",
    ),
    QualityFault.UNREADABLE: Text(
        "Tệp hỏng hoặc không phải ảnh. Quét hoặc chép lại.",
        "The file is damaged or no image. Scan or copy it again.",
    ),
}


def describe(fault: QualityFault) -> Text:
    """Reason and advice for the contractor, in both languages."""
    return DESCRIPTIONS[fault]


def unreadable() -> Quality:
    """Quality of a scan whose file cannot be decoded."""
    return Quality(0.0, 0.0, 0.0, 0.0, 0.0, blank=False, faults=(QualityFault.UNREADABLE,))


def assess(scan: Scan, thresholds: QualityThresholds) -> Quality:
    """Judges a scan; ``faults`` says why it must be made again.

    A blank page is no fault, and neither is a page that lies upside down
    (``pipeline.page`` turns it).
    """
    measures = measure(scan)
    blank = measures.ink_share < thresholds.blank_ink_share
    faults = []
    if scan.dpi < thresholds.min_dpi:
        faults.append(QualityFault.LOW_RESOLUTION)
    if measures.paper < thresholds.min_paper_level:
        faults.append(QualityFault.TOO_DARK)
    if not blank:
        if measures.sharpness < thresholds.min_sharpness and not faults:
            faults.append(QualityFault.BLURRED)
        if (
            measures.bright_share > thresholds.max_bright_share
            and measures.ink > thresholds.max_ink_level
        ):
            faults.append(QualityFault.TOO_BRIGHT)
        if max(measures.border_runs) > thresholds.max_border_runs:
            faults.append(QualityFault.CUT_EDGE)
        if abs(measures.skew) > thresholds.max_skew_degrees:
            faults.append(QualityFault.SKEWED)
    return Quality(
        sharpness=round(measures.sharpness, 2) if math.isfinite(measures.sharpness) else 0.0,
        dpi=round(scan.dpi, 1),
        dark_share=round(measures.dark_share, 4),
        bright_share=round(measures.bright_share, 4),
        ink_share=round(measures.ink_share, 5),
        blank=blank,
        faults=tuple(faults),
    )
