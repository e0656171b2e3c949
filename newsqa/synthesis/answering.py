"""Hits → Answer: select, compose, verify; or say that the archive doesn't know."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from newsqa.config import Answering
from newsqa.synthesis.asking import shape_of
from newsqa.synthesis.compose import Composition, compose, readable
from newsqa.synthesis.coverage import Words
from newsqa.synthesis.finding import Finding, asked_about
from newsqa.synthesis.verdict import verdict
from newsqa.synthesis.verify import verify, without_unverified
from newsqa.types import Answer, Article, Coverage, Hit, Query, Reference

NEAREST = 3
"""Articles that a refusal names."""
MAX_TITLE_CHARS = 120
"""Of a title in a refusal."""


def answer_from(
    question: str,
    query: Query,
    found: Finding,
    *,
    searched: Coverage,
    words: Words,
    settings: Answering,
    lap: Callable[[str], dict[str, float]],
) -> Answer:
    """The answer in the articles' own words that was found, or a refusal.

    `lap` books time and returns it by step.  A sentence that its quotes don't support is left
    out, and where none is left the answer is a refusal.
    """
    shape = shape_of(asked_about(question, query))
    composition = Composition(statements=(), citations=())
    if found.candidates and found.confidence >= settings.threshold:
        composition = without_unverified(
            compose(
                found.candidates,
                found.hits,
                max_sentences=settings.max_sentences,
                in_time=shape == "account" and not query.newest,
                several=found.exact if len(found.exact) > 1 else (),
                least=found.least,
            )
        )
    lap("compose")
    if not composition.statements:
        return Answer(
            question=question,
            text=refusal(query, searched, found.hits),
            short=None,
            status="no_evidence",
            confidence=found.confidence,
            citations=(),
            query=query,
            searched=searched,
            nearest=nearest(found.hits),
            timings=lap("verify"),
        )
    cited = [citation.quote for citation in composition.citations]
    # A reason or a course of events is told in sentences: of the few words that the reader took
    # from them for 2023's questions of this kind, one in eleven was right.
    exact = tuple(
        text for text in found.exact if shape != "account" and any(text in quote for quote in cited)
    )
    verify(composition, {hit.article.id: hit.article for hit in found.hits}, exact=exact)
    return Answer(
        question=question,
        text=composition.text,
        short=exact[0] if exact else None,
        several=exact if len(exact) > 1 else (),
        verdict=verdict(query.text, readable(found.candidates[0].evidence.text), words)
        if shape == "verdict"
        else None,
        status="answered",
        confidence=found.confidence,
        citations=composition.citations,
        query=query,
        searched=searched,
        timings=lap("verify"),
    )


def refusal(query: Query, searched: Coverage, hits: Sequence[Hit]) -> str:
    """What is said instead of an answer: what was searched, and what came nearest."""
    if searched.articles == 0:
        bounded = query.as_of or query.since or query.until or query.sources
        said = "No article is within these bounds" if bounded else "The archive is empty"
        if searched.undated_excluded:
            said += f"; {_count(searched.undated_excluded, 'article')} without a date left out"
        return " ".join([f"{said}.", *query.why])
    said = "The archive does not hold an answer to this. Searched: "
    said += _count(searched.articles, "article")
    if searched.earliest and searched.latest:
        first, last = f"{searched.earliest:%Y-%m-%d}", f"{searched.latest:%Y-%m-%d}"
        said += f" of {first}" if first == last else f" from {first} to {last}"
    if searched.undated_excluded:
        said += f"; {searched.undated_excluded} without a date left out"
    names = [_name(reference) for reference in nearest(hits)]
    return f"{said}. Nearest: {'; '.join(names)}." if names else f"{said}."


def nearest(hits: Sequence[Hit]) -> tuple[Reference, ...]:
    """The articles of the best hits, each once."""
    articles: dict[str, Article] = {}
    for hit in hits:
        articles.setdefault(hit.article.id, hit.article)
    return tuple(map(Reference.to, list(articles.values())[:NEAREST]))


def _name(reference: Reference) -> str:
    title = readable(reference.title or "untitled").rstrip(".")
    if len(title) > MAX_TITLE_CHARS:
        title = f"{title[:MAX_TITLE_CHARS].rstrip()}…"
    day = f"{reference.published:%Y-%m-%d}" if reference.published else "undated"
    return f"“{title}” ({', '.join(part for part in (reference.source, day) if part)})"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
