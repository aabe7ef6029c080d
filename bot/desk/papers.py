"""The papers of a dossier (文书): which move issues which, and what is in them; and the files that were sent.

A paper is made from the log as it was when it was issued, so it is never stored: `facts` of the same entry give the
same paper. What an authority must sign or stamp, it signs and stamps: these are the texts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.casework.case import Case
from bot.casework.engagement import Act
from bot.casework.standing import Move
from bot.casework.terms import Term
from bot.desk import views
from bot.desk.desk import Desk
from bot.desk.dossier import Acted, Dossier, Filed, Issued, Moved
from bot.events import Paper


class PaperKind(Term):
    # of an engagement (苏州 DB3205/T 1077-2023: 受理单, 委托书, 中止单, 续办委托书, 办结(终止)单)
    RECEIPT = "receipt", "代办服务受理单"
    ENTRUSTMENT = "entrustment", "代办服务委托书"
    SUSPENSION = "suspension", "代办服务中止单"
    RENEWAL = "renewal", "代办服务续办委托书"
    CLOSING = "closing", "代办服务办结单"
    TERMINATION = "termination", "代办服务终止单"
    # of a case (行政许可法 Art. 32, 38, 44, 45, 42)
    SUPPLEMENT_NOTICE = "supplement_notice", "一次性补正告知书"
    ACCEPTANCE = "acceptance", "受理通知书"
    NON_ACCEPTANCE = "non_acceptance", "不予受理决定书"
    PROCEDURE_NOTICE = "procedure_notice", "特别程序告知书"
    PROCEDURE_END = "procedure_end", "特别程序结束告知书"
    EXTENSION_NOTICE = "extension_notice", "延长期限告知书"
    APPROVAL = "approval", "准予决定书"
    REJECTION = "rejection", "不予许可决定书"
    COMPLETION = "completion", "办结通知单"
    DELIVERY = "delivery", "送达回证"
    CASE_SUSPENSION = "case_suspension", "办件中止单"
    CASE_TERMINATION = "case_termination", "办件终止告知书"


ACT_PAPERS: Mapping[Act, PaperKind] = {
    Act.ADMIT: PaperKind.RECEIPT,
    Act.SUSPEND: PaperKind.SUSPENSION,
    Act.RESUME: PaperKind.RENEWAL,
    Act.CLOSE: PaperKind.CLOSING,
    Act.TERMINATE: PaperKind.TERMINATION,
}

MOVE_PAPERS: Mapping[Move, PaperKind] = {
    Move.REQUEST_SUPPLEMENT: PaperKind.SUPPLEMENT_NOTICE,
    Move.ACCEPT: PaperKind.ACCEPTANCE,
    Move.ACCEPT_DEFERRED: PaperKind.ACCEPTANCE,
    Move.ACCEPT_ON_COMMITMENT: PaperKind.ACCEPTANCE,
    Move.REFUSE_ACCEPTANCE: PaperKind.NON_ACCEPTANCE,
    Move.START_PROCEDURE: PaperKind.PROCEDURE_NOTICE,
    Move.PROLONG_PROCEDURE: PaperKind.PROCEDURE_NOTICE,
    Move.END_PROCEDURE: PaperKind.PROCEDURE_END,
    Move.EXTEND: PaperKind.EXTENSION_NOTICE,
    Move.APPROVE: PaperKind.APPROVAL,
    Move.REJECT: PaperKind.REJECTION,
    Move.COMPLETE: PaperKind.COMPLETION,
    Move.DELIVER: PaperKind.DELIVERY,
    Move.SUSPEND: PaperKind.CASE_SUSPENSION,
    Move.LAPSE: PaperKind.CASE_TERMINATION,
    Move.TERMINATE: PaperKind.CASE_TERMINATION,
}


def paper_id(kind: PaperKind, number: str, at: int) -> str:
    """A paper's name: its kind, what it belongs to, and its place in the log."""
    return f"{number}-{at}-{kind.value}"


def paper_facts(desk: Desk, dossier: Dossier, paper: str) -> dict[str, Any] | None:
    """What is in a paper, as plain data for its template; None for one that was never issued.

    `dossier` as in views.engagement_facts, `applicant` in full, `case` as in views.case_facts where it is about one,
    `event` what was done (views.event_facts), `results` of the dossier's cases, `issued_at`.
    """
    at = next(
        (n for n, one in enumerate(dossier.entries) if isinstance(one.body, Issued) and one.body.id == paper), None
    )
    if at is None:
        return None
    then = Dossier.of(dossier.number, dossier.entries[: at + 1])
    issued, issued_at = then.entries[at].body, then.entries[at].at
    assert isinstance(issued, Issued)
    desk = replace(desk, now=issued_at)  # limits as they stood then, whenever it is printed
    about = next(
        (one for one in reversed(then.entries[:at]) if isinstance(one.body, Moved if issued.case else Acted)), None
    )
    return {
        "id": paper,
        "kind": issued.kind,
        "issued_at": issued_at.isoformat(),
        "dossier": views.engagement_facts(desk, then),
        "applicant": views.applicant_facts(then.opened.applicant, full=True),
        "case": views.case_facts(desk, then, issued.case) if issued.case else None,
        "event": views.event_facts(desk, about) if about else None,
        "results": [_result(number, case) for number, case in then.cases.items()],
    }


def sent_paper(number: str, file: Filed) -> Paper:
    """A file of the dossier `number`, to be handed on as it was sent."""
    about = {"id": file.id, "number": number, "media_type": file.media_type, "material": file.material}
    return Paper(Paper.FILE, facts=about)


def _result(number: str, case: Case) -> dict[str, Any]:
    """What became of a case: `granted` None where nothing was decided; `on` the day it came to its end."""
    standing = case.standing
    ended = standing.completed_on or standing.closed_on
    return {
        "number": number,
        "item": standing.opening.item,
        "state": case.state.value,
        "granted": standing.granted if standing.decided_on else None,
        "on": ended.isoformat() if ended else None,
    }
