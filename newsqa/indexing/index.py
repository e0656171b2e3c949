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
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt
from filelock import FileLock, Timeout

from newsqa.errors import IndexBusy, IndexMismatch, IndexNotFound
from newsqa.indexing import lexicon as lexical
from newsqa.indexing import vectors as dense
from newsqa.indexing.checking import check_index
from newsqa.indexing.lexicon import Lexicon
from newsqa.indexing.records import from_instant, to_instant
from newsqa.indexing.snapshot import Snapshot, View
from newsqa.indexing.store import FILE_NAME, UNDATED, Columns, Store
from newsqa.indexing.vectors import VectorIndex
from newsqa.types import Article, CheckReport, IndexInfo, Passage

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
        # In a folder that can't be written to, nobody else can change it either.
        store = Store(path / FILE_NAME, immutable=not os.access(path, os.W_OK))
        index = cls(path, store)
        index._heal()
        return index

    @classmethod
    def create(cls, path: Path | str, *, encoder: str, fingerprint: str, dimension: int) -> Index:
        """Open the index in a directory, making an empty one where there is none.

        Raises IndexMismatch where there is one of another encoder, IndexBusy where it has
        to be made and another process is at it.
        """
        path = Path(path)
        if not (path / FILE_NAME).exists():
            path.mkdir(parents=True, exist_ok=True)
            with _exclusive(path):
                if not (path / FILE_NAME).exists():
                    Store.create(
                        path / FILE_NAME,
                        encoder=encoder,
                        fingerprint=fingerprint,
                        dimension=dimension,
                    ).close()
        index = cls.open(path)
        index.require_encoder(name=encoder, fingerprint=fingerprint)
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
        """Let go of its files."""
        self._store.close()

    @contextmanager
    def view(self) -> Iterator[View]:
        """What is committed now, unchanging while the block runs."""
        for attempt in range(_ATTEMPTS):
            with self._store.snapshot() as generation:
                try:
                    snapshot = self._snapshot(generation, final=attempt == _ATTEMPTS - 1)
                except _Moved:
                    continue
                yield View(self._store, snapshot)
                return

    def article(self, article_id: str) -> Article | None:
        """The article of an id, or None."""
        return self._store.article(article_id)

    def articles(self) -> Iterator[Article]:
        """Every article, in the order in which they were added."""
        return self._store.articles()

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        """Be its one writer; raises IndexBusy at once where another process is."""
        with _exclusive(self.path):
            writer = Writer(self._store, self._writable_lexicon())
            try:
                yield writer
            finally:
                if writer.changed:
                    writer.flush()
                    self._save_vectors()

    def check(self) -> CheckReport:
        """Compare the truth with itself and with everything derived from it."""
        with self._store.snapshot() as generation:
            snapshot = self._snapshot(generation, final=True)
            return check_index(self._store, snapshot, self.path)

    def info(self) -> IndexInfo:
        """What it holds and how."""
        with self.view():
            snapshot = self._current
            assert snapshot is not None
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
            bytes=sum(file.stat().st_size for file in self.path.rglob("*") if file.is_file()),
        )

    # Within.

    def _snapshot(self, generation: int, *, final: bool) -> Snapshot:
        """The state of the store as this thread sees it, from memory where it is known.

        `final`: the last attempt; make the lexicon anew in memory rather than look again.
        """
        with self._lock:
            if self._current is not None and self._current.generation == generation:
                return self._current
            columns = self._store.columns()
            view = None
            if self._lexicon is not None:
                view = self._lexicon.view()
                if not np.isin(columns.ids, view.ids()).all():
                    view = None
            if view is None:
                if not final and self._lexicon is not None:
                    raise _Moved
                self._lexicon = _fill(Lexicon.create(None), self._store, columns)
                view = self._lexicon.view()
            before = self._current.vectors if self._current is not None else self._load_vectors()
            self._current = Snapshot(columns, _bring_up(before, self._store, columns), view)
            return self._current

    def _heal(self) -> None:
        """Load what is derived; write anew what is missing, stale or damaged, where one may."""
        try:
            self._lexicon = Lexicon.open(self.path / "lexical")
        except lexical.Damaged:
            self._lexicon = None
        stale = self._load_vectors() is None
        with self._store.snapshot():
            columns = self._store.columns()
        if self._lexicon is not None:
            held = self._lexicon.view().ids()
            whole = len(held) == len(columns.ids) and np.isin(columns.ids, held).all()
        if not stale and self._lexicon is not None and whole:
            return
        try:
            with _exclusive(self.path):
                self._rebuild_lexicon()
                self._save_vectors()
        except (IndexBusy, OSError):
            pass  # a writer is at work, or we may not write: what we need is made in memory

    def _rebuild_lexicon(self) -> None:
        with self._store.snapshot():
            columns = self._store.columns()
            lexicon = self._lexicon
            if lexicon is not None:
                held = lexicon.view().ids()
                if len(held) == len(columns.ids) and np.isin(columns.ids, held).all():
                    return
            self._lexicon = _fill(Lexicon.create(self.path / "lexical"), self._store, columns)

    def _writable_lexicon(self) -> Lexicon:
        """The lexicon in the directory, whole; the writer's lock is held."""
        try:
            self._lexicon = Lexicon.open(self.path / "lexical")
        except lexical.Damaged:
            self._lexicon = None
        self._rebuild_lexicon()
        assert self._lexicon is not None
        return self._lexicon

    def _load_vectors(self) -> VectorIndex | None:
        identity = self._store.identity
        try:
            return VectorIndex.load(
                self.path / "vectors.faiss", uid=identity.uid, dimension=identity.dimension
            )
        except dense.Damaged:
            return None

    def _save_vectors(self) -> None:
        with self._store.snapshot() as generation:
            snapshot = self._snapshot(generation, final=True)
        snapshot.vectors.save(
            self.path / "vectors.faiss", uid=self._store.identity.uid, generation=generation
        )


