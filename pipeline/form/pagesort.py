"""The pages of a scan sorted: which bear the book's form, and what the others are.

Nothing is dropped silently: a page that neither bears the form nor is plainly of another sort
gets a reason, and with a reason it goes to a person.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import replace

import cv2
import numpy as np

from pipeline.form.labels import fold
from pipeline.form.pageclass import SPEAKING, any_says, said, sort_page
from pipeline.form.recognise import ReadScan, form_score
from pipeline.form.schema import Form
from pipeline.form.tokens import MM_PER_INCH, Token, page_tokens, token_lines
from pipeline.page.laid_on import Laid
from pipeline.settings import PageThresholds
from pipeline.texts import Text
from pipeline.types import Layout, PageClass, PageImage, PageSort

UNSURE, SLIP, OTHER_FORM, NO_FORM = "unsure", "slip", "other_form", "no_form"
NOT_TOLD, NO_WORDS, BOXES, CROSSED_ENTRIES, OUT_OF_STEP, UNFIT = (
    "not_told",
    "no_words",
    "boxes_not_trusted",
    "crossed_entries",
    "rows_out_of_step",
    "regrouping_unfit",
)

DESCRIPTIONS: Mapping[str, Text] = {
    UNSURE: Text(
        "Chưa chắc là loại trang gì: người xem quyết định.",
        "It is not sure what this page is: a person decides.",
    ),
    SLIP: Text(
        "Giấy tờ khác kẹp trong sổ: xem thuộc trường hợp nào; nếu che phần đã ghi thì quét lại.",
        "Another paper laid into the book: see whose; scan again without it what it covers.",
    ),
    OTHER_FORM: Text(
        "Trang theo mẫu khác mẫu của quyển sổ: không đọc.",
        "The page bears another form than the book: nothing was read.",
    ),
    NO_FORM: Text(
        "Quyển sổ chưa rõ mẫu: trang chưa được đọc.",
        "The form of the book is not known: the page was not read.",
    ),
    NOT_TOLD: Text(
        "Không phải trang đăng ký, cũng không rõ là trang gì.",
        "No page of entries, and not plainly anything else.",
    ),
    NO_WORDS: Text(
        "Có nét mực nhưng không đọc được chữ nào.", "There is ink, but no word could be read."
    ),
    BOXES: Text(
        "Chưa định vị chắc chắn các ô: không đọc.",
        "The boxes could not be placed surely: nothing was read.",
    ),
    OUT_OF_STEP: Text(
        "Số thứ tự không đi theo hàng: các ô có thể bị lệch hàng, kết quả đọc bị bỏ.",
        "Running numbers do not follow the rows: boxes may be a row off, nothing read was kept.",
    ),
    UNFIT: Text(
        "Ảnh mới không khớp với việc tách, gộp trường hợp trước đây: xem lại, hoàn tác nếu cần.",
        "Entries were split or joined that this picture does not have: look, take that back.",
    ),
    CROSSED_ENTRIES: Text(
        "Cả trang đã ghi bị gạch chéo: người xem quyết định có hủy không.",
        "A filled page is crossed out: a person decides whether its entries are void.",
    ),
}
"""Why a person must look at a page, by code."""
_MAY_BE_COVERED = 0.9
"""Layout confidence below which a paper may lie on the form, so that its words are asked too."""
_COVERED = 0.65
"""Probability from which such a page is a slip; a person looks at it in any case."""
_SLIP_SAYS, _SLIP_SAYS_PLAINLY = 2.5, 4.0
"""Worth of a slip's words (``SPEAKING``) that outweighs a form's print; the greater, two of its
phrases, where the form's boxes fit: *giấy chứng sinh* may be written in one of them."""
_SLIP_SEEN, _SLIP_READ = 0.9, 0.2
"""How sure a slip then is, and how surely those words are read."""
_TOLD_APART = frozenset({PageClass.STATEMENT, PageClass.OPENING, PageClass.INDEX})
"""Sorts that no print below a slip looks like."""
_OWN_EDGES = frozenset({PageClass.COVER, PageClass.BLANK, PageClass.CROSSED})
"""Sorts on which the edges of a paper say nothing."""
_ALL_BOXES, _FITS_WORSE = 0.9, 0.05
"""Share of a page's boxes around which lies the page itself; by how much those below a paper fit
worse than the others: on 15 slips 0.05 and more, on 13 of them 0.1 and more, but in 24 of 1,225
rectangles laid by chance on 21 pages of entries without any (one heavily worn form)."""
_MAY_BE_PAGE, _WORDS_BESIDE = 0.5, 3
"""Share of a picture from which a rectangle may be the page on a bed as light as paper, and how
many words beside it tell that it is not."""
_SLANT, _SLANT_BAND, _SLANTED_WORDS, _NEXT_MM = (4.0, 18.0), 1.5, 5, 6.0
"""Degrees at which Tesseract breaks words of a paper laid in askew; how alike its lines' slants
are, how many words show it, and how near words follow each other."""
_BEARS = 0.35
"""Share of a form's print from which a page bears it (``recognise``: less is a cover)."""
_PLAINLY_OTHER = 0.12
"""By how much another form's print must be better found than the book's own."""
_BEARS_OTHER = 0.6
"""Share from which a page bears another form than the book's: one of dozens fits by chance."""
_SCREENED, _WORDS_SEEN = 3, 0.3
"""So many forms are laid on a page of unknown sort, and the share of their words it must show."""
_PLAIN = 0.75
"""Share of a form's print that outweighs what the words say of the page."""


