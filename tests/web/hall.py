"""A hall for the tests of the console: staff with names, dossiers in every kind of state. All of it is made up."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import httpx

from bot.casework import engagement as engagements
from bot.casework.applicants import Identity, IdentityKind
from bot.casework.engagement import Act
from bot.casework.ratings import Level, Opinion
from bot.casework.standing import Details, Move
from bot.casework.terms import Role
from bot.desk import afterwards, messages, moves, staff
from bot.desk.change import Change, Done
from bot.desk.desk import Desk
from bot.desk.dossier import Applicant, ApplicantKind, Filed
from bot.events import Chat
from bot.vault import Kept, Vault
from knowledge.catalogue import Catalogue
from knowledge.model import Fact, Grade, Item
from tests.desk.scene import CITY, HALL, HOTEL, INVESTOR, OTHER_HALL, TOBACCO, Scene, known

NAMES = {
    "agent": ("示范代办员甲", Role.AGENT),
    "second": ("示范代办员乙", Role.AGENT),
    "clerk": ("示范窗口员", Role.CLERK),
    "coordinator": ("示范协调员", Role.COORDINATOR),
    "manager": ("示范大厅管理", Role.MANAGER),
    "supervisor": ("示范监察员", Role.SUPERVISOR),
    "keeper": ("示范目录员", Role.KEEPER),
    "admin": ("示范管理员", Role.ADMIN),
}
COMPANY = Applicant(
    ApplicantKind.ORGANISATION,
    "示范旅馆有限公司",
    Identity(IdentityKind.OTHER, "DEMO-0001"),
    "+8613800000001",
    "示范联系人",
)
SHOP = Applicant(ApplicantKind.PERSON, "示范店主", Identity(IdentityKind.OTHER, "DEMO-0002"), "+8613800000002")
DEFERRING = "deferring_test_item"  # only in this hall's catalogue: no real item is recorded to take 容缺 yet
ROOM = 1000  # engagements an agent carries here: a module's tests share one hall
NEIGHBOUR = Chat("terminal", "neighbour")
PICTURE = b"\x89PNG\r\n\x1a\n" + b"picture"


class Shelf:
    """The project's catalogue and one made-up item, which may be accepted with a material to follow (容缺受理)."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        real = catalogue.item(TOBACCO)
        assert real is not None
        assert real.materials is not None
        *others, last = real.materials
        wording = Fact(zh="可以容缺", en="may be deferred", evidence=Grade.OFFICIAL)
        deferring = {"code": DEFERRING, "materials": (*others, last.model_copy(update={"deferrable": True}))}
        self._item = real.model_copy(update=deferring | {"deferral": wording})

    def __getattr__(self, name: str) -> Any:
        return getattr(self._catalogue, name)

    def item(self, code: str) -> Item | None:
        return self._item if code == DEFERRING else self._catalogue.item(code)


def employ(scene: Scene) -> None:
    """The hall's staff, some of the next hall, and a coordinator of the city's."""
    for chat, (name, role) in NAMES.items():
        _join(scene, chat, name, role, HALL)
    _join(scene, "elsewhere", "邻县代办员", Role.AGENT, OTHER_HALL)
    _join(scene, "coordinator_elsewhere", "邻县协调员", Role.COORDINATOR, OTHER_HALL)
    _join(scene, "city", "市级协调员", Role.COORDINATOR, CITY)


def _join(scene: Scene, chat: str, name: str, role: Role, hall: str) -> None:
    code = scene.do(lambda desk: staff.invite(desk, [role], hall)).facts["code"]
    scene.do(lambda desk: staff.join(desk, Chat("terminal", chat), code, name))
    scene.do(lambda desk: Done(Change(members=(replace(known(desk, chat), capacity=ROOM),))))


def secret(scene: Scene, chat: str) -> str:
    """A one-time way into the console, as `/console` in the chat gives it."""
    return str(scene.do(lambda desk: staff.login_link(desk, known(desk, chat))).facts["secret"])


def entrusted(scene: Scene, number: str, agent: str = "agent", chat: Chat = INVESTOR) -> None:
    """Taken, admitted, entrusted and begun."""
    scene.act(agent, number, Act.TAKE)
    scene.act(agent, number, Act.ADMIT)
    signed = engagements.Details(entrustment="signed")
    scene.do(lambda desk: moves.act_own(desk, chat, number, Act.ENTRUST, signed))
    scene.act(agent, number, Act.BEGIN)


