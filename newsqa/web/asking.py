"""A question and the conversation so far → turns, each a step further than the one before."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence

from newsqa.errors import IndexBusy, InputError, NewsQAError
from newsqa.pipeline import NewsQA
from newsqa.types import Answer, Progress
from newsqa.web.markup import count
from newsqa.web.turns import Bounds, Turn

log = logging.getLogger(__name__)

REMEMBERED = 6
"""Earlier answers that a question may lean on."""


def answer_turn(
    qa: NewsQA, question: str, earlier: Sequence[Turn], bounds: Bounds
) -> Iterator[Turn]:
    """The turn as it goes on; the last one is over.  Never raises: a problem is shown."""
    number = earlier[-1].number + 1 if earlier else 1
    turn = Turn(number=number, question=" ".join(question.split()), bounds=bounds)
    yield turn
    history = [past.answer for past in earlier if past.answer is not None][-REMEMBERED:]
    try:
        for item in qa.stream(
            question,
            history,
            as_of=bounds.as_of,
            since=bounds.since,
            until=bounds.until,
            sources=bounds.sources,
        ):
            turn = _further(turn, item)
            yield turn
    except Exception as error:  # whatever it is, the reader gets a page and not a stack trace
        yield turn.with_(problem=in_words(error))


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
