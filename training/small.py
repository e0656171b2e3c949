"""The reading data's passages among a few news articles: a small archive, asked of no time.

A quiz asks of its week's news, what many articles tell; weights that are fitted to it alone choose
worse where one article has the answer, whatever else is newer.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from training.rows import Example

SOURCES = ("squad-v2.0-dev", "qamr-wikinews-passage")
"""Of the reading data, what is near news and comes in passages."""
NEWS = 150
"""Articles that are put beside them."""
LEAST_CHARS = 500
MOST_CHARS = 6000
"""Of each of these."""
OF_A_PASSAGE = 20
"""Questions, at most."""
FIRST_DAY, DAYS = date(2022, 1, 1), 365
"""When an article that has no date may have been published."""


def taken(rows: Sequence[Example]) -> list[Example]:
    """Those that a small archive is made of and asked."""
    return [row for row in rows if row.source in SOURCES]


def articles(
    rows: Sequence[Example], news: Sequence[dict[str, Any]], *, seed: int
) -> Iterator[dict[str, Any]]:
    """Articles to build of: the passages, those of one title together, and news by chance."""
    chance = random.Random(f"small {seed}")
    passages: dict[str, list[str]] = {}
    for row in taken(rows):
        passages.setdefault(row.title or row.context, []).append(row.context)
    told = [
        {
            "url": f"https://example.org/{number}",
            "title": title if texts[0] != title else None,
            "text": "\n\n".join(dict.fromkeys(texts)),
            "published": None,
        }
        for number, (title, texts) in enumerate(passages.items())
    ]
    long = [
        {
            "url": article["url"],
            "title": article["title"],
            "text": article["text"][:MOST_CHARS],
            "published": article["published"],
        }
        for article in news
        if len(article["text"]) >= LEAST_CHARS
    ]
    for article in (*told, *chance.sample(long, min(NEWS, len(long)))):
        day = FIRST_DAY + timedelta(days=chance.randrange(DAYS))
        yield {**article, "published": article["published"] or day.isoformat()}


def questions(rows: Sequence[Example], *, seed: int) -> list[dict[str, Any]]:
    """What is asked of it, by chance; one that its passage doesn't answer has no `gold` string."""
    chance = random.Random(f"small {seed}")
    asked: dict[str, int] = {}
    chosen = []
    for row in chance.sample(taken(rows), len(taken(rows))):
        asked[row.context] = asked.get(row.context, 0) + 1
        if asked[row.context] <= OF_A_PASSAGE:
            gold = sorted({row.context[start:end] for start, end in row.answers})
            chosen.append({"question": row.question, "gold": gold, "choices": [], "answer": []})
    return [{"id": f"small {number}", **row} for number, row in enumerate(chosen)]
