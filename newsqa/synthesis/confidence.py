"""How sure: from what was found to a probability, fitted on questions with known answers."""

from __future__ import annotations

import math
from collections.abc import Sequence

from newsqa.synthesis.by_form import ExactSpan
from newsqa.synthesis.evidence import Candidate
from newsqa.synthesis.logistic import Logistic, log_odds_of
from newsqa.synthesis.pooling import Pooled
from newsqa.synthesis.reading import Reading

BY_FORM = Logistic(
    bias=-0.9,
    weights={
        "best": 0.69,  # log-odds of the best sentence
        "second": 0.2,  # log-odds of the next
        "context": 1.07,  # most of the question's information in a sentence with what is before
        "cosine": 1.31,  # nearest sentence, [-1, 1]
        "span": 0.42,  # log of the support of the best exact span, 0 to 8 sentences' worth
    },
)
"""Does the composed answer hold what was asked for, without a reader?"""
NO_SPAN = 0.3
"""Support that stands for a span where the question asks for nothing that has a form."""

BY_READER = Logistic(
    bias=-2.321,
    weights={
        "best": 1.109,
        "context": 0.94,
        "cosine": 1.544,
        "exact": 0.098,  # log-odds of the best exact answer
        "apart": 0.008,  # by how much they exceed the next one's
        "relevance": -0.948,  # most of the passages, by the reader, logit / 10
    },
)
"""The same with one."""
OF_AN_ACCOUNT = Logistic(
    bias=-6.0,
    weights={
        "context": 3.0,  # most of the question's information in a sentence with what is before
        "cosine": 5.0,  # nearest sentence, [-1, 1]
    },
)
"""The same where a reason or a course of events is asked for: no exact answer tells whether it is
there.  Set by hand on two dozen such questions to the sample: no data says what answers one."""


def confidence(candidates: Sequence[Candidate], spans: Sequence[ExactSpan]) -> float:
    """The probability that the composed answer holds what was asked for, in [0, 1]."""
    return BY_FORM.probability(features(candidates, spans)) if candidates else 0.0


def confidence_of_account(candidates: Sequence[Candidate]) -> float:
    """How sure an account is, which rests on its sentences alone; in [0, 1], not calibrated."""
    if not candidates:
        return 0.0
    _, _, context, cosine = _of_sentences(candidates)
    return OF_AN_ACCOUNT.probability((context, cosine))


def confidence_read(
    candidates: Sequence[Candidate], answers: Sequence[Pooled], readings: Sequence[Reading]
) -> float:
    """The same where the passages were read."""
    if not candidates:
        return 0.0
    return BY_READER.probability(features_read(candidates, answers, readings))


def features(candidates: Sequence[Candidate], spans: Sequence[ExactSpan]) -> tuple[float, ...]:
    """Of a question, from what was selected (at least one candidate) and found in it by form."""
    return (
        *_of_sentences(candidates),
        math.log(max(spans[0].score, 0.01) if spans else NO_SPAN),
    )


def features_read(
    candidates: Sequence[Candidate], answers: Sequence[Pooled], readings: Sequence[Reading]
) -> tuple[float, ...]:
    """The same from what was selected and read."""
    scores = [answer.score for answer in answers[:2]]
    best, _, context, cosine = _of_sentences(candidates)
    return (
        best,
        context,
        cosine,
        scores[0] if scores else -10.0,
        scores[0] - scores[1] if len(scores) == 2 else 0.0,
        max(reading.relevance for reading in readings) / 10,
    )


def _of_sentences(candidates: Sequence[Candidate]) -> tuple[float, float, float, float]:
    scores = [log_odds_of(candidate.evidence.score) for candidate in candidates[:2]]
    return (
        scores[0],
        scores[-1],
        max(candidate.features[2] for candidate in candidates),
        max(candidate.features[0] for candidate in candidates),
    )
