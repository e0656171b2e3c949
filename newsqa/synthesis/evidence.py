"""Hits → evidence: the sentences that speak most directly to the question."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from newsqa.synthesis.wording import is_content, kind_of_answer, leans, offers
from newsqa.types import Evidence, Hit, Query, Span

Vectors: TypeAlias = npt.NDArray[np.float32]
Encode: TypeAlias = Callable[[Sequence[str]], Vectors]
Terms: TypeAlias = Callable[[str], list[str]]

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
WEIGHTS = (4.0, 2.0, 2.0, 1.0, 1.0, -0.3, -1.5, -1.0, 0.2)
BIAS = -5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A sentence as evidence, with what tells it apart from others."""

    evidence: Evidence
    vector: Vectors
    features: tuple[float, ...]


def select(
    query: Query,
    hits: Sequence[Hit],
    *,
    encode: Encode,
    rarity: Callable[[str], float],
    terms: Terms,
) -> list[Candidate]:
    """The sentences of the hits by how directly they speak to the question, best first.

    `rarity` gives a term's inverse document frequency, `terms` the terms of a text.
    """
    weights = {
        stem: rarity(stem)
        for word in query.text.split()
        for stem in terms(word)
        if is_content(stem) and is_content(word.casefold().strip("?.,!’'\"“”"))
    }
    found = _sentences(hits, weights, terms)
    found.sort(key=lambda row: -(row.coverage + row.context + 0.5 / row.hit.rank))
    found = found[:MAX_ENCODED]
    if not found:
        return []
    vectors = encode([query.text, *(row.text for row in found)])
    cosines = vectors[1:] @ vectors[0]
    kind = kind_of_answer(query.text)
    candidates = []
    for row, cosine, vector in zip(found, cosines, vectors[1:], strict=True):
        features = (
            float(cosine),
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
        candidates.append(Candidate(evidence=evidence, vector=vector, features=features))
    candidates.sort(key=lambda candidate: -candidate.evidence.score)
    return candidates


@dataclass(frozen=True, slots=True)
class _Row:
    hit: Hit
    span: Span
    text: str
    coverage: float
    context: float


def _sentences(hits: Sequence[Hit], weights: dict[str, float], terms: Terms) -> list[_Row]:
    total = sum(weights.values()) or 1.0

    def share(present: set[str]) -> float:
        return sum(weight for term, weight in weights.items() if term in present) / total

    rows: list[_Row] = []
    for hit in hits:
        title = set(terms(hit.article.title or ""))
        before: set[str] = set()
        for span in hit.passage.sentences:
            text = hit.article.text[span.start : span.end]
            own = set(terms(text))
            if len(text) <= MAX_QUOTE_CHARS:
                rows.append(_Row(hit, span, text, share(own), share(own | title | before)))
            before = own
    return rows


def _logistic(value: float) -> float:
    return float(1.0 / (1.0 + np.exp(-value)))
