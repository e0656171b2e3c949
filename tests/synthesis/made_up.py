"""Made-up hits for the stages after retrieval."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from newsqa.chunking import sentence_spans
from newsqa.types import Article, Hit, Passage


class PlainWords:
    """Every word is as rare as any other."""

    def terms(self, text: str) -> list[str]:
        return re.findall(r"\w+", text.lower())

    def rarity(self, term: str) -> float:
        return 1.0


def make_hit(text: str, *, rank: int = 1, title: str | None = None, id: str | None = None) -> Hit:
    """The whole of a text as one passage."""
    article = Article(
        id=id or f"article-{rank}",
        title=title,
        text=text,
        source="The Gazette",
        published=datetime(2024, 5, 1, tzinfo=UTC),
        content_hash="0",
    )
    passage = Passage(
        id=rank,
        article_id=article.id,
        start=0,
        end=len(text),
        text=text,
        sentences=tuple(sentence_spans(text)),
    )
    return Hit(passage=passage, article=article, rank=rank, score=1.0 / rank)
