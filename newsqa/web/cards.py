"""Citations and references → cards."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from newsqa.types import Citation, Reference
from newsqa.web.markup import age, day, escape, link, listed

AROUND = 400
"""Characters of the paragraph shown before and after the quote, at most."""


def card(
    citation: Citation,
    *,
    turn: int,
    as_of: datetime | None = None,
    asked: datetime | None = None,
) -> str:
    """What stands behind a mark: the article, and the quote highlighted in its paragraph."""
    return (
        f'<li class="card" id="{anchor(turn, citation.number)}" data-cite="{citation.number}" '
        f'tabindex="-1"><div class="card-head"><span class="number">{citation.number}</span>'
        f'<span class="where">{where(citation, as_of=as_of, asked=asked)}</span></div>'
        f'<h4 class="title">{_title(citation)}</h4>{_authors(citation)}'
        f'<blockquote dir="auto">{in_place(citation)}</blockquote>'
        f'<p class="card-foot"><button type="button" class="open" data-turn="{turn}" '
        f'data-number="{citation.number}">Read it in the article'
        f'<span class="unseen"> (source {citation.number})</span></button></p>'
        f"{corrected(citation)}{elsewhere(citation.elsewhere)}</li>"
    )


def corrected(citation: Citation) -> str:
    """When the archive took in other words of the article, if it ever did."""
    if citation.corrected is None:
        return ""
    when = day(citation.corrected)
    return f'<p class="corrected">The archive took in other words of this article on {when}.</p>'


def elsewhere(references: Sequence[Reference]) -> str:
    """Who else printed a quote, word for word."""
    if not references:
        return ""
    items = "".join(
        f'<li>{where(each)} <span class="title">{opener(each)}</span></li>' for each in references
    )
    return f'<div class="elsewhere">The same words in<ul>{items}</ul></div>'


def in_place(citation: Citation) -> str:
    """The paragraph with the quote marked, shortened far from it; the quote is always whole."""
    start = citation.start - citation.context_start
    end = start + len(citation.quote)
    if start < 0 or citation.context[start:end] != citation.quote:
        # The paragraph is not the quote's: the quote alone is still true.
        return f"<mark>{escape(citation.quote)}</mark>"
    before, after = citation.context[:start], citation.context[end:]
    if len(before) > AROUND:
        before = "… " + before[-AROUND:].partition(" ")[2]
    if len(after) > AROUND:
        after = after[:AROUND].rpartition(" ")[0] + " …"
    return f"{escape(before)}<mark>{escape(citation.quote)}</mark>{escape(after)}"


def cards(
    citations: Sequence[Citation],
    *,
    turn: int,
    as_of: datetime | None = None,
    asked: datetime | None = None,
) -> str:
    """All cards of an answer, in order."""
    items = "".join(card(c, turn=turn, as_of=as_of, asked=asked) for c in citations)
    return f'<ol class="cards">{items}</ol>'


def anchor(turn: int, number: int) -> str:
    """The id of a card on the page."""
    return f"turn-{turn}-source-{number}"


def nearest(references: Sequence[Reference]) -> str:
    """The articles that came nearest to a question that has no answer."""
    items = "".join(
        f'<li><h4 class="title">{opener(reference)}</h4>'
        f'<span class="where">{where(reference)}</span></li>'
        for reference in references
    )
    return f'<ul class="nearest">{items}</ul>' if items else ""


def where(
    reference: Reference, *, as_of: datetime | None = None, asked: datetime | None = None
) -> str:
    """Outlet, day and age, as far as they are known."""
    outlet = reference.source or "Outlet not known"
    date = day(reference.published) or "undated"
    when = f' datetime="{reference.published:%Y-%m-%d}"' if reference.published else ""
    return listed(
        [
            f'<b class="outlet" dir="auto">{escape(outlet)}</b>',
            f"<time{when}>{date}</time>",
            age(reference.published, as_of=as_of, asked=asked),
        ]
    )


def _title(reference: Reference) -> str:
    return link(_words(reference), reference.url)


def opener(reference: Reference) -> str:
    """The title, as a button that opens the article here."""
    return (
        f'<button type="button" class="open" data-article="{escape(reference.article_id)}">'
        f'<bdi dir="auto">{escape(_words(reference))}</bdi></button>'
    )


def _words(reference: Reference) -> str:
    return " ".join((reference.title or "").split()) or "Untitled"


def _authors(reference: Reference) -> str:
    if not reference.authors:
        return ""
    return f'<p class="authors" dir="auto">By {escape(", ".join(reference.authors))}</p>'
