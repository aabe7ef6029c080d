"""The hall itself: its name, who answers what it cannot, and the numbers that save lives."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated, Literal, Self

import yaml
from pydantic import Field, StringConstraints, model_validator

from knowledge.model import Code, Line, Record, Source, Text


class Telephone(Record):
    """A telephone number the public may ring, with what it is for and where that is laid down."""

    number: Line
    name: Text
    purpose: Text
    source: Source


Clock = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]  # China time
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class Hours(Record):
    """A stretch of opening, from `opens` up to `closes`."""

    opens: Clock
    closes: Clock

    @model_validator(mode="after")
    def _closes_after_it_opens(self) -> Self:
        if self.closes <= self.opens:
            raise ValueError(f"closes {self.closes} is not after opens {self.opens}")
        return self


class Opening(Record):
    """When a hall receives people who have an appointment, as the hall has published it."""

    source: Source
    usual: list[Hours]  # every working day …
    # … but for these weekdays; none: closed. A Saturday or Sunday counts only where it is worked.
    by_weekday: dict[Weekday, list[Hours]] = Field(default_factory=dict)
    closed: tuple[dt.date, ...] = ()
    minutes: int = Field(default=30, ge=5, le=480)  # of an appointment
    capacity: int = Field(default=1, ge=1, le=100)  # appointments at the same time
    lead_hours: int = Field(default=2, ge=0, le=720)  # no appointment sooner than this
    horizon: int = Field(default=30, ge=1, le=90)  # days ahead


class Hall(Record):
    """Who runs the catalogue, and whom to ring. What the hall has not published of itself is not here."""

    name: Text
    region: Line  # GB/T 2260 code of the city
    hotline: Code  # key into `lines`: who answers what the catalogue does not know
    lines: dict[Code, Telephone]
    appeal: Text  # how to have a decision reviewed
    appeal_basis: Line
    # By a hall's GB/T 2260 code. A hall that is not here offers a call-back instead of appointments.
    opening: dict[Line, Opening] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _names_its_hotline(self) -> Self:
        if self.hotline not in self.lines:
            raise ValueError(f"hotline {self.hotline} is none of the lines")
        return self

    @property
    def hotline_number(self) -> str:
        """The number that answers what the catalogue does not know."""
        return self.lines[self.hotline].number


def read_hall(path: Path) -> Hall:
    """The hall described in `path`; raises pydantic.ValidationError where it is not one."""
    return Hall.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
