"""What the routes of reviewing stand on: database, settings, gazetteer, pictures, and who asks."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Annotated

from fastapi import Depends, Request

from desk.guard import Operator, TheDesk, this_session
from desk.pictures.addresses import PictureAddress, sign
from desk.pictures.room import PictureRoom
from models import Database
from models.users import User
from pipeline.places import Gazetteer, load_gazetteer
from pipeline.settings import Settings
from pipeline.texts import Language, language
from pipeline.types import Polygon


@dataclass(frozen=True)
class Here:
    """One request's surroundings."""

    db: Database
    settings: Settings
    pictures: PictureRoom
    hold_seconds: float
    test_share: float
    user: User
    session: str

    @property
    def language(self) -> Language:
        """Of whoever asks."""
        return language()

    @property
    def gazetteer(self) -> Gazetteer:
        """Places through time; read once."""
        return load_gazetteer(self.settings.config)

    @property
    def today(self) -> date:
        """The day of "current" places."""
        as_of = self.settings.as_of
        return date.fromisoformat(as_of) if as_of else date.today()

    def address(self, kind: str, scan_id: int, page: int, polygon: Polygon) -> str:
        """Path of a picture, good for this session and a while."""
        shown = PictureAddress(scan_id, page, polygon)
        return f"/pic/{kind}/{sign(self.pictures.key, self.session, kind, shown, time.time())}"


async def here(request: Request, desk: TheDesk, user: Operator) -> Here:
    """Surroundings of a request of somebody who reviews; waits for nothing, so no thread."""
    return Here(
        db=desk.database,
        settings=desk.settings,
        pictures=_room(desk.database, desk.settings, desk.key),
        hold_seconds=desk.options.hold_seconds,
        test_share=desk.options.test_share,
        user=user,
        session=str(this_session(request).id),
    )


@lru_cache(maxsize=4)
def _room(db: Database, settings: Settings, key: bytes) -> PictureRoom:
    return PictureRoom.open(db, settings, key)


HereNow = Annotated[Here, Depends(here)]
