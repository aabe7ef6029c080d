"""Limits on status look-ups: whoever fails waits longer and longer, and nobody can make somebody else wait.

A waiting time is a chat's own: it grows with the chat's failures, and sooner where the case itself is being tried by
many. A chat that has not failed is never kept waiting, however many others have, so the owner of a case cannot be
locked out of it; the password's length keeps one try each from many chats hopeless. Waits are bounded, and failures
are forgotten.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from bot.casework.numbers import is_password
from bot.casework.refusal import Refusal, Why


@dataclass(frozen=True, slots=True)
class Limits:
    free: int = 3  # failures without waiting
    first_wait: dt.timedelta = dt.timedelta(seconds=30)  # doubled with every further failure
    longest_wait: dt.timedelta = dt.timedelta(hours=1)
    forgotten_after: dt.timedelta = dt.timedelta(hours=24)
    hot: int = 10  # failures on one case, by anybody, from which a chat that fails on it has no free tries


@dataclass(frozen=True, slots=True)
class Failure:
    at: dt.datetime
    chat: str  # an opaque key
    case: str  # the number that was tried, existing or not (a keyed hash will do)


def wait_until(failures: Collection[Failure], chat: str, case: str, now: dt.datetime, limits: Limits) -> dt.datetime:
    """When `chat` may try `case` again; not after `now`: at once. `failures`: this chat's and this case's."""
    recent = [one for one in failures if now - one.at < limits.forgotten_after]
    mine = [one.at for one in recent if one.chat == chat]
    on_case = [one for one in recent if one.case == case]
    if not mine:
        return now
    tried_it = any(one.chat == chat for one in on_case)
    free = 0 if tried_it and len(on_case) >= limits.hot else limits.free
    return max(mine) + _wait(len(mine) - free, limits)


def look_up(given: str, stored: str | None, until: dt.datetime, now: dt.datetime) -> Refusal | None:
    """None: show the case. While waiting nothing is looked at; wrong and absent are one and the same refusal."""
    if now < until:
        return Refusal(Why.WAIT, moment=until)
    return None if is_password(given, stored) else Refusal(Why.NO_MATCH)


def _wait(over: int, limits: Limits) -> dt.timedelta:
    if over <= 0:
        return dt.timedelta()
    times = 1 << min(over - 1, 30)  # numbers stay small: the longest wait is reached long before
    return min(limits.first_wait * times, limits.longest_wait)
