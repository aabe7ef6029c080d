"""Every way in which casework says no. Each name has a wording in the templates, and each ends in what can be done."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum


class Why(StrEnum):
    # moves of a case or an engagement
    NOT_FROM_HERE = "not_from_here"  # the table has no such cell
    NOT_YOURS = "not_yours"  # another role's move
    LACKING = "lacking"  # something the move demands is absent: `names`
    TOO_LONG = "too_long"  # a text or a list beyond its bound: `names`
    TOO_EARLY = "too_early"  # not before `day`
    TOO_LATE = "too_late"  # `day` was the last
    DEADLINE_PAST = "deadline_past"  # the deadline given is not in the future
    DEADLINE_FAR = "deadline_far"  # … or implausibly far: `day` is the last one taken
    UNKNOWN_MATERIAL = "unknown_material"  # not on the item's list: may not be asked for (行政许可法 Art. 31)
    MATERIALS_MISSING = "materials_missing"  # `names`
    NOT_RECEIVED = "not_received"  # cannot be checked before it is here: `names`
    ALREADY_HERE = "already_here"  # can be neither deferred nor replaced: `names`
    NOT_DEFERRABLE = "not_deferrable"  # main materials cannot be 容缺: `names`
    ASKED_ONCE = "asked_once"  # a second list may ask nothing new (Art. 32): `names`
    DISCREDITED = "discredited"  # 容缺 and 告知承诺 are not for the discredited
    COMMITMENT_EXCLUDED = "commitment_excluded"  # the item cannot be handled by 告知承诺
    DEFERRAL_EXCLUDED = "deferral_excluded"  # the item takes no 容缺
    OPINIONS_OPEN = "opinions_open"  # departments still have time to answer: `names`, until `day`
    OBJECTION = "objection"  # a department objects: `names`
    NOT_INVITED = "not_invited"
    ALREADY_INVITED = "already_invited"
    REASON_NEEDED = "reason_needed"
    ALREADY_EXTENDED = "already_extended"  # Art. 42 allows it once
    EXTENSION_TOO_LONG = "extension_too_long"  # `number` is the most
    NO_LIMIT = "no_limit"  # there is no statutory limit to extend
    NOT_A_NUMBER_OF_DAYS = "not_a_number_of_days"
    # engagements and agents
    EXCLUDED = "excluded"  # cannot be handled by proxy
    ALREADY_INCLUDED = "already_included"  # the case belongs to the engagement already
    CASES_OPEN = "cases_open"  # `names`
    NOT_RESPONSIBLE = "not_responsible"
    NOT_OFFERED = "not_offered"
    NO_HAND_OVER = "no_hand_over"
    SAME_PERSON = "same_person"
    TAKEN = "taken"  # somebody else was first
    ABSENT = "absent"
    OTHER_HALL = "other_hall"
    # slots
    NO_HOURS = "no_hours"  # the hall's hours are not known: a call-back instead
    NO_SUCH_SLOT = "no_such_slot"
    TOO_SOON = "too_soon"  # inside the lead time
    FULL = "full"
    TOO_MANY = "too_many"  # the applicant's limit; `number`
    NO_SUCH_BOOKING = "no_such_booking"
    EXPIRED = "expired"  # the hold ran out and the slot is gone
    NOT_FULL = "not_full"  # no need to wait
    # applicants
    BAD_IDENTITY = "bad_identity"
    BAD_CREDIT_CODE = "bad_credit_code"
    BAD_DOCUMENT = "bad_document"
    BAD_NAME = "bad_name"
    BAD_TELEPHONE = "bad_telephone"
    BAD_PROJECT_CODE = "bad_project_code"
    NO_SUCH_PLACE = "no_such_place"  # no region of the catalogue
    NO_SUCH_ITEM = "no_such_item"  # nothing in the catalogue that is called so
    # look-up
    NO_MATCH = "no_match"  # wrong or absent: one and the same
    BAD_NUMBER = "bad_number"  # no case or engagement can have such a number
    WAIT = "wait"  # until `moment`
    IN_PUBLIC = "in_public"  # others read along here
    # ratings and complaints
    ALREADY_RATED = "already_rated"
    NOT_CLOSED = "not_closed"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A no. Nothing was changed. The fields besides `why` say what the wording needs."""

    why: Why
    names: tuple[str, ...] = ()  # demands, materials, departments, cases
    day: dt.date | None = None
    moment: dt.datetime | None = None
    number: int | None = None
