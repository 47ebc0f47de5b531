"""Unpacks a zip that nobody can trust: no way out of its folder, no bomb, no surprise."""

from __future__ import annotations

import re
import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from pipeline.errors import ArchiveError
from pipeline.scan.names import is_ignored, nfc
from pipeline.scan.report import Progress, Refusal
from pipeline.scan.store import ScanStore, storage_errors
from pipeline.settings import Settings
from pipeline.texts import Text

_PIECE = 1 << 20
_MAX_FILES = 200_000
"""Files of a batch: 233 units' worst commune has some 20,000 scans; ten times that is no batch."""
_MAX_RATIO = 200
_RATIO_FREE_BYTES = 256_000_000
"""A white page as uncompressed TIFF shrinks 300 times, honestly; a batch of them does not. So the
ratio counts only for archives that unpack to more than this."""
NESTED_SUFFIXES = {".zip", ".rar", ".7z", ".tar", ".gz", ".tgz"}
_ENCRYPTED = 0x1
_UTF8 = 0x800


def unpack(
    archive: Path,
    folder: Path,
    store: ScanStore,
    settings: Settings,
    progress: Progress | None = None,
) -> list[Refusal]:
    """Unpacks a batch into ``folder`` piece by piece and returns the archives inside it, refused.

    Everything is checked before the first byte is written, from the archive's own list; the
    list is not trusted for sizes while writing.

    Raises:
        ArchiveError: broken, encrypted, a bomb, or names that lead out of the folder.
        DiskFullError: it would not fit.
    """
    where = nfc(archive.name)
    try:
        with zipfile.ZipFile(archive) as source:
            members = _checked(source, settings)
            total = sum(info.file_size for info, _ in members)
            store.require_space(total)
            refused = []
            for done, (info, name) in enumerate(members, 1):
                if name.suffix.lower() in NESTED_SUFFIXES:
                    refused.append(Refusal(f"{where}/{name}", nested_error()))
                else:
                    _extract(source, info, folder / name)
                if progress:
                    progress(done, len(members), str(name))
            return refused
    except ArchiveError as error:
        error.where = error.where or where
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise ArchiveError(
            Text("hỏng hoặc không đọc được ({error})", "broken or unreadable ({error})").format(
                error=error
            ),
            where=where,
        ) from error


def _checked(
    source: zipfile.ZipFile, settings: Settings
) -> list[tuple[zipfile.ZipInfo, PurePosixPath]]:
    infos = [info for info in source.infolist() if not info.is_dir()]
    total = sum(info.file_size for info in infos)
    packed = sum(info.compress_size for info in infos)
    if len(infos) > _MAX_FILES:
        raise ArchiveError(
            Text("{count} tệp, quá {limit}", "{count} files, more than {limit}").format(
                count=len(infos), limit=_MAX_FILES
            )
        )
    if total > settings.max_archive_gigabytes * 1e9 or (
        total > _RATIO_FREE_BYTES and total > _MAX_RATIO * max(packed, 1)
    ):
        raise ArchiveError(
            Text(
                "giải nén ra {gigabytes:.1f} GB từ {packed:.1f} MB; giới hạn {limit:g} GB "
                "(HOTICH_MAX_ARCHIVE_GIGABYTES) và {ratio} lần",
                "unpacks to {gigabytes:.1f} GB from {packed:.1f} MB; the limits are {limit:g} GB "
                "(HOTICH_MAX_ARCHIVE_GIGABYTES) and {ratio} times",
            ).format(
                gigabytes=total / 1e9,
                packed=packed / 1e6,
                limit=settings.max_archive_gigabytes,
                ratio=_MAX_RATIO,
            )
        )
    members: dict[PurePosixPath, zipfile.ZipInfo] = {}
    for info in infos:
        name = _safe_name(info)
        if is_ignored(name):
            continue
        if name in members:
            raise ArchiveError(
                Text("hai tệp cùng tên {name}", "two files named {name}").format(name=name)
            )
        members[name] = info
    if clash := next(
        (name for name in members if not members.keys().isdisjoint(name.parents)), None
    ):
        raise ArchiveError(
            Text("{name} nằm trong một tệp", "{name} lies inside a file").format(name=clash)
        )
    return [(info, name) for name, info in members.items()]


def _safe_name(info: zipfile.ZipInfo) -> PurePosixPath:
    written = member_name(info).replace("\\", "/")
    parts = [part for part in written.split("/") if part not in ("", ".")]
    if (
        not parts
        or written.startswith("/")
        or ".." in parts
        or re.match(r"[A-Za-z]:", written)
        or any(ord(char) < 32 for char in written)
        or any(len(nfc(part).encode()) > 255 for part in parts)
    ):
        raise ArchiveError(
            Text(
                "tên “{name}” dẫn ra ngoài thư mục hoặc không dùng được",
                "the name “{name}” leads out of the folder or cannot be used",
            ).format(name=nfc(written)[:200])
        )
    if stat.S_ISLNK(info.external_attr >> 16):
        raise ArchiveError(
            Text("{name} là liên kết", "{name} is a symbolic link").format(name=nfc(written))
        )
    if info.flag_bits & _ENCRYPTED:
        raise ArchiveError(
            Text("{name} có mật khẩu", "{name} asks for a password").format(name=nfc(written))
        )
    return PurePosixPath(*(nfc(part) for part in parts))


def member_name(info: zipfile.ZipInfo) -> str:
    """A member's name: UTF-8 where flagged or where its bytes are, code page 437 otherwise.

    macOS writes UTF-8 without the flag that says so (PKWARE APPNOTE 4.4.4, bit 11), and Python
    then reads code page 437: ``Sá»•`` instead of ``Sổ``.
    """
    if info.flag_bits & _UTF8:
        return info.orig_filename
    try:
        return info.orig_filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.orig_filename


def _extract(source: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path) -> None:
    with storage_errors(target.parent):
        target.parent.mkdir(parents=True, exist_ok=True)
    left = info.file_size
    with source.open(info) as packed, storage_errors(target), target.open("xb") as out:
        while piece := packed.read(_PIECE):
            left -= len(piece)
            if left < 0:
                raise ArchiveError(
                    Text(
                        "{name} lớn hơn khai báo", "{name} is larger than it declares"
                    ).format(name=info.filename)
                )  # fmt: skip
            out.write(piece)


def nested_error() -> ArchiveError:
    """An archive inside a batch, in whatever the batch came."""
    return ArchiveError(
        Text(
            "tệp nén nằm trong tệp nén; giải nén nó trước", "an archive inside the batch; unpack it"
        ).format()
    )
