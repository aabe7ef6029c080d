"""A hall's own facts: its opening hours become its office's."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from bot.casework.slots import Period, slots
from bot.desk.office import office_of
from knowledge.hall import Hall, read_hall
from tests.conftest import ROOT

SHIPPED = ROOT / "knowledge" / "hall.yaml"
OPENING: dict[str, Any] = {
    "source": {"title": "公告"},
    "usual": [{"opens": "09:00", "closes": "10:30"}],
    "by_weekday": {"fri": [], "tue": [{"opens": "14:00", "closes": "15:00"}]},
    "closed": ["2026-03-04"],
    "minutes": 45,
}


def hall(**changed: Any) -> Hall:
    facts = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))
    return Hall.model_validate(facts | {"opening": {"371321": OPENING | changed}})


def test_hours_nobody_published_are_not_shipped() -> None:
    assert office_of(read_hall(SHIPPED)).hours == {}


def test_the_printed_example_is_read(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "add-opening-hours.md").read_text(encoding="utf-8")
    example = page.split("```yaml\n")[1].split("```")[0]
    file = tmp_path / "hall.yaml"
    file.write_text(SHIPPED.read_text(encoding="utf-8") + example, encoding="utf-8")
    hours = office_of(read_hall(file)).hours["371321"]
    assert hours.capacity == 2 and hours.on(dt.date(2026, 12, 4)) == (Period(dt.time(9), dt.time(12)),)


@pytest.mark.parametrize(
    ("day", "begins"),
    [
        ("2026-03-02", ["09:00", "09:45"]),  # a Monday
        ("2026-03-03", ["14:00"]),
        ("2026-03-04", []),  # closed that day
        ("2026-03-06", []),  # closed on Fridays
        ("2026-03-07", []),  # a Saturday off
        ("2026-02-28", ["09:00", "09:45"]),  # a Saturday that is worked
    ],
)
def test_hours_become_slots(day: str, begins: list[str]) -> None:
    hours = office_of(hall()).hours["371321"]
    assert [f"{one:%H:%M}" for one in slots(hours, dt.date.fromisoformat(day))] == begins


@pytest.mark.parametrize(
    "changed",
    [
        {"usual": [{"opens": "10:00", "closes": "09:00"}]},
        {"usual": [{"opens": "9", "closes": "10:00"}]},
        {"source": None},
        {"capacity": 0},
        {"by_weekday": {"holiday": []}},
        {"address": "somewhere"},
    ],
)
def test_what_is_no_opening_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        hall(**changed)
