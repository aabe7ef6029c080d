"""The halls there are, and which one handles a region."""

from __future__ import annotations

from bot.desk.desk import Desk
from knowledge.model import Level
from knowledge.regions import Region


def hall_of(desk: Desk, region: str) -> str:
    """The hall that handles a region: its county's or zone's, else the city's."""
    path = desk.catalogue.regions.path(region)
    return next((one.code for one in path if _has_hall(one)), desk.catalogue.hall.region)


def halls(desk: Desk) -> tuple[str, ...]:
    """Codes of all halls: the city's, then those of its counties and zones."""
    return (desk.catalogue.hall.region, *(one.code for one in desk.catalogue.regions if _has_hall(one)))


def _has_hall(region: Region) -> bool:
    return region.level is Level.COUNTY or region.zone
