"""Random people doing random things at the desk while the clock moves.

Never an illegal state, never a lost entry, clocks that add up, nobody told twice or of what they did themselves.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable

from hypothesis import HealthCheck, settings
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from bot.casework import case as cases
from bot.casework import engagement as engagements
from bot.casework.clock import explain, reckon
from bot.casework.engagement import Act, Kind
from bot.casework.ratings import Level, Opinion, Reason
from bot.casework.refusal import Refusal, Why
from bot.casework.rules import LimitKind
from bot.casework.slots import CallBack, Hours, Period
from bot.casework.standing import FINAL, Credit, Details, Move
from bot.casework.standing import Opinion as DepartmentOpinion
from bot.casework.storable import from_json, to_json
from bot.casework.table import Demand, Whither
from bot.casework.terms import Role
from bot.desk import afterwards, appointments, booking, messages, moves, staff, status
from bot.desk.change import Change, Done
from bot.desk.desk import Desk
from bot.desk.dossier import Acted, Dossier, Entry, Filed, Followed, Moved, Told
from bot.desk.office import Office
from bot.desk.tick import tick
from bot.events import Chat, Outcome
from bot.render import Renderer
from bot.store import Store
from knowledge.catalogue import Catalogue
from tests.conftest import SEAL
from tests.desk.scene import HALL, HOTEL, INVESTOR, OTHER_HALL, TOBACCO, Scene, full, known, request

STAFF = {
    "agent": (Role.AGENT,),
    "second": (Role.AGENT, Role.CLERK),
    "lead": (Role.AGENT, Role.COORDINATOR),
    "clerk": (Role.CLERK,),
    "manager": (Role.MANAGER,),
    "supervisor": (Role.SUPERVISOR,),
    "cashier": (Role.CASHIER,),
}
OUTSIDER = "outsider"  # an agent of another hall
NEIGHBOUR = Chat("terminal", "neighbour")
HOURS = Hours(usual=(Period(dt.time(9), dt.time(11)),), lead=dt.timedelta(hours=1), horizon=5)
OFFICE = Office(hours={HALL: HOURS}, files_at_most=6, messages_a_day=5, open_at_most=2)

members = some.sampled_from([*STAFF, OUTSIDER])
chats = some.sampled_from([INVESTOR, NEIGHBOUR])
ENDS = frozenset({Move.WITHDRAW, Move.TERMINATE, Move.LAPSE, Move.REFUSE_ACCEPTANCE})
SHUT = frozenset({Why.NOT_FROM_HERE, Why.NOT_YOURS, Why.NO_MATCH})
MINOR = frozenset({Move.NOTE, Move.RECORD_MATERIALS, Move.CHECK_MATERIALS, Move.SUSPEND})


def _asked(scene: Scene) -> None:
    _, (case,) = scene.handled()
    scene.received(case, *scene.required(case)[:1])
    scene.move("clerk", case, Move.REQUEST_SUPPLEMENT, materials=scene.required(case)[1:])


def _decided(scene: Scene) -> None:
    _, (case,) = scene.handled()
    scene.accepted(case)
    scene.move("clerk", case, Move.APPROVE, materials=())


STARTS: list[Callable[[Scene], None]] = [
    lambda scene: None,
    lambda scene: _only(scene.handled()),
    lambda scene: scene.received(scene.handled()[1][0]),
    lambda scene: scene.accepted(scene.handled()[1][0]),
    _asked,
    _decided,
]


def _only(done: object) -> None:
    """Something is done for what it leaves behind."""


class Casework(RuleBasedStateMachine):
    """A hall. `logs` is what every dossier's log has been so far."""

    def __init__(self, catalogue: Catalogue, renderer: Renderer) -> None:
        super().__init__()
        self.store = Store("sqlite://", SEAL)
        self.scene = Scene(catalogue, self.store, renderer, OFFICE)
        for name, roles in STAFF.items():
            self.scene.member(name, *roles)
        self.scene.member(OUTSIDER, Role.AGENT, hall=OTHER_HALL)
        self.logs: dict[str, Dossier] = {}
        self.passwords: dict[str, str] = {}

    def teardown(self) -> None:
        self.store.close()

    # --- whatever is done ---

    def attempt(self, who: Chat | None, decide: Callable[[Desk], Done | Refusal]) -> Done | Refusal:
        """Do it as `who`, and look at what that has changed."""
        result = self.scene.attempt(decide)
        change = result.change if isinstance(result, Done) else Change()
        written = {one.dossier.number: one for one in change.appended}
        for number in {*self.logs, *written}:
            self._check_log(number, written[number].dossier if number in written else None)
        self._check_letters(change, who)
        return result

    def _check_log(self, number: str, expected: Dossier | None) -> None:
        """What is kept is what was decided, which is what there was and something more; else it is as it was."""
        kept, before = self.scene.dossier(number), self.logs.get(number)
        assert kept.entries == (expected or before).entries  # type: ignore[union-attr]
        if before is not None:
            assert kept.entries[: before.length] == before.entries
        moments = [entry.at for entry in kept.entries]
        assert moments == sorted(moments)
        for entry in kept.entries[before.length if before else 0 :]:
            assert from_json(type(entry.body), to_json(entry.body)) == entry.body
            self._check_role(kept, entry)
        self.logs[number] = kept

    def _check_role(self, dossier: Dossier, entry: Entry) -> None:
        """Whoever did it has the role it was done in, and the hall is theirs."""
        if entry.by.role in (Role.APPLICANT, Role.SYSTEM):
            owner = entry.by.id == str(dossier.opened.chat)
            assert owner or entry.by.role is Role.SYSTEM or isinstance(entry.body, Followed)
            return
        member = self.scene.read(lambda desk: desk.records.colleague(entry.by.id))
        assert member is not None and entry.by.role in member.roles and member.hall == dossier.hall

    def _check_letters(self, change: Change, who: Chat | None) -> None:
        told = Counter((str(letter.to), letter.say.outcome, repr(letter.say.facts)) for letter in change.letters)
        assert not [one for one, times in told.items() if times > 1], "told twice"
        own = [letter.say.outcome for letter in change.letters if letter.to == who]
        assert set(own) <= {Outcome.RATING_ASKED}, f"{who} is told of what they did themselves"

    def staff_do(self, name: str, decide: Callable[[Desk], Done | Refusal]) -> Done | Refusal:
        return self.attempt(Chat("terminal", name), decide)

    def _number(self, data: some.DataObject) -> str | None:
        return data.draw(some.sampled_from(sorted(self.logs))) if self.logs else None

    def _case(self, data: some.DataObject) -> str | None:
        found = sorted(case for dossier in self.logs.values() for case in dossier.cases)
        return data.draw(some.sampled_from(found)) if found else None

    def _names(self, data: some.DataObject, case: str) -> tuple[str, ...]:
        """Some of a case's materials, mostly those that are missing."""
        checklist = next(one.cases[case] for one in self.logs.values() if case in one.cases).standing.checklist
        every = [entry.needed.name for entry in checklist.entries]
        if data.draw(some.booleans()):
            return checklist.missing() or tuple(every)
        return tuple(data.draw(some.lists(some.sampled_from([*every, "不相干的材料"]), max_size=4, unique=True)))

    # --- bookings ---

    @initialize(kind=some.sampled_from(Kind), so_far=some.sampled_from(STARTS))
    def begun(self, kind: Kind, so_far: Callable[[Scene], None]) -> None:
        """A booking of somebody, and a dossier that has come some of its way."""
        self.books(NEIGHBOUR, kind, (HOTEL,))
        so_far(self.scene)
        for line in self.scene.read(lambda desk: desk.records.own(INVESTOR, 5)):
            self.logs[line.number] = self.scene.dossier(line.number)
            self.passwords[line.number] = "WRONG234"

    @rule(chat=chats, kind=some.sampled_from(Kind), items=some.sampled_from([(TOBACCO,), (HOTEL, TOBACCO), ()]))
    def books(self, chat: Chat, kind: Kind, items: tuple[str, ...]) -> None:
        wanted = request(kind=kind)
        wanted = booking.Request(wanted.applicant, kind, HALL, items)
        done = self.attempt(chat, lambda desk: booking.book(desk, chat, "zh", wanted))
        if isinstance(done, Done):
            assert items
            self.passwords[done.facts["number"]] = done.facts["password"]

    @rule(data=some.data(), name=members, item=some.sampled_from([HOTEL, TOBACCO, "unknown"]))
    def adds_an_item(self, data: some.DataObject, name: str, item: str) -> None:
        if number := self._number(data):
            self.staff_do(name, lambda desk: _add(desk, name, number, item))

    # --- moves ---

    @rule(data=some.data(), name=members, move=some.sampled_from(Move), days=some.integers(-2, 20))
    def anybody_tries_any_move(self, data: some.DataObject, name: str, move: Move, days: int) -> None:
        if (case := self._case(data)) is None:
            return
        names, credit = self._names(data, case), data.draw(some.sampled_from(Credit))
        opinion = data.draw(some.sampled_from(DepartmentOpinion))

        def decide(desk: Desk) -> Done | Refusal:
            deadline = desk.today + dt.timedelta(days=days)
            given = full(desk, materials=names, credit=credit, opinion=opinion, deadline=deadline, days=days)
            return moves.move_case(desk, known(desk, name), case, move, given)

        self.staff_do(name, decide)

    @rule(data=some.data(), steps=some.integers(1, 6), ending=some.integers(0, 9))
    def a_case_goes_on(self, data: some.DataObject, steps: int, ending: int) -> None:
        for case in filter(None, [self._case(data)] * steps):
            self._goes_on(data, case, ending)

    def _goes_on(self, data: some.DataObject, case: str, ending: int) -> None:
        """What is offered to somebody can be done, or the refusal says what else it takes."""
        offered = self.scene.read(lambda desk: {name: _open_moves(desk, name, case) for name in (*STAFF, OUTSIDER)})
        shunned = MINOR if ending == 0 else MINOR | ENDS
        able = sorted({(one.what, name) for name, them in offered.items() for one in them if one.what not in shunned})
        assert not {Demand.DOCUMENT, Demand.ENTRUSTMENT} & {
            one for o in offered.values() for x in o for one in x.demands
        }
        if not able:
            return
        move, name = data.draw(some.sampled_from(able))
        names = self._names(data, case)
        given = lambda desk: full(desk, materials=names, department="住建局")  # noqa: E731
        result = self.staff_do(name, lambda desk: moves.move_case(desk, known(desk, name), case, move, given(desk)))
        assert isinstance(result, Done) or result.why not in SHUT, result

    @rule(data=some.data(), brings=some.booleans())
    def applicant_goes_on(self, data: some.DataObject, brings: bool) -> None:
        if (case := self._case(data)) is None:
            return
        names = self._names(data, case)
        chat = self.scene.read(lambda desk: _dossier_of(desk, case).opened.chat)
        move = Move.RECORD_MATERIALS if brings else Move.SUPPLY
        self.attempt(chat, lambda desk: moves.move_own(desk, chat, case, move, Details(materials=names)))

    @rule(data=some.data(), chat=chats, move=some.sampled_from(Move))
    def applicant_tries_any_move(self, data: some.DataObject, chat: Chat, move: Move) -> None:
        if case := self._case(data):
            names = self._names(data, case)
            self.attempt(chat, lambda desk: moves.move_own(desk, chat, case, move, full(desk, materials=names)))

    # --- acts ---

    @rule(data=some.data(), name=members, what=some.sampled_from(Act), heir=members)
    def anybody_tries_any_act(self, data: some.DataObject, name: str, what: Act, heir: str) -> None:
        if number := self._number(data):
            self.staff_do(name, lambda desk: _act(desk, name, number, what, heir))

    @rule(data=some.data(), steps=some.integers(1, 4), heir=members)
    def an_engagement_goes_on(self, data: some.DataObject, steps: int, heir: str) -> None:
        for number in filter(None, [self._number(data)] * steps):
            self._acts(data, number, heir)

    def _acts(self, data: some.DataObject, number: str, heir: str) -> None:
        offered = self.scene.read(lambda desk: {name: _open_acts(desk, name, number) for name in (*STAFF, OUTSIDER)})
        shunned = {Act.TERMINATE, Act.NOTE}
        able = sorted({(one.what, name) for name, them in offered.items() for one in them if one.what not in shunned})
        if able:
            what, name = data.draw(some.sampled_from(able))
            result = self.staff_do(name, lambda desk: _act(desk, name, number, what, heir))
            assert isinstance(result, Done) or result.why not in SHUT, result

    @rule(data=some.data(), chat=chats, what=some.sampled_from([Act.ENTRUST, Act.SUSPEND, Act.RESUME, Act.CANCEL]))
    def applicant_acts(self, data: some.DataObject, chat: Chat, what: Act) -> None:
        given = engagements.Details(reason="想等一等", entrustment="signed")
        if number := self._number(data):
            self.attempt(chat, lambda desk: moves.act_own(desk, chat, number, what, given))

    # --- talk, files, afterwards ---

    @rule(data=some.data(), chat=chats, text=some.sampled_from(["您好", "", " ", "长" * 2001]))
    def applicant_writes(self, data: some.DataObject, chat: Chat, text: str) -> None:
        if number := self._number(data):
            self.attempt(chat, lambda desk: messages.write_own(desk, chat, number, text))

    @rule(data=some.data(), name=members)
    def staff_write(self, data: some.DataObject, name: str) -> None:
        if number := self._number(data):
            self.staff_do(name, lambda desk: messages.write(desk, known(desk, name), number, "请补一份材料"))

    @rule(data=some.data(), chat=chats, name=some.text("abc", min_size=3, max_size=3))
    def applicant_sends_a_file(self, data: some.DataObject, chat: Chat, name: str) -> None:
        if (case := self._case(data)) is None:
            return
        materials, file = self._names(data, case) or ("不相干的材料",), Filed(name, "image/jpeg", 1000, "0" * 64)
        self.attempt(chat, lambda desk: messages.attach(desk, chat, case, materials[0], file))

    @rule(data=some.data(), chat=chats, level=some.sampled_from(Level), why=some.sampled_from([(), (Reason.DELAY,)]))
    def applicant_rates(self, data: some.DataObject, chat: Chat, level: Level, why: tuple[Reason, ...]) -> None:
        matter = self._case(data) if data.draw(some.booleans()) else self._number(data)
        if matter:
            rated = Opinion(level, why)
            self.attempt(chat, lambda desk: afterwards.rate_matter(desk, chat, matter, rated))

    @rule(data=some.data(), name=members)
    def staff_put_right(self, data: some.DataObject, name: str) -> None:
        if case := self._case(data):
            self.staff_do(name, lambda desk: afterwards.rectify(desk, known(desk, name), case, "已致歉并补办"))

    @rule(data=some.data(), chat=chats, on=some.booleans())
    def somebody_follows(self, data: some.DataObject, chat: Chat, on: bool) -> None:
        if case := self._case(data):
            self.attempt(chat, lambda desk: status.follow(desk, chat, case, on))

    @rule(data=some.data(), right=some.booleans())
    def a_stranger_looks(self, data: some.DataObject, right: bool) -> None:
        if number := self._number(data):
            password = self.passwords[number] if right else "WRONG234"
            done = self.attempt(None, lambda desk: status.look(desk, NEIGHBOUR, number, password))
            assert right or not (isinstance(done, Done) and done.dossier)

    # --- appointments, absence, time ---

    @rule(data=some.data(), chat=chats, confirmed=some.booleans())
    def applicant_meets(self, data: some.DataObject, chat: Chat, confirmed: bool) -> None:
        if (number := self._number(data)) is None:
            return
        free = self.scene.read(lambda desk: appointments.free(desk, _dossier(desk, number)))
        if isinstance(free, CallBack) or not free:
            return
        starts = data.draw(some.sampled_from(free))
        held = self.attempt(chat, lambda desk: appointments.hold(desk, chat, number, starts))
        if isinstance(held, Done) and confirmed:
            place = held.facts["booking"]
            done = self.attempt(chat, lambda desk: appointments.confirm(desk, chat, number, place))
            assert isinstance(done, Done)

    @rule(name=members, days=some.integers(0, 5), deputy=some.sampled_from(["", *STAFF]))
    def somebody_is_away(self, name: str, days: int, deputy: str) -> None:
        def decide(desk: Desk) -> Done | Refusal:
            heir = known(desk, deputy).id if deputy else ""
            return staff.be_away(desk, known(desk, name), desk.today, desk.today + dt.timedelta(days=days), heir)

        self.staff_do(name, decide)

    @rule(days=some.integers(0, 9), hours=some.integers(0, 20))
    def time_passes(self, days: int, hours: int) -> None:
        self.scene.now += dt.timedelta(days=days, hours=hours)

    @rule()
    def the_clock_ticks(self) -> None:
        """What time has brought comes once: the next look at the same moment brings nothing."""
        for number in sorted(self.logs):
            self.attempt(None, lambda desk, number=number: Done(tick(desk, number)))  # type: ignore[misc]
            again = self.attempt(None, lambda desk, number=number: Done(tick(desk, number)))  # type: ignore[misc]
            assert isinstance(again, Done) and not again.change.letters
            assert all(one.read == one.dossier.length for one in again.change.appended)
        for task in (appointments.expire, appointments.remind):
            self.attempt(None, lambda desk, task=task: Done(task(desk, HALL)))  # type: ignore[misc]

    # --- what always holds ---

    @invariant()
    def every_step_is_in_the_tables(self) -> None:
        for dossier in self.logs.values():
            for case in dossier.cases.values():
                _check_case(case)
            _check_engagement(dossier.engagement)

    @invariant()
    def nobody_is_told_once_only_things_twice(self) -> None:
        for dossier in self.logs.values():
            told = [entry.body.notice for entry in dossier.entries if isinstance(entry.body, Told)]
            assert len(told) == len(set(told))

    @invariant()
    def what_is_counted_adds_up(self) -> None:
        today = self.scene.now.date()
        for dossier in self.logs.values():
            for case in dossier.cases.values():
                for kind in LimitKind:
                    found = reckon(case.standing, kind, today, OFFICE.rules)
                    if found:
                        days = explain(case.standing, kind, today, OFFICE.rules)
                        assert found.used == sum(day.counted for day in days) == found.total - found.left

    @invariant()
    def the_whole_is_what_its_parts_say(self) -> None:
        for dossier in self.logs.values():
            moved = {entry.body.case for entry in dossier.entries if isinstance(entry.body, Moved)}
            acted = [entry.body.event for entry in dossier.entries if isinstance(entry.body, Acted)]
            assert set(dossier.cases) == moved == set(dossier.engagement.standing.cases)
            assert engagements.fold(acted) == dossier.engagement.standing
            for number, case in dossier.cases.items():
                events = [
                    one.body.event for one in dossier.entries if isinstance(one.body, Moved) and one.body.case == number
                ]
                assert cases.Case.of(events).standing == case.standing


