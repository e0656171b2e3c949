"""Changing an index: one writer, whole commits, the words first and last."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
from filelock import FileLock, Timeout

from newsqa.errors import ArchiveError, IndexBusy
from newsqa.indexing import lexicon as lexical
from newsqa.indexing.committing import Commit, Entry, Removal
from newsqa.indexing.lexicon import Lexicon
from newsqa.indexing.records import instant_of, to_instant
from newsqa.indexing.store import Store, new_token
from newsqa.types import Article, Passage

Vectors = npt.NDArray[np.float32]


class Writer:
    """Changes to an index, each commit whole.  Made by `Index.writing`."""

    def __init__(
        self,
        store: Store,
        lexicon: Lexicon,
        *,
        clock: Callable[[], datetime],
        committed: Callable[[int], None],
    ):
        """`committed` is called after each commit with the number of passages put in."""
        self._store = store
        self._lexicon = lexicon
        self._clock = clock
        self._committed = committed
        self._stale: list[int] = []
        self.changed = False

    def content_hashes(self, article_ids: Sequence[str]) -> dict[str, str]:
        """Of those of the ids that are stored: what their content is."""
        with self._store.snapshot() as reader:
            return reader.content_hashes(article_ids)

    def withdrawn(self, article_ids: Sequence[str]) -> dict[str, datetime]:
        """Of those ids that were withdrawn and not brought back: when."""
        with self._store.snapshot() as reader:
            return reader.record.withdrawn(article_ids)

    def placed(self, place: str) -> set[tuple[str, str]]:
        """The articles that were found in a file, or in those within a folder: id and file."""
        with self._store.snapshot() as reader:
            return reader.record.placed(place)

    def known_vectors(self, keys: Sequence[bytes]) -> dict[bytes, Vectors]:
        """Those of the keys whose vectors are stored, with their vectors."""
        with self._store.snapshot() as reader:
            return reader.known_vectors(keys)

    def places(self, article_ids: Sequence[str]) -> set[tuple[str, str]]:
        """All places in which articles were found, '' for what is no file: id and place."""
        with self._store.snapshot() as reader:
            return reader.record.places(article_ids)

    def note_places(
        self, found: Iterable[tuple[str, str]], *, gone: Iterable[tuple[str, str]] = ()
    ) -> None:
        """Write where articles that have not changed are found, and where no more, by id."""
        self._store.note_places(found, gone=gone)

    def commit(
        self,
        entries: Sequence[Entry] = (),
        *,
        vectors: Mapping[bytes, Vectors] | None = None,
        removed: Sequence[str] = (),
        removal: Removal = "withdrawn",
    ) -> None:
        """Put articles in place of what has their ids, take others out: all of it or nothing.

        `vectors` holds, by key, those that are not stored yet.
        """
        fresh = {passage.id for entry in entries for passage, _ in entry.passages}
        touched = [*removed, *(entry.article.id for entry in entries)]
        token = new_token()
        with self._store.snapshot() as reader:
            stale = [old for old in reader.passage_ids(touched) if old not in fresh]
            before = reader.token()
        words = (words_of(p, entry.article) for entry in entries for p, _ in entry.passages)
        self._write_words(words, token=token, before=before)
        self.changed = True
        commit = Commit(entries=entries, vectors=vectors or {}, removed=removed, removal=removal)
        self._store.write(commit, now=instant_of(self._clock()), token=token)
        self._stale += stale
        self._committed(len(fresh))

    def flush(self) -> None:
        """Take the words of what is no longer there out of the lexicon."""
        with self._store.snapshot() as reader:
            token = reader.token()
        self._write_words((), token=token, before=None)

    def _write_words(
        self, add: Iterable[lexical.Entry], *, token: str | None, before: str | None
    ) -> None:
        """Add words, and take out those of what is stale."""
        stamp = lexical.Stamp(uid=self._store.identity.uid, token=token or "", before=before)
        try:
            self._lexicon.write(add=add, delete=self._stale, stamp=stamp)
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


@contextmanager
def changing(path: Path) -> Iterator[None]:
    """Name as ArchiveError what goes wrong with the files of an index: a disk that is full."""
    try:
        yield
    except (OSError, lexical.Damaged) as error:
        raise ArchiveError(
            f"{path} can't be changed: {error}; make sure that the disk has room and try again: "
            "what was committed is there"
        ) from error


def words_of(passage: Passage, article: Article) -> lexical.Entry:
    """A passage as the lexicon takes it."""
    return lexical.Entry(
        id=passage.id,
        title=article.title or "",
        text=passage.text,
        published=to_instant(article.published),
        source=article.source,
    )
