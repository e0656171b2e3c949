"""Questions to start and to go on with, drawn from what the archive holds and asked of it first."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import chain
from typing import Any

from newsqa.errors import NewsQAError
from newsqa.pipeline import NewsQA
from newsqa.types import Answer, Article, Hit, IndexInfo
from newsqa.web.candidates import Candidate, alike, candidates, people, sayings, things

WANTED = 4
FURTHER = 3
"""Questions to go on with, after an answer."""
RECENT = timedelta(days=60)
SECONDS = 20.0
"""After which no further question is tried."""
SECONDS_BETWEEN = 2.0
"""The same after an answer, when someone is at the page."""
_PROBES = ("the minister, mayor, director or leader, who leads, said", "news")
_going_on = threading.BoundedSemaphore()
"""Held by the one conversation that further questions are tried for: answers come first."""


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
    chosen: list[Candidate] = []
    for kind, most in (
        (people(articles), WANTED // 2),
        (things(articles), WANTED),
        (sayings(articles), WANTED),
    ):
        _choose(qa, kind, chosen, most=most, stop=stop)
    questions = [each.question for each in chosen]
    headlines = (" ".join((article.title or "").split()).rstrip(".") for article in articles)
    questions += [f"What was reported on “{line}”?" for line in headlines if 0 < len(line) < 70]
    return tuple(questions[:WANTED])


def further_questions(
    qa: NewsQA, answer: Answer, hits: Sequence[Hit], asked: Iterable[str], **bounds: Any
) -> tuple[str, ...]:
    """At most `FURTHER` that the same archive answers within the same bounds.

    They are drawn from the articles that the answer cites, then from those found beside.  None
    while another conversation's are being tried.
    """
    if not _going_on.acquire(blocking=False):
        return ()
    try:
        cited = {citation.article_id for citation in answer.citations}
        articles = {hit.article.id: hit.article for hit in hits}
        near = [article for key, article in articles.items() if key in cited] or list(
            articles.values()
        )
        before = {" ".join(question.casefold().split()) for question in asked}
        near = near[:5]
        # Beside a refusal nothing says whom "people" or a name alone would mean.
        found = candidates(near) if cited else chain(people(near), things(near))
        new = (
            each
            for each in found
            if each.question.casefold() not in before
            and (not answer.short or each.name not in answer.short)
        )
        chosen: list[Candidate] = []
        stop = time.monotonic() + SECONDS_BETWEEN
        _choose(qa, new, chosen, most=FURTHER, stop=stop, **bounds)
        return tuple(each.question for each in chosen)
    finally:
        _going_on.release()


def _choose(
    qa: NewsQA,
    kind: Iterable[Candidate],
    chosen: list[Candidate],
    *,
    most: int,
    stop: float,
    **bounds: Any,
) -> None:
    """Add those that are answered, until there are enough or time is up."""
    tried: set[str] = set()
    for candidate in kind:
        if len(chosen) >= most or time.monotonic() > stop:
            return
        if candidate.question in tried or any(alike(candidate, other) for other in chosen):
            continue
        tried.add(candidate.question)
        if _answers(qa, candidate, **bounds):
            chosen.append(candidate)


def _recent(qa: NewsQA, info: IndexInfo) -> list[Article]:
    since = info.latest - RECENT if info.latest else None
    found: dict[str, Article] = {}
    for probe in _PROBES if info.articles else ():
        for hit in qa.search(probe, 30, since=since):
            found.setdefault(hit.article.id, hit.article)
    return list(found.values())


def _answers(qa: NewsQA, candidate: Candidate, **bounds: Any) -> bool:
    try:
        answer = qa.ask(candidate.question, **bounds)
    except NewsQAError:
        return False
    return answer.status == "answered" and any(
        candidate.name in citation.quote for citation in answer.citations[:1]
    )
