"""Sentences → an answer of the best and of what else speaks to the question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from newsqa.synthesis.compose import FOLLOWS_FROM, compose
from newsqa.synthesis.evidence import Candidate
from newsqa.types import Evidence, Hit

from .made_up import make_hit, make_hits


def sentences(hit: Hit, *chosen: str) -> list[Candidate]:
    """Sentences of a hit, in the order given, none meaning the same as another."""
    text = hit.article.text
    vectors = np.eye(len(chosen) + 1, dtype=np.float32)
    return [
        Candidate(
            evidence=Evidence(
                article=hit.article,
                start=text.index(sentence),
                end=text.index(sentence) + len(sentence),
                text=sentence,
                hit=hit.rank,
                score=0.5,
            ),
            vector=vectors[at],
            features=(),
        )
        for at, sentence in enumerate(chosen)
    ]


def candidates(hits: Sequence[Hit], scores: Sequence[float]) -> list[Candidate]:
    """The whole text of each hit, none meaning the same as another."""
    return [
        Candidate(
            evidence=Evidence(
                article=hit.article,
                start=0,
                end=len(hit.article.text),
                text=hit.article.text,
                hit=hit.rank,
                score=score,
            ),
            vector=np.eye(len(hits), dtype=np.float32)[hit.rank - 1],
            features=(),
        )
        for hit, score in zip(hits, scores, strict=True)
    ]


@pytest.mark.parametrize(
    ("first", "second", "least", "shown"),
    [
        (0.5, FOLLOWS_FROM * 0.5 + 0.01, 0.0, 2),
        (0.5, FOLLOWS_FROM * 0.5 - 0.01, 0.0, 1),
        (0.05, 0.09, 0.1, 1),
        (0.05, 0.09, 0.0, 2),
        (0.05, 0.11, 0.1, 2),
        # What leads is shown however little it says.
        (0.001, 0.001, 0.1, 1),
    ],
)
def test_what_hardly_speaks_to_the_question_does_not_follow(
    first: float, second: float, least: float, shown: int
) -> None:
    hits = make_hits("Bert Crane led the rescue.", "It rained in Lune.")
    found = compose(candidates(hits, (first, second)), hits, max_sentences=3, least=least)
    assert len(found.statements) == shown
    assert found.statements[0].text == "Bert Crane led the rescue."


def test_what_a_sentence_needs_is_not_told_twice() -> None:
    hit = make_hits("Dora Finch addressed everyone. “We won.” She resigned on Friday.")[0]
    rows = sentences(hit, "“We won.”", "She resigned on Friday.")
    found = compose(rows, [hit], max_sentences=3)
    assert [str(statement) for statement in found.statements] == [
        "“We won.” [1]",
        "She resigned on Friday. [2]",
    ]
    assert len({(c.start, c.end) for c in found.citations}) == 2
    # The other way round the quote comes along.
    found = compose(rows[::-1], [hit], max_sentences=3)
    assert [statement.text for statement in found.statements] == [
        "Dora Finch addressed everyone.",
        "“We won.”",
        "She resigned on Friday.",
    ]


def test_what_a_sentence_points_back_to_is_not_left_out() -> None:
    text = "Mira Sand led the crew. Her first mate was Lena Holt. She died on Friday."
    hit = make_hits(text)[0]
    rows = sentences(hit, "Mira Sand led the crew.", "She died on Friday.")
    found = compose(rows, [hit], max_sentences=3)
    assert [str(statement) for statement in found.statements] == [
        "Mira Sand led the crew. [1]",
        "Her first mate was Lena Holt. [2]",
        "She died on Friday. [2]",
    ]
    assert found.citations[1].quote == "Her first mate was Lena Holt. She died on Friday."


def test_nothing_comes_between_a_sentence_and_what_it_points_back_to() -> None:
    hits = make_hits("Dora Finch spoke. She resigned on Friday.", "Ada Quill swam.")
    spoke, left = sentences(hits[0], "Dora Finch spoke.", "She resigned on Friday.")
    (swam,) = sentences(hits[1], "Ada Quill swam.")
    swam = replace(swam, vector=np.full_like(spoke.vector, -1))
    found = compose([spoke, swam, left], hits, max_sentences=3)
    assert [str(statement) for statement in found.statements] == [
        "Dora Finch spoke. [1]",
        "She resigned on Friday. [2]",
        "Ada Quill swam. [3]",
    ]
    assert [citation.quote for citation in found.citations] == [
        "Dora Finch spoke.",
        "She resigned on Friday.",
        "Ada Quill swam.",
    ]


@pytest.mark.parametrize(
    ("text", "chosen", "told"),
    [
        # What takes it back, or points back to it, is shown already.
        (
            "Some 420 jobs will go. That figure was wrong. It will cut 240 jobs.",
            ("It will cut 240 jobs.", "Some 420 jobs will go."),
            "Some 420 jobs will go. That figure was wrong. It will cut 240 jobs.",
        ),
        (
            "The dam is old. There it holds. It feeds three towns.",
            ("It feeds three towns.", "The dam is old."),
            "The dam is old. There it holds. It feeds three towns.",
        ),
        # And what comes last before what came first.
        (
            "The dam is old. It leaks. But it holds. It feeds three towns.",
            ("It feeds three towns.", "The dam is old.", "It leaks."),
            "The dam is old. It leaks. But it holds. It feeds three towns.",
        ),
        # What does neither stays before it.
        (
            "The dam is old. Ada Quill swam.",
            ("Ada Quill swam.", "The dam is old."),
            "Ada Quill swam. The dam is old.",
        ),
    ],
)
def test_what_comes_later_stands_before_what_points_back_to_it(
    text: str, chosen: tuple[str, ...], told: str
) -> None:
    hit = make_hits(text)[0]
    found = compose(sentences(hit, *chosen), [hit], max_sentences=4)
    assert " ".join(statement.text for statement in found.statements) == told
    numbers = [n for statement in found.statements for n in statement.numbers]
    assert list(dict.fromkeys(numbers)) == list(range(1, len(found.citations) + 1))


def test_what_agrees_with_a_sentence_that_came_along_is_cited_too() -> None:
    hits = make_hits("Ada Quill won the race. She beat forty.", "Ada Quill won the race.")
    beat, won = sentences(hits[0], "She beat forty.", "Ada Quill won the race.")
    (also,) = sentences(hits[1], "Ada Quill won the race.")
    also = replace(also, vector=won.vector)
    found = compose([beat, won, also], hits, max_sentences=3)
    assert [str(statement) for statement in found.statements] == [
        "Ada Quill won the race. [1][2]",
        "She beat forty. [1]",
    ]
    assert found.citations[1].article_id == "article-2"


@pytest.mark.parametrize(
    ("days", "later", "shown"),
    [
        (9, "The advice to boil tap water was lifted.", 2),
        (9, "The advice to boil tap water was given.", 1),
        (0, "The advice to boil tap water was lifted.", 1),
        (None, "The advice to boil tap water was lifted.", 1),
    ],
)
def test_what_a_later_article_says_is_otherwise_now_is_shown_too(
    days: int | None, later: str, shown: int
) -> None:
    day = datetime(2024, 5, 1, tzinfo=UTC)
    hits = [
        make_hit("People should boil tap water.", rank=1, published=day),
        make_hit(later, rank=2, published=None if days is None else day + timedelta(days=days)),
    ]
    rows = [sentences(hit, hit.article.text)[0] for hit in hits]  # as near as can be
    for order in (rows, rows[::-1]):
        found = compose(order, hits, max_sentences=3)
        assert len(found.statements) == shown
