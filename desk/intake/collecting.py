"""Taking batches out of a watched folder or bucket: each one once, whole, and with an answer.

A complete batch becomes a delivery like one that was uploaded, and goes the same way from
there; what became of it is written beside it. What was taken is noted in the database before
a byte is copied, so that a killed process goes on where it was and nothing is taken twice.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from desk.intake.answering import answer, waiting_answer
from desk.intake.inbox import Inbox, InboxBatch, InboxFile, parse_sums
from desk.intake.receiving import NoRoomError, Part
from desk.intake.room import IntakeRoom
from desk.intake.said import said_of
from desk.intake.watch_state import keep_look
from desk.settings import DeskSettings
from models.database import Database
from models.deliveries import drop_files, load_delivery, move_delivery
from models.delivery_files import announce_file, note_received
from models.states import DeliveryState, Role
from models.users import User, find_user
from models.watched import forget_batch, note_told, see_batch, seen_batch, untold
from pipeline.errors import HotichError, IntakeError, WatchedPlaceError
from pipeline.settings import Settings
from pipeline.texts import Text

log = logging.getLogger("hotich.watch")
_PIECE = 1 << 20
_MOST_SUMS_BYTES = 50_000_000


@dataclass
class Swept:
    """What one look came to, as places below the root."""

    taken: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    """Not complete yet, or there is no room."""
    strange: list[str] = field(default_factory=list)
    """In folders that are no contractor's account."""
    failed: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)


def sweep(db: Database, settings: Settings, options: DeskSettings) -> Swept | None:
    """Look once: take what is complete, tell what became of what was taken before.

    Returns:
        None where another process looks just now.

    Raises:
        SettingsError: the watched place cannot be spoken to.
        WatchedPlaceError: it is away, shut or gone; what it came to is kept (``last_look``).
    """
    room = IntakeRoom.of(settings)
    place = _bare(options.watch)
    try:
        swept = _sweep(db, room, options)
    except HotichError as error:
        keep_look(room.root, place, error=error)
        raise
    if swept is not None:
        keep_look(
            room.root, place, waiting=swept.waiting, strange=swept.strange, failed=swept.failed
        )
    return swept


def _bare(address: str) -> str:
    """An address without the keys that some write into it."""
    scheme, slashes, rest = address.rpartition("://")
    return f"{scheme}{slashes}{rest.rpartition('@')[2] if slashes else rest}"


def _sweep(db: Database, room: IntakeRoom, options: DeskSettings) -> Swept | None:
    inbox = Inbox.at(options.watch)
    swept = Swept()
    with _alone(room.root / "watch.lock") as alone:
        if not alone:
            return None
        still = _Stillness(room.root / "watch.json")
        for login, entry in inbox.entries():
            place = f"{login}/{str(entry['name']).rpartition('/')[2]}"
            user = find_user(db, login)
            if user is None or user.role is not Role.CONTRACTOR or user.disabled:
                swept.strange.append(place)
                continue
            try:
                batch = inbox.look(login, entry)
                if not _complete(batch, still, options.watch_still_seconds):
                    swept.waiting.append(place)
                    continue
                if _take(db, inbox, room, batch, user, options):
                    swept.taken.append(place)
                else:
                    swept.waiting.append(place)
            except Exception as error:
                # Of one batch, or a file system that is away; others go on, it comes again.
                log.warning("watch: %s: %s", place, error, exc_info=not _known(error))
                swept.failed.append(place)
                if isinstance(error, HotichError):
                    _tell(inbox, place, waiting_answer(place, str(error)))
        still.keep()
        for one in untold(db):
            if _tell(inbox, one.place, answer(one.place, load_delivery(db, one.delivery_id))):
                note_told(db, one.id, one.state)
                swept.told.append(one.place)
    return swept


def _known(error: Exception) -> bool:
    return isinstance(error, (HotichError, OSError))


def _complete(batch: InboxBatch, still: _Stillness, seconds: float) -> bool:
    """By its marker; else by its manifest and that nothing changes any more."""
    if batch.unfinished or not batch.contents:
        return False
    return batch.whole or (batch.has_manifest and still.since(batch) >= seconds)


def _take(
    db: Database,
    inbox: Inbox,
    room: IntakeRoom,
    batch: InboxBatch,
    user: User,
    options: DeskSettings,
) -> bool:
    """Copy a batch into a delivery and have it checked; False where there is no room."""
    size = sum(file.size for file in batch.contents)
    seen = seen_batch(db, batch.mark)
    if seen is None:
        if why := room.lacks(db, user.contractor_id or 0, size, options):
            _tell(inbox, batch.place, waiting_answer(batch.place, _NO_ROOM[why].format()))
            return False
        seen = see_batch(db, user, batch.place, batch.mark)
    if seen.state is DeliveryState.OPEN:
        try:
            wrong = _copied(db, inbox, room, batch, seen.delivery_id)
        except (HotichError, OSError):
            if not _unchanged(inbox, batch):  # a file grew, or went: it comes under another mark
                _undo(db, room, seen.id, seen.delivery_id, user)
                return False
            raise
        if not _unchanged(inbox, batch):
            _undo(db, room, seen.id, seen.delivery_id, user)
            return False
        if wrong:
            report = {"refused": wrong, "notices": []}
            move_delivery(
                db, seen.delivery_id, DeliveryState.FAILED, actor=user.login,
                of=(DeliveryState.OPEN,), report=report,
            )  # fmt: skip
        else:
            move_delivery(
                db, seen.delivery_id, DeliveryState.CHECKING, actor=user.login,
                of=(DeliveryState.OPEN,),
            )  # fmt: skip
    # Also where it was taken before and came back unchanged, or we were killed right here.
    with suppress(WatchedPlaceError):  # we may only read: the database knows that it is taken
        inbox.put_away(batch, seen.delivery_id)
    return True


