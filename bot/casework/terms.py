"""The words everything in casework shares: who acts, in which role, and which day it is."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

CHINA = dt.timezone(dt.timedelta(hours=8))  # one time zone for the whole country; no summer time


class Term(StrEnum):
    """A word of the field: the value is what is stored, `zh` what standards and hall systems call it."""

    zh: str

    def __new__(cls, value: str, zh: str) -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.zh = zh
        return member

    @classmethod
    def of(cls, value: str) -> Self:
        """The term that is stored as `value`; ValueError for one there is not."""
        if (found := next((one for one in cls if one.value == value), None)) is None:
            raise ValueError(f"no {cls.__name__} is called {value}")
        return found


class Role(Term):
    """In which role somebody acts. A person may have several; every event says in which one it was done."""

    APPLICANT = "applicant", "申请人"
    AGENT = "agent", "代办员"
    COORDINATOR = "coordinator", "协调员"
    CLERK = "clerk", "窗口人员"
    CASHIER = "cashier", "收费员"
    MANAGER = "manager", "大厅管理"
    SUPERVISOR = "supervisor", "监察"
    KEEPER = "keeper", "目录管理员"
    ADMIN = "admin", "系统管理员"
    SYSTEM = "system", "系统"  # what the law lets happen by itself when time has passed


STAFF = frozenset(Role) - {Role.APPLICANT, Role.SYSTEM}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: an opaque identity (never a name or a telephone number) and the role."""

    id: str
    role: Role


def day_of(moment: dt.datetime) -> dt.date:
    """The calendar day of a moment in China. Raises ValueError for a moment without time zone."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return moment.astimezone(CHINA).date()
