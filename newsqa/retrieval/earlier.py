"""What was said before: earlier questions and answers → turns that a question may lean on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, TypeAlias

from newsqa.retrieval.dates import expressions_in
from newsqa.retrieval.kinds import Kind, content_words, is_plural, kind_of_name, kind_of_noun
from newsqa.retrieval.mentions import Mention, mentions_in
from newsqa.retrieval.words import FEMININE, MASCULINE, QUANTITIES, TITLES
from newsqa.types import Answer, Period

REMEMBERED = 6
"""Turns that are looked at, the latest."""
MAX_CHARS = 400
"""Of an earlier question or answer."""
MAX_QUOTED_CHARS = 6000
"""Of the words that an earlier answer cites."""
MAX_ARTICLES = 3
MAX_ARTICLE_CHARS = 6000
"""Of as many articles as are looked at whole."""

TextOf: TypeAlias = Callable[[str], str | None]
"""The text of an article by its id, None where it is not there."""
Gender: TypeAlias = Literal["feminine", "masculine"]

_PLACE_ASKED = re.compile(r"^\W*(?:and |but |so )?(?:in |at |from )?where\b", re.IGNORECASE)
_PERSON_ASKED = re.compile(r"^\W*(?:and |but |so )?(?:by |for |to |with )?who(?:m|se)?\b", re.I)
_TIME_ASKED = re.compile(r"^\W*(?:and |but |so )?(?:since |until )?when\b", re.IGNORECASE)
OBJECT_ASKED = re.compile(
    r"^\W*(?:and |but |so )?(?:who|whom|what|which\b.*?)\s+(?:do|does|did)\s", re.IGNORECASE
)
"""Of a question, that what it asks for is not what does something."""
_NAME = re.compile(r"[A-ZÀ-Þ][\w’'-]+(?:[ ](?:(?:de|la|van|von|bin|al)[ ])?[A-ZÀ-Þ][\w–’'-]+){0,3}")
_CITED_TITLE = r"(?P<title>Mrs|Mr|Ms|Miss|Dr|Sir|Dame|Captain|Judge|President|Minister)"


@dataclass(frozen=True)
class Turn:
    """An earlier question in a wording of its own, and what was answered."""

    question: str
    short: str | None = None
    """The exact answer, where there was one."""
    several: tuple[str, ...] = ()
    """All of them, where several were asked for."""
    quoted: str = ""
    """The words of articles that stood behind the answer."""
    articles: str = ""
    """All of the articles that it cites, or else of those nearest, as far as they are known."""
    period: Period | None = None
    """The time that the question spoke of."""
    mentions: tuple[Mention, ...] = field(default=())

    @classmethod
    def of(
        cls, question: str, answer: Answer | None = None, *, text_of: TextOf | None = None
    ) -> Turn:
        """From a question as it was understood, and its answer where that is known."""
        asked = _cut(question, MAX_CHARS)
        mentions = tuple(mentions_in(asked))
        if answer is None:
            return cls(asked, mentions=mentions)
        articles = _articles_of(answer, text_of) if text_of else ""
        if answer.status != "answered":
            return cls(asked, period=answer.query.period, mentions=mentions, articles=articles)
        cited = [part for c in answer.citations for part in (c.title or "", c.context)]
        return cls(
            asked,
            short=_cut(answer.short, MAX_CHARS) if answer.short else None,
            several=tuple(_cut(each, MAX_CHARS) for each in answer.several[:10]),
            quoted=_cut("\n".join(cited), MAX_QUOTED_CHARS),
            period=answer.query.period,
            mentions=mentions,
            articles=articles,
        )

    @cached_property
    def answered(self) -> Mention | None:
        """The exact answer as something spoken of, with the kind of thing that was asked for."""
        if self.short is None or not re.search(r"[^\W\d]", self.short):
            return None
        words = [word.strip(".").lower() for word in self.short.split()]
        # "two", "boat", "Miss": too little to be put for anything.
        if all(word in TITLES | QUANTITIES for word in words) or (
            len(words) == 1 and self.short.islower()
        ):
            return None
        asked = next((m for m in self.mentions if m.asked), None)
        if _PERSON_ASKED.match(self.question):
            kind: Kind | None = kind_of_name(self.short)
            kind = kind if kind in ("organisation", "thing") else "person"
        elif _PLACE_ASKED.match(self.question):
            kind = "place"
        elif _TIME_ASKED.match(self.question) or expressions_in(self.short):
            kind = "time"
        elif asked is not None:
            kind = kind_of_noun(asked.text.split()[-1]) or "thing"
        else:
            kind = kind_of_name(self.short)
        named = re.search(r"[A-ZÀ-Þ]", self.short) is not None
        plural = is_plural(self.short.split()[-1]) and not named
        return Mention(
            text=self.short, start=0, end=len(self.short), named=named, kind=kind,
            plural=plural or bool(re.match(r"(?:two|three|four|five|six)\b", self.short, re.I)),
            subject=not OBJECT_ASKED.match(self.question),
        )  # fmt: skip

    @cached_property
    def times(self) -> tuple[str, ...]:
        """Words that name a time, of the question and then of the answer."""
        found = [self.question[start:end] for start, end in expressions_in(self.question)]
        if self.short and (expressions_in(self.short) or _TIME_ASKED.match(self.question)):
            found.append(self.short)
        return tuple(found)

    @cached_property
    def topic(self) -> tuple[str, ...]:
        """What the question is about, in its own words: not what it asks of that."""
        about = [m for m in self.mentions if not m.asked and m.kind != "time"]
        named = [m.text for m in about if m.named]
        common = [m.text for m in about if not m.named]
        chosen = [m.text for m in about if m.text in named[:3] or m.text in common[-2:]]
        words = content_words(self.question)
        if len(content_words(" ".join(chosen))) < 3:
            # One thing alone may say too little of what was asked about it.
            said = set(content_words(" ".join(chosen)))
            left = (m.text for m in self.mentions if m.asked or m.kind == "time")
            asked = content_words(" ".join([*left, *self.times]))
            chosen.append(" ".join(w for w in words if w not in said | set(asked))[:60])
        return tuple(each for each in chosen if each)

    def items(self) -> tuple[str, ...]:
        """What stands in a row: several answers, else names that are listed."""
        if len(self.several) > 1:
            return self.several
        for text in (self.short or "", self.question):
            listed = re.split(r",\s*(?:and |or )?|\s+(?:and|or)\s+", text.rstrip("?. "))
            names = [m.group() for part in listed if (m := re.search(rf"{_NAME.pattern}$", part))]
            if len(names) == len(listed) > 1 or (text is self.question and len(names) > 1):
                return tuple(names)
        asked = next((m for m in self.mentions if m.asked and m.plural), None)
        if asked is not None and asked.kind == "person":
            return tuple(m.text for m in self.persons_quoted())
        return ()

    def persons_quoted(self) -> Iterator[Mention]:
        """People whom the cited words name, in order."""
        seen = set()
        for match in _NAME.finditer(self.quoted):
            name = match.group()
            if name not in seen and " " in name and kind_of_name(name) == "person":
                seen.add(name)
                if self.is_person(name) or re.search(
                    rf"{re.escape(name)},? (?:who|said|says|told|of the|\d\d)"
                    rf"|(?:said|by|[a-z]+,) {re.escape(name)}\b",
                    self.quoted,
                ):
                    yield Mention(
                        text=name, start=0, end=0, named=True, kind="person", plural=False
                    )

    def gender_of(self, name: str) -> Gender | None:
        """As far as the cited words tell, by a title before it or the pronouns after it."""
        first, last = name.split()[0].strip(".").lower(), re.escape(name.split()[-1])
        if first in FEMININE | MASCULINE:
            return "feminine" if first in FEMININE else "masculine"
        titled = re.search(rf"\b{_CITED_TITLE}\.? (?:\w+ )?{last}\b", self.quoted)
        if titled and titled["title"].lower() in FEMININE | MASCULINE:
            return "feminine" if titled["title"].lower() in FEMININE else "masculine"
        if not re.search(rf"\b{last}\b", self.quoted):
            return None
        told = re.sub(r"[“\"][^“”\"]*[”\"]", " ", self.quoted)  # "he" in a quotation is another
        after = " ".join(re.findall(rf"\b{last}\b(.{{0,150}})", told))
        she = len(re.findall(r"\b(?:[Ss]he|[Hh]er|hers)\b", after))
        he = len(re.findall(r"\b(?:[Hh]e|[Hh]is|him)\b", after))
        if she > 2 * he:
            return "feminine"
        return "masculine" if he > 2 * she else None

    def is_person(self, name: str) -> bool:
        """Whether the cited words call it a person's."""
        last = re.escape(name.split()[-1])
        titles = "|".join(map(re.escape, (t.title() for t in TITLES)))
        return re.search(rf"\b(?:{titles})\.? (?:[\w.-]+ )?{last}\b", self.quoted) is not None

    def full_name(self, word: str) -> str | None:
        """A name of the cited words or the answer that has this word, however it is written."""
        low, found = word.lower(), list[str]()
        for text in (self.short or "", *self.several, self.quoted):
            for match in _NAME.finditer(text):
                parts = match.group().split()
                if low in (part.lower() for part in parts) and parts[0].lower() not in TITLES:
                    found.append(match.group())
        # Of two that are as long, the first.
        return max(found, key=lambda name: len(name.split()), default=None)


def _articles_of(answer: Answer, text_of: TextOf) -> str:
    ids = dict.fromkeys(each.article_id for each in answer.citations or answer.nearest[:2])
    texts = (text_of(each) for each in list(ids)[:MAX_ARTICLES])
    return "\n".join(text[:MAX_ARTICLE_CHARS] for text in texts if text)


def _cut(text: str, chars: int) -> str:
    """White space folded, and cut at a word."""
    whole = " ".join(text[: 2 * chars].split())
    return whole if len(whole) <= chars else whole[:chars].rsplit(" ", 1)[0]


def latest(history: Sequence[str | Answer]) -> Sequence[str | Answer]:
    """As much of a history as is looked at."""
    return history[-REMEMBERED:]
