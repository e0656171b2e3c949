"""Paths, folders, addresses and rows → articles, one after another."""

from __future__ import annotations

import dataclasses
import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias

from newsqa.articles.clean import clean_line, sanitize
from newsqa.articles.documents import read_address, read_file
from newsqa.articles.fields import check_fields, read_row
from newsqa.articles.folders import walk
from newsqa.articles.identity import hash_of
from newsqa.articles.politeness import Turns
from newsqa.config import Loading
from newsqa.errors import SourceError
from newsqa.types import Article, Skip

Source: TypeAlias = str | Path | Mapping[str, object] | Article
"""A file, a folder, an http(s) address, a row of fields, or a ready article."""

_ADDRESS = re.compile(r"([a-z][a-z0-9+.-]+)://", re.IGNORECASE)

_DEFAULTS = Loading()


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What was read or not, and the file it stands in: an absolute path, '' where it is in none."""

    item: Article | Skip
    place: str = ""
    repeats: str | None = None
    """The id of the article, where it was read before and is skipped for that."""


def load(
    paths: Iterable[Source],
    *,
    limits: Loading = _DEFAULTS,
    now: datetime | None = None,
) -> Iterator[Article | Skip]:
    """Articles as they are read, and a Skip with its reason for all that is not read.

    Each of `paths` is a file, a folder (read recursively, sorted), an http(s) address, a row
    or an Article.  Nothing that is found in them raises or stops the rest.  Of two articles
    with the same id the first is kept.  `now` (aware; by default the clock) bounds dates.
    """
    return (loaded.item for loaded in load_with_places(paths, limits=limits, now=now))


def load_with_places(
    paths: Iterable[Source],
    *,
    limits: Loading = _DEFAULTS,
    now: datetime | None = None,
) -> Iterator[Loaded]:
    """As `load`, each with the file that it was read from."""
    check_fields(limits.fields)
    if isinstance(paths, str | Path | Mapping | Article):
        paths = [paths]
    now = now or datetime.now(UTC)
    known: dict[str, tuple[str, str]] = {}
    turns = Turns(limits.host_delay_seconds)
    for number, path in enumerate(paths, start=1):
        for found in _read(path, number, limits, now, turns):
            if isinstance(found.item, Article):
                article = found.item
                item = _first(article, known)
                again = article.id if isinstance(item, Skip) else None
                yield Loaded(item=item, place=found.place, repeats=again)
            else:
                yield found


def place_of(path: object) -> str | None:
    """Where what is read from one of `paths` stands; None for what is no file or folder."""
    if isinstance(path, str) and (not path or _ADDRESS.match(path)):
        return None
    return absolute(path) if isinstance(path, str | Path) else None


def absolute(path: str | Path) -> str:
    """An absolute path as text that can be stored, whatever bytes its name is of."""
    # Where ".." follows a link, leaving both out would lead elsewhere.
    found = os.path.realpath(path) if ".." in Path(path).parts else os.path.abspath(path)
    return os.fsencode(found).decode("utf-8", "backslashreplace")


def _first(article: Article, known: dict[str, tuple[str, str]]) -> Article | Skip:
    """The article, or a Skip where one with its id was already read."""
    origin = article.origin or article.url or article.id
    if article.id not in known:
        known[article.id] = (article.content_hash, origin)
        return article
    content, place = known[article.id]
    if content == article.content_hash:
        return Skip(origin=origin, reason=f"the same article as {place}")
    reason = f"duplicate id {article.id}: already read from {place}"
    return Skip(origin=origin, reason=reason)


def _read(
    path: object, number: int, limits: Loading, now: datetime, turns: Turns
) -> Iterator[Loaded]:
    if path == "":
        # Taken for the current folder, an unset variable of a script would change an archive.
        yield Loaded(item=Skip(origin="''", reason="an empty path"))
    elif isinstance(path, str | Path) and place_of(path) is not None:
        yield from _read_path(Path(path), limits, now)
    else:
        for item in _read_other(path, number, limits, now, turns):
            yield Loaded(item=item)


def _read_other(
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
    else:
        yield Skip(
            origin=f"{path!r:.80}",
            reason=f"expected a path, an address, a row or an Article, found {type(path).__name__}",
        )


def _read_path(path: Path, limits: Loading, now: datetime) -> Iterator[Loaded]:
    place = absolute(path)
    try:
        status = os.stat(path)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        missing = isinstance(error, FileNotFoundError)
        strerror = error.strerror if isinstance(error, OSError) else None
        reason = "no such file or folder" if missing else f"can't be read: {strerror or error}"
        yield Loaded(item=Skip(origin=sanitize(str(path)), reason=reason), place=place)
        return
    if not stat.S_ISDIR(status.st_mode):
        yield from _read_file(path, status, limits, now)
        return
    empty = True
    for found in walk(path, limits):
        empty = False
        if isinstance(found, Skip):
            yield Loaded(item=found, place=absolute(found.origin))
        else:
            yield from _read_file(found, None, limits, now)
    if empty:
        yield Loaded(item=Skip(origin=str(path), reason="an empty folder"), place=place)


def _read_file(
    path: Path, status: os.stat_result | None, limits: Loading, now: datetime
) -> Iterator[Loaded]:
    place = absolute(path)
    if status is not None and not stat.S_ISREG(status.st_mode):
        yield Loaded(item=Skip(origin=str(path), reason="not a regular file"), place=place)
        return
    for item in read_file(path, limits=limits, now=now):
        yield Loaded(item=item, place=place)


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
    dates = {"publication": article.published, "retrieval": article.retrieved}
    naive = next((name for name, at in dates.items() if at and at.tzinfo is None), None)
    if not article.id or naive:
        wrong = f"a {naive} date without a time zone" if naive else "an empty id"
        yield Skip(origin=origin, reason=wrong)
        return
    # No field may hold what can't be stored: half of a pair of surrogates, say.
    storable = dataclasses.replace(
        article,
        id=sanitize(article.id),
        text=text,
        title=clean_line(article.title) if article.title else None,
        url=sanitize(article.url) if article.url else None,
        source=clean_line(article.source) if article.source else None,
        authors=tuple(map(clean_line, article.authors)),
        published=article.published.astimezone(UTC) if article.published else None,
        language=sanitize(article.language) if article.language else None,
        retrieved=article.retrieved.astimezone(UTC) if article.retrieved else None,
        origin=sanitize(article.origin) if article.origin else None,
    )
    yield dataclasses.replace(storable, content_hash=hash_of(storable))
