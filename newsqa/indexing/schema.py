"""How the store is laid out, by format, and whether a file is laid out so.

1 had no pairs, 2 no record of when what was changed, and 3 no language beside what else filters
look at: such an index is read as it is, and brought up by its next writer.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from newsqa.errors import IndexMismatch
from newsqa.indexing import pairs

FORMAT = 4

Layout = frozenset[tuple[str, str, str]]
"""Type, name and definition of everything that a database defines."""

_FIRST = (
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT",
    """
CREATE TABLE articles (
    key INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    title TEXT, text TEXT NOT NULL, url TEXT, source TEXT, authors TEXT NOT NULL,
    published INTEGER, language TEXT, retrieved INTEGER, origin TEXT,
    content_hash TEXT NOT NULL
) STRICT""",
    """
CREATE TABLE passages (
    id INTEGER PRIMARY KEY,
    article INTEGER NOT NULL REFERENCES articles (key) ON DELETE CASCADE,
    start INTEGER NOT NULL, "end" INTEGER NOT NULL,
    sentences TEXT NOT NULL,
    vector BLOB NOT NULL
) STRICT""",
    "CREATE INDEX passages_article ON passages (article)",
    "CREATE INDEX passages_vector ON passages (vector)",
    "CREATE TABLE vectors (key BLOB PRIMARY KEY, vector BLOB NOT NULL) STRICT",
)
# All that filters look at, so that it can be read without the texts beside it.
FILTERS = "CREATE INDEX articles_filters ON articles (published, source, language)"
_FILTERS_3 = "CREATE INDEX articles_filters ON articles (published, source)"
RECORD = (
    # When each generation was committed, and a token that tells it from another of its number.
    "CREATE TABLE commits (generation INTEGER PRIMARY KEY, at INTEGER NOT NULL, "
    "token TEXT NOT NULL) STRICT",
    # Of each article that is stored: in which generation it came.
    "CREATE TABLE arrivals (article INTEGER PRIMARY KEY REFERENCES articles (key) "
    "ON DELETE CASCADE, generation INTEGER NOT NULL) STRICT",
    # And in which files it was found; '' stands for what is no file, such as an address.
    "CREATE TABLE places (article INTEGER NOT NULL REFERENCES articles (key) ON DELETE CASCADE, "
    "place TEXT NOT NULL, PRIMARY KEY (article, place)) STRICT, WITHOUT ROWID",
    "CREATE INDEX arrivals_generation ON arrivals (generation)",
    # Of what was changed or taken out: what it was, but not its words.
    "CREATE TABLE history (generation INTEGER NOT NULL, id TEXT NOT NULL, change TEXT NOT NULL, "
    "article INTEGER, content_hash TEXT, published INTEGER, fields TEXT NOT NULL) STRICT",
    "CREATE INDEX history_id ON history (id)",
    "CREATE INDEX history_generation ON history (generation)",
)


def statements(version: int) -> tuple[str, ...]:
    """What makes an empty store of a format."""
    if version not in range(1, FORMAT + 1):
        raise ValueError(f"no index has format {version}")
    found = _FIRST + (pairs.SCHEMA if version >= 2 else ())
    if version < 3:
        return found
    return (*found, FILTERS if version >= 4 else _FILTERS_3, *RECORD)


def layout_of(connection: Any) -> Layout:
    """What a database defines."""
    rows = connection.execute("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    return frozenset((kind, name, sql.strip()) for kind, name, sql in rows)


def layout(version: int) -> Layout:
    """What a store of a format defines: SQLite keeps each statement word for word."""
    found = set()
    for statement in statements(version):
        _, kind, name, *_ = statement.split(maxsplit=3)
        found.add((kind.lower(), name, statement.strip()))
    return frozenset(found)


def check_layout(connection: Any, path: Path) -> None:
    """Raise ValueError unless a database is laid out as its format says, IndexMismatch if newer."""
    found = layout_of(connection)
    if not {row for row in layout(FORMAT) if row[1] == "meta"} <= found:
        raise ValueError("it has no table of what it is")
    version = format_of(connection)
    if version > FORMAT:
        raise IndexMismatch(
            f"{path} has format {version}, this version of newsqa reads up to "
            f"{FORMAT}: upgrade newsqa, or build the index again"
        )
    own = layout(version)
    if found != own:  # a view or a trigger would be someone else's program
        strange = ", ".join(sorted({name for _, name, _ in found ^ own}))
        raise ValueError(f"it is not laid out as one: {strange}")


def format_of(connection: Any) -> int:
    """Of which format a store says it is; raises ValueError where it says none."""
    row = connection.execute("SELECT value FROM meta WHERE name = 'format'").fetchone()
    if row is None:
        raise ValueError("it does not name its format")
    return int(row[0])
