"""Sentences → an answer of the best and of what else speaks to the question."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from newsqa.synthesis.compose import FOLLOWS_FROM, compose
from newsqa.synthesis.evidence import Candidate
from newsqa.types import Evidence, Hit

from .made_up import make_hits


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
    text = "Dora Finch addressed everyone. “We won.” She resigned on Friday."
    hit = make_hits(text)[0]
    quote, left = hit.passage.sentences[1:]
    rows = [
        Candidate(
            evidence=Evidence(
                article=hit.article, start=s.start, end=s.end, text=text[s.start : s.end], hit=1,
                score=0.5,
            ),
            vector=np.eye(2, dtype=np.float32)[at],
            features=(),
        )
        for at, s in enumerate((quote, left))
    ]  # fmt: skip
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
