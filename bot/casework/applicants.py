"""Who applies: identity and credit codes, telephones, project codes; and how little of them is shown.

Checked here is what arithmetic can check (a digit that was mistyped). Whether a document is genuine, people check.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass

import phonenumbers
from stdnum.cn import ric, uscc
from stdnum.exceptions import ValidationError

from bot.casework.refusal import Refusal, Why
from bot.casework.terms import Term

NAME_LENGTH = 100  # characters


class IdentityKind(Term):
    RESIDENT_ID = "resident_id", "居民身份证"
    CREDIT_CODE = "credit_code", "统一社会信用代码"
    OTHER = "other", "护照或其他证件"  # no check character: the original is looked at


@dataclass(frozen=True, slots=True)
class Identity:
    kind: IdentityKind
    number: str  # normalised


@dataclass(frozen=True, slots=True)
class Telephone:
    e164: str  # +8613800000000
    mobile: bool


@dataclass(frozen=True, slots=True)
class ProjectCode:
    """投资项目代码 (GB/T 40058-2021): its parts as far as they are established here, and the rest unread.

    How the check character is reckoned is not established here, so it is not checked: a code of the right shape may be
    mistyped.
    """

    text: str
    time: str  # 4 digits
    region: str  # 6
    department: str  # 2
    type: str  # 2


def identify(kind: IdentityKind, text: str, today: dt.date) -> Identity | Refusal:
    """The identity typed as `text`, checked as far as its kind allows."""
    match kind:
        case IdentityKind.RESIDENT_ID:
            return _resident(text, today)
        case IdentityKind.CREDIT_CODE:
            return _organisation(text)
        case IdentityKind.OTHER:
            number = _compact(text)
            fits = re.fullmatch(r"[A-Z0-9]{5,20}", number) is not None
            return Identity(kind, number) if fits else Refusal(Why.BAD_DOCUMENT)


def _resident(text: str, today: dt.date) -> Identity | Refusal:
    number = _compact(text)
    # Not ric.validate: it also wants the birthplace in its table, which lags behind, and it fails with a KeyError on a
    # number of a known city whose county it doesn't know.
    if re.fullmatch(r"[0-9]{17}[0-9X]", number) is None or ric.calc_check_digit(number) != number[-1]:
        return Refusal(Why.BAD_IDENTITY)
    try:
        born = ric.get_birth_date(number)
    except ValidationError:
        return Refusal(Why.BAD_IDENTITY)
    return Identity(IdentityKind.RESIDENT_ID, number) if born <= today else Refusal(Why.BAD_IDENTITY)


_CREDIT_CODE = re.compile(r"[0-9A-HJ-NP-RTUWXY]{2}[0-9]{6}[0-9A-HJ-NP-RTUWXY]{10}")  # GB 32100-2015


def _organisation(text: str) -> Identity | Refusal:
    number = _compact(text)
    # uscc.validate takes only digits for the registering authority, but GB 32100 also gives letters (N: village
    # collectives, Y: others), so the shape is checked here and the check character by uscc.
    if _CREDIT_CODE.fullmatch(number) and uscc.calc_check_digit(number[:-1]) == number[-1]:
        return Identity(IdentityKind.CREDIT_CODE, number)
    return Refusal(Why.BAD_CREDIT_CODE)


def telephone(text: str) -> Telephone | Refusal:
    """A telephone number as people type it; without country code it is a Chinese one."""
    try:
        number = phonenumbers.parse(unicodedata.normalize("NFKC", text), "CN")
    except phonenumbers.NumberParseException:
        return Refusal(Why.BAD_TELEPHONE)
    if not phonenumbers.is_valid_number(number):
        return Refusal(Why.BAD_TELEPHONE)
    mobile = phonenumbers.number_type(number) in _MOBILE
    return Telephone(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164), mobile)


_MOBILE = {phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE}


def name(text: str) -> str | Refusal:
    """A person's or organisation's name: one line with a letter in it, no longer than `NAME_LENGTH`."""
    cleaned = " ".join(unicodedata.normalize("NFKC", text).split())
    plain = all(unicodedata.category(sign)[0] not in "C" for sign in cleaned)
    if plain and len(cleaned) <= NAME_LENGTH and sum(sign.isalpha() for sign in cleaned) > 1:
        return cleaned
    return Refusal(Why.BAD_NAME)


# 24 characters: four dashes among twenty, as the platforms print it, or twenty-four without any
_PROJECT_CODE = (
    re.compile(r"(?P<time>[0-9]{4})-(?P<region>[0-9]{6})-(?P<department>[0-9]{2})-(?P<type>[0-9]{2})-[0-9A-Z]{6}"),
    re.compile(r"(?P<time>[0-9]{4})(?P<region>[0-9]{6})(?P<department>[0-9]{2})(?P<type>[0-9]{2})[0-9A-Z]{10}"),
)
_DASHES = re.compile(r"[‐-―−－﹣ー—–-]")


def project_code(text: str) -> ProjectCode | Refusal:
    """A project's code; see `ProjectCode` for what is checked and what is not."""
    typed = _DASHES.sub("-", "".join(unicodedata.normalize("NFKC", text).upper().split()))
    for shape in _PROJECT_CODE:
        if found := shape.fullmatch(typed):
            return ProjectCode(typed, **found.groupdict())
    return Refusal(Why.BAD_PROJECT_CODE)


# --- what others may see ------------------------------------------------------------------------


def masked_name(full: str) -> str:
    """The first character of each word, and two stars whatever its length: 张**, J** S**."""
    return " ".join(f"{word[0]}**" for word in full.split())


def masked_number(number: str) -> str:
    """The first three and the last two characters of an identity number; of a short one only the first."""
    if len(number) < 12:
        return number[:1] + "*" * (len(number) - 1)
    return number[:3] + "*" * (len(number) - 5) + number[-2:]


def masked_telephone(e164: str) -> str:
    """As it is usual in China: 138****0000; others keep their last two digits."""
    national = e164.removeprefix("+86")
    if national != e164 and len(national) == 11:
        return f"{national[:3]}****{national[-4:]}"
    return "*" * (len(e164) - 2) + e164[-2:]


def _compact(text: str) -> str:
    return re.sub(r"[\s\-‐-―−·.]", "", unicodedata.normalize("NFKC", text)).upper()
