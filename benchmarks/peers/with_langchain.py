"""LangChain: its FAISS store over chunks of 1,000 characters that overlap by 200.

The size of its tutorials; the encoder sees such a chunk whole, so there is no other to fit it.
The store filters what it has found (`fetch_k`) by a function of the metadata: it is asked for
more until k are left.
"""

from __future__ import annotations

from pathlib import Path

from langchain_community.vectorstores import FAISS
from langchain_core.documents import Document
from langchain_huggingface import HuggingFaceEmbeddings
from langchain_text_splitters import RecursiveCharacterTextSplitter
from measuring import Article, Hit, Search, measure, widened


class LangChain:
    def __init__(self, model: str, _fitted: bool):
        self._embeddings = HuggingFaceEmbeddings(model_name=model)

    def build(self, articles: list[Article], folder: Path) -> int:
        documents = [
            Document(article.document, metadata={"article": article.id, **article.dated})
            for article in articles
        ]
        splitter = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200)
        self._store = FAISS.from_documents(splitter.split_documents(documents), self._embeddings)
        self._store.save_local(str(folder))
        return self._store.index.ntotal

    def searches(self) -> dict[str, Search]:
        return {"LangChain": self._search}

    def _search(self, question: str, as_of: int, k: int) -> list[Hit]:
        vector = self._embeddings.embed_query(question)

        def find(depth: int) -> list[Hit]:
            found = self._store.similarity_search_by_vector(
                vector,
                k,
                filter=lambda meta: meta.get("published", as_of + 1) <= as_of,
                fetch_k=depth,
            )
            return [Hit(each.metadata["article"], each.page_content) for each in found]

        return widened(find, k=k, passages=self._store.index.ntotal)


if __name__ == "__main__":
    packages = ["langchain-community", "langchain-huggingface", "langchain-text-splitters"]
    measure(LangChain, packages=[*packages, "faiss-cpu"])
