"""One question and what became of it → HTML."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from dataclasses import dataclass

from newsqa.types import Answer
from newsqa.web.about import about, searched
from newsqa.web.cards import anchor, cards, nearest
from newsqa.web.markup import count, escape, listed

_MARKS = re.compile(r"((?:\s*\[\d+\])+)")
_NUMBER = re.compile(r"\[(\d+)\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What a question is narrowed to, as the reader gave it."""

    as_of: str | None = None
    since: str | None = None
    until: str | None = None
    sources: tuple[str, ...] = ()

    def __str__(self) -> str:
        dates = [("as of", self.as_of), ("from", self.since), ("until", self.until)]
        parts = [f"{word} {date}" for word, date in dates if date]
        return listed([*parts, ", ".join(self.sources)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A question, as far as it has got."""

    number: int
    """From 1, within its conversation."""
    question: str
    bounds: Bounds = Bounds()
    steps: tuple[str, ...] = ()
    """What has been done so far, in words."""
    text: str = ""
    """Of the answer, as far as it has arrived."""
    answer: Answer | None = None
    problem: str | None = None
    """Why there is no answer, where something went wrong."""

    def with_(self, **changes: object) -> Turn:
        """The same turn, a step further."""
        return dataclasses.replace(self, **changes)  # type: ignore[arg-type]

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self.answer is not None or self.problem is not None


def show(turn: Turn) -> str:
    """A turn as an article of its own."""
    narrowed = str(turn.bounds)
    return (
        f'<article class="turn" id="turn-{turn.number}" aria-busy="{_flag(not turn.over)}">'
        f'<header><h2 class="question" dir="auto">{escape(turn.question)}</h2>'
        + (f'<p class="bounds">Narrowed: {escape(narrowed)}</p>' if narrowed else "")
        + f"</header>{_body(turn)}</article>"
    )


def show_all(turns: Sequence[Turn]) -> str:
    """A conversation, oldest first."""
    return "".join(show(turn) for turn in turns)


def prose(text: str, *, turn: int, known: frozenset[int]) -> str:
    """An answer's text, each sentence with its marks as links to the cards of `known`."""
    return "".join(
        f"<p>{_sentences(paragraph, turn, known)}</p>"
        for paragraph in text.splitlines()
        if paragraph.strip()
    )


def _body(turn: Turn) -> str:
    if turn.problem is not None:
        partial = prose(turn.text, turn=turn.number, known=frozenset())
        return (
            f'<div class="answer">{partial}</div>' if partial else ""
        ) + f'<div class="problem" role="alert"><p dir="auto">{escape(turn.problem)}</p></div>'
    if turn.answer is None:
        arriving = prose(turn.text, turn=turn.number, known=frozenset())
        return f'<div class="answer">{_steps(turn.steps)}{arriving}</div>'
    if turn.answer.status == "no_evidence":
        return _refusal(turn.answer, narrowed=bool(str(turn.bounds)))
    return _answered(turn.answer, turn.number)


def _answered(answer: Answer, number: int) -> str:
    known = frozenset(citation.number for citation in answer.citations)
    headline = answer.headline
    short = f'<p class="short" dir="auto">{escape(headline)}</p>' if headline else ""
    as_of, asked = answer.query.as_of, answer.query.asked
    shown = cards(answer.citations, turn=number, as_of=as_of, asked=asked)
    return (
        '<div class="spread"><div class="answer">'
        f'{short}<div class="prose-text" dir="auto">'
        f"{prose(answer.text, turn=number, known=known)}</div>{about(answer)}"
        f"{_understood(answer)}</div>"
        '<aside class="sources" aria-label="Sources"><h3>'
        f"{count(len(answer.citations), 'quote')} behind it</h3>"
        f"{shown}</aside></div>"
    )


def _refusal(answer: Answer, *, narrowed: bool) -> str:
    if answer.searched.articles == 0:
        said = "No article of the archive is within these bounds."
        advice = "Widen the dates or the outlets, and ask again."
    else:
        said = "The archive does not hold an answer to this."
        advice = (
            "Widening the dates or the outlets may help."
            if narrowed
            else "Nothing in it supports one well enough to be shown."
        )
    near = nearest(answer.nearest)
    return (
        '<div class="refusal"><p class="said">'
        f"{said}</p><p>{advice}</p>"
        + (f"<h3>The nearest articles</h3>{near}" if near else "")
        + f'<footer class="about"><p>{searched(answer.searched)}</p></footer>'
        + f"{_understood(answer)}</div>"
    )


def _understood(answer: Answer) -> str:
    """What was inferred from the question, in sentences."""
    return "".join(f'<p class="understood">{escape(why)}</p>' for why in answer.query.why)


def _steps(steps: Sequence[str]) -> str:
    items = "".join(f"<li>{escape(step)}</li>" for step in steps)
    return f'<ul class="steps" role="status">{items}</ul>'


def _sentences(paragraph: str, turn: int, known: frozenset[int]) -> str:
    pieces = _MARKS.split(paragraph)
    shown = []
    for said, marks in zip(pieces[::2], [*pieces[1::2], ""], strict=True):
        numbers = [int(number) for number in _NUMBER.findall(marks)]
        links = "".join(_mark(number, turn, known) for number in numbers)
        if said.strip() or links:
            cites = " ".join(map(str, numbers))
            shown.append(
                f'<span class="sentence" data-cites="{cites}">{escape(said.strip())}'
                f"{' ' if links else ''}{links}</span>"
            )
    return " ".join(shown)


def _mark(number: int, turn: int, known: frozenset[int]) -> str:
    if number not in known:
        return f'<span class="mark">[{number}]</span>'
    return (
        f'<a class="mark" href="#{anchor(turn, number)}" data-turn="{turn}" '
        f'data-number="{number}" aria-label="Source {number}">[{number}]</a>'
    )


def _flag(value: bool) -> str:
    return "true" if value else "false"
