"""The opening sentences of an archive's articles as questions that other articles answer.

A name, a number or a time of a sentence is replaced by a question word, and what other articles
of those days say is read for it: those that hold what was taken out count as answering (after
Lewis et al. 2019, "Unsupervised Question Answering by Cloze Translation").
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from newsqa.chunking.sentences import sentence_spans
from newsqa.evaluation import holds
from newsqa.synthesis.reading import occurrences
from newsqa.synthesis.wording import NAME, NO_PERSON, NUMBER, TIME, without_dateline
from newsqa.types import Article, Passage
from training.archive import Archive
from training.rows import Example

OPENING = 5
"""Sentences of an article that are made into questions."""
WORDS = (9, 32)
"""Of such a sentence, at least and at most."""
LEAST = 3
"""Characters of what is asked for: "5" stands in much that doesn't answer."""
NEAR = 120
"""Passages that are looked at for one question."""
TRUSTED = 12
"""Of those, the first that count as answering where they hold what was taken out."""
DAYS = 14
"""Between the two articles, where both have a date."""
MOST_RIGHT = 3
MOST_WRONG = 4
_NO_NAME = re.compile(
    r"^(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|Jan(?:uary)?|Feb(?:ruary)?|March|April|May|June|"
    r"July|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?|"
    r"The|A|An|In|On|It|He|She|They|But|And)\b"
)
_BEFORE_TIME = re.compile(r"\b(?:on|in|at|since|by|of|until|from)\s+$", re.IGNORECASE)
_BEFORE_PLACE = re.compile(r"\b(?:in|at|near|across|outside)\s+$")
_MONTH_OR_CLOCK = re.compile(r"[A-Za-z:]")
_ORDINAL = re.compile(r"\d(?:st|nd|rd|th)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cloze:
    """A question made of a sentence, and what was taken out of it."""

    question: str
    answer: str
    word: str
    """The question word that stands in its place."""
    sentence: str
    article: Article


def cloze(sentence: str, article: Article, chance: random.Random) -> Cloze | None:
    """One name, number or time of a sentence asked for; None where it has nothing to ask for."""
    sentence = without_dateline(" ".join(sentence.split()))
    if not WORDS[0] <= len(sentence.split()) <= WORDS[1] or '"' in sentence or "“" in sentence:
        return None
    asked = list(_askable(sentence))
    if not asked:
        return None
    start, end, word = chance.choice(asked)
    answer = sentence[start:end]
    left, right = sentence[:start], sentence[end:].rstrip(" .")
    if word == "when":
        left = _BEFORE_TIME.sub("", left)
    if holds(left + right, [answer]):
        return None
    question = f"{left}{word}{right}?"
    return Cloze(
        question=question[0].upper() + question[1:],
        answer=answer,
        word=word,
        sentence=sentence,
        article=article,
    )


def _askable(sentence: str) -> Iterator[tuple[int, int, str]]:
    """Spans that a question may ask for, each with its question word."""
    names = [(m.start(), m.end()) for m in NAME.finditer(sentence)]
    times = [(m.start(), m.end()) for m in TIME.finditer(sentence)]
    for start, end in times:
        before = sentence[:start]
        told = re.search(r"\d", sentence[start:end])
        # "2000" alone may count something.
        if told and (_MONTH_OR_CLOCK.search(sentence[start:end]) or _BEFORE_TIME.search(before)):
            yield start, end, "when"
    for found in NUMBER.finditer(sentence):
        number = found.group().rstrip(",")
        start, end = found.start(), found.start() + len(number)
        if len(number) < LEAST or not re.search(r"\d", number) or _ORDINAL.search(number):
            continue
        if _overlaps(start, end, times) or _overlaps(start, end, names):
            continue
        much = re.search(r"[$£€¥%]|percent|per cent", number)
        yield start, end, "how much" if much else "how many"
    for start, end in names:
        name = re.sub(r"[’']s?$", "", sentence[start:end])
        abbreviated = "." in name and sentence[end : end + 1] == "."
        if _NO_NAME.match(name) or len(name) < LEAST or abbreviated:
            continue
        if _overlaps(start, end, times) or (start == 0 and " " not in name):
            continue
        person = 2 <= len(name.split()) <= 3 and not NO_PERSON.search(name)
        place = _BEFORE_PLACE.search(sentence[:start])
        yield start, start + len(name), "what place" if place else "who" if person else "what"


def _overlaps(start: int, end: int, others: Sequence[tuple[int, int]]) -> bool:
    return any(start < right and left < end for left, right in others)


def clozes(
    archive: Archive, *, seed: int, share: float = 1.0, first_group: int = 0
) -> list[Example]:
    """Groups of passages of other articles for each question that some of them answer."""
    chance = random.Random(f"clozes {seed}")
    opening: dict[str, tuple[Passage, Article]] = {}
    for passage, article in archive.passages:
        kept = opening.get(article.id)
        if kept is None or passage.start < kept[0].start:
            opening[article.id] = (passage, article)
    made = [
        found
        for passage, article in opening.values()
        for span in sentence_spans(passage.text)[:OPENING]
        if (found := cloze(passage.text[span.start : span.end], article, chance))
    ]
    made = made[: max(4, int(share * len(made)))]
    groups: dict[int, list[Example]] = defaultdict(list)
    near = archive.near([each.question for each in made], NEAR)
    for number, (each, places) in enumerate(zip(made, near, strict=True)):
        others = list(_others(each, [archive.passages[at] for at in places]))
        right = [
            (passage, article, spans)
            for passage, article in others[:TRUSTED]
            if (spans := tuple(occurrences(passage.text, each.answer)))
            and _about_the_same(each.question, passage.text)
        ]
        wrong = [pair for pair in others if not _may_answer(each, pair[0].text)]
        # What stands in most of them is what they are about, and no answer to anything.
        if not wrong or not 0 < len(right) <= len(others[:TRUSTED]) // 2:
            continue
        for passage, article, spans in (
            *right[:MOST_RIGHT],
            *((passage, article, ()) for passage, article in _hard(wrong, chance)),
        ):
            groups[number].append(
                Example(
                    question=each.question,
                    title=article.title or "",
                    context=passage.text,
                    answers=spans,
                    source="cloze",
                    group=first_group + number,
                )
            )
    return [example for group in groups.values() for example in group]


def _hard(
    wrong: Sequence[tuple[Passage, Article]], chance: random.Random
) -> list[tuple[Passage, Article]]:
    nearest, others = list(wrong[: MOST_WRONG - 1]), list(wrong[MOST_WRONG - 1 :])
    return nearest + ([chance.choice(others)] if others else [])


def _others(
    asked: Cloze, near: Sequence[tuple[Passage, Article]]
) -> Iterator[tuple[Passage, Article]]:
    """Passages of other articles of the same days, none with the asked sentence, no text twice."""
    seen = set()
    for passage, article in near:
        text = " ".join(passage.text.split())
        dates = [each.published for each in (article, asked.article) if each.published]
        apart = abs(dates[0] - dates[-1]) if len(dates) == 2 else timedelta()
        if (
            article.id != asked.article.id
            and asked.sentence not in text
            and text not in seen
            and apart <= timedelta(days=DAYS)
        ):
            seen.add(text)
            yield passage, article


def _may_answer(asked: Cloze, text: str) -> bool:
    """Whether a text holds the answer, perhaps in another form: the last part of a name, a time."""
    if asked.word == "when" and TIME.search(text):
        return True
    last = asked.answer.split()[-1]
    named = asked.word in ("who", "what", "what place") and len(last) > LEAST
    return holds(text, [asked.answer, last] if named else [asked.answer])


def _about_the_same(question: str, text: str) -> bool:
    """Whether a text holds a name or a number of the question."""
    names = (m.group() for m in NAME.finditer(question, 1) if not _NO_NAME.match(m.group()))
    numbers = (m.group() for m in NUMBER.finditer(question) if re.search(r"\d", m.group()))
    return any(len(each) >= LEAST and holds(text, [each]) for each in (*names, *numbers))
