"""An article as it is read beside the chat, with what is quoted from it marked in its place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from newsqa.types import Article, Citation, Reference
from newsqa.web.cards import corrected, elsewhere, where
from newsqa.web.markup import count, day, escape, link, listed, safe_href

SHOWN_CHARS = 60_000
"""Of an article's text at once, around the quote."""
_BREAK = re.compile(r"\s*\n\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Quoted:
    """A stretch of an article's text that an answer quotes, and the number of its mark."""

    start: int
    end: int
    number: int


def source(
    article: Article,
    *,
    citations: Sequence[Citation] = (),
    number: int | None = None,
    turn: int | None = None,
    as_of: datetime | None = None,
    asked: datetime | None = None,
) -> str:
    """The article; the quotes that `citations` take from it are marked, that of `number` first.

    Where the article has changed since the answer, a quote that it no longer has is told.
    """
    mine = [each for each in citations if each.article_id == article.id]
    chosen = next((each for each in mine if each.number == number), None)
    quoted = [found for each in mine if (found := place(article.text, each))]
    here = next((found for found in quoted if found.number == number), None)
    lost = chosen is not None and here is None
    start, end = _window(article.text, here)
    shown = "".join(
        f'<p dir="auto">{_marked(article.text, first, last, quoted, number)}</p>'
        for first, last in paragraphs(article.text, start, end)
    )
    of_turn = "" if turn is None else f' data-turn="{turn}"'
    named = listed([article.source or "", day(article.published)])
    return (
        f'<article class="source"{of_turn} data-from="{escape(named)}">'
        f"{_head(article, as_of=as_of, asked=asked)}"
        + (_changed(chosen) if lost and chosen else "")
        + f'<div class="source-text">{_cut(start > 0)}{shown}{_cut(end < len(article.text))}</div>'
        + (f"{corrected(chosen)}{elsewhere(chosen.elsewhere)}" if chosen else "")
        + "</article>"
    )


def gone(reference: Reference | None) -> str:
    """What is said of an article that is no longer there; its quote, if there is one, stays."""
    quote = (
        f'<blockquote dir="auto">{escape(reference.quote)}</blockquote>'
        if isinstance(reference, Citation)
        else ""
    )
    return (
        '<article class="source"><p class="changed" role="status">'
        "This article has been removed from the archive"
        f"{' since it was quoted. The quoted words were:' if quote else '.'}</p>{quote}</article>"
    )


def place(text: str, citation: Citation) -> Quoted | None:
    """Where the quote stands now: at its offsets, else at the one place that has its words."""
    start = citation.start
    if text[start : start + len(citation.quote)] != citation.quote:
        start = text.find(citation.quote)
        if start < 0 or text.find(citation.quote, start + 1) >= 0:
            return None
    return Quoted(start=start, end=start + len(citation.quote), number=citation.number)


def paragraphs(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Where the paragraphs of `text[start:end]` begin and end, blank ones left out."""
    at = start
    for gap in _BREAK.finditer(text, start, end):
        if text[at : gap.start()].strip():
            yield at, gap.start()
        at = gap.end()
    if text[at:end].strip():
        yield at, end


def _marked(text: str, first: int, last: int, quoted: Iterable[Quoted], number: int | None) -> str:
    """A stretch of text as HTML; where two quotes overlap, the later one gives way."""
    pieces, at = [], first
    ordered = sorted(quoted, key=lambda each: (each.number != number, each.start))
    taken: list[Quoted] = []
    for each in ordered:
        if all(each.end <= other.start or each.start >= other.end for other in taken):
            taken.append(each)
    for each in sorted(taken, key=lambda each: each.start):
        start, end = max(each.start, at), min(each.end, last)
        if start >= end:
            continue
        here = ' class="here"' if each.number == number else ""
        pieces.append(
            f'{escape(text[at:start])}<mark{here} data-number="{each.number}">'
            f"{escape(text[start:end])}</mark>"
        )
        at = end
    return "".join(pieces) + escape(text[at:last])


def _window(text: str, here: Quoted | None) -> tuple[int, int]:
    """What of the text is shown: all of it, or whole words around the quote."""
    if len(text) <= SHOWN_CHARS:
        return 0, len(text)
    middle = here.start if here else 0
    start = max(0, min(middle - SHOWN_CHARS // 2, len(text) - SHOWN_CHARS))
    return start, max(start + SHOWN_CHARS, here.end if here else 0)


def _head(article: Article, *, as_of: datetime | None, asked: datetime | None) -> str:
    reference = Reference.to(article)
    title = " ".join((article.title or "").split()) or "Untitled"
    authors = (
        f'<p class="authors" dir="auto">By {escape(", ".join(article.authors))}</p>'
        if article.authors
        else ""
    )
    href = safe_href(article.url)
    away = (
        f'<p class="original">{link("Open at " + (urlsplit(href).hostname or ""), href)}</p>'
        if href
        else ""
    )
    words = len(article.text.split())
    return (
        f'<header><p class="where">{where(reference, as_of=as_of, asked=asked)}</p>'
        f'<h2 class="title" tabindex="-1"><bdi dir="auto">{escape(title)}</bdi></h2>{authors}'
        f'<p class="length">{count(words, "word")}</p>{away}</header>'
    )


def _changed(citation: Citation) -> str:
    return (
        '<p class="changed" role="status">This article has changed since the answer was given '
        "and no longer has the quoted words:</p>"
        f'<blockquote dir="auto">{escape(citation.quote)}</blockquote>'
    )


def _cut(shortened: bool) -> str:
    return '<p class="cut">… the rest of a long text is left out here …</p>' if shortened else ""
