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
        ("What fell over the past month?", "past month", "2022-06-20", "2022-07-20"),
        ("What fell in the last two years?", "last two years", "2020-07-20", "2022-07-20"),
        ("Who won in March last year?", "March last year", "2021-03-01", "2021-03-31"),
        ("Who spoke on Monday last week?", "on Monday last week", "2022-07-11", "2022-07-11"),
        ("Who spoke on Wednesday?", "on Wednesday", "2022-07-20", "2022-07-20"),
        ("Who spoke last Wednesday?", "last Wednesday", "2022-07-13", "2022-07-13"),
        ("Who spoke on 2022-06-15?", "2022-06-15", "2022-06-15", "2022-06-15"),
        ("Who spoke on Sep. 5, 2021?", "Sep. 5, 2021", "2021-09-05", "2021-09-05"),
        ("Who won in Jan 2021?", "Jan 2021", "2021-01-01", "2021-01-31"),
        ("who won in may 2021?", "may 2021", "2021-05-01", "2021-05-31"),
        ("Who won in 2020 and 2021?", "2020 and 2021", "2020-01-01", "2021-12-31"),
        (
            "Who fell in December 2021 and January 2022?",
            "December 2021 and January 2022",
            "2021-12-01",
            "2022-01-31",
        ),
        ("Who won the 2020 election?", "2020", "2020-01-01", "2020-12-31"),
        (
            "What did it earn in the first quarter of 2022?",
            "first quarter of 2022",
            "2022-01-01",
            "2022-03-31",
        ),
        ("What did it earn in Q4 2021?", "Q4 2021", "2021-10-01", "2021-12-31"),
        (
            "Who led in the third quarter last year?",
            "third quarter last year",
            "2021-07-01",
            "2021-09-30",
        ),
        ("What burned in the summer of 2021?", "summer of 2021", "2021-06-01", "2021-08-31"),
        ("What burned last summer?", "last summer", "2021-06-01", "2021-08-31"),
        ("What burned this summer?", "this summer", "2022-06-01", "2022-07-20"),
        ("What froze last winter?", "last winter", "2021-12-01", "2022-02-28"),
        ("Who was named in mid-June?", "mid-June", "2022-06-11", "2022-06-20"),
        ("Who was named in late July?", "late July", "2021-07-21", "2021-07-31"),
        ("Who was named in early May 2020?", "early May 2020", "2020-05-01", "2020-05-10"),
        ("Who was named in late February 2020?", "late February 2020", "2020-02-21", "2020-02-29"),
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
        "Who plays this weekend?",
        "How many of the 50 March protesters stayed?",
        "What falls on 32 March?",
        "Who has a population of 2000 people?",
        "Who owns Windows 2000?",
        "Who directed the film ‘1917’?",
        "Who wrote for the Sunday Times?",
        "Who wrote on Sunday Times paper?",
        "Who led in May Day marches?",
        "Who acted in August Wilson’s play?",
        "Who ruled 200 decades ago?",
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


def test_a_question_of_nothing_but_years_is_read_quickly_enough_to_end() -> None:
    period = period_in("in 2021 " * 250, now=NOW)
    assert period is not None
    assert period.start.year == 2021
