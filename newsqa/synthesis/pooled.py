"""An exact answer with the places where it was read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from newsqa.synthesis.reading import ReadSpan
from newsqa.types import Hit


@dataclass(frozen=True, slots=True)
class Place:
    """Where an answer was read: which of the hits, from 0, and characters of its passage."""

    hit: int
    span: ReadSpan

    def wording(self, hits: Sequence[Hit]) -> str:
        """The words that stand there."""
        return hits[self.hit].passage.text[self.span.start : self.span.end]


@dataclass(slots=True)
class Pooled:
    """An exact answer: its likeliest wording first, and where it was read."""

    text: str
    key: tuple[str, ...]
    chance: float = 0.0
    """By the reader alone, in [0, 1], summed over its places."""
    places: list[Place] = field(default_factory=list)
    """Likeliest first, of a full name those before the places of its part alone."""
    features: tuple[float, ...] = ()
    score: float = 0.0
    """Log-odds of being the answer, as fitted."""
