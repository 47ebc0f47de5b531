"""Which files make which book: from the manifest, or from national file names in unit folders."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePath

from pipeline.errors import ManifestError, MissingFileError, UnknownUnitError
from pipeline.scan.book import reading_order
from pipeline.scan.cover import parse_kind
from pipeline.scan.manifest import Row, find_manifest, read_manifest
from pipeline.scan.names import (
    files_under,
    fold,
    is_ignored,
    is_nearly_national,
    nfc,
    parse_national_name,
)  # fmt: skip
from pipeline.scan.report import Notice, Refusal, notice
from pipeline.texts import Text

_Volume = tuple[str, str, str, int, int]
"""Unit, district, kind, year and number of a book, as its file names and folders tell."""


@dataclass(frozen=True)
class Listed:
    """A book somebody listed: what was said of it, and its files in reading order.

    ``base`` is the folder from which its scans are named.
    """

    row: Row
    files: tuple[Path, ...]
    base: Path


@dataclass(frozen=True)
class Listing:
    """All books of a batch, and what could not be matched to files."""

    books: tuple[Listed, ...]
    refused: tuple[Refusal, ...]
    warnings: tuple[Notice, ...]


def list_books(root: Path, name: str) -> Listing:
    """Books of an unpacked batch.

    A zip of a folder holds that folder: while there is nothing else, it is gone into.

    Args:
        root: the batch folder.
        name: of the batch; it names the unit where no folder does.

    Raises:
        ManifestError: no manifest and no national name, or the manifest cannot be read.
    """
    outermost = root
    root, manifest = batch_root(root)
    above = [name, *(nfc(part) for part in root.relative_to(outermost).parts)]
    return _by_manifest(root, manifest) if manifest else _by_names(root, above)


def batch_root(root: Path) -> tuple[Path, Path | None]:
    """The folder from which a batch's paths are written, and its manifest where it has one."""
    manifest = find_manifest(root)
    while manifest is None:
        entries = [path for path in root.iterdir() if not is_ignored(PurePath(path.name))]
        if len(entries) != 1 or not entries[0].is_dir():
            break
        root = entries[0]
        manifest = find_manifest(root)
    return root, manifest


def _by_manifest(root: Path, manifest: Path) -> Listing:
    rows, notices = read_manifest(manifest)
    return list_rows(root, rows, notices, manifest)


def list_rows(
    root: Path,
    rows: Iterable[Row],
    notices: Iterable[Notice] = (),
    manifest: Path | None = None,
) -> Listing:
    """Books of a batch as rows say, wherever the rows come from.

    Args:
        root: folder from which the rows' paths are written.
        rows: one a book.
        notices: what reading the rows had to say.
        manifest: the file that is no scan.
    """
    books: list[Listed] = []
    refused: list[Refusal] = []
    warnings = list(notices)
    listed: set[Path] = {manifest} if manifest else set()
    for row in rows:
        try:
            path = find_path(root, row.path)
            files = files_under(path) if path.is_dir() else [path]
            _refuse_links_out(files, root)
        except ManifestError as error:
            error.where = row.where
            refused.append(Refusal(row.where, error))
            continue
        base = path if path.is_dir() else path.parent
        files = [file for file in reading_order(files, base) if file != manifest]
        books.append(Listed(row, tuple(files), base))
        listed.update(files)
    extra = [path for path in files_under(root) if path not in listed]
    tops = dict.fromkeys(nfc(path.relative_to(root).parts[0]) for path in extra)
    warnings += [notice("unlisted", top) for top in tops]
    return Listing(tuple(books), tuple(refused), tuple(warnings))


def find_path(root: Path, written: str) -> Path:
    """File or folder of a manifest's path, whatever its slashes, case or spelling of ``à``.

    Raises:
        ManifestError: the path is empty or leads out of the batch.
        MissingFileError: nothing there, or several that differ only in case.
    """
    parts = [part for part in written.replace("\\", "/").split("/") if part not in ("", ".")]
    if not written:
        raise ManifestError(Text("cột path trống", "the column path is empty").format())
    if written.startswith(("/", "\\")) or ".." in parts or written[1:2] == ":":
        raise ManifestError(
            Text("đường dẫn “{path}” ra ngoài lô", "the path “{path}” leads out of the batch")
            .format(path=written)
        )  # fmt: skip
    path = root
    for part in parts:
        names = list(path.iterdir()) if path.is_dir() else []
        exact = [entry for entry in names if nfc(entry.name) == nfc(part)]
        alike = exact or [
            entry for entry in names if nfc(entry.name).casefold() == nfc(part).casefold()
        ]
        if len(alike) != 1:
            raise MissingFileError(written)
        path = alike[0]
    return path


