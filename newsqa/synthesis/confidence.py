"""How sure: from what was found to a probability, fitted on questions with known answers."""

from __future__ import annotations

import math
from collections.abc import Sequence

from newsqa.synthesis.evidence import Candidate
from newsqa.synthesis.reader import ExactSpan

FEATURES = (
    "best",  # log-odds of the best sentence
    "second",  # log-odds of the next
    "context",  # most of the question's information in a sentence with title and sentence before
    "cosine",  # nearest sentence, [-1, 1]
    "span",  # log of the support of the best exact span, 0 to 8 sentences' worth
)
WEIGHTS = (0.69, 0.2, 1.07, 1.31, 0.42)
BIAS = -0.9
NO_SPAN = 0.3
"""Support that stands for a span where the question asks for nothing that has a form."""


def features(candidates: Sequence[Candidate], spans: Sequence[ExactSpan]) -> tuple[float, ...]:
    """Of a question, from what was selected (at least one candidate) and read in it."""
    scores = [_log_odds(candidate.evidence.score) for candidate in candidates[:2]]
    return (
        scores[0],
        scores[-1],
        max(candidate.features[2] for candidate in candidates),
        max(candidate.features[0] for candidate in candidates),
        math.log(max(spans[0].score, 0.01) if spans else NO_SPAN),
    )


def confidence(candidates: Sequence[Candidate], spans: Sequence[ExactSpan]) -> float:
    """The probability that the composed answer holds what was asked for, in [0, 1]."""
    if not candidates:
        return 0.0
    total = BIAS + sum(w * f for w, f in zip(WEIGHTS, features(candidates, spans), strict=True))
    return 1.0 / (1.0 + math.exp(-total))


def _log_odds(probability: float) -> float:
    bounded = min(max(probability, 1e-6), 1 - 1e-6)
    return math.log(bounded / (1 - bounded))
