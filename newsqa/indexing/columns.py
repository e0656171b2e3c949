"""All articles and passages as columns in memory: what filters look at.

After a commit only what it changed is read, however much there is beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from newsqa.indexing.stories import Pairs

UNDATED = np.iinfo(np.int64).min
"""Stands for a missing date among instants."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What was stored and taken out between two states, by the articles' keys in the store.

    `articles`: key, published, source, language; `passages`: id, article's key; `pairs`: two
    keys, and whether both are of one outlet under two titles.
    """

    removed: Sequence[int]
    articles: Sequence[tuple[int, int | None, str | None, str | None]]
    passages: npt.NDArray[np.int64]
    """`(n, 2)`."""
    pairs: Sequence[tuple[int, int, bool]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """All passages as columns, in ascending order of id, and all articles as columns.

    `published` holds microseconds since 1970 or UNDATED; `article` points into the
    article columns; `source` into `sources`, -1 where the outlet is not known, and `language`
    likewise into `languages`; `keys` are the articles' in the store, ascending.
    """

    generation: int
    ids: npt.NDArray[np.int64]
    article: npt.NDArray[np.int32]
    published: npt.NDArray[np.int64]
    source: npt.NDArray[np.int32]
    sources: tuple[str, ...]
    """In the order in which they were first met; some may have no article any more."""
    language: npt.NDArray[np.int32]
    languages: tuple[str, ...]
    keys: npt.NDArray[np.int64]
    pairs: Pairs

    @classmethod
    def none(cls) -> Columns:
        """Those of an empty store."""
        return cls(
            generation=-1,
            ids=np.empty(0, np.int64),
            article=np.empty(0, np.int32),
            published=np.empty(0, np.int64),
            source=np.empty(0, np.int32),
            sources=(),
            language=np.empty(0, np.int32),
            languages=(),
            keys=np.empty(0, np.int64),
            pairs=Pairs.of([]),
        )

    def after(self, changes: Changes, *, generation: int) -> Columns:
        """The columns of a later state."""
        kept = ~np.isin(self.keys, np.array(changes.removed, dtype=np.int64))
        # Of each article that was there: where it stands now; keys of new ones come after all.
        moved = np.where(kept, np.cumsum(kept) - 1, -1).astype(np.int32)
        keys = np.concatenate([self.keys[kept], _int64([key for key, *_ in changes.articles])])
        dates = [UNDATED if at is None else at for _, at, *_ in changes.articles]
        sources, outlets = _coded(self.sources, [row[2] for row in changes.articles])
        languages, spoken = _coded(self.languages, [row[3] for row in changes.articles])
        old = moved[self.article]
        order = np.argsort(changes.passages[:, 0], kind="stable")
        ids, owners = changes.passages[order, 0], changes.passages[order, 1]
        staying = self.ids[old >= 0]
        at = np.searchsorted(staying, ids)
        new = np.searchsorted(keys, owners).astype(np.int32)
        places = [
            (*np.searchsorted(keys, [one, other]).tolist(), retitled)
            for one, other, retitled in changes.pairs
        ]
        return Columns(
            generation=generation,
            ids=np.insert(staying, at, ids),
            article=np.insert(old[old >= 0], at, new),
            published=np.concatenate([self.published[kept], _int64(dates)]),
            source=np.concatenate([self.source[kept], outlets]),
            sources=sources,
            language=np.concatenate([self.language[kept], spoken]),
            languages=languages,
            keys=keys,
            pairs=self.pairs.after(moved, Pairs.of(places)),
        )


def _coded(
    known: Sequence[str], names: Sequence[str | None]
) -> tuple[tuple[str, ...], npt.NDArray[np.int32]]:
    """All names, those that are known first, and the place of each given one, -1 for None."""
    code = {name: at for at, name in enumerate(known)}
    for name in names:
        if name is not None:
            code.setdefault(name, len(code))
    places = [-1 if name is None else code[name] for name in names]
    return tuple(code), np.array(places, dtype=np.int32)


def _int64(values: Sequence[int]) -> npt.NDArray[np.int64]:
    return np.array(values, dtype=np.int64)
