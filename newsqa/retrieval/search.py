"""Query → hits: dense and lexical search under one filter, fused, then ranked anew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from newsqa.config import Retrieval
from newsqa.indexing import Filter, Scored, View
from newsqa.retrieval.copies import fold_copies
from newsqa.retrieval.rerank import Ranker, by_signals
from newsqa.retrieval.signals import SLACK, Candidate, informative, past_of
from newsqa.types import Hit, Query

Vector: TypeAlias = npt.NDArray[np.float32]

_SPARE = 20
"""Candidates ranked beyond those asked for, to fill the places of folded copies."""


def search(
    query: Query,
    view: View,
    vector: Vector,
    *,
    k: int,
    settings: Retrieval,
    ranker: Ranker = by_signals,
) -> tuple[Hit, ...]:
    """The k best passages for a query, best first, near-copies folded into one.

    `vector` is the query's searched words, encoded, `(dim,)`.

    Every passage that the dense or the lexical search finds, both under the query's filter,
    gets the weighted sum of its scores, each scaled to [0, 1] over its list, and a prior for
    being new.  The best `settings.reranked` by this sum are put in order by the ranker.
    """
    found, now = candidates(query, view, vector, k=k, settings=settings)
    parts = ranker(query, found, view, now)
    scores = [sum(each.values()) for each in parts]
    order = sorted(range(len(found)), key=lambda at: (-scores[at], at))
    hits = (
        Hit(
            passage=found[at].passage,
            article=found[at].article,
            rank=rank,
            score=scores[at],
            signals=parts[at],
        )
        for rank, at in enumerate(order, start=1)
    )
    articles = list(dict.fromkeys(candidate.article.id for candidate in found))
    return fold_copies(hits, limit=k, stories=view.copies_of(articles, filter_of(query)))


def candidates(
    query: Query, view: View, vector: Vector, *, k: int, settings: Retrieval
) -> tuple[list[Candidate], datetime | None]:
    """What is worth ranking, the likeliest first, and what ages are counted from."""
    chosen = filter_of(query)
    depth = max(settings.candidates, 2 * k)
    with ThreadPoolExecutor(max_workers=1) as beside:
        dense = beside.submit(view.dense, vector, depth, chosen)
        lexical = view.lexical(
            informative_terms(query.searched), depth, chosen, title_boost=settings.title_boost
        )
        rankings = {"dense": dense.result(), "lexical": lexical}
    weights = {"dense": settings.dense_weight, "lexical": settings.lexical_weight}
    fused = fuse(rankings, weights)
    now = query.as_of or (_newest(view.coverage(chosen).latest, query.asked) if fused else None)
    ids = list(fused)
    priors = _priors(query, view, ids, now, settings)
    for passage_id, prior in zip(ids, priors.tolist(), strict=True):
        fused[passage_id] += settings.recency_weight * prior
    kept = sorted(ids, key=lambda i: (-fused[i], i))[: max(settings.reranked, k + _SPARE)]
    cosines = view.vectors(kept) @ vector
    by_words = {scored.id: scored.score for scored in lexical}
    passages = view.passages(kept)
    return [
        Candidate(
            passage=passages[i][0],
            article=passages[i][1],
            similarity=float(cosine),
            lexical=by_words.get(i, 0.0),
        )
        for i, cosine in zip(kept, cosines, strict=True)
    ], now


def _newest(latest: datetime | None, asked: datetime | None) -> datetime | None:
    """What is new is told from the newest article, unless that is dated ahead of the question."""
    return min(latest, asked) if latest and asked else latest


def _priors(
    query: Query, view: View, ids: Sequence[int], now: datetime | None, settings: Retrieval
) -> npt.NDArray[np.float64]:
    """`(n,)` in [0, 1]: newness, or nearness to the past time that the question speaks of."""
    ages = view.ages(ids, now)
    if (past := past_of(query, now)) is not None and now is not None:
        first, last = ((now - end) / timedelta(days=1) for end in (past.end, past.start))
        slack = SLACK / timedelta(days=1)
        outside = np.maximum(np.maximum(first - slack - ages, ages - last), 0.0)
        decay = outside / (slack + last - first)
    else:
        decay = np.maximum(ages, 0.0) / settings.recency_days
    return np.nan_to_num(np.exp(-decay))


def filter_of(query: Query) -> Filter:
    """What the index is asked to leave out for a query."""
    return Filter(
        as_of=query.as_of,
        since=query.since,
        until=query.until,
        sources=query.sources,
        languages=query.languages,
    )


def question_terms(text: str) -> dict[str, float]:
    """The terms of a question with how often each occurs."""
    return {term: float(count) for term, count in Counter(View.terms(text)).items()}


def informative_terms(text: str) -> dict[str, float]:
    """Those that say what it asks for; all of them where none does."""
    every = question_terms(text)
    kept = informative(list(every))
    return {term: count for term, count in every.items() if term in kept}


def fuse(
    rankings: Mapping[str, Sequence[Scored]], weights: Mapping[str, float]
) -> dict[int, float]:
    """Of each passage: the sum of its scores, each scaled to [0, weight] over its ranking.

    The last of a ranking gets 0 of it, as does what is not in it.
    """
    sums: dict[int, float] = {}
    for name, ranking in rankings.items():
        if not ranking:
            continue
        best, last = ranking[0].score, ranking[-1].score
        span = best - last
        for scored in ranking:
            share = (scored.score - last) / span if span > 0 else 1.0
            sums[scored.id] = sums.get(scored.id, 0.0) + weights[name] * share
    return sums
