"""Which stored articles are copies of one another: found and written in the commit that adds them.

`bands` has the keys of every article's signature, `copies` the pairs that were compared and found
alike, each once, the article with the lower key first.  What is taken out takes its rows with it.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from newsqa.articles.copies import Shingles, alike, shingles, signature

SCHEMA = (
    "CREATE TABLE bands (key INTEGER NOT NULL, "
    "article INTEGER NOT NULL REFERENCES articles (key) ON DELETE CASCADE, "
    "PRIMARY KEY (key, article)) STRICT, WITHOUT ROWID",
    "CREATE INDEX bands_article ON bands (article)",
    "CREATE TABLE copies ("
    "article INTEGER NOT NULL REFERENCES articles (key) ON DELETE CASCADE, "
    "other INTEGER NOT NULL REFERENCES articles (key) ON DELETE CASCADE, "
    "PRIMARY KEY (article, other), CHECK (article < other)) STRICT, WITHOUT ROWID",
    "CREATE INDEX copies_other ON copies (other)",
)
CROWD = 200
"""Of a key that more articles have, those nearest in time are looked at, so that a page which a
site has thousands of costs no more than a few hundred.  What came much later takes no place of
what came about then; within one crowd, which pairs are known depends on what was added when."""
_REMEMBERED = 500
"""Articles whose shingles are kept while one commit is made."""


class LookedAt:
    """The shingles of stored articles, the latest looked at kept."""

    def __init__(self, connection: Any):
        self._connection = connection
        self._kept: OrderedDict[int, Shingles] = OrderedDict()

    def keep(self, key: int, of: Shingles) -> None:
        """Remember those of an article."""
        self._kept[key] = of
        if len(self._kept) > _REMEMBERED:
            self._kept.popitem(last=False)

    def shingles(self, key: int) -> Shingles:
        """Those of an article."""
        if key in self._kept:
            self._kept.move_to_end(key)
        else:
            row = self._connection.execute("SELECT text FROM articles WHERE key = ?", (key,))
            self.keep(key, shingles(row.fetchone()[0]))
        return self._kept[key]


def record(connection: Any, key: int, text: str, looked_at: LookedAt) -> None:
    """Write the keys of an article that was just stored, and its pairs with those before it."""
    own = shingles(text)
    looked_at.keep(key, own)
    near: set[int] = set()
    keys = signature(own)
    for band in keys:
        having = connection.execute(
            "SELECT b.article FROM bands AS b JOIN articles AS a ON a.key = b.article "
            "WHERE b.key = ?1 ORDER BY abs(coalesce(a.published, 0) - "
            "(SELECT coalesce(published, 0) FROM articles WHERE key = ?2)), b.article LIMIT ?3",
            (band, key, CROWD),
        ).fetchall()
        near.update(row[0] for row in having if row[0] != key)
    connection.executemany("INSERT OR IGNORE INTO bands VALUES (?, ?)", [(b, key) for b in keys])
    connection.executemany(
        "INSERT INTO copies VALUES (?, ?)",
        [
            (min(key, other), max(key, other))
            for other in sorted(near)
            if alike(own, looked_at.shingles(other))
        ],
    )


def find_all(connection: Any) -> None:
    """Make the tables and fill them for every stored article, in the caller's transaction."""
    for statement in SCHEMA:
        connection.execute(statement)
    _find(connection)


def find_again(connection: Any) -> None:
    """Fill the tables anew, in the caller's transaction."""
    connection.execute("DELETE FROM copies")
    connection.execute("DELETE FROM bands")
    _find(connection)


def _find(connection: Any) -> None:
    looked_at = LookedAt(connection)
    keys = connection.execute("SELECT key FROM articles ORDER BY key").fetchall()
    for (key,) in keys:
        text = connection.execute("SELECT text FROM articles WHERE key = ?", (key,))
        record(connection, key, text.fetchone()[0], looked_at)
