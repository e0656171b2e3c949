"""LlamaIndex: VectorStoreIndex with the in-memory store and the sentence splitter, by default.

The splitter's default is 1,024 tokens (of OpenAI's tokenizer) with an overlap of 200, of which
the encoder reads the first 256 (of its own); fitted, 220 with an overlap of 20, title included.
The title is metadata, which is embedded with every chunk by default; the date is kept out of that.
"""

from __future__ import annotations

from pathlib import Path

from llama_index.core import Document, VectorStoreIndex
from llama_index.core.node_parser import SentenceSplitter
from llama_index.core.vector_stores import FilterOperator, MetadataFilter, MetadataFilters
from llama_index.embeddings.huggingface import HuggingFaceEmbedding
from measuring import Article, Hit, Search, measure


class LlamaIndex:
    def __init__(self, model: str, fitted: bool):
        self._embed_model = HuggingFaceEmbedding(model_name=model)
        fit = SentenceSplitter(chunk_size=220, chunk_overlap=20)
        self._splitter = fit if fitted else SentenceSplitter()

    def build(self, articles: list[Article], folder: Path) -> int:
        documents = [
            Document(
                text=article.text,
                id_=article.id,
                metadata={**({"title": article.title} if article.title else {}), **article.dated},
                excluded_embed_metadata_keys=["published"],
                excluded_llm_metadata_keys=["published"],
            )
            for article in articles
        ]
        self._index = VectorStoreIndex.from_documents(
            documents, transformations=[self._splitter], embed_model=self._embed_model
        )
        self._index.storage_context.persist(str(folder))
        return len(self._index.index_struct.nodes_dict)

    def searches(self) -> dict[str, Search]:
        return {"LlamaIndex": self._search}

    def _search(self, question: str, as_of: int, k: int) -> list[Hit]:
        dated = MetadataFilter(key="published", value=as_of, operator=FilterOperator.LTE)
        retriever = self._index.as_retriever(
            similarity_top_k=k, filters=MetadataFilters(filters=[dated])
        )
        found = [each.node for each in retriever.retrieve(question)]
        return [Hit(node.ref_doc_id or "", node.text) for node in found]


if __name__ == "__main__":
    measure(LlamaIndex, packages=["llama-index-core", "llama-index-embeddings-huggingface"])
