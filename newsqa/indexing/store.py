"""The one truth of an index: articles, passages, vectors and their encoder, in SQLite.

Everything else in an index directory is derived from what is here.  A commit moves the
generation on by one and holds whole articles, never parts of one.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from newsqa.errors import ArchiveError, IndexDamaged, IndexNotFound
from newsqa.indexing import pairs
from newsqa.indexing.committing import Commit, apply, move_on
from newsqa.indexing.integrity import DAMAGED
from newsqa.indexing.reading import Reader
from newsqa.indexing.schema import FILTERS, FORMAT, RECORD, check_layout, format_of, statements

FILE_NAME = "newsqa.db"
_TIMEOUT = 30
"""Seconds that a statement waits for another process."""
_LOG_BYTES = 64 * 1024 * 1024
_PATIENCE = 3000
"""Milliseconds that a compaction waits for readers."""


def vector_key(encoder_input: str) -> bytes:
    """What a vector is known by: a digest of the exact text that the encoder read."""
    return blake2b(encoder_input.encode(), digest_size=16).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What an index is of: never changes after it was made."""

    uid: str
    encoder: str
    fingerprint: str
    dimension: int


class Store:
    """One SQLite file.  A connection for every snapshot; safe to share between threads."""

    def __init__(self, path: Path, *, read_only: bool = False):
        self._path = path
        self._read_only = read_only
        self._idle: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self._closed = False
        self._file = _identity(path)
        try:
            self.identity = self._read_identity()
        except BaseException:
            self.close()
            raise

    @classmethod
    def create(cls, path: Path, *, encoder: str, fingerprint: str, dimension: int) -> Store:
        """Make an empty one, in one step.  The caller holds the writer's lock."""
        unfinished = path.with_name(path.name + ".new")
        unfinished.unlink(missing_ok=True)
        connection = sqlite3.connect(unfinished, isolation_level=None)
        try:
            for statement in statements(FORMAT):
                connection.execute(statement)
            connection.executemany(
                "INSERT INTO meta VALUES (?, ?)",
                [
                    ("format", str(FORMAT)),
                    ("uid", uuid.uuid4().hex),
                    ("encoder", encoder),
                    ("fingerprint", fingerprint),
                    ("dimension", str(dimension)),
                    ("generation", "0"),
                    ("token", new_token()),
                ],
            )
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.Error as error:
            raise ArchiveError(f"{path} can't be made: {error}") from error
        finally:
            connection.close()
        # What a killed writer left beside a store that was then deleted is not of this one.
        for left in ("-wal", "-shm"):
            path.with_name(path.name + left).unlink(missing_ok=True)
        os.replace(unfinished, path)
        return cls(path)

    def close(self) -> None:
        """Let go of the file: at once, or as each snapshot that is still in use ends."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    @contextmanager
    def snapshot(self) -> Iterator[Reader]:
        """What is committed now, for reading: it stays so while the block runs, in any thread.

        Raises IndexDamaged where the file turns out not to be readable.
        """
        with self._connected() as connection:
            connection.execute("BEGIN")
            # The state is pinned by the first read, not by BEGIN.
            connection.execute("SELECT 1 FROM meta").fetchone()
            reader = Reader(connection, self._path, dimension=self.identity.dimension)
            try:
                yield reader
            finally:
                reader.end()

    def write(self, commit: Commit, *, now: int, token: str) -> None:
        """Commit a change as of an instant, under a token.  The caller holds the writer's lock."""
        with self._changing() as connection:
            apply(connection, commit, now=now, token=token)

    def note_places(
        self, found: Iterable[tuple[str, str]], *, gone: Iterable[tuple[str, str]] = ()
    ) -> None:
        """Write where articles are found, and where no more, by id: nothing that a reader sees."""
        with self._changing() as connection:
            connection.executemany(
                "INSERT OR IGNORE INTO places SELECT key, ?2 FROM articles WHERE id = ?1", found
            )
            connection.executemany(
                "DELETE FROM places WHERE place = ?2 AND "
                "article = (SELECT key FROM articles WHERE id = ?1)",
                gone,
            )

    def upgrade(self, *, now: int) -> None:
        """Bring a store of an older format up to this one: one commit, nothing where it is.

        The caller holds the writer's lock.
        """
        with self._changing() as connection:
            found = format_of(connection)
            if found == FORMAT:
                return
            if found < 2:
                pairs.find_all(connection)
            if found < 3:
                for statement in RECORD:
                    connection.execute(statement)
                connection.execute("INSERT OR REPLACE INTO meta VALUES ('token', '')")
            connection.execute("DROP INDEX IF EXISTS articles_filters")
            connection.execute(FILTERS)
            # So that everyone who has it open looks again.
            generation = move_on(connection, now=now, token=new_token())
            if found < 3:
                every = "INSERT INTO arrivals SELECT key, ? FROM articles"
                connection.execute(every, (generation,))
            connection.execute("UPDATE meta SET value = ? WHERE name = 'format'", (str(FORMAT),))

    def mend(self, damaged: Sequence[str], *, now: int) -> None:
        """Write anew what articles are found to be copies by; drop rows of what is not there.

        Of articles that are damaged, by id, no passage stays, and their content hash becomes
        DAMAGED, so that they are taken in anew when they are added again.
        """
        with self._changing() as connection:
            for table, column in (("passages", "article"), ("arrivals", "article")):
                connection.execute(
                    f"DELETE FROM {table} WHERE {column} NOT IN (SELECT key FROM articles)"
                )
            for article_id in damaged:
                _empty(connection, article_id)
            connection.execute("DELETE FROM vectors WHERE key NOT IN (SELECT vector FROM passages)")
            pairs.find_again(connection)
            generation = move_on(connection, now=now, token=new_token())
            # What was changed here is told by no other table: who reads on begins anew.
            connection.execute(
                "INSERT OR REPLACE INTO meta VALUES ('mended', ?)", (str(generation),)
            )

    def compact(self) -> None:
        """Give back what is free in the file, and leave nothing of what was taken out in its log.

        Raises ArchiveError where a reader holds on to an earlier state.
        """
        with self._connected() as connection:
            connection.execute("VACUUM")
            # A question is over in a moment: whoever reads for longer will go on reading.
            connection.execute(f"PRAGMA busy_timeout = {_PATIENCE}")
            try:
                busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            finally:
                connection.execute(f"PRAGMA busy_timeout = {1000 * _TIMEOUT}")
        if busy:
            raise ArchiveError(
                f"{self._path} is being read in an earlier state: what was taken out is still in "
                "its log; run this again when that reader is done"
            )

    # Within.

    @contextmanager
    def _changing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that writes: committed as the block ends, rolled back where it fails."""
        with self._connected() as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        """A connection that nobody else uses meanwhile; what it leaves open is rolled back."""
        try:
            with self._lock:
                if self._closed:
                    raise ArchiveError(f"{self._path.parent} was closed: open it again")
                if _identity(self._path) != self._file:
                    raise ArchiveError(
                        f"{self._path.parent} was replaced or removed while it was open: open it "
                        "again"
                    )
                connection = self._idle.pop() if self._idle else None
            connection = connection or self._connect()
            try:
                yield connection
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                self._give_back(connection)
        except sqlite3.DatabaseError as error:
            raise self._named(error) from error

    def _give_back(self, connection: sqlite3.Connection) -> None:
        with self._lock:
            # Read-only, the file may be another one by the next time.
            keep = not self._closed and not self._read_only
            if keep:
                self._idle.append(connection)
        if not keep:
            connection.close()

    def _connect(self) -> sqlite3.Connection:
        uri = self._path.absolute().as_uri()
        if self._read_only:
            # Where we may not write, SQLite can't join in where no other process is at it.
            log = self._path.with_name(self._path.name + "-wal")
            uri += "?mode=ro" if log.exists() and log.stat().st_size else "?immutable=1"
        else:
            uri += "?mode=rw"
        connection = sqlite3.connect(
            uri, uri=True, isolation_level=None, check_same_thread=False, timeout=_TIMEOUT
        )
        try:
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute("PRAGMA synchronous = FULL")
            # A log that grew while something long was read is cut again.
            connection.execute(f"PRAGMA journal_size_limit = {_LOG_BYTES}")
            # Nothing that a file of someone else's defines may run.
            connection.execute("PRAGMA trusted_schema = OFF")
        except BaseException:
            connection.close()
            raise
        return connection

    def _read_identity(self) -> Identity:
        if not self._path.exists():
            raise IndexNotFound(
                f"there is no index at {self._path.parent}: make one with newsqa.build() "
                "or `newsqa build PATH`"
            )
        with self._connected() as connection:
            try:
                connection.execute("BEGIN")  # a writer may be bringing it up just now
                check_layout(connection, self._path)
                meta = dict(connection.execute("SELECT name, value FROM meta").fetchall())
                return Identity(
                    uid=meta["uid"],
                    encoder=meta["encoder"],
                    fingerprint=meta["fingerprint"],
                    dimension=int(meta["dimension"]),
                )
            except (sqlite3.DatabaseError, KeyError, ValueError) as error:
                raise IndexDamaged(
                    f"{self._path} is not an index of newsqa, or is damaged ({error}): restore "
                    "it from a copy, or remove its folder and build again"
                ) from error

    def _named(self, error: sqlite3.DatabaseError) -> ArchiveError:
        """SQLite's error as ours: is the file damaged, or could it not be used just now?"""
        kind = getattr(error, "sqlite_errorname", "")
        garbled = "Could not decode to UTF-8" in str(error)
        if garbled or kind.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
            return IndexDamaged(
                f"{self._path} is damaged ({error}): restore it from a copy, or remove its "
                "folder and build again"
            )
        return ArchiveError(f"{self._path} can't be used: {error} ({kind or 'SQLite'})")


def new_token() -> str:
    """What tells one state of a store from any other, two of one number among them."""
    return uuid.uuid4().hex


def _empty(connection: sqlite3.Connection, article_id: str) -> None:
    """Leave nothing of an article to be found, but its row."""
    connection.execute(
        "DELETE FROM passages WHERE article = (SELECT key FROM articles WHERE id = ?)",
        (article_id,),
    )
    connection.execute("UPDATE articles SET content_hash = ? WHERE id = ?", (DAMAGED, article_id))


def _identity(file: Path) -> tuple[int, int] | None:
    """Which file a path leads to now."""
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
