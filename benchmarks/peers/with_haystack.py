"""Haystack: BM25 and embeddings of the in-memory store, joined by reciprocal rank fusion.

As in its tutorial of hybrid retrieval, chunks of 512 words that overlap by 32; the tutorial says
to fit that to the model, of which this one reads about 200 words: fitted, the splitter's default
of 200 words without overlap.  The tutorial's last step, a cross-encoder over what was found, is
left out, as it needs a model of its own; with it goes the joining without ranks.
"""

from __future__ import annotations

from pathlib import Path

from haystack import Document, Pipeline
from haystack.components.joiners import DocumentJoiner
from haystack.components.preprocessors import DocumentSplitter
from haystack.components.retrievers.in_memory import (
    InMemoryBM25Retriever,
    InMemoryEmbeddingRetriever,
)
from haystack.components.writers import DocumentWriter
from haystack.document_stores.in_memory import InMemoryDocumentStore
from haystack_integrations.components.embedders.sentence_transformers import (
    SentenceTransformersDocumentEmbedder,
    SentenceTransformersTextEmbedder,
)
from measuring import Article, Hit, Search, measure


class Haystack:
    def __init__(self, model: str, fitted: bool):
        self._store = InMemoryDocumentStore()
        splitter = (
            DocumentSplitter()
            if fitted
            else DocumentSplitter(split_by="word", split_length=512, split_overlap=32)
        )
        self._indexing = Pipeline()
        self._indexing.add_component("splitter", splitter)
        embedder = SentenceTransformersDocumentEmbedder(model=model, progress_bar=False)
        self._indexing.add_component("embedder", embedder)
        self._indexing.add_component("writer", DocumentWriter(self._store))
        self._indexing.connect("splitter", "embedder")
        self._indexing.connect("embedder", "writer")
        embedder.warm_up()

        self._asking = Pipeline()
        asker = SentenceTransformersTextEmbedder(model=model, progress_bar=False)
        self._asking.add_component("embedder", asker)
        self._asking.add_component("dense", InMemoryEmbeddingRetriever(self._store))
        self._asking.add_component("lexical", InMemoryBM25Retriever(self._store))
        self._asking.add_component("joiner", DocumentJoiner(join_mode="reciprocal_rank_fusion"))
        self._asking.connect("embedder.embedding", "dense.query_embedding")
        self._asking.connect("lexical", "joiner")
        self._asking.connect("dense", "joiner")

    def build(self, articles: list[Article], folder: Path) -> int:
        documents = [
            Document(content=article.document, meta={"article": article.id, **article.dated})
            for article in articles
        ]
        self._indexing.run({"splitter": {"documents": documents}})
        self._store.save_to_disk(str(folder / "store.json"))
        return self._store.count_documents()

    def searches(self) -> dict[str, Search]:
        return {"Haystack": self._search}

    def _search(self, question: str, as_of: int, k: int) -> list[Hit]:
        dated = {"field": "meta.published", "operator": "<=", "value": as_of}
        result = self._asking.run(
            {
                "embedder": {"text": question},
                "dense": {"filters": dated, "top_k": k},
                "lexical": {"query": question, "filters": dated, "top_k": k},
                "joiner": {"top_k": k},
            }
        )
        found = result["joiner"]["documents"]
        return [Hit(each.meta["article"], each.content or "") for each in found]


if __name__ == "__main__":
    measure(Haystack, packages=["haystack-ai", "sentence-transformers-haystack"])
