"""Does an index hold what it says?  The truth against itself, and the derived against it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from newsqa.articles.copies import shingles, signature
from newsqa.indexing import lexicon as lexical
from newsqa.indexing.columns import Columns
from newsqa.indexing.derived import BASE, RECENT
from newsqa.indexing.integrity import off, problems_of, problems_of_passage
from newsqa.indexing.reading import Reader
from newsqa.indexing.records import batches
from newsqa.indexing.snapshot import Snapshot
from newsqa.indexing.store import Identity
from newsqa.indexing.vectors import Damaged, VectorIndex
from newsqa.types import Article, CheckReport, Passage


def check_index(
    store: Reader, snapshot: Snapshot, path: Path, *, identity: Identity
) -> CheckReport:
    """Everything that can be compared, compared; reads the whole index once."""
    columns = snapshot.columns
    problems = [f"the store: {problem}" for problem in store.integrity()]
    articles = 0
    for article in store.articles():
        articles += 1
        problems += _problems_of(article, store.passages_of(article))
        bands = store.bands_of(article)
        if bands is not None and bands != set(signature(shingles(article.text))):
            problems.append(f"article {article.id} has not the keys that its copies are found by")
    problems += [
        f"the store: {count} rows of {table} are of articles that are not there"
        for table, count in store.strays().items()
    ]
    for batch in batches(columns.ids):
        matrix = store.vectors_as_they_are(batch)
        wrong = int(off(matrix).sum())
        if wrong:
            problems.append(f"the store: {wrong} vectors are not of length 1")
        row = int(np.random.default_rng(batch[0] % 2**32).integers(len(batch)))
        found = snapshot.vectors.search(
            matrix[row], 1, allowed=None, read=store.vectors_as_they_are
        )
        if len(found.scores) == 0 or found.scores[0] < 0.999:
            problems.append(f"the vectors: passage {batch[row]} is not found by its own vector")
    problems += _problems_of_lexicon(snapshot)
    problems += _problems_of_files(path, identity, columns)
    return CheckReport(articles=articles, passages=len(columns.ids), problems=tuple(problems))


def broken_articles(store: Reader) -> list[str]:
    """Ids of the articles that are not what was added, or whose passages or vectors are not."""
    broken = []
    for article in store.articles():
        passages = store.passages_of(article)
        problems = next(_problems_of(article, passages), None)
        if problems or not store.has_sound_vectors([p.id for p in passages]):
            broken.append(article.id)
    return broken


def _problems_of(article: Article, passages: list[Passage]) -> Iterator[str]:
    if article.text.strip() and not passages:
        yield f"article {article.id} has text but no passages"
    yield from problems_of(article)
    for passage in passages:
        yield from problems_of_passage(passage, article)
        inside = 0 <= passage.start < passage.end <= len(article.text)
        ordered = all(
            passage.start <= span.start < span.end <= passage.end for span in passage.sentences
        )
        if not inside or not ordered or not passage.sentences:
            yield (
                f"article {article.id}: passage {passage.id} at [{passage.start}, {passage.end}) "
                f"of {len(article.text)} characters is not where it says"
            )


def _problems_of_lexicon(snapshot: Snapshot) -> Iterator[str]:
    # What it holds beyond the live passages is no problem: a writer may be about to take it out.
    try:
        missing = int((~np.isin(snapshot.columns.ids, snapshot.lexicon.ids())).sum())
    except lexical.Damaged as damage:
        yield f"the lexicon: {damage}"
        return
    if missing:
        yield f"the lexicon lacks {missing} passages"


def _problems_of_files(path: Path, identity: Identity, columns: Columns) -> Iterator[str]:
    held, newest = [], -1
    for name in (BASE, RECENT):
        if name == RECENT and not (path / name).exists():
            continue
        try:
            file = VectorIndex.load(path / name, uid=identity.uid, dimension=identity.dimension)
            held.append(file.ids)
            newest = max(newest, file.generation)
        except Damaged as damage:
            yield f"{name}: {damage}"
            return
    # Files of another generation are brought up when they are next read: no problem.
    if newest == columns.generation and not np.isin(columns.ids, np.concatenate(held)).all():
        yield "the files of vectors lack passages that the store has"
