"""The hall itself: its name, who answers what it cannot, and the numbers that save lives."""

from __future__ import annotations

from pathlib import Path
from typing import Self

import yaml
from pydantic import model_validator

from knowledge.model import Code, Line, Record, Source, Text


class Telephone(Record):
    """A telephone number the public may ring, with what it is for and where that is laid down."""

    number: Line
    name: Text
    purpose: Text
    source: Source


class Hall(Record):
    """Who runs the catalogue, and whom to ring. What the hall has not published of itself is not here."""

    name: Text
    region: Line  # GB/T 2260 code of the city
    hotline: Code  # key into `lines`: who answers what the catalogue does not know
    lines: dict[Code, Telephone]
    appeal: Text  # how to have a decision reviewed
    appeal_basis: Line

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
