"""Who applies: the questions of the booking form about the applicant, and what they add up to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.casework import applicants
from bot.casework.applicants import Identity, IdentityKind, masked_number, masked_telephone
from bot.casework.refusal import Refusal, Why
from bot.desk.dossier import Applicant, ApplicantKind
from bot.dialogue import hearing
from bot.dialogue.forms import Field, Given, Heard, Rows
from bot.dialogue.state import Filling, Turn
from bot.events import Choice, Pressed, SentContact

OTHER = "other"  # another document than the usual one
CALL_LENGTH = 100  # characters
_SAID_KINDS = {
    ApplicantKind.PERSON: frozenset({"个人", "我自己", "自己", "本人", "我", "person", "me", "myself", "individual"}),
    ApplicantKind.ORGANISATION: frozenset(
        {"企业", "公司", "单位", "组织", "合作社", "我们公司", "company", "organisation", "organization", "my company"}
    ),
}

Shown = Mapping[str, Any]


def pressed(heard: Heard) -> str | None:
    """The field's own button, if one was pressed."""
    return heard.event.data if isinstance(heard.event, Pressed) else None


def applicant(answers: Mapping[str, Any]) -> Applicant:
    """The applicant that the answers describe."""
    identity = answers["document"] if answers["identity"]["kind"] == OTHER else answers["identity"]
    return Applicant(
        ApplicantKind.of(answers["applicant_kind"]),
        answers["name"],
        Identity(IdentityKind.of(identity["kind"]), identity["number"]),
        answers["telephone"],
        answers.get("contact") or "",
    )


def is_organisation(filling: Filling) -> bool:
    return filling.answers.get("applicant_kind") == ApplicantKind.ORGANISATION.value


# --- readers ------------------------------------------------------------------------------------


def read_kind(turn: Turn, filling: Filling, heard: Heard) -> Given | None:
    if data := pressed(heard):
        return Given(data) if data in set(ApplicantKind) else None
    text = (hearing.said(heard) or "").casefold()
    return next((Given(kind.value) for kind, words in _SAID_KINDS.items() if text in words), None)


def read_name(turn: Turn, filling: Filling, heard: Heard) -> Given | Refusal | None:
    text = hearing.name_given(heard)
    if text is None:
        return None
    found = applicants.name(text)
    return found if isinstance(found, Refusal) else Given(found)


def read_identity(turn: Turn, filling: Filling, heard: Heard) -> Given | Refusal | None:
    """The usual number of the applicant's kind; the button says that there is only another document."""
    if pressed(heard) == OTHER:
        return Given({"kind": OTHER, "number": ""})
    kind = IdentityKind.CREDIT_CODE if is_organisation(filling) else IdentityKind.RESIDENT_ID
    return _identified(turn, kind, heard)


def read_document(turn: Turn, filling: Filling, heard: Heard) -> Given | Refusal | None:
    return _identified(turn, IdentityKind.OTHER, heard)


def _identified(turn: Turn, kind: IdentityKind, heard: Heard) -> Given | Refusal | None:
    text = hearing.number_given(turn, heard)
    if text is None:
        return None
    found = applicants.identify(kind, text, turn.today)
    return found if isinstance(found, Refusal) else Given({"kind": found.kind.value, "number": found.number})


def read_telephone(turn: Turn, filling: Filling, heard: Heard) -> Given | Refusal | None:
    if isinstance(heard.event, SentContact):
        return _telephone(heard.event.telephone)
    text = hearing.number_given(turn, heard)
    return None if text is None else _telephone(text)


def _telephone(text: str) -> Given | Refusal:
    found = applicants.telephone(text)
    return found if isinstance(found, Refusal) else Given(found.e164)


def read_call(turn: Turn, filling: Filling, heard: Heard) -> Given | Refusal | None:
    text = hearing.words_given(heard)
    if text is None:
        return None
    if len(text) > CALL_LENGTH:
        return Refusal(Why.TOO_LONG, names=("text",), number=CALL_LENGTH)
    return Given(text)


# --- what is shown ------------------------------------------------------------------------------


def _kinds(turn: Turn, filling: Filling) -> Rows:
    return tuple((Choice(kind.value, term=f"applicant_kind.{kind}"),) for kind in ApplicantKind)


def _other_document(turn: Turn, filling: Filling) -> Rows:
    return () if is_organisation(filling) else ((Choice(OTHER, term="other_document"),),)


def _own_number(turn: Turn, filling: Filling) -> Rows:
    return ((Choice("contact", term="share_number", contact=True),),)


def _about_applicant(turn: Turn, filling: Filling) -> Shown:
    return {"organisation": is_organisation(filling)}


def _show_kind(turn: Turn, value: Any) -> Shown:
    return {"term": ["applicant_kind", value]}


def _show_identity(turn: Turn, value: Any) -> Shown:
    if not value["number"]:
        return {"term": ["identity_kind", OTHER]}
    return {"text": masked_number(value["number"])}


WHO = (
    Field("applicant_kind", read_kind, _kinds, show=_show_kind, decides=("name", "identity", "document", "contact")),
    Field("name", read_name, facts=_about_applicant),
    Field("identity", read_identity, _other_document, facts=_about_applicant, show=_show_identity,
          decides=("document",)),
    Field("document", read_document, show=_show_identity,
          wanted=lambda turn, filling: filling.answers.get("identity", {}).get("kind") == OTHER),
    Field("contact", read_name, wanted=lambda turn, filling: is_organisation(filling)),
)  # fmt: skip

REACHED = (
    Field("telephone", read_telephone, _own_number, show=lambda turn, value: {"text": masked_telephone(value)}),
    Field("call_at", read_call, optional=True),
)