def busy(scene: Scene, vault: Vault) -> dict[str, str]:
    """A hall with something of everything; numbers by what they are: `hotel` is a dossier under way with two cases, one
    `accepted` and one `waiting` for the window; `fresh` is offered to both agents; `poor` was rated badly."""
    hotel = scene.book(HOTEL, TOBACCO, applicant=COMPANY).facts
    entrusted(scene, hotel["number"])
    accepted, waiting = (one["number"] for one in hotel["cases"])
    received(scene, accepted)
    plain(scene, "clerk", accepted, Move.ACCEPT)
    kept = vault.keep(PICTURE, "a-file-that-the-applicant-sent")
    assert isinstance(kept, Kept)
    file = Filed(kept.id, kept.media_type, kept.size, kept.sha256)
    scene.do(lambda desk: messages.attach(desk, INVESTOR, waiting, first_material(desk, waiting), file))
    plain(scene, "agent", waiting, Move.SUBMIT)
    scene.do(lambda desk: messages.write_own(desk, INVESTOR, hotel["number"], "材料都交齐了吗？\n还缺什么请告诉我。"))
    scene.do(
        lambda desk: messages.write(desk, known(desk, "agent"), hotel["number"], "旅馆的齐了，烟草的还差一份租赁合同")
    )
    fresh = scene.book(TOBACCO, applicant=SHOP, chat=NEIGHBOUR).facts
    poor = scene.book(TOBACCO, applicant=SHOP, chat=NEIGHBOUR).facts
    entrusted(scene, poor["number"], chat=NEIGHBOUR)
    (closed,) = (one["number"] for one in poor["cases"])
    scene.do(lambda desk: moves.move_own(desk, NEIGHBOUR, closed, Move.WITHDRAW, Details(reason="改主意了")))
    opinion = Opinion(Level.DISSATISFIED, text="问了三次才有人回")
    scene.do(lambda desk: afterwards.rate_matter(desk, NEIGHBOUR, closed, opinion))
    complaint = scene.do(lambda desk: afterwards.complain_about(desk, NEIGHBOUR, closed, "等了两个小时没有人管", HALL))
    return {
        "hotel": hotel["number"],
        "accepted": accepted,
        "waiting": waiting,
        "fresh": fresh["number"],
        "fresh_case": fresh["cases"][0]["number"],
        "poor": poor["number"],
        "closed": closed,
        "complaint": complaint.facts["complaint"]["number"],
    }


def plain(scene: Scene, name: str, case: str, move: Move, **given: object) -> None:
    """A move with what is given and nothing else."""
    details = Details(**given)  # type: ignore[arg-type]
    scene.do(lambda desk: moves.move_case(desk, known(desk, name), case, move, details))


def received(scene: Scene, case: str) -> None:
    """Handed in and received at the window with everything that is required."""
    plain(scene, "agent", case, Move.SUBMIT)
    plain(scene, "clerk", case, Move.RECEIVE, materials=scene.required(case))


def first_material(desk: Desk, case: str) -> str:
    dossier = desk.records.dossier_of(case)
    assert dossier is not None
    return str(dossier.cases[case].standing.checklist.entries[0].needed.name)


@dataclass
class House:
    """A hall, its console, and the numbers of what is in it."""

    scene: Scene
    address: str
    vault: Vault
    numbers: dict[str, str]
    chats: Iterator[int] = field(default_factory=itertools.count)

    @contextmanager
    def visit(self, who: str = "", **headers: str) -> Iterator[httpx.Client]:
        """A browser of a member of staff who is logged in; with no name, of somebody who is not."""
        with httpx.Client(base_url=self.address, headers={"Accept-Language": "zh", **headers}, timeout=30) as client:
            if who:
                assert client.post(f"/console/login/{secret(self.scene, who)}").status_code == 303
            yield client

    def booked(self, *items: str) -> tuple[str, str]:
        """A dossier the agent works on and its first case, of an applicant of its own."""
        chat = Chat("terminal", f"applicant {next(self.chats)}")
        number = self.scene.book(*items, chat=chat, applicant=SHOP).facts["number"]
        entrusted(self.scene, number, chat=chat)
        return number, next(iter(self.scene.dossier(number).cases))
