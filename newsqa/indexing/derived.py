"""What is derived from the store, on disk and in memory: brought up with it, made anew from it.

A reader takes what the files hold and reads the rest from the store.  The writer keeps the
files near: words with every commit, the small tail of vectors as it ends, and the large index
of vectors in a thread of its own when there is reason to.
"""

from __future__ import annotations

import logging
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout

from newsqa.errors import ArchiveError, IndexBusy, IndexDamaged
from newsqa.indexing import lexicon as lexical
from newsqa.indexing import segments
from newsqa.indexing import vectors as dense
from newsqa.indexing.columns import Columns
from newsqa.indexing.layers import TAIL, Layers
from newsqa.indexing.lexicon import Lexicon, LexiconView, Stamp
from newsqa.indexing.reading import Reader
from newsqa.indexing.snapshot import Snapshot
from newsqa.indexing.store import Store
from newsqa.indexing.vectors import Ids, VectorIndex, Vectors
from newsqa.indexing.writing import changing, exclusive, words_of

BASE = "vectors.faiss"
RECENT = "recent.faiss"
WORDS = "lexical"
_MANY = 5 * TAIL
"""Vectors from which an index of them is made in memory where there is no file of them."""
_MERGE_WAIT = 600.0
"""Seconds that a compaction waits for another process's merge."""

_log = logging.getLogger(__name__)


class Moved(Exception):
    """A writer went on between two looks: look again."""


