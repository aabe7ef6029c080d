"""What casework stores comes back as it was."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from bot.casework import assignment, engagement, ratings, slots
from bot.casework.applicants import Identity, ProjectCode, Telephone
from bot.casework.attempts import Failure
from bot.casework.refusal import Refusal
from bot.casework.standing import Details, Event, Opening
from bot.casework.storable import NotStored, from_json, to_json
from bot.casework.terms import CHINA
from tests.casework.walks import Walk

KINDS = [
    Event, Details, Opening, Refusal, engagement.Event, engagement.Booking, assignment.Offer, assignment.Agent,
    assignment.Absence, slots.Booking, slots.Diary, ratings.Rating, ratings.Complaint, Identity, Telephone, ProjectCode,
    Failure,
]  # fmt: skip
some.register_type_strategy(dt.datetime, some.datetimes(timezones=some.just(CHINA)))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: f"{kind.__module__}.{kind.__name__}".removeprefix("bot."))
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(data=some.data())
def test_round_trip(kind: type[object], data: some.DataObject) -> None:
    value = data.draw(some.from_type(kind))
    assert from_json(kind, json.loads(json.dumps(to_json(value)))) == value


def test_a_key_of_a_newer_version_is_passed_over_and_an_absent_one_takes_its_default() -> None:
    assert from_json(Details, {"reason": "理由", "colour": "red"}) == Details(reason="理由")


def test_a_default_that_is_not_empty_is_written_down() -> None:
    kept = to_json(Walk().case.events[0])
    assert kept["opening"]["joint"] is False  # changing the default later changes no history
    assert "engagement" not in kept["opening"]


@pytest.mark.parametrize(
    "kept", [{}, {"at": "yesterday"}, [], None, {"deadline": "2026-02-30"}, {"days": "5"}, {"materials": "one"},
             {"credit": "good"}]
)  # fmt: skip
def test_what_was_never_written_is_not_read(kept: object) -> None:
    with pytest.raises(NotStored):
        from_json(Event, kept)
    if kept:
        with pytest.raises(NotStored):
            from_json(Details, kept if kept != {"at": "yesterday"} else {"opinion": "maybe"})


def test_what_has_no_form_is_not_written() -> None:
    with pytest.raises(TypeError, match="storable"):
        to_json(1.5)
