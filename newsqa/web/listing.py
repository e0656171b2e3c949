"""The articles of an archive as a list to look through: by date, or by words."""

from __future__ import annotations

from dataclasses import dataclass

from newsqa.pipeline import NewsQA
from newsqa.types import Reference
from newsqa.web.cards import opener, where
from newsqa.web.markup import count, escape

PAGE = 20
"""Articles on a page of the list."""
FOUND = 60
"""Passages searched for by words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A page of the list."""

    articles: tuple[Reference, ...]
    total: int
    page: int
    """From 0."""
    by_words: bool

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // PAGE))


class Listing:
    """What the archive holds, newest first, or what a search finds in it."""

    def __init__(self, qa: NewsQA):
        self._qa = qa

    def page(self, number: int = 0, *, words: str = "", outlet: str = "") -> Listed:
        """The articles that have the words, best first, else all, newest first."""
        return self._found(number, words, outlet) if words.strip() else self._all(number, outlet)

    def _found(self, number: int, words: str, outlet: str) -> Listed:
        hits = self._qa.search(words, FOUND, sources=outlet or (), ignore=("period", "newest"))
        found = tuple({hit.article.id: Reference.to(hit.article) for hit in hits}.values())
        number = _within(number, len(found))
        return Listed(
            articles=found[number * PAGE : (number + 1) * PAGE],
            total=len(found),
            page=number,
            by_words=True,
        )

    def _all(self, number: int, outlet: str) -> Listed:
        info = self._qa.info()
        # As a search for it: in any case of letters.
        counts = (n for name, n in info.sources.items() if name.casefold() == outlet.casefold())
        total = sum(counts) if outlet else info.articles
        number = _within(number, total)
        articles = self._qa.newest(offset=number * PAGE, limit=PAGE, sources=outlet or ())
        return Listed(articles=articles, total=total, page=number, by_words=False)


def _within(number: int, total: int) -> int:
    """The page of a number, or the nearest that there is."""
    return min(max(0, number), max(0, (total - 1) // PAGE))


def show_list(listed: Listed, *, removable: bool) -> str:
    """A page of the list, each article with a button that opens it."""
    if not listed.total:
        said = "No article has these words." if listed.by_words else "There are no articles here."
        return f'<p class="note" role="status">{said}</p>'
    first = listed.page * PAGE + 1
    last = first + len(listed.articles) - 1
    order = "best match first" if listed.by_words else "newest first"
    rows = "".join(_row(each, removable=removable) for each in listed.articles)
    turning = (
        f'<nav class="turning" aria-label="Pages of the list">{_turn(listed, -1, "← Previous")}'
        f"{_turn(listed, 1, 'Next →')}</nav>"
        if listed.pages > 1
        else ""
    )
    return (
        f'<p class="note" role="status">{first:,}–{last:,} of {count(listed.total, "article")}, '
        f'{order}</p><ul class="listed">{rows}</ul>{turning}'
    )


def _row(article: Reference, *, removable: bool) -> str:
    return (
        f'<li><h4 class="title">{opener(article)}</h4><span class="where">{where(article)}</span>'
        f"{_removing(article) if removable else ''}</li>"
    )


def _removing(article: Reference) -> str:
    title = " ".join((article.title or "").split()) or "Untitled"
    return (
        '<details class="removing"><summary aria-label="'
        f'Remove {escape(title)} …">Remove …</summary><p>Remove it from the archive for good? '
        f'<button type="button" class="remove-yes" data-id="{escape(article.article_id)}">'
        'Yes, remove it</button> <button type="button" class="remove-no">Keep it</button></p>'
        "</details>"
    )


def _turn(listed: Listed, step: int, name: str) -> str:
    page = listed.page + step
    there = 0 <= page < listed.pages
    return (
        f'<button type="button" class="page" data-page="{page}"{"" if there else " disabled"}>'
        f"{name}</button>"
    )
