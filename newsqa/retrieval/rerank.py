"""Candidates → scores: by a small learned ranker, or by a cross-encoder where one is named."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TypeAlias

import numpy as np

from newsqa.indexing import View
from newsqa.retrieval.signals import SIGNALS, Candidate, signals_of
from newsqa.types import Query

PairScorer: TypeAlias = Callable[[str, Sequence[str]], Sequence[float]]
"""A cross-encoder: a question and texts → a score each, higher is better."""
Ranker: TypeAlias = Callable[
    [Query, Sequence[Candidate], View, datetime | None], list[Mapping[str, float]]
]
"""What each candidate's score is the sum of, by name.  The instant is what ages count from."""

WEIGHTS: Mapping[str, float] = {
    "similarity": 6.463,
    "lexical": 0.626,
    "coverage": 1.167,
    "sentence": 2.635,
    "phrase": 1.441,
    "article": 0.492,
    "week": 2.278,
    "month": 0.625,
    "half year": 0.962,
    "fresh": 1.012,
    "period": 0.374,
    "opening": 0.734,
    "names": 0.737,
    "numbers": 1.214,
    "outlet": 2.0,
}
"""By training/rank.py, on 2022's and 2023's questions: log-odds of one candidate against another.

Two are set by hand.  `outlet` is about what a week's newness counts: no question names an outlet
that its archive has.  `period` is what 2022 alone gave it, with a penalty of 10: of both years'
questions 60 name a past time, and few of those are about what happened then.
"""


def by_signals(
    query: Query, candidates: Sequence[Candidate], view: View, now: datetime | None
) -> list[Mapping[str, float]]:
    """The learned ranker: every signal times its weight."""
    weighed = signals_of(query, candidates, view, now=now) * np.array([WEIGHTS[s] for s in SIGNALS])
    return [
        {name: float(value) for name, value in zip(SIGNALS, row, strict=True) if value}
        for row in weighed
    ]


def by_cross_encoder(scorer: PairScorer) -> Ranker:
    """A ranker that reads question and passage together, its title first."""

    def rank(
        query: Query, candidates: Sequence[Candidate], _view: View, _now: datetime | None
    ) -> list[Mapping[str, float]]:
        texts = [
            f"{candidate.article.title}\n{candidate.passage.text}"
            if candidate.article.title
            else candidate.passage.text
            for candidate in candidates
        ]
        scores = scorer(query.searched, texts)
        return [{"cross-encoder": float(score)} for score in scores]

    return rank
