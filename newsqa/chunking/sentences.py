"""Text → sentence spans.

Paragraphs first (a sentence never crosses a line break), then the Punkt model of the
nupunkt package, which knows the abbreviations of English prose ("U.S.", "Gov.", "J. D.").
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from newsqa.types import Span

MAX_SENTENCE_CHARS = 1200
"""What is longer is no sentence (a table, a list without stops) and is cut at white space."""

# A full stop after an ordinary word and before a capital ends a sentence, whatever the model
# knows of the word: it takes "hall." and "board." for abbreviations, as citations of law have.
_MISSED = re.compile(r"(?<=[a-z]{4})[.!?]+[”’\"')\]]*\s+(?=[“‘\"'(\[]?[A-Z])")
_ABBREVIATED = re.compile(
    r"\b(approx|dept|govt|intl|asst|capt|prof|corp|misc|assn|supt|messrs|"
    r"calif|minn|mass|penn|wash|tenn|conn|colo|okla|ariz|mont|nebr|wisc)$",
    re.IGNORECASE,
)
_LINE = re.compile(r"[^\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+")
_VISIBLE = re.compile(r"\S")


def sentence_spans(text: str) -> list[Span]:
    """Spans of the sentences of `text`, in order, without surrounding white space.

    Spans never overlap, none is empty, and every character outside them is white space.
    """
    import nupunkt

    spans: list[Span] = []
    for line in _LINE.finditer(text):
        if not _VISIBLE.search(line.group()):
            continue
        for start, end in nupunkt.sent_spans(line.group()):
            for a, b in _split_where_missed(text, line.start() + start, line.start() + end):
                spans.extend(_pieces(text, a, b))
    return spans


def _split_where_missed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for stop in _MISSED.finditer(text, start, end):
        # Only the word before the stop: from the start, a long line would take its square.
        if not _ABBREVIATED.search(text, max(start, stop.start() - 10), stop.start()):
            yield start, stop.end()
            start = stop.end()
    yield start, end


def _pieces(text: str, start: int, end: int) -> list[Span]:
    """[start, end) without outer white space, cut where it is longer than a sentence can be."""
    pieces: list[Span] = []
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    while end - start > MAX_SENTENCE_CHARS:
        cut = start + MAX_SENTENCE_CHARS
        for back in range(cut, start + MAX_SENTENCE_CHARS // 2, -1):
            if text[back].isspace():
                cut = back
                break
        stop = cut
        while stop > start and text[stop - 1].isspace():
            stop -= 1
        if stop > start:
            pieces.append(Span(start=start, end=stop))
        start = cut
        while start < end and text[start].isspace():
            start += 1
    if end > start:
        pieces.append(Span(start=start, end=end))
    return pieces
