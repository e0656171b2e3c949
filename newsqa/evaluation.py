"""Scores answers against a file of questions whose answers are known.

    questions = read_questions("seeds/questions.jsonl")
    evaluation = evaluate(qa, questions)

One row per question, and the measures over all rows:

    answer@k           a gold string stands in one of the first k passages found
    MRR                1 / the rank of the first such passage, 0 where there is none
    EM, F1             SQuAD's, of the short answer, the best over the gold strings
    answer in text     a gold string stands in the answer's text
    citation validity  citations whose quote stands exactly where they say, by all citations
    refusals           right where the archive holds no answer, wrong where it does
    latency            of search and of ask, after loading

The first four are over the questions that have an answer.
"""

from __future__ import annotations

import dataclasses
import gzip
import json
import lzma
import re
import string
import time
import unicodedata
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from newsqa.errors import InputError, SourceError, VerificationError
from newsqa.retrieval.understand import moment
from newsqa.types import Answer, Article, Progress, Status

if TYPE_CHECKING:
    from newsqa.pipeline import NewsQA

CUTOFFS = (1, 5, 10, 20)
"""The k of answer@k."""
RESAMPLES = 2000
"""Of one bootstrap interval."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question and what counts as its answer."""

    id: str
    question: str
    answers: tuple[str, ...]
    """Accepted strings; empty where the archive does not hold the answer."""
    articles: tuple[str, ...] = ()
    """Addresses or paths of the articles that hold it, as the file names them."""
    as_of: datetime | None = None
    """Aware UTC, as are the next two; a day stands for all of it."""
    since: datetime | None = None
    until: datetime | None = None
    sources: tuple[str, ...] = ()
    kind: str | None = None


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
class Interval:
    """A mean, and where it would lie for other samples of questions."""

    mean: float
    low: float
    high: float


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


# Reading questions.


def read_questions(path: str | Path) -> list[Question]:
    """Questions from a file of one JSON object a line, also .gz or .xz.

    An object has `question` and `answers` (a list of accepted strings, empty where there is
    no answer; `gold` is read too), and may have `id`, `articles`, `as_of` (or the `week` of
    RealTime QA), `since`, `until`, `sources` and `kind`.  Other keys are ignored.

    Raises SourceError for a file that can't be read, InputError, naming the line, for what
    is not a question.
    """
    path = Path(path)
    questions: list[Question] = []
    seen: dict[str, int] = {}
    for number, line in _lines(path):
        try:
            question = _question(json.loads(line), default_id=str(number))
        except (ValueError, RecursionError) as error:
            raise InputError(f"{path}, line {number}: {error}") from error
        if question.id in seen:
            raise InputError(
                f"{path}, line {number}: the id {question.id!r} is already that of line "
                f"{seen[question.id]}; ids must be unique in a file"
            )
        seen[question.id] = number
        questions.append(question)
    if not questions:
        raise InputError(f"{path} holds no questions, expected one JSON object a line")
    return questions


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        with _opened(path) as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield number, line
    except (OSError, EOFError, UnicodeDecodeError, lzma.LZMAError, zlib.error) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise SourceError(
            f"questions can't be read from {path}: {reason}; expected a UTF-8 text file of one "
            "JSON object a line, plain, .gz or .xz"
        ) from error


def _opened(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig")
    if path.suffix == ".xz":
        return lzma.open(path, "rt", encoding="utf-8-sig")
    return path.open(encoding="utf-8-sig")


def _question(fields: object, *, default_id: str) -> Question:
    if not isinstance(fields, dict):
        raise InputError(f"expected a JSON object, found {_brief(fields)}")
    text = fields.get("question")
    if not isinstance(text, str) or not text.strip():
        raise InputError(f"question is {_brief(text)}, expected text")
    answers = fields.get("answers", fields.get("gold"))
    if answers is None:
        raise InputError("neither answers nor gold is there; give [] where there is no answer")
    kind = fields.get("kind")
    return Question(
        id=str(fields.get("id", default_id)),
        question=text,
        answers=_strings(answers, "answers"),
        articles=_strings(fields.get("articles") or (), "articles"),
        as_of=_moment(fields.get("as_of", fields.get("week")), "as_of", end_of_day=True),
        since=_moment(fields.get("since"), "since", end_of_day=False),
        until=_moment(fields.get("until"), "until", end_of_day=True),
        sources=_strings(fields.get("sources") or (), "sources"),
        kind=None if kind is None else str(kind),
    )


def _strings(value: object, name: str) -> tuple[str, ...]:
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list | tuple) or not all(isinstance(v, str) for v in values):
        raise InputError(f"{name} is {_brief(value)}, expected a list of strings")
    return tuple(values)


