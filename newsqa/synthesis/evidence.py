"""Hits → evidence: the sentences that speak most directly to the question."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

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

FEATURES = (
    "cosine",  # of sentence and question, [-1, 1]
    "coverage",  # share of the question's information in the sentence, [0, 1]
    "context",  # the same with the title and the sentence before, [0, 1]
    "rank",  # 1 / rank of the hit, (0, 1]
    "offers",  # 1 where it has something of the kind that is asked for
    "leans",  # 1 where it starts by pointing back
    "asks",  # 1 where it is a question itself
    "short",  # 1 under six words
    "lead",  # 1 within the article's first 600 characters
)
WEIGHTS = (2.1, 1.1, 1.2, 0.45, 2.8, -0.7, -0.6, -0.25, 0.35)
BIAS = -7.1


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
    query: Query, hits: Sequence[Hit], *, vector: Vectors, encode: Encode, words: Words
) -> tuple[Candidate, ...]:
    """The sentences of the hits by how directly they speak to the question, best first.

    `vector` is the query's, `(dim,)`.
    """
    weights = {
        term: words.rarity(term)
        for word in query.text.split()
        for term in words.terms(word)
        if is_content(term) and is_content(word.casefold().strip("?.,!’'\"“”"))
    }
    rows = _sentences(hits, weights, words)
    rows.sort(key=lambda row: -(row.coverage + row.context + 0.5 / row.hit.rank))
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
    features = (
        cosine,
        row.coverage,
        row.context,
        1.0 / row.hit.rank,
        float(offers(kind, row.text, query.text)),
        float(leans(row.text)),
        float(row.text.rstrip("”\"' )").endswith("?")),
        float(len(row.text.split()) < 6),
        float(row.span.start < 600),
    )
    evidence = Evidence(
        article=row.hit.article,
        start=row.span.start,
        end=row.span.end,
        text=row.text,
        hit=row.hit.rank,
        score=_logistic(float(np.dot(features, WEIGHTS)) + BIAS),
    )
    return Candidate(evidence=evidence, vector=vector, features=features, retracted=row.retracted)


@dataclass(frozen=True, slots=True)
class _Row:
    hit: Hit
    span: Span
    text: str
    coverage: float
    context: float
    retracted: bool


def _sentences(hits: Sequence[Hit], weights: dict[str, float], words: Words) -> list[_Row]:
    """Every sentence of the hits that can be quoted."""
    total = sum(weights.values()) or 1.0

    def share(present: set[str]) -> float:
        return sum(weight for term, weight in weights.items() if term in present) / total

    rows: list[_Row] = []
    for hit in hits:
        title = set(words.terms(hit.article.title or ""))
        before: set[str] = set()
        texts = [hit.article.text[span.start : span.end] for span in hit.passage.sentences]
        for at, (span, text) in enumerate(zip(hit.passage.sentences, texts, strict=True)):
            own = set(words.terms(text))
            if len(text) <= MAX_QUOTE_CHARS and says_something(text):
                taken_back = any(map(retracts, texts[at + 1 : at + 2]))
                context = share(own | title | before)
                rows.append(_Row(hit, span, text, share(own), context, taken_back))
            before = own
    return rows


def _logistic(value: float) -> float:
    return float(1.0 / (1.0 + np.exp(-value)))
