"""The one truth of an index: articles, passages, vectors and their encoder, in SQLite.

Everything else in an index directory is derived from what is here.  A commit moves the
generation on by one; `committed` rows are whole articles, never parts of one.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from pathlib import Path

import numpy as np
import numpy.typing as npt

from newsqa.errors import ArchiveError, IndexDamaged, IndexMismatch, IndexNotFound
from newsqa.indexing import pairs
from newsqa.indexing.reading import Reader
from newsqa.indexing.records import article_row, write_spans
from newsqa.types import Article, Passage

FORMAT = 2
"""1 had no pairs: such an index is read as it is, and brought up by its next writer."""
FILE_NAME = "newsqa.db"

_SCHEMA = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE articles (
    key INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    title TEXT, text TEXT NOT NULL, url TEXT, source TEXT, authors TEXT NOT NULL,
    published INTEGER, language TEXT, retrieved INTEGER, origin TEXT,
    content_hash TEXT NOT NULL
) STRICT;
CREATE TABLE passages (
    id INTEGER PRIMARY KEY,
    article INTEGER NOT NULL REFERENCES articles (key) ON DELETE CASCADE,
    start INTEGER NOT NULL, "end" INTEGER NOT NULL,
    sentences TEXT NOT NULL,
    vector BLOB NOT NULL
) STRICT;
CREATE INDEX passages_article ON passages (article);
CREATE INDEX passages_vector ON passages (vector);
CREATE TABLE vectors (key BLOB PRIMARY KEY, vector BLOB NOT NULL) STRICT;
"""


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
            connection.executescript(_schema_of(FORMAT))
            connection.executemany(
                "INSERT INTO meta VALUES (?, ?)",
                [
                    ("format", str(FORMAT)),
                    ("uid", uuid.uuid4().hex),
                    ("encoder", encoder),
                    ("fingerprint", fingerprint),
                    ("dimension", str(dimension)),
                    ("generation", "0"),
                ],
            )
            connection.execute("PRAGMA journal_mode = WAL")
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

    def replace(
        self,
        entries: Sequence[tuple[Article, Sequence[tuple[Passage, bytes]]]],
        *,
        vectors: dict[bytes, npt.NDArray[np.float32]],
        removed: Sequence[str] = (),
    ) -> None:
        """Put articles in place of what has their ids, and take others out: one commit.

        Each passage comes with the key of its vector; `vectors` holds those not yet stored.
        The caller holds the writer's lock.
        """
        with self._connected() as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(
                "INSERT OR IGNORE INTO vectors VALUES (?, ?)",
                [(key, vector.astype("<f4").tobytes()) for key, vector in vectors.items()],
            )
            stale: list[tuple[bytes]] = []
            looked_at = pairs.LookedAt(connection)
            for article_id in [*removed, *(article.id for article, _ in entries)]:
                stale += connection.execute(
                    "SELECT p.vector FROM passages AS p JOIN articles AS a ON a.key = p.article "
                    "WHERE a.id = ?",
                    (article_id,),
                ).fetchall()
                connection.execute("DELETE FROM articles WHERE id = ?", (article_id,))
            for article, passages in entries:
                key = connection.execute(
                    "INSERT INTO articles VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    article_row(article),
                ).lastrowid
                connection.executemany(
                    "INSERT INTO passages VALUES (?, ?, ?, ?, ?, ?)",
                    [(p.id, key, p.start, p.end, write_spans(p), vector) for p, vector in passages],
                )
                assert key is not None
                pairs.record(connection, key, article.text, looked_at)
            connection.executemany(
                "DELETE FROM vectors WHERE key = ?1 AND NOT EXISTS "
                "(SELECT 1 FROM passages WHERE vector = ?1)",
                stale,
            )
            _move_on(connection)
            connection.execute("COMMIT")

    def upgrade(self) -> None:
        """Bring a store of an older format up to this one: one commit, nothing where it is.

        The caller holds the writer's lock.
        """
        with self._connected() as connection:
            connection.execute("BEGIN IMMEDIATE")
            if _format_of(connection) == 1:
                pairs.find_all(connection)
                connection.execute("UPDATE meta SET value = '2' WHERE name = 'format'")
                _move_on(connection)  # so that everyone who has it open looks again
            connection.execute("COMMIT")

    # Within.

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        """A connection that nobody else uses meanwhile; what it leaves open is rolled back."""
        try:
            with self._lock:
                if self._closed:
                    raise ArchiveError(f"{self._path.parent} was closed: open it again")
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
            uri, uri=True, isolation_level=None, check_same_thread=False, timeout=30
        )
        try:
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute("PRAGMA synchronous = FULL")
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
                found = _schema(connection)
                if not {row for row in _own_schema(FORMAT) if row[1] == "meta"} <= found:
                    raise ValueError("it has no table of what it is")
                version = _format_of(connection)
                if version > FORMAT:
                    raise IndexMismatch(
                        f"{self._path} has format {version}, this version of newsqa reads up to "
                        f"{FORMAT}: upgrade newsqa, or build the index again"
                    )
                own = _own_schema(version)
                if found != own:  # a view or a trigger would be someone else's program
                    strange = ", ".join(sorted({name for _, name, _ in found ^ own}))
                    raise ValueError(f"it is not laid out as one: {strange}")
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
        if kind.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
            return IndexDamaged(
                f"{self._path} is damaged ({error}): restore it from a copy, or remove its "
                "folder and build again"
            )
        return ArchiveError(f"{self._path} can't be used: {error} ({kind or 'SQLite'})")


def _schema(connection: sqlite3.Connection) -> frozenset[tuple[str, str, str]]:
    """Type, name and definition of everything that a database defines."""
    rows = connection.execute("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    return frozenset(rows.fetchall())


def _schema_of(version: int) -> str:
    """The statements that make an empty store of a format."""
    if version not in range(1, FORMAT + 1):
        raise ValueError(f"no index has format {version}")
    return _SCHEMA + ";".join(pairs.SCHEMA if version > 1 else ())


@cache
def _own_schema(version: int) -> frozenset[tuple[str, str, str]]:
    connection = sqlite3.connect(":memory:")
    try:
        connection.executescript(_schema_of(version))
        return _schema(connection)
    finally:
        connection.close()


def _format_of(connection: sqlite3.Connection) -> int:
    row = connection.execute("SELECT value FROM meta WHERE name = 'format'").fetchone()
    if row is None:
        raise ValueError("it does not name its format")
    return int(row[0])


def _move_on(connection: sqlite3.Connection) -> None:
    connection.execute(
        "UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE name = 'generation'"
    )
