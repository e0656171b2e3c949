"""Answers, hits and articles → plain text for a language model that uses newsqa as a tool."""

from __future__ import annotations

from collections.abc import Sequence

from newsqa.types import UNVERIFIED, Answer, Article, Citation, Coverage, Hit, Reference

MOST_NAMED = 5
"""Outlets that printed the same words, named to a model."""


def told(answer: Answer, *, ids: bool = False) -> str:
    """The answer's text, its numbered sources, and what was searched; `ids` names the articles."""
    lines = [answer.text, ""]
    if answer.unverified:
        lines += [f"{UNVERIFIED}: no quote of the archive supports the sentence before it.", ""]
    if answer.status == "answered":
        lines += ["Sources:", *(_source(each, ids=ids) for each in answer.citations), ""]
    elif ids and answer.nearest:
        nearest = (f"- {_named(each)}{_id(each.article_id)}" for each in answer.nearest)
        lines += ["The nearest articles:", *nearest, ""]
    return "\n".join([*lines, _searched(answer.searched)])


def told_hits(hits: Sequence[Hit]) -> str:
    """Passages in order, each under a line that says where it stands."""
    if not hits:
        return "No passage was found within these bounds."
    return "\n\n".join(
        f"{hit.rank}. {_named(Reference.to(hit.article))}{_id(hit.article.id)}\n"
        f"“{_line(hit.passage.text)}”"
        for hit in hits
    )


def told_article(article: Article, *, offset: int = 0, most: int) -> str:
    """At most `most` characters of an article from the `offset`-th on, under a line that names it.

    The last line says where it goes on, if it does.
    """
    text = article.text[offset : offset + most]
    lines = [f"{_named(Reference.to(article))}{_id(article.id)}", "", text]
    end = offset + len(text)
    if end < len(article.text):
        lines += ["", f"[It goes on: characters {offset}–{end} of {len(article.text)}. "
                      f"Read on with offset {end}.]"]  # fmt: skip
    return "\n".join(lines)


def _searched(coverage: Coverage) -> str:
    """How many articles were looked at, and of which days."""
    counted = f"Searched {coverage.articles} article{'' if coverage.articles == 1 else 's'}"
    if coverage.earliest and coverage.latest:
        counted += f" from {coverage.earliest:%Y-%m-%d} to {coverage.latest:%Y-%m-%d}"
    if coverage.undated_excluded:
        counted += f"; {coverage.undated_excluded} without a date left out"
    return counted + "."


def _source(citation: Citation, *, ids: bool) -> str:
    outlets = dict.fromkeys(each.source or "outlet not known" for each in citation.elsewhere)
    named = [*list(outlets)[:MOST_NAMED], *(["more"] if len(outlets) > MOST_NAMED else [])]
    printed = f" (the same words: {_line(', '.join(named))})" if named else ""
    article = _id(citation.article_id) if ids else ""
    return f"[{citation.number}] “{_line(citation.quote)}” — {_named(citation)}{printed}{article}"


def _named(reference: Reference) -> str:
    """Outlet, authors, date, title and address, those that are known, in one line."""
    day = f"{reference.published:%Y-%m-%d}" if reference.published else "undated"
    parts = (
        reference.source, ", ".join(reference.authors), day, reference.title, reference.url
    )  # fmt: skip
    return _line(", ".join(part for part in parts if part))


def _id(article_id: str) -> str:
    return f" (article {_line(article_id)})"


def _line(text: str) -> str:
    return " ".join(text.split())
