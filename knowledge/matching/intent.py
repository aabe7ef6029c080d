"""What kind of message it is, where it is not a question about a service."""

from __future__ import annotations

import re
from typing import Any

from knowledge.matching.decision import Kind
from knowledge.matching.index import Index
from knowledge.matching.normalise import Text

_CASE_NUMBER = re.compile(r"(?<![0-9a-z])[0-9a-z-]{12,40}(?![0-9a-z])")
# who needs help at once goes before everything else
_ORDER = (
    Kind.DISTRESS, Kind.FIRE, Kind.MEDICAL, Kind.POLICE, Kind.TRAFFIC, Kind.INSTRUCTION, Kind.PROGRESS, Kind.COMPLAINT,
    Kind.AGENT, Kind.ABUSE, Kind.SMALL_TALK, Kind.GREETING, Kind.THANKS, Kind.NOISE,
)  # fmt: skip
_URGENT = frozenset(_ORDER[:5])
CLEAR = 0.8  # from this score on a message is about an item, whatever else its words speak for
HALF_CLEAR = 0.4  # the same for what yields, where something is asked of the item: 「开电竞馆打游戏，要办啥」
_WEAK = frozenset({Kind.ABUSE, Kind.SMALL_TALK, Kind.GREETING, Kind.THANKS})  # yield to a need in the same message


# 「能找人代办吗」 asks whether somebody else may do it; 「能帮我找个代办员吗」 is a wish
_WHETHER = re.compile(r"(?:能|可以)(?!不能|不可以|.{0,2}[帮给]我)|\bcan (?!you\b)|\bmay \b|\ballowed\b")


def asks_whether(text: Text) -> bool:
    """Whether the words ask if something may be done."""
    return _WHETHER.search(text.plain) is not None


def _bare(text: str) -> str:
    return "".join(character for character in text if character.isalnum())


def intents(text: Text, index: Index) -> dict[Kind, bool]:
    """Kinds that the message's words speak for; the value says whether the message is nothing else."""
    found: dict[Kind, bool] = _clause_by_clause(text, index)
    bare = _bare(text.plain)
    for number, (start, end) in index.intent_phrases.find(text.plain, swallow=False).items():
        wording = text.plain[start:end]
        intent: dict[str, Any] = index.intents[number]
        if any(word in text.plain for word in intent["unless"]):
            continue
        alone = bare == _bare(wording)
        if wording in intent["whole"] and not alone:
            continue
        kind = Kind(intent["intent"])
        found[kind] = found.get(kind, False) or alone
    return found


def _clause_by_clause(text: Text, index: Index) -> dict[Kind, bool]:
    """「好的，谢谢」: every clause is a whole message of its kind, and so all are nothing else."""
    kinds: list[Kind] = []
    for clause in text.clauses:
        entries = index.intent_phrases.simple.get(_bare(clause), [])
        if not entries:
            return {}
        kinds += [Kind(index.intents[number]["intent"]) for number in entries]
    return dict.fromkeys(kinds, True)


def is_noise(text: Text) -> bool:
    """Nothing that could be read: no letters, or only one sign repeated."""
    bare = _bare(text.plain)
    return not bare or bare.isdigit() or len(set(bare)) <= 1 or (text.hanzi == 0 and text.latin < 2)


def before_matching(text: Text, index: Index) -> tuple[Kind | None, dict[Kind, bool]]:
    """A kind that is certain without looking for items, and all kinds the words speak for."""
    found = intents(text, index)
    if _CASE_NUMBER.fullmatch(_bare(text.plain)) and any(c.isdigit() for c in text.plain) and text.hanzi == 0:
        return (Kind.PROGRESS if sum(c.isdigit() for c in text.plain) >= 8 else None), found
    for kind in _ORDER:
        if kind in found and (kind in _URGENT or kind in (Kind.INSTRUCTION, Kind.PROGRESS) or found[kind]):
            return kind, found
    return (Kind.NOISE if is_noise(text) else None), found


def after_matching(found: dict[Kind, bool], best: float, asks: bool = False, whole: bool = False) -> Kind:
    """The kind once it is known how clearly the message is about an item (`best`: its score, 0 for none).

    `asks`: a part of a notice is asked for: 「找代办员办营业执照」 wants an agent, 「找人代办护照要带什么」 the papers;
    `whole`: all that belongs to an undertaking.
    """
    clear = best >= CLEAR
    yielding = {
        **dict.fromkeys(_WEAK, best >= HALF_CLEAR if asks or whole else clear),
        Kind.COMPLAINT: clear,
        Kind.AGENT: clear and asks,
    }
    return next((kind for kind in _ORDER if kind in found and not yielding.get(kind, False)), Kind.SERVICE)