class Derived:
    """Safe to share between threads."""

    def __init__(self, path: Path, store: Store):
        self._path = path
        self._store = store
        self._lock = threading.Lock()
        self._current: Snapshot | None = None
        self._lexicon: Lexicon | None = None
        self._base: VectorIndex | None = None
        self._looked: tuple[int, ...] = ()
        """What the base's file was when it was last looked at."""
        self._starting = threading.Lock()
        self._merging: threading.Thread | None = None
        self._unsaved = 0
        """Passages put in since vectors were last merged."""

    # Reading.

    def snapshot(self, reader: Reader, *, final: bool) -> Snapshot:
        """The state that a reader sees, from memory where it is known.

        Raises Moved where what is on disk is of a later state, unless this is the `final`
        attempt: then what is missing is made in memory.
        """
        generation, token = reader.generation(), reader.token()
        with self._lock:
            before = self._current
            if before is not None and (before.generation, before.token) == (generation, token):
                return before
            if before is not None and before.generation > generation and not final:
                raise Moved  # somebody has seen a later state by now
            # A store that was put back to an earlier state is read anew.
            known = before.columns if before and before.generation < generation else None
            columns = reader.columns(known)
            words = self._words(columns, token)
            if words is None:
                if not final:
                    raise Moved
                self._lexicon = fill(
                    Lexicon.create(None), reader, Stamp(uid=self._uid, token=token or "", before="")
                )
                words = self._lexicon.view()
            vectors = self._vectors(reader, columns, before)
            self._current = Snapshot(columns, vectors, words, token=token)
            return self._current

    def forget(self) -> None:
        """Let go of everything in memory; waits for a merge that is under way."""
        self.settle()
        with self._lock:
            self._lexicon = self._current = self._base = None
            self._looked = ()

    def open(self) -> None:
        """Load what is derived; write anew what is missing, stale or damaged, where one may."""
        self._lexicon = self._open_lexicon()
        with self._store.snapshot() as reader:
            token, columns = reader.token(), reader.columns()
            words = self._words(columns, token)
            whole = words is not None and words.count == len(columns.ids)
            if whole:
                whole = self._is_saved(self.snapshot(reader, final=True).vectors)
        if whole:
            return
        try:
            with exclusive(self._path), changing(self._path):
                self.sweep()
                self.writable_lexicon(thoroughly=True).settle()
                self.save()
        except IndexDamaged:
            raise
        except ArchiveError:
            pass  # a writer is at work, or we may not write: what we need is made in memory

    # Writing: the caller holds the writer's lock.

    def writable_lexicon(self, *, thoroughly: bool = False) -> Lexicon:
        """The lexicon in the directory, without damage, lacking nothing.

        `thoroughly`: holding nothing else either.
        """
        with self._store.snapshot() as reader:
            token, columns = reader.token(), reader.columns(self._known_columns())
            lexicon = self._checked_lexicon()
            if lexicon is not None:
                view = _lacking_nothing(lexicon, columns, self._uid, token)
                if view and not (thoroughly and view.count != len(columns.ids)):
                    self._lexicon = lexicon
                    return lexicon
            self._lexicon = self._make_lexicon(reader, token)
            return self._lexicon

    def take_notice(self, passages: int) -> None:
        """Of so many that were put in: merge when there is much that no file holds."""
        self._unsaved += passages
        if self._unsaved > TAIL:
            self._unsaved = 0
            self.merge_beside()

    def remake(self) -> None:
        """Write every file anew from the store."""
        self.remake_lexicon()
        with self._alone_with_vectors(_MERGE_WAIT), self._store.snapshot() as reader:
            columns = reader.columns()
            made = VectorIndex.make(columns.ids, reader.present_vectors, dimension=self._dimension)
            made.save(self._path / BASE, uid=self._uid, generation=columns.generation)
            (self._path / RECENT).unlink(missing_ok=True)
        with self._lock:
            self._current = None

    def remake_lexicon(self) -> None:
        """Write the words of every live passage anew, and nothing of what there was."""
        with self._store.snapshot() as reader:
            self._lexicon = self._make_lexicon(reader, reader.token())

    def save(self) -> None:
        """Write what the files of vectors lack, or have it written in the background."""
        with self._store.snapshot() as reader:
            layers = self.snapshot(reader, final=True).vectors
            generation = reader.generation()
            if len(layers.ids) <= TAIL:
                with self._alone_with_vectors(_MERGE_WAIT):
                    self._merge()
                (self._path / RECENT).unlink(missing_ok=True)
                return
        if len(layers.tail) == 0:
            (self._path / RECENT).unlink(missing_ok=True)
        elif not self._is_saved(layers):
            layers.tail.save(self._path / RECENT, uid=self._uid, generation=generation)
        if layers.due() or layers.base is not self._base:
            self.merge_beside()

    def merge_beside(self) -> None:
        """Merge the vectors in a thread, unless one is at it."""
        with self._starting:
            if self._merging is not None and self._merging.is_alive():
                return
            self._merging = threading.Thread(
                target=self._merge_quietly, name="newsqa-merge", daemon=True
            )
            self._merging.start()

    @property
    def merging(self) -> bool:
        """Whether vectors are being merged in this process."""
        return self._merging is not None and self._merging.is_alive()

    def settle(self) -> None:
        """Wait for a merge that is under way in this process."""
        merging = self._merging
        if merging is not None and merging is not threading.current_thread():
            merging.join()

    def compact(self) -> None:
        """Leave nothing in the files but what is live."""
        self.sweep()
        held = self.writable_lexicon().view().count
        with self._store.snapshot() as reader:
            live = len(reader.columns(self._known_columns()).ids)
        if segments.deleted(self._path / WORDS) or held != live:
            self.remake_lexicon()
        with self._alone_with_vectors(_MERGE_WAIT):
            self._merge(thoroughly=True)
            (self._path / RECENT).unlink(missing_ok=True)

    def sweep(self) -> None:
        """Remove what killed writers left; the caller holds the writer's lock."""
        for name in (f"{WORDS}.new", f"{WORDS}.old"):
            shutil.rmtree(self._path / name, ignore_errors=True)
        segments.sweep(self._path / WORDS)
        with suppress(IndexBusy), self._alone_with_vectors(0):
            for left in self._path.glob("*.faiss.*.tmp"):
                left.unlink(missing_ok=True)

    # Within.

    @property
    def _uid(self) -> str:
        return self._store.identity.uid

    @property
    def _dimension(self) -> int:
        return self._store.identity.dimension

    def _known_columns(self) -> Columns | None:
        with self._lock:
            return self._current.columns if self._current else None

    def _words(self, columns: Columns, token: str | None) -> LexiconView | None:
        """What the lexicon holds now, if it lacks no live passage."""
        found = _lacking_nothing(self._lexicon, columns, self._uid, token)
        if found is None:
            # Another process may have made it anew.
            self._lexicon = self._open_lexicon()
            found = _lacking_nothing(self._lexicon, columns, self._uid, token)
        return found

    def _open_lexicon(self) -> Lexicon | None:
        try:
            return Lexicon.open(self._path / WORDS)
        except lexical.Damaged:
            return None

    def _checked_lexicon(self) -> Lexicon | None:
        try:
            if self._lexicon is not None and self._lexicon.folder == self._path / WORDS:
                self._lexicon.check()
                return self._lexicon
        except lexical.Damaged:
            pass
        return self._open_lexicon()

    def _make_lexicon(self, reader: Reader, token: str | None) -> Lexicon:
        """A new one beside the one that may be in use, then in its place."""
        new, place, old = (self._path / f"{WORDS}{end}" for end in (".new", "", ".old"))
        made = fill(
            Lexicon.create(new), reader, Stamp(uid=self._uid, token=token or "", before=None)
        )
        made.settle()
        if place.is_symlink() or place.is_file():
            place.unlink()
        elif place.exists():
            os.rename(place, old)
        os.rename(new, place)
        shutil.rmtree(old, ignore_errors=True)
        return Lexicon.open(place)

    def _vectors(self, reader: Reader, columns: Columns, before: Snapshot | None) -> Layers:
        """The vectors of exactly the live passages, reading only those not yet there."""
        self._look_at_base()
        tail = before.vectors.tail if before else self._load(RECENT)
        base = self._base
        if base is None:
            base = VectorIndex.of(np.empty(0, np.int64), np.empty((0, self._dimension), np.float32))
        if len(base) == 0 and len(columns.ids) > _MANY:
            base = VectorIndex.make(columns.ids, reader.present_vectors, dimension=self._dimension)
        return Layers.over(
            columns.ids,
            columns.article,
            base,
            tail,
            reader.vectors,
            dimension=self._dimension,
        )

    def _look_at_base(self) -> None:
        """Load the large index where its file is another than it was."""
        looked = _look(self._path / BASE)
        if looked != self._looked:
            self._looked = looked
            loaded = self._load(BASE)
            # Not "or": one that holds nothing counts as False.
            self._base = self._base if loaded is None else loaded

    def _load(self, name: str) -> VectorIndex | None:
        try:
            return VectorIndex.load(self._path / name, uid=self._uid, dimension=self._dimension)
        except dense.Damaged:
            return None

    def _is_saved(self, layers: Layers) -> bool:
        """Whether the files hold all vectors, and are whole."""
        if layers.base is not self._base:
            return False
        saved = self._load(RECENT)
        if len(layers.tail) == 0:
            return saved is not None or not (self._path / RECENT).exists()
        return saved is not None and bool(np.isin(layers.tail.ids, saved.ids).all())

    def _merge(self, *, thoroughly: bool = False) -> bool:
        """Write the large index of what is live now, if there is reason to: is there a new one?

        `thoroughly`: it is reason enough that the file holds anything else.  The store is not
        held in one state while that goes on, for its log would grow as long.
        """
        with self._lock, self._store.snapshot() as reader:
            before = self._current
            columns = reader.columns(before.columns if before else None)
            layers = self._vectors(reader, columns, before)
            exact = len(layers.tail) == 0 and not layers.dead
            reason = not exact if thoroughly else layers.due()
            if not reason and layers.base is self._base:
                return False
        merged = layers.merged(self._present_vectors, dimension=self._dimension)
        merged.save(self._path / BASE, uid=self._uid, generation=columns.generation)
        with self._lock:
            before_it = self._base
            self._look_at_base()
            current = self._current
            if current is not None and current.vectors.base is not self._base:
                self._current = self._on_new_base(current)
            return self._base is not before_it

    def _on_new_base(self, current: Snapshot) -> Snapshot | None:
        """A state on the large index that was just written; None where its vectors are gone."""
        try:
            # As a rule nothing has to be read: what came meanwhile is in the tail.
            with self._store.snapshot() as reader:
                vectors = self._vectors(reader, current.columns, current)
        except IndexDamaged:
            return None
        return Snapshot(current.columns, vectors, current.lexicon, token=current.token)

    def _present_vectors(self, ids: Ids) -> tuple[Ids, Vectors]:
        with self._store.snapshot() as reader:
            return reader.present_vectors(ids)

    def _trim_tail(self, looked: tuple[int, ...]) -> None:
        """Leave out of the small file what the large one has, unless a writer has been at it.

        Where one is at it this very moment, what is lost is only read from the store again.
        """
        with self._lock:
            current = self._current
            if current is None or not looked or _look(self._path / RECENT) != looked:
                return
            if len(current.vectors.tail):
                current.vectors.tail.save(
                    self._path / RECENT, uid=self._uid, generation=current.generation
                )
            else:
                (self._path / RECENT).unlink(missing_ok=True)

    def _merge_quietly(self) -> None:
        try:
            with self._alone_with_vectors(0):
                looked = _look(self._path / RECENT)
                while self._merge():  # much may have come while one went on
                    looked = _look(self._path / RECENT)
                self._trim_tail(looked)
        except IndexBusy:
            pass  # another process merges
        except Exception as error:  # of the disk, the store, or the engine and its memory
            # Nothing is lost: the next change tries again.
            _log.warning("the vectors of %s could not be merged: %s", self._path, error)

    @contextmanager
    def _alone_with_vectors(self, wait: float) -> Iterator[None]:
        """Be the only one who writes the large index; raises IndexBusy where another is."""
        lock = FileLock(self._path / "merge.lock", timeout=wait)
        try:
            lock.acquire()
        except Timeout as error:
            raise IndexBusy(
                f"another process is merging vectors of {self._path}: wait until it is done"
            ) from error
        except OSError as error:
            raise ArchiveError(f"{self._path} can't be written to: {error}") from error
        try:
            yield
        finally:
            lock.release()


def fill(lexicon: Lexicon, reader: Reader, stamp: Stamp) -> Lexicon:
    """Write the words of every live passage into an empty lexicon."""
    lexicon.write(
        add=(
            words_of(passage, article)
            for article in reader.articles()
            for passage in reader.passages_of(article)
        ),
        stamp=stamp,
    )
    return lexicon


def _lacking_nothing(
    lexicon: Lexicon | None, columns: Columns, uid: str, token: str | None
) -> LexiconView | None:
    """What a lexicon holds now, if it lacks no live passage."""
    if lexicon is None:
        return None
    try:
        view = lexicon.view()
        if view.serves(uid, token) or np.isin(columns.ids, view.ids()).all():
            return view
    except lexical.Damaged:
        pass
    return None


def _look(file: Path) -> tuple[int, ...]:
    try:
        status = file.stat()
    except OSError:
        return ()
    return (status.st_ino, status.st_size, status.st_mtime_ns)
