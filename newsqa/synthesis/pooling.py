"""What was read in several passages → exact answers, best first, each with its support.

Spans that say the same (whatever the case, the articles, a title before a name, the way a
number is written) are one answer, and so are a full name and its last part.  How likely it is
comes from what the reader makes of all its places together, how well the search ranked what
mentions it, how new what it was read in is, whether a headline has it, and whether it has the form
that was asked for; what can't be of the kind that is asked for is none.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from newsqa.synthesis.asking import Kind, kind_of_answer
from newsqa.synthesis.comparing import ReadAgain, compared
from newsqa.synthesis.counting import counted, is_of
from newsqa.synthesis.coverage import HitTerms, Words, information, share
from newsqa.synthesis.forms import FIT, forms_of, is_unfit
from newsqa.synthesis.logistic import Logistic
from newsqa.synthesis.pooled import Place, Pooled
from newsqa.synthesis.reading import (
    LEAST,
    SPANS,
    Reading,
    ReadSpan,
    normaliser,
    occurrences,
)
from newsqa.synthesis.spans import as_told, key_of, plain, with_unit, without_honorific
from newsqa.synthesis.wording import (
    NAME,
    TIME,
    dateline_length,
    is_content,
)
from newsqa.types import Hit, Query

POOLED = 30
"""Answers that are looked at closely, the likeliest by the reader alone."""

FULL_NAME = 0.1
"""How likely a full name must be beside its last part, by the reader, to stand for both."""

AS_LIKELY = 3.0
"""How far below an answer's likeliest place another may be, in logits, to be as likely.  Else what
a name is beside, in an article of something else, would make it new."""

NEARLY_AS_LIKELY = 8.0
"""The same of a passage's likeliest place and that of all, for the passage to speak of the same."""

OF_NO_TIME = 0.25
"""How much it counts that there is newer news where no time is asked about nor the newest: a
question may be about any time of the archive, or about how things stand now."""

MAX_NAMED_IN = 20_000
"""Characters of an article in which names are looked for."""

RIGHT = Logistic(
    bias=-4.435,
    weights={
        "chance": 0.372,  # log of the reader's probability that it is the answer, over all passages
        "apart": 0.055,  # log of how many times the likeliest other's that is
        "fit": 0.392,  # of its form for what is asked, [0, 1]; 0.5 where nothing of a form is
        "headline": 1.055,  # share of its words in the title of the article of its likeliest place
        "asked": -1.98,  # share of its words that the question has
        "length": 0.165,  # log of its number of words
        "context": 1.017,  # most of the question's information around a place of it, [0, 1]
        "found": 1.994,  # best 1 / rank by the search of the passages that mention it
        "newness": 1.022,  # exp(-days / 30) from the newest article where it was read as likely as
        # anywhere to the newest in which something nearly as likely was read; OF_NO_TIME of that
        "overlap": -0.645,  # with the other answers: F1 of words, by their probability
        "long": -0.798,  # by how much `length` is above that of two words
        "counted": 1.341,  # whether it is of what the question counts; 0 where it counts nothing
        "beside": 0.16,  # log of its probability where the likeliest are read beside each other;
        # of those that aren't, as of one with none
    },
)
"""Is an exact answer the right one?

How many passages mention it, or how many places it was read in, is not among these: of a quiz's
news it tells little that `chance` doesn't, and where one passage alone has the answer it has others
chosen.
"""


