"""The scans of one book: looked at without decoding them, then kept in the store."""

from __future__ import annotations

import hashlib
import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.errors import HotichError, InputError, NoPagesError, UnreadableFileError
from pipeline.scan.archive import NESTED_SUFFIXES, nested_error
from pipeline.scan.formats import (
    SCAN_SUFFIXES,
    SUFFIXES,
    Format,
    check_complete,
    describe_unknown,
    sniff,
)
from pipeline.scan.names import natural_key, nfc, parse_national_name
from pipeline.scan.pdf import check_page, image_digest, open_pdf, page_content, page_pixels
from pipeline.scan.raster import frames, open_image
from pipeline.scan.report import Notice, notice, unreadable
from pipeline.scan.store import ScanStore, file_digest
from pipeline.settings import Settings
from pipeline.texts import Text
from pipeline.types import ScanRef

_SMALL = 0.75
"""Share of the usual area below which a scan is odd: cropping varies by some 5 %."""
_LEAST_SCANS = 4
"""Fewer scans do not tell what is usual."""


@dataclass(frozen=True)
class Leaf:
    """One scan found in a file: not yet stored, not yet decoded.

    ``error`` is set where it cannot be read; it then keeps its place in the book, under a
    digest of its own, and goes to the rescan list.
    """

    source: Path
    suffix: str
    file_digest: str
    index: int
    digest: str
    name: str
    pixels: tuple[int, int] = (0, 0)
    """Width and height, (0, 0) where they are not known."""
    error: HotichError | None = None


def reading_order(files: Iterable[Path], base: Path) -> list[Path]:
    """Files in the order of the book: by entry number where all names are national, else natural.

    A cover comes first; entry numbers are compared as integers, then their suffix and date.
    """
    files = sorted(files, key=lambda path: natural_key(_name(path, base)))
    names = [parse_national_name(path.name) for path in files]
    if None in names:
        return files
    keys = {
        path: (name.entry, natural_key(name.suffix), name.registered)
        for path, name in zip(files, names, strict=True)
        if name is not None
    }
    return sorted(files, key=lambda path: keys[path])


def look_at_files(
    files: Sequence[Path], base: Path, settings: Settings, seen: Callable[[Path], None]
) -> tuple[list[Leaf], list[Notice]]:
    """Finds the scans of a book in its files, in order, from headers and digests.

    Args:
        files: in reading order.
        base: folder from which scans are named.
        settings: limits.
        seen: called after each file.

    Raises:
        NoPagesError: no file is a scan.
        InputError: not one scan can be read; the first one's error.
    """
    leaves: list[Leaf] = []
    notices: list[Notice] = []
    for path in files:
        found, said = _look(path, _name(path, base), settings)
        leaves += found
        notices += said
        seen(path)
    if not leaves:
        nested = next((said.error for said in notices if said.error), None)
        raise nested or NoPagesError(
            Text("không có ảnh quét nào", "there is no scan in it").format()
        )
    bad = [leaf.error for leaf in leaves if leaf.error]
    if len(bad) == len(leaves):
        raise bad[0]
    kept: dict[str, Leaf] = {}
    for leaf in leaves:
        if leaf.digest in kept:
            notices.append(notice("duplicate_scans", leaf.name, other=kept[leaf.digest].name))
        else:
            kept[leaf.digest] = leaf
    notices += _odd_sizes(list(kept.values()))
    notices += [unreadable(leaf.name, leaf.error) for leaf in kept.values() if leaf.error]
    return list(kept.values()), notices


def keep(leaves: Sequence[Leaf], store: ScanStore, *, move: bool) -> tuple[ScanRef, ...]:
    """Puts the files of a book into the store and numbers its scans from 1.

    Raises:
        DiskFullError: nothing half-written stays.
    """
    paths: dict[Path, str] = {}
    sources = {leaf.source: leaf for leaf in leaves}
    if not move:
        store.require_space(
            sum(source.stat().st_size for source, leaf in sources.items()
                if not store.has(leaf.file_digest, leaf.suffix))
        )  # fmt: skip
    for source, leaf in sources.items():
        paths[source] = store.put(source, leaf.file_digest, leaf.suffix, move=move)
    return tuple(
        ScanRef(paths[leaf.source], leaf.index, number, leaf.digest, leaf.name)
        for number, leaf in enumerate(leaves, 1)
    )


