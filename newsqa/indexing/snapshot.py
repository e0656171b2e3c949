"""One committed state of an index in memory, and searching in it under a filter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt

from newsqa.indexing.columns import UNDATED, Columns
from newsqa.indexing.frequencies import Frequencies
from newsqa.indexing.layers import Layers
from newsqa.indexing.lexicon import Bounds, LexiconView, terms
from newsqa.indexing.reading import Reader
from newsqa.indexing.records import from_instant, to_instant
from newsqa.indexing.vectors import Read
from newsqa.types import Article, Coverage, Passage, Reference

MICROSECONDS_A_DAY = 86_400_000_000

Mask = npt.NDArray[np.bool_]
Vectors = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which articles count: instants inclusive, None unbounded; `sources` in any case of letters.

    `languages` are codes as articles have them ("en"); one whose language is not known counts
    only where none is named.
    Articles without a date count only where no instant bounds them.
    """

    as_of: datetime | None = None
    since: datetime | None = None
    until: datetime | None = None
    sources: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()

    @property
    def latest(self) -> datetime | None:
        """The earlier of `as_of` and `until`."""
        bounds = [bound for bound in (self.as_of, self.until) if bound is not None]
        return min(bounds) if bounds else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """A passage id with the score of one search: higher is better."""

    id: int
    score: float


