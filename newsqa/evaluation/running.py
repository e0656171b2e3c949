"""Asks questions whose answers are known, checks what is cited, and sums up."""

from __future__ import annotations

import dataclasses
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from newsqa.config import DEFAULT_LIMIT
from newsqa.errors import InputError, VerificationError
from newsqa.evaluation.measures import (
    Interval,
    answer_rank,
    exact_match,
    f1,
    holds,
    interval,
)
from newsqa.evaluation.questions import Question, brief
from newsqa.types import Answer, Article, Progress, Status

if TYPE_CHECKING:
    from newsqa.pipeline import NewsQA

CUTOFFS = (1, 5, 10, 20)
"""The k of answer@k."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """How one question went."""

    id: str
    question: str
    kind: str | None
    answerable: bool
    rank: int | None
    """Of the first passage that holds a gold string, from 1; None where none of the k does."""
    status: Status
    short: str | None
    confidence: float
    exact_match: float
    """0 or 1."""
    f1: float
    """In [0, 1]."""
    answer_in_text: bool
    citations: int
    """Citations of the answer, and marks and answers that lack theirs."""
    faults: tuple[str, ...]
    """What is wrong with any of them; empty where every one is valid."""
    valid_citations: int
    search_seconds: float
    ask_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """The measures over all questions.  Shares are in [0, 1], None of nothing."""

    questions: int
    answerable: int
    k: int
    """How many passages each search was asked for."""
    answer_at: Mapping[int, float | None]
    """answer@k by k, for every cutoff up to the k searched for."""
    mrr: float | None
    exact_match: float | None
    f1: float | None
    answer_in_text: float | None
    citations: int
    valid_citations: int
    citation_validity: float | None
    right_refusals: int
    """Refused, and the archive does not hold the answer."""
    wrong_refusals: int
    """Refused, although a gold answer is known."""
    right_refusal_share: float | None
    """Of the questions without an answer."""
    wrong_refusal_share: float | None
    """Of the questions with one."""
    search_p50: float | None
    """Seconds, as are the next three."""
    search_p95: float | None
    ask_p50: float | None
    ask_p95: float | None
    rows: tuple[Row, ...]


def evaluate(
    qa: NewsQA,
    questions: Sequence[Question],
    *,
    k: int = max(CUTOFFS),
    limit: int = DEFAULT_LIMIT,
    progress: Callable[[Progress], None] | None = None,
) -> Evaluation:
    """Search for and ask every question under its own bounds, and score what comes back.

    `k` is how many passages are searched for, `limit` how many an answer is read from.
    """
    if k < 1:
        raise InputError(f"k is {k}, expected at least 1")
    if questions:
        qa.search(questions[0].question, k=1)  # whatever is loaded at first use is not timed
    rows = []
    for done, question in enumerate(questions, start=1):
        rows.append(_score(qa, question, k=k, limit=limit))
        if progress is not None:
            progress(Progress(step="ask", done=done, total=len(questions)))
    return summarise(rows, k=k)


def summarise(rows: Sequence[Row], *, k: int) -> Evaluation:
    """The measures over rows, each of a search for k passages and an answer."""
    answerable = [row for row in rows if row.answerable]
    others = [row for row in rows if not row.answerable]
    citations = sum(row.citations for row in rows)
    valid = sum(row.valid_citations for row in rows)
    wrong = sum(row.status == "no_evidence" for row in answerable)
    right = sum(row.status == "no_evidence" for row in others)
    search = [row.search_seconds for row in rows]
    ask = [row.ask_seconds for row in rows]
    return Evaluation(
        questions=len(rows),
        answerable=len(answerable),
        k=k,
        answer_at={
            cutoff: _mean([row.rank is not None and row.rank <= cutoff for row in answerable])
            for cutoff in CUTOFFS
            if cutoff <= k
        },
        mrr=_mean([1 / row.rank if row.rank else 0.0 for row in answerable]),
        exact_match=_mean([row.exact_match for row in answerable]),
        f1=_mean([row.f1 for row in answerable]),
        answer_in_text=_mean([row.answer_in_text for row in answerable]),
        citations=citations,
        valid_citations=valid,
        citation_validity=valid / citations if citations else None,
        right_refusals=right,
        wrong_refusals=wrong,
        right_refusal_share=right / len(others) if others else None,
        wrong_refusal_share=wrong / len(answerable) if answerable else None,
        search_p50=_percentile(search, 50),
        search_p95=_percentile(search, 95),
        ask_p50=_percentile(ask, 50),
        ask_p95=_percentile(ask, 95),
        rows=tuple(rows),
    )


def _score(qa: NewsQA, question: Question, *, k: int, limit: int) -> Row:
    bounds: dict[str, Any] = {
        "as_of": question.as_of,
        "since": question.since,
        "until": question.until,
        "sources": question.sources,
    }
    started = time.perf_counter()
    hits = qa.search(question.question, k=k, **bounds)
    searched = time.perf_counter()
    rank = answer_rank([hit.passage.text for hit in hits], question.answers)
    asked = time.perf_counter()
    answer: Answer | None = None
    check = CitationCheck(citations=1, valid=0, faults=())
    try:
        answer = qa.ask(question.question, limit=limit, **bounds)
    except VerificationError as error:
        # A defect, and one that a long run must count and not end at.
        check = dataclasses.replace(check, faults=(str(error),))
    seconds = time.perf_counter() - asked
    if answer is not None:
        check = check_citations(answer, qa.article)
    short = answer.short if answer else None
    return Row(
        id=question.id,
        question=question.question,
        kind=question.kind,
        answerable=bool(question.answers),
        rank=rank,
        status=answer.status if answer else "answered",
        short=short,
        confidence=answer.confidence if answer else 0.0,
        exact_match=exact_match(short, question.answers),
        f1=f1(short, question.answers),
        # A refusal names the nearest articles, whose titles may hold a gold string.
        answer_in_text=answer is not None
        and answer.status == "answered"
        and holds(answer.text, question.answers),
        citations=check.citations,
        faults=check.faults,
        valid_citations=check.valid,
        search_seconds=searched - started,
        ask_seconds=seconds,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CitationCheck:
    """What checking an answer's citations found."""

    citations: int
    valid: int
    faults: tuple[str, ...]