def book_digest(digests: Iterable[str]) -> str:
    """SHA-256 over the scans' digests in order."""
    return hashlib.sha256("\n".join(digests).encode()).hexdigest()


def _odd_sizes(leaves: Sequence[Leaf]) -> list[Notice]:
    """Scans much smaller than the book's others: half a page, cut where no writing shows it."""
    areas = {leaf.name: leaf.pixels[0] * leaf.pixels[1] for leaf in leaves if any(leaf.pixels)}
    if len(areas) < _LEAST_SCANS:
        return []
    usual = statistics.median(areas.values())
    return [
        notice("odd_size", leaf.name, share=f"{areas[leaf.name] / usual:.0%}")
        for leaf in leaves
        if areas.get(leaf.name, usual) < _SMALL * usual
    ]


def _name(path: Path, base: Path) -> str:
    return nfc(path.relative_to(base).as_posix())


def _look(path: Path, name: str, settings: Settings) -> tuple[list[Leaf], list[Notice]]:
    """Scans of one file. What is wrong with the whole file is said of its first page."""
    suffix = path.suffix.lower()
    try:
        kind = sniff(path)
        if kind is None and suffix in NESTED_SUFFIXES:
            return [], [Notice("skipped_file", name, error=nested_error())]
        if kind is None and suffix not in SCAN_SUFFIXES:
            return [], [notice("skipped_file", name)]
        digest = file_digest(path)
    except OSError as error:
        raise UnreadableFileError(error.strerror or str(error), where=name) from error
    whole = Leaf(path, SUFFIXES[kind][0] if kind else suffix, digest, 0, digest, name)
    notices = []
    if kind and suffix not in SUFFIXES[kind]:
        notices.append(notice("wrong_extension", name, format=kind.value))
    try:
        if kind is None:
            raise describe_unknown(path)
        leaves = (
            _pdf_leaves(whole, settings)
            if kind is Format.PDF
            else _image_leaves(whole, kind, settings)
        )
    except InputError as error:
        leaves = [_bad(whole, error)]
    return leaves, notices


def _image_leaves(whole: Leaf, kind: Format, settings: Settings) -> list[Leaf]:
    check_complete(whole.source, kind)
    with whole.source.open("rb") as file, open_image(file, settings) as image:
        pages = list(frames(image, whole.source.stat().st_size, settings))
    if len(pages) == 1:
        [(pixels, error)] = pages
        leaf = replace(whole, pixels=pixels)
        return [_bad(leaf, error) if error else leaf]
    return [_page(whole, index, pixels, error=error) for index, (pixels, error) in enumerate(pages)]


def _pdf_leaves(whole: Leaf, settings: Settings) -> list[Leaf]:
    leaves = []
    with open_pdf(whole.source, settings) as pdf:
        for index, page in enumerate(pdf.pages):
            digest, pixels, error = "", (0, 0), None
            try:
                content = page_content(page)
                pixels = page_pixels(content)
                check_page(content, settings)
                if content.image is not None:
                    digest = image_digest(content)
            except InputError as problem:
                error = problem
            leaves.append(_page(whole, index, pixels, digest, error))
    if not leaves:
        raise NoPagesError(Text("PDF có 0 trang", "the PDF has 0 pages").format())
    return leaves


def _page(
    whole: Leaf,
    index: int,
    pixels: tuple[int, int],
    digest: str = "",
    error: InputError | None = None,
) -> Leaf:
    name = f"{whole.name}#{index + 1}"
    digest = digest or hashlib.sha256(f"{whole.file_digest}#{index}".encode()).hexdigest()
    leaf = replace(whole, index=index, digest=digest, name=name, pixels=pixels)
    return _bad(leaf, error) if error else leaf


def _bad(leaf: Leaf, error: InputError) -> Leaf:
    # Two empty files are two missing pages, so the name goes into the digest.
    error.where = leaf.name
    digest = hashlib.sha256(f"{leaf.file_digest}?{leaf.name}".encode()).hexdigest()
    return replace(leaf, digest=digest, error=error)
