"""Made-up hits and small archives, open for searching."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

import newsqa
from newsqa.config import Settings
from newsqa.embedding import HashingEncoder
from newsqa.retrieval import Ranker, by_signals, search
from newsqa.types import Article, Hit, Passage, Query, Span

EPOCH = datetime(2024, 1, 1, tzinfo=UTC)


def made_article(
    article_id: str, text: str, *, day: float | None = 0, source: str | None = "Harbour Post"
) -> Article:
    return Article(
        id=article_id,
        title=f"Title of {article_id}",
        text=text,
        source=source,
        published=None if day is None else EPOCH + timedelta(days=day),
        content_hash="",
    )


def made_hit(rank: int, article: Article) -> Hit:
    text = article.text
    passage = Passage(
        id=rank,
        article_id=article.id,
        start=0,
        end=len(text),
        text=text,
        sentences=(Span(start=0, end=len(text)),),
    )
    return Hit(passage=passage, article=article, rank=rank, score=1 / rank)


@pytest.fixture
def article() -> Callable[..., Article]:
    return made_article


@pytest.fixture
def hits() -> Callable[..., list[Hit]]:
    """Hits on one-passage articles, given as (id, text), best first."""

    def make(*rows: tuple[str, str]) -> list[Hit]:
        return [made_hit(n, made_article(i, text)) for n, (i, text) in enumerate(rows, start=1)]

    return make


class Archive:
    """An index with the made-up encoder, and `search` over it."""

    def __init__(self, path: str):
        self.path = path
        self.encoder = HashingEncoder(32)

    def put(self, *articles: Article) -> None:
        newsqa.build(articles, index=self.path, encoder=self.encoder)

    @contextmanager
    def view(self):
        with newsqa.NewsQA.open(self.path, encoder=self.encoder) as qa, qa._index.view() as view:
            yield view

    def search(
        self,
        query: Query,
        k: int = 10,
        settings: Settings | None = None,
        ranker: Ranker = by_signals,
    ):
        retrieval = (settings or Settings()).retrieval
        vector = self.encoder.encode([query.searched])[0]
        with self.view() as view:
            return search(query, view, vector, k=k, settings=retrieval, ranker=ranker)


@pytest.fixture
def archive(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    return Archive(str(tmp_path_factory.mktemp("archive") / "index"))
