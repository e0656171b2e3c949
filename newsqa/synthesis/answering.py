"""Hits → Answer: select, compose, verify; or say that the archive doesn't know."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from newsqa.config import Answering
from newsqa.synthesis.compose import Composition, compose, readable
from newsqa.synthesis.confidence import confidence
from newsqa.synthesis.evidence import (
    Candidate,
    Encode,
    Vectors,
    Words,
    select,
)
from newsqa.synthesis.reader import ExactSpan, read
from newsqa.synthesis.verify import verify, without_unverified
from newsqa.synthesis.wording import kind_of_answer
from newsqa.types import Answer, Article, Coverage, Hit, Query, Reference

NEAREST = 3
"""Articles that a refusal names."""
MAX_TITLE_CHARS = 120
"""Of a title in a refusal."""
CLEAR_LEAD = 1.3
"""How many times the support of the next span the best one needs to be given as the answer."""


def answer_from(
    question: str,
    query: Query,
    hits: Sequence[Hit],
    *,
    searched: Coverage,
    vector: Vectors,
    encode: Encode,
    words: Words,
    settings: Answering,
    lap: Callable[[str], dict[str, float]],
) -> Answer:
    """The answer that the hits support, or a refusal.

    `vector` is the query's, `(dim,)`; `lap` books time and returns it by step.  A sentence
    that its quotes don't support is left out, and where none is left the answer is a refusal.
    """
    candidates = select(query, hits, vector=vector, encode=encode, words=words)
    lap("select")
    spans = read(asked_about(question, query), candidates)
    lap("read")
    sure = confidence(candidates, spans)
    composition = Composition(statements=(), citations=())
    if candidates and sure >= settings.threshold:
        composition = without_unverified(
            compose(leading_with(spans, candidates), hits, max_sentences=settings.max_sentences)
        )
    lap("compose")
    if not composition.statements:
        return Answer(
            question=question,
            text=refusal(query, searched, hits),
            short=None,
            status="no_evidence",
            confidence=sure,
            citations=(),
            query=query,
            searched=searched,
            nearest=nearest(hits),
            timings=lap("verify"),
        )
    short = clear_answer(spans)
    if short is not None and not any(short in c.quote for c in composition.citations):
        short = None
    verify(composition, {hit.article.id: hit.article for hit in hits}, short=short)
    return Answer(
        question=question,
        text=composition.text,
        short=short,
        status="answered",
        confidence=sure,
        citations=composition.citations,
        query=query,
        searched=searched,
        timings=lap("verify"),
    )


def asked_about(question: str, query: Query) -> str:
    """The wording that tells what kind of answer is wanted: its own, if that tells anything."""
    return query.text if kind_of_answer(question) == "other" else question


def leading_with(spans: Sequence[ExactSpan], candidates: Sequence[Candidate]) -> list[Candidate]:
    """The candidates, the sentence that holds the likeliest exact answer before the others."""
    ordered = list(candidates)
    if spans:
        ordered.insert(0, ordered.pop(spans[0].candidates[0]))
    return ordered


def clear_answer(spans: Sequence[ExactSpan]) -> str | None:
    """The likeliest exact answer where it stands out from the next, else None."""
    if not spans:
        return None
    apart = len(spans) == 1 or spans[0].score >= CLEAR_LEAD * spans[1].score
    return spans[0].text if apart else None


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
    return tuple(
        Reference(
            article_id=article.id,
            title=article.title,
            source=article.source,
            authors=article.authors,
            published=article.published,
            url=article.url,
        )
        for article in list(articles.values())[:NEAREST]
    )


def _name(reference: Reference) -> str:
    title = readable(reference.title or "untitled").rstrip(".")
    if len(title) > MAX_TITLE_CHARS:
        title = f"{title[:MAX_TITLE_CHARS].rstrip()}…"
    day = f"{reference.published:%Y-%m-%d}" if reference.published else "undated"
    return f"“{title}” ({', '.join(part for part in (reference.source, day) if part)})"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
