"""Articles → a changed index: the half of the pipeline that writes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from newsqa.articles import load
from newsqa.chunking import context, encoder_input, passages
from newsqa.config import Settings
from newsqa.embedding import Encoder
from newsqa.indexing import Index, Writer, vector_key
from newsqa.types import Article, BuildReport, Passage, Progress, Skip

Source = str | Path | Mapping[str, object] | Article
"""A file, a folder, an http(s) address, a row of fields, or a ready article."""
OnProgress = Callable[[Progress], None]
Fresh = tuple[Article, list[tuple[Passage, str]]]
"""An article that is new or changed, with its passages and what the encoder reads for each."""

COMMIT_PASSAGES = 512
"""About how many passages one commit holds: what an interruption can cost."""
ROUND_ARTICLES = 10_000
ROUND_CHARS = 100_000_000
"""How much is held in memory at a time."""


def add_articles(
    index: Index,
    paths: Source | Iterable[Source],
    *,
    encoder: Encoder,
    settings: Settings,
    progress: OnProgress | None = None,
    now: datetime | None = None,
) -> BuildReport:
    """Bring an index up to date with articles, committing as it goes.  Raises IndexBusy."""
    started = time.perf_counter()
    work = _Addition(encoder, settings, progress or _ignore)
    loaded = load(_listed(paths), limits=settings.loading, now=now or datetime.now(UTC))
    with index.writing() as writer:
        for articles in work.rounds(loaded):
            work.take_in(writer, articles)
    return work.report(time.perf_counter() - started)


def remove_articles(index: Index, article_ids: str | Iterable[str]) -> BuildReport:
    """Withdraw articles in one commit; ids that aren't there are skipped.  Raises IndexBusy."""
    started = time.perf_counter()
    wanted = [article_ids] if isinstance(article_ids, str) else list(dict.fromkeys(article_ids))
    with index.writing() as writer:
        present = writer.content_hashes(wanted)
        removed = tuple(i for i in wanted if i in present)
        if removed:
            writer.commit(removed=removed)
    return BuildReport(
        removed=removed,
        skipped=tuple(
            Skip(origin=i, reason="there is no article with this id")
            for i in wanted
            if i not in present
        ),
        seconds=time.perf_counter() - started,
    )


class _Addition:
    """One run of adding: what became of each article, in rounds that fit in memory."""

    def __init__(self, encoder: Encoder, settings: Settings, progress: OnProgress):
        self._encoder = encoder
        self._settings = settings
        self._progress = progress
        self._outcome: dict[str, list[str]] = {"added": [], "updated": [], "unchanged": []}
        self._skipped: list[Skip] = []
        self._passages = 0
        self._embedded = 0
        self._read = 0

    def rounds(self, loaded: Iterable[Article | Skip]) -> Iterator[list[Article]]:
        """Articles, as many at a time as are held in memory; skips are put aside."""
        articles: list[Article] = []
        chars = 0
        for item in loaded:
            if isinstance(item, Skip):
                self._skipped.append(item)
                continue
            articles.append(item)
            chars += len(item.text)
            self._read += 1
            if self._read % 50 == 0:
                self._progress(Progress(step="read", done=self._read))
            if len(articles) >= ROUND_ARTICLES or chars >= ROUND_CHARS:
                yield articles
                articles, chars = [], 0
        self._progress(Progress(step="read", done=self._read))
        if articles:
            yield articles

    def take_in(self, writer: Writer, articles: list[Article]) -> None:
        """Chunk, embed and commit what is new or changed."""
        known = writer.content_hashes([article.id for article in articles])
        fresh: list[Fresh] = []
        for article in articles:
            if known.get(article.id) == article.content_hash:
                self._outcome["unchanged"].append(article.id)
                continue
            cut = self._cut(article)
            if not cut:
                self._skipped.append(
                    Skip(origin=article.origin or article.id, reason="no text to read")
                )
                continue
            fresh.append((article, cut))
        total = sum(len(cut) for _, cut in fresh)
        done = 0
        self._progress(Progress(step="embed", done=0, total=total))

        def advance(count: int) -> None:
            nonlocal done
            done += count
            self._progress(Progress(step="embed", done=done, total=total))

        for group in _groups(fresh):
            self._commit(writer, group, advance)
            for article, _ in group:
                self._outcome["updated" if article.id in known else "added"].append(article.id)

    def _cut(self, article: Article) -> list[tuple[Passage, str]]:
        """Passages, each with what the encoder reads for it."""
        count, window = self._encoder.count_tokens, self._encoder.max_tokens
        around = context(article, count, window=window)
        cut = passages(article, count, limits=self._settings.chunking, window=window)
        return [(passage, encoder_input(around, passage)) for passage in cut]

    def _commit(self, writer: Writer, group: list[Fresh], advance: Callable[[int], None]) -> None:
        texts = {vector_key(text): text for _, cut in group for _, text in cut}
        stored = writer.known_vectors(list(texts))
        missing = [key for key in texts if key not in stored]
        count = sum(len(cut) for _, cut in group)
        advance(count - len(missing))
        vectors = self._encoder.encode([texts[key] for key in missing], progress=advance)
        entries = [
            (article, [(passage, vector_key(text)) for passage, text in cut])
            for article, cut in group
        ]
        writer.commit(entries, vectors=dict(zip(missing, vectors, strict=True)))
        self._passages += count
        self._embedded += len(missing)

    def report(self, seconds: float) -> BuildReport:
        """What became of everything that was given."""
        return BuildReport(
            added=tuple(self._outcome["added"]),
            updated=tuple(self._outcome["updated"]),
            unchanged=tuple(self._outcome["unchanged"]),
            skipped=tuple(self._skipped),
            passages=self._passages,
            embedded=self._embedded,
            seconds=seconds,
        )


def _groups(fresh: list[Fresh]) -> Iterator[list[Fresh]]:
    """Whole articles, of about as many passages as one commit holds."""
    group: list[Fresh] = []
    for entry in fresh:
        group.append(entry)
        if sum(len(cut) for _, cut in group) >= COMMIT_PASSAGES:
            yield group
            group = []
    if group:
        yield group


def _listed(paths: Source | Iterable[Source]) -> Iterable[Source]:
    single = isinstance(paths, str | Path | Mapping | Article)
    return [paths] if single else paths  # type: ignore[list-item,return-value]


def _ignore(_: Progress) -> None:
    pass
