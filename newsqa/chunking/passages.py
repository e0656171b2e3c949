"""Article → passages: whole sentences, as many as fit the encoder's window, evenly filled."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from hashlib import blake2b

from newsqa.chunking.sentences import sentence_spans
from newsqa.config import Chunking
from newsqa.types import Article, Passage, Span

TokenCounter = Callable[[Sequence[str]], list[int]]
"""Texts → the number of tokens of each, without special tokens."""

MAX_TITLE_CHARS = 160


def passages(article: Article, count_tokens: TokenCounter, *, limits: Chunking) -> list[Passage]:
    """Cut an article into passages of at most `limits.max_tokens` tokens and `max_words` words.

    Sentences are kept whole; one that is too long on its own is cut at white space, or
    where there is none at a character.  Passages are filled evenly, so that no scrap is
    left at the end.  An article without visible text has none.
    """
    spans = sentence_spans(article.text)
    sizes = _sizes(article.text, spans, count_tokens, limits)
    while any(size > 1.0 for size in sizes):
        spans = [
            piece
            for span, size in zip(spans, sizes, strict=True)
            for piece in (_halves(article.text, span) if size > 1.0 else (span,))
        ]
        sizes = _sizes(article.text, spans, count_tokens, limits)
    return [_passage(article, group) for group in _fill(spans, sizes)]


def encoder_input(article: Article, passage: Passage) -> str:
    """What the encoder reads for a passage: title and day as context, then its text."""
    context = (article.title or "")[:MAX_TITLE_CHARS].strip()
    if article.published is not None:
        day = f"{article.published:%B} {article.published.day}, {article.published.year}"
        context = f"{context} ({day})" if context else day
    return f"{context}\n{passage.text}" if context else passage.text


def _sizes(
    text: str, spans: Sequence[Span], count_tokens: TokenCounter, limits: Chunking
) -> list[float]:
    """Of each sentence, the share of a passage that it fills: above 1 it does not fit."""
    sentences = [text[span.start : span.end] for span in spans]
    tokens = count_tokens(sentences) if sentences else []
    return [
        max(count / limits.max_tokens, len(sentence.split()) / limits.max_words)
        for count, sentence in zip(tokens, sentences, strict=True)
    ]


def _halves(text: str, span: Span) -> tuple[Span, ...]:
    """The span cut at the white space nearest to its middle, or at its middle."""
    if span.end - span.start < 2:
        return (span,)
    middle = (span.start + span.end) // 2
    for step in range(1, middle - span.start):
        for at in (middle - step, middle + step):
            if span.start < at < span.end - 1 and text[at].isspace():
                left, right = at, at
                while text[left - 1].isspace():
                    left -= 1
                while text[right].isspace():
                    right += 1
                return Span(start=span.start, end=left), Span(start=right, end=span.end)
    return Span(start=span.start, end=middle), Span(start=middle, end=span.end)


def _fill(spans: Sequence[Span], sizes: Sequence[float]) -> list[list[Span]]:
    """Consecutive sentences in groups of total size at most 1, near one another in size."""
    total = sum(sizes)
    if not spans:
        return []
    goal = total / math.ceil(total) if total > 0 else 1.0
    groups: list[list[Span]] = [[]]
    filled = 0.0
    for span, size in zip(spans, sizes, strict=True):
        overshoot = filled + size - goal
        if groups[-1] and (filled + size > 1.0 or overshoot > goal - filled):
            groups.append([])
            filled = 0.0
        groups[-1].append(span)
        filled += size
    return groups


def _passage(article: Article, group: Sequence[Span]) -> Passage:
    start, end = group[0].start, group[-1].end
    return Passage(
        id=_passage_id(article, start, end),
        article_id=article.id,
        start=start,
        end=end,
        text=article.text[start:end],
        sentences=tuple(group),
    )


def _passage_id(article: Article, start: int, end: int) -> int:
    """63 bits of what the passage is, so that the same id always means the same words."""
    key = f"{article.id}\0{article.content_hash}\0{start}\0{end}"
    return int.from_bytes(blake2b(key.encode(), digest_size=8).digest(), "big") >> 1
