"""The numbers casework goes by. Those of the law carry their article; the rest is the hall's configuration."""

from __future__ import annotations

from dataclasses import dataclass

from bot.casework.terms import Term
from knowledge.model import Unit


@dataclass(frozen=True, slots=True)
class Span:
    """A limit's length."""

    days: int  # days, or months where the unit says so
    unit: Unit = Unit.WORKING_DAY


class LimitKind(Term):
    PROMISED = "promised", "承诺办结时限"
    STATUTORY = "statutory", "法定办结时限"


class Stop(Term):
    """Why a clock stands still."""

    SUPPLEMENT = "supplement", "补正"
    PROCEDURE = "procedure", "特别程序"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """When a light changes, in counted days left; −1 is the first day after the last. None: never yellow.

    The default warns one working day before the last day; `Thresholds(yellow=-1, red=-3)` is yellow only when overdue.
    """

    yellow: int | None = 1
    red: int = -1


@dataclass(frozen=True, slots=True)
class Rules:
    """All numbers, in working days unless said otherwise."""

    notify_within: int = 5  # 行政许可法 Art. 32 (4): say what is missing, or it counts as accepted
    deliver_within: int = 10  # Art. 44
    extension: int = 10  # Art. 42 (1), with approval by the authority's head
    joint_extension: int = 15  # Art. 42 (2), with approval by the government of the level
    farthest_deadline: int = 366  # calendar days ahead that a deadline typed by hand is believed
    thresholds: Thresholds = Thresholds()
    # Art. 45 takes the special procedures out of the statutory limit. That a supplement asked for after acceptance
    # stops it too is the usage of hall systems (已受理待补办) and not the text of Art. 45: whoever reads it strictly
    # takes Stop.SUPPLEMENT out of `statutory_stops`.
    promised_stops: frozenset[Stop] = frozenset(Stop)
    statutory_stops: frozenset[Stop] = frozenset(Stop)

    def stops(self, kind: LimitKind) -> frozenset[Stop]:
        return self.promised_stops if kind is LimitKind.PROMISED else self.statutory_stops


def statutory_default(joint: bool) -> Span:
    """A licence's limit where no law or regulation sets another (行政许可法 Art. 42)."""
    return Span(45) if joint else Span(20)