class Snapshot:
    """Immutable; safe to share between threads."""

    def __init__(
        self, columns: Columns, vectors: Layers, lexicon: LexiconView, *, token: str | None
    ):
        """`token` is the store's for this state, None where its format has none."""
        self.columns = columns
        self.vectors = vectors
        self.lexicon = lexicon
        self.generation = columns.generation
        self.token = token
        self.frequencies = Frequencies(lexicon, passages=len(columns.ids))

    def articles_allowed(self, chosen: Filter) -> Mask:
        """`(articles,)` bool."""
        columns = self.columns
        allowed = np.ones(len(columns.published), dtype=np.bool_)
        since, until = to_instant(chosen.since), to_instant(chosen.latest)
        if since is not None:
            allowed &= columns.published >= since
        if until is not None:
            allowed &= (columns.published <= until) & (columns.published != UNDATED)
        if chosen.sources:
            codes = [columns.sources.index(name) for name in self._names(chosen)]
            allowed &= np.isin(columns.source, codes)
        if chosen.languages:
            spoken = [at for at, code in enumerate(columns.languages) if code in chosen.languages]
            allowed &= np.isin(columns.language, spoken)
        return allowed

    def dense(self, vector: Vectors, k: int, chosen: Filter, *, read: Read) -> list[Scored]:
        """The k passages nearest to `(dim,)` by cosine, in [-1, 1]; `read` gives true vectors."""
        allowed = self.articles_allowed(chosen)
        mask = None if allowed.all() else allowed
        found = self.vectors.search(vector, k, allowed=mask, read=read)
        return [
            Scored(id=int(i), score=float(s)) for i, s in zip(found.ids, found.scores, strict=True)
        ]

    def lexical(
        self, weights: Mapping[str, float], k: int, chosen: Filter, *, title_boost: float = 1.0
    ) -> list[Scored]:
        """The k passages best by BM25 for terms (see `terms`) with weights.

        How rare a term is, is counted as of the filter's latest instant: what was published
        later, or has no date, is not counted.  One thing of it is still seen: BM25 compares a
        passage's length with the average of the whole index, which the engine counts itself.
        """
        names = self._names(chosen)
        if chosen.sources and not names:
            return []
        bounds = Bounds(
            since=to_instant(chosen.since), until=to_instant(chosen.latest), sources=names
        )
        # What the lexicon holds beyond the live passages could take places: ask for more.
        beyond = max(0, self.lexicon.count - len(self.columns.ids))
        by_field = self._weights(weights, title_boost, latest=bounds.until)
        allowed, asked = self.articles_allowed(chosen), k + beyond
        while True:
            ids, scores = self.lexicon.search(by_field, asked, bounds=bounds)
            # The store has the last word on what is live and what the filter allows.
            live = self._live(ids, allowed)
            if not chosen.languages or len(ids) < asked or int(live.sum()) >= k:
                break
            # The lexicon knows no languages: what it found may all be in others.
            asked *= 4
        kept = zip(ids[live][:k], scores[live][:k], strict=True)
        return [Scored(id=int(i), score=float(s)) for i, s in kept]

    def _live(self, ids: npt.NDArray[np.int64], allowed: Mask) -> Mask:
        """`(n,)`: which ids are of passages that are there and whose articles are allowed."""
        columns = self.columns
        if len(columns.ids) == 0:
            return np.zeros(len(ids), dtype=np.bool_)
        rows = np.minimum(np.searchsorted(columns.ids, ids), len(columns.ids) - 1)
        return np.asarray((columns.ids[rows] == ids) & allowed[columns.article[rows]])

    def newest(self, offset: int, limit: int, chosen: Filter) -> npt.NDArray[np.int64]:
        """`(n,)`: the keys of articles, the latest published first, those without a date last.

        Of one date, that which was added last comes first.
        """
        rows = np.flatnonzero(self.articles_allowed(chosen))[::-1]
        # The complement turns the order round; UNDATED, the least of all instants, comes last.
        order = np.argsort(~self.columns.published[rows], kind="stable")
        return self.columns.keys[rows[order[offset : offset + limit]]]

    def coverage(self, chosen: Filter) -> Coverage:
        """How many articles a search under this filter can look at, and of which dates."""
        allowed = self.articles_allowed(chosen)
        published = self.columns.published[allowed]
        dated = published[published != UNDATED]
        bound = chosen.since is not None or chosen.latest is not None
        among = self.articles_allowed(Filter(sources=chosen.sources, languages=chosen.languages))
        return Coverage(
            articles=int(allowed.sum()),
            undated_excluded=int((self.columns.published[among] == UNDATED).sum()) if bound else 0,
            earliest=from_instant(int(dated.min())) if len(dated) else None,
            latest=from_instant(int(dated.max())) if len(dated) else None,
        )

    def _weights(
        self, weights: Mapping[str, float], title_boost: float, *, latest: int | None
    ) -> dict[tuple[str, str], float]:
        """By field and term; without those that can add nothing."""
        by_field = {
            (field, term): weight * boost * self.frequencies.correction(field, term, latest)
            for term, weight in weights.items()
            for field, boost in (("text", 1.0), ("title", title_boost))
            if boost > 0
        }
        return {key: weight for key, weight in by_field.items() if weight > 0}

    def _names(self, chosen: Filter) -> tuple[str, ...]:
        wanted = {name.casefold() for name in chosen.sources}
        return tuple(name for name in self.columns.sources if name.casefold() in wanted)