def pool(
    question: str,
    hits: Sequence[Hit],
    readings: Sequence[Reading],
    words: Words,
    *,
    searched: Sequence[int] | None = None,
    read_again: ReadAgain | None = None,
    timely: bool = True,
) -> list[Pooled]:
    """The exact answers read in the hits' passages, best first.

    `searched` are the hits' ranks by the search, where reading has put them in another order;
    `timely` is whether it is asked as of a time, or for how things stand now.
    Without `read_again` none is compared with the others, and their scores mean little.
    """
    if not any(part.start.size for reading in readings for part in reading.parts):
        return []
    total, kind = normaliser(readings), kind_of_answer(question)
    by_key: dict[tuple[str, ...], Pooled] = {}
    for at, (hit, reading) in enumerate(zip(hits, readings, strict=True)):
        for span in reading.spans(SPANS):
            start, end = as_told(hit.passage.text, span, article=hit.article.text[:MAX_NAMED_IN])
            if kind == "amount":
                measured = with_unit(hit.passage.text, start, end)
                end = measured if _can_be_cited(hit, start, measured) else end
            text = hit.passage.text[start:end]
            key = key_of(text)
            if not key or is_unfit(kind, text) or not _can_be_cited(hit, start, end):
                continue
            answer = by_key.setdefault(key, Pooled(text, key))
            answer.chance += math.exp(span.logit - total)
            answer.places.append(
                Place(at, ReadSpan(start=start, end=end, logit=span.logit, lead=span.lead))
            )
    for answer in by_key.values():
        answer.places.sort(key=lambda place: -place.span.logit)
        answer.text = answer.places[0].wording(hits)
    likeliest = sorted(by_key.values(), key=lambda answer: -answer.chance)[:POOLED]
    likeliest = _under_full_names(question, likeliest, hits, total)
    around = _Around(question, hits, words)
    found = Found.of(hits, searched, likeliest, timely=timely)
    named = counted(question, words)
    for answer in likeliest:
        answer.text = answer.places[0].wording(hits)
    beside = compared(likeliest, hits, read_again) if read_again is not None else {}
    for answer in likeliest:
        is_counted = any(
            is_of(named, hits[place.hit].passage.text, place.span.start, place.span.end, words)
            for place in answer.places
        )
        answer.features = (
            *_features(question, answer, likeliest, found, around, is_counted),
            math.log(beside.get(answer.key, 0.0) + LEAST),
        )
        answer.score = RIGHT.log_odds(answer.features)
    return sorted(likeliest, key=lambda answer: -answer.score)


def is_timely(query: Query) -> bool:
    """Whether it is asked as of a time, or for how things stand now."""
    return query.as_of is not None or query.newest


def _under_full_names(
    question: str, answers: Sequence[Pooled], hits: Sequence[Hit], total: float
) -> list[Pooled]:
    """The answers, places of a name's last part ("Quill") joined to the full one ("Ada Quill").

    Only where the place's own article has that full name and no other with the same last part,
    and not for places, times and numbers: Northern Ireland is not Ireland.
    """
    if kind_of_answer(question) in _NEVER_JOINED:
        return list(answers)
    names_in: dict[str, set[tuple[str, ...]]] = {}
    for part in sorted(answers, key=lambda answer: len(answer.key)):
        fuller = {
            answer.key: answer
            for answer in answers
            if len(answer.key) > len(part.key)
            and answer.key[-len(part.key) :] == part.key
            and answer.chance >= FULL_NAME * part.chance
            and NAME.fullmatch(without_honorific(answer.text))
        }
        if not fuller or TIME.fullmatch(part.text):
            continue
        if not NAME.fullmatch(without_honorific(part.text)):
            continue
        for place in list(part.places):
            article = hits[place.hit].article
            if article.id not in names_in:
                names_in[article.id] = _full_names(article.text)
            known = _only(
                name for name in names_in[article.id] if name[-len(part.key) :] == part.key
            )
            whole = None if known is None else fuller.get(known)
            if whole is not None:
                part.places.remove(place)
                whole.places.append(place)
                moved = math.exp(place.span.logit - total)
                part.chance, whole.chance = part.chance - moved, whole.chance + moved
    return [answer for answer in answers if answer.places]


def _full_names(text: str) -> set[tuple[str, ...]]:
    """The keys of the names of several words in a text, but for what only looks like one."""
    found = set()
    for name in NAME.findall(text[:MAX_NAMED_IN]):
        words = name.split()
        while words and not is_content(words[0].casefold()):
            del words[0]  # a sentence's first word is capitalised whatever it is
        key = key_of(" ".join(words))
        if len(key) > 1 and key[0] not in _COMPASS and "of" not in key:
            found.add(key)
    return found


def _only(names: Iterable[tuple[str, ...]]) -> tuple[str, ...] | None:
    """The one that all the others end in: "Ada Quill" of that and "Councillor Ada Quill"."""
    known = sorted(names, key=len)
    shortest = known[0] if known else ()
    ends = all(name[-len(shortest) :] == shortest for name in known)
    return shortest if shortest and ends else None


def _can_be_cited(hit: Hit, start: int, end: int) -> bool:
    """Whether characters of a passage stand in one of its sentences, not in its dateline."""
    start, end = hit.passage.start + start, hit.passage.start + end
    text = hit.article.text
    return any(
        span.start + dateline_length(text[span.start : span.end]) <= start and end <= span.end
        for span in hit.passage.sentences
    )


