"""One committed state of the store, as it is read: articles, passages, vectors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from newsqa.errors import IndexDamaged
from newsqa.indexing.records import (
    ARTICLE_COLUMNS,
    PASSAGE_COLUMNS,
    batches,
    read_article,
    read_passage,
)
from newsqa.indexing.stories import Pairs
from newsqa.types import Article, Passage

UNDATED = np.iinfo(np.int64).min
"""Stands for a missing date among instants."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """All passages as columns, in ascending order of id, and all articles as columns.

    `published` holds microseconds since 1970 or UNDATED; `article` points into the
    article columns; `source` into `sources`, -1 where the outlet is not known; `keys` are
    the articles' in the store, ascending.
    """

    generation: int
    ids: npt.NDArray[np.int64]
    article: npt.NDArray[np.int32]
    published: npt.NDArray[np.int64]
    source: npt.NDArray[np.int32]
    sources: tuple[str, ...]
    keys: npt.NDArray[np.int64]
    pairs: Pairs


class Reader:
    """Reads one connection to the store; made by `Store.snapshot`, good while that lasts."""

    def __init__(self, connection: Any, path: Path, *, dimension: int):
        self._connection = connection
        self._path = path
        self._dimension = dimension

    def end(self) -> None:
        """Read no more: by now the connection may be someone else's."""
        self._connection = None

    def generation(self) -> int:
        """How many commits have changed the passages."""
        return int(self._meta("generation"))

    def columns(self) -> Columns:
        """Everything that filters need, of every passage."""
        execute = self._connection.execute
        articles = execute("SELECT key, published, source FROM articles ORDER BY key").fetchall()
        rows = execute("SELECT id, article FROM passages ORDER BY id").fetchall()
        names = sorted({source for _, _, source in articles if source is not None})
        code = {name: at for at, name in enumerate(names)}
        place = {key: at for at, (key, _, _) in enumerate(articles)}
        return Columns(
            generation=self.generation(),
            ids=np.fromiter((r[0] for r in rows), np.int64, len(rows)),
            article=np.fromiter((place[r[1]] for r in rows), np.int32, len(rows)),
            published=np.fromiter(
                (UNDATED if a[1] is None else a[1] for a in articles), np.int64, len(articles)
            ),
            source=np.fromiter(
                (-1 if a[2] is None else code[a[2]] for a in articles), np.int32, len(articles)
            ),
            sources=tuple(names),
            keys=np.fromiter(place, np.int64, len(place)),
            pairs=Pairs.of([(place[a], place[b], bool(c)) for a, b, c in self.pairs()]),
        )

    def pairs(self) -> list[tuple[int, int, int | None]]:
        """Pairs of copies by their articles' keys: are both of one outlet under two titles?"""
        if not self._has_pairs():
            return []
        found: list[tuple[int, int, int | None]] = self._connection.execute(
            "SELECT c.article, c.other, "
            "a.source = b.source COLLATE NOCASE AND a.title IS NOT b.title FROM copies AS c "
            "JOIN articles AS a ON a.key = c.article JOIN articles AS b ON b.key = c.other"
        ).fetchall()
        return found

    def keys(self, article_ids: Sequence[str]) -> dict[str, int]:
        """The keys of those articles that are stored, by id."""
        select = "SELECT id, key FROM articles WHERE id IN"
        return {i: k for batch in batches(article_ids) for i, k in self._rows(select, batch)}

    def ids(self, keys: Sequence[int]) -> dict[int, str]:
        """The ids of articles by key."""
        select = "SELECT key, id FROM articles WHERE key IN"
        return {k: i for batch in batches(keys) for k, i in self._rows(select, batch)}

    def article(self, article_id: str) -> Article | None:
        """The article of an id, or None."""
        rows = self._rows(f"SELECT {ARTICLE_COLUMNS} FROM articles WHERE id IN", [article_id])
        return read_article(rows[0]) if rows else None

    def articles(self) -> Iterator[Article]:
        """Every article, in the order in which they were added."""
        every = f"SELECT {ARTICLE_COLUMNS} FROM articles ORDER BY key"
        for row in self._connection.execute(every):
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
        rows = self._connection.execute(
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
        matrix = np.empty((len(ids), self._dimension), dtype=np.float32)
        place = {int(passage_id): at for at, passage_id in enumerate(ids)}
        read = 0
        for batch in batches(ids):
            rows = self._rows(
                "SELECT p.id, v.vector FROM passages AS p JOIN vectors AS v ON v.key = p.vector "
                "WHERE p.id IN",
                batch,
            )
            for passage_id, blob in rows:
                if len(blob) != matrix.itemsize * self._dimension:
                    raise IndexDamaged(
                        f"{self._path}: a vector has {len(blob)} bytes, expected "
                        f"{matrix.itemsize * self._dimension}; rebuild the index from its articles"
                    )
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

    def bands_of(self, article: Article) -> set[int] | None:
        """The keys by which copies of an article are found; None where the format has none."""
        if not self._has_pairs():
            return None
        select = "SELECT key FROM bands WHERE article = (SELECT key FROM articles WHERE id = ?)"
        return {row[0] for row in self._connection.execute(select, (article.id,))}

    def strays(self) -> dict[str, int]:
        """By table, how many rows point to what is not there."""
        rows = self._connection.execute("PRAGMA foreign_key_check").fetchall()
        return dict(Counter(row[0] for row in rows))

    def integrity(self) -> list[str]:
        """What SQLite's own check finds wrong, in its words."""
        rows = self._connection.execute("PRAGMA integrity_check(20)").fetchall()
        return [row[0] for row in rows if row[0] != "ok"]

    # Within.

    def _has_pairs(self) -> bool:
        return int(self._meta("format")) >= 2

    def _rows(self, select: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
        """The rows of a SELECT that ends in IN, for up to BATCH values."""
        marks = ",".join("?" * len(values))
        rows: list[tuple[Any, ...]]
        rows = self._connection.execute(f"{select} ({marks})", values).fetchall()
        return rows

    def _meta(self, name: str) -> str:
        row = self._connection.execute("SELECT value FROM meta WHERE name = ?", (name,))
        found = row.fetchone()
        if found is None:
            raise IndexDamaged(f"{self._path}: {name!r} is missing; rebuild the index")
        return str(found[0])
