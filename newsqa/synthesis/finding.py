"""Hits → what was found for a question: sentences in order, exact answers, and how sure.

With a reader the passages are read and put in order anew; without one, exact answers are told
by their form alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

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
from newsqa.synthesis.leading import (
    held_by,
    holding,
    led_by,
    newest_first,
    newest_of_the_best,
    taken_back,
)
from newsqa.synthesis.logistic import log_odds_of
from newsqa.synthesis.pooled import Pooled
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
    shape = shape_of(asked)
    of_now = shape == "verdict" and asks_how_it_stands(asked)
    if reader is None or not hits:
        candidates = select(query, hits, vector=vector, encode=encode, words=words)
        lap("select")
        spans = by_form.read(asked, candidates)
        lap("read")
        leads: Sequence[int] = spans[0].candidates[:1] if spans else []
        leads = newest_of_the_best(candidates) if of_now else leads
        clear = _clear(spans)
        return Finding(
            hits=tuple(hits),
            candidates=led_by(leads, candidates),
            exact=() if clear is None or shape == "verdict" else (clear,),
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
    given = [answer for answer in given if not taken_back(answer, hits, candidates)]
    held = [found for answer in given if (found := held_by(answer, hits, candidates))]
    leads = [at for at, _ in held] or holding(likely(answers)[:1], hits, candidates)
    candidates = led_by(newest_of_the_best(candidates) if of_now else leads, candidates)
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


def _clear(spans: Sequence[by_form.ExactSpan]) -> str | None:
    """The likeliest exact answer where it stands out from the next, else None."""
    if not spans:
        return None
    apart = len(spans) == 1 or spans[0].score >= CLEAR_LEAD * spans[1].score
    return spans[0].text if apart else None
