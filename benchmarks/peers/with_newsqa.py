"""newsqa: built anew, then its search, and its two searches alone over the same passages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from measuring import Article, Hit, Search, measure

import newsqa
from newsqa.embedding import load_encoder
from newsqa.indexing import Filter, Index, Scored, View
from newsqa.retrieval.search import question_terms


class Newsqa:
    """With the default settings; the encoder is the bundled one, as it is by default."""

    def __init__(self, _model: str, _fitted: bool):
        self._encoder = load_encoder()

    def build(self, articles: list[Article], folder: Path) -> int:
        given = [
            newsqa.Article(
                id=article.id,
                title=article.title,
                text=article.text,
                published=None if article.published is None else _instant(article.published),
                content_hash="",  # made as it is read
            )
            for article in articles
        ]
        report = newsqa.build(given, index=folder, encoder=self._encoder)
        self._qa = newsqa.NewsQA.open(folder, encoder=self._encoder)
        self._index = Index.open(folder)
        return report.passages

    def searches(self) -> dict[str, Search]:
        return {"newsqa": self._search, "plain BM25": self._lexical, "plain dense": self._dense}

    def _search(self, question: str, as_of: int, k: int) -> list[Hit]:
        hits = self._qa.search(question, k, as_of=_instant(as_of))
        return [Hit(hit.passage.article_id, hit.passage.text) for hit in hits]

    def _lexical(self, question: str, as_of: int, k: int) -> list[Hit]:
        terms = question_terms(question)
        return self._plain(lambda view, chosen: view.lexical(terms, k, chosen), as_of)

    def _dense(self, question: str, as_of: int, k: int) -> list[Hit]:
        vector = self._encoder.encode([question])[0]
        return self._plain(lambda view, chosen: view.dense(vector, k, chosen), as_of)

    def _plain(self, find: Callable[[View, Filter], list[Scored]], as_of: int) -> list[Hit]:
        with self._index.view() as view:
            scored = find(view, Filter(as_of=_instant(as_of)))
            passages = view.passages([each.id for each in scored])
        found = [passages[each.id][0] for each in scored]
        return [Hit(passage.article_id, passage.text) for passage in found]


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


if __name__ == "__main__":
    measure(Newsqa, packages=["faiss-cpu", "tantivy"])
