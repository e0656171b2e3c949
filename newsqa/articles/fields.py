"""Rows of any origin → Article: which of a row's keys means what."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache

from newsqa.articles.dates import date_in_url, parse_date
from newsqa.articles.identity import NO_STORY, make_article, read_url
from newsqa.articles.markup import looks_like_markup, markup_text
from newsqa.articles.plaintext import read_headed
from newsqa.config import Loading
from newsqa.errors import SettingsError, SourceError
from newsqa.types import Article

KNOWN: dict[str, tuple[str, ...]] = {
    "text": (
        "text", "body", "content", "article", "fulltext", "articletext", "articlebody", "maintext",
        "contenttext", "bodytext", "story", "contenthtml", "html", "description", "summary",
        "abstract",
    ),
    "title": ("title", "headline", "heading", "articletitle"),
    "url": (
        "url", "link", "href", "weburl", "articleurl", "sourceurl", "permalink",
        "canonicalurl",
    ),
    "published": (
        "published", "publishedat", "publishdate", "publicationdate", "datepublished", "pubdate",
        "datepublish", "publishedon", "publisheddate", "publishtime", "publishedtime", "date",
        "datetime", "timestamp", "time",
    ),
    "authors": ("authors", "author", "byline", "creator", "writer", "by"),
    "source": (
        "source", "outlet", "publisher", "publication", "sourcename", "sitename", "newspaper",
        "site", "provider", "sourcedomain", "domain",
    ),
    "language": ("language", "lang", "inlanguage"),
    "id": ("id", "articleid", "guid", "uuid"),
}  # fmt: skip
"""Row keys by our field, first that has a value; case, spaces and punctuation don't count."""
_FIELDS = {key: (name, rank) for name, keys in KNOWN.items() for rank, key in enumerate(keys)}
_MISSING = frozenset({"", "nan", "none", "null", "n/a", "na", "undefined", "nat"})


def check_fields(fields: Mapping[str, str]) -> None:
    """Raises SettingsError where `Loading.fields` names a field that there is not."""
    for name in fields:
        if name not in KNOWN:
            raise SettingsError(f"fields: unknown field {name!r}; known are {', '.join(KNOWN)}")


def has_text_field(keys: list[str], limits: Loading) -> bool:
    """Whether some column of a table can hold the text."""
    wanted = limits.fields.get("text")
    if wanted is not None:
        return wanted in keys
    return any(_FIELDS.get(_plain(key), ("",))[0] == "text" for key in keys)


def read_row(
    row: object,
    *,
    limits: Loading,
    now: datetime,
    origin: str,
    place: str | None = None,
    position: int | None = None,
    retrieved: datetime | None = None,
    markdown: bool = False,
) -> Article:
    """The article that a row holds; raises SourceError where it holds none, saying why."""
    if not isinstance(row, Mapping):
        raise SourceError(f"expected an object with a text, found {_kind(row)}")
    found = _map(row, limits.fields)
    text = _text(found.get("text"), row)
    if len(text) > limits.max_article_chars:
        raise SourceError(
            f"{len(text):,} characters, over the limit of {limits.max_article_chars:,}"
        )
    if looks_like_markup(text):
        text = markup_text(text)
    title = _string(found.get("title"), "title")
    if title and looks_like_markup(title):
        title = markup_text(title)
    headed = read_headed(text, now=now, title=title, markdown=markdown)
    if text.strip() and not headed.text.strip():
        raise SourceError(NO_STORY)
    if headed.fields:
        found = {**_map(headed.fields, {}), **found}
        title = title or _string(found.get("title"), "title")
    url = _string(found.get("url"), "url")
    published = parse_date(found.get("published"), now=now)
    return make_article(
        text=headed.text,
        title=title,
        url=url,
        source=_source(found.get("source")),
        authors=found.get("authors"),
        published=published or date_in_url(read_url(url), now=now),
        language=_string(found.get("language"), "language"),
        retrieved=retrieved,
        origin=origin,
        explicit=_string(found.get("id"), "id"),
        place=place,
        position=position,
        max_chars=limits.max_article_chars,
    )


@lru_cache(maxsize=4096)
def _plain(key: str) -> str:
    return re.sub(r"[\W_]+", "", key[:64]).lower()


def _map(row: Mapping[str, object], fields: Mapping[str, str]) -> dict[str, object]:
    """The row's values by our field names; a named field is taken from its key alone."""
    found: dict[str, object] = {}
    ranks: dict[str, int] = {}
    for key, value in row.items():
        if not isinstance(key, str) or _is_missing(value):
            continue
        name, rank = _FIELDS.get(_plain(key), (None, 0))
        if name is None or name in fields:
            continue
        if rank < ranks.get(name, len(_FIELDS)):
            found[name], ranks[name] = value, rank
    for name, key in fields.items():
        if not _is_missing(row.get(key)):
            found[name] = row[key]
    return found


def _is_missing(value: object) -> bool:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return True
    if isinstance(value, str):
        return len(value) < 12 and value.strip().lower() in _MISSING
    return isinstance(value, list | tuple | Mapping) and not value


def _text(value: object, row: Mapping[str, object]) -> str:
    if value is None:
        keys = ", ".join(str(key)[:40] for key in list(row)[:8])
        raise SourceError(f"no text; found {keys}" if keys else "no text: an empty object")
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return "\n\n".join(value)
    raise SourceError(f"expected the text as a string, found {_kind(value)}")


def _string(value: object, name: str) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if name == "title":
        raise SourceError(f"expected the title as a string, found {_kind(value)}")
    return None


def _source(value: object) -> str | None:
    if isinstance(value, Mapping):  # {"id": …, "name": …}, as news services give it
        value = value.get("name") or value.get("title")
    if not isinstance(value, str):
        return None
    return None if re.match(r"https?://", value.strip()) else value


def _kind(value: object) -> str:
    names = {
        dict: "an object", list: "a list", str: "a string", int: "a number", float: "a number",
        bool: "true or false", type(None): "nothing",
    }  # fmt: skip
    return names.get(type(value), type(value).__name__)
