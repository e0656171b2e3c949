"""A small archive of the reading data's passages."""

from __future__ import annotations

from typing import Any

import pytest

from training import small
from training.rows import Example

NEWS: list[dict[str, Any]] = [
    {"url": "https://a.example/1", "title": "Rain", "text": "It rained. " * 60, "published": None},
    {"url": "https://a.example/2", "title": "Sun", "text": "Short.", "published": "2022-02-01"},
    {"url": "https://a.example/3", "title": "Fog", "text": "F" * 9000, "published": "2022-03-01"},
]


def example(question: str, context: str, answer: str = "", **given: Any) -> Example:
    start = context.index(answer)
    kept: dict[str, Any] = {"title": "Lune", "source": small.SOURCES[0], **given}
    return Example(
        question=question,
        context=context,
        answers=((start, start + len(answer)),) if answer else (),
        **kept,
    )


ROWS = [
    example("Who opened it?", "Ada Quill opened it.", "Ada Quill"),
    example("Who closed it?", "Ada Quill opened it."),
    example("Who sold it?", "Bert Crane sold it.", "Bert Crane"),
    example("Who ran?", "Cleo Marsh ran.", "Cleo Marsh", title=""),
    example("Who swam?", "Dora Finch swam.", "Dora Finch", source="tweetqa/train"),
]


def test_passages_of_one_title_are_an_article_and_news_stands_beside_them() -> None:
    built = list(small.articles(ROWS, NEWS, seed=0))
    assert [(row["title"], row["text"]) for row in built[:2]] == [
        ("Lune", "Ada Quill opened it.\n\nBert Crane sold it."),
        (None, "Cleo Marsh ran."),
    ]
    beside = {row["url"]: row for row in built[2:]}
    assert set(beside) == {"https://a.example/1", "https://a.example/3"}
    assert len(beside["https://a.example/3"]["text"]) == small.MOST_CHARS
    assert beside["https://a.example/3"]["published"] == "2022-03-01"
    assert all(row["published"].startswith("2022-") for row in built)


def test_what_a_passage_does_not_answer_has_no_gold_string() -> None:
    asked = {row["question"]: row["gold"] for row in small.questions(ROWS, seed=0)}
    assert asked == {
        "Who opened it?": ["Ada Quill"],
        "Who closed it?": [],
        "Who sold it?": ["Bert Crane"],
        "Who ran?": ["Cleo Marsh"],
    }


def test_no_passage_is_asked_too_often() -> None:
    rows = [example(f"Who was number {n}?", "Ada Quill was.", "Ada Quill") for n in range(90)]
    asked = small.questions(rows, seed=0)
    assert len(asked) == small.OF_A_PASSAGE
    assert len({row["id"] for row in asked}) == len(asked)


@pytest.mark.parametrize("make", [lambda: list(small.articles(ROWS, NEWS, seed=1)),
                                  lambda: small.questions(ROWS, seed=1)])  # fmt: skip
def test_the_same_is_made_of_the_same(make: Any) -> None:
    assert make() == make()
