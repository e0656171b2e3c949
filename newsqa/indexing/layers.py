"""The vectors of one committed state: a large index that seldom changes, and a small tail.

What is added goes into the tail, which is small enough to be compared whole and written anew
with each change; what is taken out is left where it is and not allowed.  When the tail has grown,
or much is dead, the two are merged.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from newsqa.indexing.vectors import (
    DEFAULT_LIMITS,
    GONE,
    Found,
    Ids,
    Limits,
    Mask,
    Present,
    Read,
    VectorIndex,
    Vectors,
)

TAIL = 20_000
"""Vectors that the tail may hold (30 MB at 384 dimensions), and below which there is none."""
DEAD = 0.2
"""The share of the large index that may be of passages that are no longer there."""


class Layers:
    """Immutable; safe to search from many threads.

    `ids` are the live passages', ascending, `owners` (n,) int32 the articles that they are of.
    """

    def __init__(
        self,
        ids: Ids,
        owners: npt.NDArray[np.int32],
        base: VectorIndex,
        tail: VectorIndex,
        base_rows: npt.NDArray[np.int32],
    ):
        """`tail` holds, exactly, all that `base` lacks; `base_rows`: where in `ids` each of its."""
        self.ids = ids
        self.base = base
        self.tail = tail
        self._alive = base_rows >= 0
        self._base_owners = _owners(owners, base_rows)
        self._tail_owners = _owners(owners, _rows(tail.ids, ids))

    @classmethod
    def over(
        cls,
        ids: Ids,
        owners: npt.NDArray[np.int32],
        base: VectorIndex,
        tail: VectorIndex | None,
        read: Read,
        *,
        dimension: int,
    ) -> Layers:
        """Those of the live passages on what there is, reading only what neither holds."""
        held = np.zeros(len(ids), np.bool_)
        rows = _rows(base.ids, ids)
        held[rows[rows >= 0]] = True
        missing = ids[~held]
        vectors = np.empty((len(missing), dimension), np.float32)
        known = np.zeros(len(missing), np.bool_)
        if tail is not None and len(tail) and len(missing):
            order = np.argsort(tail.ids, kind="stable")
            at = _rows(missing, tail.ids[order])
            known = at >= 0
            vectors[known] = tail.rows(order[at[known]])
        if not known.all():
            vectors[~known] = read(missing[~known])
        return cls(ids, owners, base, VectorIndex.of(missing, vectors), rows)

    @property
    def kind(self) -> str:
        """How most of the vectors are searched."""
        return self.base.kind

    @property
    def dead(self) -> int:
        """How many of the large index are of passages that are no longer there."""
        return int((~self._alive & (self.base.ids != GONE)).sum())

    def due(self, *, limits: Limits = DEFAULT_LIMITS) -> bool:
        """Whether the two should be merged."""
        if len(self.ids) <= TAIL:
            return len(self.tail) > 0 or self.dead > 0
        return (
            len(self.tail) > TAIL
            or self.dead > DEAD * self.base.count
            or not self.base.suits(len(self.ids), limits=limits)
        )

    def merged(
        self, present: Present, *, dimension: int, limits: Limits = DEFAULT_LIMITS
    ) -> VectorIndex:
        """One index of all live vectors; `present` is asked where all of it is made anew."""
        if not self.base.suits(len(self.ids), limits=limits):
            return VectorIndex.make(self.ids, present, dimension=dimension, limits=limits)
        vectors = self.tail.rows(np.arange(len(self.tail)))
        return self.base.changed(self._alive, self.tail.ids, vectors)

    def search(self, vector: Vectors, k: int, *, allowed: Mask | None, read: Read) -> Found:
        """The k nearest to `(dim,)` among the live passages whose articles are allowed."""
        in_base, in_tail = (None if self._alive.all() else self._alive), None
        if allowed is not None:
            # One more, for what is of no article: it is the last, which is where -1 points.
            every = np.append(allowed, False)
            in_base, in_tail = every[self._base_owners], every[self._tail_owners]
        found = [
            self.base.search(vector, k, allowed=in_base, read=read),
            self.tail.search(vector, k, allowed=in_tail),
        ]
        if len(found[1].ids) == 0:
            return found[0]
        ids = np.concatenate([each.ids for each in found])
        scores = np.concatenate([each.scores for each in found])
        order = np.argsort(-scores, kind="stable")[:k]
        return Found(ids[order], scores[order])


def _rows(ids: Ids, among: Ids) -> npt.NDArray[np.int32]:
    """Where each id stands among ascending ones, -1 where it does not."""
    if len(among) == 0:
        return np.full(len(ids), -1, np.int32)
    at = np.minimum(np.searchsorted(among, ids), len(among) - 1)
    return np.where(among[at] == ids, at, -1).astype(np.int32)


def _owners(owners: npt.NDArray[np.int32], rows: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """The owner of each row, -1 of what is in none."""
    if len(owners) == 0:
        return np.full(len(rows), -1, np.int32)
    return np.where(rows >= 0, owners[rows], np.int32(-1))