def sort_pages(
    pages: Sequence[PageImage],
    layout: Layout | None,
    forms: Mapping[str, Form],
    form: Form | None,
    thresholds: PageThresholds,
    *,
    trusted: bool,
    crossed: Sequence[bool] = (),
    laid: Sequence[Sequence[Laid]] = (),
) -> tuple[tuple[PageSort, tuple[Token, ...]], ...]:
    """What each page of a scan is, and the words read on those that bear no trusted boxes.

    Args:
        pages: of one scan.
        layout: its boxes, if any were found.
        forms: all known forms.
        form: the book's, if known.
        thresholds: how sure a sort must be to be believed unseen.
        trusted: whether the boxes passed the gate.
        crossed: which pages are crossed out, where that is known.
        laid: papers whose edges show on each page.
    """
    boxed = {cell.page for cell in layout.cells} if layout is not None and trusted else set()
    sorts: list[tuple[PageSort, tuple[Token, ...]]] = []
    for number, page in enumerate(pages):
        struck = crossed[number] if crossed else None
        papers = laid[number] if laid else ()
        if number in boxed and layout is not None:
            sort = PageSort(PageClass.ENTRIES, round(layout.confidence, 3))
            if any(_covers_boxes(paper, layout, number) for paper in papers):
                sort = PageSort(PageClass.SLIP, _SLIP_SEEN, (SLIP,))
            elif layout.confidence < _MAY_BE_COVERED:
                sort = _slip_on(page, struck, form) or sort
            sorts.append((sort, ()))
            continue
        sort, tokens = sort_page(page, struck)
        limit = thresholds.min_sort_probability
        told = sort.page_class in _TOLD_APART and sort.probability >= limit
        # A label pasted on a cover is a cover's, and a bare leaf may lie on the scanner's glass.
        own = sort.page_class in _OWN_EDGES and sort.probability >= limit
        seen = not own and any(_lies_there(paper, page, tokens) for paper in papers)
        if not told and (seen or _is_slip(page, sort, tokens, form, _SLIP_SAYS)):
            sort = replace(sort, page_class=PageClass.SLIP, probability=_SLIP_SEEN, reasons=())
        else:
            sort = _by_form(sort, page, tokens, forms, form, limit)
        sorts.append((_with_reason(sort, thresholds), tokens))
    return tuple(sorts)


def _covers_boxes(paper: Laid, layout: Layout, number: int) -> bool:
    """True where a paper hides boxes of a page: the form fits worse there than beside it.

    One around nearly all boxes is the page itself, and edges between which the form fits as well
    as elsewhere are no paper's.
    """
    own = [cell for cell in layout.cells if cell.page == number]
    under = [paper.covers(*np.mean(cell.polygon, axis=0)) for cell in own]
    if not 0 < sum(under) < _ALL_BOXES * len(own):
        return False
    fit = [
        statistics.fmean(
            cell.confidence for cell, hid in zip(own, under, strict=True) if hid is one
        )
        for one in (True, False)
    ]
    return fit[0] < fit[1] - _FITS_WORSE


def _lies_there(paper: Laid, page: PageImage, tokens: Sequence[Token]) -> bool:
    """False for what may be the page itself on the scanner's glass: large, and all words in it."""
    if paper.area() < _MAY_BE_PAGE * page.grey.size:
        return True
    px = page.dpi / MM_PER_INCH
    beside = [
        token
        for token in tokens
        if token.confidence > _SLIP_READ
        and len(token.text) > 1
        and not paper.covers((token.x0 + token.x1) / 2 * px, token.middle * px)
    ]
    return len(beside) >= _WORDS_BESIDE


def _slip_on(page: PageImage, crossed: bool | None, form: Form | None) -> PageSort | None:
    """``slip``, with its reason, for a page of the form under another paper: its words say so."""
    sort, tokens = sort_page(page, crossed)
    if sort.page_class is PageClass.SLIP and sort.probability >= _COVERED:
        return replace(sort, reasons=(SLIP,))
    if _is_slip(page, sort, tokens, form, _SLIP_SAYS_PLAINLY):
        return PageSort(PageClass.SLIP, _SLIP_SEEN, (SLIP,))
    return None


def _is_slip(
    page: PageImage, sort: PageSort, tokens: Sequence[Token], form: Form | None, least: float
) -> bool:
    """True where another paper lies on print: it says what no form says, straight or aslant.

    Print of the page around it, or of the form below, may outweigh its few words.
    """
    if not tokens or sort.page_class is PageClass.CROSSED:
        return False
    if slip_said(tokens, form) >= least:
        return True
    slant = slanted(tokens)
    if not slant:
        return False
    return slip_said(page_tokens(_turned(page, slant)), form) >= least


