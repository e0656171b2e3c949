"""Query → hits: dense and lexical search under one filter, fused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from newsqa.config import Retrieval
from newsqa.indexing import Filter, Scored, View
from newsqa.retrieval.rerank import fold_copies
from newsqa.types import Hit, Query

Encode = Callable[[Sequence[str]], npt.NDArray[np.float32]]


def search(
    query: Query, view: View, encode: Encode, *, k: int, settings: Retrieval
) -> tuple[Hit, ...]:
    """The k best passages for a query, best first, near-copies folded into one.

    Reciprocal rank fusion (Cormack, Clarke and Büttcher, SIGIR 2009) of the dense and the
    lexical ranking, both made under the query's filter.
    """
    chosen = Filter(as_of=query.as_of, since=query.since, until=query.until, sources=query.sources)
    depth = max(settings.candidates, 2 * k)
    vector = encode([query.text])[0]
    rankings = {
        "dense": view.dense(vector, depth, chosen),
        "lexical": view.lexical(question_terms(query.text), depth, chosen),
    }
    scores = fuse(rankings, settings)
    order = sorted(scores, key=lambda i: (-sum(scores[i].values()), i))[: 2 * k + 20]
    found = view.passages(order)
    hits = [
        Hit(
            passage=found[i][0],
            article=found[i][1],
            rank=rank,
            score=sum(scores[i].values()),
            signals=MappingProxyType(scores[i]),
        )
        for rank, i in enumerate((i for i in order if i in found), start=1)
    ]
    return fold_copies(hits)[:k]


def question_terms(text: str) -> dict[str, float]:
    """The terms of a question with their weights, repetitions counted."""
    return {term: float(count) for term, count in Counter(View.terms(text)).items()}


def fuse(rankings: dict[str, list[Scored]], settings: Retrieval) -> dict[int, dict[str, float]]:
    """What each ranking contributes to each passage that it holds."""
    weights = {"dense": settings.dense_weight, "lexical": settings.lexical_weight}
    scores: dict[int, dict[str, float]] = {}
    for name, ranking in rankings.items():
        for rank, scored in enumerate(ranking, start=1):
            part = weights[name] / (settings.rrf_constant + rank)
            scores.setdefault(scored.id, {})[name] = part
    return scores
