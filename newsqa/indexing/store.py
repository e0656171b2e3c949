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
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from newsqa.errors import IndexDamaged, IndexMismatch, IndexNotFound
from newsqa.indexing.records import (
    ARTICLE_COLUMNS,
    PASSAGE_COLUMNS,
    article_row,
    batches,
    read_article,
    read_passage,
    write_spans,
)
from newsqa.types import Article, Passage

FORMAT = 1
FILE_NAME = "newsqa.db"
UNDATED = np.iinfo(np.int64).min
"""Stands for a missing date among instants."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """All passages as columns, in ascending order of id, and all articles as columns.

    `published` holds microseconds since 1970 or UNDATED; `article` points into the
    article columns; `source` into `sources`, -1 where the outlet is not known.
    """

    generation: int
    ids: npt.NDArray[np.int64]
    article: npt.NDArray[np.int32]
    published: npt.NDArray[np.int64]
    source: npt.NDArray[np.int32]
    sources: tuple[str, ...]


class Store:
    """One SQLite file.  A connection per thread; safe to share between threads."""

    def __init__(self, path: Path, *, immutable: bool = False):
        self._path = path
        self._immutable = immutable
        self._local = threading.local()
        self._opened: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self.identity = self._read_identity()

    @classmethod
    def create(cls, path: Path, *, encoder: str, fingerprint: str, dimension: int) -> Store:
        """Make an empty one, in one step.  The caller holds the writer's lock."""
        unfinished = path.with_name(path.name + ".new")
        unfinished.unlink(missing_ok=True)
        connection = sqlite3.connect(unfinished, isolation_level=None)
        try:
            connection.executescript(_SCHEMA)
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
        os.replace(unfinished, path)
        return cls(path)

    def close(self) -> None:
        """Close every thread's connection."""
        with self._lock:
            for connection in self._opened:
                connection.close()
            self._opened.clear()
            self._local = threading.local()

    # Reading.

    @contextmanager
    def snapshot(self) -> Iterator[int]:
        """Pin what this thread reads to one committed state; yields its generation."""
        connection = self._connection()
        if connection.in_transaction:
            yield self.generation()
            return
        connection.execute("BEGIN")
        try:
            yield self.generation()
        finally:
            connection.execute("ROLLBACK")

    def generation(self) -> int:
        """How many commits have changed the passages."""
        return int(self._meta("generation"))

    def columns(self) -> Columns:
        """Everything that filters need, of every passage."""
        connection = self._connection()
        with self.snapshot() as generation:
            articles = connection.execute("SELECT key, published, source FROM articles").fetchall()
            rows = connection.execute("SELECT id, article FROM passages ORDER BY id").fetchall()
        names = sorted({source for _, _, source in articles if source is not None})
        code = {name: at for at, name in enumerate(names)}
        place = {key: at for at, (key, _, _) in enumerate(articles)}
        return Columns(
            generation=generation,
            ids=np.fromiter((r[0] for r in rows), np.int64, len(rows)),
            article=np.fromiter((place[r[1]] for r in rows), np.int32, len(rows)),
            published=np.fromiter(
                (UNDATED if a[1] is None else a[1] for a in articles), np.int64, len(articles)
            ),
            source=np.fromiter(
                (-1 if a[2] is None else code[a[2]] for a in articles), np.int32, len(articles)
            ),
            sources=tuple(names),
        )

    def article(self, article_id: str) -> Article | None:
        """The article of an id, or None."""
        rows = self._rows(f"SELECT {ARTICLE_COLUMNS} FROM articles WHERE id IN", [article_id])
        return read_article(rows[0]) if rows else None

    def articles(self) -> Iterator[Article]:
        """Every article, in the order in which they were added."""
        every = f"SELECT {ARTICLE_COLUMNS} FROM articles ORDER BY key"
        for row in self._connection().execute(every):
            yield read_article(row)

    def passages(self, ids: Sequence[int]) -> dict[int, tuple[Passage, Article]]:
        """Passages by id, each with its article; ids that aren't there are left out."""
        found: dict[int, tuple[Passage, Article]] = {}
        articles: dict[int, Article] = {}
        for batch in batches(ids):
            rows = self._rows(f"SELECT {PASSAGE_COLUMNS} FROM passages WHERE id IN", batch)
            missing = {row[4] for row in rows} - set(articles)
            for keys in batches(missing):
                select = f"SELECT key, {ARTICLE_COLUMNS} FROM articles WHERE key IN"
                articles.update((key, read_article(row)) for key, *row in self._rows(select, keys))
            for row in rows:
                found[row[0]] = (read_passage(row, articles[row[4]]), articles[row[4]])
        return found

    def passages_of(self, article: Article) -> list[Passage]:
        """The passages of one article, in the order of its text."""
        rows = self._connection().execute(
            f"SELECT {PASSAGE_COLUMNS} FROM passages "
            "WHERE article = (SELECT key FROM articles WHERE id = ?) ORDER BY start",
            (article.id,),
        )
        return [read_passage(row, article) for row in rows]

    def passage_ids(self, article_ids: Sequence[str]) -> list[int]:
        """The ids of all passages of articles."""
        return [
            row[0]
            for batch in batches(article_ids)
            for row in self._rows(
                "SELECT p.id FROM passages AS p JOIN articles AS a ON a.key = p.article "
                "WHERE a.id IN",
                batch,
            )
        ]

    def vectors(self, ids: Sequence[int]) -> npt.NDArray[np.float32]:
        """`(n, dim)` float32: the vectors of passages by id, in the order given."""
        matrix = np.empty((len(ids), self.identity.dimension), dtype=np.float32)
        place = {int(passage_id): at for at, passage_id in enumerate(ids)}
        read = 0
        for batch in batches(ids):
            rows = self._rows(
                "SELECT p.id, v.vector FROM passages AS p JOIN vectors AS v ON v.key = p.vector "
                "WHERE p.id IN",
                batch,
            )
            for passage_id, blob in rows:
                matrix[place[passage_id]] = np.frombuffer(blob, dtype="<f4")
                read += 1
        if read != len(ids):
            raise IndexDamaged(
                f"{self._path}: {len(ids) - read} of {len(ids)} passages have no vector; "
                "rebuild the index from its articles"
            )
        return matrix

    def known_vectors(self, keys: Sequence[bytes]) -> dict[bytes, npt.NDArray[np.float32]]:
        """Those of the keys whose vectors are stored, with their vectors."""
        known: dict[bytes, npt.NDArray[np.float32]] = {}
        for batch in batches(keys):
            rows = self._rows("SELECT key, vector FROM vectors WHERE key IN", batch)
            known.update((key, np.frombuffer(blob, dtype="<f4")) for key, blob in rows)
        return known

    def content_hashes(self, article_ids: Sequence[str]) -> dict[str, str]:
        """Of those of the ids that are stored: what their content is."""
        known: dict[str, str] = {}
        for batch in batches(article_ids):
            known.update(self._rows("SELECT id, content_hash FROM articles WHERE id IN", batch))
        return known

    def integrity(self) -> list[str]:
        """What SQLite's own check finds wrong, in its words."""
        rows = self._connection().execute("PRAGMA integrity_check(20)").fetchall()
        return [row[0] for row in rows if row[0] != "ok"]

    # Writing: the caller holds the writer's lock.

    def replace(
        self,
        entries: Sequence[tuple[Article, Sequence[tuple[Passage, bytes]]]],
        *,
        vectors: dict[bytes, npt.NDArray[np.float32]],
        removed: Sequence[str] = (),
    ) -> None:
        """Put articles in place of what has their ids, and take others out: one commit.

        Each passage comes with the key of its vector; `vectors` holds those not yet stored.
        """
        connection = self._connection()
        connection.execute("BEGIN IMMEDIATE")
        try:
            connection.executemany(
                "INSERT OR IGNORE INTO vectors VALUES (?, ?)",
                [(key, vector.astype("<f4").tobytes()) for key, vector in vectors.items()],
            )
            stale: list[tuple[bytes]] = []
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
            connection.executemany(
                "DELETE FROM vectors WHERE key = ?1 AND NOT EXISTS "
                "(SELECT 1 FROM passages WHERE vector = ?1)",
                stale,
            )
            connection.execute(
                "UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE name = 'generation'"
            )
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise

    # Within.

    def _rows(self, select: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
        """The rows of a SELECT that ends in IN, for up to BATCH values."""
        marks = ",".join("?" * len(values))
        return self._connection().execute(f"{select} ({marks})", values).fetchall()

    def _meta(self, name: str) -> str:
        row = self._connection().execute("SELECT value FROM meta WHERE name = ?", (name,))
        found = row.fetchone()
        if found is None:
            raise IndexDamaged(f"{self._path}: {name!r} is missing; rebuild the index")
        return str(found[0])

    def _read_identity(self) -> Identity:
        if not self._path.exists():
            raise IndexNotFound(
                f"there is no index at {self._path.parent}: make one with newsqa.build() "
                "or `newsqa build PATH`"
            )
        try:
            version = int(self._meta("format"))
            if version > FORMAT:
                raise IndexMismatch(
                    f"{self._path} has format {version}, this version of newsqa reads up to "
                    f"{FORMAT}: upgrade newsqa, or build the index again"
                )
            return Identity(
                uid=self._meta("uid"),
                encoder=self._meta("encoder"),
                fingerprint=self._meta("fingerprint"),
                dimension=int(self._meta("dimension")),
            )
        except (sqlite3.DatabaseError, ValueError) as error:
            raise IndexDamaged(
                f"{self._path} is not an index of newsqa, or is damaged ({error}): restore it "
                "from a copy, or remove its folder and build again"
            ) from error

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            uri = self._path.absolute().as_uri()
            uri += "?immutable=1" if self._immutable else "?mode=rw"
            connection = sqlite3.connect(
                uri, uri=True, isolation_level=None, check_same_thread=False, timeout=30
            )
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute("PRAGMA synchronous = FULL")
            # Nothing that a file of someone else's defines may run.
            connection.execute("PRAGMA trusted_schema = OFF")
            self._local.connection = connection
            with self._lock:
                self._opened.append(connection)
        return connection