_NO_ROOM = {
    "quota": Text(
        "các lô đang mở đã dùng hết hạn mức; đưa chúng vào hàng đợi hoặc rút bớt",
        "your open deliveries fill your quota; queue or withdraw some",
    ),
    "disk": Text(
        "đĩa của cơ quan đã đầy; lô này chờ", "the disk of the office is full; this batch waits"
    ),
}


def _unchanged(inbox: Inbox, batch: InboxBatch) -> bool:
    now = inbox.again(batch)
    return now is not None and now.mark == batch.mark


def _undo(db: Database, room: IntakeRoom, watched: int, delivery: int, user: User) -> None:
    """It changed while it was copied: nothing of it counts."""
    forget_batch(db, watched)
    move_delivery(db, delivery, DeliveryState.WITHDRAWN, actor=user.login, of=(DeliveryState.OPEN,))
    with db.write() as connection:
        drop_files(connection, delivery)
    room.throw_away(delivery)


def _copied(
    db: Database, inbox: Inbox, room: IntakeRoom, batch: InboxBatch, delivery: int
) -> list[dict[str, object]]:
    """Copy what is missing, comparing digests; returns what is wrong, as refusals."""
    sums: dict[str, str] = {}
    if batch.sums is not None:
        if batch.sums.size > _MOST_SUMS_BYTES:
            raise IntakeError(batch.sums.path)
        with inbox.open(batch.sums.where) as source:
            sums = parse_sums(source.read().decode("utf-8", "replace"))
    wrong = []
    for file in batch.contents:
        digest = _copy(db, inbox, room, file, delivery)
        expected = sums.pop(file.path, None)
        if batch.sums is not None and expected != digest:
            text = _UNLISTED if expected is None else _CHANGED
            wrong.append(said_of(IntakeError(text.format(name=file.path)), file.path))
    wrong += [said_of(IntakeError(_MISSING.format(name=path)), path) for path in sorted(sums)]
    return wrong


_UNLISTED = Text("“{name}” không có trong SHA256SUMS", "“{name}” is not in SHA256SUMS")
_CHANGED = Text(
    "“{name}” khác mã băm trong SHA256SUMS", "“{name}” differs from its digest in SHA256SUMS"
)
_MISSING = Text(
    "“{name}” có trong SHA256SUMS nhưng không có tệp", "“{name}” is in SHA256SUMS, but not here"
)


def _copy(db: Database, inbox: Inbox, room: IntakeRoom, file: InboxFile, delivery: int) -> str:
    """One file into its delivery, in pieces of a megabyte; returns its SHA-256.

    Raises:
        IntakeError: the delivery takes no files any more, or the file is not as long as said.
    """
    placed = announce_file(db, delivery, file.path, file.size, file.modified)
    if placed is None:
        raise IntakeError(file.path)
    incoming, _old = placed
    digest = hashlib.sha256()
    path = room.part(incoming)
    if incoming.whole and path.exists():  # a killed process had got so far
        with path.open("rb") as there:
            while piece := there.read(_PIECE):
                digest.update(piece)
        return digest.hexdigest()
    part = Part(path)
    try:
        part.start(0)
        with inbox.open(file.where) as source:
            while piece := source.read(_PIECE):
                digest.update(piece)
                part.write(piece)
        if part.at != file.size:
            raise IntakeError(file.path)
        note_received(db, incoming.token, incoming.received, part.keep())
    except NoRoomError as error:
        raise IntakeError(_NO_ROOM["disk"].format()) from error
    finally:
        part.close()
    return digest.hexdigest()


def _tell(inbox: Inbox, place: str, text: str) -> bool:
    try:
        inbox.tell(place, text)
    except WatchedPlaceError as error:
        log.warning("watch: %s: %s", place, error)
        return False
    return True


class _Stillness:
    """Since when batches have been as they are, by this machine's clock, over restarts."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[str, list[object]] = {}
        self._seen: dict[str, list[object]] = {}
        with suppress(OSError, ValueError):
            self._known = json.loads(path.read_text("utf-8"))

    def since(self, batch: InboxBatch) -> float:
        """Seconds; moments of the files themselves are another machine's clock."""
        now = time.time()
        mark, moment = self._known.get(batch.place, ["", now])
        if mark != batch.mark or not isinstance(moment, (int, float)) or moment > now:
            moment = now
        self._seen[batch.place] = [batch.mark, moment]
        return now - moment

    def keep(self) -> None:
        """For the next look; what is gone is forgotten."""
        self._path.write_text(json.dumps(self._seen), encoding="utf-8")


@contextmanager
def _alone(path: Path) -> Iterator[bool]:
    """Whether nobody else on this machine holds the lock; ends with the process."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
            return
        yield True
