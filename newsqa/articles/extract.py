"""HTML page → the story's text and what the page itself states about it."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from newsqa.articles.authors import read_authors
from newsqa.articles.dates import date_in_url, parse_date
from newsqa.articles.identity import read_url
from newsqa.errors import SourceError

SHORT_STORY = 100
"""Characters; below, the extractor takes the whole page for the story, in one paragraph."""

_ARTICLE_TYPES = re.compile(r"(?:\w*Article|\w*BlogPosting|Report\w*|OpinionNewsArticle)$")
_META_DATES = (
    "article:published_time", "article:published", "og:article:published_time", "og:published_time",
    "datepublished", "date.published", "parsely-pub-date", "sailthru.date", "publishdate",
    "publish-date", "publish_date", "pubdate", "published", "publication_date", "dc.date.issued",
    "dcterms.created", "dcterms.date", "dc.date", "article.published",
    "cxenseparse:recs:publishtime", "rnews:datepublished", "date",
)  # fmt: skip
"""Names of meta elements that state when a page was published, most telling first."""
_SHOWN_DATE = re.compile(
    r"publish|dateline|timestamp|post-?date|pub-?date|article-?date", re.IGNORECASE
)
_LEAD = re.compile(
    r"^\W*(?:first\s+)?(?:published|posted|updated)\b(?:\s+(?:on|at))?\s*:?\s*", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A story as its page gives it; what the page does not state is None."""

    text: str
    title: str | None = None
    authors: tuple[str, ...] = ()
    source: str | None = None
    published: datetime | None = None
    language: str | None = None
    url: str | None = None


def extract_page(html: str, *, url: str | None = None, now: datetime) -> Page:
    """The story of a page, paragraphs parted by blank lines; raises SourceError for none.

    The outlet is the page's og:site_name or JSON-LD publisher; where it names neither,
    `source` is None and the address's host stands in (see `make_article`).  The date comes
    from JSON-LD, meta and time elements or a /2023/05/14/ in the address: never from a
    copyright line, a file's age or the clock.
    """
    import trafilatura
    from trafilatura.metadata import extract_metadata
    from trafilatura.settings import use_config

    _quiet()
    tree = trafilatura.load_html(html.replace("\0", ""))
    if tree is None:
        raise SourceError("no HTML page")
    try:
        stated = _stated(tree)
        address = _address(tree, url)
        published = _published(tree, stated, now) or date_in_url(address, now=now)
        meta: Any = extract_metadata(tree, default_url=address, extensive=False)
        config = use_config()
        config.set("DEFAULT", "MIN_EXTRACTED_SIZE", str(SHORT_STORY))
        found: Any = trafilatura.bare_extraction(
            tree, url=address, include_comments=False, config=config
        )
    except Exception as error:  # third-party code on arbitrary pages; one page stops no other
        raise SourceError(f"the page can't be read: {type(error).__name__}: {error}") from error
    lines = found.text.split("\n") if found and found.text else []
    text = "\n\n".join(line.strip() for line in lines if line.strip())
    if not text:
        raise SourceError("no story found in the page")
    source = _publisher(stated) or _meta(tree, "og:site_name") or _meta(tree, "application-name")
    return Page(
        text=text,
        title=_words(meta.title) or _words(stated.get("headline")),
        authors=read_authors(stated.get("author"), source=source)
        or read_authors(meta.author, source=source),
        source=source,
        published=published,
        language=next(iter(tree.xpath("//html/@lang")), None) or _words(stated.get("inLanguage")),
        url=address,
    )


def _quiet() -> None:
    """The extractor logs what it makes of each page; its verdict comes back as a value."""
    for name in ("trafilatura", "htmldate", "courlan"):
        logger = logging.getLogger(name)
        if logger.level == logging.NOTSET:
            logger.setLevel(logging.CRITICAL)


def _stated(tree: Any) -> Mapping[str, object]:
    """The page's JSON-LD node of an article, or nothing."""
    for script in tree.xpath('//script[@type="application/ld+json"]/text()')[:20]:
        try:
            data = json.loads(str(script).strip().rstrip(";"), strict=False)
        except (ValueError, RecursionError):
            continue
        for node in _nodes(data):
            kinds = node.get("@type")
            for kind in kinds if isinstance(kinds, list) else [kinds]:
                if isinstance(kind, str) and _ARTICLE_TYPES.fullmatch(kind):
                    return node
    return {}


def _nodes(data: object) -> Iterator[Mapping[str, object]]:
    """JSON-LD's objects: alone, in a list, in a @graph, or as a page's main entity."""
    level: list[object] = [data]
    for _ in range(4):
        below: list[object] = []
        for item in level[:200]:
            if isinstance(item, list):
                below.extend(item)
            elif isinstance(item, Mapping):
                yield item
                below.extend(item[key] for key in ("@graph", "mainEntity") if key in item)
        level = below


def _publisher(stated: Mapping[str, object]) -> str | None:
    publisher = stated.get("publisher")
    if isinstance(publisher, list):
        publisher = publisher[0] if publisher else None
    return _words(publisher.get("name") if isinstance(publisher, Mapping) else publisher)


def _published(tree: Any, stated: Mapping[str, object], now: datetime) -> datetime | None:
    if date := parse_date(stated.get("datePublished"), now=now):
        return date
    for name in _META_DATES:
        if date := parse_date(_meta(tree, name), now=now):
            return date
    for path in (
        '//*[@itemprop="datePublished"]/@content | //*[@itemprop="datePublished"]/@datetime',
        "//time[@pubdate]/@datetime",
        "//article//time/@datetime | //header//time/@datetime | //main//time/@datetime",
    ):
        for value in tree.xpath(path)[:1]:
            if date := parse_date(str(value).strip(), now=now):
                return date
    for element in tree.xpath("//*[@class or @itemprop]"):
        label = f"{element.get('class', '')} {element.get('itemprop', '')}"
        if _SHOWN_DATE.search(label):
            shown = " ".join(element.text_content()[:200].split())
            if date := parse_date(_LEAD.sub("", shown), now=now):
                return date
    return None


def _meta(tree: Any, name: str) -> str | None:
    for element in tree.xpath("//meta[@content]"):
        for attribute in ("property", "name", "itemprop"):
            if (element.get(attribute) or "").lower() == name:
                return _words(element.get("content"))
    return None


def _address(tree: Any, url: str | None) -> str | None:
    """The page's canonical address; one that names another host than `url` is not believed."""
    declared = next(iter(tree.xpath('//link[@rel="canonical"]/@href')), None) or _meta(
        tree, "og:url"
    )
    if declared and url:
        declared = urljoin(url, declared)
    declared = read_url(declared)
    if url is None or declared is None:
        return declared or url
    ours, theirs = (urlsplit(address).hostname or "" for address in (url, declared))
    return declared if _site(ours) == _site(theirs) else url


def _site(host: str) -> str:
    return re.sub(r"^(?:www|m|amp|mobile|edition)\.", "", host.lower())


def _words(value: object) -> str | None:
    return (" ".join(value.split()) or None) if isinstance(value, str) else None
