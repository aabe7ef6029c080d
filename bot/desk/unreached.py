"""Nobody is reached in a chat any more: the bot was blocked there, or the chat is gone.

What was written there is not read, so whoever counts on that is told to take another way: once, until somebody writes
there again and is lost anew.
"""

from __future__ import annotations

import datetime as dt

from bot.desk import notices
from bot.desk.change import Change, Unreached
from bot.desk.desk import Desk
from bot.desk.dossier import SYSTEM, Told
from bot.desk.log import appended, noted
from bot.events import Letter, Say

AT_MOST = 50  # dossiers of one chat that are looked at, open ones first


def given_up(desk: Desk, letter: Letter, reason: str) -> Change:
    """A letter is given up because nobody is reached in its chat; nothing where it is settled already."""
    if not desk.records.waits(letter.id):
        return Change()
    read = desk.records.lost(letter.chat)
    since = read or desk.now
    change = Change(unreached=(Unreached(letter.id, letter.chat, reason, read, since),))
    for line in desk.records.own(letter.chat, AT_MOST):
        if not line.closed:
            change = change.and_(_learned(desk, line.number, letter.say, since))
    colleague = desk.records.member(letter.chat) if read is None else None
    return change.and_(Change(letters=notices.colleague_unreached(desk, colleague, since))) if colleague else change


def _learned(desk: Desk, number: str, say: Say, since: dt.datetime) -> Change:
    """A dossier learns that its applicant is lost."""
    dossier, key = desk.records.dossier(number), f"unreached:{since.astimezone(dt.UTC).isoformat()}"
    if dossier is None or key in dossier.told:
        return Change()
    letters = notices.unreached(desk, dossier, say, since)
    if not letters:  # whoever has it next is told by the next letter that is lost
        return Change()
    after = noted(desk, dossier, SYSTEM, Told(key))
    return Change(appended=(appended(desk, dossier, after),), letters=letters)
