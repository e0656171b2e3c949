"""Hits and what was read in them → the hits again, those first that hold an answer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from newsqa.synthesis.logistic import Logistic
from newsqa.synthesis.reading import LEAST, Reading, normaliser
from newsqa.types import Hit

ANSWERS = Logistic(
    bias=-0.781,
    weights={
        "rank": -0.476,  # log of its rank by the search
        "relevance": 0.061,  # by the reader, logit / 10
        "lead": 3.449,  # of its best span over "no answer", logit / 10
        "chance": -0.201,  # log of its best span's probability among all passages
    },
)
"""Does a passage hold the answer?"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadHit:
    """A hit and what the reader makes of its passage."""

    hit: Hit
    reading: Reading
    searched: int
    """The hit's rank by the search."""


def reordered(hits: Sequence[Hit], readings: Sequence[Reading]) -> list[ReadHit]:
    """The same, best first, ranks given anew, the reader's share among the signals."""
    rows = [features(hit, reading, readings) for hit, reading in zip(hits, readings, strict=True)]
    scores = [ANSWERS.log_odds(row) for row in rows]
    order = sorted(range(len(hits)), key=lambda at: (-scores[at], hits[at].rank))
    return [
        ReadHit(
            hit=replace(
                hits[at],
                rank=rank,
                signals={**hits[at].signals, "reader": readings[at].relevance},
            ),
            reading=readings[at],
            searched=hits[at].rank,
        )
        for rank, at in enumerate(order, start=1)
    ]


def features(hit: Hit, reading: Reading, readings: Sequence[Reading]) -> tuple[float, ...]:
    """Of one hit among those whose readings are given."""
    best = next(iter(reading.spans(1)), None)
    return (
        math.log(hit.rank),
        reading.relevance / 10,
        best.lead / 10 if best else -1.0,
        math.log(math.exp(best.logit - normaliser(readings)) + LEAST if best else LEAST),
    )
