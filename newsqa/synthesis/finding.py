"""Hits → what was found for a question: sentences in order, exact answers, and how sure.

With a reader the passages are read and put in order anew; without one, exact answers are told
by their form alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from newsqa.synthesis import by_form
from newsqa.synthesis.asking import asks_how_it_stands, kind_of_answer, shape_of
from newsqa.synthesis.comparing import reading_again
from newsqa.synthesis.compose import FOLLOWS_AT_LEAST, compose
from newsqa.synthesis.confidence import (
    SENTENCES,
    confidence,
    confidence_of_account,
    confidence_read,
)
from newsqa.synthesis.coverage import Words
from newsqa.synthesis.evidence import Candidate, Encode, Vectors, select
from newsqa.synthesis.logistic import log_odds_of
from newsqa.synthesis.pooled import Place, Pooled
from newsqa.synthesis.pooling import is_timely, pool
from newsqa.synthesis.reading import Reader
from newsqa.synthesis.reordering import reordered
from newsqa.types import Hit, Query

CLEAR_LEAD = 1.3
"""Without a reader: how many times the support of the next span the best one needs."""
LEAST_LIKELY = log_odds_of(0.015)
"""Log-odds below which an exact answer is none; benchmarks/RESULTS.md has how many are right."""
LEAST_LEAD = -10.0
"""Logit beside "no answer" below which it is none: of 332 right ones none was below -5.3."""
LIST_MARGIN = 1.9
"""Log-odds below the best within which further exact answers of a list are given."""
MOST_OF_A_LIST = 8
ABOUT_AS_GOOD = 0.5
"""Share of the best sentence's score from which a newer one leads, for how things stand."""
FADES = timedelta(days=30)
"""In which a sentence's score falls by e where the latest is asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What answers a question, before it is composed."""

    hits: tuple[Hit, ...]
    """As far as they speak to the question, best first, ranks from 1."""
    candidates: tuple[Candidate, ...]
    """Best first, the one that holds the exact answer before the others."""
    exact: tuple[str, ...]
    """Exact answers, the best first; more than one only where several are asked for."""
    confidence: float
    """In [0, 1]."""
    least: float = 0.0
    """Score of a sentence below which it does not follow another, in [0, 1]."""


def find(
    question: str,
    query: Query,
    hits: Sequence[Hit],
    *,
    reader: Reader | None,
    vector: Vectors,
    encode: Encode,
    words: Words,
    lap: Callable[[str], dict[str, float]],
) -> Finding:
    """What the hits say to a question.  `vector` is the query's, `(dim,)`."""
    asked = asked_about(question, query)
    if reader is None or not hits:
        candidates = select(query, hits, vector=vector, encode=encode, words=words)
        lap("select")
        spans = by_form.read(asked, candidates)
        lap("read")
        leads = spans[0].candidates[:1] if spans else []
        clear = _clear(spans)
        return Finding(
            hits=tuple(hits),
            candidates=led_by(leads, candidates),
            exact=() if clear is None or shape_of(asked) == "verdict" else (clear,),
            confidence=confidence(candidates, spans),
        )
    read = reordered(
        hits,
        reader.read(asked, [(hit.article.title or "", hit.passage.text) for hit in hits]),
    )
    hits, readings = [each.hit for each in read], [each.reading for each in read]
    answers = pool(
        asked,
        hits,
        readings,
        words,
        searched=[each.searched for each in read],
        read_again=reading_again(asked, reader),
        timely=is_timely(query),
    )
    given = _given(asked, answers)
    lap("read")
    candidates = select(query, hits, readings, answers, vector=vector, encode=encode, words=words)
    lap("select")
    given = [answer for answer in given if not _taken_back(answer, hits, candidates)]
    held = [found for answer in given if (found := held_by(answer, hits, candidates))]
    leads = [at for at, _ in held] or holding(likely(answers)[:1], hits, candidates)
    shape = shape_of(asked)
    if shape == "verdict" and asks_how_it_stands(asked):
        leads = newest_of_the_best(candidates)
    candidates = led_by(leads, candidates)
    exact = tuple(wording for _, wording in held)
    if shape == "account":
        candidates = newest_first(candidates) if query.newest else candidates
        sure = confidence_of_account(query, candidates)
        return Finding(hits=tuple(hits), candidates=candidates, exact=exact, confidence=sure)
    quotes = compose(candidates, hits, max_sentences=SENTENCES, least=FOLLOWS_AT_LEAST).citations
    return Finding(
        hits=tuple(hits),
        candidates=candidates,
        exact=exact,
        confidence=confidence_read(query, candidates, answers, read, words, quotes=len(quotes)),
        least=FOLLOWS_AT_LEAST,
    )


def asked_about(question: str, query: Query) -> str:
    """The wording that is read for: the standalone one, unless that asks for another kind."""
    kind = kind_of_answer(question)
    return query.text if kind in ("other", kind_of_answer(query.text)) else question


def is_account(question: str, query: Query) -> bool:
    """Whether a reason or a course of events is asked for, whose confidence is not calibrated."""
    return shape_of(asked_about(question, query)) == "account"


def _given(question: str, answers: Sequence[Pooled]) -> list[Pooled]:
    """The answers that are given: none for yes or no, else the best; several for a list."""
    shape = shape_of(question)
    enough = likely(answers)
    if not enough or shape == "verdict":
        return []
    best, *others = enough
    given = [best]
    for other in others if shape == "list" else ():
        words = set(other.key)
        if best.score - other.score > LIST_MARGIN or len(given) == MOST_OF_A_LIST:
            break
        if all(words.isdisjoint(known.key) for known in given):
            given.append(other)
    return given


def likely(answers: Sequence[Pooled]) -> list[Pooled]:
    """Those that are likely enough to be given."""
    return [
        answer
        for answer in answers
        if answer.score >= LEAST_LIKELY
        and max((place.span.lead for place in answer.places), default=0.0) >= LEAST_LEAD
    ]


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


def _taken_back(answer: Pooled, hits: Sequence[Hit], candidates: Sequence[Candidate]) -> bool:
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


def led_by(leads: Sequence[int], candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """The candidates, those at `leads` before the others."""
    others = [candidate for at, candidate in enumerate(candidates) if at not in leads]
    return (*(candidates[at] for at in leads), *others)


def _clear(spans: Sequence[by_form.ExactSpan]) -> str | None:
    """The likeliest exact answer where it stands out from the next, else None."""
    if not spans:
        return None
    apart = len(spans) == 1 or spans[0].score >= CLEAR_LEAD * spans[1].score
    return spans[0].text if apart else None
