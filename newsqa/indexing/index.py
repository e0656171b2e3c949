"""Index: the only door to the store and what is derived from it.

A change is written in this order: the words of new passages into the lexicon, then the
articles into the store (one commit: the moment at which the change happens), then the
words of old passages out of the lexicon, then the vectors' file.  So at every instant the
lexicon holds at least what the store holds, and what is live is decided by the store alone:
whoever is killed in between leaves nothing that the next open doesn't put right.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt

from newsqa.errors import ArchiveError, IndexMismatch, IndexNotFound
from newsqa.indexing.checking import broken_articles, check_index
from newsqa.indexing.columns import UNDATED
from newsqa.indexing.derived import Derived, Moved
from newsqa.indexing.records import from_instant, instant_of
from newsqa.indexing.snapshot import View
from newsqa.indexing.store import FILE_NAME, Store
from newsqa.indexing.writing import Writer, changing, exclusive
from newsqa.types import Article, Change, CheckReport, CompactReport, IndexInfo

_ATTEMPTS = 5


def _clock() -> datetime:
    return datetime.now(UTC)


class Index:
    """An index directory, open.  Safe to share between threads; sees every commit."""

    def __init__(self, path: Path, store: Store):
        self.path = path
        self._store = store
        self._derived = Derived(path, store)

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
            index._derived.open()
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
            with exclusive(path), changing(path):
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
        """Let go of its files; a view that is in use is seen through.

        Waits for vectors that are being merged in the background.
        """
        self._derived.settle()
        self._store.close()
        self._derived.forget()

    @contextmanager
    def view(self) -> Iterator[View]:
        """What is committed now, unchanging while the block runs."""
        for attempt in range(_ATTEMPTS):
            with self._store.snapshot() as reader:
                try:
                    snapshot = self._derived.snapshot(reader, final=attempt == _ATTEMPTS - 1)
                except Moved:
                    time.sleep(0.02 * attempt)
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

    def files(self) -> list[str]:
        """Every file in which an article of it was found; none where the format doesn't tell."""
        with self._store.snapshot() as reader:
            return reader.record.files()

    def history(self, article_id: str) -> tuple[Change, ...]:
        """What happened to an article since it was first stored, the oldest first."""
        with self._store.snapshot() as reader:
            return reader.record.history(article_id)

    @contextmanager
    def writing(self, *, clock: Callable[[], datetime] = _clock) -> Iterator[Writer]:
        """Be its one writer; raises IndexBusy at once where another is.

        `clock` tells when each commit is made.  Large changes are brought into what is derived
        in the background, which goes on after the block has ended.
        """
        with exclusive(self.path):
            with changing(self.path):
                self._derived.sweep()
                self._store.upgrade(now=instant_of(clock()))
                lexicon = self._derived.writable_lexicon()
            writer = Writer(self._store, lexicon, clock=clock, committed=self._derived.take_notice)
            try:
                yield writer
            finally:
                with changing(self.path):
                    try:
                        if writer.changed:
                            writer.flush()
                            self._derived.save()
                    finally:
                        lexicon.settle()

    @property
    def merging(self) -> bool:
        """Whether vectors are being merged in the background, which `close` waits for."""
        return self._derived.merging

    def check(self) -> CheckReport:
        """Compare the truth with itself and with everything derived from it.

        Waits for vectors that are being merged in the background.
        """
        self._derived.settle()
        with self._store.snapshot() as reader:
            snapshot = self._derived.snapshot(reader, final=True)
            return check_index(reader, snapshot, self.path, identity=self._store.identity)

    def repair(self) -> CheckReport:
        """Make anew whatever can be made from the articles, and check what there is then.

        An article that is not what was added, or whose passages or vectors are not, is named and
        no longer found: its source mends it, when it is added again.  Raises IndexBusy.
        """
        with exclusive(self.path), changing(self.path):
            self._derived.sweep()
            now = instant_of(_clock())
            self._store.upgrade(now=now)
            with self._store.snapshot() as reader:
                damaged = broken_articles(reader)
            self._store.mend(damaged, now=now)
            self._derived.remake()
        return self.check()

    def compact(self) -> CompactReport:
        """Leave nothing of what was taken out in any file, and give its room back.

        Raises IndexBusy, and ArchiveError where a reader holds on to an earlier state.
        """
        started, before = time.perf_counter(), sum(_sizes(self.path).values())
        with exclusive(self.path), changing(self.path):
            self._store.upgrade(now=instant_of(_clock()))
            self._derived.compact()
            self._store.compact()
        return CompactReport(
            bytes_before=before,
            bytes_after=sum(_sizes(self.path).values()),
            seconds=time.perf_counter() - started,
        )

    def info(self) -> IndexInfo:
        """What it holds and how."""
        with self._store.snapshot() as reader:
            snapshot = self._derived.snapshot(reader, final=True)
            changed, changes = reader.record.last(), reader.record.counts()
        columns, sizes = snapshot.columns, _sizes(self.path)
        dated = columns.published[columns.published != UNDATED]
        return IndexInfo(
            path=str(self.path),
            articles=len(columns.published),
            passages=len(columns.ids),
            undated=int(len(columns.published) - len(dated)),
            sources=_counted(columns.source, columns.sources),
            languages=_counted(columns.language, columns.languages),
            earliest=from_instant(int(dated.min())) if len(dated) else None,
            latest=from_instant(int(dated.max())) if len(dated) else None,
            encoder=self.encoder,
            kind=snapshot.vectors.kind,
            generation=snapshot.generation,
            bytes=sum(sizes.values()),
            sizes=sizes,
            changed=changed,
            changes=changes,
        )


_PARTS = {"newsqa": "articles", "vectors": "vectors", "recent": "vectors", "lexical": "words"}


def _counted(places: npt.NDArray[np.int32], names: Sequence[str]) -> dict[str, int]:
    """How often each name is pointed to, most first; those that are not are left out."""
    counts = np.bincount(places[places >= 0], minlength=len(names))
    by_name = Counter(dict(zip(names, counts.tolist(), strict=True)))
    return {name: count for name, count in by_name.most_common() if count}


def _sizes(folder: Path) -> dict[str, int]:
    """Bytes of its files by what they hold; one that is replaced meanwhile counts as nothing."""
    sizes = dict.fromkeys(["articles", "vectors", "words"], 0)
    for file in folder.rglob("*"):
        part = _PARTS.get(file.relative_to(folder).parts[0].partition(".")[0])
        with suppress(FileNotFoundError):
            if part and file.is_file():
                sizes[part] += file.stat().st_size
    return sizes
