"""Articles → questions that they may answer, each with a name that its answer must have."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, zip_longest

from newsqa.types import Article

LONGEST = 90
"""Characters of a question."""
SCANNED = 20_000
"""Characters of an article in which they are looked for."""

# News prose introduces people: "the housing minister, Tobias Renn, said", "Clara Vint, who
# leads the opposition, called".
# Every repetition is bounded: an article may be one run of letters without end.
_PERSON = r"\b(?P<name>(?!(?:The|THE)\b)[A-Z][\w’'-]{1,30}(?: [A-Z][\w’'-]{1,30}){1,2})"
# What an article stands before is no person: "the Old Weir Bridge, the only road crossing of …".
_THING_BEFORE = re.compile(r"\b(?:[Tt]he|THE|[Aa]n?)\s+(?:[A-Z][\w’'-]{0,30}\s+){0,4}\Z")
_INTRODUCED = (
    (re.compile(rf"\b[Tt]he (?P<role>[a-z][a-z’' -]{{3,40}}), {_PERSON},"), "Who is the {role}?"),
    (
        re.compile(rf"{_PERSON}, who (?P<role>[a-z]{{3,30}}s [^,.;:“”\"]{{4,50}}),"),
        "Who {role}?",
    ),
    (
        re.compile(
            rf"{_PERSON}, the (?P<role>[a-z][a-z’' -]{{3,30}} (?:of|for) [\w’' -]{{3,40}}),"
        ),
        "Who is the {role}?",
    ),
)
_SAID = (
    re.compile(rf"[”\"] said {_PERSON}"),
    re.compile(rf"{_PERSON}(?:, [^,.]{{3,50}},)? said\b"),
)
_COUNTED = re.compile(
    r"\b(?P<name>\d[\d,]{0,9}) (?P<what>(?:[a-z]{3,20} )?[a-z]{3,20}s|people)"
    r" (?P<verb>were|have been) (?P<done>[a-z]{3,20}(?:ed|en))(?=[.,;])"
)
_THING = re.compile(r"\b[Tt]he (?P<name>[A-Z][a-z][\w’'-]{0,30}(?: [A-Z][\w’'-]{1,30}){1,3})\b")
_LEANING = re.compile(r"\b(?:he|she|it|they|his|her|its|their|this|that|these|those|was|is)\b")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A question, and what stands in the words that answer it."""

    question: str
    name: str


def candidates(articles: Iterable[Article]) -> Iterator[Candidate]:
    """Questions of all kinds in turn, so that the first few are not all of one kind."""
    articles = list(articles)
    kinds = (counted(articles), people(articles), sayings(articles), things(articles))
    mixed = chain.from_iterable(zip_longest(*kinds))
    yield from (each for each in mixed if each is not None)


def people(articles: Iterable[Article]) -> Iterator[Candidate]:
    """Who holds an office or does something."""
    for article in articles:
        for pattern, question in _INTRODUCED:
            for found in pattern.finditer(article.text, 0, SCANNED):
                role = " ".join(found["role"].split())
                if _of_a_thing(article.text, found.start("name")):
                    continue
                if not _LEANING.search(role) and len(role) <= LONGEST - 15:
                    yield Candidate(question.format(role=role), found["name"])


def _of_a_thing(text: str, start: int) -> bool:
    """Whether the capitalised words from here are those of a thing, or its last ones."""
    return bool(_THING_BEFORE.search(text[max(0, start - 150) : start]))


def things(articles: Iterable[Article]) -> Iterator[Candidate]:
    """What several articles name, most often first."""
    named = Counter(
        name
        for article in articles
        for name in {found["name"] for found in _THING.finditer(article.text, 0, SCANNED)}
    )
    for name, times in named.most_common():
        if times > 1:
            yield Candidate(f"What is reported about the {name}?", name)


def sayings(articles: Iterable[Article]) -> Iterator[Candidate]:
    """What someone said."""
    for article in articles:
        for pattern in _SAID:
            for found in pattern.finditer(article.text, 0, SCANNED):
                if _of_a_thing(article.text, found.start("name")):
                    continue
                yield Candidate(f"What did {found['name']} say?", found["name"])


def counted(articles: Iterable[Article]) -> Iterator[Candidate]:
    """How many of something had something done to them."""
    for article in articles:
        for found in _COUNTED.finditer(article.text, 0, SCANNED):
            yield Candidate(
                f"How many {found['what']} {found['verb']} {found['done']}?", found["name"]
            )


def alike(one: Candidate, other: Candidate) -> bool:
    """Whether asking both would be asking twice."""
    return one.question == other.question or one.name == other.name
