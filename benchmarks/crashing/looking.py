"""Is an index what was committed, found as it should be, and is nothing left over?

Runs in a process of its own, which may be broken by what it looks at.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from newsqa.articles import load_with_places
from newsqa.articles.copies import alike, shingles, signature
from newsqa.chunking import context, encoder_input, passages
from newsqa.config import Settings
from newsqa.embedding import HashingEncoder
from newsqa.indexing import Filter, Index, View
from newsqa.indexing.reading import Reader
from newsqa.types import Article

from .model import COMMON, own_word, row, story, version_of

State = dict[str, Any]
"""`Model.as_json`."""
_ALL = 100_000
_MOMENTS = [datetime(2024, month, 15, tzinfo=UTC) for month in (3, 6, 10)]
_FILES = {"newsqa.db", "vectors.faiss", "recent.faiss", "lexical", "write.lock", "merge.lock"}
_OF_LEXICON = {"meta.json", ".managed.json", ".tantivy-writer.lock", ".tantivy-meta.lock"}


def examine(
    path: Path,
    states: Sequence[State],
    *,
    dead: Sequence[tuple[str, int]],
    dimension: int,
    settings: Settings,
) -> dict[str, Any]:
    """Which of some states is there, and all that is wrong with how it is there.

    `dead` are articles in versions that may be in none of them.  Looks at what a process finds
    that opens it ("named" is what its own check says), then lets a writer come and go and looks at
    the files.
    """
    expected = Expected(dimension, settings)
    index = Index.open(path)
    try:
        state, problems = _state_of(index, states)
        named = index.check().problems
        problems += named
        if state is not None:
            with index.view() as view:
                problems += expected.problems(view, states[state], dead)
        info = index.info()
        with index.writing():
            pass
    finally:
        index.close()
    problems += leftovers(path)
    again = Index.open(path)
    try:
        problems += [f"after a writer: {each}" for each in again.check().problems]
        if _state_of(again, states)[0] != state:
            problems.append("after a writer it is in another state")
        if state is not None:
            with again.view() as view:
                problems += expected.pairs(view, states[state])
    finally:
        again.close()
    problems += leftovers(path)
    return {
        "state": state,
        "problems": problems,
        "named": named,
        "kind": info.kind,
        "articles": info.articles,
        "passages": info.passages,
    }


def _state_of(index: Index, states: Sequence[State]) -> tuple[int | None, list[str]]:
    # One by one, as they are shown: which refuses what is not what was added.
    articles = {a.id: shown for a in index.articles() if (shown := index.article(a.id))}
    ids = sorted({i for state in states for i in (*state["articles"], *state["history"])})
    with index._store.snapshot() as reader:
        history: dict[str, list[str]] = {i: [c.kind for c in reader.record.history(i)] for i in ids}
        withdrawn = set(reader.record.withdrawn(ids))
    differences = []
    for number, state in enumerate(states):
        found = list(_differences(articles, history, withdrawn, state))
        if not found:
            return number, []
        differences.append(f"it is not state {number} of {len(states)}: {'; '.join(found[:5])}")
    return None, differences


def _differences(
    articles: dict[str, Article],
    history: dict[str, list[str]],
    withdrawn: set[str],
    state: State,
) -> Iterable[str]:
    for gone in sorted(set(state["articles"]) - set(articles)):
        yield f"{gone} is missing"
    for article_id, article in articles.items():
        version = state["articles"].get(article_id)
        if version is None:
            yield f"{article_id} should not be there"
        elif content(article) != content(loaded(article_id, version)):
            yield f"{article_id} is version {version_of(article.text)}, expected {version}"
    for article_id, kinds in history.items():
        if kinds != list(state["history"].get(article_id, ())):
            yield f"of {article_id} it knows {kinds}, not {state['history'].get(article_id)}"
        if (article_id in withdrawn) != (kinds[-1:] == ["withdrawn"]):
            yield f"{article_id} is withdrawn and is not"


def content(article: Article) -> tuple[object, ...]:
    """What of an article is compared."""
    return article.title, article.text, article.source, article.published, article.content_hash


@cache
def loaded(article_id: str, version: int) -> Article:
    """An article as it should be stored."""
    (found,) = load_with_places([row(article_id, version)])
    assert isinstance(found.item, Article)
    return found.item


class Expected:
    """What searches should find in a state."""

    def __init__(self, dimension: int, settings: Settings):
        self._encoder = HashingEncoder(dimension)
        self._limits = settings.chunking

    def passages(self, article_id: str, version: int) -> dict[int, str]:
        """By id, what the encoder reads for each."""
        article = loaded(article_id, version)
        count, window = self._encoder.count_tokens, self._encoder.max_tokens
        around = context(article, count, window=window)
        cut = passages(article, count, limits=self._limits, window=window)
        return {passage.id: encoder_input(around, passage) for passage in cut}

    def problems(self, view: View, state: State, dead: Sequence[tuple[str, int]]) -> Iterable[str]:
        """What is not found, and what is found that should not be."""
        texts: dict[int, str] = {}
        of: dict[int, Article] = {}
        for article_id, version in state["articles"].items():
            own = self.passages(article_id, version)
            texts |= own
            of |= dict.fromkeys(own, loaded(article_id, version))
        ids = list(texts)
        vectors = self._encoder.encode([texts[i] for i in ids])
        if ids and not np.allclose(view.vectors(ids), vectors, atol=1e-6):
            yield "vectors are not those of the texts"
        yield from _found_by_vectors(view, ids, vectors)
        yield from _found_by_words(view, state, set(ids), dead)
        for chosen in (
            *(Filter(as_of=moment) for moment in _MOMENTS),
            Filter(since=_MOMENTS[0], until=_MOMENTS[1], sources=("courier", "Harbour Post")),
        ):
            yield from self._under(view, chosen, of)

    def _under(self, view: View, chosen: Filter, of: dict[int, Article]) -> Iterable[str]:
        allowed = {i for i, article in of.items() if _allows(chosen, article)}
        words = {s.id for s in view.lexical({_term(COMMON): 1.0}, _ALL, chosen)}
        if words != allowed:
            yield f"by words under {chosen}: {len(words - allowed)} too many, " + (
                f"{len(allowed - words)} missing"
            )
        near = {s.id for s in view.dense(self._encoder.encode([COMMON])[0], _ALL, chosen)}
        if not near <= allowed or (allowed and not near):
            yield f"by vectors under {chosen}: {len(near - allowed)} of {len(near)} too many"
        for passage, article in view.passages(sorted(words | near)).values():
            if article.text[passage.start : passage.end] != passage.text:
                yield f"passage {passage.id} is not where it says"

    def pairs(self, view: View, state: State) -> Iterable[str]:
        """Which copies of stories are known, as if all had been compared with all."""
        printing = {
            loaded(i, version).id: shingles(loaded(i, version).text)
            for i, version in state["articles"].items()
            if story(i) is not None
        }
        keys = {i: set(signature(of)) for i, of in printing.items()}
        expected = {
            frozenset(two)
            for two in combinations(printing, 2)
            if keys[two[0]] & keys[two[1]] and alike(printing[two[0]], printing[two[1]])
        }
        found = _pairs(view._reader)
        if found is not None and found != expected:
            yield f"of copies {found - expected} too many, {expected - found} missing"


def _pairs(reader: Reader) -> set[frozenset[str]] | None:
    columns = reader.columns()
    if reader._format() < 2:
        return None
    names = reader.ids(columns.keys.tolist())
    return {
        frozenset((names[int(columns.keys[a])], names[int(columns.keys[b])]))
        for a, b in zip(columns.pairs.article, columns.pairs.other, strict=True)
    }


def _found_by_vectors(view: View, ids: Sequence[int], vectors: Any) -> Iterable[str]:
    every = set(ids)
    for passage_id, vector in zip(ids, vectors, strict=True):
        best = view.dense(vector, 1, Filter())
        if not best or best[0].score < 0.999 or best[0].id != passage_id:
            yield f"passage {passage_id} is not found by its own vector"
    if ids:
        near = [s.id for s in view.dense(vectors[0], _ALL, Filter())]
        if not set(near) <= every or len(near) != len(set(near)):
            yield f"by vectors {len(set(near) - every)} passages too many are found"


def _found_by_words(
    view: View, state: State, ids: set[int], dead: Sequence[tuple[str, int]]
) -> Iterable[str]:
    words = [s.id for s in view.lexical({_term(COMMON): 1.0}, _ALL, Filter())]
    if sorted(words) != sorted(ids):
        yield f"by words {len(words)} passages are found of {len(ids)}"
    for article_id, version in state["articles"].items():
        found = view.lexical({_term(own_word(article_id, version)): 1.0}, 5, Filter())
        if [a.id for _, a in view.passages([s.id for s in found]).values()] != [article_id]:
            yield f"{article_id} is not found by its own word"
    for article_id, version in dead:
        if view.lexical({_term(own_word(article_id, version)): 1.0}, 5, Filter()):
            yield f"{article_id} in version {version} is found, though it is gone"


def _term(word: str) -> str:
    (term,) = View.terms(word)
    return term


def _allows(chosen: Filter, article: Article) -> bool:
    if chosen.sources and (article.source or "").casefold() not in {
        name.casefold() for name in chosen.sources
    }:
        return False
    if chosen.since is None and chosen.latest is None:
        return True
    if article.published is None:
        return False
    return (chosen.since is None or article.published >= chosen.since) and (
        chosen.latest is None or article.published <= chosen.latest
    )


def leftovers(path: Path) -> list[str]:
    """Files of an index that nobody has open which no state needs."""
    found = [f"left over: {file.name}" for file in path.iterdir() if file.name not in _FILES]
    words = path / "lexical"
    try:
        segments = json.loads((words / "meta.json").read_text())["segments"]
    except (OSError, ValueError, KeyError) as error:
        return [*found, f"the lexicon's list can't be read: {error!r}"]
    known = {segment["segment_id"].replace("-", "") for segment in segments}
    known |= {
        f"{segment['segment_id'].replace('-', '')}.{segment['deletes']['opstamp']}"
        for segment in segments
        if segment["deletes"]
    }
    return found + [
        f"left over: lexical/{file.name}"
        for file in words.iterdir()
        if file.name not in _OF_LEXICON and file.name.rpartition(".")[0] not in known
    ]
