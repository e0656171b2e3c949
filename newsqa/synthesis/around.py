"""The sentences of an article right before and after a place, of the passages beside it too."""

from __future__ import annotations

from newsqa.chunking.sentences import sentence_spans
from newsqa.types import Span

REACH = 1200
"""Characters that are looked at on either side."""


def sentences_before(text: str, at: int) -> list[Span]:
    """The whole sentences that end before a character, in order, the nearest last."""
    start = max(0, at - REACH)
    spans = _moved(sentence_spans(text[start:at]), start)
    return spans[1:] if start else spans


def sentence_after(text: str, at: int) -> Span | None:
    """The sentence that begins after a character; None where none ends within reach."""
    spans = _moved(sentence_spans(text[at : at + REACH]), at)
    if len(spans) < 2 and at + REACH < len(text):
        return None
    return next(iter(spans), None)


def _moved(spans: list[Span], by: int) -> list[Span]:
    return [Span(start=span.start + by, end=span.end + by) for span in spans]
