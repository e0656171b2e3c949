"""Conversations whose right passages are known → how well follow-ups are understood."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from newsqa.config import DEFAULT_LIMIT
from newsqa.errors import InputError, SourceError
from newsqa.evaluation.measures import holds, normalise
from newsqa.retrieval.understand import moment
from newsqa.types import Answer, Hit

if TYPE_CHECKING:
    from newsqa.pipeline import NewsQA

FIRST, TOPIC = "first", "topic"
"""Kinds of turns that lean on nothing: the first of a conversation, and a change of topic."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One question of a conversation, and what it means."""

    question: str
    standalone: str
    """What it asks, worded by hand so that it needs no earlier turn."""
    answers: tuple[str, ...]
    """Accepted strings, one of which stands in the right passage; empty where there is none."""
    articles: tuple[str, ...]
    """Addresses or paths (their ends) of the articles that hold it; empty: any article may."""
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """Two turns or more, the later ones leaning on those before."""

    id: str
    half: str
    """Whether rules were made with it in view: "developed on" or "held out"."""
    turns: tuple[Turn, ...]
    as_of: datetime | None = None
    quiz: str | None = None
    """The id of the question elsewhere whose answer is the last turn's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """How a later turn went: ranks from 1 of the right passage, None where it was not found."""

    answer: Answer
    """With what was said before."""
    answer_by_hand: Answer
    """To the wording written by hand."""

    conversation: Conversation
    turn: Turn
    understood: str
    """The wording that it was searched by, with what was said before."""
    by_hand: int | None
    """Rank with the wording written by hand."""
    with_history: int | None
    without: int | None
    likeness: float
    """F1 in [0, 1] of the words of the two wordings."""


def read_conversations(path: str | Path) -> list[Conversation]:
    """Conversations from a file of one JSON object a line; see seeds/README.md for its keys.

    Raises SourceError for a file that can't be read, InputError, naming the line, for what is
    no conversation.
    """
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"conversations can't be read from {path}: {error}") from error
    found = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            found.append(_conversation(json.loads(line)))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise InputError(f"{path}, line {number}: {error!r}") from error
    return found


def follow(
    qa: NewsQA, conversation: Conversation, *, k: int = 5, limit: int = DEFAULT_LIMIT
) -> Iterator[FollowUp]:
    """Hold a conversation with the archive; search for each later turn in three ways.

    What a turn leans on are the archive's own answers to the turns before it.  `limit` is how many
    passages an answer is read from.
    """
    bounds: dict[str, Any] = {"as_of": conversation.as_of}
    history: list[str | Answer] = []
    for turn in conversation.turns:
        answer = qa.ask(turn.question, history, limit=limit, **bounds)
        if turn.kind != FIRST and turn.answers:
            yield FollowUp(
                answer=answer,
                answer_by_hand=qa.ask(turn.standalone, limit=limit, **bounds),
                conversation=conversation,
                turn=turn,
                understood=answer.query.text,
                by_hand=rank(qa.search(turn.standalone, k, **bounds), turn),
                with_history=rank(qa.search(turn.question, k, history=history, **bounds), turn),
                without=rank(qa.search(turn.question, k, **bounds), turn),
                likeness=likeness(answer.query.text, turn.standalone),
            )
        history.append(answer)


def rank(hits: Sequence[Hit], turn: Turn) -> int | None:
    """From 1, of the first passage that holds one of a turn's answers in one of its articles."""
    for hit in hits:
        article = hit.article
        place = article.url or (article.origin or "")
        right = not turn.articles or any(place.endswith(each) for each in turn.articles)
        if right and holds(hit.passage.text, turn.answers):
            return hit.rank
    return None


def likeness(one: str, other: str) -> float:
    """F1 in [0, 1] of the words that two wordings share, each counted once."""
    a, b = set(normalise(one).split()), set(normalise(other).split())
    return 2 * len(a & b) / (len(a) + len(b)) if a and b else 0.0


def _conversation(fields: dict[str, Any]) -> Conversation:
    return Conversation(
        id=str(fields["id"]),
        half=str(fields["half"]),
        as_of=moment(fields.get("as_of"), end_of_day=True, name="as_of"),
        quiz=fields.get("quiz"),
        turns=tuple(
            Turn(
                question=str(turn["question"]),
                standalone=str(turn["standalone"]),
                answers=tuple(turn.get("answers", ())),
                articles=tuple(turn.get("articles", ())),
                kind=str(turn["kind"]),
            )
            for turn in fields["turns"]
        ),
    )
