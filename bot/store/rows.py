"""What the desk reads and writes, as rows and back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from bot.casework.slots import Booking, Status
from bot.casework.storable import from_json, to_json
from bot.casework.terms import Actor, Role
from bot.desk.dossier import KINDS, Entry, Filed
from bot.desk.records import ComplaintFile, Member, Ticket, TicketKind
from bot.store.seal import Seal

Row = dict[str, Any]


def entry_row(stream: str, seq: int, entry: Entry, seal: Seal) -> Row:
    return {
        "stream": stream,
        "seq": seq,
        "at": entry.at,
        "actor": entry.by.id,
        "role": entry.by.role.value,
        "kind": entry.kind,
        "subject": getattr(entry.body, "case", ""),
        "body": seal.seal(to_json(entry.body)),
    }


def entry_of(row: Any, seal: Seal) -> Entry:
    body: Any = from_json(KINDS[row.kind], seal.open(row.body))
    return Entry(row.at, Actor(row.actor, from_json(Role, row.role)), body)


def filed_rows(stream: str, numbered: Iterable[tuple[int, Entry]]) -> list[Row]:
    """The files that entries are about, by the entries' places in the log."""
    return [
        {"stream": stream, "seq": seq, "file": entry.body.id}
        for seq, entry in numbered
        if isinstance(entry.body, Filed)
    ]


def booking_row(hall: str, booking: Booking) -> Row:
    return {
        "hall": hall,
        "id": booking.id,
        "applicant": booking.applicant,
        "starts": booking.starts,
        "status": booking.status.value,
        "made_at": booking.made_at,
        "held_until": booking.held_until,
        "replaces": booking.replaces,
    }


def booking_of(row: Any) -> Booking:
    return Booking(
        row.id, row.applicant, row.starts, from_json(Status, row.status), row.made_at, row.held_until, row.replaces
    )


def member_row(member: Member, seal: Seal) -> Row:
    return {
        "id": member.id,
        "hall": member.hall,
        "channel": member.chat.channel if member.chat else None,
        "chat": member.chat.id if member.chat else None,
        "revoked": member.revoked,
        "body": seal.seal(to_json(replace(member, load=0))),
    }


def member_of(row: Any, load: int, seal: Seal) -> Member:
    return replace(from_json(Member, seal.open(row.body)), load=load)


def ticket_row(ticket: Ticket, seal: Seal) -> Row:
    return {
        "digest": ticket.digest,
        "kind": ticket.kind.value,
        "expires_at": ticket.expires_at,
        "used_at": ticket.used_at,
        "facts": seal.seal(ticket.facts),
    }


def ticket_of(row: Any, seal: Seal) -> Ticket:
    return Ticket(TicketKind(row.kind), row.digest, row.expires_at, seal.open(row.facts), row.used_at)


def complaint_row(complaint: ComplaintFile, seal: Seal) -> Row:
    return {
        "number": complaint.number,
        "hall": complaint.hall,
        "answered": complaint.answered_at is not None,
        "answer_by": complaint.answer_by,
        "body": seal.seal(to_json(complaint)),
    }


def complaint_of(row: Any, seal: Seal) -> ComplaintFile:
    return from_json(ComplaintFile, seal.open(row.body))
