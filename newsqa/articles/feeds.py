"""RSS and Atom → rows.  An entry's own content is its text; its page is not fetched."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any

from newsqa.articles.charsets import decode
from newsqa.errors import SourceError

_ENTITY = re.compile(r"<!ENTITY", re.IGNORECASE)
_DOCTYPE = re.compile(r"<!DOCTYPE[^>\[]*(?:\[[^\]]*\]\s*)?>", re.IGNORECASE)
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_ENCODING = re.compile(rb"""<\?xml[^>]*encoding\s*=\s*["']([\w.:-]+)["']""")
_ROOT = re.compile(
    r"^\s*(?:<\?[^>]*\?>\s*|<!--.*?-->\s*|<!DOCTYPE[^>\[]*>\s*)*<(\w+:)?(rss|feed|RDF)\b", re.DOTALL
)


def is_feed(text: str) -> bool:
    """Whether a text begins as RSS, Atom or RDF."""
    return _ROOT.match(text[:4096]) is not None


def feed_rows(
    data: bytes, *, url: str | None = None, charset: str | None = None
) -> Iterator[Mapping[str, object]]:
    """One row per entry, in our fields; raises SourceError for what is no feed.

    A feed that declares entities is refused unread: no feed needs its own, and they are
    how a small file grows without bound or reads other files.
    """
    import feedparser

    stated = _ENCODING.search(data[:512])
    text = decode(data, declared=charset or (stated[1].decode("ascii") if stated else None))
    if _ENTITY.search(text):
        raise SourceError("it declares XML entities, which are not read")
    # One character set from here on: a declaration of another could hide an entity from us.
    text = _DOCTYPE.sub("", _DECLARATION.sub("", text, count=1), count=1)
    headers = {"content-type": "application/xml; charset=utf-8", "content-location": url or ""}
    try:
        feed: Any = feedparser.parse(
            BytesIO(text.strip().encode("utf-8", "replace")),
            response_headers=headers,
            sanitize_html=False,
        )
    except Exception as error:  # third-party code on arbitrary feeds; one feed stops no other
        raise SourceError(f"the feed can't be read: {type(error).__name__}: {error}") from error
    if not feed.entries:
        problem = feed.get("bozo_exception")
        if not feed.get("version"):
            raise SourceError(f"not an RSS or Atom feed{f': {problem}' if problem else ''}")
        raise SourceError("a feed without entries")
    outlet = feed.feed.get("title")
    language = feed.feed.get("language")
    for entry in feed.entries:
        yield _row(entry, outlet, language)


def _row(entry: Any, outlet: str | None, language: str | None) -> Mapping[str, object]:
    contents = [part.get("value", "") for part in entry.get("content", ())]
    link = entry.get("link")
    names = [author.get("name") for author in entry.get("authors", ()) if author.get("name")]
    return {
        "title": entry.get("title"),
        "text": max([*contents, entry.get("summary", "")], key=len),
        "url": link,
        # The link is the better id: the same page has it wherever it is read from.
        "id": None if link else entry.get("id"),
        "authors": names or entry.get("author"),
        # RSS 1.0 has only dc:date, and old Atom only "updated": still no date before the story's.
        "published": entry.get("published") or entry.get("updated"),
        "source": (entry.get("source") or {}).get("title") or outlet,
        "language": language,
    }
