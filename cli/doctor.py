"""``hotich doctor``: is this machine ready, and how to mend what is not."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated, Literal

import typer

from cli.output import out, print_json
from pipeline.errors import HotichError, LanguageDataMissingError
from pipeline.settings import Settings, load_settings, load_thresholds
from pipeline.texts import Text

_STATES = {"ok": "[green]✓[/]", "warning": "[yellow]![/]", "error": "[red]✗[/]"}
MIN_FREE_GB = 5.0
"""Less is a warning: a day's scans of one contractor are about this much."""


@dataclass(frozen=True)
class Check:
    """One thing looked at. ``mend`` is empty where all is well."""

    name: str
    state: Literal["ok", "warning", "error"]
    found: str
    mend: str = ""


def register(cli: typer.Typer) -> None:
    """Adds the command."""
    cli.command(
        "doctor",
        help=str(
            Text(
                "Kiểm tra máy: phiên bản, ngôn ngữ, đĩa, cơ sở dữ liệu, bộ máy.",
                "Check this machine: versions, languages, disk, database, engine.",
            )
        ),
    )(doctor)


def doctor(json_: Annotated[bool, typer.Option("--json")] = False) -> None:
    """Prints all checks; exit code 30 where something must be mended."""
    checks = list(examine())
    if json_:
        print_json([asdict(check) for check in checks])
    else:
        for check in checks:
            out.print(f"{_STATES[check.state]} {check.name}: {check.found}", markup=True)
            if check.mend:
                out.print(f"  [dim]→ {check.mend}[/]")
    if any(check.state == "error" for check in checks):
        raise typer.Exit(30)


def examine() -> Iterator[Check]:
    """All checks, in the order in which one depends on the other."""
    settings = load_settings()
    yield _python()
    yield from (_package(name) for name in ("prefect", "fastapi", "sqlalchemy", "opencv-python"))
    yield _guarded("Tesseract", _tesseract)
    yield _guarded("Poppler", _poppler)
    yield _guarded("ocr_config", lambda: _config(settings))
    yield _guarded("handwriting", lambda: _hand(settings))
    yield _guarded("disk", lambda: _disk(settings))
    yield _guarded("database", lambda: _database(settings))
    yield _guarded("adapters", lambda: _adapters(settings))
    yield _guarded("engine", lambda: _engine(settings))
    yield _guarded("desk", lambda: _desk(settings))


def _guarded(name: str, look: Callable[[], Check]) -> Check:
    """A check that fails says so itself; the others go on."""
    try:
        return look()
    except HotichError as error:
        return Check(name, "error", error.what(), error.what_to_do())


def _python() -> Check:
    found = ".".join(map(str, sys.version_info[:3]))
    good = sys.version_info >= (3, 11)
    return Check("Python", "ok" if good else "error", found, "" if good else "Python >= 3.11")


def _package(name: str) -> Check:
    try:
        return Check(name, "ok", version(name))
    except PackageNotFoundError:
        return Check(name, "error", "–", "./run setup")


def _tesseract() -> Check:
    from pipeline.tesseract import languages
    from pipeline.tesseract import version as tesseract_version

    found = tesseract_version()
    missing = [name for name in load_settings().ocr_languages.split("+") if name not in languages()]
    if missing:
        raise LanguageDataMissingError(", ".join(missing))
    return Check("Tesseract", "ok", f"{found} ({', '.join(sorted(languages()))})")


def _poppler() -> Check:
    path = shutil.which("pdftoppm")
    if path:
        return Check("Poppler", "ok", path)
    return Check("Poppler", "error", "–", "apt-get install poppler-utils")


def _config(settings: Settings) -> Check:
    from pipeline.form.schema import load_forms

    load_thresholds(settings.config)
    forms = load_forms(settings.config)
    found = Text("{n} mẫu sổ", "{n} forms").format(n=len(forms))
    return Check("ocr_config", "ok" if forms else "error", f"{settings.config}: {found}")


