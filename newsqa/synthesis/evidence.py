"""Hits → evidence: the sentences that speak most directly to the question."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from newsqa.synthesis.around import sentence_after
from newsqa.synthesis.asking import Kind, kind_of_answer, topic_of
from newsqa.synthesis.coverage import HitTerms, Information, Words, information, share
from newsqa.synthesis.logistic import Logistic, probability_of
from newsqa.synthesis.pooled import Pooled
from newsqa.synthesis.reading import Reading
from newsqa.synthesis.wording import (
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
MAX_ENCODED_READ = 10
"""The same where they were read, which tells better which ones matter."""
MAX_QUOTE_CHARS = 600
NOTHING_READ = -8.0
"""Log-odds that stand for a sentence in which no exact answer was read."""

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
    bias=0.369,
    weights={
        # What these three tell is in the exact answer's log-odds.
        "cosine": 0.0,
        "coverage": 0.0,
        "context": 0.0,
        "rank": -0.179,
        "offers": 0.158,
        "leans": -0.088,
        "asks": 0.151,
        "short": 0.067,
        "lead": -0.075,
        "exact": 0.608,  # log-odds of the best exact answer that was read in it, at least -8
        "relevance": 3.007,  # of its passage by the reader, logit / 10
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


def select(
    query: Query,
    hits: Sequence[Hit],
    readings: Sequence[Reading] | None = None,
    answers: Sequence[Pooled] = (),
    *,
    vector: Vectors,
    encode: Encode,
    words: Words,
) -> tuple[Candidate, ...]:
    """The sentences of the hits by how directly they speak to the question, best first.

    `readings` are of the same hits, in order, `answers` what was pooled from them; `vector` is
    the query's, `(dim,)`.
    """
    about = information(topic_of(query.text), words)
    rows = _sentences(hits, about, words, _read(hits, readings, answers) if readings else None)
    rows.sort(
        key=lambda row: (
            -(row.coverage + row.context + 0.5 / row.hit.rank + 2 * probability_of(row.exact))
        )
    )
    if not rows:
        return ()
    if readings is not None:
        # Whatever else it has: the sentence of the best exact answer may lead.
        rows.insert(0, rows.pop(max(range(len(rows)), key=lambda at: (rows[at].exact, -at))))
    rows = rows[: MAX_ENCODED if readings is None else MAX_ENCODED_READ]
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
        features += [row.exact, row.relevance / 10]
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
    exact: float
    """Log-odds of the best exact answer that was read in it."""
    relevance: float | None
    """Of its passage, by the reader."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    relevance: float
    answers: list[tuple[int, float]]
    """Where in the article each begins, and its log-odds."""

    def within(self, span: Span) -> float:
        return max(
            (score for start, score in self.answers if span.start <= start < span.end),
            default=NOTHING_READ,
        )


def _read(
    hits: Sequence[Hit], readings: Sequence[Reading], answers: Sequence[Pooled]
) -> list[_Read]:
    """What was read in each hit."""
    found: list[list[tuple[int, float]]] = [[] for _ in hits]
    for answer in answers:
        for place in answer.places:
            start = hits[place.hit].passage.start + place.span.start
            found[place.hit].append((start, max(answer.score, NOTHING_READ)))
    return [
        _Read(relevance=reading.relevance, answers=own)
        for reading, own in zip(readings, found, strict=True)
    ]


def _sentences(
    hits: Sequence[Hit], about: Information, words: Words, read: Sequence[_Read] | None
) -> list[_Row]:
    """Every sentence of the hits that can be quoted."""
    rows: list[_Row] = []
    for place, hit in enumerate(hits):
        own_read = read[place] if read else None
        terms = HitTerms.of(hit, words)
        texts = [hit.article.text[span.start : span.end] for span in hit.passage.sentences]
        for at, (span, text) in enumerate(zip(hit.passage.sentences, texts, strict=True)):
            if len(text) > MAX_QUOTE_CHARS or not says_something(text):
                continue
            rows.append(
                _Row(
                    hit,
                    span,
                    text,
                    share(about, terms.sentences[at]),
                    share(about, terms.around(at)),
                    retracts(_following(hit, texts, at)),
                    own_read.within(span) if own_read else NOTHING_READ,
                    own_read.relevance if own_read else None,
                )
            )
    return rows


def _following(hit: Hit, texts: Sequence[str], at: int) -> str:
    """The sentence after one of a hit's; of the last one that of the next passage."""
    if at + 1 < len(texts):
        return texts[at + 1]
    article = hit.article.text
    after = sentence_after(article, hit.passage.end)
    return article[after.start : after.end] if after else ""
