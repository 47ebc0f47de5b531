"""Typed records: the main columns of an entry, ready to be searched and sorted.

Derived from the entry's fields, person before machine; never edited by themselves. Beside
each name stands its folded search key, beside each EDTF date the earliest day it can mean
(Thông tư 04/2020 Đ.32.2 reads an unknown day or month the same way), beside each place
the unit it certainly is.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from models.base import Base, BigId, Sortable

Key = Annotated[str | None, mapped_column(Sortable)]


class _Record:
    """Columns of every record."""

    @declared_attr
    def entry_id(cls) -> Mapped[int]:  # noqa: N805 - SQLAlchemy hands the class
        return mapped_column(BigId, ForeignKey("entry.id", ondelete="CASCADE"), primary_key=True)

    @declared_attr
    def unit_id(cls) -> Mapped[str]:  # noqa: N805
        return mapped_column(ForeignKey("unit.id"))

    year: Mapped[int]
    """Year of registration: numbers run per unit, kind and year (Đ.29.3)."""
    number: Mapped[int | None]
    registration_date: Mapped[str | None]
    registration_day: Mapped[date | None]


class BirthRecord(_Record, Base):
    """A birth."""

    __tablename__ = "birth_record"
    __table_args__ = (
        Index("ix_birth_record_number", "unit_id", "year", "number"),
        Index("ix_birth_record_child_key", "child_key"),
        Index("ix_birth_record_birth_day", "birth_day"),
    )

    child_name: Mapped[str | None]
    child_key: Mapped[Key]
    sex: Mapped[str | None]
    birth_date: Mapped[str | None]
    birth_day: Mapped[date | None]
    birth_place: Mapped[str | None]
    birth_place_unit_id: Mapped[str | None]
    home_town: Mapped[str | None]
    home_town_unit_id: Mapped[str | None]
    ethnicity: Mapped[str | None]
    nationality: Mapped[str | None]
    father_name: Mapped[str | None]
    father_key: Mapped[Key]
    father_birth_date: Mapped[str | None]
    mother_name: Mapped[str | None]
    mother_key: Mapped[Key]
    mother_birth_date: Mapped[str | None]


class MarriageRecord(_Record, Base):
    """A marriage."""

    __tablename__ = "marriage_record"
    __table_args__ = (
        Index("ix_marriage_record_number", "unit_id", "year", "number"),
        Index("ix_marriage_record_husband_key", "husband_key"),
        Index("ix_marriage_record_wife_key", "wife_key"),
        Index("ix_marriage_record_registration_day", "registration_day"),
    )

    husband_name: Mapped[str | None]
    husband_key: Mapped[Key]
    husband_birth_date: Mapped[str | None]
    husband_birth_day: Mapped[date | None]
    husband_residence: Mapped[str | None]
    husband_residence_unit_id: Mapped[str | None]
    wife_name: Mapped[str | None]
    wife_key: Mapped[Key]
    wife_birth_date: Mapped[str | None]
    wife_birth_day: Mapped[date | None]
    wife_residence: Mapped[str | None]
    wife_residence_unit_id: Mapped[str | None]


class DeathRecord(_Record, Base):
    """A death."""

    __tablename__ = "death_record"
    __table_args__ = (
        Index("ix_death_record_number", "unit_id", "year", "number"),
        Index("ix_death_record_deceased_key", "deceased_key"),
        Index("ix_death_record_death_day", "death_day"),
    )

    deceased_name: Mapped[str | None]
    deceased_key: Mapped[Key]
    sex: Mapped[str | None]
    birth_date: Mapped[str | None]
    birth_day: Mapped[date | None]
    death_date: Mapped[str | None]
    death_day: Mapped[date | None]
    death_place: Mapped[str | None]
    death_place_unit_id: Mapped[str | None]
    residence: Mapped[str | None]
    residence_unit_id: Mapped[str | None]
    ethnicity: Mapped[str | None]
    nationality: Mapped[str | None]


class PersonKey(Base):
    """A person of an entry, as they are searched for: how the name sounds, and its two ends.

    The indexes hold all that a search asks: on a cold disk each row looked up beside them would
    cost a read of its own.
    """

    __tablename__ = "person_key"
    __table_args__ = (
        Index("ix_person_key_sound", "sound", "entry_id"),
        Index("ix_person_key_ends", "ends", "sound", "entry_id"),
    )

    entry_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("entry.id", ondelete="CASCADE"), primary_key=True
    )
    role: Mapped[str] = mapped_column(String(16), primary_key=True)
    """child, father, mother, husband, wife, deceased."""
    sound: Mapped[str] = mapped_column(Sortable)
    """``models.search.sound_key``: spellings of one sound are one."""
    ends: Mapped[str] = mapped_column(Sortable)
    """Family name and given name alone: middle names are left out or mistaken most."""
