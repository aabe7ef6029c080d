"""Tickets are good once and for a while; absences; leaving."""

from __future__ import annotations

import datetime as dt

import pytest

from bot.casework.refusal import Why
from bot.casework.terms import Role
from bot.desk import staff
from bot.events import Chat
from tests.desk.scene import HALL, OTHER_HALL, Scene

NEW = Chat("telegram", "4711")


def invited(scene: Scene, *roles: Role, hall: str = HALL) -> str:
    return str(scene.do(lambda desk: staff.invite(desk, roles or (Role.CLERK,), hall)).facts["code"])


def test_an_invitation_is_good_once(scene: Scene) -> None:
    code = invited(scene)
    assert scene.do(lambda desk: staff.join(desk, NEW, code, "王五")).facts["roles"] == ["clerk"]
    again = Chat("telegram", "4712")
    assert scene.refused(lambda desk: staff.join(desk, again, code, "赵六")) is Why.EXPIRED


@pytest.mark.parametrize(("after", "good"), [(dt.timedelta(days=6, hours=23), True), (dt.timedelta(days=7), False)])
def test_an_invitation_expires(scene: Scene, after: dt.timedelta, good: bool) -> None:
    code = invited(scene)
    scene.now += after
    assert scene.read(lambda desk: staff.is_good_invitation(desk, code)) is good


def test_a_second_invitation_adds_roles_in_the_same_hall_only(scene: Scene) -> None:
    first, more, elsewhere = invited(scene), invited(scene, Role.AGENT), invited(scene, Role.AGENT, hall=OTHER_HALL)
    scene.do(lambda desk: staff.join(desk, NEW, first, "王五"))
    assert scene.do(lambda desk: staff.join(desk, NEW, more, "王五")).facts["roles"] == ["agent", "clerk"]
    assert scene.refused(lambda desk: staff.join(desk, NEW, elsewhere, "王五")) is Why.OTHER_HALL


@pytest.mark.parametrize("name", ["", "  ", "长" * 101])
def test_a_name_that_is_none_costs_no_ticket(scene: Scene, name: str) -> None:
    code = invited(scene)
    assert scene.refused(lambda desk: staff.join(desk, NEW, code, name)) is Why.BAD_NAME
    scene.do(lambda desk: staff.join(desk, NEW, code, "王五"))


def test_nobody_is_invited_as_an_applicant_or_nowhere(scene: Scene) -> None:
    assert scene.refused(lambda desk: staff.invite(desk, (Role.APPLICANT, Role.SYSTEM), HALL)) is Why.LACKING
    assert scene.refused(lambda desk: staff.invite(desk, (Role.AGENT,), "999999")) is Why.LACKING


def test_a_login_link_is_good_once_and_ten_minutes(scene: Scene) -> None:
    agent = scene.who("agent")
    secret = scene.do(lambda desk: staff.login_link(desk, agent)).facts["secret"]
    session = scene.do(lambda desk: staff.log_in(desk, secret)).facts["session"]
    assert scene.refused(lambda desk: staff.log_in(desk, secret)) is Why.EXPIRED
    assert scene.read(lambda desk: staff.who(desk, session)) is not None
    late = scene.do(lambda desk: staff.login_link(desk, agent)).facts["secret"]
    scene.now += dt.timedelta(minutes=10)
    assert scene.refused(lambda desk: staff.log_in(desk, late)) is Why.EXPIRED


def test_a_session_ends_by_time_by_leaving_and_by_being_revoked(scene: Scene) -> None:
    agent = scene.who("agent")

    def session() -> str:
        secret = scene.do(lambda desk: staff.login_link(desk, agent)).facts["secret"]
        return str(scene.do(lambda desk: staff.log_in(desk, secret)).facts["session"])

    def open_(key: str) -> bool:
        return scene.read(lambda desk: staff.who(desk, key)) is not None

    left, late = session(), session()
    scene.do(lambda desk: staff.log_out(desk, left))
    assert not open_(left) and open_(late)
    scene.now += dt.timedelta(hours=8)
    assert not open_(late)
    fired = session()
    scene.do(lambda desk: staff.revoke(desk, agent.id))
    assert not open_(fired)


def test_one_kind_of_ticket_is_not_another(scene: Scene) -> None:
    code = invited(scene)
    assert scene.refused(lambda desk: staff.log_in(desk, code)) is Why.EXPIRED
    assert scene.read(lambda desk: staff.who(desk, code)) is None


@pytest.mark.parametrize(
    ("first", "last", "deputy", "why"),
    [
        (0, -1, "", Why.DEADLINE_PAST),
        (-5, -1, "", Why.DEADLINE_PAST),
        (0, 367, "", Why.DEADLINE_FAR),
        (0, 5, "agent", Why.SAME_PERSON),
        (0, 5, "clerk", Why.OTHER_HALL),
    ],
)
def test_absences_that_are_none(scene: Scene, first: int, last: int, deputy: str, why: Why) -> None:
    agent, heir = scene.who("agent"), scene.who(deputy).id if deputy else ""
    day = dt.timedelta(days=1)
    refused = scene.refused(
        lambda desk: staff.be_away(desk, agent, desk.today + first * day, desk.today + last * day, heir)
    )
    assert refused is why


def test_who_is_away_is_offered_nothing(scene: Scene) -> None:
    agent = scene.who("agent")
    scene.do(lambda desk: staff.be_away(desk, agent, desk.today, desk.today))
    assert scene.book().facts["offered"] is False
    assert ("coordinator", "offer") in scene.told()
    away = scene.who("agent")
    scene.do(lambda desk: staff.be_back(desk, away))
    assert scene.book().facts["offered"] is True
