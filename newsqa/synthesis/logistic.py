"""Features → a probability, by weights that were fitted on questions with known answers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Logistic:
    """A logistic regression, its features readable by name."""

    bias: float
    weights: Mapping[str, float] = field(hash=False)

    def log_odds(self, features: Sequence[float]) -> float:
        """Of features in the order of the weights.  Raises ValueError for another number."""
        return self.bias + sum(
            weight * feature
            for weight, feature in zip(self.weights.values(), features, strict=True)
        )

    def probability(self, features: Sequence[float]) -> float:
        """The same in [0, 1]."""
        return probability_of(self.log_odds(features))


def probability_of(log_odds: float) -> float:
    """In [0, 1]."""
    if log_odds < 0:
        return 1.0 - 1.0 / (1.0 + math.exp(max(log_odds, -700.0)))
    return 1.0 / (1.0 + math.exp(-log_odds))


def log_odds_of(probability: float) -> float:
    """The inverse, bounded at one in a million on either side."""
    bounded = min(max(probability, 1e-6), 1 - 1e-6)
    return math.log(bounded / (1 - bounded))
