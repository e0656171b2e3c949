"""The sentences that hold the likeliest answers, put beside each other and read once more.

Read by itself, a passage that only speaks of the same may look as good as one that answers.  Read
in one go with what the others say, it is told apart.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from typing import TypeAlias

from newsqa.synthesis.pooled import Place, Pooled
from newsqa.synthesis.reading import Reader, Reading, normaliser
from newsqa.synthesis.spans import as_told, key_of, with_unit
from newsqa.types import Hit

_WORD = re.compile(r"\S+")

ReadAgain: TypeAlias = Callable[[str], Reading]
"""A text as read for the question."""

COMPARED = 8
"""Answers whose sentences are read again, the likeliest by the reader alone."""
PLACES = 2
"""Of each answer."""
MOST_WORDS = 170
"""Of all the sentences together; about what a passage has."""
MOST_CHARS = 1500
"""Of them too: what has no spaces between its words, or none at all, counts as few."""
LONGEST = 80
"""Words of a sentence; of what is longer only so many around the answer are read."""
SPANS = 20
"""Of what is read again that are looked at."""


def reading_again(question: str, reader: Reader) -> ReadAgain:
    """What reads a text for a question."""
    return lambda text: reader.read(question, [("", text)])[0]


def compared(
    answers: Sequence[Pooled], hits: Sequence[Hit], read_again: ReadAgain
) -> dict[tuple[str, ...], float]:
    """How likely the likeliest answers are where they are read together, [0, 1], by their keys.

    0 where its sentences found no room.  A name's last part that was joined to the full name counts
    for that.
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
        told = (text[start:end], text[start : with_unit(text, start, end)])
        key = next((meant[key] for key in map(key_of, told) if key in meant), None)
        if key is not None:
            found[key] += math.exp(span.logit - total)
    return found


def put_together(places: Sequence[Place], hits: Sequence[Hit]) -> str:
    """The sentences in which places stand, no words twice, in the hits' order.

    The sentence of the likeliest place first, then each that there is room for.
    """
    kept: dict[str, tuple[int, int]] = {}
    seen = set()
    room, chars = MOST_WORDS, MOST_CHARS
    for place in sorted(places, key=lambda place: -place.span.logit):
        passage = hits[place.hit].passage
        start = passage.start + place.span.start
        sentence = next(s for s in passage.sentences if s.start <= start < s.end)
        if (place.hit, sentence.start) in seen:
            continue
        seen.add((place.hit, sentence.start))
        text = hits[place.hit].article.text[sentence.start : sentence.end]
        words = _words_around(text, start - sentence.start)
        told = " ".join(words)
        if len(words) <= room and len(told) <= chars and told not in kept:
            kept[told] = (place.hit, sentence.start)
            room, chars = room - len(words), chars - len(told)
    return " ".join(sorted(kept, key=lambda text: kept[text]))


def _words_around(text: str, at: int) -> list[str]:
    """The words of a text; of a long one those around a character."""
    words = list(_WORD.finditer(text))
    here = sum(word.end() <= at for word in words)
    first = max(0, min(here - LONGEST // 2, len(words) - LONGEST))
    return [word.group() for word in words[first : first + LONGEST]]
