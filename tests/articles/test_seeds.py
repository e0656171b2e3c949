"""The sample archive, whose pages have furniture planted around their stories."""

from pathlib import Path

from .loading import read

SEEDS = Path(__file__).resolve().parents[2] / "seeds" / "articles"
PLANTED = [
    "see also", "read next", "related stories", "more on this story", "you may also like",
    "next post", "previous post", "appeared first on",
    "leave a reply", "your email address", "required fields", "comments (",
    "share", "copy link", "print this page", "save for later", "click to",
    "newsletter", "weekly letter", "subscribe", "sign up", "in your inbox", "cookie",
    "all rights reserved", "contact the newsroom", "printed on thursdays",
    "author:", "reporting by",
    # What readers say under two of the stories.
    "tannerylad", "my uncle", "armchair", "oldsalt", "thirty people", "proper light",
]  # fmt: skip


def test_no_planted_furniture_is_left() -> None:
    articles, skips = read(SEEDS)
    assert skips == []
    assert len(articles) == 30
    left = {
        (article.title, line)
        for article in articles
        for line in article.text.splitlines()
        if any(phrase in line.casefold() for phrase in PLANTED) or not any(map(str.isalnum, line))
        if line
    }
    assert left == set()


def test_authors_are_people_and_agencies() -> None:
    articles, _ = read(SEEDS)
    (found,) = {article.authors for article in articles if "90-night" in (article.title or "")}
    assert found == ("Vellmark Wire", "Felix Narth")
