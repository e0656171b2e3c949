"""One file or one address → the articles in it, by its kind."""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from newsqa.articles.charsets import decode
from newsqa.articles.feeds import feed_rows, is_feed
from newsqa.articles.fields import read_row
from newsqa.articles.identity import read_url
from newsqa.articles.politeness import Turns
from newsqa.articles.reading import COMPRESSIONS, is_blank, pieces, whole
from newsqa.articles.rows import Row, csv_rows, json_rows, jsonl_rows
from newsqa.config import Loading
from newsqa.errors import SourceError
from newsqa.types import Article, Skip

if TYPE_CHECKING:
    from newsqa.articles.fetch import Fetched

KINDS = {
    ".txt": "text", ".text": "text", ".md": "markdown", ".markdown": "markdown",
    ".html": "page", ".htm": "page", ".xhtml": "page", ".json": "json", ".jsonl": "jsonl",
    ".ndjson": "jsonl", ".csv": "csv", ".tsv": "csv", ".xml": "feed", ".rss": "feed",
    ".atom": "feed", ".rdf": "feed",
}  # fmt: skip
"""What is read, by file ending; each also with .gz, .xz or .bz2 after it."""
_ROWS: dict[str, Callable[[Path, Loading], Iterator[Row]]] = {
    "json": json_rows,
    "jsonl": jsonl_rows,
    "csv": csv_rows,
}
_DECLARED = re.compile(rb"""<meta[^>]+charset\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
_PAGE = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype html|html|head|body|article)\b",
    re.I | re.S,
)


def kind_of(path: Path) -> str | None:
    """One of the values of KINDS, or None for a file that is not read."""
    name = path.name.lower()
    for compression in COMPRESSIONS:
        name = name.removesuffix(compression)
    return KINDS.get(os.path.splitext(name)[1])


def read_file(
    path: Path, *, limits: Loading, now: datetime, name: str | None = None
) -> Iterator[Article | Skip]:
    """The articles of a regular file; whatever goes wrong is a Skip.

    `name` stands for the path in ids and as the origin, where the path is none that lasts.
    """
    kind = kind_of(path)
    origin = name or str(path)
    if kind is None:
        ending = path.suffix or "no ending"
        yield Skip(origin=origin, reason=f"unknown kind of file: {ending}")
        return
    place = name or os.path.abspath(path)
    try:
        if kind in _ROWS:
            rows = _ROWS[kind](path, limits)
            yield from _articles(rows, origin, place, limits, now, lines=kind == "jsonl")
            return
        markup = kind in ("page", "feed")
        limit = (
            min(limits.max_file_bytes, limits.max_markup_bytes) if markup else limits.max_file_bytes
        )
        data = whole(pieces(path, limit=limit), limit=limit)
        if is_blank(data):
            raise SourceError("empty")
        if kind == "feed":
            yield from _articles(
                _numbered(feed_rows(data)), origin, place, _own_fields(limits), now
            )
        elif kind == "page":
            text = decode(data, declared=_declared(data))
            yield _page(text, limits, now, origin=origin, place=place)
        else:
            yield read_row(
                {"text": decode(data)},
                limits=_own_fields(limits),
                now=now,
                origin=origin,
                place=place,
                markdown=kind == "markdown",
            )
    except SourceError as error:
        yield Skip(origin=origin, reason=str(error))


def read_address(
    url: str, *, limits: Loading, now: datetime, turns: Turns
) -> Iterator[Article | Skip]:
    """The article of a page, or the entries of a feed, at an http(s) address."""
    from newsqa.articles.fetch import fetch_in_turn

    try:
        answer = fetch_in_turn(address_of(url), limits, turns)
    except SourceError as error:
        yield Skip(origin=url, reason=str(error))
        return
    yield from read_answer(answer, origin=url, limits=limits, now=now)


def address_of(url: str) -> str:
    """An address as it is fetched; raises SourceError where it is none."""
    address = read_url(url)
    if address is None:
        raise SourceError("not an address that can be fetched")
    return address


def read_answer(
    answer: Fetched, *, origin: str, limits: Loading, now: datetime
) -> Iterator[Article | Skip]:
    """The article or the feed that an address answered with."""
    try:
        if is_blank(answer.data):
            raise SourceError("an empty answer")
        if answer.kind and not re.fullmatch(
            r"text/(?:html|plain|xml)|application/(?:[\w.-]+\+)?xml", answer.kind
        ):
            raise SourceError(f"expected a page or a feed, found {answer.kind}")
        text = decode(answer.data, declared=answer.charset or _declared(answer.data))
        if is_feed(text) or (answer.kind.endswith("xml") and not _PAGE.match(text)):
            rows = feed_rows(answer.data, url=answer.url, charset=answer.charset)
            yield from _articles(
                _numbered(rows), origin, answer.url, _own_fields(limits), now, retrieved=now
            )
        elif answer.kind == "text/plain" and not _PAGE.match(text):
            yield read_row(
                {"text": text, "url": answer.url},
                limits=_own_fields(limits),
                now=now,
                origin=origin,
                retrieved=now,
            )
        else:
            yield _page(
                text, limits, now, origin=origin, place=answer.url, url=answer.url, retrieved=now
            )
    except SourceError as error:
        yield Skip(origin=origin, reason=str(error))


def _articles(
    rows: Iterable[Row],
    origin: str,
    place: str,
    limits: Loading,
    now: datetime,
    *,
    lines: bool = False,
    retrieved: datetime | None = None,
) -> Iterator[Article | Skip]:
    """Rows → articles with "file:line" or "file, row n" as their origin."""
    count = 0
    for count, row in enumerate(rows, start=1):
        if count > limits.max_articles_per_file:
            reason = (
                f"over the limit of {limits.max_articles_per_file:,} articles; the rest is not read"
            )
            yield Skip(origin=origin, reason=reason)
            return
        at = f"{origin}:{row.number}" if lines else f"{origin}, row {row.number}"
        if not row.number:
            yield Skip(origin=origin, reason=row.wrong or "")
        elif row.wrong is not None:
            yield Skip(origin=at, reason=row.wrong)
        else:
            try:
                yield read_row(
                    row.value,
                    limits=limits,
                    now=now,
                    origin=at,
                    place=place,
                    position=row.number,
                    retrieved=retrieved,
                )
            except SourceError as error:
                yield Skip(origin=at, reason=str(error))
    if not count:
        yield Skip(origin=origin, reason="no rows")


def _numbered(rows: Iterable[Mapping[str, object]]) -> Iterator[Row]:
    for number, row in enumerate(rows, start=1):
        yield Row(number=number, value=row)


def _page(
    html: str,
    limits: Loading,
    now: datetime,
    *,
    origin: str,
    place: str,
    url: str | None = None,
    retrieved: datetime | None = None,
) -> Article:
    from newsqa.articles.extract import extract_page

    page = extract_page(html, url=url, now=now)
    return read_row(
        {field.name: getattr(page, field.name) for field in dataclasses.fields(page)},
        limits=_own_fields(limits),
        now=now,
        origin=origin,
        place=place,
        retrieved=retrieved,
    )


def _own_fields(limits: Loading) -> Loading:
    """The limits without the user's field names: those are for rows that are not made here."""
    return dataclasses.replace(limits, fields={}) if limits.fields else limits


def _declared(data: bytes) -> str | None:
    match = _DECLARED.search(data[:4096])
    return match[1].decode("ascii", "replace") if match else None
