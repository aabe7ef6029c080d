"""Booking: numbers, bundles, limits, whose hall it is, and what is written down."""

from __future__ import annotations

import pytest

from bot.casework.engagement import Act, Details, Kind
from bot.casework.numbers import is_password
from bot.casework.refusal import Refusal, Why
from bot.desk import booking, moves
from bot.desk.office import Office
from bot.render import Renderer
from bot.store import Store
from knowledge.catalogue import Catalogue
from tests.desk.scene import APPLICANT, HALL, HOTEL, INVESTOR, STRANGER, TOBACCO, Scene, request


def test_numbers_go_up_by_region_and_day(scene: Scene) -> None:
    first = scene.book(TOBACCO, HOTEL)
    second = scene.book(TOBACCO, chat=STRANGER)
    elsewhere = scene.book(TOBACCO, chat=STRANGER, region="371323")
    tomorrow = scene.on("03-03").book(TOBACCO)
    numbers = [done.facts["number"][:-1] for done in (first, second, elsewhere, tomorrow)]
    assert numbers == [
        "DB3713212026030200001",
        "DB3713212026030200002",
        "DB3713232026030200001",
        "DB3713212026030300001",
    ]
    cases = [case["number"][:-1] for done in (first, second) for case in done.facts["cases"]]
    assert cases == ["3713212026030200001", "3713212026030200002", "3713212026030200003"]
    office = Office()
    assert all(
        office.engagement_number.is_number(done.facts["number"]) for done in (first, second, elsewhere, tomorrow)
    )


def test_a_bundle_is_its_parts_but_those_that_only_some_need_and_each_once(scene: Scene, catalogue: Catalogue) -> None:
    plan = catalogue.item("plan_restaurant")
    assert plan is not None and len(plan.parts) > 1
    sure = [one.item for one in plan.parts if not one.when]
    assert 0 < len(sure) < len(plan.parts)
    part = plan.parts[0].item
    done = scene.book("plan_restaurant", part)
    booked = [case["item"] for case in done.facts["cases"]]
    assert booked == list(dict.fromkeys([*sure, part]))
    assert scene.dossier(done.facts["number"]).engagement.standing.booking.items == ("plan_restaurant", part)


def test_a_project_needs_no_item(scene: Scene) -> None:
    wanted = booking.Request(APPLICANT, Kind.FULL, HALL, (), "2603-371321-04-01-123456")
    done = scene.do(lambda desk: booking.book(desk, INVESTOR, "zh", wanted))
    assert done.facts["cases"] == [] and done.dossier is not None
    assert done.dossier.engagement.standing.booking.project == "2603-371321-04-01-123456"


@pytest.mark.parametrize(
    ("office", "items", "why", "number"),
    [
        (Office(), (), Why.LACKING, None),
        (Office(), ("no_such_item",), Why.LACKING, None),
        (Office(items_at_most=1), (TOBACCO, HOTEL), Why.TOO_MANY, 1),
        (Office(open_at_most=1), (TOBACCO,), Why.TOO_MANY, 1),
    ],
)
def test_what_is_refused_is_not_written(
    catalogue: Catalogue,
    store: Store,
    renderer: Renderer,
    office: Office,
    items: tuple[str, ...],
    why: Why,
    number: int | None,
) -> None:
    scene = Scene(catalogue, store, renderer, office)
    scene.book(TOBACCO)
    wanted = booking.Request(APPLICANT, Kind.FULL, HALL, items)
    refusal = scene.attempt(lambda desk: booking.book(desk, INVESTOR, "zh", wanted))
    assert isinstance(refusal, Refusal) and (refusal.why, refusal.number) == (why, number)
    assert len(scene.read(lambda desk: desk.records.own(INVESTOR, 9))) == 1
    assert scene.book(TOBACCO, chat=STRANGER).facts["number"].startswith("DB3713212026030200002")


def test_closed_bookings_do_not_count(catalogue: Catalogue, store: Store, renderer: Renderer) -> None:
    scene = Scene(catalogue, store, renderer, Office(open_at_most=1))
    number = scene.book().facts["number"]
    scene.do(lambda desk: moves.act_own(desk, INVESTOR, number, Act.CANCEL, Details()))
    scene.book()


def test_the_password_is_shown_once_and_kept_as_a_hash(scene: Scene) -> None:
    done = scene.book()
    password, opened = done.facts["password"], scene.dossier(done.facts["number"]).opened
    assert is_password(password.lower(), opened.password) and password not in repr(opened)


@pytest.mark.parametrize(("region", "hall"), [("371321", "371321"), ("371300", "371300"), ("371302", "371302")])
def test_whose_hall_it_is(scene: Scene, region: str, hall: str) -> None:
    assert scene.dossier(scene.book(region=region).facts["number"]).hall == hall


def test_a_township_is_its_countys(scene: Scene, catalogue: Catalogue) -> None:
    township = next(code for code in ("371321100", "371321101", "371321001") if catalogue.regions.get(code))
    assert scene.dossier(scene.book(region=township).facts["number"]).hall == "371321"


def test_a_case_is_a_snapshot_of_the_catalogue(scene: Scene, catalogue: Catalogue) -> None:
    (case,) = scene.book().dossier.cases.values()  # type: ignore[union-attr]
    opening = case.standing.opening
    assert opening.catalogue == catalogue.version and opening.statutory is not None and opening.statutory.days == 20
    assert opening.promised is None, "the catalogue promises nothing for it"


def test_who_applied_is_in_nobodys_way(scene: Scene) -> None:
    """What an offer says of the applicant to agents who have not taken it is masked."""
    done = scene.do(lambda desk: booking.book(desk, INVESTOR, "zh", request()))
    said = repr([letter.say for letter in done.change.letters])
    assert "李**" in said and APPLICANT.name not in said and APPLICANT.identity.number not in said
