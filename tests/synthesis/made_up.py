"""Made-up hits for the stages after retrieval, and a reader that finds what it is told."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from newsqa.chunking import sentence_spans
from newsqa.synthesis.reading import Part, Reading
from newsqa.types import Article, Hit, Passage

UNLIKELY = -10.0
"""Logit of a token that the scripted reader was told nothing of."""


class PlainWords:
    """Every word is as rare as any other."""

    def terms(self, text: str) -> list[str]:
        return re.findall(r"\w+", text.lower())

    def rarity(self, term: str) -> float:
        return 1.0


def make_hit(
    text: str,
    *,
    rank: int = 1,
    title: str | None = None,
    id: str | None = None,
    source: str = "The Gazette",
    published: datetime | None = datetime(2024, 5, 1, tzinfo=UTC),
) -> Hit:
    """The whole of a text as one passage."""
    article = Article(
        id=id or f"article-{rank}",
        title=title,
        text=text,
        source=source,
        published=published,
        content_hash="0",
    )
    passage = Passage(
        id=rank,
        article_id=article.id,
        start=0,
        end=len(text),
        text=text,
        sentences=tuple(sentence_spans(text)),
    )
    return Hit(passage=passage, article=article, rank=rank, score=1.0 / rank)


def make_hits(*texts: str) -> list[Hit]:
    """Each text an article of its own, best first."""
    return [make_hit(text, rank=rank) for rank, text in enumerate(texts, start=1)]


def within(hit: Hit, passage: str) -> Hit:
    """The hit with only a part of its article as the passage."""
    start = hit.article.text.index(passage)
    end = start + len(passage)
    spans = tuple(s for s in hit.passage.sentences if start <= s.start and s.end <= end)
    return replace(
        hit, passage=replace(hit.passage, start=start, end=end, text=passage, sentences=spans)
    )


class ScriptedReader:
    """Finds the strings that it is told, each with its logit, and nothing else.

    "No answer" has the logit 0 in every passage.  A token is a word or another visible character.
    """

    name = "scripted"

    def __init__(self, told: Mapping[str, float]):
        self._told = dict(told)
        self.asked: list[str] = []
        """Every question, in order."""
        self.texts: list[str] = []
        """Every passage, in order."""

    def read(self, question: str, passages: Sequence[tuple[str, str]]) -> list[Reading]:
        """Each passage by the strings in it."""
        self.asked.append(question)
        self.texts += [text for _, text in passages]
        return [scripted(text, self._told) for _, text in passages]


def scripted(text: str, told: Mapping[str, float]) -> Reading:
    """A passage in which some strings have the logits that are told, all else nearly none."""
    offsets = np.array(
        [found.span() for found in re.finditer(r"\w+|[^\w\s]", text)], dtype=np.int32
    ).reshape(-1, 2)
    start = np.full(len(offsets), UNLIKELY, dtype=np.float32)
    end = start.copy()
    found = [UNLIKELY]
    for answer, logit in told.items():
        for place in re.finditer(re.escape(answer), text):
            touched = np.flatnonzero(
                (offsets[:, 0] < place.end()) & (offsets[:, 1] > place.start())
            )
            if len(touched):
                start[touched[0]] = max(start[touched[0]], logit / 2)
                end[touched[-1]] = max(end[touched[-1]], logit / 2)
                found.append(logit)
    part = Part(offsets=offsets, start=start, end=end, no_answer=0.0)
    return Reading(parts=(part,), relevance=max(found))
