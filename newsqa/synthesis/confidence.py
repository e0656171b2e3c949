"""How sure: from what was found to a probability, fitted on questions with known answers."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import timedelta

from newsqa.synthesis.asking import kind_of_answer
from newsqa.synthesis.by_form import ExactSpan
from newsqa.synthesis.coverage import Words, missing
from newsqa.synthesis.evidence import Candidate
from newsqa.synthesis.logistic import Logistic, log_odds_of
from newsqa.synthesis.pooled import Pooled
from newsqa.synthesis.reordering import ReadHit
from newsqa.types import Query

SENTENCES = 3
"""Of the answer whose quotes are counted, however many are then shown."""
TOLD_BEFORE = timedelta(days=1)
"""Before a time: somewhere else it has begun."""
TOLD_WITHIN = timedelta(days=30)
"""After a time, in which articles still tell of it without naming it."""
A_SEASON = timedelta(days=80)
"""From which a time is called by its year; "2023" somewhere in an article is not last week."""

_ACCORDING = re.compile(r"\baccording to\b", re.IGNORECASE)

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
NO_EXACT = -10.0
"""Log-odds that stand for an exact answer where none was read."""
NO_SPAN = 0.3
"""Support that stands for a span where the question asks for nothing that has a form."""

BY_READER = Logistic(
    bias=-1.43,
    weights={
        "cosine": 0.994,
        "exact": 0.604,  # log-odds of the best exact answer
        "relevance": 5.73,  # most of the passages, by the reader, logit / 10
        "elsewhen": -0.421,  # 1 where what leads is of another time than what is asked about
        "missing": -0.121,  # share of the question's information that no passage has, [0, 1]
        "number": -0.474,  # 1 where a number is asked for: articles have many, and they differ
        "quotes": 0.15,  # log of how many the answer rests on: others that say the same, or more
    },
)
"""The same with one."""
OF_AN_ACCOUNT = Logistic(
    bias=-6.0,
    weights={
        "context": 3.0,  # most of the question's information in a sentence with what is before
        "cosine": 5.0,  # nearest sentence, [-1, 1]
        "elsewhen": -1.0,  # 1 where what leads is of another time than what is asked about
    },
)
"""The same where a reason or a course of events is asked for: no exact answer tells whether it is
there.  Set by hand on two dozen such questions to the sample: no data says what answers one."""


def confidence(candidates: Sequence[Candidate], spans: Sequence[ExactSpan]) -> float:
    """The probability that the composed answer holds what was asked for, in [0, 1]."""
    return BY_FORM.probability(features(candidates, spans)) if candidates else 0.0


def confidence_of_account(query: Query, candidates: Sequence[Candidate]) -> float:
    """How sure an account is, which rests on its sentences alone; in [0, 1], not calibrated.

    The candidate that leads comes first.
    """
    if not candidates:
        return 0.0
    _, _, context, cosine = _of_sentences(candidates)
    return OF_AN_ACCOUNT.probability((context, cosine, _elsewhen(query, candidates)))


def confidence_read(
    query: Query,
    candidates: Sequence[Candidate],
    answers: Sequence[Pooled],
    read: Sequence[ReadHit],
    words: Words,
    *,
    quotes: int,
) -> float:
    """The same where the passages were read.

    `quotes` are the citations of an answer of `SENTENCES` composed of the candidates.
    """
    if not candidates:
        return 0.0
    return BY_READER.probability(
        features_read(query, candidates, answers, read, words, quotes=quotes)
    )


def features(candidates: Sequence[Candidate], spans: Sequence[ExactSpan]) -> tuple[float, ...]:
    """Of a question, from what was selected (at least one candidate) and found in it by form."""
    return (
        *_of_sentences(candidates),
        math.log(max(spans[0].score, 0.01) if spans else NO_SPAN),
    )


def features_read(
    query: Query,
    candidates: Sequence[Candidate],
    answers: Sequence[Pooled],
    read: Sequence[ReadHit],
    words: Words,
    *,
    quotes: int,
) -> tuple[float, ...]:
    """The same from what was selected, the candidate that leads first, and read."""
    _, _, _, cosine = _of_sentences(candidates)
    return (
        cosine,
        answers[0].score if answers else NO_EXACT,
        max(each.reading.relevance for each in read) / 10,
        _elsewhen(query, candidates),
        missing(_said_of(query), [each.hit for each in read], words),
        float(kind_of_answer(query.text) in ("count", "amount")),
        math.log(max(1, quotes)),
    )


def _elsewhen(query: Query, candidates: Sequence[Candidate]) -> float:
    """1.0 where what leads is neither of the time that is asked about nor names its year."""
    article, period = candidates[0].evidence.article, query.period
    if period is None or article.published is None:
        return 0.0
    before, after = period.start - article.published, article.published - period.end
    if before <= TOLD_BEFORE and after <= TOLD_WITHIN:
        return 0.0
    years = set(re.findall(r"(?<!\d)\d{4}(?!\d)", period.text))
    if period.end - period.start >= A_SEASON:
        years |= {str(period.start.year), str(period.end.year)}
    told = f"{article.title or ''}\n{article.text}"
    return float(not any(re.search(rf"(?<!\d){year}(?!\d)", told) for year in years))


def _said_of(query: Query) -> str:
    """What is asked, without what no article need say: when it was published, and by whom."""
    text = query.searched
    for words in (query.period.text if query.period else "", *query.outlets):
        if words:
            phrase = re.escape(words).replace(r"\ ", r"\s+")
            text = re.sub(rf"(?<!\w){phrase}(?!\w)", " ", text, flags=re.IGNORECASE)
    return _ACCORDING.sub(" ", text)


def _of_sentences(candidates: Sequence[Candidate]) -> tuple[float, float, float, float]:
    scores = sorted((log_odds_of(each.evidence.score) for each in candidates), reverse=True)[:2]
    return (
        scores[0],
        scores[-1],
        max(candidate.features[2] for candidate in candidates),
        max(candidate.features[0] for candidate in candidates),
    )
