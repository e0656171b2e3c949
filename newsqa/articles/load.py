"""Paths, folders, addresses and rows → articles, one after another."""

from __future__ import annotations

import dataclasses
import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from newsqa.articles.clean import clean_line, sanitize
from newsqa.articles.documents import read_address, read_file
from newsqa.articles.fields import check_fields, read_row
from newsqa.articles.folders import walk
from newsqa.articles.identity import content_hash
from newsqa.articles.politeness import Turns
from newsqa.config import Loading
from newsqa.errors import SourceError
from newsqa.types import Article, Skip

_ADDRESS = re.compile(r"([a-z][a-z0-9+.-]+)://", re.IGNORECASE)

_DEFAULTS = Loading()


def load(
    paths: Iterable[str | Path | Mapping[str, object] | Article],
    *,
    limits: Loading = _DEFAULTS,
    now: datetime | None = None,
) -> Iterator[Article | Skip]:
    """Articles as they are read, and a Skip with its reason for all that is not read.

    Each of `paths` is a file, a folder (read recursively, sorted), an http(s) address, a row
    or an Article.  Nothing that is found in them raises or stops the rest.  Of two articles
    with the same id the first is kept.  `now` (aware; by default the clock) bounds dates.
    """
    check_fields(limits.fields)
    if isinstance(paths, str | Path | Mapping | Article):
        paths = [paths]
    now = now or datetime.now(UTC)
    known: dict[str, tuple[str, str]] = {}
    turns = Turns(limits.host_delay_seconds)
    for number, path in enumerate(paths, start=1):
        for found in _read(path, number, limits, now, turns):
            yield found if isinstance(found, Skip) else _first(found, known)


def _first(article: Article, known: dict[str, tuple[str, str]]) -> Article | Skip:
    """The article, or a Skip where one with its id was already read."""
    origin = article.origin or article.url or article.id
    if article.id not in known:
        known[article.id] = (article.content_hash, origin)
        return article
    content, place = known[article.id]
    if content == article.content_hash:
        return Skip(origin=origin, reason=f"the same article as {place}")
    return Skip(origin=origin, reason=f"duplicate id {article.id}: already read from {place}")


def _read(
    path: object, number: int, limits: Loading, now: datetime, turns: Turns
) -> Iterator[Article | Skip]:
    if isinstance(path, Article):
        yield from _given(path, limits)
    elif isinstance(path, Mapping):
        origin = f"row {number}"
        try:
            yield read_row(path, limits=limits, now=now, origin=origin, position=number)
        except SourceError as error:
            yield Skip(origin=origin, reason=str(error))
    elif isinstance(path, str) and (match := _ADDRESS.match(path)):
        if match[1].lower() in ("http", "https"):
            yield from read_address(path, limits=limits, now=now, turns=turns)
        else:
            yield Skip(
                origin=path, reason=f"{match[1]} addresses are not read, only http and https"
            )
    elif isinstance(path, str | Path):
        yield from _read_path(Path(path), limits, now)
    else:
        yield Skip(
            origin=f"{path!r:.80}",
            reason=f"expected a path, an address, a row or an Article, found {type(path).__name__}",
        )


def _read_path(path: Path, limits: Loading, now: datetime) -> Iterator[Article | Skip]:
    try:
        status = os.stat(path)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        missing = isinstance(error, FileNotFoundError)
        strerror = error.strerror if isinstance(error, OSError) else None
        reason = "no such file or folder" if missing else f"can't be read: {strerror or error}"
        yield Skip(origin=sanitize(str(path)), reason=reason)
        return
    if not stat.S_ISDIR(status.st_mode):
        yield from _read_file(path, status, limits, now)
        return
    empty = True
    for found in walk(path, limits):
        empty = False
        if isinstance(found, Skip):
            yield found
        else:
            yield from _read_file(found, None, limits, now)
    if empty:
        yield Skip(origin=str(path), reason="an empty folder")


def _read_file(
    path: Path, status: os.stat_result | None, limits: Loading, now: datetime
) -> Iterator[Article | Skip]:
    if status is not None and not stat.S_ISREG(status.st_mode):
        yield Skip(origin=str(path), reason="not a regular file")
        return
    yield from read_file(path, limits=limits, now=now)


def _given(article: Article, limits: Loading) -> Iterator[Article | Skip]:
    """An Article made elsewhere: its text as it is, its hash and characters made sure of."""
    origin = article.origin or article.url or article.id
    text = sanitize(article.text)
    if not text.strip():
        yield Skip(origin=origin, reason="no text")
        return
    if len(text) > limits.max_article_chars:
        yield Skip(
            origin=origin,
            reason=f"{len(text):,} characters, over the limit of {limits.max_article_chars:,}",
        )
        return
    if not article.id or (article.published is not None and article.published.tzinfo is None):
        wrong = "an empty id" if not article.id else "a publication date without a time zone"
        yield Skip(origin=origin, reason=wrong)
        return
    title = clean_line(article.title) if article.title else None
    published = article.published.astimezone(UTC) if article.published else None
    yield dataclasses.replace(
        article,
        text=text,
        title=title,
        published=published,
        content_hash=content_hash(
            title=title,
            text=text,
            url=article.url,
            source=article.source,
            authors=article.authors,
            published=published,
            language=article.language,
        ),
    )