class View:
    """A snapshot together with a reader of the same state: what one question sees."""

    def __init__(self, reader: Reader, snapshot: Snapshot):
        self._reader = reader
        self._snapshot = snapshot
        self.lexical = snapshot.lexical
        self.coverage = snapshot.coverage
        self.generation = snapshot.generation

    def dense(self, vector: Vectors, k: int, chosen: Filter) -> list[Scored]:
        """The k passages nearest to `(dim,)` by cosine, in [-1, 1]."""
        return self._snapshot.dense(vector, k, chosen, read=self._reader.vectors)

    def ids(self) -> list[int]:
        """The ids of all passages, in ascending order."""
        return [int(each) for each in self._snapshot.columns.ids]

    def passages(self, ids: Sequence[int]) -> dict[int, tuple[Passage, Article]]:
        """Passages by id, each with its article."""
        return self._reader.passages(ids)

    def vectors(self, ids: Sequence[int]) -> Vectors:
        """`(n, dim)` float32: the vectors of passages, in the order given."""
        return self._reader.vectors(ids)

    def article(self, article_id: str) -> Article | None:
        """The article of an id, or None."""
        return self._reader.article(article_id)

    def newest(self, offset: int, limit: int, chosen: Filter) -> list[Reference]:
        """Articles that the filter allows, the latest published first, those without a date last.

        From the `offset`-th on, `limit` at most; of the others nothing is read.
        """
        return self._reader.references(self._snapshot.newest(offset, limit, chosen).tolist())

    def corrected(self, article_id: str) -> datetime | None:
        """When the title or the text of an article was changed last, None where it never was."""
        return self._reader.record.corrected([article_id]).get(article_id)

    def copies_of(self, article_ids: Sequence[str], chosen: Filter) -> dict[str, tuple[str, ...]]:
        """The other articles that print each article's story, in order of publication, then id.

        Only what the filter allows is counted, and only through it are copies of copies
        reached: what was published later brings no two earlier articles together.  Articles
        without a date come last.  Ids that aren't there, or aren't allowed, have none.
        """
        columns, allowed = self._snapshot.columns, self._snapshot.articles_allowed(chosen)
        keys = self._reader.keys(article_ids)
        rows = {i: int(np.searchsorted(columns.keys, key)) for i, key in keys.items()}
        groups = columns.pairs.groups(rows.values(), allowed)
        named = self._reader.ids(columns.keys[sorted(set().union(*groups.values()))].tolist())

        def order(row: int) -> tuple[bool, int, str]:
            instant = int(columns.published[row])
            return instant == UNDATED, instant, named[int(columns.keys[row])]

        ordered = {
            group: tuple((row, named[int(columns.keys[row])]) for row in sorted(group, key=order))
            for group in set(groups.values())
        }
        return {
            i: tuple(other for row, other in ordered[groups[rows[i]]] if row != rows[i])
            if i in rows
            else ()
            for i in article_ids
        }

    def sources(self, latest: datetime | None = None) -> tuple[str, ...]:
        """The outlets by name, sorted: those that had published by an instant, if one is given."""
        columns = self._snapshot.columns
        codes = np.unique(columns.source[self._snapshot.articles_allowed(Filter(as_of=latest))])
        return tuple(sorted(columns.sources[code] for code in codes if code >= 0))

    def ages(self, ids: Sequence[int], now: datetime | None) -> npt.NDArray[np.float64]:
        """`(n,)`: days since the articles of passages were published, in the order given.

        NaN where that, or `now`, is not known.
        """
        columns, instant = self._snapshot.columns, to_instant(now)
        rows = np.searchsorted(columns.ids, np.asarray(ids, dtype=np.int64))
        published = columns.published[columns.article[rows]]
        if instant is None:
            return np.full(len(published), np.nan)
        return np.where(published == UNDATED, np.nan, (instant - published) / MICROSECONDS_A_DAY)

    def words(self, latest: datetime | None = None) -> Words:
        """The vocabulary as of an instant: of the passages published by then, if one is given."""
        return Words(frequencies=self._snapshot.frequencies, latest=to_instant(latest))

    def rarity(self, term: str) -> float:
        """Inverse document frequency of a term, natural log: 0 for one in every passage."""
        return self.words().rarity(term)

    @staticmethod
    def terms(text: str) -> list[str]:
        """The terms of a text as the lexical search knows them, in order."""
        return terms(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The vocabulary of an archive as of an instant; good beyond the view that it came from."""

    frequencies: Frequencies
    latest: int | None

    @staticmethod
    def terms(text: str) -> list[str]:
        """The terms of a text as the lexical search knows them, in order."""
        return terms(text)

    def rarity(self, term: str) -> float:
        """Inverse document frequency of a term, natural log: 0 for one in every passage."""
        return self.frequencies.rarity(term, self.latest)
