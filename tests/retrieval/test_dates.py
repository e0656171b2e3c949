"""The time that a question speaks of."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from newsqa.retrieval.dates import period_in

NOW = datetime(2022, 7, 20, 23, 59, tzinfo=UTC)  # a Wednesday


@pytest.mark.parametrize(
    ("question", "words", "first", "last"),
    [
        ("What happened last week?", "last week", "2022-07-11", "2022-07-17"),
        ("Who resigned this week?", "this week", "2022-07-13", "2022-07-20"),
        ("Who won in March?", "March", "2022-03-01", "2022-03-31"),
        ("In October, who won?", "October", "2021-10-01", "2021-10-31"),
        ("Who spoke on Monday?", "on Monday", "2022-07-18", "2022-07-18"),
        ("Who spoke on Friday?", "on Friday", "2022-07-15", "2022-07-15"),
        ("What did he say two years ago?", "two years ago", "2020-01-01", "2020-12-31"),
        ("What fell three days ago?", "three days ago", "2022-07-17", "2022-07-17"),
        ("Who was elected on 5 May 2021?", "5 May 2021", "2021-05-05", "2021-05-05"),
        ("Who was elected on May 5, 2021?", "May 5, 2021", "2021-05-05", "2021-05-05"),
        ("What opened in August 1963?", "August 1963", "1963-08-01", "1963-08-31"),
        ("Which film won in 2019?", "2019", "2019-01-01", "2019-12-31"),
        ("Who ruled in 2020?", "2020", "2020-01-01", "2020-12-31"),
        ("Who resigned yesterday?", "yesterday", "2022-07-19", "2022-07-19"),
        ("Which film led last year?", "last year", "2021-01-01", "2021-12-31"),
        ("Which film leads this year?", "this year", "2022-01-01", "2022-07-20"),
        ("Who played last weekend?", "last weekend", "2022-07-16", "2022-07-17"),
        ("What of last month?", "last month", "2022-06-01", "2022-06-30"),
    ],
)
def test_dates_are_resolved_against_the_moment_of_asking(
    question: str, words: str, first: str, last: str
) -> None:
    period = period_in(question, now=NOW)
    assert period is not None
    assert period.text == words
    assert (f"{period.start:%Y-%m-%d}", f"{period.end:%Y-%m-%d}") == (first, last)
    assert period.start <= period.end <= NOW


@pytest.mark.parametrize(
    "question",
    [
        "Who leads?",
        "Which is the first eruption since 1984?",
        "What has changed since the election?",
        "What is due by 2030?",
        "Who will host the games in 2026?",
        "Who may march?",
        "May I ask who won?",
        "Who won the $2022 prize?",
        "How many of the 2,019 left?",
        "What did 1999% mean?",
        "What falls on 31 February?",
    ],
)
def test_what_names_no_past_time_is_left_alone(question: str) -> None:
    assert period_in(question, now=NOW) is None


def test_of_several_times_it_is_the_latest() -> None:
    period = period_in("Who won in 2019 and resigned this week?", now=NOW)
    assert period is not None
    assert period.text == "this week"


def test_nothing_that_lies_ahead_of_the_moment_is_in_a_period() -> None:
    early = datetime(2022, 1, 1, 0, 0, 1, tzinfo=UTC)
    for question in ("this week", "this year", "today", "in January", "on Saturday", "2022"):
        period = period_in(f"Who won {question}?", now=early)
        assert period is None or period.end <= early
