"""txtai: a hybrid index (BM25 and FAISS) with content, filtered by its SQL.

Its documentation indexes texts as they are given; of its ways to cut them that need no other model
this is the one by rules, `Segmentation(paragraphs=True)`, and news has short paragraphs.  Fitted,
its third-party chunker cuts at about 1,000 characters.  The SQL filters candidates: it is asked for
more until k are left.
"""

from __future__ import annotations

from pathlib import Path

from measuring import Article, Hit, Search, measure, widened
from txtai import Embeddings
from txtai.pipeline import Segmentation

FOUND = "select id, text from txtai where similar(:question, {}) and published <= :as_of"


class Txtai:
    def __init__(self, model: str, fitted: bool):
        self._embeddings = Embeddings(path=model, hybrid=True, content=True)
        fit = {"chunker": "recursive", "chunk_size": 1000}
        self._segment = Segmentation(**(fit if fitted else {"paragraphs": True}))

    def build(self, articles: list[Article], folder: Path) -> int:
        self._embeddings.index(
            (article.id, {"text": passage, **article.dated})
            for article in articles
            for passage in self._segment(article.document)
        )
        self._embeddings.save(str(folder))
        return self._embeddings.count()

    def searches(self) -> dict[str, Search]:
        return {"txtai": self._search}

    def _search(self, question: str, as_of: int, k: int) -> list[Hit]:
        given = {"question": question, "as_of": as_of}

        def find(depth: int) -> list[Hit]:
            found = self._embeddings.search(FOUND.format(depth), limit=k, parameters=given)
            return [Hit(each["id"], each["text"]) for each in found]

        return widened(find, k=k, passages=self._embeddings.count())


if __name__ == "__main__":
    measure(Txtai, packages=["txtai", "faiss-cpu", "chonkie"])