class _Around:
    """What stands around a place in a hit."""

    def __init__(self, question: str, hits: Sequence[Hit], words: Words):
        self._about = information(question, words)
        self._hits, self._words = hits, words
        self._terms: dict[int, HitTerms] = {}

    def share(self, place: Place) -> float:
        """Of what is asked about, in its sentence, the one before and the title, [0, 1]."""
        hit = self._hits[place.hit]
        start = hit.passage.start + place.span.start
        sentences = hit.passage.sentences
        at = next(i for i, span in enumerate(sentences) if span.start <= start < span.end)
        return share(self._about, self._terms_of(place).around(at))

    def headline(self, place: Place, text: str) -> float:
        """The share of an answer's words that the title of a place's article has, [0, 1]."""
        own = set(self._words.terms(text))
        return len(own & self._terms_of(place).title) / len(own) if own else 0.0

    def _terms_of(self, place: Place) -> HitTerms:
        if place.hit not in self._terms:
            self._terms[place.hit] = HitTerms.of(self._hits[place.hit], self._words)
        return self._terms[place.hit]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The hits and what of them does not depend on an answer."""

    hits: Sequence[Hit]
    searched: Sequence[int]
    """Their ranks by the search."""
    newest: datetime | None
    """When the newest was published of those in which something nearly as likely as the likeliest
    was read: what is of something else makes nothing old."""
    timely: bool
    """Whether it is asked as of a time, or for how things stand now."""

    @classmethod
    def of(
        cls,
        hits: Sequence[Hit],
        searched: Sequence[int] | None,
        answers: Sequence[Pooled],
        *,
        timely: bool,
    ) -> Found:
        """The hits' own ranks where `searched` is None."""
        places = [place for answer in answers for place in answer.places]
        likely = max(place.span.logit for place in places) - NEARLY_AS_LIKELY if places else 0.0
        return cls(
            hits=hits,
            searched=[hit.rank for hit in hits] if searched is None else searched,
            newest=_newest(hits[place.hit] for place in places if place.span.logit >= likely),
            timely=timely,
        )

    def newness(self, hits: Iterable[Hit]) -> float:
        """Of the newest of some, falling by e every 30 days from `newest`; as of none undated.

        It falls from 1 to 0, or to no less than 1 - OF_NO_TIME where no time is asked about.
        """
        own, new = _newest(hits), 0.0
        if own is not None and self.newest is not None:
            new = min(1.0, math.exp(-((self.newest - own) / timedelta(days=30))))
        return new if self.timely else 1.0 - OF_NO_TIME * (1.0 - new)


def _newest(hits: Iterable[Hit]) -> datetime | None:
    dates = (hit.article.published for hit in hits)
    return max((date for date in dates if date is not None), default=None)


def _features(
    question: str,
    answer: Pooled,
    answers: Sequence[Pooled],
    found: Found,
    around: _Around,
    is_counted: bool,
) -> tuple[float, ...]:
    """Of an answer among all of them, in the order of RIGHT's weights but for the last."""
    hits = found.hits
    asked = {plain(word.casefold()) for word in re.findall(r"\w+", question)}
    likely = max(place.span.logit for place in answer.places) - AS_LIKELY
    read_in = {place.hit for place in answer.places if place.span.logit >= likely}
    fit = FIT[kind_of_answer(question)]
    mentioned = (next(occurrences(hit.passage.text, answer.text), None) is not None for hit in hits)
    ranks = (rank for rank, said in zip(found.searched, mentioned, strict=True) if said)
    length = math.log(len(answer.key))
    chance = math.log(answer.chance + LEAST)
    rival = max((other.chance for other in answers if other is not answer), default=0.0)
    return (
        chance,
        chance - math.log(rival + LEAST),
        max((fit.get(form, 0.0) for form in forms_of(answer.text)), default=0.0) if fit else 0.5,
        around.headline(max(answer.places, key=lambda place: place.span.logit), answer.text),
        sum(word in asked for word in answer.key) / len(answer.key),
        length,
        max(map(around.share, answer.places)),
        max((1.0 / rank for rank in ranks), default=0.0),
        found.newness(hits[at] for at in read_in),
        _overlap(answer, answers),
        max(0.0, length - math.log(2)),
        float(is_counted),
    )


def _overlap(answer: Pooled, answers: Sequence[Pooled]) -> float:
    """F1 of an answer's words with each other one's, by the reader's probability, [0, 1]."""
    own, total = set(answer.key), sum(other.chance for other in answers)
    if not total:
        return 0.0
    return (
        sum(
            other.chance * 2 * len(own & set(other.key)) / (len(own) + len(set(other.key)))
            for other in answers
            if other is not answer
        )
        / total
    )


_NEVER_JOINED: tuple[Kind, ...] = ("place", "time", "count", "amount")
_COMPASS = frozenset(
    """north south east west northern southern eastern western central upper lower new""".split()
)
