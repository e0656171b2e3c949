"""Question and evidence → the shortest exact answer, by form and agreement, without a model.

A span is a name, a quoted title, a date or a number of an evidence sentence that the
question doesn't already contain.  Spans that say the same in several sentences are pooled.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from newsqa.synthesis.evidence import Candidate
from newsqa.synthesis.wording import (
    NAME,
    NO_PERSON,
    NUMBER,
    QUOTED,
    TIME,
    Kind,
    is_content,
    kind_of_answer,
    without_dateline,
)

READ = 8
"""Evidence sentences that are read for spans."""
NEAR = 8.0
"""Words from the question's own words at which a span counts for half."""

FIT: dict[Kind, dict[str, float]] = {
    "person": {"person": 1.0, "surname": 0.5},
    "place": {"located": 1.0, "name": 0.5, "full name": 0.5},
    "name": {"full name": 1.0, "name": 0.9, "quoted": 0.9, "located": 0.5},
    "title": {"quoted": 1.0, "full name": 0.8, "name": 0.7},
    "time": {"time": 1.0},
    "count": {"number": 1.0},
    "amount": {"amount": 1.0, "number": 0.6},
    "other": {},
}
"""How well each form of span suits each kind of question."""

_WORD = re.compile(r"[\w’']+")
_HONORIFIC = re.compile(
    r"^(The|A|An|Mr|Mrs|Ms|Dr|Sir|Sen|Gov|Rep|Rev|Captain|President)\b\.?\s+(?=[A-Z])"
)
_LOCATING = re.compile(r"\b(in|at|near|from|to|on|off|of|across|outside)( the)? $")
_NAME_LIKE = re.compile(r"(?:[Tt]he )?[A-Z]")
_UNIT = re.compile(
    r"(?:[- ](?:metres?|meters?|kilomet(?:re|er)s?|km|miles?|feet|inches|kilograms?|tonnes?|pounds|"
    r"degrees|crowns?|dollars?|euros?|percent|per cent|hours?|minutes?|seconds?|days?|weeks?|"
    r"months?|years?)\b)(?: (?:an|a|per) (?:hour|day|year))?",
    re.IGNORECASE,
)


@dataclass(slots=True)
class ExactSpan:
    """What one or several sentences name, its support, and which candidates name it."""

    text: str
    score: float = 0.0
    candidates: list[int] = field(default_factory=list)


def read(question: str, candidates: Sequence[Candidate]) -> list[ExactSpan]:
    """The spans that may answer the question, best first, pooled over the sentences.

    `candidates` are best first.  Scores are sums of the sentences' scores, each by how well
    the span's form fits and how near it stands to the question's words.  Empty where the
    question asks for nothing that has a form ("what happened", "why").  A number that one of
    the sentences is corrected in is no answer, wherever it stands.
    """
    fit = FIT[kind_of_answer(question)]
    if not fit:
        return []
    asked = {word.casefold() for word in _WORD.findall(question)}
    about = {word for word in asked if is_content(word)}
    withdrawn = {
        _key(text)
        for candidate in candidates
        if candidate.retracted
        for form, _, text in _forms(candidate.evidence.text)
        if form in ("number", "measure", "amount")
    }
    pooled: dict[tuple[str, ...], ExactSpan] = {}
    for at, candidate in enumerate(candidates[:READ]):
        sentence = without_dateline(candidate.evidence.text)
        anchors = [m.start() for m in _WORD.finditer(sentence) if m.group().casefold() in about]
        best: dict[tuple[str, ...], tuple[float, str]] = {}
        for form, start, text in _forms(sentence):
            key = _key(text)
            if form == "measure" and fit.get("number") and _asks_in(sentence, start, text, asked):
                form = "number"
            if form not in fit or not key or set(key) <= asked or key in withdrawn:
                continue
            score = candidate.evidence.score * fit[form] * _nearness(sentence, start, anchors)
            if score > best.get(key, (0.0, ""))[0]:
                best[key] = (score, text)
        for key, (score, text) in best.items():
            found = pooled.setdefault(key, ExactSpan(text))
            found.score += score
            found.candidates.append(at)
    _merge(pooled)
    return sorted(pooled.values(), key=lambda span: -span.score)


def _forms(sentence: str) -> Iterator[tuple[str, int, str]]:
    """Form, place and text of every span of a sentence; dates are not also numbers."""
    dates = [(m.start(), m.end()) for m in TIME.finditer(sentence)]
    for start, end in dates:
        yield "time", start, sentence[start:end].rstrip(".,")
    for found in NUMBER.finditer(sentence):
        if any(start < found.end() and found.start() < end for start, end in dates):
            continue
        text = found.group().rstrip(",.")
        unit = _UNIT.match(sentence, found.start() + len(text))
        yield "measure" if unit else "number", found.start(), text
        if unit or re.search(r"[$£€¥%]|percent|per cent", text):
            yield "amount", found.start(), text + (unit.group() if unit else "")
    for found in QUOTED.finditer(sentence):
        yield "quoted", found.start(1), found.group(1)
    for found in NAME.finditer(sentence):
        yield from _named(sentence, found.start(), found.group(), dates)


def _named(
    sentence: str, start: int, text: str, dates: Sequence[tuple[int, int]]
) -> Iterator[tuple[str, int, str]]:
    opening = not sentence[:start].strip("“”\"'‘(—– ")
    if any(a <= start < b for a, b in dates):
        return
    while title := _HONORIFIC.match(text):
        start, text = start + title.end(), text[title.end() :]
    text = re.sub(r"[’']s$|[.,]$", "", text)
    full = " " in text
    if not full and opening and not any(char.isupper() for char in text[1:]):
        return  # a sentence's first word is capitalised whatever it is
    person = NO_PERSON.search(text) is None and not text.isupper()
    if person:
        yield "person" if full else "surname", start, text
    yield "full name" if full else "name", start, text
    if _LOCATING.search(sentence[:start]):
        yield "located", start, text


def forms_of(text: str) -> set[str]:
    """The forms that a text has as a whole, but for an article or a title before it."""
    while title := _HONORIFIC.match(text):
        text = text[title.end() :]
    whole = len(_key(text))
    # A name that opens a sentence is told from an ordinary word by what is before it.
    found = {form for form, _, part in _forms(f"… {text}") if len(_key(part)) >= whole > 0}
    if _NAME_LIKE.match(text):
        found |= {"quoted", "located"}
    return found


def _asks_in(sentence: str, start: int, number: str, asked: set[str]) -> bool:
    """Whether the question asks in the unit that follows a number ("how many years")."""
    unit = _UNIT.match(sentence, start + len(number))
    return unit is not None and bool(set(_WORD.findall(unit.group().casefold())) & asked)


def _nearness(sentence: str, start: int, anchors: Sequence[int]) -> float:
    if not anchors:
        return 0.5
    nearest = min(anchors, key=lambda anchor: abs(anchor - start))
    low, high = sorted((nearest, start))
    return NEAR / (NEAR + sentence.count(" ", low, high))


def _key(text: str) -> tuple[str, ...]:
    words = [word.casefold().replace(",", "") for word in re.findall(r"[\w’',.]*\w", text)]
    return tuple(word for word in words if word not in {"the", "a", "an"})


def _merge(pooled: dict[tuple[str, ...], ExactSpan]) -> None:
    """Give a short form's support to the one longer form that contains it ("Rybkov")."""
    for key in sorted(pooled, key=len):
        longer = [other for other in pooled if len(other) > len(key) and set(key) <= set(other)]
        if len(longer) == 1 and not any(char.isdigit() for word in key for char in word):
            pooled[longer[0]].score += pooled.pop(key).score
