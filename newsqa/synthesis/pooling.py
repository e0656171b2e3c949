"""What was read in several passages → exact answers, best first, each with its support.

Spans that say the same (whatever the case, the articles, a title before a name, the way a
number is written) are one answer.  How likely it is comes from what the reader makes of its
places, how many articles have it, how well the search ranked them, and whether it has the form
that was asked for.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from newsqa.synthesis.forms import FIT, forms_of
from newsqa.synthesis.logistic import Logistic
from newsqa.synthesis.reading import (
    LEAST,
    SPANS,
    Reading,
    ReadSpan,
    normaliser,
    occurrences,
)
from newsqa.synthesis.wording import kind_of_answer
from newsqa.types import Hit

POOLED = 30
"""Answers that are looked at closely, the likeliest by the reader alone."""

RIGHT = Logistic(
    bias=-2.784,
    weights={
        "chance": 0.532,  # log of the reader's probability that it is the answer, over all passages
        "lead": 0.456,  # most by which it exceeds "no answer" in a passage, logit / 10
        "relevance": 1.452,  # most of the passages that it was read in, logit / 10
        "articles": 1.091,  # log of 1 + articles it was read in
        "mentioned": 1.514,  # share of the passages that mention it
        "rank": 1.307,  # best 1 / rank of the passages it was read in
        "fit": 0.689,  # of its form for what is asked, [0, 1]; 0.5 where nothing of a form is
        "asked": -3.083,  # share of its words that the question has
        "length": -1.082,  # log of its number of words
        "within": -0.052,  # log of the reader's probability of longer answers that hold it
        "without": 0.046,  # log of the same of shorter answers that it holds
    },
)
"""Is an exact answer the right one?"""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an answer was read: which of the hits, from 0, and characters of its passage."""

    hit: int
    span: ReadSpan


@dataclass(slots=True)
class Pooled:
    """An exact answer: its likeliest wording first, and where it was read."""

    text: str
    key: tuple[str, ...]
    chance: float = 0.0
    """By the reader alone, in [0, 1], summed over its places."""
    places: list[Place] = field(default_factory=list)
    """Likeliest first."""
    features: tuple[float, ...] = ()
    score: float = 0.0
    """Log-odds of being the answer, as fitted."""


def pool(question: str, hits: Sequence[Hit], readings: Sequence[Reading]) -> list[Pooled]:
    """The exact answers read in the hits' passages, best first."""
    if not any(part.start.size for reading in readings for part in reading.parts):
        return []
    total = normaliser(readings)
    by_key: dict[tuple[str, ...], Pooled] = {}
    for at, (hit, reading) in enumerate(zip(hits, readings, strict=True)):
        for span in reading.spans(SPANS):
            start, end = trimmed(hit.passage.text, span.start, span.end)
            text = hit.passage.text[start:end]
            key = key_of(text)
            if not key or not _in_one_sentence(hit, start, end):
                continue
            answer = by_key.setdefault(key, Pooled(text, key))
            answer.chance += math.exp(span.logit - total)
            answer.places.append(
                Place(at, ReadSpan(start=start, end=end, logit=span.logit, lead=span.lead))
            )
    likeliest = sorted(by_key.values(), key=lambda answer: -answer.chance)[:POOLED]
    for answer in likeliest:
        answer.places.sort(key=lambda place: -place.span.logit)
        best = answer.places[0]
        answer.text = hits[best.hit].passage.text[best.span.start : best.span.end]
        answer.features = _features(question, answer, likeliest, hits, readings)
        answer.score = RIGHT.log_odds(answer.features)
    return sorted(likeliest, key=lambda answer: -answer.score)


def _in_one_sentence(hit: Hit, start: int, end: int) -> bool:
    """Whether characters of a passage stand in one of its sentences, and so can be cited."""
    start, end = hit.passage.start + start, hit.passage.start + end
    return any(span.start <= start and end <= span.end for span in hit.passage.sentences)


def _features(
    question: str,
    answer: Pooled,
    others: Sequence[Pooled],
    hits: Sequence[Hit],
    readings: Sequence[Reading],
) -> tuple[float, ...]:
    asked = {word.casefold() for word in re.findall(r"\w+", question)}
    read_in = {place.hit for place in answer.places}
    fit = FIT[kind_of_answer(question)]
    mentioned = sum(
        next(occurrences(hit.passage.text, answer.text), None) is not None for hit in hits
    )
    words = set(answer.key)
    longer = sum(other.chance for other in others if words < set(other.key))
    shorter = sum(other.chance for other in others if words > set(other.key))
    return (
        math.log(answer.chance + LEAST),
        max(place.span.lead for place in answer.places) / 10,
        max(readings[at].relevance for at in read_in) / 10,
        math.log1p(len({hits[at].article.id for at in read_in})),
        mentioned / len(hits),
        max(1.0 / hits[at].rank for at in read_in),
        max((fit.get(form, 0.0) for form in forms_of(answer.text)), default=0.0) if fit else 0.5,
        sum(word in asked for word in answer.key) / len(answer.key),
        math.log(len(answer.key)),
        math.log(longer + LEAST),
        math.log(shorter + LEAST),
    )


_WRAPPING = "\"'“”‘’()[]{}<>,;:.–—- \t\n\u00a0"
_NUMBER_WORDS = {
    word: str(number)
    for number, word in enumerate(
        """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen
        fifteen sixteen seventeen eighteen nineteen twenty""".split()
    )
}
_SAME = {"percent": "%", "per": "", "cent": "%", "us": "usa", "u.s": "usa", "u.s.a": "usa"}
_HONORIFIC = re.compile(
    r"^(?:(?:mr|mrs|ms|dr|sir|dame|lord|lady|sen|gov|rep|rev|prof|president|senator|governor|"
    r"captain|king|queen|prince|princess|pope)\.?\s+)+(?=\w)",
    re.IGNORECASE,
)


_ABBREVIATED = re.compile(r"(?:(?:\b[A-Z]\.)+[A-Z]|\b[ap]\.m|\b(?:Jr|Sr|Inc|Co|Corp|Ltd))\.$")
_POSSESSIVE = re.compile(r"[’']s$")


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """A span without the punctuation and white space that wraps it.

    A bracket stays where its partner is inside, a full stop where it ends an abbreviation.  An
    "’s" at the end goes too.
    """
    while start < end and text[start] in _WRAPPING:
        if text[start] == "(" and ")" in text[start:end].rstrip(_WRAPPING):
            break
        start += 1
    while end > start and text[end - 1] in _WRAPPING:
        if text[end - 1] == ")" and "(" in text[start:end]:
            break
        if text[end - 1] == "." and _ABBREVIATED.search(text, start, end):
            break
        end -= 1
    possessive = _POSSESSIVE.search(text, start, end)
    if possessive and possessive.start() > start:
        return trimmed(text, start, possessive.start())
    return start, end


def key_of(text: str) -> tuple[str, ...]:
    """What makes two spans the same answer.

    Their words without case, without articles and the titles of persons, numbers as digits.
    """
    text = _POSSESSIVE.sub("", _HONORIFIC.sub("", text.strip()))
    text = re.sub(r"(?<=\d),(?=\d{3}\b)", "", text)
    words = re.findall(r"\d+(?:\.\d+)?|%|[$£€¥]|[^\W\d_][\w.]*[^\W_]|\w", text.casefold())
    plain = (_NUMBER_WORDS.get(word, _SAME.get(word, word)) for word in words)
    return tuple(word for word in plain if word and word not in {"the", "a", "an"})
