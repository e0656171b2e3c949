"""What was found and read for the questions of a quiz: what weights are fitted to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from newsqa.config import CHOICE_LIMIT, Retrieval
from newsqa.embedding import load_encoder
from newsqa.evaluation import holds
from newsqa.indexing import Index
from newsqa.indexing.snapshot import Words
from newsqa.pipeline import OF_EACH_CHOICE
from newsqa.retrieval import filter_of, search, understand
from newsqa.synthesis import comparing, pooling, reordering
from newsqa.synthesis.reading import Reader, Reading
from newsqa.types import Hit, Query

DEEP = 60
READ = CHOICE_LIMIT
"""Passages that `choose` reads, and the most that an answer may use."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """A question with what was found and read for it."""

    row: dict[str, Any]
    query: Query
    vector: Any
    hits: tuple[Hit, ...]
    readings: tuple[Reading, ...]
    words: Any
    answerable: bool
    """False where the passages with a gold string were taken away."""
    choice_hits: tuple[Hit, ...] = ()
    choice_readings: tuple[Reading, ...] = ()
    meaning: tuple[float, ...] = ()
    searched: tuple[int, ...] = ()
    """The hits' ranks by the search, once reading has put them in order."""
    reader: Reader | None = None
    """What reads the sentences with its likeliest answers beside each other; it is not kept."""

    @property
    def read(self) -> list[reordering.ReadHit]:
        """The hits as they were read."""
        return [
            reordering.ReadHit(hit=hit, reading=reading, searched=rank)
            for hit, reading, rank in zip(
                self.hits,
                self.readings,
                self.searched or [hit.rank for hit in self.hits],
                strict=True,
            )
        ]

    def answers(self) -> list[pooling.Pooled]:
        """The exact answers, by the weights as they are now."""
        scored = [
            replace(answer, score=pooling.RIGHT.log_odds(answer.features)) for answer in self._found
        ]
        return sorted(scored, key=lambda answer: -answer.score)

    def __getstate__(self) -> dict[str, Any]:
        """What was found in it is found anew: the code may be another by then."""
        kept = {name: value for name, value in vars(self).items() if name != "_found"}
        return {**kept, "reader": None}

    @cached_property
    def _found(self) -> list[pooling.Pooled]:
        """The same by any weights: what they weigh does not depend on them."""
        asked, reader = self.query.text, self.reader
        return pooling.pool(
            asked,
            self.hits,
            self.readings,
            self.words,
            searched=self.searched or None,
            read_again=None if reader is None else comparing.reading_again(asked, reader),
            timely=pooling.is_timely(self.query),
        )

    def first(self, count: int) -> Case:
        """With the first passages alone."""
        return replace(
            self,
            hits=self.hits[:count],
            readings=self.readings[:count],
            searched=self.searched[:count],
        )


def told_once(own: Case, without: Case) -> Case | None:
    """A question asked where one passage alone has a gold string: the first that the search finds.

    None where it finds none, or no more than one anyway.  `without` is the same question where no
    passage has one; both have as many hits.
    """
    gold = own.row["gold"]
    held = [n for n, hit in enumerate(own.hits) if holds(hit.passage.text, gold)]
    if len(held) < 2:
        return None
    at, count = held[0], len(own.hits)
    hits, readings = list(without.hits), list(without.readings)
    hits.insert(at, own.hits[at])
    readings.insert(at, own.readings[at])
    return replace(
        own,
        hits=tuple(replace(hit, rank=rank) for rank, hit in enumerate(hits[:count], start=1)),
        readings=tuple(readings[:count]),
        choice_hits=(),
        choice_readings=(),
        meaning=(),
    )


class KnownWords:
    """The rarity of a question's words, kept: the index's own vocabulary can't be."""

    def __init__(self, words: Any, row: dict[str, Any]):
        known = {term for text in (row["question"], *row["choices"]) for term in words.terms(text)}
        self._rarity = {term: words.rarity(term) for term in known}

    def terms(self, text: str) -> list[str]:
        """The terms of a text, in order."""
        return Words.terms(text)

    def rarity(self, term: str) -> float:
        """A term's inverse document frequency."""
        return self._rarity[term]


class Collector:
    """Asks an index and reads, each passage once for every question."""

    def __init__(self, index: Path, reader: Reader):
        self.index, self.encoder, self.reader = Index.open(index), load_encoder(), reader

    def both(self, row: dict[str, Any], *, as_of: str | None) -> tuple[Case, Case]:
        """A question as it is, its choices looked up too; and where no passage has a gold string.

        Such passages are taken away from what the search finds: then nothing answers it, as nothing
        does where the row has no gold string.
        """
        query = understand(row["question"], as_of=as_of)
        vector = self.encoder.encode([query.text])[0]
        with self.index.view() as view:
            hits = search(query, view, vector, k=DEEP, settings=Retrieval())
            words = KnownWords(view.words(filter_of(query).latest), row)
        left = [hit for hit in hits if not holds(hit.passage.text, row["gold"])][:READ]
        left = [replace(hit, rank=rank) for rank, hit in enumerate(left, start=1)]
        more, meaning = self._of_choices(row, query, known=hits[:READ])
        read = self._read(row, (*hits[:READ], *left, *more))
        asked = partial(Case, row=row, query=query, vector=vector, words=words)
        return asked(
            hits=hits[:READ],
            readings=tuple(read[hit.passage.id] for hit in hits[:READ]),
            answerable=bool(row["gold"]),
            choice_hits=more,
            choice_readings=tuple(read[hit.passage.id] for hit in more),
            meaning=meaning,
        ), asked(
            hits=tuple(left),
            readings=tuple(read[hit.passage.id] for hit in left),
            answerable=False,
        )

    def _of_choices(
        self, row: dict[str, Any], query: Query, *, known: Sequence[Hit]
    ) -> tuple[tuple[Hit, ...], tuple[float, ...]]:
        """What is found for each choice beyond what is known, and how near its nearest passage."""
        if not row["choices"]:
            return (), ()
        supposed = [replace(query, text=f"{query.text} {choice}") for choice in row["choices"]]
        vectors = self.encoder.encode([each.text for each in supposed])
        ids = {hit.passage.id for hit in known}
        extra: dict[int, Hit] = {}
        meaning = []
        with self.index.view() as view:
            for each, own in zip(supposed, vectors, strict=True):
                for hit in search(each, view, own, k=OF_EACH_CHOICE, settings=Retrieval()):
                    if hit.passage.id not in ids:
                        extra.setdefault(hit.passage.id, hit)
                nearest = view.dense(own, 1, filter_of(query))
                meaning.append(nearest[0].score if nearest else 0.0)
        return tuple(extra.values()), tuple(meaning)

    def _read(self, row: dict[str, Any], hits: Sequence[Hit]) -> dict[int, Reading]:
        """By passage."""
        each = {hit.passage.id: hit for hit in hits}
        texts = [(hit.article.title or "", hit.passage.text) for hit in each.values()]
        return dict(zip(each, self.reader.read(row["question"], texts), strict=True))


def in_order(case: Case) -> Case:
    """With its passages in the order that reading gives them."""
    read = reordering.reordered(case.hits, case.readings)
    return replace(
        case,
        hits=tuple(each.hit for each in read),
        readings=tuple(each.reading for each in read),
        searched=tuple(each.searched for each in read),
    )
