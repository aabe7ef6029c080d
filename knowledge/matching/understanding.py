"""The whole way of one message: kind, needs, matches, verdicts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from knowledge.matching import gate, needs, rerank
from knowledge.matching.aliases import emphasis
from knowledge.matching.aspects import aspect_of, without_aspect
from knowledge.matching.candidates import Channels, channels, features, shortlist
from knowledge.matching.decision import Aspect, Kind, Match, Need, Separator, Understanding, Verdict
from knowledge.matching.index import Entry, Index
from knowledge.matching.intent import after_matching, asks_whether, before_matching
from knowledge.matching.normalise import LONG_TEXT, Text, normalise
from knowledge.matching.postings import Floats
from knowledge.matching.question import Question, asks_whole

OFFERED = 10  # matches handed over at most
CHOICES = 4  # of them offered as a choice
EXACT = 3.0  # log-odds by which an item called by its very name or alias goes before all others
CALLED_BY_NAME = 0.95  # probability that the catalogue has what is called by an item's name or subject
LIFT = 1.0  # log-odds by which a bundle goes before its part when the whole is asked for
FAR_BEHIND = 7.0  # but not one that is so far behind it: the message speaks of something else that is done together
HOPELESS = 0.05  # how sure the first of two needs must be for the second to be looked at
SHORTEST_TWO = 8  # characters: shorter messages have one need
TWO = 0.6  # probability from which a message is read as two needs
PERHAPS = 0.2  # and from which what the second would be is among what is offered


@dataclass(frozen=True, slots=True)
class Ranking:
    """Candidates of one question, best first."""

    question: Question
    scores: Channels
    rows: npt.NDArray[np.intp]
    table: Floats
    logits: Floats
    likely: Floats
    inside: float  # probability that the catalogue has what is wanted

    @property
    def named(self) -> bool:
        """Whether the question shares a word or idea with a wording of the best: likeness of meaning may be chance."""
        return bool(self.question.groups) or (len(self.rows) > 0 and float(self.scores.explained[self.rows[0]]) > 0)


def register_of(question: Question) -> int:
    """0 plain, 1 long, 2 English, 3 short: registers weigh the features differently."""
    if question.language == "en":
        return 2
    return 1 if len(question.text) > LONG_TEXT else 3 if len(question.text) <= 6 else 0


def rank(
    question: Question,
    index: Index,
    windows: Sequence[tuple[str, float]] = (),
    learned: rerank.Weights | None = None,
) -> Ranking:
    """All candidates of `question`, weighed; `windows`: stretches of a long message (`needs.windows`)."""
    learned = learned or rerank.weights()
    scores = channels(question, index, windows)
    rows = shortlist(scores)
    whole = asks_whole(question.text, index.wholes)
    table = features(question, index, scores, rows, whole)
    gains = emphasis(question, index.aliases, rows)
    logits = rerank.logits(table, register_of(question), learned) + gains
    if whole:
        _lift_bundle(logits, rows, index)
    key = index.reader.exact_key(question.text)
    exact = index.exact.get(key)
    called = np.flatnonzero(rows == (-1 if exact is None else exact))
    if len(called):
        logits[called] = max(float(logits[called][0]), float(logits.max()) + EXACT)
    likely = rerank.likelihoods(logits)
    order = np.argsort(-logits, kind="stable")
    rows, table, logits, likely = rows[order], table[order], logits[order], likely[order]
    known = float(gains[order[0]]) if len(rows) else 0.0
    inside = gate.offered(gate.evidence(question, scores, table, logits), learned.gate, known) if len(rows) else 0.0
    if len(called) or (len(rows) and index.entries[rows[0]].subject == key):
        inside = max(inside, CALLED_BY_NAME)
    return Ranking(question, scores, rows, table, logits, likely, inside)


def _lift_bundle(logits: Floats, rows: npt.NDArray[np.intp], index: Index) -> None:
    """Somebody asks for a whole undertaking: the bundle that the best item belongs to goes before it."""
    if not len(rows):
        return
    first = int(rows[int(np.argmax(logits))])
    bundles = [place for place, row in enumerate(rows) if first in index.entries[row].parts]
    if not bundles:
        return
    best, top = max(bundles, key=lambda place: float(logits[place])), float(logits.max())
    if top - float(logits[best]) < FAR_BEHIND:
        logits[best] = top + LIFT


def _fits(region: str | None, wanted: str | None) -> bool:
    """Whether an item for `region` is offered in `wanted`: the same place, or a tier above it."""
    if region is None or wanted is None:
        return True
    return wanted == region or (region.endswith("00") and wanted.startswith(region.rstrip("0")))


def _matches(ranking: Ranking, index: Index, region: str | None) -> tuple[Match, ...]:
    found: list[Match] = []
    scale = rerank.weights().calibration
    for row, likely in zip(ranking.rows, ranking.likely, strict=True):
        entry = index.entries[row]
        codes = [code for code, place in entry.codes if _fits(place, region)]
        for code in codes if region else codes[:3]:
            found.append(Match(code, entry.name, round(gate.calibrated(float(likely) * ranking.inside, scale), 4)))
        if len(found) >= OFFERED:
            break
    return tuple(found[:OFFERED])


def _separator(entries: Sequence[Entry]) -> Separator | None:
    """What tells the offered entries apart."""
    if len(entries) < 2:
        return None
    if len({(entry.person, entry.organisation) for entry in entries}) > 1 and len({e.actions for e in entries}) == 1:
        return Separator.AUDIENCE
    return Separator.ACTION if len({entry.actions for entry in entries}) > 1 else Separator.SUBJECT


def _need(text: str, ranking: Ranking, index: Index, region: str | None) -> Need:
    decided = gate.verdict(ranking.inside, ranking.likely, rerank.weights())
    if decided is Verdict.ANSWER and (not ranking.named or index.reader.only_acts(ranking.question.text)):
        decided = Verdict.CHOOSE
    matches = _matches(ranking, index, region)
    if not matches:
        decided = Verdict.NONE
    offered = [index.entries[row] for row in ranking.rows[:CHOICES]]
    return Need(
        text=text,
        verdict=decided,
        matches=matches,
        aspect=aspect_of(text, index),
        separator=_separator(offered) if decided is Verdict.CHOOSE else None,
    )


def _sure(ranking: Ranking) -> float:
    return ranking.inside * float(ranking.likely[0]) if len(ranking.rows) else 0.0


Parts = tuple[tuple[str, Ranking], ...]  # each need: its text, and what it could mean


def halves(
    text: Text, whole: Ranking, index: Index, learned: rerank.Weights | None = None
) -> Iterator[tuple[Floats, Parts]]:
    """Ways to read a message as two needs, the most promising first, with what speaks for each (`gate.CUT`)."""
    for cut in needs.cuts(text, index):
        one = rank(needs.read(cut.first, text.language, index), index, (), learned)
        if _sure(one) < HOPELESS:
            continue
        other = rank(needs.read(cut.second, text.language, index), index, (), learned)
        if len(one.rows) and len(other.rows) and one.rows[0] != other.rows[0]:
            yield _for_cut(cut, whole, (one, other)), ((cut.first, one), (cut.second, other))


def _for_cut(cut: needs.Cut, whole: Ranking, pair: tuple[Ranking, Ranking]) -> Floats:
    sure = sorted(map(_sure, pair))
    chance = dict(zip(whole.rows.tolist(), whole.likely.tolist(), strict=True))
    seen = [chance.get(int(ranking.rows[0]), 0.0) for ranking in pair]
    return np.asarray(
        [1.0, sure[0], sure[1], _sure(whole), cut.joined, cut.sentence, *cut.asks,
         min(cut.apart, 3), min(seen), max(seen),
         min(ranking.inside for ranking in pair), min(len(cut.first), len(cut.second)) / 20],
        dtype=np.float32,
    )  # fmt: skip


def _wanted(text: Text, whole: Ranking, index: Index) -> Parts:
    """The two needs of a message, or the one."""
    one: Parts = ((text.plain, whole),)
    if len(text.plain) < SHORTEST_TWO or not len(whole.rows):
        return one
    chance, two = 0.0, one
    for values, parts in halves(text, whole, index):
        likely = gate.two_needed(values, rerank.weights().cut)
        chance, two = max((chance, two), (likely, parts), key=lambda read: read[0])
        if chance >= TWO:
            break
    if chance >= TWO:
        return two
    return ((text.plain, _with_firsts(whole, two)),) if chance >= PERHAPS else one


def _with_firsts(whole: Ranking, parts: Parts) -> Ranking:
    """`whole` with what the needs would be, were there two, among what is offered."""
    firsts = {int(part.rows[0]) for _, part in parts}
    kept = CHOICES - len(firsts)
    turns = [0 if place < kept else 1 if row in firsts else 2 for place, row in enumerate(whole.rows.tolist())]
    order = np.argsort(turns, kind="stable")
    return replace(
        whole,
        rows=whole.rows[order],
        table=whole.table[order],
        logits=whole.logits[order],
        likely=whole.likely[order],
    )


def _language(text: Text, ranking: Ranking) -> str:
    return "en" if text.language == "en" and ranking.question.language == "en" else "zh"


def understand(
    message: str, index: Index, region: str | None = None, places: Mapping[str, str] | None = None
) -> Understanding:
    """What `message` wants. `region`: the place the person chose; `places`: names of places → code, to be found in it.

    Never raises, whatever the text; what is too long is read at its beginning and end.
    """
    text = normalise(message, index.simplified)
    named = _place(text, places or {})
    certain, found = before_matching(text, index)
    if certain is not None:
        return Understanding(certain, text.language, region=named)
    asked = without_aspect(text, index)
    whole = rank(needs.focused(asked, index), index, needs.windows(asked, index))
    language = _language(text, whole)
    wanted = _wanted(text, whole, index)
    parts = tuple(_need(part, ranking, index, named or region) for part, ranking in wanted)
    # 「谁能帮我跑」 sounds like 「谁能办」
    asks = asks_whether(text) or any(part.aspect not in (None, Aspect.AGENT, Aspect.CONDITIONS) for part in parts)
    best = max((part.matches[0].score for part in parts if part.verdict is not Verdict.NONE), default=0.0)
    kind = after_matching(found, best, asks, bool(found) and asks_whole(text.plain, index.wholes))
    if kind is Kind.AGENT:
        return Understanding(kind, language, tuple(part for part in parts if part.verdict is not Verdict.NONE), named)
    if kind is not Kind.SERVICE:
        return Understanding(kind, language, region=named)
    if len(parts) == 2 and all(part.verdict is Verdict.NONE for part in parts):
        parts = (replace(parts[0], text=text.plain),)
    return Understanding(kind, language, parts, named)


def _place(text: Text, places: Mapping[str, str]) -> str | None:
    named = [name for name in places if name in text.plain]
    return places[max(named, key=len)] if named else None


def search(message: str, index: Index, limit: int) -> tuple[Match, ...]:
    """Items that a few typed words could mean, best first: for search boxes, where nothing is decided."""
    text = normalise(message, index.simplified)
    ranking = rank(needs.focused(text, index), index, needs.windows(text, index))
    return _matches(ranking, index, None)[:limit]


def merged_matches(understanding: Understanding) -> tuple[Verdict, tuple[Match, ...]]:
    """One verdict and one list for all needs, for callers that know only one (`ask --batch`): needs take turns."""
    parts = understanding.needs
    if not parts:
        return Verdict.NONE, ()
    lists = [part.matches for part in parts]
    turns: dict[str, Match] = {}
    for place in range(max(map(len, lists), default=0)):
        for matches in lists:
            if place < len(matches):
                turns.setdefault(matches[place].code, matches[place])
    verdicts = {part.verdict for part in parts}
    decided = next(one for one in (Verdict.ANSWER, Verdict.CHOOSE, Verdict.NONE) if one in verdicts)
    return decided, tuple(turns.values())[:OFFERED]
