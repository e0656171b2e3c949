"""Articles → a changed index: the half of the pipeline that writes."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from newsqa.articles import Loaded, Source, load_with_places, place_of
from newsqa.chunking import context, encoder_input, passages
from newsqa.config import Settings
from newsqa.embedding import Encoder
from newsqa.indexing import Entry, Index, Writer, vector_key
from newsqa.types import Article, BuildReport, Passage, Progress, Skip

OnProgress = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Fresh:
    """An article that is new or changed, its passages with what the encoder reads for each."""

    article: Article
    place: str
    cut: list[tuple[Passage, str]]


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
    prune: bool = False,
    restore: bool = False,
    progress: OnProgress | None = None,
    now: datetime | None = None,
) -> BuildReport:
    """Bring an index up to date with articles, committing as it goes.  Raises IndexBusy.

    `prune` removes, at the end, the articles that were read from a file under `paths` and are no
    longer there.  `restore` brings back articles that were withdrawn.
    """
    started = time.perf_counter()
    work = _Addition(encoder, settings, progress or _ignore, restore=restore)
    listed = list(_listed(paths)) if prune else _listed(paths)
    loaded = load_with_places(listed, limits=settings.loading, now=now or _clock())
    with index.writing(clock=_clock if now is None else lambda: now) as writer:
        for articles in work.rounds(loaded):
            work.take_in(writer, articles)
        places = [place for path in listed if (place := place_of(path))] if prune else []
        work.finish(writer, prune=places)
    return work.report(time.perf_counter() - started)


def remove_articles(
    index: Index, article_ids: str | Iterable[str], *, now: datetime | None = None
) -> BuildReport:
    """Withdraw articles in one commit; ids that aren't there are skipped.  Raises IndexBusy."""
    started = time.perf_counter()
    wanted = [article_ids] if isinstance(article_ids, str) else list(dict.fromkeys(article_ids))
    with index.writing(clock=_clock if now is None else lambda: now) as writer:
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

    def __init__(
        self, encoder: Encoder, settings: Settings, progress: OnProgress, *, restore: bool
    ):
        self._encoder = encoder
        self._settings = settings
        self._progress = progress
        self._restore = restore
        self._outcome: dict[str, list[str]] = {"added": [], "updated": [], "unchanged": []}
        self._removed: list[str] = []
        self._skipped: list[Skip] = []
        self._seen: set[tuple[str, str]] = set()
        """Each article that was read, by id, and the file that it was found in."""
        self._repeats: list[tuple[str, str]] = []
        self._troubled: set[str] = set()
        """Files and folders of which something could not be read."""
        self._passages = 0
        self._embedded = 0
        self._read = 0

    def rounds(self, loaded: Iterable[Loaded]) -> Iterator[list[Loaded]]:
        """Articles, as many at a time as are held in memory; skips are put aside."""
        articles: list[Loaded] = []
        chars = 0
        for found in loaded:
            if isinstance(found.item, Skip):
                self._skipped.append(found.item)
                if found.repeats is not None:
                    self._seen.add((found.repeats, found.place))
                    self._repeats.append((found.repeats, found.place))
                elif found.place:
                    self._troubled.add(found.place)
                continue
            articles.append(found)
            self._seen.add((found.item.id, found.place))
            chars += len(found.item.text)
            self._read += 1
            if self._read % 50 == 0:
                self._progress(Progress(step="read", done=self._read))
            if len(articles) >= ROUND_ARTICLES or chars >= ROUND_CHARS:
                yield articles
                articles, chars = [], 0
        self._progress(Progress(step="read", done=self._read))
        if articles:
            yield articles

    def take_in(self, writer: Writer, loaded: list[Loaded]) -> None:
        """Chunk, embed and commit what is new or changed."""
        articles = [(f.item, f.place) for f in loaded if isinstance(f.item, Article)]
        ids = [article.id for article, _ in articles]
        known = writer.content_hashes(ids)
        withdrawn = {} if self._restore else writer.withdrawn(ids)
        fresh: list[Fresh] = []
        same: list[tuple[str, str]] = []
        for article, place in articles:
            if article.id in withdrawn:
                reason = (
                    f"it was withdrawn on {withdrawn[article.id]:%Y-%m-%d}: to bring it back, "
                    "add it with restore (--restore)"
                )
                self._skip(article, reason, withdrawn=True)
            elif known.get(article.id) == article.content_hash:
                self._outcome["unchanged"].append(article.id)
                same.append((article.id, place))
            elif cut := self._cut(article):
                fresh.append(Fresh(article, place, cut))
            else:
                self._skip(article, "no text to read")
        if same:
            writer.note_places(same)
        total = sum(len(each.cut) for each in fresh)
        done = 0
        self._progress(Progress(step="embed", done=0, total=total))

        def advance(count: int) -> None:
            nonlocal done
            done += count
            self._progress(Progress(step="embed", done=done, total=total))

        for group in _groups(fresh):
            self._commit(writer, group, advance)
            for each in group:
                outcome = "updated" if each.article.id in known else "added"
                self._outcome[outcome].append(each.article.id)

    def finish(self, writer: Writer, *, prune: Sequence[str]) -> None:
        """Write where articles were found a second time, and remove what has vanished from places.

        What could not be read may still be there: nothing is removed of a file or a folder with
        something unread in it, nor of a folder that has nothing in it (a disk that is not
        mounted looks like that), nor of a file that is there and was not looked at.  An article
        that is known from another place too loses this one alone.
        """
        if self._repeats:
            writer.note_places(self._repeats)
        gone: set[tuple[str, str]] = set()
        looked_at = {file for _, file in self._seen}
        for place in prune:
            missing = writer.placed(place) - self._seen
            kept = {
                each for each in missing if self._may_be_there(each[1], place, looked_at=looked_at)
            }
            gone |= missing - kept
            if kept:
                reason = (
                    f"not removed, though not found again: {len(kept)} of its articles stand where "
                    "something could not be read (newsqa remove takes out single articles)"
                )
                self._skipped.append(Skip(origin=place, reason=reason))
        if gone:
            self._remove(writer, gone)

    def _remove(self, writer: Writer, gone: set[tuple[str, str]]) -> None:
        ids = sorted({article_id for article_id, _ in gone})
        left = {article_id for article_id, _ in writer.places(ids) - gone}
        writer.note_places((), gone=sorted(each for each in gone if each[0] in left))
        vanished = [article_id for article_id in ids if article_id not in left]
        for first in range(0, len(vanished), COMMIT_PASSAGES):
            some = vanished[first : first + COMMIT_PASSAGES]
            writer.commit(removed=some, removal="removed")
            self._removed += some

    def _may_be_there(self, file: str, root: str, *, looked_at: set[str]) -> bool:
        """Whether what is not found again may only not have been read."""
        path = Path(file)
        if any(place in self._troubled for place in (file, *map(str, path.parents))):
            return True
        if os.path.lexists(file):
            return file not in looked_at
        for folder in path.parents:
            if folder.is_dir():
                return not any(folder.iterdir())
            if str(folder) == root:
                break
        return False

    def _skip(self, article: Article, reason: str, *, withdrawn: bool = False) -> None:
        origin = article.origin or article.id
        self._skipped.append(Skip(origin=origin, reason=reason, withdrawn=withdrawn))

    def _cut(self, article: Article) -> list[tuple[Passage, str]]:
        """Passages, each with what the encoder reads for it."""
        count, window = self._encoder.count_tokens, self._encoder.max_tokens
        around = context(article, count, window=window)
        cut = passages(article, count, limits=self._settings.chunking, window=window)
        return [(passage, encoder_input(around, passage)) for passage in cut]

    def _commit(self, writer: Writer, group: list[Fresh], advance: Callable[[int], None]) -> None:
        texts = {vector_key(text): text for each in group for _, text in each.cut}
        stored = writer.known_vectors(list(texts))
        missing = [key for key in texts if key not in stored]
        count = sum(len(each.cut) for each in group)
        advance(count - len(missing))
        vectors = self._encoder.encode([texts[key] for key in missing], progress=advance)
        entries = [
            Entry(
                article=each.article,
                passages=[(passage, vector_key(text)) for passage, text in each.cut],
                place=each.place,
            )
            for each in group
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
            removed=tuple(self._removed),
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
        if sum(len(each.cut) for each in group) >= COMMIT_PASSAGES:
            yield group
            group = []
    if group:
        yield group


def _listed(paths: Source | Iterable[Source]) -> Iterable[Source]:
    single = isinstance(paths, str | Path | Mapping | Article)
    return [paths] if single else paths  # type: ignore[list-item,return-value]


def _clock() -> datetime:
    return datetime.now(UTC)


def _ignore(_: Progress) -> None:
    pass