def _moment(value: object, name: str, *, end_of_day: bool) -> datetime | None:
    if value is not None and not isinstance(value, str):
        raise InputError(f"{name} is {_brief(value)}, expected an ISO 8601 date")
    return moment(value, end_of_day=end_of_day, name=name)


def _brief(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= 60 else f"{shown[:59]}…"


# Measures.


def normalise(text: str) -> str:
    """Lower case, punctuation to space, a/an/the dropped, one space between words."""
    words = re.sub(r"[\W_]+", " ", unicodedata.normalize("NFKC", text).lower()).split()
    return " ".join(word for word in words if word not in ("a", "an", "the"))


def holds(text: str, answers: Sequence[str]) -> bool:
    """Whether one of the answers stands in a text, as whole words, both normalised."""
    there = f" {normalise(text)} "
    return any(f" {gold} " in there for gold in map(normalise, answers) if gold)


def answer_rank(passages: Sequence[str], answers: Sequence[str]) -> int | None:
    """The rank, from 1, of the first passage that holds one of the answers, or None."""
    return next((rank for rank, text in enumerate(passages, start=1) if holds(text, answers)), None)


def answer_at_k(passages: Sequence[str], answers: Sequence[str], k: int) -> bool:
    """Whether one of the answers stands in one of the first k passages."""
    return answer_rank(passages[:k], answers) is not None


def exact_match(prediction: str | None, answers: Sequence[str]) -> float:
    """SQuAD's EM, the best over the answers: 0 or 1; None counts 0."""
    if prediction is None:
        return 0.0
    said = _squad_words(prediction)
    return float(any(said == _squad_words(gold) for gold in answers))


def f1(prediction: str | None, answers: Sequence[str]) -> float:
    """SQuAD's F1 of words, the best over the answers, in [0, 1]; None counts 0."""
    if prediction is None:
        return 0.0
    said = _squad_words(prediction)
    return max((_overlap(said, _squad_words(gold)) for gold in answers), default=0.0)


def _squad_words(text: str) -> list[str]:
    """As SQuAD's own script has it: ASCII punctuation is deleted, not replaced."""
    bare = text.lower().translate(str.maketrans("", "", string.punctuation))
    return re.sub(r"\b(a|an|the)\b", " ", bare).split()


def _overlap(said: list[str], gold: list[str]) -> float:
    if not said or not gold:
        return float(said == gold)
    common = sum((Counter(said) & Counter(gold)).values())
    return 2 * common / (len(said) + len(gold))


def interval(
    values: Sequence[float], *, seed: int = 0, confidence: float = 0.95
) -> Interval | None:
    """The mean and its percentile bootstrap interval over questions; None of no values."""
    if not len(values):
        return None
    sample = np.asarray(values, dtype=np.float64)
    random = np.random.default_rng(seed)
    # One resample at a time: all at once is gigabytes for a large file of questions.
    means = [float(random.choice(sample, size=len(sample)).mean()) for _ in range(RESAMPLES)]
    tail = 100 * (1 - confidence) / 2
    low, high = np.percentile(means, [tail, 100 - tail])
    return Interval(mean=float(sample.mean()), low=float(low), high=float(high))


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
                f"{name}: {_brief(citation.quote)} is not what stands in "
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


# Running.


def evaluate(
    qa: NewsQA,
    questions: Sequence[Question],
    *,
    k: int = max(CUTOFFS),
    limit: int = 8,
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


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _percentile(values: Sequence[float], percent: float) -> float | None:
    return float(np.percentile(values, percent)) if values else None
