"""Article → passages: whole sentences, as many as fit the encoder's window, evenly filled."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from hashlib import blake2b

from newsqa.chunking.sentences import sentence_spans
from newsqa.config import Chunking
from newsqa.types import Article, Passage, Span

TokenCounter = Callable[[Sequence[str]], list[int]]
"""Texts → the number of tokens of each, without special tokens."""

MAX_TITLE_CHARS = 160
SPECIAL_TOKENS = 2
"""What a model puts around a text within its window."""
MIN_ROOM = 8
"""Tokens that a passage's text has at least, however small the window."""


def passages(
    article: Article, count_tokens: TokenCounter, *, limits: Chunking, window: int | None = None
) -> list[Passage]:
    """Cut an article into passages of at most `limits.max_tokens` tokens and `max_words` words.

    Where the encoder's `window` (tokens) is smaller, less what `context` takes of it, that
    is the limit.  Sentences are kept whole; one that is too long on its own is cut at white
    space, or where there is none at a character.  Passages are filled evenly, so that no
    scrap is left at the end.  An article without visible text has none.
    """
    if window is not None:
        taken = count_tokens([context(article, count_tokens, window=window) + "\n"])[0]
        room = max(MIN_ROOM, window - SPECIAL_TOKENS - taken)
        limits = replace(limits, max_tokens=min(limits.max_tokens, room))
    spans = sentence_spans(article.text)
    sizes = _sizes(article.text, spans, count_tokens, limits)
    while any(_divisible(span, size) for span, size in zip(spans, sizes, strict=True)):
        spans = [
            piece
            for span, size in zip(spans, sizes, strict=True)
            for piece in (_halves(article.text, span) if _divisible(span, size) else (span,))
        ]
        sizes = _sizes(article.text, spans, count_tokens, limits)
    return [_passage(article, group) for group in _fill(spans, sizes)]


def context(article: Article, count_tokens: TokenCounter, *, window: int) -> str:
    """Title and day, for the encoder to read before a passage; at most a third of its window."""
    title = " ".join((article.title or "")[:MAX_TITLE_CHARS].split())
    day = ""
    if article.published is not None:
        day = f"{article.published:%B} {article.published.day}, {article.published.year}"
    while True:
        whole = f"{title} ({day})" if title and day else title or day
        if not title or count_tokens([whole])[0] <= window // 3:
            return whole
        title = title[: len(title) * 3 // 4].rstrip()


def encoder_input(context: str, passage: Passage) -> str:
    """What the encoder reads for a passage: its context (see `context`), then its text."""
    return f"{context}\n{passage.text}" if context else passage.text


def _divisible(span: Span, size: float) -> bool:
    """Whether a sentence is too long for a passage, and of more than one character."""
    return size > 1.0 and span.end - span.start > 1


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


def _halves(text: str, span: Span) -> tuple[Span, Span]:
    """The span cut at the white space nearest to its middle, or at its middle."""
    middle = (span.start + span.end) // 2
    for step in range(middle - span.start):
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
    groups: list[list[Span]] = []
    left = sum(sizes)
    filled = goal = 0.0
    for span, size in zip(spans, sizes, strict=True):
        overshoot = filled + size - goal
        if not groups or filled + size > 1.0 or overshoot > goal - filled:
            # What is left is shared out anew, or many a little less would leave a scrap.
            goal = left / max(1, math.ceil(left - 1e-9))
            groups.append([])
            filled = 0.0
        groups[-1].append(span)
        filled += size
        left -= size
    return groups


def _passage(article: Article, group: Sequence[Span]) -> Passage:
    start, end = group[0].start, group[-1].end
    return Passage(
        id=passage_id(article, start, end),
        article_id=article.id,
        start=start,
        end=end,
        text=article.text[start:end],
        sentences=tuple(group),
    )


def passage_id(article: Article, start: int, end: int) -> int:
    """63 bits of what the passage is, so that the same id always means the same words."""
    key = f"{article.id}\0{article.content_hash}\0{start}\0{end}"
    return int.from_bytes(blake2b(key.encode(), digest_size=8).digest(), "big") >> 1