class Writer:
    """Changes to an index, each commit whole.  Made by `Index.writing`."""

    def __init__(self, store: Store, lexicon: Lexicon):
        self._store = store
        self._lexicon = lexicon
        self._stale: list[int] = []
        self.changed = False
        self.content_hashes = store.content_hashes
        self.known_vectors = store.known_vectors

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
        stale = [old for old in self._store.passage_ids(touched) if old not in fresh]
        if fresh:
            self._lexicon.write(
                add=(_entry(p, article) for article, passages in entries for p, _ in passages),
                delete=self._stale,
                uid=self._store.identity.uid,
                generation=self._store.generation() + 1,
            )
            self._stale = []
        self.changed = True
        self._store.replace(entries, vectors=vectors or {}, removed=removed)
        self._stale += stale

    def flush(self) -> None:
        """Take the words of what is no longer there out of the lexicon."""
        self._lexicon.write(
            delete=self._stale,
            uid=self._store.identity.uid,
            generation=self._store.generation(),
        )
        self._stale = []


@contextmanager
def _exclusive(path: Path) -> Iterator[None]:
    lock = FileLock(path / "write.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise IndexBusy(
            f"another process is writing to {path}: wait until it is done, or stop it"
        ) from error
    try:
        yield
    finally:
        lock.release()


def _bring_up(before: VectorIndex | None, store: Store, columns: Columns) -> VectorIndex:
    """The vectors of exactly the live passages, reading only those not yet there."""
    if before is None or len(before) == 0:
        return VectorIndex.build(columns.ids, store.vectors(columns.ids.tolist()))
    added = np.setdiff1d(columns.ids, before.ids, assume_unique=True)
    if len(added) == 0 and len(before) == len(columns.ids):
        return before
    return before.with_changes(columns.ids, added, store.vectors(added.tolist()))


def _fill(lexicon: Lexicon, store: Store, columns: Columns) -> Lexicon:
    """Write the words of every live passage into an empty lexicon."""
    lexicon.write(
        add=(
            _entry(passage, article)
            for article in store.articles()
            for passage in store.passages_of(article)
        ),
        uid=store.identity.uid,
        generation=columns.generation,
    )
    return lexicon


def _entry(passage: Passage, article: Article) -> lexical.Entry:
    return lexical.Entry(
        id=passage.id,
        title=article.title or "",
        text=passage.text,
        published=to_instant(article.published),
        source=article.source,
    )