def slip_said(tokens: Sequence[Token], form: Form | None) -> float:
    """How much words say that they stand on a loose paper; what the form prints says nothing."""
    printed = [fold(text) for part in form.parts for text in part.labels] if form else []
    phrases = {
        phrase: worth
        for phrase, worth in SPEAKING[PageClass.SLIP].items()
        if not any_says(printed, phrase)
    }
    lines = token_lines([token for token in tokens if token.confidence > _SLIP_READ])
    return said(["".join(fold(token.text) for token in line) for line in lines], phrases)


def slanted(tokens: Sequence[Token]) -> float:
    """Degrees, clockwise, by which some of the lines of a straight page run; 0 where none do."""
    words = [t for t in tokens if t.confidence > _SLIP_READ and len(t.text) > 1]
    angles: list[float] = []
    for word in words:
        after = [
            (math.hypot(other.x0 - word.x1, other.middle - word.middle), other)
            for other in words
            if -1.0 < other.x0 - word.x1 < _NEXT_MM and abs(other.middle - word.middle) < 4.0
        ]
        if after:
            other = min(after, key=lambda pair: pair[0])[1]
            along = (other.x0 + other.x1 - word.x0 - word.x1) / 2
            angles.append(math.degrees(math.atan2(other.middle - word.middle, along)))
    steep = [angle for angle in angles if _SLANT[0] < abs(angle) < _SLANT[1]]
    bands = [[other for other in steep if abs(other - angle) <= _SLANT_BAND] for angle in steep]
    widest = max(bands, key=len, default=[])
    return statistics.median(widest) if len(widest) >= _SLANTED_WORDS else 0.0


def _turned(page: PageImage, degrees: float) -> PageImage:
    """The page with lines that run so many degrees clockwise made level."""
    height, width = page.grey.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    grey = cv2.warpAffine(page.grey, turn, (width, height), borderMode=cv2.BORDER_REPLICATE)
    return replace(page, grey=np.asarray(grey, np.uint8))


def _by_form(
    sort: PageSort,
    page: PageImage,
    tokens: tuple[Token, ...],
    forms: Mapping[str, Form],
    form: Form | None,
    limits: float,
) -> PageSort:
    """The sort, corrected where the page shows the print of a form."""
    if not tokens or sort.page_class is PageClass.CROSSED:
        return sort
    scan = ReadScan(0, (page,), (tokens,))
    own = form_score(scan, form) if form is not None else 0.0
    others = [other for other in forms.values() if other is not form]
    rivals = {other.form: form_score(scan, other) for other in _likely(others, tokens)}
    best = max(rivals, key=lambda name: rivals[name], default="")
    rival = rivals.get(best, 0.0)
    # Some of dozens of forms fits any text a little: only a plain one outweighs plain words.
    told = sort.page_class is not PageClass.OTHER and sort.probability >= limits
    if told and max(own, rival) < _PLAIN:
        return sort
    if own >= _BEARS and rival <= own + _PLAINLY_OTHER:
        return _entries(own, BOXES)
    if rival >= _BEARS_OTHER:
        return _entries(rival, OTHER_FORM if form is not None else NO_FORM, f"form={best}")
    return sort


def _likely(forms: Sequence[Form], tokens: Sequence[Token]) -> list[Form]:
    """The few forms most of whose label words stand on the page: laying labels out costs."""
    seen = {fold(token.text) for token in tokens}
    share = {form.form: len(words & seen) / len(words) for form in forms if (words := _words(form))}
    best = sorted((form for form in forms if form.form in share), key=lambda f: -share[f.form])
    return [form for form in best[:_SCREENED] if share[form.form] >= _WORDS_SEEN]


def _words(form: Form) -> set[str]:
    folded = {fold(word) for part in form.parts for word in part.labels[0].split()}
    return {word for word in folded if len(word) >= 3}


def _entries(score: float, *reasons: str) -> PageSort:
    return PageSort(PageClass.ENTRIES, round(min(0.99, 0.5 + score / 2), 3), reasons)


def _with_reason(sort: PageSort, thresholds: PageThresholds) -> PageSort:
    if sort.reasons:
        return sort
    if sort.page_class is PageClass.SLIP:
        return replace(sort, reasons=(SLIP,))
    if sort.page_class is PageClass.OTHER:
        return replace(sort, reasons=(NOT_TOLD,))
    if sort.probability < thresholds.min_sort_probability:
        return replace(sort, reasons=(UNSURE,))
    return sort


def describe_reasons(reasons: Sequence[str]) -> tuple[str, ...]:
    """Reasons in words, both languages; codes nobody knows stay as they are."""
    return tuple(
        DESCRIPTIONS[reason].format() if reason in DESCRIPTIONS else reason for reason in reasons
    )
