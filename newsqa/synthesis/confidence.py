"""How sure: from what was found to a probability, fitted on questions with known answers."""

from __future__ import annotations

import math
from collections.abc import Sequence

from newsqa.synthesis.evidence import Candidate

FEATURES = (
    "best",  # log-odds of the best sentence
    "second",  # log-odds of the next
    "coverage",  # most of the question's information that one sentence has, [0, 1]
    "cosine",  # nearest sentence, [-1, 1]
    "context",  # most of the question's information in a sentence with title and sentence before
    "outlets",  # log of the number of articles among the five best sentences
)
WEIGHTS = (0.6, 0.1, 0.5, 1.0, 0.5, 0.1)
BIAS = 0.0


def features(candidates: Sequence[Candidate]) -> tuple[float, ...]:
    """Of a question, from its candidates, best first; there is at least one."""
    scores = [_log_odds(candidate.evidence.score) for candidate in candidates]
    return (
        scores[0],
        scores[min(1, len(scores) - 1)],
        max(candidate.features[1] for candidate in candidates),
        max(candidate.features[0] for candidate in candidates),
        max(candidate.features[2] for candidate in candidates),
        math.log(len({candidate.evidence.article.id for candidate in candidates[:5]})),
    )


def confidence(candidates: Sequence[Candidate]) -> float:
    """The probability that the composed answer holds what was asked for, in [0, 1]."""
    if not candidates:
        return 0.0
    total = BIAS + sum(w * f for w, f in zip(WEIGHTS, features(candidates), strict=True))
    return 1.0 / (1.0 + math.exp(-total))


def _log_odds(probability: float) -> float:
    bounded = min(max(probability, 1e-6), 1 - 1e-6)
    return math.log(bounded / (1 - bounded))
