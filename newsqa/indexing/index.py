"""Index: the only door to the store and what is derived from it.

A change is written in this order: the words of new passages into the lexicon, then the
articles into the store (one commit: the moment at which the change happens), then the
words of old passages out of the lexicon, then the vectors' file.  So at every instant the
lexicon holds at least what the store holds, and what is live is decided by the store alone:
whoever is killed in between leaves nothing that the next open doesn't put right.
"""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import numpy.typing as npt

from newsqa.errors import ArchiveError, IndexDamaged, IndexMismatch, IndexNotFound
from newsqa.indexing import lexicon as lexical
from newsqa.indexing import vectors as dense
from newsqa.indexing.checking import check_index
from newsqa.indexing.lexicon import Lexicon, LexiconView
from newsqa.indexing.reading import UNDATED, Columns, Reader
from newsqa.indexing.records import from_instant
from newsqa.indexing.snapshot import Snapshot, View
from newsqa.indexing.store import FILE_NAME, Store
from newsqa.indexing.vectors import VectorIndex
from newsqa.indexing.writing import Writer, exclusive, words_of
from newsqa.types import Article, CheckReport, IndexInfo

Vectors = npt.NDArray[np.float32]

_ATTEMPTS = 5


class _Moved(Exception):
    """A writer went on between two looks: look again."""


class Index:
    """An index directory, open.  Safe to share between threads; sees every commit."""

    def __init__(self, path: Path, store: Store):
        self.path = path
        self._store = store
        self._lock = threading.Lock()
        self._current: Snapshot | None = None
        self._lexicon: Lexicon | None = None
        self._saved: VectorIndex | None = None
        """What the file held when it was last looked at, until a snapshot stands on it."""

    @classmethod
    def open(cls, path: Path | str) -> Index:
        """Open the index in a directory and put right what a crash or damage left behind.

        Raises IndexNotFound, IndexMismatch (a newer format) or IndexDamaged.
        """
        path = Path(path)
        if not (path / FILE_NAME).exists():
            raise IndexNotFound(
                f"there is no index in {path}: make one with `newsqa build PATH --index {path}` "
                "or newsqa.build()"
            )
        store = Store(path / FILE_NAME, read_only=not os.access(path, os.W_OK))
        try:
            index = cls(path, store)
            index._heal()
        except BaseException:
            store.close()
            raise
        return index

    @classmethod
    def create(cls, path: Path | str, *, encoder: str, fingerprint: str, dimension: int) -> Index:
        """Open the index in a directory, making an empty one where there is none.

        Raises IndexMismatch where there is one of another encoder, IndexBusy where it has
        to be made and another process is at it.
        """
        path = Path(path)
        if not (path / FILE_NAME).exists():
            try:
                path.mkdir(parents=True, exist_ok=True)
            except (OSError, ValueError) as error:
                raise ArchiveError(f"no index can be made in {path}: {error}") from error
            with exclusive(path):
                if not (path / FILE_NAME).exists():
                    Store.create(
                        path / FILE_NAME,
                        encoder=encoder,
                        fingerprint=fingerprint,
                        dimension=dimension,
                    ).close()
        index = cls.open(path)
        try:
            index.require_encoder(name=encoder, fingerprint=fingerprint)
        except BaseException:
            index.close()
            raise
        return index

    def require_encoder(self, *, name: str, fingerprint: str) -> None:
        """Raise IndexMismatch unless the index was made by this encoder."""
        made_by = self._store.identity
        if made_by.fingerprint != fingerprint:
            raise IndexMismatch(
                f"{self.path} was made with the encoder {made_by.encoder!r} "
                f"({made_by.fingerprint[:12]}), not with {name!r} ({fingerprint[:12]}): open it "
                "with that one, or build another index from the articles"
            )

    @property
    def encoder(self) -> str:
        """The name of the encoder that it was made with."""
        return self._store.identity.encoder

    def close(self) -> None:
        """Let go of its files; a view that is in use is seen through."""
        self._store.close()
        with self._lock:
            self._lexicon = self._current = self._saved = None

    @contextmanager
    def view(self) -> Iterator[View]:
        """What is committed now, unchanging while the block runs."""
        for attempt in range(_ATTEMPTS):
            with self._store.snapshot() as reader:
                try:
                    snapshot = self._snapshot(reader, final=attempt == _ATTEMPTS - 1)
                except _Moved:
                    continue
                yield View(reader, snapshot)
                return

    def article(self, article_id: str) -> Article | None:
        """The article of an id, or None."""
        with self._store.snapshot() as reader:
            return reader.article(article_id)

    def articles(self) -> Iterator[Article]:
        """Every article, in the order in which they were added."""
        with self._store.snapshot() as reader:
            yield from reader.articles()

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        """Be its one writer; raises IndexBusy at once where another process is."""
        with exclusive(self.path):
            self._store.upgrade()
            writer = Writer(self._store, self._writable_lexicon())
            try:
                yield writer
            finally:
                if writer.changed:
                    writer.flush()
                    self._save_vectors()

    def check(self) -> CheckReport:
        """Compare the truth with itself and with everything derived from it."""
        with self._store.snapshot() as reader:
            snapshot = self._snapshot(reader, final=True)
            return check_index(reader, snapshot, self.path, identity=self._store.identity)

    def info(self) -> IndexInfo:
        """What it holds and how."""
        with self._store.snapshot() as reader:
            snapshot = self._snapshot(reader, final=True)
        columns = snapshot.columns
        dated = columns.published[columns.published != UNDATED]
        counts = Counter(columns.sources[code] for code in columns.source if code >= 0)
        return IndexInfo(
            path=str(self.path),
            articles=len(columns.published),
            passages=len(columns.ids),
            undated=int(len(columns.published) - len(dated)),
            sources=dict(counts.most_common()),
            earliest=from_instant(int(dated.min())) if len(dated) else None,
            latest=from_instant(int(dated.max())) if len(dated) else None,
            encoder=self.encoder,
            kind=snapshot.vectors.kind,
            generation=snapshot.generation,
            bytes=_bytes_in(self.path),
        )

    # Within.

    def _snapshot(self, reader: Reader, *, final: bool) -> Snapshot:
        """The state that a reader sees, from memory where it is known.

        `final`: the last attempt; make the lexicon anew in memory rather than look again.
        """
        generation = reader.generation()
        with self._lock:
            if self._current is not None and self._current.generation == generation:
                return self._current
            columns = reader.columns()
            words = _whole(self._lexicon, columns)
            if words is None:
                # Another process may have made it anew.
                self._lexicon = self._open_lexicon()
                words = _whole(self._lexicon, columns)
            if words is None:
                if not final:
                    raise _Moved
                self._lexicon = _fill(
                    Lexicon.create(None), reader, columns, uid=self._store.identity.uid
                )
                words = self._lexicon.view()
            if self._current is not None:
                before: VectorIndex | None = self._current.vectors
            else:
                before, self._saved = self._saved, None
            self._current = Snapshot(columns, _bring_up(before, reader, columns), words)
            return self._current

    def _heal(self) -> None:
        """Load what is derived; write anew what is missing, stale or damaged, where one may."""
        self._lexicon = self._open_lexicon()
        self._saved = self._load_vectors()
        with self._store.snapshot() as reader:
            columns = reader.columns()
        current = self._saved is not None and np.array_equal(np.sort(self._saved.ids), columns.ids)
        if current and _whole(self._lexicon, columns, exactly=True) is not None:
            return
        try:
            with exclusive(self.path):
                self._rebuild_lexicon()
                self._save_vectors()
        except IndexDamaged:
            raise
        except (ArchiveError, OSError):
            pass  # a writer is at work, or we may not write: what we need is made in memory

    def _rebuild_lexicon(self) -> None:
        """Make the one in the directory hold what the store holds; we are the one writer."""
        with self._store.snapshot() as reader:
            columns = reader.columns()
            if _whole(self._lexicon, columns, exactly=True) is None:
                empty = Lexicon.create(self.path / "lexical")
                self._lexicon = _fill(empty, reader, columns, uid=self._store.identity.uid)

    def _writable_lexicon(self) -> Lexicon:
        """The lexicon in the directory, whole; the writer's lock is held."""
        self._lexicon = self._open_lexicon()
        self._rebuild_lexicon()
        assert self._lexicon is not None
        return self._lexicon

    def _open_lexicon(self) -> Lexicon | None:
        try:
            return Lexicon.open(self.path / "lexical")
        except lexical.Damaged:
            return None

    def _load_vectors(self) -> VectorIndex | None:
        identity = self._store.identity
        try:
            return VectorIndex.load(
                self.path / "vectors.faiss", uid=identity.uid, dimension=identity.dimension
            )
        except dense.Damaged:
            return None

    def _save_vectors(self) -> None:
        with self._store.snapshot() as reader:
            snapshot = self._snapshot(reader, final=True)
        snapshot.vectors.save(
            self.path / "vectors.faiss",
            uid=self._store.identity.uid,
            generation=snapshot.generation,
        )


