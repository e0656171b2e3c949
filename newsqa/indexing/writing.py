"""Changing an index: one writer, whole commits, the words first and last."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt
from filelock import FileLock, Timeout

from newsqa.errors import ArchiveError, IndexBusy
from newsqa.indexing import lexicon as lexical
from newsqa.indexing.lexicon import Lexicon
from newsqa.indexing.records import to_instant
from newsqa.indexing.store import Store
from newsqa.types import Article, Passage

Vectors = npt.NDArray[np.float32]


class Writer:
    """Changes to an index, each commit whole.  Made by `Index.writing`."""

    def __init__(self, store: Store, lexicon: Lexicon):
        self._store = store
        self._lexicon = lexicon
        self._stale: list[int] = []
        self.changed = False

    def content_hashes(self, article_ids: Sequence[str]) -> dict[str, str]:
        """Of those of the ids that are stored: what their content is."""
        with self._store.snapshot() as reader:
            return reader.content_hashes(article_ids)

    def known_vectors(self, keys: Sequence[bytes]) -> dict[bytes, Vectors]:
        """Those of the keys whose vectors are stored, with their vectors."""
        with self._store.snapshot() as reader:
            return reader.known_vectors(keys)

    def commit(
        self,
        entries: Sequence[tuple[Article, Sequence[tuple[Passage, bytes]]]] = (),
        *,
        vectors: dict[bytes, Vectors] | None = None,
        removed: Sequence[str] = (),
    ) -> None:
        """Put articles in place of what has their ids, take others out: all of it or nothing.

        Each passage comes with the key of its vector; `vectors` holds those not yet stored.
        """
        fresh = {passage.id for _, passages in entries for passage, _ in passages}
        touched = [*removed, *(article.id for article, _ in entries)]
        with self._store.snapshot() as reader:
            stale = [old for old in reader.passage_ids(touched) if old not in fresh]
            generation = reader.generation()
        if fresh:
            words = (words_of(p, article) for article, passages in entries for p, _ in passages)
            self._write_words(words, generation=generation + 1)
        self.changed = True
        self._store.replace(entries, vectors=vectors or {}, removed=removed)
        self._stale += stale

    def flush(self) -> None:
        """Take the words of what is no longer there out of the lexicon."""
        with self._store.snapshot() as reader:
            generation = reader.generation()
        self._write_words((), generation=generation)

    def _write_words(self, add: Iterable[lexical.Entry], *, generation: int) -> None:
        """Add words, and take out those of what is stale."""
        try:
            self._lexicon.write(
                add=add, delete=self._stale, uid=self._store.identity.uid, generation=generation
            )
        except lexical.Damaged as damage:
            raise ArchiveError(
                f"the words of articles can't be written: {damage}; make sure that the disk has "
                "room, and open the index again: what is wrong with them is put right then"
            ) from damage
        self._stale = []


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold the writer's lock of an index directory; raises IndexBusy at once where it is held."""
    lock = FileLock(path / "write.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise IndexBusy(
            f"another process is writing to {path}: wait until it is done, or stop it"
        ) from error
    except OSError as error:
        raise ArchiveError(f"{path} can't be written to: {error}") from error
    try:
        yield
    finally:
        lock.release()


def words_of(passage: Passage, article: Article) -> lexical.Entry:
    """A passage as the lexicon takes it."""
    return lexical.Entry(
        id=passage.id,
        title=article.title or "",
        text=passage.text,
        published=to_instant(article.published),
        source=article.source,
    )
