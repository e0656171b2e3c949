"""Question and evidence → the shortest exact answer, by form and agreement, without a model.

A span is a name, a quoted title, a date or a number of an evidence sentence that the
question doesn't already contain.  Spans that say the same in several sentences are pooled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from newsqa.synthesis.asking import kind_of_answer
from newsqa.synthesis.evidence import Candidate
from newsqa.synthesis.forms import FIT, WORD, asks_in, forms_in, plain_key
from newsqa.synthesis.wording import is_content, without_dateline

READ = 8
"""Evidence sentences that are read for spans."""
NEAR = 8.0
"""Words from the question's own words at which a span counts for half."""


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
    asked = {word.casefold() for word in WORD.findall(question)}
    about = {word for word in asked if is_content(word)}
    withdrawn = {
        plain_key(text)
        for candidate in candidates
        if candidate.retracted
        for form, _, text in forms_in(candidate.evidence.text)
        if form in ("number", "measure", "amount")
    }
    pooled: dict[tuple[str, ...], ExactSpan] = {}
    for at, candidate in enumerate(candidates[:READ]):
        sentence = without_dateline(candidate.evidence.text)
        anchors = [m.start() for m in WORD.finditer(sentence) if m.group().casefold() in about]
        best: dict[tuple[str, ...], tuple[float, str]] = {}
        for form, start, text in forms_in(sentence):
            key = plain_key(text)
            if form == "measure" and fit.get("number") and asks_in(sentence, start, text, asked):
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


def _nearness(sentence: str, start: int, anchors: Sequence[int]) -> float:
    if not anchors:
        return 0.5
    nearest = min(anchors, key=lambda anchor: abs(anchor - start))
    low, high = sorted((nearest, start))
    return NEAR / (NEAR + sentence.count(" ", low, high))


def _merge(pooled: dict[tuple[str, ...], ExactSpan]) -> None:
    """Give a short form's support to the one longer form that contains it ("Rybkov")."""
    for key in sorted(pooled, key=len):
        longer = [other for other in pooled if len(other) > len(key) and set(key) <= set(other)]
        if len(longer) == 1 and not any(char.isdigit() for word in key for char in word):
            pooled[longer[0]].score += pooled.pop(key).score
