"""Which article is this, and does it still say the same?

The rule for ids, first that applies:

1. an explicit id is used as it is (at most 200 characters);
2. else the canonical form of the article's address;
3. else the place that it was read from: the absolute path, and within a file of many
   articles the title and date, or the row's position where there is no title.

Ids by 2 and 3 are 16 hex digits.  The same article read again, from anywhere, has the same
id by 1 and 2; by 3 as long as its file stays where it is.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from datetime import datetime
from urllib.parse import urlsplit, urlunsplit

from newsqa.articles.authors import read_authors
from newsqa.articles.clean import clean, clean_line, sanitize
from newsqa.errors import SourceError
from newsqa.types import Article

LONGEST_ID = 200
LONGEST_URL = 2048
LONGEST_NAME = 200
"""Characters of an outlet's name."""
LONGEST_TITLE = 1000
NO_STORY = "no text but page furniture"

_TRACKING = re.compile(
    r"(?:utm_\w*|fbclid|gclid|gclsrc|dclid|msclkid|yclid|igshid|mc_[ce]id|ns_\w+|cid|cmpid|cmp|"
    r"ocid|ito|smid|smtyp|ref_?src|xtor|taid|_ga|at_\w+|guccounter|sref|"
    r"spm|icid|ftag|__twitter_impression|shareid)",
    re.IGNORECASE,
)
_PORTS = {"http": 80, "https": 443}
_LANGUAGES = {
    "english": "en", "german": "de", "deutsch": "de", "french": "fr", "français": "fr",
    "spanish": "es", "español": "es", "italian": "it", "dutch": "nl", "portuguese": "pt",
    "russian": "ru", "ukrainian": "uk", "polish": "pl", "arabic": "ar", "chinese": "zh",
    "japanese": "ja", "korean": "ko", "turkish": "tr", "hindi": "hi",
}  # fmt: skip


def article_id(
    *,
    explicit: str | None = None,
    url: str | None = None,
    origin: str | None = None,
    within: str | None = None,
) -> str:
    """The id by the rule above; `within` tells the articles of one place apart."""
    if explicit and len(explicit) <= LONGEST_ID:
        return explicit
    name = canonical_url(url) if url else "\x1f".join((origin or "", within or ""))
    return hashlib.blake2b(name.encode("utf-8", "replace"), digest_size=8).hexdigest()


def canonical_url(url: str) -> str:
    """One form for the addresses of one page.

    http is https, scheme and host are lower case, and a default port, user names, the
    fragment, tracking parameters and a trailing slash are dropped; the rest of the query
    is sorted.  `www.` stays: not every host answers without it.  What is no address comes
    back as it is, without surrounding space.
    """
    url = url.strip()
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return url
    scheme = parts.scheme.lower()
    if scheme not in _PORTS or not host:
        return url
    if ":" in host:
        host = f"[{host}]"
    netloc = host if port in (None, _PORTS[scheme], 443) else f"{host}:{port}"
    pairs = (pair.strip() for pair in parts.query.split("&"))
    kept = (p for p in pairs if p and not _TRACKING.fullmatch(p.partition("=")[0]))
    path = re.sub(r"[/\s]+$", "", parts.path)
    return urlunsplit(("https", netloc, path, "&".join(sorted(kept)), ""))


def content_hash(
    *,
    title: str | None,
    text: str,
    url: str | None,
    source: str | None,
    authors: Iterable[str],
    published: datetime | None,
    language: str | None,
) -> str:
    """32 hex digits over all that is shown and searched; when and where it was read is not."""
    digest = hashlib.blake2b(digest_size=16)
    date = published.isoformat() if published else None
    for value in (title, text, url, source, "\x1f".join(authors), date, language):
        data = b"" if value is None else value.encode("utf-8", "replace")
        # The length in front keeps ("ab", "c") and ("a", "bc") apart, -1 None and "".
        digest.update(b"%d:" % (-1 if value is None else len(data)))
        digest.update(data)
    return digest.hexdigest()


def hash_of(article: Article) -> str:
    """The content hash that an article's fields give, whatever hash it carries."""
    return content_hash(
        title=article.title,
        text=article.text,
        url=article.url,
        source=article.source,
        authors=article.authors,
        published=article.published,
        language=article.language,
    )


def make_article(
    *,
    text: str,
    title: str | None = None,
    url: str | None = None,
    source: str | None = None,
    authors: object = (),
    published: datetime | None = None,
    language: str | None = None,
    retrieved: datetime | None = None,
    origin: str | None = None,
    explicit: str | None = None,
    place: str | None = None,
    position: int | None = None,
    max_chars: int,
) -> Article:
    """The one way in which loaders make an Article: all of it cleaned, with its id and hash.

    `place` is the absolute path or address that stands for the origin in the id, `position`
    the row's number within it.  An article whose outlet is not named has its host's name
    (without www) as its source.  Raises SourceError where nothing is left to read.
    """
    if len(text) > max_chars:
        raise SourceError(f"{len(text):,} characters, over the limit of {max_chars:,}")
    title = (clean_line(title) or None) if title else None
    if title and len(title) > LONGEST_TITLE:
        title = title[: LONGEST_TITLE - 1].rstrip() + "…"
    cleaned = clean(text, title=title)
    if not cleaned.text:
        raise SourceError(NO_STORY if text.strip() else "no text")
    url = read_url(url)
    source = (clean_line(source)[:LONGEST_NAME].rstrip() or None) if source else None
    source = source or host_name(url)
    names = read_authors(authors, source=source) or read_authors(cleaned.authors, source=source)
    names = tuple(filter(None, map(clean_line, names)))
    language = read_language(language)
    within = None
    if position is not None:
        date = published.isoformat() if published else ""
        within = f"{title}\x1f{date}" if title else f"#{position}"
    return Article(
        id=article_id(
            explicit=(clean_line(explicit) if explicit else None),
            url=url,
            origin=place or origin,
            within=within,
        ),
        title=title,
        text=cleaned.text,
        url=url,
        source=source,
        authors=names,
        published=published,
        language=language,
        retrieved=retrieved,
        origin=sanitize(origin) if origin else None,
        content_hash=content_hash(
            title=title,
            text=cleaned.text,
            url=url,
            source=source,
            authors=names,
            published=published,
            language=language,
        ),
    )


def read_url(value: str | None) -> str | None:
    """An absolute http(s) address, or None: nothing else may become a link."""
    if not value or len(value) > LONGEST_URL:
        return None
    value = value.strip()
    if value.startswith("//"):
        value = "https:" + value
    elif re.match(r"www\.[\w-]+\.\w", value):
        value = "https://" + value
    try:
        parts = urlsplit(value)
        host = parts.hostname
        _ = parts.port
    except ValueError:
        return None
    if parts.scheme.lower() not in _PORTS or not host or re.search(r"[\s\x00-\x1f<>\"]", value):
        return None
    return sanitize(value)


def host_name(url: str | None) -> str | None:
    """The host of an address without www: what stands for an outlet that isn't named."""
    host = urlsplit(url).hostname if url else None
    return host.removeprefix("www.") or None if host else None


def read_language(value: str | None) -> str | None:
    """The primary language code in lower case ("en" of "en-GB"), or None."""
    if not value:
        return None
    value = value.strip().lower()
    code = re.split(r"[-_]", _LANGUAGES.get(value, value))[0]
    return code if re.fullmatch(r"[a-z]{2,3}", code) else None
