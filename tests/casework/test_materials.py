"""The checklist."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bot.casework.materials import Checklist, Needed, Status
from bot.casework.storable import from_json, to_json
from tests.casework.walks import PLAN, PROOF, SITE, day

LIST = Checklist.of([Needed(PLAN), Needed(SITE), Needed(PROOF, deferrable=True), Needed("自愿", required=False)])
NAMES = [PLAN, SITE, PROOF, "自愿"]


def test_what_is_required_and_not_here_is_missing() -> None:
    assert LIST.missing() == (PLAN, SITE, PROOF)
    assert LIST.received([PLAN, SITE]).missing() == (PROOF,)
    assert LIST.received(NAMES).missing() == ()


def test_what_was_asked_for_is_missing_though_not_required() -> None:
    assert LIST.received([PLAN, SITE, PROOF]).marked(["自愿"], Status.WANTED).missing() == ("自愿",)


def test_what_was_checked_and_comes_again_is_checked_again() -> None:
    checked = LIST.received([PLAN]).marked([PLAN], Status.CHECKED)
    assert checked.received([PLAN]).having(Status.CHECKED) == ()


def test_deferred_is_not_missing_but_has_a_deadline() -> None:
    deferred = LIST.received([PLAN, SITE]).marked([PROOF], Status.DEFERRED, day("03-20"))
    assert (deferred.missing(), deferred.deferred_until()) == ((), day("03-20"))
    assert deferred.received([PROOF]).deferred_until() is None


def test_main_materials_are_those_that_cannot_follow() -> None:
    assert LIST.main(NAMES) == (PLAN, SITE, "自愿")


def test_a_list_tells_what_does_not_belong_to_it() -> None:
    assert LIST.unknown([PLAN, "别的"]) == ("别的",)


def test_where_the_catalogue_has_no_list_any_name_is_taken() -> None:
    free = Checklist.of(None)
    assert free.unknown(["什么都行"]) == () and free.received(["什么都行"]).having(Status.RECEIVED) == ("什么都行",)
    assert Checklist.of([]).unknown(["什么都行"]) == ("什么都行",)  # none needed is not none recorded


@pytest.mark.parametrize("status", list(Status))
@given(names=some.lists(some.sampled_from(NAMES)))
def test_marking_changes_what_is_named_and_nothing_else(status: Status, names: list[str]) -> None:
    after = LIST.marked(names, status)
    assert [entry.needed for entry in after.entries] == [entry.needed for entry in LIST.entries]
    for before, entry in zip(LIST.entries, after.entries, strict=True):
        assert entry.status is (status if entry.needed.name in names else before.status)
    assert from_json(Checklist, to_json(after)) == after
