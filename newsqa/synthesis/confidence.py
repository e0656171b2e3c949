"""How sure: from what was found to a probability, fitted on questions with known answers."""

from __future__ import annotations

import math
from collections.abc import Sequence

from newsqa.synthesis.evidence import Selection
from newsqa.synthesis.reader import ExactSpan

FEATURES = (
    "best",  # log-odds of the best sentence
    "second",  # log-odds of the next
    "context",  # most of the question's information in a sentence with title and sentence before
    "reach",  # most of it in one passage with its title, [0, 1]
    "cosine",  # nearest sentence, [-1, 1]
    "span",  # log of the support of the best exact span, 0 to 8 sentences' worth
    "lead",  # log of how many times the next one's that is, at most 1
)
WEIGHTS = (0.67, 0.43, 0.94, 0.26, 0.45, 0.16, 0.1)
BIAS = -0.32


def features(selection: Selection, spans: Sequence[ExactSpan]) -> tuple[float, ...]:
    """Of a question, from what was selected (at least one candidate) and read in it."""
    scores = [_log_odds(candidate.evidence.score) for candidate in selection.candidates[:2]]
    return (
        scores[0],
        scores[-1],
        max(candidate.features[2] for candidate in selection.candidates),
        selection.reach,
        max(candidate.features[0] for candidate in selection.candidates),
        math.log(max(spans[0].score, 0.01)) if spans else math.log(0.01),
        min(1.0, math.log(spans[0].score / spans[1].score)) if len(spans) > 1 else 0.0,
    )


def confidence(selection: Selection, spans: Sequence[ExactSpan]) -> float:
    """The probability that the composed answer holds what was asked for, in [0, 1]."""
    if not selection.candidates:
        return 0.0
    total = BIAS + sum(w * f for w, f in zip(WEIGHTS, features(selection, spans), strict=True))
    return 1.0 / (1.0 + math.exp(-total))


def _log_odds(probability: float) -> float:
    bounded = min(max(probability, 1e-6), 1 - 1e-6)
    return math.log(bounded / (1 - bounded))
