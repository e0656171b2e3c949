"""Questions to start with, drawn from what the archive holds and asked of it first."""

from __future__ import annotations

import re
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from newsqa.errors import NewsQAError
from newsqa.pipeline import NewsQA
from newsqa.types import Article, IndexInfo

WANTED = 4
RECENT = timedelta(days=60)
SECONDS = 4.0
"""After which no further question is tried."""
LONGEST = 90
"""Characters of a question."""
SCANNED = 20_000
"""Characters of an article in which they are looked for."""

# News prose introduces people: "the housing minister, Tobias Renn, said", "Clara Vint, who
# leads the opposition, called".
# Every repetition is bounded: an article may be one run of letters without end.
_PERSON = r"\b(?P<name>[A-Z][\w’'-]{1,30}(?: [A-Z][\w’'-]{1,30}){1,2})"
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
_THING = re.compile(r"\b[Tt]he (?P<name>[A-Z][a-z][\w’'-]{0,30}(?: [A-Z][\w’'-]{1,30}){1,3})\b")
_LEANING = re.compile(r"\b(?:he|she|it|they|his|her|its|their|this|that|these|those|was|is)\b")
_PROBES = ("the minister, mayor, director or leader, who leads, said", "news")


@dataclass(frozen=True, slots=True)
class _Candidate:
    question: str
    name: str
    """Stands in the words that answer it."""


class Examples:
    """The archive's example questions; worked out once for each state of it."""

    def __init__(self, qa: NewsQA):
        self._qa = qa
        self._lock = threading.Lock()
        self._known: tuple[int, tuple[str, ...]] | None = None

    def get(self) -> tuple[str, ...]:
        """At most `WANTED` questions that the archive answers."""
        info = self._qa.info()
        with self._lock:
            if self._known is None or self._known[0] != info.generation:
                self._known = (info.generation, example_questions(self._qa, info))
            return self._known[1]


def example_questions(qa: NewsQA, info: IndexInfo) -> tuple[str, ...]:
    """About people and things that recent articles name, else about headlines."""
    articles = _recent(qa, info)
    stop = time.monotonic() + SECONDS
    chosen: dict[str, _Candidate] = {}
    for kind, most in ((_people(articles), WANTED // 2), (_things(articles), WANTED)):
        for candidate in kind:
            if len(chosen) >= most or time.monotonic() > stop:
                break
            if not any(_alike(candidate, other) for other in chosen.values()) and _answers(
                qa, candidate
            ):
                chosen[candidate.question] = candidate
    questions = list(chosen)
    headlines = (" ".join((article.title or "").split()).rstrip(".") for article in articles)
    questions += [f"What was reported on “{line}”?" for line in headlines if 0 < len(line) < 70]
    return tuple(questions[:WANTED])


def _recent(qa: NewsQA, info: IndexInfo) -> list[Article]:
    since = info.latest - RECENT if info.latest else None
    found: dict[str, Article] = {}
    for probe in _PROBES if info.articles else ():
        for hit in qa.search(probe, 30, since=since):
            found.setdefault(hit.article.id, hit.article)
    return list(found.values())


def _people(articles: Iterable[Article]) -> Iterator[_Candidate]:
    for article in articles:
        for pattern, question in _INTRODUCED:
            for found in pattern.finditer(article.text, 0, SCANNED):
                role = " ".join(found["role"].split())
                if not _LEANING.search(role) and len(role) <= LONGEST - 15:
                    yield _Candidate(question.format(role=role), found["name"])


def _things(articles: Iterable[Article]) -> Iterator[_Candidate]:
    """What several articles name, most often first."""
    named = Counter(
        name
        for article in articles
        for name in {found["name"] for found in _THING.finditer(article.text, 0, SCANNED)}
    )
    for name, times in named.most_common():
        if times > 1:
            yield _Candidate(f"What is reported about the {name}?", name)


def _alike(one: _Candidate, other: _Candidate) -> bool:
    return one.question == other.question or one.name == other.name


def _answers(qa: NewsQA, candidate: _Candidate) -> bool:
    try:
        answer = qa.ask(candidate.question)
    except NewsQAError:
        return False
    return answer.status == "answered" and any(
        candidate.name in citation.quote for citation in answer.citations[:1]
    )