def _hand(settings: Settings) -> Check:
    from pipeline.errors import WeightsError
    from pipeline.reading.calibrate import load_calibration
    from pipeline.reading.hand.net import load_net

    try:
        name = load_net(settings.config, settings.hand_weights).name
        fitted = load_calibration(settings.config, settings.hand_weights).reader
        if fitted != name:
            mend = Text("Hiệu chuẩn lại: docs/reading.md", "Calibrate anew: docs/reading.md")
            return Check("handwriting", "warning", f"{name} ≠ {fitted or '–'}", str(mend))
        return Check("handwriting", "ok", name)
    except WeightsError as error:
        # Handwriting is keyed then: slower, but nothing is wrong.
        serious = settings.recognizer == "hand"
        return Check(
            "handwriting", "error" if serious else "warning", error.what(), error.what_to_do()
        )


def _disk(settings: Settings) -> Check:
    home = settings.resolved_home
    place = next(folder for folder in (home, *home.parents) if folder.exists())
    if not os.access(place, os.W_OK):
        mend = Text("cấp quyền ghi", "make it writable").format()
        return Check("disk", "error", str(place), f"{mend}: {place}")
    free = shutil.disk_usage(place).free / 1e9
    found = Text("còn {free:.0f} GB ở {place}", "{free:.0f} GB free at {place}").format(
        free=free, place=place
    )
    low = free < MIN_FREE_GB
    mend = str(Text("Giải phóng dung lượng.", "Free some space.")) if low else ""
    return Check("disk", "warning" if low else "ok", found, mend)


def _database(settings: Settings) -> Check:
    from models import integrity, open_database

    database = open_database(settings.resolved_database_url)
    try:
        problems = integrity(database)
    finally:
        database.close()
    if problems:
        return Check("database", "error", "; ".join(problems), "hotich init")
    return Check("database", "ok", database.where)


def _adapters(settings: Settings) -> Check:
    """Files of what was learned: where one is missing, its book is read without it."""
    from flows.adapters import adapter_file, check_file
    from models import active_digests, open_database
    from pipeline.errors import WeightsError

    database = open_database(settings.resolved_database_url)
    try:
        digests = active_digests(database)
    finally:
        database.close()
    broken = []
    for digest, of in digests.items():
        try:
            check_file(adapter_file(settings, digest))
        except WeightsError:
            broken.append(of)
    found = Text("{n} bản đang dùng", "{n} in use").format(n=len(digests))
    if not broken:
        return Check("adapters", "ok", found)
    missing = Text("thiếu hoặc hỏng: {of}", "missing or damaged: {of}").format(of=", ".join(broken))
    return Check("adapters", "warning", f"{found}; {missing}", "hotich adapt / hotich train")


def _engine(settings: Settings) -> Check:
    if settings.engine == "inline":
        return Check("engine", "ok", "inline")
    if settings.engine == "cluster":
        from flows.supervise import is_healthy

        api = os.environ.get("PREFECT_API_URL", "")
        good = bool(api) and is_healthy(api)
        return Check("engine", "ok" if good else "error", api or "PREFECT_API_URL –")
    from flows.supervise import running_engine

    engine = running_engine(settings)
    if engine is None:
        return Check("engine", "warning", str(Text("không chạy", "not running")), "hotich up")
    return Check("engine", "ok", str(engine.get("api_url", "")))


def _desk(settings: Settings) -> Check:
    from desk.settings import load_desk_settings
    from desk.static_files import missing_packages
    from models.database import open_database
    from models.users import list_users

    options = load_desk_settings()
    if missing_packages():
        found = Text("thiếu gói của trang web", "packages of the web page are missing").format()
        return Check("desk", "warning", found, "./run setup")
    database = open_database(settings.resolved_database_url)
    try:
        users = [user for user in list_users(database) if not user.disabled]
    finally:
        database.close()
    found = Text("{n} người dùng, cổng {port}", "{n} users, port {port}").format(
        n=len(users), port=options.port
    )
    if not users:
        return Check("desk", "warning", found, "./run hotich user add NAME --role admin")
    return Check("desk", "ok", found)
