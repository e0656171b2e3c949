"""Does an index hold what it says?  The truth against itself, and the derived against it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from newsqa.articles.copies import shingles, signature
from newsqa.articles.identity import content_hash
from newsqa.chunking import passage_id
from newsqa.indexing.columns import Columns
from newsqa.indexing.derived import BASE, RECENT
from newsqa.indexing.reading import Reader
from newsqa.indexing.records import batches
from newsqa.indexing.snapshot import Snapshot
from newsqa.indexing.store import Identity
from newsqa.indexing.vectors import Damaged, VectorIndex
from newsqa.types import Article, CheckReport, Passage

DAMAGED = "damaged"
"""Stands for the content hash of an article that was found damaged, so that it is taken in anew
when it is added again."""
_DIGEST = re.compile(r"[0-9a-f]{32}")
"""What `content_hash` gives.  An article that was put in by hand may have any other mark for
its content: that can't be verified, which is no problem."""


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
        matrix = store.vectors(batch)
        norms = np.linalg.norm(matrix, axis=1)
        wrong = int((~np.isclose(norms, 1.0, atol=1e-3)).sum())
        if wrong:
            problems.append(f"the store: {wrong} vectors are not of length 1")
        row = int(np.random.default_rng(batch[0] % 2**32).integers(len(batch)))
        found = snapshot.vectors.search(matrix[row], 1, allowed=None, read=store.vectors)
        if len(found.scores) == 0 or found.scores[0] < 0.999:
            problems.append(f"the vectors: passage {batch[row]} is not found by its own vector")
    problems += _problems_of_lexicon(snapshot)
    problems += _problems_of_files(path, identity, columns)
    return CheckReport(articles=articles, passages=len(columns.ids), problems=tuple(problems))


def is_damaged(article: Article) -> bool:
    """Whether an article is not what was added."""
    known = _DIGEST.fullmatch(article.content_hash) is not None
    return article.content_hash == DAMAGED or (known and article.content_hash != _hash_of(article))


def _problems_of(article: Article, passages: list[Passage]) -> Iterator[str]:
    if article.text.strip() and not passages:
        yield f"article {article.id} has text but no passages"
    if article.content_hash == DAMAGED:
        yield f"article {article.id} is not what was added; add it again from where it came from"
    elif _DIGEST.fullmatch(article.content_hash) and article.content_hash != _hash_of(article):
        yield (
            f"article {article.id} is not what was added: its content is {_hash_of(article)}, "
            f"was {article.content_hash}; add it again from where it came from"
        )
    for passage in passages:
        expected = passage_id(article, passage.start, passage.end)
        if passage.id != expected:
            yield (
                f"article {article.id}: the passage at [{passage.start}, {passage.end}) has the "
                f"id {passage.id}, expected {expected}"
            )
        inside = 0 <= passage.start < passage.end <= len(article.text)
        ordered = all(
            passage.start <= span.start < span.end <= passage.end for span in passage.sentences
        )
        if not inside or not ordered or not passage.sentences:
            yield (
                f"article {article.id}: passage {passage.id} at [{passage.start}, {passage.end}) "
                f"of {len(article.text)} characters is not where it says"
            )


def _hash_of(article: Article) -> str:
    return content_hash(
        title=article.title,
        text=article.text,
        url=article.url,
        source=article.source,
        authors=article.authors,
        published=article.published,
        language=article.language,
    )


def _problems_of_lexicon(snapshot: Snapshot) -> Iterator[str]:
    # What it holds beyond the live passages is no problem: a writer may be about to take it out.
    missing = int((~np.isin(snapshot.columns.ids, snapshot.lexicon.ids())).sum())
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
