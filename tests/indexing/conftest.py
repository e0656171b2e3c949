"""Small archives in real index directories: SQLite, FAISS and tantivy, a made-up encoder."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import newsqa
from newsqa.articles.identity import content_hash
from newsqa.chunking import context, encoder_input, passages
from newsqa.config import Chunking
from newsqa.embedding import HashingEncoder
from newsqa.indexing import Entry, Filter, Index, View, vector_key
from newsqa.types import Article

EPOCH = datetime(2024, 1, 1, tzinfo=UTC)
LIMITS = Chunking(max_tokens=24, max_words=12)


class Box:
    """An index directory and what one does to it; articles by id, text, day and outlet."""

    def __init__(self, path: Path):
        self.path = path
        self.encoder = HashingEncoder(32)

    def open(self) -> Index:
        return Index.create(
            self.path,
            encoder=self.encoder.name,
            fingerprint=self.encoder.fingerprint,
            dimension=self.encoder.dimension,
        )

    @staticmethod
    def article(
        article_id: str,
        text: str,
        day: float | None = 0,
        source: str | None = "Harbour Post",
        language: str | None = None,
    ) -> Article:
        published = None if day is None else EPOCH + timedelta(days=day)
        title = f"Title of {article_id}"
        return Article(
            id=article_id,
            title=title,
            text=text,
            source=source,
            published=published,
            language=language,
            content_hash=content_hash(
                title=title, text=text, url=None, source=source, authors=(),
                published=published, language=language,
            ),
        )  # fmt: skip

    def entries(self, articles: Sequence[Article]):
        """What a commit takes, and the vectors by their keys."""
        count, window = self.encoder.count_tokens, self.encoder.max_tokens
        entries, texts = [], {}
        for article in articles:
            around = context(article, count, window=window)
            row = []
            for passage in passages(article, count, limits=LIMITS, window=window):
                text = encoder_input(around, passage)
                texts[vector_key(text)] = text
                row.append((passage, vector_key(text)))
            entries.append(Entry(article=article, passages=row))
        rows = self.encoder.encode(list(texts.values()))
        return entries, dict(zip(texts, rows, strict=True))

    def put(self, index: Index, *articles: Article, removed: Sequence[str] = ()) -> None:
        """One commit."""
        entries, vectors = self.entries(articles)
        with index.writing() as writer:
            writer.commit(entries, vectors=vectors, removed=removed)

    def make(self, *articles: Article) -> Index:
        index = self.open()
        self.put(index, *articles)
        return index

    def dense(self, view: View, text: str, k: int = 1000, chosen: Filter | None = None):
        return view.dense(self.encoder.encode([text])[0], k, chosen or Filter())

    @staticmethod
    def lexical(view: View, text: str, k: int = 1000, chosen: Filter | None = None):
        return view.lexical(dict.fromkeys(View.terms(text), 1.0), k, chosen or Filter())

    def texts(self, index: Index, words: str) -> dict[str, set[str]]:
        """The texts of all passages that each search finds for some words."""
        with index.view() as view:
            found = {
                "dense": [s.id for s in self.dense(view, words)],
                "lexical": [s.id for s in self.lexical(view, words)],
            }
            return {
                name: {passage.text for passage, _ in view.passages(ids).values()}
                for name, ids in found.items()
            }

    def found(self, index: Index, words: str):
        """What must survive any repair: who is found, and how near.

        Lexical scores move a little with what tantivy still counts of deleted passages.
        """
        with index.view() as view:
            dense = sorted((s.id, round(s.score, 4)) for s in self.dense(view, words))
            return dense, sorted(s.id for s in self.lexical(view, words))


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path / "index")


@pytest.fixture(scope="module")
def module_box(tmp_path_factory: pytest.TempPathFactory) -> Box:
    return Box(tmp_path_factory.mktemp("module") / "index")


@pytest.fixture
def box_at() -> Callable[[Path], Box]:
    return Box


@pytest.fixture(scope="session")
def flood_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three articles of two outlets, one without a date: built once, copied for each test."""
    box = Box(tmp_path_factory.mktemp("flood") / "index")
    box.make(
        box.article("flood", "The Morrow burst its banks. Nobody was hurt in the flood.", 1),
        box.article("ferry", "A ferry struck the breakwater. Divers looked at the hull.", 2,
                    source="Radio Vellmark"),
        box.article("dog", "A dog was dug out of the snow. It is called Pilot.", None, source=None),
    ).close()  # fmt: skip
    return box.path


@pytest.fixture
def flood(box: Box, flood_template: Path) -> Iterator[Index]:
    shutil.copytree(flood_template, box.path)
    index = box.open()
    yield index
    index.close()


@pytest.fixture
def child() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start a Python program that speaks over its standard input and output."""
    started: list[subprocess.Popen[str]] = []

    def start(program: str, *arguments: object) -> subprocess.Popen[str]:
        root = str(Path(newsqa.__file__).resolve().parent.parent)
        process = subprocess.Popen(
            [sys.executable, "-c", f"import sys; sys.path.insert(0, {root!r})\n{program}",
             *map(str, arguments)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
        )  # fmt: skip
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
