"""What is new → the index, in one change, and what became of each of it."""

from __future__ import annotations

import dataclasses
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

from newsqa.articles.documents import read_answer
from newsqa.articles.fetch import Fetched
from newsqa.building import OnProgress
from newsqa.config import Settings
from newsqa.embedding import Encoder
from newsqa.errors import IndexNotFound, NewsQAError
from newsqa.indexing.store import FILE_NAME
from newsqa.pipeline import NewsQA, build
from newsqa.types import Article, BuildReport, Progress, Skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What an address answered, yet to be taken in."""

    url: str
    answer: Fetched


Unit: TypeAlias = Path | Answered
Tell: TypeAlias = Callable[..., None]
"""Takes the kind of an event, and its fields by name."""


class Stopped(Exception):
    """It was asked to end."""


class Taker:
    """Takes files and answers into an index that it opens, and makes where there is none."""

    def __init__(
        self,
        index: Path,
        *,
        settings: Settings | None,
        encoder: Encoder | None,
        urls: Sequence[str],
        prune: bool,
        tell: Tell,
        progress: OnProgress,
        stopping: Callable[[], bool],
    ):
        """`urls` in the order of their precedence, where several have one article.

        With `prune`, what is no longer in a file that is taken again is removed.
        """
        self._index = index
        self._chosen: dict[str, Any] = {"settings": settings, "encoder": encoder}
        self._removing = prune
        self._tell = tell
        self._progress = progress
        self._stopping = stopping
        self._qa: NewsQA | None = None
        self._file: tuple[int, int] | None = None
        self._suspect = False
        self._gave: dict[str, frozenset[str]] = {url: frozenset() for url in urls}
        self._skipped: dict[str, tuple[Skip, ...]] = {}
        self.counts: Counter[str] = Counter()

    def open(self) -> bool:
        """Open the index, made where there is none; returns whether it is another than before.

        Raises what `NewsQA.open` and `build` do.
        """
        # Looked at before the old one is let go: a file that is open keeps its number.
        file = _identity(self._index / FILE_NAME)
        if self._qa is not None and file == self._file and not self._suspect:
            return False
        another = self._file is not None and file != self._file
        self.close()
        try:
            self._qa = NewsQA.open(self._index, **self._chosen)
        except IndexNotFound:
            build([], index=self._index, **self._chosen)
            self._qa = NewsQA.open(self._index, **self._chosen)
        self._file = _identity(self._index / FILE_NAME)
        self._suspect = False
        return another

    def suspect(self) -> None:
        """Let the index be opened anew the next time: that puts right what can be."""
        self._suspect = True

    def close(self) -> None:
        """Let go of the index."""
        if self._qa is not None:
            self._qa.close()
        self._qa = None

    def take(self, units: Sequence[Unit]) -> None:
        """Add or update what is in the units, and tell what became of it.

        Raises what says that the index can't be written to now, IndexBusy among it: then the
        same units may be taken again.  A unit that no reader or model can cope with is
        told and left: it stops no other.
        """
        assert self._qa is not None
        dropped: list[Skip] = []
        try:
            report = self._qa.add(
                self._sources(units, dropped), prune=self._removing, progress=self._step
            )
        except (NewsQAError, OSError, MemoryError, Stopped):
            raise
        except Exception as error:  # a defect that one article brings out
            if len(units) == 1:
                reason = f"{type(error).__name__}: {error} (a defect: please report it)"
                self.counts["failed"] += 1
                self._tell("failed", origin=_name(units[0]), reason=reason)
                return
            half = len(units) // 2
            self.take(units[:half])
            self.take(units[half:])
            return
        self._report(report, [*dropped, *report.skipped], units)

    def prune(self, folders: Sequence[Path]) -> None:
        """Remove what was read from files below folders and is no longer there.  Raises as `take`.

        The folders are read anew for it, with what a build says about pruning.
        """
        assert self._qa is not None
        report = self._qa.add(folders, prune=True, progress=self._step)
        # What can't be read in them was told as they were read before.
        names = set(map(str, folders))
        about = [skip for skip in report.skipped if skip.origin in names]
        self._report(dataclasses.replace(report, unchanged=()), about, ())

    def _step(self, progress: Progress) -> None:
        if self._stopping():
            raise Stopped
        self._progress(progress)

    def _sources(self, units: Sequence[Unit], dropped: list[Skip]) -> Iterator[Path | Article]:
        for unit in units:
            if self._stopping():
                raise Stopped
            if isinstance(unit, Path):
                yield unit
            else:
                yield from self._articles(unit, dropped)

    def _articles(self, unit: Answered, dropped: list[Skip]) -> Iterator[Article]:
        """The articles of an answer, without those that an address named before it has too.

        Sections of one outlet carry the same stories under their own names: without a rule
        each would undo what the other did.
        """
        assert self._qa is not None
        limits, now = self._qa.settings.loading, datetime.now(UTC)
        own = set()
        for found in read_answer(unit.answer, origin=unit.url, limits=limits, now=now):
            if isinstance(found, Skip):
                dropped.append(found)
                continue
            own.add(found.id)
            holder = self._holder(found.id, unit.url)
            if holder is None:
                yield found
            else:
                reason = f"{found.id} is read from {holder}, which was named first"
                dropped.append(Skip(origin=unit.url, reason=reason))
        self._gave[unit.url] = frozenset(own)

    def _holder(self, article_id: str, url: str) -> str | None:
        for other, ids in self._gave.items():
            if other == url:
                return None
            if article_id in ids:
                return other
        return None

    def _report(self, report: BuildReport, skipped: list[Skip], units: Sequence[Unit]) -> None:
        assert self._qa is not None
        for kind in ("added", "updated"):
            for article_id in getattr(report, kind):
                article = self._qa.article(article_id)
                self._tell(
                    kind,
                    article_id=article_id,
                    origin=article.origin if article else None,
                    title=article.title if article else None,
                )
        for article_id in report.removed:
            self._tell("removed", article_id=article_id)
        for kind in ("added", "updated", "unchanged", "removed"):
            self.counts[kind] += len(getattr(report, kind))
        for skip in self._new(skipped, units):
            self.counts["skipped"] += 1
            self._tell("skipped", origin=skip.origin, reason=skip.reason)

    def _new(self, skipped: Sequence[Skip], units: Sequence[Unit]) -> Iterator[Skip]:
        """Skips that the last reading of the same unit had not; what vanished meanwhile is none."""
        names = {_name(unit) for unit in units}
        by_unit: dict[str, list[Skip]] = {}
        for skip in skipped:
            # "a/file.jsonl:12" and "feed, row 3" are of "a/file.jsonl" and "feed".
            possible = (skip.origin, skip.origin.rpartition(", row ")[0],
                        skip.origin.rpartition(":")[0])  # fmt: skip
            name = next((name for name in possible if name in names), skip.origin)
            by_unit.setdefault(name, []).append(skip)
        for unit in units:
            name = _name(unit)
            before = self._skipped.pop(name, ())
            if isinstance(unit, Path) and not os.path.lexists(unit):
                continue
            found = by_unit.pop(name, [])
            if found:
                self._skipped[name] = tuple(found)
            yield from _beyond(before, found, by_reason=isinstance(unit, Answered))
        for found in by_unit.values():  # of no unit: by ids, or about a folder
            yield from found


def _beyond(before: Sequence[Skip], found: Sequence[Skip], *, by_reason: bool) -> Iterator[Skip]:
    """Those found that weren't there before; `by_reason` alone, for in a feed the rows move on."""

    def key(skip: Skip) -> str:
        return skip.reason if by_reason else f"{skip.origin}\n{skip.reason}"

    known = Counter(map(key, before))
    for skip in found:
        known[key(skip)] -= 1
        if known[key(skip)] < 0:
            yield skip


def _name(unit: Unit) -> str:
    return str(unit) if isinstance(unit, Path) else unit.url


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
