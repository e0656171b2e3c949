"""When what was changed: corrections, withdrawals, and where articles were read from."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from newsqa.errors import IndexDamaged
from newsqa.indexing.records import batches, from_instant, moment_of
from newsqa.types import Change


class Record:
    """Reads what a store says of its changes; of one that says nothing, nothing."""

    def __init__(self, connection: Any):
        """None stands for a store of a format that has no such tables."""
        self._connection = connection

    def since(self) -> float:
        """From which generation on it says what each has changed; infinity where it doesn't."""
        rows = self._execute(
            "SELECT max(generation) FROM (SELECT min(generation) AS generation FROM commits UNION "
            "SELECT CAST(value AS INTEGER) FROM meta WHERE name = 'mended')"
        )
        first = next((row[0] for row in rows), None)
        return math.inf if first is None else int(first)

    def history(self, article_id: str) -> tuple[Change, ...]:
        """What happened to an article since it was first stored, the oldest first."""
        rows = self._execute(
            "SELECT h.id, h.change, c.at, h.content_hash, h.published, h.fields FROM history AS h "
            "JOIN commits AS c ON c.generation = h.generation WHERE h.id = ? ORDER BY h.rowid",
            [article_id],
        )
        return tuple(
            Change(
                article_id=row[0],
                kind=row[1],
                at=moment_of(row[2]),
                content_hash=row[3],
                published=from_instant(row[4]),
                fields=_fields(row[5], article_id),
            )
            for row in rows
        )

    def corrected(self, article_ids: Sequence[str]) -> dict[str, datetime]:
        """Of those of the articles whose title or text was changed: when last."""
        rows = self._of(
            article_ids,
            "SELECT h.id, max(c.at) FROM history AS h JOIN commits AS c "
            "ON c.generation = h.generation WHERE h.change = 'updated' AND "
            """(h.fields LIKE '%"text"%' OR h.fields LIKE '%"title"%') AND h.id IN ({marks}) """
            "GROUP BY h.id",
        )
        return {article_id: moment_of(at) for article_id, at in rows}

    def withdrawn(self, article_ids: Sequence[str]) -> dict[str, datetime]:
        """Of those ids that were withdrawn and not brought back: when."""
        rows = self._of(
            article_ids,
            # With max(), SQLite takes the other columns from the row that has it.
            "SELECT h.id, h.change, c.at, max(h.rowid) FROM history AS h JOIN commits AS c "
            "ON c.generation = h.generation WHERE h.id IN ({marks}) GROUP BY h.id",
        )
        return {row[0]: moment_of(row[2]) for row in rows if row[1] == "withdrawn"}

    def is_out(self, article_id: str) -> bool:
        """Whether the last that is known of an article is that it was taken out."""
        last = self.history(article_id)[-1:]
        return any(change.kind in ("withdrawn", "removed") for change in last)

    def placed(self, place: str) -> set[tuple[str, str]]:
        """The articles that were found in a file, or in those within a folder: id and file."""
        rows = self._execute(
            "SELECT a.id, p.place FROM places AS p JOIN articles AS a ON a.key = p.article "
            "WHERE p.place = ?1 OR substr(p.place, 1, length(?2)) = ?2",
            [place, place.rstrip("/") + "/"],
        )
        return set(rows)

    def places(self, article_ids: Sequence[str]) -> set[tuple[str, str]]:
        """All places in which articles were found, '' for what is no file: id and place."""
        return set(
            self._of(
                article_ids,
                "SELECT a.id, p.place FROM places AS p JOIN articles AS a ON a.key = p.article "
                "WHERE a.id IN ({marks})",
            )
        )

    def files(self) -> list[str]:
        """Every file in which an article was found, in order of their names."""
        select = "SELECT DISTINCT place FROM places WHERE place <> '' ORDER BY place"
        return [place for (place,) in self._execute(select)]

    def last(self) -> datetime | None:
        """When the archive was changed last, where that is known."""
        return next(
            (from_instant(at) for (at,) in self._execute("SELECT max(at) FROM commits")), None
        )

    def counts(self) -> dict[str, int]:
        """How many times articles were changed after they were first stored, by kind."""
        return dict(
            self._execute("SELECT change, count(*) FROM history GROUP BY change ORDER BY change")
        )

    # Within.

    def _of(self, article_ids: Sequence[str], select: str) -> Iterator[tuple[Any, ...]]:
        for batch in batches(article_ids):
            yield from self._execute(select.format(marks=",".join("?" * len(batch))), batch)

    def _execute(self, select: str, values: Sequence[object] = ()) -> Iterable[Any]:
        return () if self._connection is None else self._connection.execute(select, values)


def _fields(written: str, article_id: str) -> tuple[str, ...]:
    try:
        return tuple(json.loads(written))
    except (ValueError, TypeError) as error:
        raise IndexDamaged(f"what was changed of {article_id!r} can't be read: {error}") from error
