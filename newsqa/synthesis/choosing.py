"""Given answers and hits → the one that the archive supports best, with its evidence; or none."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from newsqa.synthesis.asking import kind_of_answer
from newsqa.synthesis.comparing import ReadAgain, reading_again
from newsqa.synthesis.compose import cite
from newsqa.synthesis.coverage import HitTerms, Words, information, share
from newsqa.synthesis.logistic import Logistic
from newsqa.synthesis.pooled import Pooled
from newsqa.synthesis.pooling import is_timely, pool
from newsqa.synthesis.reading import LEAST, Reader, Reading, normaliser, occurrences
from newsqa.synthesis.reordering import ReadHit
from newsqa.synthesis.spans import key_of
from newsqa.synthesis.wording import says_something
from newsqa.types import Choice, Citation, Hit, Query, Span

SUPPORT = Logistic(
    bias=0.0,
    weights={
        "chance": -0.083,  # log of the reader's probability of its places, over all passages
        "lead": 0.453,  # most by which a place of it exceeds "no answer", logit / 10
        "agrees": 2.658,  # with the exact answers that were read: F1 of words, as they are likely
        "mentioned": 0.578,  # sum of 1 / rank over the passages that hold it word for word
        "words": 1.154,  # most of its information and the question's in one passage, [0, 1]
        "near": 0.972,  # most of its information near the question's words in a sentence, [0, 1]
        "meaning": 3.919,  # cosine of question and choice to the nearest passage
        "asked": 0.175,  # share of its words that the question has
    },
)
"""How much more is one choice supported than another?  A difference of log-odds."""
RIGHT = Logistic(
    bias=-2.157,
    weights={
        "share": 0.142,  # log-odds of the choice among the choices, at most 9.2 (also of one alone)
        "agrees": 2.594,  # of the choice, as above
        "mentioned": 0.405,
        "words": -0.426,
        "near": 1.874,
    },
)
"""Is the best supported choice right?"""
MOST_CITED = 3
_NONE_OF_THEM = re.compile(
    r"^\W*(?:[a-z0-9][.):]\s*)?(?:none|neither)"
    r"(?P<of>[ -]of[ -](?:them|these|those|the[ -](?:above|others?|two|choices|options|answers))\b"
    r"(?: (?:above|choices?|options?|answers?))*(?: (?:is|are|was|were) [a-z]+)?)?\W*$",
    re.IGNORECASE,
)
NEGATED = re.compile(
    r"\bexcept\b|\bwhich(?: [\w’'-]+){1,9}? (?:is|are|was|were|do|does|did|has|have|had|will|would|"
    r"can|could)(?:n[’']t|(?: [\w’'-]+){0,3}? (?:not|never))\b",
    re.IGNORECASE,
)
"""A question for what is *not* so of the choices; not one that only tells of something denied."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Support:
    """What speaks for one choice."""

    features: tuple[float, ...]
    """In the order of SUPPORT's weights."""
    score: float


def choose_from(
    query: Query,
    choices: Sequence[str],
    hits: Sequence[Hit],
    *,
    reader: Reader | None,
    meaning: Sequence[float],
    words: Words,
    threshold: float,
) -> Choice | None:
    """The choice that the hits support best, or None where it is less sure than `threshold`.

    A choice that no sentence speaks of can't be backed and is passed over.  `meaning` is of each
    choice the cosine of question and choice to the nearest passage.
    """
    question = query.text
    if not hits:
        return None
    read = read_hits(question, hits, reader)
    again = None if reader is None else reading_again(question, reader)
    found = supports(
        question, choices, read, meaning, words, read_again=again, timely=is_timely(query)
    )
    order = sorted(range(len(choices)), key=lambda at: (-found[at].score, at))
    # What is said of nothing may be just what isn't so: no other choice is right in its place.
    for best in order[:1] if NEGATED.search(question) else order:
        citations = _cited(choices[best], read, words)
        if citations:
            sure = RIGHT.probability(certainty(found, best))
            if sure < threshold:
                return None
            return Choice(text=choices[best], index=best, confidence=sure, citations=citations)
    return None


def stands_for_none(choice: str, question: str) -> bool:
    """Whether a choice says that none of the others is right ("none of the above")."""
    said = _NONE_OF_THEM.match(choice)
    if said is None or said["of"]:
        return said is not None
    # "None" alone may be what is asked for.
    return kind_of_answer(question) not in ("count", "amount")


def read_hits(question: str, hits: Sequence[Hit], reader: Reader | None) -> list[ReadHit]:
    """The hits as read; as if nothing could be read in them without a reader."""
    if reader is None:
        readings = [Reading(parts=(), relevance=0.0) for _ in hits]
    else:
        texts = [(hit.article.title or "", hit.passage.text) for hit in hits]
        readings = reader.read(question, texts)
    return [
        ReadHit(hit=hit, reading=reading, searched=hit.rank)
        for hit, reading in zip(hits, readings, strict=True)
    ]


