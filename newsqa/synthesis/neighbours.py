"""A sentence of an article → it with those around it that it can't be read without."""

from __future__ import annotations

import re
from collections.abc import Sequence

from newsqa.synthesis.around import sentence_after, sentences_before
from newsqa.synthesis.evidence import MAX_QUOTE_CHARS
from newsqa.synthesis.wording import NAME, TIME, leans, retracts, says_something
from newsqa.types import Evidence, Hit, Span

MOST_BEFORE = 3
"""Sentences that are shown before one that can't be read without them."""

_OF_SOMEONE = re.compile(
    r"^[“\"'‘(]*(?:He|She|They|It|His|Her|Their|Its|This|That|These|Those|Both)\b"
)
"""What still asks for who or what is meant, where it stands before another."""
_ENDS = re.compile(r"[.!?…][”’\"')\]]*$")
"""How a sentence ends, and a caption, a byline or a link doesn't."""


def with_neighbours(evidence: Evidence, hit: Hit) -> list[Span]:
    """The sentence with what it can't be read without, in order.

    The one before it where it starts by pointing back; what is before that, as far as
    `MOST_BEFORE`, where that one is still of somebody or something that isn't named ("She wept.")
    or of a quote whose speaker isn't; the one after it where that takes it back ("That figure was
    wrong.").  Where so many leave it open, the one before it alone.
    """
    text, sentences = evidence.article.text, hit.passage.sentences
    own = Span(start=evidence.start, end=evidence.end)
    at = sentences.index(own)
    follows = following(text, own, hit)
    after = [follows] if follows and retracts(text[follows.start : follows.end]) else []
    before: list[Span] = []
    known = list(sentences[:at])
    for _ in range(MOST_BEFORE):
        if not (_leave_open(text, before) if before else leans(evidence.text)):
            break
        known = known or sentences_before(text, (before or [own])[0].start)
        if not known:
            break
        span = known.pop()
        said = text[span.start : span.end]
        fits = (after or [own])[-1].end - span.start <= MAX_QUOTE_CHARS
        if not fits or not says_something(said) or not _ENDS.search(said):
            break
        before.insert(0, span)
    if before and _leave_open(text, before):
        del before[:-1]
    return [*before, own, *after]


def following(text: str, span: Span, hit: Hit) -> Span | None:
    """The sentence of a hit's article after one, of the passages beside it too."""
    sentences = hit.passage.sentences
    at = sentences.index(span) + 1 if span in sentences else len(sentences)
    return sentences[at] if at < len(sentences) else sentence_after(text, span.end)


def needs_what_is_before(text: str, span: Span) -> bool:
    """Whether a sentence points back to the one before it or takes it back."""
    said = text[span.start : span.end]
    return leans(said) or retracts(said)


def _leave_open(text: str, spans: Sequence[Span]) -> bool:
    """Whether the sentences shown before another leave open who or what is meant or who speaks."""
    if _closes_more_than_it_opens(text[spans[0].start : spans[-1].end]):
        return True
    said = [text[span.start : span.end] for span in spans]
    if _OF_SOMEONE.match(said[0]):
        return True
    return said[0].startswith(("“", '"', "‘", "«")) and not any(
        _is_of_somebody(found.group())
        for each in said
        for found in NAME.finditer(_after_first_word(each))
    )


def _closes_more_than_it_opens(text: str) -> bool:
    """Whether a quote that it ends began before it."""
    if text.count("”") != text.count("“"):
        return text.count("”") > text.count("“")
    return text.count('"') % 2 == 1


def _after_first_word(text: str) -> str:
    """A text without its first word, which is capitalised whatever it is."""
    return re.sub(r"^\W*\w+", "", text)


def _is_of_somebody(name: str) -> bool:
    """Whether what looks like a name may be somebody's: no "I", no "MONDAY" and no day."""
    return not name.isupper() and not TIME.fullmatch(name) and not re.match(r"I(?:[’']|$)", name)
