"""One change of the store, as statements in the caller's transaction: all of it or nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from newsqa.indexing import pairs
from newsqa.indexing.integrity import DAMAGED
from newsqa.indexing.record import Record
from newsqa.indexing.records import article_row, write_spans
from newsqa.types import Article, Passage

Removal = Literal["withdrawn", "removed"]
"""Withdrawn on purpose, which keeps an article from coming back unasked; or just gone."""

_COMPARED = ("title", "text", "url", "source", "authors", "published", "language")
"""What is told apart when an article is changed: all that its content hash covers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An article to be stored, its passages each with the key of its vector, and its place."""

    article: Article
    passages: Sequence[tuple[Passage, bytes]]
    place: str = ""
    """The file that it was read from, by which it is told when it vanishes; '' for no file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """Articles put in place of what has their ids, and others taken out.

    `vectors` holds, by key, those that are not stored yet.
    """

    entries: Sequence[Entry] = ()
    vectors: Mapping[bytes, npt.NDArray[np.float32]] = field(default_factory=dict)
    removed: Sequence[str] = ()
    removal: Removal = "withdrawn"


def apply(connection: Any, commit: Commit, *, now: int, token: str) -> None:
    """Write a commit as the next generation.  `now` is an instant, `token` tells it from others."""
    generation = move_on(connection, now=now, token=token)
    connection.executemany(
        "INSERT OR IGNORE INTO vectors VALUES (?, ?)",
        [(key, vector.astype("<f4").tobytes()) for key, vector in commit.vectors.items()],
    )
    stale: list[bytes] = []
    for article_id in commit.removed:
        old = _stored(connection, article_id)
        if old is not None:
            stale += _take_out(connection, old.key)
            _write_history(connection, generation, article_id, commit.removal, old=old)
    looked_at = pairs.LookedAt(connection)
    for entry in commit.entries:
        old = _stored(connection, entry.article.id)
        places = {entry.place}
        if old is not None:
            places |= _places(connection, old.key)
            stale += _take_out(connection, old.key)
            was_damaged = old.row[_ROW.index("content_hash")] == DAMAGED
            fields = [] if was_damaged else _differences(old.row, article_row(entry.article))
            change = "repaired" if was_damaged else "updated"
            _write_history(connection, generation, entry.article.id, change, old=old, fields=fields)
        elif Record(connection).is_out(entry.article.id):
            _write_history(connection, generation, entry.article.id, "restored")
        _put_in(connection, entry, generation, looked_at, places=places)
    connection.executemany(
        "DELETE FROM vectors WHERE key = ?1 AND NOT EXISTS "
        "(SELECT 1 FROM passages WHERE vector = ?1)",
        [(key,) for key in stale],
    )


def move_on(connection: Any, *, now: int, token: str) -> int:
    """Begin the next generation; returns its number."""
    row = connection.execute(
        "UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE name = 'generation' "
        "RETURNING CAST(value AS INTEGER)"
    ).fetchone()
    connection.execute("UPDATE meta SET value = ? WHERE name = 'token'", (token,))
    connection.execute("INSERT INTO commits VALUES (?, ?, ?)", (row[0], now, token))
    return int(row[0])


@dataclass(frozen=True, slots=True)
class _Old:
    key: int
    row: tuple[object, ...]


def _stored(connection: Any, article_id: str) -> _Old | None:
    row = connection.execute("SELECT * FROM articles WHERE id = ?", (article_id,)).fetchone()
    return None if row is None else _Old(row[0], tuple(row[1:]))


def _places(connection: Any, key: int) -> set[str]:
    """Where an article was found before."""
    rows = connection.execute("SELECT place FROM places WHERE article = ?", (key,))
    return {row[0] for row in rows}


def _take_out(connection: Any, key: int) -> list[bytes]:
    """Delete an article with all that is of it; returns the keys of its passages' vectors."""
    rows = connection.execute("SELECT vector FROM passages WHERE article = ?", (key,)).fetchall()
    connection.execute("DELETE FROM articles WHERE key = ?", (key,))
    return [row[0] for row in rows]


def _put_in(
    connection: Any,
    entry: Entry,
    generation: int,
    looked_at: pairs.LookedAt,
    *,
    places: set[str],
) -> None:
    key = connection.execute(
        "INSERT INTO articles VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        article_row(entry.article),
    ).lastrowid
    assert key is not None
    connection.executemany(
        "INSERT INTO passages VALUES (?, ?, ?, ?, ?, ?)",
        [(p.id, key, p.start, p.end, write_spans(p), vector) for p, vector in entry.passages],
    )
    connection.execute("INSERT INTO arrivals VALUES (?, ?)", (key, generation))
    connection.executemany("INSERT INTO places VALUES (?, ?)", [(key, p) for p in sorted(places)])
    pairs.record(connection, key, entry.article.text, looked_at)


def _write_history(
    connection: Any,
    generation: int,
    article_id: str,
    change: str,
    *,
    old: _Old | None = None,
    fields: Sequence[str] = (),
) -> None:
    was = dict(zip(_ROW, old.row, strict=True)) if old else {}
    connection.execute(
        "INSERT INTO history VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            generation,
            article_id,
            change,
            old.key if old else None,
            was.get("content_hash"),
            was.get("published"),
            json.dumps(list(fields)),
        ),
    )


_ROW = (
    "id", "title", "text", "url", "source", "authors", "published", "language", "retrieved",
    "origin", "content_hash",
)  # fmt: skip


def _differences(old: Sequence[object], new: Sequence[object]) -> list[str]:
    """Names of what differs between two rows of an article."""
    before, after = dict(zip(_ROW, old, strict=True)), dict(zip(_ROW, new, strict=True))
    return [name for name in _COMPARED if before[name] != after[name]]
