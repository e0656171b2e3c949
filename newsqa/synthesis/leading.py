"""Which of the sentences that were selected lead an answer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import timedelta

from newsqa.synthesis.evidence import Candidate
from newsqa.synthesis.pooled import Place, Pooled
from newsqa.types import Hit

ABOUT_AS_GOOD = 0.5
"""Share of the best sentence's score from which a newer one leads, for how things stand."""
FADES = timedelta(days=30)
"""In which a sentence's score falls by e where the latest is asked for."""


def led_by(leads: Sequence[int], candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """The candidates, those at `leads` before the others."""
    others = [candidate for at, candidate in enumerate(candidates) if at not in leads]
    return (*(candidates[at] for at in leads), *others)


def holding(
    answers: Sequence[Pooled], hits: Sequence[Hit], candidates: Sequence[Candidate]
) -> list[int]:
    """The candidates that hold the answers, each once, in the answers' order."""
    held = (held_by(answer, hits, candidates) for answer in answers)
    return list(dict.fromkeys(found[0] for found in held if found is not None))


def held_by(
    answer: Pooled, hits: Sequence[Hit], candidates: Sequence[Candidate]
) -> tuple[int, str] | None:
    """Which candidate holds an answer, by its likeliest place in any of them, and its wording."""
    for place in answer.places:
        for at, candidate in enumerate(candidates):
            if _stands_in(place, hits[place.hit], candidate):
                return at, place.wording(hits)
    return None


def newest_of_the_best(candidates: Sequence[Candidate]) -> list[int]:
    """The newest of the candidates that are about as good as the best; none where there is none."""
    best = max((each.evidence.score for each in candidates), default=0.0)
    good = [at for at, each in enumerate(candidates) if each.evidence.score >= ABOUT_AS_GOOD * best]
    dated = [at for at in good if candidates[at].evidence.article.published is not None]
    return [max(dated or good, key=lambda at: _newness(candidates[at]))] if good else []


def newest_first(candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """The candidates by their scores, each less by how much older than the newest it is."""
    days = [published for each in candidates if (published := each.evidence.article.published)]

    def weight(candidate: Candidate) -> float:
        published = candidate.evidence.article.published
        age = (max(days) - published) / FADES if published else math.inf
        return candidate.evidence.score * math.exp(-age)

    return tuple(sorted(candidates, key=weight, reverse=True))


def _newness(candidate: Candidate) -> tuple[float, float]:
    published = candidate.evidence.article.published
    return (published.timestamp() if published else 0.0, candidate.evidence.score)


def taken_back(answer: Pooled, hits: Sequence[Hit], candidates: Sequence[Candidate]) -> bool:
    """Whether one of the sentences that it was read in is corrected by the next."""
    return any(
        candidate.retracted and _stands_in(place, hits[place.hit], candidate)
        for place in answer.places
        for candidate in candidates
    )


def _stands_in(place: Place, hit: Hit, candidate: Candidate) -> bool:
    start = hit.passage.start + place.span.start
    quote = candidate.evidence
    return (
        quote.article.id == hit.article.id
        and quote.start <= start
        and start + place.span.end - place.span.start <= quote.end
    )
