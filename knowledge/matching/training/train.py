"""Learns the weights of the re-rank and of the gate from the questions in this folder.

    python -m knowledge.matching.training.train [--worlds 6] [--write]

Nothing but what the project's developers wrote goes in: `questions.tsv` (a service's name, and questions for it),
`backgrounds.txt` (story people tell around a question) and the lexicon. The catalogue to find things in is made anew
for every world from the services of the lexicon: some labelled services are left out of it (their questions have
to be refused), and of some the lexicon loses its wordings (a real catalogue has items that no lexicon knows).
Every fifth item is held out of the learning, with all of its questions; the report is about those.
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson

from knowledge.matching import needs
from knowledge.matching.building import build_index
from knowledge.matching.candidates import FEATURES, Channels, channels, features, shortlist
from knowledge.matching.gate import CUT, EVIDENCE, calibrated, evidence
from knowledge.matching.index import Index
from knowledge.matching.lexicon import Lexicon, Service, read_lexicon
from knowledge.matching.network import Network
from knowledge.matching.normalise import normalise
from knowledge.matching.question import Question, asks_whole
from knowledge.matching.repair import fold, sounds
from knowledge.matching.rerank import WEIGHTS, Weights, likelihoods, logits
from knowledge.matching.training.questions import (
    backgrounds,
    for_weights,
    held_out,
    questions,
    real_questions,
    teaches_meaning,
)
from knowledge.matching.understanding import Parts, halves, rank, register_of
from knowledge.model import Item, Source, Text

HERE = Path(__file__).parent
REGISTERS = 4
LEFT_OUT = 0  # wordings taken out of a world's lexicon that are put to it as questions
UNANSWERABLE = 0.2  # share of what real catalogues are asked that they do not have
THERE, ELSEWHERE = (0.93, 0.4), (0.12, 0.04)  # chances that a labelled and any other service is in a catalogue
GATE_ROUNDS, GATE_PENALTY = 500, 3e-3
FOLDS = 4  # what is calibrated was decided by gates that had not seen it
CUT_IN = 2  # worlds that teach cutting: it needs few numbers
REAL = 6.0  # what a question put to a real catalogue counts, beside one put to a drawn one
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Example:
    """One question put to one world."""

    question: Question
    table: npt.NDArray[np.float32]
    right: npt.NDArray[np.bool_]  # which candidates are
    inside: bool  # the catalogue of this world has it
    scores: Channels
    held_out: bool


def bundles(lexicon: Lexicon) -> list[tuple[str, str]]:
    """Questions for 一件事: what is said for them, asking for the whole."""
    endings = (
        "，全套手续",
        "，从头到尾怎么弄",
        "，能不能一次办完",
        "，先办什么后办什么",
        "，要跑哪些部门",
        "，都要办啥",
        "，一整套流程",
    )
    return [
        (service.names[0], said + endings[(place + turn) % len(endings)])
        for place, (_, service) in enumerate(lexicon.services)
        if "一件事" in service.names[0]
        for turn, said in enumerate(service.ask[:1])
    ]


# --- the worlds -----------------------------------------------------------------------------------


def _item(number: int, service: Service, field: str, dice: random.Random) -> Item:
    name = service.names[0] if len(service.names) < 2 or dice.random() < 0.7 else service.names[1]
    if dice.random() < 0.08:
        name += "（设区的市级权限）"
    return Item(
        code=f"s{number}",
        name=Text(zh=name),
        department=Text(zh=field),
        sources=(Source(title="x"),),
        checked=dt.date(2026, 1, 1),
    )


def world(
    lexicon: Lexicon, labels: set[str], dice: random.Random
) -> tuple[Index, dict[str, str], list[tuple[str, str]]]:
    """An index over a catalogue drawn from the lexicon, label → code of the services in it, and wordings left out."""
    home = _likeness_to_labels(lexicon, labels)
    # a city's catalogue has most of what some departments do, and next to nothing of others
    departments = {field: THERE if dice.random() < 0.65 else ELSEWHERE for field, _ in lexicon.services}
    items: list[Item] = []
    known: list[tuple[str, Service]] = []
    codes: dict[str, str] = {}
    left_out: list[tuple[str, str]] = []
    for number, (field, service) in enumerate(lexicon.services):
        label = next((name for name in service.names if name in labels), None)
        chance = departments[field][0 if label else 1]
        # what can hardly be told from a labelled service is no distractor: both would be right
        present = not service.elsewhere and dice.random() < (0.0 if not label and home[number] > 0.42 else chance)
        if present:
            items.append(_item(number, service, field, dice))
            if label:
                codes[label] = f"s{number}"
            codes[service.names[0]] = f"s{number}"
        forgotten = dice.random() < 0.15
        if forgotten:
            continue
        kept = tuple(said for said in service.ask if dice.random() < 0.8)
        if (present or dice.random() < 0.2) and LEFT_OUT:
            left_out += [(service.names[0], said) for said in service.ask if said not in kept]
        known.append((field, service.model_copy(update={"ask": kept})))
    return (
        build_index(items, replace(lexicon, services=tuple(known))),
        codes,
        dice.sample(left_out, min(len(left_out), LEFT_OUT)),
    )


def _likeness_to_labels(lexicon: Lexicon, labels: set[str]) -> list[float]:
    """Of each service, how alike its names are to those of another, labelled one (Dice of character pairs)."""
    pairs = [
        [{name[i : i + 2] for i in range(len(name) - 1)} for name in service.names] for _, service in lexicon.services
    ]
    labelled = [place for place, (_, service) in enumerate(lexicon.services) if labels & set(service.names)]
    best = [0.0] * len(pairs)
    for place, names in enumerate(pairs):
        best[place] = max(
            (
                2 * len(one & other) / max(1, len(one) + len(other))
                for label in labelled
                if label != place
                for one in names
                for other in pairs[label]
            ),
            default=0.0,
        )
    return best


_HOMOPHONES: dict[str, list[str]] = {}


def mistyped(text: str, dice: random.Random) -> str:
    """`text` with one or two characters replaced by common ones that sound alike."""
    if not _HOMOPHONES:
        frequent = "".join(said for _, said in questions()) + "".join(name for name, _ in questions())
        for character in sorted(set(frequent)):
            if character in sounds():
                _HOMOPHONES.setdefault(fold(sounds()[character]), []).append(character)
    characters = list(text)
    places = [i for i, c in enumerate(characters) if c in sounds() and len(_HOMOPHONES.get(fold(sounds()[c]), ())) > 1]
    for place in dice.sample(places, min(len(places), dice.choice((1, 2, 2)))):
        same = [c for c in _HOMOPHONES[fold(sounds()[characters[place]])] if c != characters[place]]
        characters[place] = dice.choice(same)
    return "".join(characters)


def in_pinyin(text: str) -> str:
    return " ".join(sounds().get(c, c) for c in text if c in sounds())


def variants(text: str, dice: random.Random, stories: Sequence[str]) -> Iterable[str]:
    """The question as written, and as it might also be sent."""
    yield text
    if not any("一" <= c <= "鿿" for c in text):
        return
    if dice.random() < 0.35:
        yield mistyped(text, dice)
    if dice.random() < 0.5:
        story = dice.sample(list(stories), dice.choice((1, 2, 2, 3)))
        yield "，".join([*story[:-1], text, story[-1]]) if dice.random() < 0.4 else "，".join([*story, text])
    if len(text) <= 16 and dice.random() < 0.3:
        yield in_pinyin(text)


def examples(
    index: Index, codes: dict[str, str], asked: Sequence[tuple[str, str]], dice: random.Random
) -> list[Example]:
    stories = backgrounds()
    keys = [entry.codes[0][0] for entry in index.entries]
    return [
        _example(text, index, {codes[label]} if label in codes else (), keys, held_out(label, said))
        for label, said in asked
        for text in variants(said, dice, stories)
    ]


SHARED = HERE.parents[3] / "shared"  # beside the repository


def real_index(lexicon: Lexicon, shared: Path) -> Index | None:
    """Of the real catalogue in `shared`; None where that is absent."""
    export = shared / "data" / "fangchenggang"
    rows = [
        row["service"] for path in sorted(export.glob("*.json")) for row in orjson.loads(path.read_bytes())["items"]
    ]
    return build_index((_real_item(number, row) for number, row in enumerate(rows)), lexicon) if rows else None


def real_examples(index: Index) -> list[Example]:
    """Questions put to the real catalogue."""
    names = [entry.name for entry in index.entries]
    return [
        _example(one["question"], index, one["accept"], names, False)
        for one in real_questions()
        if "needs_accept" not in one and not (one["accept"] and teaches_meaning(one["question"]))
    ]


def real_put(index: Index) -> list[Put]:
    """The same questions, and those of two needs, to learn cutting from."""
    names = [entry.name for entry in index.entries]
    return [
        Put(one["question"], index, names, one.get("needs_accept", [one["accept"]]))
        for one in real_questions()
        if one["accept"]
    ]


def _real_item(number: int, row: Mapping[str, Any]) -> Item:
    department = row.get("department")
    return Item(
        code=f"r{number}",
        name=Text(zh=row["service_name"]),
        department=Text(zh=department) if department else None,
        sources=(Source(title="x"),),
        checked=dt.date(2026, 1, 1),
    )


def _example(text: str, index: Index, accept: Collection[str], keys: Sequence[str], held: bool) -> Example:
    """`text` put to `index`; `keys`: of each entry, what `accept` names it by."""
    read = normalise(text, index.simplified)
    question = needs.focused(read, index)
    scores = channels(question, index, needs.windows(read, index))
    rows = shortlist(scores)
    right = np.asarray([keys[row] in accept for row in rows], dtype=np.bool_)
    table = features(question, index, scores, rows, asks_whole(question.text, index.wholes))
    return Example(question, table, right, bool(accept), scores, held)


# --- learning -------------------------------------------------------------------------------------


def learn_rerank(data: Sequence[Example], rounds: int = 400, rate: float = 0.08) -> Floats:
    """Weights (registers, features) that make the right candidate likely: listwise softmax, L2, Adam."""
    data = [one for one in data if one.right.any()]
    size = max(len(one.right) for one in data)
    table = np.zeros((len(data), size, len(FEATURES)))
    real = np.zeros((len(data), size), dtype=bool)
    right = np.zeros((len(data), size), dtype=bool)
    register = np.zeros((len(data), REGISTERS))
    for place, one in enumerate(data):
        count = len(one.right)
        table[place, :count], real[place, :count], right[place, :count] = one.table, True, one.right
        register[place, register_of(one.question)] = 1
        register[place, 0] = 1
    weights = np.zeros((REGISTERS, len(FEATURES)))
    first, second = np.zeros_like(weights), np.zeros_like(weights)
    penalty = np.full((REGISTERS, 1), 0.003)
    penalty[0] = 0.0003
    for turn in range(1, rounds + 1):
        weighed = np.einsum("nkf,nf->nk", table, register @ weights)
        weighed[~real] = -1e9
        chance = np.exp(weighed - weighed.max(axis=1, keepdims=True))
        chance /= chance.sum(axis=1, keepdims=True)
        wanted = chance * right
        wanted /= np.maximum(wanted.sum(axis=1, keepdims=True), 1e-12)
        slope = np.einsum("nk,nkf->nf", chance - wanted, table)
        gradient = register.T @ slope / len(data) + penalty * weights
        first = 0.9 * first + 0.1 * gradient
        second = 0.999 * second + 0.001 * gradient**2
        weights -= rate * (first / (1 - 0.9**turn)) / (np.sqrt(second / (1 - 0.999**turn)) + 1e-8)
    return weights


def logistic(values: Floats, held: npt.NDArray[np.bool_]) -> Floats:
    """Logistic regression of `held`; Newton with L2."""
    weights = np.zeros(values.shape[1])
    for _ in range(30):
        chance = 1 / (1 + np.exp(-values @ weights))
        gradient = values.T @ (chance - held) + 1.0 * weights
        curve = (values * (chance * (1 - chance))[:, None]).T @ values + np.eye(values.shape[1])
        weights -= np.linalg.solve(curve, gradient)
    return weights


def learn_gate(values: Floats, inside: npt.NDArray[np.bool_], counts: Floats, units: int = 16) -> Network:
    """A network that says whether the catalogue has it, from the evidence: cross-entropy, L2, Adam."""
    chance = np.random.default_rng(0)
    centre, spread = values.mean(axis=0), values.std(axis=0) + 1e-3
    given, counts = (values - centre) / spread, counts / counts.sum()
    kept = [
        chance.normal(0, given.shape[1] ** -0.5, (given.shape[1], units)), np.zeros(units),
        chance.normal(0, 0.3, units), np.zeros(1),
    ]  # fmt: skip
    first, second = ([np.zeros_like(one) for one in kept] for _ in range(2))
    for turn in range(1, GATE_ROUNDS + 1):
        hidden = np.tanh(given @ kept[0] + kept[1])
        wrong = counts * (1 / (1 + np.exp(-(hidden @ kept[2] + kept[3]))) - inside)
        back = np.outer(wrong, kept[2]) * (1 - hidden**2)
        slopes = [
            given.T @ back + GATE_PENALTY * kept[0], back.sum(axis=0),
            hidden.T @ wrong + GATE_PENALTY * kept[2], np.asarray([wrong.sum()]),
        ]  # fmt: skip
        for place, slope in enumerate(slopes):
            first[place] = 0.9 * first[place] + 0.1 * slope
            second[place] = 0.999 * second[place] + 0.001 * slope**2
            step = first[place] / (1 - 0.9**turn) / (np.sqrt(second[place] / (1 - 0.999**turn)) + 1e-8)
            kept[place] = kept[place] - 0.02 * step
    return Network(centre, spread, kept[0], kept[1], kept[2], float(kept[3][0]))


def realistic(inside: npt.NDArray[np.bool_]) -> Floats:
    """What each question counts, so that UNANSWERABLE of all are not in the catalogue."""
    lacking = 1 - float(inside.mean())
    return np.where(inside, 1.0, UNANSWERABLE / (1 - UNANSWERABLE) * (1 - lacking) / max(lacking, 1e-9))


def unseen_chances(judged: Judged, counts: Floats, last: int) -> Floats:
    """What gates that were learned without them say of the `last` examples of `judged`, fold by fold."""
    fold = np.full(len(counts), -1)
    fold[-last:] = np.arange(last) % FOLDS
    said = np.zeros(last)
    for number in range(FOLDS):
        seen = fold != number
        gate = learn_gate(judged.values[seen], judged.inside[seen], counts[seen])
        said[~seen[-last:]] = 1 / (1 + np.exp(-gate.log_odds(judged.values[~seen])))
    return said


def learn_calibration(said: Floats, right: npt.NDArray[np.bool_]) -> tuple[float, float]:
    """Slope and shift of the log-odds that make what is said as frequent as it is right (Platt)."""
    said = np.clip(said, 1e-6, 1 - 1e-6)
    slope, shift = logistic(np.stack([np.log(said / (1 - said)), np.ones(len(said))], axis=1), right)
    return round(float(slope), 4), round(float(shift), 4)


@dataclass(frozen=True, slots=True)
class Judged:
    """Examples after the re-rank: what the gate sees, and whether the first and first four are right."""

    values: Floats
    inside: npt.NDArray[np.bool_]
    likely: Floats
    first: npt.NDArray[np.bool_]
    three: npt.NDArray[np.bool_]
    four: npt.NDArray[np.bool_]


def judge(data: Sequence[Example], learned: Weights) -> Judged:
    rows: list[npt.NDArray[np.float32]] = []
    likely: list[float] = []
    first: list[bool] = []
    three: list[bool] = []
    four: list[bool] = []
    for one in data:
        weighed = logits(one.table, register_of(one.question), learned)
        chances = likelihoods(weighed)
        order = np.argsort(-weighed, kind="stable")
        rows.append(evidence(one.question, one.scores, one.table[order], weighed[order]))
        likely.append(float(chances[order][0]))
        right = one.right[order]
        first.append(bool(right[:1].any()))
        three.append(bool(right[:3].any()))
        four.append(bool(right[:4].any()))
    return Judged(
        np.asarray(rows, dtype=np.float64), np.asarray([one.inside for one in data]), np.asarray(likely),
        np.asarray(first), np.asarray(three), np.asarray(four),
    )  # fmt: skip


JOINS = ("，另外", "，顺便", "，还有", "，", "，再问一下", "；", "，还想问", "，同时", "，也想", "。", "，顺道")


@dataclass(frozen=True, slots=True)
class Put:
    """A message put to an index: `names` of what it wants, one of each (an item's key), in the order it is said."""

    text: str
    index: Index
    keys: Sequence[str]  # of each entry of the index
    names: Sequence[Collection[str]]


def put_together(index: Index, codes: Mapping[str, str], dice: random.Random) -> list[Put]:
    """Pairs of questions as one message, and single ones."""
    stories = backgrounds()
    keys = [entry.codes[0][0] for entry in index.entries]
    known = [(label, said) for label, said in for_weights() if label in codes and not held_out(label, said)]
    put: list[Put] = []
    for label, said in known:
        other, also = dice.choice(known)
        both = dice.random() < 0.3 and other != label and len(said) < 30 and len(also) < 30 and not said.isascii()
        if both and also.isascii():
            continue
        if both:
            names = [(codes[label],), (codes[other],)]
            put.append(Put(said + dice.choice(JOINS) + also, index, keys, names))
        else:
            put.append(Put(next(reversed(list(variants(said, dice, stories)))), index, keys, [(codes[label],)]))
    return put


def learn_cut(data: Sequence[Put], learned: Weights) -> Floats:
    """Logistic regression of "cut here there are two needs", from every way to cut each message."""
    rows: list[npt.NDArray[np.float32]] = []
    two: list[bool] = []
    for one in data:
        read = normalise(one.text, one.index.simplified)
        ranking = rank(needs.focused(read, one.index), one.index, needs.windows(read, one.index), learned)
        for values, parts in halves(read, ranking, one.index, learned) if len(ranking.rows) else ():
            rows.append(values)
            two.append(len(one.names) > 1 and _met(parts, one))
    weights = logistic(np.asarray(rows, dtype=np.float64), np.asarray(two))
    chance = 1 / (1 + np.exp(-np.asarray(rows) @ weights)) >= 0.5
    held = np.asarray(two)
    seen, mistaken = 100 * chance[held].mean(), 100 * chance[~held].mean()
    print(f"cuts: {held.sum()} of {len(held)} right; seen {seen:.0f} %, seen where there is none {mistaken:.1f} %")
    return weights


def _met(parts: Parts, put: Put) -> bool:
    return all(put.keys[part.rows[0]] in wanted for (_, part), wanted in zip(parts, put.names, strict=True))


def report(title: str, judged: Judged, learned: Weights) -> None:
    chance = 1 / (1 + np.exp(-learned.gate.log_odds(judged.values)))
    sure = np.asarray([calibrated(one, learned.calibration) for one in chance * judged.likely])
    answer = (sure >= learned.answer) & (chance >= learned.choose)
    choose = (chance >= learned.choose) & ~answer
    has, lacks = judged.inside, ~judged.inside

    def share(held: npt.NDArray[np.bool_], among: npt.NDArray[np.bool_]) -> float:
        return 100 * float(held[among].mean()) if among.any() else float("nan")

    print(
        f"{title:<10} n {len(has):>5}  top1 {share(judged.first, has):5.1f}  top3 {share(judged.three, has):5.1f}  "
        f"resolved {share((answer & judged.first) | (choose & judged.four), has):5.1f}  "
        f"wrong {share(answer & ~judged.first, has):4.1f}  lost {share(chance < learned.choose, has):4.1f}  "
        f"refused {share(chance < learned.choose, lacks):5.1f}  bluffed {share(answer, lacks):4.1f}"
    )
    right = judged.first & judged.inside
    bands = [(low, (sure >= low) & (sure < low + 0.2)) for low in (0.0, 0.2, 0.4, 0.6, 0.8)]
    print("  right where sure: " + "  ".join(f"{low:.1f} {share(right, band):.0f}" for low, band in bands))


def learn(
    data: Sequence[Example],
    real: Sequence[Example],
    put: Sequence[Put],
    answer: float,
    choose: float,
) -> Weights:
    """All weights in turn: re-rank, gate, calibration, cut. `real`: those of `data` put to a real catalogue."""
    order = learn_rerank(data).astype(np.float32)
    nothing = np.zeros(0)
    bare = Network(nothing, nothing, nothing, nothing, nothing, 0.0)
    learned = Weights(order, bare, (1.0, 0.0), np.zeros(len(CUT), dtype=np.float32), answer, choose)
    judged = judge(data, learned)
    counts = realistic(judged.inside)
    if real:
        counts[-len(real) :] = REAL * realistic(judged.inside[-len(real) :])
    learned = replace(learned, gate=learn_gate(judged.values, judged.inside, counts))
    last = len(real or data)
    said = unseen_chances(judged, counts, last) * judged.likely[-last:]
    right = (judged.first & judged.inside)[-last:]
    learned = replace(learned, calibration=learn_calibration(said, right))
    return replace(learned, cut=learn_cut(put, learned).astype(np.float32))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worlds", type=int, default=4)
    parser.add_argument("--write", action="store_true", help="write weights.json")
    parser.add_argument("--answer", type=float, default=0.9)
    parser.add_argument("--choose", type=float, default=0.35)
    parser.add_argument("--shared", type=Path, default=SHARED, help="folder with data/fangchenggang")
    options = parser.parse_args()
    lexicon = read_lexicon()
    labels = {name for name, _ in questions()}
    data: list[Example] = []
    put: list[Put] = []
    for number in range(options.worlds):
        dice = random.Random(number)  # noqa: S311 (nothing secret)
        index, codes, left_out = world(lexicon, labels, dice)
        data += examples(index, codes, [*for_weights(), *bundles(lexicon), *left_out], dice)
        put += put_together(index, codes, dice) if number < CUT_IN else []
        print(f"world {number}: {len(index.entries)} items, {len(data)} examples so far", flush=True)
    learning, holding = [one for one in data if not one.held_out], [one for one in data if one.held_out]
    index_of_real = real_index(lexicon, options.shared)
    real = real_examples(index_of_real) if index_of_real else []
    put += real_put(index_of_real) if index_of_real else []
    learned = learn([*learning, *real], real, put, options.answer, options.choose)
    report("learned", judge(learning, learned), learned)
    report("held out", judge(holding, learned), learned)
    if real:
        report("real", judge(real, learned), learned)
    for name, weight in sorted(zip(FEATURES, learned.rerank[0], strict=True), key=lambda pair: -abs(pair[1])):
        print(f"  {name:<18}{weight:7.2f}" + "".join(f"{w:7.2f}" for w in learned.rerank[1:, FEATURES.index(name)]))
    print("calibration", learned.calibration)
    if options.write:
        WEIGHTS.write_bytes(
            orjson.dumps(
                {
                    "features": FEATURES,
                    "rerank": np.round(learned.rerank, 4).tolist(),
                    "evidence": EVIDENCE,
                    "cut": np.round(learned.cut, 4).tolist(),
                    "gate": learned.gate.dump(),
                    "calibration": learned.calibration,
                    "answer": options.answer,
                    "choose": options.choose,
                },
                option=orjson.OPT_INDENT_2,
            )
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