def _check_case(case: cases.Case) -> None:
    so_far = cases.Case.of(case.events[:1])
    for event in case.events[1:]:
        row = cases.TABLE.cell(so_far.state, event.move)
        assert row is not None and event.by.role in row.by
        back = row.to is Whither.BACK
        to = so_far.standing.suspended_from if back else so_far.state if row.to is Whither.STAY else row.to
        assert event.to is to
        assert so_far.state not in FINAL or event.move is Move.NOTE
        so_far = so_far.then(event)


def _check_engagement(engagement: engagements.Engagement) -> None:
    for before, event in zip(engagement.events, engagement.events[1:], strict=False):
        row = engagements.TABLE.cell(before.to, event.act)
        assert row is not None and event.by.role in row.by
        assert event.to is (before.to if isinstance(row.to, Whither) else row.to)


def _dossier(desk: Desk, number: str) -> Dossier:
    found = desk.records.dossier(number)
    assert found is not None
    return found


def _dossier_of(desk: Desk, case: str) -> Dossier:
    found = desk.records.dossier_of(case)
    assert found is not None
    return found


def _open_acts(desk: Desk, name: str, number: str) -> tuple[moves.Open, ...]:
    return moves.open_acts(desk, known(desk, name), _dossier(desk, number))


def _open_moves(desk: Desk, name: str, case: str) -> tuple[moves.Open, ...]:
    return moves.open_moves(desk, known(desk, name), _dossier_of(desk, case), case)


def _act(desk: Desk, name: str, number: str, what: Act, heir: str) -> Done | Refusal:
    details = engagements.Details(reason="忙不过来", agent=known(desk, heir).id, note="已回访", case="37")
    return moves.act(desk, known(desk, name), number, what, details)


def _add(desk: Desk, name: str, number: str, item: str) -> Done | Refusal:
    return booking.add_item(desk, known(desk, name), _dossier(desk, number), item)


def test_the_desk_under_random_people(catalogue: Catalogue, renderer: Renderer) -> None:
    run_state_machine_as_test(
        lambda: Casework(catalogue, renderer),
        settings=settings(
            max_examples=25,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
