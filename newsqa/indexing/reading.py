"""One committed state of the store, as it is read: articles, passages, vectors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from newsqa.errors import IndexDamaged
from newsqa.indexing.columns import Changes, Columns
from newsqa.indexing.integrity import off, problems_of, problems_of_passage
from newsqa.indexing.record import Record
from newsqa.indexing.records import (
    ARTICLE_COLUMNS,
    PASSAGE_COLUMNS,
    batches,
    read_article,
    read_passage,
)
from newsqa.types import Article, Passage, Reference


class Reader:
    """Reads one connection to the store; made by `Store.snapshot`, good while that lasts."""

    def __init__(self, connection: Any, path: Path, *, dimension: int):
        self._connection = connection
        self._path = path
        self._dimension = dimension

    def end(self) -> None:
        """Read no more: by now the connection may be someone else's."""
        self._connection = None

    @property
    def record(self) -> Record:
        """When what was changed."""
        return Record(self._connection if self._format() >= 3 else None)

    def generation(self) -> int:
        """How many commits have changed the passages."""
        return int(self._meta("generation"))

    def token(self) -> str | None:
        """What tells this state from any other; None where the format has no such thing."""
        if self._format() < 3:
            return None
        return str(self._meta("token"))

    def columns(self, before: Columns | None = None) -> Columns:
        """Everything that filters need, of every article and passage.

        From those of an earlier state only what has changed since is read.
        """
        generation = self.generation()
        if before is None or before.generation < self.record.since():
            return Columns.none().after(self._everything(), generation=generation)
        changes = self._changes(before.generation)
        return before.after(changes, generation=generation)

    def _everything(self) -> Changes:
        execute = self._connection.execute
        return Changes(
            removed=(),
            # Sorted here: asked for in this order, SQLite would read every article's text.
            articles=sorted(
                execute("SELECT key, published, source, language FROM articles").fetchall(),
                key=itemgetter(0),
            ),
            passages=_matrix(
                execute("SELECT id, article FROM passages INDEXED BY passages_article")
            ),
            pairs=self._pairs("SELECT article, other FROM copies") if self._format() >= 2 else (),
        )

    def _changes(self, since: int) -> Changes:
        """What was stored and taken out after a generation."""
        execute = self._connection.execute
        fresh = "(SELECT article FROM arrivals WHERE generation > ?1)"
        return Changes(
            removed=[
                row[0]
                for row in execute(
                    "SELECT article FROM history WHERE generation > ? AND article IS NOT NULL",
                    (since,),
                )
            ],
            articles=execute(
                "SELECT key, published, source, language FROM articles "
                f"WHERE key IN {fresh} ORDER BY key",
                (since,),
            ).fetchall(),
            passages=_matrix(
                execute(f"SELECT id, article FROM passages WHERE article IN {fresh}", (since,))
            ),
            pairs=self._pairs(
                f"SELECT article, other FROM copies WHERE article IN {fresh} UNION "
                f"SELECT article, other FROM copies WHERE other IN {fresh}",
                (since,),
            ),
        )

    def _pairs(self, select: str, values: Sequence[object] = ()) -> list[tuple[int, int, bool]]:
        """Pairs of copies by their articles' keys: are both of one outlet under two titles?"""
        rows = self._connection.execute(
            "SELECT c.article, c.other, "
            "a.source = b.source COLLATE NOCASE AND a.title IS NOT b.title "
            f"FROM ({select}) AS c "
            "JOIN articles AS a ON a.key = c.article JOIN articles AS b ON b.key = c.other",
            values,
        )
        return [(one, other, bool(retitled)) for one, other, retitled in rows]

    def keys(self, article_ids: Sequence[str]) -> dict[str, int]:
        """The keys of those articles that are stored, by id."""
        select = "SELECT id, key FROM articles WHERE id IN"
        return {i: k for batch in batches(article_ids) for i, k in self._rows(select, batch)}

    def ids(self, keys: Sequence[int]) -> dict[int, str]:
        """The ids of articles by key."""
        select = "SELECT key, id FROM articles WHERE key IN"
        return {k: i for batch in batches(keys) for k, i in self._rows(select, batch)}

    def article(self, article_id: str) -> Article | None:
        """The article of an id, or None.  Raises IndexDamaged where it isn't what was added."""
        rows = self._rows(f"SELECT {ARTICLE_COLUMNS} FROM articles WHERE id IN", [article_id])
        if not rows:
            return None
        article = read_article(rows[0])
        self._require(problems_of(article))
        return article

    def articles(self) -> Iterator[Article]:
        """Every article as it is, in the order in which they were added."""
        every = f"SELECT {ARTICLE_COLUMNS} FROM articles ORDER BY key"
        for row in self._connection.execute(every):
            yield read_article(row)

    def references(self, keys: Sequence[int]) -> list[Reference]:
        """The articles of keys as one names them, in the order given; none that isn't there."""
        select = f"SELECT key, {ARTICLE_COLUMNS} FROM articles WHERE key IN"
        rows = [row for batch in batches(keys) for row in self._rows(select, batch)]
        found = {key: Reference.to(read_article(row)) for key, *row in rows}
        return [found[key] for key in keys if key in found]

    def passages(self, ids: Sequence[int]) -> dict[int, tuple[Passage, Article]]:
        """Passages by id, each with its article; ids that aren't there are left out.

        Raises IndexDamaged where one isn't what was added.
        """
        found: dict[int, tuple[Passage, Article]] = {}
        articles: dict[int, Article] = {}
        for batch in batches(ids):
            rows = self._rows(f"SELECT {PASSAGE_COLUMNS} FROM passages WHERE id IN", batch)
            missing = {row[4] for row in rows} - set(articles)
            for keys in batches(missing):
                select = f"SELECT key, {ARTICLE_COLUMNS} FROM articles WHERE key IN"
                articles.update((key, read_article(row)) for key, *row in self._rows(select, keys))
            for key in missing:
                self._require(problems_of(articles[key]))
            for row in rows:
                article = articles[row[4]]
                passage = read_passage(row, article)
                self._require(problems_of_passage(passage, article))
                found[row[0]] = (passage, article)
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

    def vectors(self, ids: Sequence[int] | npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        """`(n, dim)` float32: the vectors of passages by id, in the order given.

        Raises IndexDamaged where one is missing or can't have been stored.
        """
        return self._of_length_1(self.vectors_as_they_are(ids))

    def has_sound_vectors(self, ids: Sequence[int]) -> bool:
        """Whether every passage has a vector of the right size and of length 1."""
        try:
            matrix, there = self._vectors(ids)
        except IndexDamaged:
            return False
        return bool(there.all()) and not bool(off(matrix).any())

    def vectors_as_they_are(
        self, ids: Sequence[int] | npt.NDArray[np.int64]
    ) -> npt.NDArray[np.float32]:
        """The same, whatever their length."""
        matrix, there = self._vectors(ids)
        if not there.all():
            raise IndexDamaged(
                f"{self._path}: {int((~there).sum())} of {len(ids)} passages have no vector; "
                "rebuild the index from its articles"
            )
        return matrix

    def present_vectors(
        self, ids: npt.NDArray[np.int64]
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
        """Those of the ids that are passages now, in the order given, and their vectors."""
        matrix, there = self._vectors(ids)
        return ids[there], self._of_length_1(matrix[there])

    def _of_length_1(self, matrix: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        wrong = int(off(matrix).sum())
        if wrong:
            raise IndexDamaged(
                f"{self._path}: {wrong} of {len(matrix)} vectors are not of length 1; rebuild the "
                "index from its articles"
            )
        return matrix

    def _vectors(
        self, ids: Sequence[int] | npt.NDArray[np.int64]
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]]:
        """Vectors in the order given, and which of them were found."""
        matrix = np.empty((len(ids), self._dimension), dtype=np.float32)
        there = np.zeros(len(ids), dtype=np.bool_)
        place = {int(passage_id): at for at, passage_id in enumerate(ids)}
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
                there[place[passage_id]] = True
        return matrix, there

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
        if self._format() < 2:
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

    def _require(self, problems: Iterator[str]) -> None:
        """Nothing is shown that is not what was added."""
        for problem in problems:
            raise IndexDamaged(f"{self._path}: {problem}")

    def _format(self) -> int:
        return int(self._meta("format"))

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


def _matrix(rows: Iterator[tuple[int, int]]) -> npt.NDArray[np.int64]:
    """`(n, 2)` from rows of two numbers, without holding the rows."""
    return np.fromiter(chain.from_iterable(rows), dtype=np.int64).reshape(-1, 2)
