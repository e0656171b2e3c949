"""The sentences that hold the likeliest answers, put beside each other and read once more.

Read by itself, a passage that only speaks of the same may look as good as one that answers.  Read
in one go with what the others say, it is told apart.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TypeAlias

from newsqa.synthesis.pooled import Place, Pooled
from newsqa.synthesis.reading import Reader, Reading, normaliser
from newsqa.synthesis.spans import as_told, key_of
from newsqa.types import Hit

ReadAgain: TypeAlias = Callable[[str], Reading]
"""A text as read for the question."""

COMPARED = 8
"""Answers whose sentences are read again, the likeliest by the reader alone."""
PLACES = 2
"""Of each answer."""
MOST_WORDS = 170
"""Of all the sentences together; about what a passage has."""
SPANS = 20
"""Of what is read again that are looked at."""


def reading_again(question: str, reader: Reader) -> ReadAgain:
    """What reads a text for a question."""
    return lambda text: reader.read(question, [("", text)])[0]


def compared(
    answers: Sequence[Pooled], hits: Sequence[Hit], read_again: ReadAgain
) -> dict[tuple[str, ...], float]:
    """By an answer's key, how likely it is where the likeliest are read together, [0, 1].

    What was not read again is not among them.  A name's last part that was joined to the full name
    counts for that.
    """
    likeliest = sorted(answers, key=lambda answer: -answer.chance)[:COMPARED]
    text = put_together([place for answer in likeliest for place in answer.places[:PLACES]], hits)
    if not text:
        return {}
    meant: dict[tuple[str, ...], tuple[str, ...]] = {answer.key: answer.key for answer in likeliest}
    for answer in likeliest:
        for place in answer.places:
            meant.setdefault(key_of(place.wording(hits)), answer.key)
    reading = read_again(text)
    total = normaliser([reading])
    found = dict.fromkeys((answer.key for answer in likeliest), 0.0)
    for span in reading.spans(SPANS):
        start, end = as_told(text, span, article=text)
        key = meant.get(key_of(text[start:end]))
        if key is not None:
            found[key] += math.exp(span.logit - total)
    return found


def put_together(places: Sequence[Place], hits: Sequence[Hit]) -> str:
    """The sentences in which places stand, no words twice, in the hits' order.

    Of what is too much for one passage, the sentences with the likeliest places.
    """
    logits: dict[tuple[int, int, int], float] = {}
    for place in places:
        passage = hits[place.hit].passage
        start = passage.start + place.span.start
        sentence = next(s for s in passage.sentences if s.start <= start < s.end)
        key = (place.hit, sentence.start, sentence.end)
        logits[key] = max(place.span.logit, logits.get(key, -math.inf))
    kept: dict[str, tuple[int, int, int]] = {}
    words = 0
    for hit, start, end in sorted(logits, key=lambda key: (-logits[key], key)):
        sentence_words = hits[hit].article.text[start:end].split()
        text = " ".join(sentence_words)
        if text not in kept and (not kept or words + len(sentence_words) <= MOST_WORDS):
            kept[text] = (hit, start, end)
            words += len(sentence_words)
    return " ".join(sorted(kept, key=lambda text: kept[text]))
