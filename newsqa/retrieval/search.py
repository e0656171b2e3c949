"""Query → hits: dense and lexical search under one filter, fused, newer before older."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from newsqa.config import Retrieval
from newsqa.indexing import Filter, Scored, View
from newsqa.retrieval.rerank import fold_copies
from newsqa.types import Hit, Query

Vector: TypeAlias = npt.NDArray[np.float32]

_SPARE = 20
"""Passages fetched at a time beyond those asked for, to fill the places of folded copies."""
_FUNCTION_WORDS = frozenset(
    """a an and are as at be been by did do does for from had has have how in into is it its of on
    or that the this to was week were what when where which who whom whose why will with""".split()
)
"""Terms of a question that say nothing about what it asks for."""


def search(
    query: Query, view: View, vector: Vector, *, k: int, settings: Retrieval
) -> tuple[Hit, ...]:
    """The k best passages for a query, best first, near-copies folded into one.

    `vector` is the query's text, encoded, `(dim,)`.

    Every candidate of the dense and of the lexical search, both made under the query's
    filter, gets the weighted sum of its scores, each scaled to [0, 1] over its list, and a
    prior for being new: `recency_weight · exp(-age / recency_days)`, where age counts from
    `as_of`, or from the newest article in bounds.  An article without a date gets none.
    """
    chosen = filter_of(query)
    depth = max(settings.candidates, 2 * k)
    rankings = {
        "dense": view.dense(vector, depth, chosen),
        "lexical": view.lexical(
            informative_terms(query.text), depth, chosen, title_boost=settings.title_boost
        ),
    }
    weights = {"dense": settings.dense_weight, "lexical": settings.lexical_weight}
    signals = fuse(rankings, weights)
    if settings.recency_weight > 0 and signals:
        now = query.as_of or view.coverage(chosen).latest
        ids = list(signals)
        for passage_id, published in zip(ids, view.published(ids), strict=True):
            signals[passage_id]["recency"] = settings.recency_weight * recency(
                published, now, settings.recency_days
            )
    order = sorted(signals, key=lambda i: (-sum(signals[i].values()), i))
    return fold_copies(_hits(order, signals, view, batch=k + _SPARE), limit=k)


def _hits(
    order: Sequence[int], signals: dict[int, dict[str, float]], view: View, *, batch: int
) -> Iterator[Hit]:
    """Hits in order, their passages fetched only as far as they are looked at."""
    for at in range(0, len(order), batch):
        ids = order[at : at + batch]
        found = view.passages(ids)
        for rank, passage_id in enumerate(ids, start=at + 1):
            passage, article = found[passage_id]
            yield Hit(
                passage=passage,
                article=article,
                rank=rank,
                score=sum(signals[passage_id].values()),
                signals=signals[passage_id],
            )


def filter_of(query: Query) -> Filter:
    """What the index is asked to leave out for a query."""
    return Filter(as_of=query.as_of, since=query.since, until=query.until, sources=query.sources)


def question_terms(text: str) -> dict[str, float]:
    """The terms of a question with how often each occurs."""
    return {term: float(count) for term, count in Counter(View.terms(text)).items()}


def informative_terms(text: str) -> dict[str, float]:
    """Those that say what it asks for; all of them where none does."""
    every = question_terms(text)
    return {term: count for term, count in every.items() if term not in _FUNCTION_WORDS} or every


def fuse(
    rankings: dict[str, list[Scored]], weights: dict[str, float]
) -> dict[int, dict[str, float]]:
    """What each ranking contributes to each passage: its score scaled to [0, weight].

    The last of a ranking contributes 0, as does what is not in it.
    """
    signals: dict[int, dict[str, float]] = {}
    for name, ranking in rankings.items():
        if not ranking:
            continue
        best, last = ranking[0].score, ranking[-1].score
        span = best - last
        for scored in ranking:
            share = (scored.score - last) / span if span > 0 else 1.0
            signals.setdefault(scored.id, {})[name] = weights[name] * share
    return signals


def recency(published: datetime | None, now: datetime | None, days: float) -> float:
    """1 for now, falling by e every so many days; 0 where either is not known."""
    if published is None or now is None:
        return 0.0
    return math.exp(-max(0.0, (now - published) / timedelta(days=days)))