def _refuse_links_out(files: list[Path], root: Path) -> None:
    """A link must not bring in what another contractor handed over."""
    inside = root.resolve()
    for path in files:
        if not path.resolve().is_relative_to(inside):
            raise ManifestError(
                Text(
                    "“{name}” là liên kết ra ngoài lô", "“{name}” is a link out of the batch"
                ).format(name=nfc(path.relative_to(root).as_posix()))
            )


def _by_names(root: Path, above: list[str]) -> Listing:
    groups: dict[_Volume, list[Path]] = defaultdict(list)
    refused: list[Refusal] = []
    warnings: list[Notice] = []
    for path in files_under(root):
        relative = path.relative_to(root)
        said = parse_national_name(path.name)
        if said is not None:
            unit, district = _unit_of([*above, *map(nfc, relative.parent.parts)])
            groups[unit, district, said.kind, said.year, int(said.volume)].append(path)
        elif is_nearly_national(nfc(path.name)):
            where = nfc(relative.as_posix())
            refused.append(Refusal(where, _misnamed(where)))
        else:
            warnings.append(notice("skipped_file", nfc(relative.as_posix())))
    if not groups and not refused:
        raise ManifestError(
            Text(
                "không có manifest.csv, .json hay .xlsx ở thư mục gốc, cũng không có tệp đặt tên "
                "kiểu KS.2006.01.2006-03-05.012.pdf",
                "no manifest.csv, .json or .xlsx at the root, and no file named like "
                "KS.2006.01.2006-03-05.012.pdf",
            ).format(),
            where=above[0],
        )
    books = []
    for (unit, district, kind, year, volume), found in groups.items():
        files = reading_order(found, root)
        _refuse_links_out(files, root)
        title = f"{kind}.{year}.{volume:02d}"
        where = f"{unit}/{title}"
        row = Row(where, where, unit, district, kind, str(year), f"{volume:02d}", "")
        books.append(Listed(row, tuple(files), root))
        warnings += _same_entries(files, root)
    return Listing(tuple(books), tuple(refused), tuple(warnings))


def _unit_of(folders: list[str]) -> tuple[str, str]:
    """Unit and district from the folders above a file; the outermost is the batch itself.

    Only the nearest telling folder is the unit: trying its parents would book a commune whose
    name is misspelt under its district, which keeps registers of its own.
    """
    telling = [folder for folder in reversed(folders) if not _is_generic(folder)]
    unit, district, *_ = [*telling, "", ""]
    return unit, district


def _is_generic(folder: str) -> bool:
    """Folders of the national tree that name kind, paper size, year or book (registers.md 1.3)."""
    word = fold(folder)
    if word.isdigit() or word in {"a0", "a1", "a2", "a3", "a4", "cmc", "hn"}:
        return True
    try:
        parse_kind(folder)
    except UnknownUnitError:
        return False
    return True


def _same_entries(files: list[Path], root: Path) -> list[Notice]:
    seen: dict[tuple[int, str], str] = {}
    found = []
    for path in files:
        said = parse_national_name(path.name)
        where = nfc(path.relative_to(root).as_posix())
        if said is None or said.cover:
            continue
        key = said.entry, said.suffix
        if key in seen:
            found.append(notice("duplicate_entry", where, other=seen[key]))
        seen.setdefault(key, where)
    return found


def _misnamed(where: str) -> ManifestError:
    return ManifestError(
        Text(
            "tên tệp không đúng mẫu KS.NĂM.QUYỂN.NĂM-THÁNG-NGÀY.SỐ.pdf",
            "the name is not KIND.YEAR.BOOK.YYYY-MM-DD.NUMBER.pdf",
        ).format(),
        where=where,
    )