def check_citations(answer: Answer, article: Callable[[str], Article | None]) -> CitationCheck:
    """Check each citation of an answer against the articles themselves.

    A citation is valid where its quote is exactly `article.text[start:end]`, its number is
    its place from 1, and a mark in the text uses it.  A mark that no citation stands behind
    counts as one more, invalid; so does an answer that ends without a mark.
    """
    marks = {int(mark) for mark in re.findall(r"\[([0-9]+)\]", answer.text)}
    numbers = {citation.number for citation in answer.citations}
    faults: list[str] = []
    valid = 0
    for place, citation in enumerate(answer.citations, start=1):
        name = f"citation [{citation.number}]"
        before = len(faults)
        found = article(citation.article_id)
        if found is None:
            faults.append(f"{name}: there is no article {citation.article_id!r}")
        elif not citation.quote or found.text[citation.start : citation.end] != citation.quote:
            faults.append(
                f"{name}: {brief(citation.quote)} is not what stands in "
                f"{citation.article_id!r} at [{citation.start}, {citation.end})"
            )
        if citation.number != place:
            faults.append(f"{name} is number {place} in order")
        if citation.number not in marks:
            faults.append(f"{name} is not used in the text")
        valid += len(faults) == before
    stray = sorted(marks - numbers) if answer.status == "answered" else []
    faults += [f"mark [{mark}] has no citation" for mark in stray]
    bare = answer.status == "answered" and not re.search(r"\[[0-9]+\]\W*$", answer.text)
    if bare:
        faults.append("the answer does not end with a mark")
    return CitationCheck(
        citations=len(answer.citations) + len(stray) + bare, valid=valid, faults=tuple(faults)
    )


def intervals(evaluation: Evaluation, *, seed: int = 0) -> dict[str, Interval]:
    """The interval of each measure that is a mean over the answerable questions, by name."""
    rows = [row for row in evaluation.rows if row.answerable]
    values: dict[str, list[float]] = {
        f"answer@{cutoff}": [row.rank is not None and row.rank <= cutoff for row in rows]
        for cutoff in evaluation.answer_at
    }
    values["mrr"] = [1 / row.rank if row.rank else 0.0 for row in rows]
    values["exact_match"] = [row.exact_match for row in rows]
    values["f1"] = [row.f1 for row in rows]
    values["answer_in_text"] = [row.answer_in_text for row in rows]
    found = {name: interval(each, seed=seed) for name, each in values.items()}
    return {name: each for name, each in found.items() if each is not None}


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _percentile(values: Sequence[float], percent: float) -> float | None:
    return float(np.percentile(values, percent)) if values else None
