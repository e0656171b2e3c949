"""Hits → Answer: select, compose, verify; or say that the archive doesn't know."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import MappingProxyType

from newsqa.config import Answering
from newsqa.synthesis.compose import compose
from newsqa.synthesis.confidence import confidence
from newsqa.synthesis.evidence import Candidate, Encode, Selection, Words, select
from newsqa.synthesis.reader import ExactSpan, read
from newsqa.synthesis.verify import verify
from newsqa.types import Answer, Article, Coverage, Hit, Query, Reference

NEAREST = 3
"""Articles that a refusal names."""
CLEAR_LEAD = 1.3
"""How many times the support of the next span the best one needs to be given as the answer."""


def answer_from(
    question: str,
    query: Query,
    hits: Sequence[Hit],
    *,
    searched: Coverage,
    encode: Encode,
    words: Words,
    settings: Answering,
    lap: Callable[[str], dict[str, float]],
) -> Answer:
    """The answer that the hits support, or a refusal; `lap` books time and returns it by step.

    Raises VerificationError where the answer doesn't keep its guarantees: a defect.
    """
    selection = select(query, hits, encode=encode, words=words)
    lap("select")
    spans = read(query.text, selection.candidates)
    lap("read")
    sure = confidence(selection, spans)
    if not selection.candidates or sure < settings.threshold:
        return Answer(
            question=question,
            text=refusal(searched, hits),
            short=None,
            status="no_evidence",
            confidence=sure,
            citations=(),
            query=query,
            searched=searched,
            nearest=nearest(hits),
            timings=MappingProxyType(lap("compose")),
        )
    composition = compose(
        leading_with(spans, selection), hits, max_sentences=settings.max_sentences
    )
    short = clear_answer(spans)
    lap("compose")
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
        timings=MappingProxyType(lap("verify")),
    )


def leading_with(spans: Sequence[ExactSpan], selection: Selection) -> list[Candidate]:
    """The candidates, the sentence that holds the likeliest exact answer before the others."""
    candidates = list(selection.candidates)
    if spans:
        candidates.insert(0, candidates.pop(spans[0].candidates[0]))
    return candidates


def clear_answer(spans: Sequence[ExactSpan]) -> str | None:
    """The likeliest exact answer where it stands out from the next, else None."""
    if not spans:
        return None
    apart = len(spans) == 1 or spans[0].score >= CLEAR_LEAD * spans[1].score
    return spans[0].text if apart else None


def refusal(searched: Coverage, hits: Sequence[Hit]) -> str:
    """What is said instead of an answer: what was searched, and what came nearest."""
    if searched.articles == 0:
        said = "No article of the archive is within these bounds."
        if searched.undated_excluded:
            said += f" {_count(searched.undated_excluded, 'article')} without a date left out."
        return said
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
    title = " ".join((reference.title or "untitled").split()).rstrip(".")
    day = f"{reference.published:%Y-%m-%d}" if reference.published else "undated"
    return f"“{title}” ({', '.join(part for part in (reference.source, day) if part)})"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
