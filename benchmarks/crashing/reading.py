"""Readers beside a writer: each sees one committed state, and never an earlier one again."""

from __future__ import annotations

import os
import struct
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from newsqa.chunking import context, encoder_input, passages
from newsqa.config import Settings
from newsqa.embedding import HashingEncoder
from newsqa.errors import ArchiveError, IndexNotFound
from newsqa.indexing import Entry, Filter, Index, View, Writer, vector_key
from newsqa.types import Article

from .looking import loaded
from .model import COMMON, version_of

_ALL = 100_000
_REOPENED = 100
"""Looks after which a reader opens the index anew."""
_COMPACTED = 40
"""Versions after which the writer compacts."""


def follow(path: Path, log: Any, *, encoder: HashingEncoder) -> None:
    """Write down the articles that each view shows, until killed; an error ends it."""
    vector = encoder.encode([COMMON])[0]
    (term,) = View.terms(COMMON)
    while True:
        try:
            index = Index.open(path)
            break
        except IndexNotFound:
            time.sleep(0.005)
    log.write(opened=True)
    last: Any = None
    while True:
        with index.view() as view:
            seen = versions(view, view.lexical({term: 1.0}, _ALL, Filter()))
            near = versions(view, view.dense(vector, _ALL, Filter()))
        if not near.items() <= seen.items():
            log.write(torn=sorted(near.items() - seen.items()))
        if seen != last:
            log.write(seen=seen)
            last = seen
        log.write(view=True)
        time.sleep(0.005)


def versions(view: View, found: Any) -> dict[str, int]:
    """Of the articles of what was found: which version each is."""
    rows = view.passages([scored.id for scored in found])
    if len(rows) != len(found):
        raise AssertionError(f"{len(found) - len(rows)} passages of {len(found)} are not there")
    articles = {article.id: article for _, article in rows.values()}
    return {i: version_of(article.text) for i, article in articles.items()}


def articles_of(version: int) -> list[str]:
    """The ids that there are in a version: sometimes more, sometimes fewer."""
    return [f"a{n}" for n in range(40 + 7 * (version % 5))]


class Shared:
    """Two numbers in a file: the version that was committed last, and that being committed."""

    def __init__(self, path: str):
        self._file = os.open(path, os.O_RDWR | os.O_CREAT)

    def say(self, *, committed: int, intended: int) -> None:
        """Both at once."""
        os.pwrite(self._file, struct.pack("<qq", committed, intended), 0)

    def told(self) -> tuple[int, int]:
        """Committed, intended."""
        committed, intended = struct.unpack("<qq", os.pread(self._file, 16, 0))
        return committed, intended


def write_versions(
    told: dict[str, Any], *, encoder: HashingEncoder, log: Any, settings: Settings
) -> None:
    """Put all articles into their next version, all in one commit, again and again."""
    shared, version, busy = Shared(told["shared"]), 0, 0
    index = Index.create(
        told["index"],
        encoder=encoder.name,
        fingerprint=encoder.fingerprint,
        dimension=encoder.dimension,
    )
    while time.time() < told["until"]:
        version += 1
        shared.say(committed=version - 1, intended=version)
        with index.writing() as writer:
            commit_version(writer, version, encoder=encoder, settings=settings)
            # Whoever looks from now on sees it, whatever the writer is still about.
            shared.say(committed=version, intended=version)
        if version == 1:
            log.write(begun=True)
        if version % _COMPACTED == 0:
            try:
                index.compact()
            except ArchiveError as error:
                if "run this again" not in str(error):
                    raise
                busy += 1
    log.write(versions=version, compactions=version // _COMPACTED, in_the_way=busy)
    index.close()


def commit_version(
    writer: Writer, version: int, *, encoder: HashingEncoder, settings: Settings
) -> None:
    """All articles of a version, and none of those that it has not."""
    count, window = encoder.count_tokens, encoder.max_tokens
    entries, texts = [], {}
    for article_id in articles_of(version):
        article = loaded(article_id, version)
        around = context(article, count, window=window)
        cut = []
        for passage in passages(article, count, limits=settings.chunking, window=window):
            text = encoder_input(around, passage)
            texts[vector_key(text)] = text
            cut.append((passage, vector_key(text)))
        entries.append(Entry(article=article, passages=cut))
    vectors = dict(zip(texts, encoder.encode(list(texts.values())), strict=True))
    gone = sorted(set(articles_of(version - 1)) - set(articles_of(version)))
    writer.commit(entries, vectors=vectors, removed=gone, removal="removed")


def read_versions(told: dict[str, Any], *, encoder: HashingEncoder, log: Any) -> None:
    """Look again and again: each time at one whole version, committed, and none before it."""
    shared = Shared(told["shared"])
    index, last, opened = Index.open(told["index"]), 0, 1
    took: list[float] = []
    seen: set[int] = set()
    while time.time() < told["until"] or not took:
        if len(took) % _REOPENED == _REOPENED - 1:
            index.close()
            index = Index.open(told["index"])
            opened += 1
        least = max(last, shared.told()[0])
        last, seconds = look_at_version(index, encoder)
        took.append(seconds)
        if not least <= last <= shared.told()[1]:
            raise AssertionError(f"saw version {last} after {least}, before {shared.told()[1]}")
        seen.add(last)
    index.close()
    log.write(looks=len(took), opened=opened, versions=len(seen), seconds=sorted(took)[::10])


_MIDDLE = datetime(2024, 7, 1, tzinfo=UTC)


def look_at_version(index: Index, encoder: HashingEncoder) -> tuple[int, float]:
    """Everything that an index shows, which must all be of one version.

    Returns that, and the seconds that three searches and reading what they found took.
    """
    (term,) = View.terms(COMMON)
    vector = encoder.encode([COMMON])[0]
    started = time.perf_counter()
    with index.view() as view:
        words = view.lexical({term: 1.0}, _ALL, Filter())
        found = versions(view, words)
        near = versions(view, view.dense(vector, _ALL, Filter()))
        before = versions(view, view.lexical({term: 1.0}, _ALL, Filter(as_of=_MIDDLE)))
        texts = {a.id: a for _, a in view.passages([s.id for s in words]).values()}
        covered = view.coverage(Filter()).articles
    seconds = time.perf_counter() - started
    (version,) = set(found.values())
    expected = {i: loaded(i, version) for i in articles_of(version)}
    assert found.keys() == expected.keys(), f"of version {version} it has {sorted(found)}"
    assert near.items() <= found.items(), "the two searches are of two versions"
    assert near, "nothing is near"
    assert all(_shown(texts[i]) == _shown(of) for i, of in expected.items()), "a text is torn"
    by_then = {i for i, a in expected.items() if a.published and a.published <= _MIDDLE}
    assert before.keys() == by_then, "what was published by then is another set"
    assert covered == len(expected), f"{covered} articles are covered of {len(expected)}"
    return version, seconds


def _shown(article: Article) -> tuple[object, ...]:
    return article.title, article.text, article.published, article.source
