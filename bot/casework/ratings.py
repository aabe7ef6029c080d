"""好差评, rectification and complaints.

国办发〔2019〕51号: five levels, one rating a matter, voluntary, reasons for the two lowest. 鲁政办发〔2020〕10号:
within five working days; every 差评 with a name is called back. Whoever handled it rectifies within five more.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from bot.casework.refusal import Refusal, Why
from bot.casework.table import TEXT_LENGTH
from bot.casework.terms import Term, day_of
from knowledge.working_days import Deadline, add_working_days

RATE_WITHIN = 5  # working days after the matter was closed
RECTIFY_WITHIN = 5  # working days after a 差评


class Level(Term):
    VERY_SATISFIED = "very_satisfied", "非常满意"
    SATISFIED = "satisfied", "满意"
    FAIRLY_SATISFIED = "fairly_satisfied", "基本满意"
    DISSATISFIED = "dissatisfied", "不满意"
    VERY_DISSATISFIED = "very_dissatisfied", "非常不满意"

    @property
    def is_poor(self) -> bool:
        """差评."""
        return self in (Level.DISSATISFIED, Level.VERY_DISSATISFIED)


class Reason(Term):
    """What can be ticked; anything else is free text."""

    DELAY = "delay", "超过承诺时限"
    ATTITUDE = "attitude", "服务态度不好"
    TOLD_PIECEMEAL = "told_piecemeal", "没有一次性告知"
    EXTRA_MATERIALS = "extra_materials", "要求提供清单以外的材料"
    EXTRA_FEES = "extra_fees", "收取清单以外的费用"
    REPEATED_VISITS = "repeated_visits", "多次跑动"
    PASSED_ON = "passed_on", "推诿扯皮"
    OTHER = "other", "其他"


@dataclass(frozen=True, slots=True)
class Opinion:
    """What somebody says of a matter. `named`: they may be called back."""

    level: Level
    reasons: tuple[Reason, ...] = ()
    text: str = ""
    named: bool = False


@dataclass(frozen=True, slots=True)
class Rating:
    matter: str  # a case's or engagement's number
    opinion: Opinion
    at: dt.datetime

    @property
    def rectify_by(self) -> Deadline | None:
        """Until when a 差评 is rectified and answered; None for any other rating."""
        return add_working_days(day_of(self.at), RECTIFY_WITHIN) if self.opinion.level.is_poor else None

    @property
    def call_back(self) -> bool:
        return self.opinion.level.is_poor and self.opinion.named


def rate_until(closed_on: dt.date) -> Deadline:
    """The last day for a rating."""
    return add_working_days(closed_on, RATE_WITHIN)


def rate(
    matter: str, opinion: Opinion, closed_on: dt.date | None, earlier: Rating | None, now: dt.datetime
) -> Rating | Refusal:
    """The rating of a matter closed on `closed_on` (None: not yet); `earlier` is the one it has already."""
    if earlier is not None:
        return Refusal(Why.ALREADY_RATED)
    if closed_on is None:
        return Refusal(Why.NOT_CLOSED)
    last = rate_until(closed_on).day
    if day_of(now) > last:
        return Refusal(Why.TOO_LATE, day=last)
    if len(opinion.text) > TEXT_LENGTH:
        return Refusal(Why.TOO_LONG, names=("text",))
    explained = bool(opinion.text.strip()) or any(one is not Reason.OTHER for one in opinion.reasons)
    if opinion.level.is_poor and not explained:
        return Refusal(Why.REASON_NEEDED)  # 其他 alone says nothing
    return Rating(matter, opinion, now)


@dataclass(frozen=True, slots=True)
class Complaint:
    """A complaint to the supervisor, with its own number."""

    number: str
    about: str  # a case's or engagement's number; empty: the hall
    text: str
    at: dt.datetime
    answer_by: dt.date
    provisional: bool  # reckoned across a year whose days off are not announced


def complain(number: str, about: str, text: str, answer_within: int, now: dt.datetime) -> Complaint | Refusal:
    """A complaint to be answered within so many working days: how many is the hall's to say, no rule was found."""
    if not text.strip():
        return Refusal(Why.EMPTY)
    if len(text) > TEXT_LENGTH:
        return Refusal(Why.TOO_LONG, names=("text",))
    deadline = add_working_days(day_of(now), answer_within)
    return Complaint(number, about, text.strip(), now, deadline.day, deadline.provisional)
