"""An archive of a few stories, each told by two outlets."""

from __future__ import annotations

from pathlib import Path

import pytest

import newsqa

STORIES = (
    ("Ada Quill", "opened the new bridge over the Lune at Kestmouth", "Mayor"),
    ("Tom Hale", "won the regatta at Port Ennis by two lengths", "Rower"),
    ("Ines Moor", "resigned as head of the Fairwater Trust", "Chair"),
    ("Otto Brand", "rescued 43 sailors from the ferry Halcyon", "Captain"),
)


@pytest.fixture(scope="session")
def told_twice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    index = tmp_path_factory.mktemp("told") / "index"
    rows = []
    for number, (who, what, title) in enumerate(STORIES):
        first = f"{title} {who} {what} on Monday in front of a large crowd. It rained all day."
        second = (
            f"Crowds came out as {title.lower()} {who} {what}, the Herald has learned. "
            "Nobody had expected so many people to come to the place that morning."
        )
        rows += [
            {
                "url": f"https://{outlet}.example/{number}",
                "title": f"Report {number}",
                "text": text,
                "published": "2022-03-01",
            }
            for outlet, text in (("gazette", first), ("herald", second))
        ]
    newsqa.build(rows, index=index)
    return index
