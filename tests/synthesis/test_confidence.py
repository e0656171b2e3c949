"""How sure an answer is, and what it is less sure for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from newsqa.synthesis.confidence import (
    BY_READER,
    OF_AN_ACCOUNT,
    confidence_of_account,
    confidence_read,
    features_read,
)
from newsqa.synthesis.evidence import Candidate, select
from newsqa.synthesis.pooling import pool
from newsqa.synthesis.reordering import ReadHit
from newsqa.types import Evidence, Hit, Period, Query

from .made_up import PlainWords, make_hit, scripted

MARCH = Period(
    text="March 2023",
    start=datetime(2023, 3, 1, tzinfo=UTC),
    end=datetime(2023, 4, 1, tzinfo=UTC) - timedelta(microseconds=1),
)
DAY = timedelta(days=1)


def candidate(hit: Hit, *, score: float = 0.5) -> Candidate:
    text = hit.passage.text
    evidence = Evidence(
        article=hit.article, start=0, end=len(text), text=text, hit=hit.rank, score=score
    )
    # As `select` has them: cosine, coverage, context, and what confidence doesn't ask for.
    features = (0.4, 0.5, 0.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    return Candidate(evidence=evidence, vector=np.zeros(2, dtype=np.float32), features=features)


def named(query: Query, *hits: Hit) -> dict[str, float]:
    read = [
        ReadHit(hit=hit, reading=scripted(hit.passage.text, {}), searched=hit.rank) for hit in hits
    ]
    found = features_read(query, [candidate(hit) for hit in hits], [], read, PlainWords(), quotes=1)
    return dict(zip(BY_READER.weights, found, strict=True))


@pytest.mark.parametrize(
    ("published", "elsewhen"),
    [
        (MARCH.start, 0.0),
        (MARCH.end + 29 * DAY, 0.0),
        (MARCH.end + 31 * DAY, 1.0),
        (MARCH.start - timedelta(hours=20), 0.0),  # somewhere else it was March
        (MARCH.start - timedelta(hours=25), 1.0),
        (datetime(9999, 12, 31, tzinfo=UTC), 1.0),
        (None, 0.0),
    ],
)
def test_an_article_of_another_time_than_asked_is_told(
    published: datetime | None, elsewhen: float
) -> None:
    hit = make_hit("Loreen won the contest.", published=published)
    asked = Query(text="Who won the contest in March 2023?", period=MARCH)
    assert named(asked, hit)["elsewhen"] == elsewhen
    assert named(Query(text="Who won the contest?"), hit)["elsewhen"] == 0.0


@pytest.mark.parametrize(
    ("text", "title", "elsewhen"),
    [
        ("She had won in 2023, too.", None, 0.0),
        ("She had won before.", "The winners of 2023", 0.0),
        ("She had won in 2022, and 20235 came.", None, 1.0),
    ],
)
def test_unless_it_names_the_year(text: str, title: str | None, elsewhen: float) -> None:
    hit = make_hit(text, title=title, published=MARCH.end + 400 * DAY)
    assert named(Query(text="Who won?", period=MARCH), hit)["elsewhen"] == elsewhen


@pytest.mark.parametrize(
    ("words", "days", "elsewhen"),
    [("two years ago", 364, 0.0), ("last summer", 91, 0.0), ("last week", 7, 1.0)],
)
def test_a_time_without_a_year_in_its_words_has_one_where_it_is_long(
    words: str, days: int, elsewhen: float
) -> None:
    period = Period(text=words, start=MARCH.start, end=MARCH.start + days * DAY)
    hit = make_hit("She won it in 2023年 at last.", published=period.end + 400 * DAY)
    assert named(Query(text=f"Who won {words}?", period=period), hit)["elsewhen"] == elsewhen


@pytest.mark.parametrize(
    "query",
    [
        Query(text="Who won the contest in March 2023?", period=MARCH),
        Query(text="Who won the contest  in march 2023?", period=MARCH),
        Query(text="According to The Gazette, who won the contest?", outlets=("The Gazette",)),
        Query(text="Please tell me who won the contest", wording="who won the contest"),
    ],
)
def test_no_article_need_say_when_and_by_whom_it_was_published(query: Query) -> None:
    assert named(query, make_hit("Loreen won the contest."))["missing"] == 0.0
    assert named(query, make_hit("Loreen won the match."))["missing"] == pytest.approx(1 / 2)


def test_an_outlet_s_name_within_a_word_is_no_outlet() -> None:
    asked = Query(text="According to AP, who won in Japan?", outlets=("AP",))
    assert named(asked, make_hit("Loreen won in Japan."))["missing"] == 0.0


def test_it_is_the_one_that_leads_whose_time_counts() -> None:
    of_then = make_hit("Loreen won.", rank=1, published=MARCH.start)
    of_now = make_hit("Kalush won.", rank=2, published=MARCH.start - 300 * DAY)
    asked = Query(text="Who won?", period=MARCH)
    assert named(asked, of_then, of_now)["elsewhen"] == 0.0
    assert named(asked, of_now, of_then)["elsewhen"] == 1.0


def test_the_order_of_the_candidates_tells_nothing_else() -> None:
    hits = [make_hit("Loreen won.", rank=1), make_hit("Kalush won.", rank=2)]
    read = [ReadHit(hit=h, reading=scripted(h.passage.text, {}), searched=h.rank) for h in hits]
    rows = [candidate(hits[0], score=0.7), candidate(hits[1], score=0.2)]
    asked = Query(text="Who won?")
    both = [
        features_read(asked, each, [], read, PlainWords(), quotes=1) for each in (rows, rows[::-1])
    ]
    assert both[0] == both[1]


def test_what_no_passage_says_and_another_time_make_it_less_sure() -> None:
    def sure(question: str, published: datetime, period: Period | None = None) -> float:
        hit = make_hit("The ferry struck the breakwater on Wednesday.", published=published)
        reading = scripted(hit.passage.text, {"Wednesday": 4.0})
        query = Query(text=question, period=period)
        answers = pool(question, [hit], [reading], PlainWords())
        candidates = select(
            query,
            [hit],
            [reading],
            answers,
            vector=np.ones(2, dtype=np.float32) / np.sqrt(2, dtype=np.float32),
            encode=lambda texts: np.tile(np.array([[1.0, 0.0]], dtype=np.float32), (len(texts), 1)),
            words=PlainWords(),
        )
        read = [ReadHit(hit=hit, reading=reading, searched=1)]
        return confidence_read(query, candidates, answers, read, PlainWords(), quotes=1)

    known = sure("When was the ferry struck?", MARCH.start)
    assert sure("When was the ferry sunk?", MARCH.start) < known
    assert sure("When was the ferry struck?", MARCH.start, MARCH) == known
    assert sure("When was the ferry struck?", MARCH.start - 2 * DAY, MARCH) < known


def test_more_quotes_make_it_surer_and_a_number_that_is_asked_for_less_sure() -> None:
    hit = make_hit("Loreen won 12 votes.")
    read = [ReadHit(hit=hit, reading=scripted(hit.passage.text, {}), searched=1)]

    def sure(question: str, quotes: int) -> float:
        query = Query(text=question)
        return confidence_read(query, [candidate(hit)], [], read, PlainWords(), quotes=quotes)

    assert sure("Who won?", 1) < sure("Who won?", 2) < sure("Who won?", 3) < 1
    assert sure("How many votes?", 1) < sure("Which votes?", 1)


def test_of_nothing_nothing_is_sure() -> None:
    assert (
        confidence_read(Query(text="Who won?", period=MARCH), [], [], [], PlainWords(), quotes=0)
        == 0.0
    )


def test_an_account_of_another_time_is_less_sure() -> None:
    query = Query(text="Why did the ferry stop in March 2023?", period=MARCH)
    of_then = candidate(make_hit("The ferry stopped for repairs.", published=MARCH.start))
    before = candidate(make_hit("The ferry stopped for repairs.", published=MARCH.start - 2 * DAY))
    assert 0 < confidence_of_account(query, [before]) < confidence_of_account(query, [of_then]) < 1
    assert confidence_of_account(query, []) == 0.0
    assert OF_AN_ACCOUNT.weights["elsewhen"] < 0
