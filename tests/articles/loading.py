"""What the tests of this folder share: one clock, one text, one way to load."""

from datetime import UTC, datetime

from newsqa.articles import load
from newsqa.config import Loading
from newsqa.types import Article, Skip

NOW = datetime(2025, 6, 1, tzinfo=UTC)
TEXT = "The fog has lifted and the ferries sail again."


def read(*paths: object, **limits: object) -> tuple[list[Article], list[Skip]]:
    """The articles and the skips of some paths, under limits of the test's own."""
    found = list(load(paths, limits=Loading(**limits), now=NOW))
    articles = [item for item in found if isinstance(item, Article)]
    return articles, [item for item in found if isinstance(item, Skip)]
