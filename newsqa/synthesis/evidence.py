"""Hits → evidence: the sentences that speak most directly to the question."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from newsqa.synthesis.logistic import Logistic
from newsqa.synthesis.reading import LEAST, SPANS, Reading, normaliser
from newsqa.synthesis.wording import (
    Kind,
    is_content,
    kind_of_answer,
    leans,
    offers,
    retracts,
    says_something,
)
from newsqa.types import Evidence, Hit, Query, Span

Vectors: TypeAlias = npt.NDArray[np.float32]
Encode: TypeAlias = Callable[[Sequence[str]], Vectors]

MAX_ENCODED = 20
"""Sentences whose meaning is compared; chosen from all by their words."""
MAX_QUOTE_CHARS = 600

BY_FORM = Logistic(
    bias=-7.1,
    weights={
        "cosine": 2.1,  # of sentence and question, [-1, 1]
        "coverage": 1.1,  # share of the question's information in the sentence, [0, 1]
        "context": 1.2,  # the same with the title and the sentence before, [0, 1]
        "rank": 0.45,  # 1 / rank of the hit, (0, 1]
        "offers": 2.8,  # 1 where it has something of the kind that is asked for
        "leans": -0.7,  # 1 where it starts by pointing back
        "asks": -0.6,  # 1 where it is a question itself
        "short": -0.25,  # 1 under six words
        "lead": 0.35,  # 1 within the article's first 600 characters
    },
)
"""Does a sentence answer, without a reader?"""
BY_READER = Logistic(
    bias=-2.596,
    weights={
        "cosine": 0.538,
        "coverage": -0.142,
        "context": 0.876,
        "rank": -0.236,
        "offers": 1.431,
        "leans": -0.523,
        "asks": -0.052,
        "short": -2.4,
        "lead": 0.213,
        "chance": 0.261,  # log of the reader's probability that an answer stands in the sentence
        "relevance": 3.766,  # of its passage by the reader, logit / 10
    },
)
"""Does a sentence answer, with one?"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A sentence as evidence, with what tells it apart from others."""

    evidence: Evidence
    vector: Vectors
    features: tuple[float, ...]
    retracted: bool = False
    """Whether the sentence after it takes it back ("That figure was wrong.")."""


class Words(Protocol):
    """The archive's vocabulary."""

    def terms(self, text: str) -> list[str]:
        """The terms of a text, in order."""

    def rarity(self, term: str) -> float:
        """A term's inverse document frequency."""


def select(
    query: Query,
    hits: Sequence[Hit],
    readings: Sequence[Reading] | None = None,
    *,
    vector: Vectors,
    encode: Encode,
    words: Words,
) -> tuple[Candidate, ...]:
    """The sentences of the hits by how directly they speak to the question, best first.

    `readings` are of the same hits, in order; `vector` is the query's, `(dim,)`.
    """
    weights = {
        term: words.rarity(term)
        for word in query.text.split()
        for term in words.terms(word)
        if is_content(term) and is_content(word.casefold().strip("?.,!’'\"“”"))
    }
    rows = _sentences(hits, weights, words, _chances(hits, readings) if readings else None)
    rows.sort(key=lambda row: -(row.coverage + row.context + 0.5 / row.hit.rank + 2 * row.chance))
    rows = rows[:MAX_ENCODED]
    if not rows:
        return ()
    vectors = encode([row.text for row in rows])
    kind = kind_of_answer(query.text)
    candidates = [
        _candidate(query, kind, row, float(own @ vector), own)
        for row, own in zip(rows, vectors, strict=True)
    ]
    candidates.sort(key=lambda candidate: -candidate.evidence.score)
    return tuple(candidates)


def _candidate(query: Query, kind: Kind, row: _Row, cosine: float, vector: Vectors) -> Candidate:
    features = [
        cosine,
        row.coverage,
        row.context,
        1.0 / row.hit.rank,
        float(offers(kind, row.text, query.text)),
        float(leans(row.text)),
        float(row.text.rstrip("”\"' )").endswith("?")),
        float(len(row.text.split()) < 6),
        float(row.span.start < 600),
    ]
    model = BY_FORM
    if row.relevance is not None:
        features += [math.log(row.chance + LEAST), row.relevance / 10]
        model = BY_READER
    evidence = Evidence(
        article=row.hit.article,
        start=row.span.start,
        end=row.span.end,
        text=row.text,
        hit=row.hit.rank,
        score=model.probability(features),
    )
    return Candidate(
        evidence=evidence, vector=vector, features=tuple(features), retracted=row.retracted
    )


@dataclass(frozen=True, slots=True)
class _Row:
    hit: Hit
    span: Span
    text: str
    coverage: float
    context: float
    retracted: bool
    chance: float
    """That an answer stands in it, by the reader; 0 without one."""
    relevance: float | None
    """Of its passage, by the reader."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    relevance: float
    chances: list[tuple[int, float]]

    def within(self, span: Span) -> float:
        return sum(chance for start, chance in self.chances if span.start <= start < span.end)


def _chances(hits: Sequence[Hit], readings: Sequence[Reading]) -> list[_Read]:
    """What the reader makes of each hit, its likely spans by where they start in the article."""
    total = normaliser(readings)
    return [
        _Read(
            relevance=reading.relevance,
            chances=[
                (hit.passage.start + span.start, math.exp(span.logit - total))
                for span in reading.spans(SPANS)
            ],
        )
        for hit, reading in zip(hits, readings, strict=True)
    ]


def _sentences(
    hits: Sequence[Hit],
    weights: dict[str, float],
    words: Words,
    read: Sequence[_Read] | None,
) -> list[_Row]:
    """Every sentence of the hits that can be quoted."""
    total = sum(weights.values()) or 1.0

    def share(present: set[str]) -> float:
        return sum(weight for term, weight in weights.items() if term in present) / total

    rows: list[_Row] = []
    for place, hit in enumerate(hits):
        own_read = read[place] if read else None
        title = set(words.terms(hit.article.title or ""))
        before: set[str] = set()
        texts = [hit.article.text[span.start : span.end] for span in hit.passage.sentences]
        for at, (span, text) in enumerate(zip(hit.passage.sentences, texts, strict=True)):
            own = set(words.terms(text))
            if len(text) <= MAX_QUOTE_CHARS and says_something(text):
                taken_back = any(map(retracts, texts[at + 1 : at + 2]))
                context = share(own | title | before)
                rows.append(
                    _Row(
                        hit,
                        span,
                        text,
                        share(own),
                        context,
                        taken_back,
                        own_read.within(span) if own_read else 0.0,
                        own_read.relevance if own_read else None,
                    )
                )
            before = own
    return rows
