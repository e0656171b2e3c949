"""A file of questions and their answers → questions, each with its bounds."""

from __future__ import annotations

import gzip
import json
import lzma
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from newsqa.errors import InputError, SourceError
from newsqa.retrieval.understand import moment


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


def read_questions(path: str | Path) -> list[Question]:
    """Questions from a file of one JSON object a line, also .gz or .xz.

    An object has `question` and `answers` (a list of accepted strings, empty where there is
    no answer; `gold` is read too), and may have `id`, `articles`, `as_of` (or the `week` of
    RealTime QA), `since`, `until`, `sources` and `kind`.  Other keys are ignored; a line with a
    `verdict` and no `answers`, as the chat page notes what is wrong, is passed over.

    Raises SourceError for a file that can't be read, InputError, naming the line, for what
    is not a question.
    """
    path = Path(path)
    questions: list[Question] = []
    seen: dict[str, int] = {}
    for number, line in _lines(path):
        try:
            fields = json.loads(line)
            if _is_unsettled(fields):
                continue
            question = _question(fields, default_id=str(number))
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
        raise InputError(f"expected a JSON object, found {brief(fields)}")
    text = fields.get("question")
    if not isinstance(text, str) or not text.strip():
        raise InputError(f"question is {brief(text)}, expected text")
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


def _is_unsettled(fields: object) -> bool:
    """Whether a line is a reader's verdict that leaves open what the right answer is."""
    return isinstance(fields, dict) and "verdict" in fields and fields.get("answers") is None


def _strings(value: object, name: str) -> tuple[str, ...]:
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list | tuple) or not all(isinstance(v, str) for v in values):
        raise InputError(f"{name} is {brief(value)}, expected a list of strings")
    return tuple(values)


def _moment(value: object, name: str, *, end_of_day: bool) -> datetime | None:
    if value is not None and not isinstance(value, str):
        raise InputError(f"{name} is {brief(value)}, expected an ISO 8601 date")
    return moment(value, end_of_day=end_of_day, name=name)


def brief(value: object) -> str:
    """As Python shows it, cut to 60 characters."""
    shown = repr(value)
    return shown if len(shown) <= 60 else f"{shown[:59]}…"