def supports(
    question: str,
    choices: Sequence[str],
    read: Sequence[ReadHit],
    meaning: Sequence[float],
    words: Words,
    *,
    read_again: ReadAgain | None = None,
    timely: bool = True,
) -> list[Support]:
    """What speaks for each choice.

    Where the question asks for what is *not* so, support counts against a choice.
    """
    hits, readings = [each.hit for each in read], [each.reading for each in read]
    answers = pool(question, hits, readings, words, read_again=read_again, timely=timely)
    total = normaliser(readings)
    sign = -1.0 if NEGATED.search(question) else 1.0
    about = information(question, words)
    asked = set(words.terms(question))
    texts = [HitTerms.of(hit, words) for hit in hits]
    found = []
    for choice, cosine in zip(choices, meaning, strict=True):
        places = list(_places(choice, read))
        own = {t: w for t, w in information(choice, words).items() if t not in about}
        terms = words.terms(choice)
        features = (
            math.log(sum(math.exp(logit - total) for logit, _ in places) + LEAST),
            max((lead for _, lead in places), default=-10.0) / 10,
            _agreement(choice, answers),
            sum(
                1.0 / hit.rank
                for hit in hits
                if next(occurrences(hit.passage.text, _bare(choice)), None)
            ),
            max((share(own, t.all()) * share(about, t.all()) for t in texts), default=0.0),
            max(
                (share(own, s) * share(about, s) for t in texts for s in t.sentences),
                default=0.0,
            ),
            cosine,
            sum(term in asked for term in terms) / max(1, len(terms)),
        )
        found.append(Support(features=features, score=sign * SUPPORT.log_odds(features)))
    return found


def certainty(found: Sequence[Support], best: int) -> tuple[float, ...]:
    """Features of the best supported choice, in the order of RIGHT's weights."""
    top = found[best].score
    others = sum(math.exp(s.score - top) for at, s in enumerate(found) if at != best)
    features = dict(zip(SUPPORT.weights, found[best].features, strict=True))
    return (
        -math.log(max(others, LEAST)),
        features["agrees"],
        features["mentioned"],
        features["words"],
        features["near"],
    )


def _bare(choice: str) -> str:
    return re.sub(r"^\W*(?:the|a|an)\s+", "", choice, flags=re.IGNORECASE)


def _places(choice: str, read: Sequence[ReadHit]) -> list[tuple[float, float]]:
    """Logit and lead of every place where a choice was read word for word."""
    found = []
    for each in read:
        for start, end in occurrences(each.hit.passage.text, _bare(choice)):
            span = each.reading.of(start, end)
            if span is not None:
                found.append((span.logit, span.lead))
    return found


def _agreement(choice: str, answers: Sequence[Pooled]) -> float:
    """How well the exact answers agree with a choice, [0, 1]."""
    key = set(key_of(choice))
    if not answers or not key:
        return 0.0
    best = max(answer.score for answer in answers)
    agreeing = total = 0.0
    for answer in answers:
        odds, own = math.exp(answer.score - best), set(answer.key)
        agreeing += odds * 2 * len(key & own) / (len(key) + len(own))
        total += odds
    return agreeing / total


def _cited(choice: str, read: Sequence[ReadHit], words: Words) -> tuple[Citation, ...]:
    """The sentences that speak most for a choice, of different articles."""
    own = information(choice, words)
    stands = re.compile(rf"(?<!\w){re.escape(choice.strip())}(?!\w)")
    rows: list[tuple[float, int, Hit, Span]] = []
    for hit, reading in ((each.hit, each.reading) for each in read):
        places = list(occurrences(hit.passage.text, _bare(choice)))
        for span in hit.passage.sentences:
            quote = hit.article.text[span.start : span.end]
            # What says nothing of its own ("WHO", "May") is told by its very letters.
            held = (
                share(own, set(words.terms(quote)))
                if own
                else float(stands.search(quote) is not None)
            )
            if not held or not says_something(quote):
                continue
            leads = [
                found.lead
                for start, end in places
                if span.start <= hit.passage.start + start < span.end
                and (found := reading.of(start, end))
            ]
            rows.append((held + max(leads, default=-20.0) / 10, -hit.rank, hit, span))
    rows.sort(key=lambda row: (-row[0], -row[1]))
    cited: dict[str, Citation] = {}
    for _, _, hit, span in rows:
        if hit.article.id not in cited and len(cited) < MOST_CITED:
            cited[hit.article.id] = cite(hit.article, span, len(cited) + 1)
    return tuple(cited.values())
