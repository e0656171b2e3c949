"""A question and the conversation so far → turns, each a step further than the one before."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from newsqa.errors import IndexBusy, InputError, NewsQAError
from newsqa.pipeline import NewsQA
from newsqa.types import Answer, Progress
from newsqa.web.examples import further_questions
from newsqa.web.markup import count
from newsqa.web.timeline import bars
from newsqa.web.turns import Bounds, Turn
from newsqa.web.understood import ALONE

log = logging.getLogger(__name__)

REMEMBERED = 6
"""Earlier answers that a question may lean on."""
MATCHING = 60
"""Passages looked at for when a matter was reported."""


def answer_turn(
    qa: NewsQA,
    question: str,
    earlier: Sequence[Turn],
    bounds: Bounds,
    *,
    ignore: Sequence[str] = (),
    leaning: Sequence[Turn] | None = None,
) -> Iterator[Turn]:
    """The turn as it goes on; when it is over, one more with what goes beyond the answer.

    `ignore` is as in `Turn`; `leaning` are the turns that it may lean on, where not all of the
    earlier ones.  Never raises: a problem is shown.
    """
    number = earlier[-1].number + 1 if earlier else 1
    turn = Turn(
        number=number, question=" ".join(question.split()), bounds=bounds, ignore=tuple(ignore)
    )
    yield turn
    before = earlier if leaning is None else leaning
    history = [past.answer for past in before if past.answer is not None][-REMEMBERED:]
    narrowing: dict[str, Any] = {
        "as_of": bounds.as_of, "since": bounds.since, "until": bounds.until,
        "sources": bounds.sources, "languages": bounds.languages,
    }  # fmt: skip
    try:
        for item in qa.stream(
            question,
            () if ALONE in ignore else history,
            ignore=[name for name in ignore if name != ALONE],
            **narrowing,
        ):
            turn = _further(turn, item)
            yield turn
    except Exception as error:  # whatever it is, the reader gets a page and not a stack trace
        yield turn.with_(problem=in_words(error))
        return
    try:
        yield _beyond(qa, turn, [past.question for past in earlier], narrowing)
    except Exception:  # the answer stands without
        log.debug("nothing beyond the answer", exc_info=True)


def _beyond(qa: NewsQA, turn: Turn, asked: Sequence[str], narrowing: Mapping[str, Any]) -> Turn:
    """The turn with when matching articles were published, and what else can be asked."""
    answer = turn.answer
    if answer is None:
        return turn
    hits = qa.search(answer.query.text, MATCHING, **narrowing)
    cited = [citation.article_id for citation in answer.citations]
    return turn.with_(
        bars=bars(hits, cited=cited),
        next=further_questions(qa, answer, hits, [*asked, turn.question], **narrowing),
    )


def in_words(error: Exception) -> str:
    """What to tell a reader of an error; what isn't theirs to mend is logged."""
    if isinstance(error, IndexBusy):
        return (
            "Another change is being written to the archive at this moment. "
            "Try again when it is done."
        )
    if isinstance(error, InputError):
        message = str(error)
        return message[:1].upper() + message[1:] + ("" if message.endswith(".") else ".")
    log.error("the page met an error", exc_info=error)
    if isinstance(error, NewsQAError):
        return f"The archive could not be used: {error}"
    return "Something went wrong on our side. It has been logged; asking again may help."


def _further(turn: Turn, item: Progress | str | Answer) -> Turn:
    if isinstance(item, Answer):
        return turn.with_(answer=item, text=item.text)
    if isinstance(item, str):
        return turn.with_(text=turn.text + item)
    return turn.with_(steps=(*turn.steps, *_step(item)))


def _step(progress: Progress) -> list[str]:
    """What to say of a step: why it is done as it is, where there is a reason, and then what."""
    said = [progress.message] if progress.message else []
    if progress.step == "search" and progress.total is not None:
        said.append(f"Searching {count(progress.total, 'article')}")
    elif progress.step == "read" and progress.total:
        said.append(f"Reading {count(progress.total, 'passage')}")
    return said