def _whole(
    lexicon: Lexicon | None, columns: Columns, *, exactly: bool = False
) -> LexiconView | None:
    """What a lexicon holds now, if it lacks no live passage (and, `exactly`, has no other)."""
    if lexicon is None:
        return None
    try:
        view = lexicon.view()
        held = view.ids()
    except lexical.Damaged:
        return None
    lacks = not np.isin(columns.ids, held).all()
    return None if lacks or (exactly and len(held) != len(columns.ids)) else view


def _bring_up(before: VectorIndex | None, reader: Reader, columns: Columns) -> VectorIndex:
    """The vectors of exactly the live passages, reading only those not yet there."""
    if before is None or len(before) == 0:
        return VectorIndex.build(columns.ids, reader.vectors(columns.ids.tolist()))
    added = np.setdiff1d(columns.ids, before.ids, assume_unique=True)
    if len(added) == 0 and len(before) == len(columns.ids):
        return before
    return before.with_changes(columns.ids, added, reader.vectors(added.tolist()))


def _fill(lexicon: Lexicon, reader: Reader, columns: Columns, *, uid: str) -> Lexicon:
    """Write the words of every live passage into an empty lexicon."""
    lexicon.write(
        add=(
            words_of(passage, article)
            for article in reader.articles()
            for passage in reader.passages_of(article)
        ),
        uid=uid,
        generation=columns.generation,
    )
    return lexicon


def _bytes_in(folder: Path) -> int:
    """Of all files in it; one that a writer replaces meanwhile counts as nothing."""
    total = 0
    for file in folder.rglob("*"):
        with suppress(FileNotFoundError):
            total += file.stat().st_size if file.is_file() else 0
    return total
