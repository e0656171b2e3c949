"""One question and what became of it → HTML."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from newsqa.types import UNVERIFIED, Answer
from newsqa.web.about import about, asking_for_feedback, searched
from newsqa.web.cards import anchor, cards, nearest
from newsqa.web.markup import count, day, escape, language, listed
from newsqa.web.timeline import Bar, show_bars
from newsqa.web.understood import show_understood

_MARKS = re.compile(r"((?:\s*\[\d+\])+)")
_MARKS_OR_NONE = re.compile(rf"((?:\s*\[\d+\])+|\s*{re.escape(UNVERIFIED)})")
_NUMBER = re.compile(r"\[(\d+)\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What a question is narrowed to, as the reader gave it."""

    as_of: str | None = None
    since: str | None = None
    until: str | None = None
    sources: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()

    def __str__(self) -> str:
        return listed(words for _, _, words in self.each())

    def each(self) -> Iterator[tuple[str, str, str]]:
        """Field, value and words of each bound."""
        for field, word in (("as_of", "As of"), ("since", "From"), ("until", "Until")):
            if value := getattr(self, field):
                yield field, value, f"{word} {_in_words(value)}"
        for outlet in self.sources:
            yield "sources", outlet, outlet
        for code in self.languages:
            yield "languages", code, f"In {language(code)}"


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
    ignore: tuple[str, ...] = ()
    """What is not to be inferred, `understood.ALONE` among it."""
    bars: tuple[Bar, ...] = ()
    """When matching articles were published."""
    next: tuple[str, ...] = ()
    """Further questions that the archive answers."""
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
        f'<button type="button" class="edit" aria-label="Edit this question" '
        f'data-turn="{turn.number}">Edit</button>'
        + (f'<p class="bounds">Narrowed: {escape(narrowed)}</p>' if narrowed else "")
        + f"</header>{_body(turn)}</article>"
    )


def show_beyond(turn: Turn) -> str:
    """What goes beyond the answer of a turn that is shown already."""
    return f'<div data-for="turn-{turn.number}" data-into="beyond">{_beyond(turn)}</div>'


def show_all(turns: Sequence[Turn]) -> str:
    """A conversation, oldest first."""
    return "".join(show(turn) for turn in turns)


def prose(
    text: str, *, turn: int, known: frozenset[int], unverified: Sequence[str] | None = None
) -> str:
    """An answer's text, each sentence with its marks as links to the cards of `known`.

    `unverified` are the sentences that no quote supports; None where that is not known yet, and
    each that is marked so is taken to be one.
    """
    return "".join(
        f"<p>{_sentences(paragraph, turn, known, unverified)}</p>"
        for paragraph in text.splitlines()
        if paragraph.strip()
    )


def _body(turn: Turn) -> str:
    if turn.problem is not None:
        partial = prose(turn.text, turn=turn.number, known=frozenset())
        return (
            f'<div class="answer">{partial}</div>' if partial else ""
        ) + f'<div class="problem" role="alert"><p dir="auto">{escape(turn.problem)}</p>'
        f'<button type="button" class="again" data-turn="{turn.number}">Ask again</button></div>'
    if turn.answer is None:
        arriving = prose(turn.text, turn=turn.number, known=frozenset())
        return f'<div class="answer">{_steps(turn.steps)}{arriving}</div>'
    if turn.answer.status == "no_evidence":
        return _refusal(turn, turn.answer)
    return _answered(turn, turn.answer)


def _answered(turn: Turn, answer: Answer) -> str:
    number = turn.number
    known = frozenset(citation.number for citation in answer.citations)
    headline = answer.headline
    short = f'<p class="short" dir="auto">{escape(headline)}</p>' if headline else ""
    as_of, asked = answer.query.as_of, answer.query.asked
    shown = cards(answer.citations, turn=number, as_of=as_of, asked=asked)
    return (
        '<div class="spread"><div class="answer">'
        f'{short}<div class="prose-text" dir="auto">'
        f"{prose(answer.text, turn=number, known=known, unverified=answer.unverified)}</div>"
        f"{about(answer)}"
        f"{show_understood(answer.query, turn=number)}{asking_for_feedback(number, cited=True)}"
        f'<div class="beyond">{_beyond(turn)}</div></div>'
        '<aside class="sources" aria-label="Sources"><h3>'
        f"{count(len(answer.citations), 'quote')} behind it</h3>"
        f"{shown}</aside></div>"
    )


def _refusal(turn: Turn, answer: Answer) -> str:
    narrowed = bool(str(turn.bounds))
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
    if narrowed:
        advice += (
            f' <button type="button" class="again" data-turn="{turn.number}" data-widen="yes">'
            "Ask the whole archive</button>"
        )
    near = nearest(answer.nearest)
    return (
        '<div class="refusal"><p class="said">'
        f"{said}</p><p>{advice}</p>"
        + (f"<h3>The nearest articles</h3>{near}" if near else "")
        + f'<footer class="about"><p>{searched(answer.searched)}</p></footer>'
        + show_understood(answer.query, turn=turn.number)
        + asking_for_feedback(turn.number, cited=False)
        + f'<div class="beyond">{_beyond(turn)}</div></div>'
    )


def _beyond(turn: Turn) -> str:
    return show_bars(turn.bars, turn=turn.number) + _next(turn.next)


def _next(questions: Sequence[str]) -> str:
    items = "".join(
        f'<li><button type="button" class="next" dir="auto">{escape(each)}</button></li>'
        for each in questions
    )
    return (
        f'<nav class="next-questions" aria-label="Ask next"><h3>Ask next</h3><ul>{items}</ul></nav>'
        if items
        else ""
    )


def _steps(steps: Sequence[str]) -> str:
    items = "".join(f"<li>{escape(step)}</li>" for step in steps)
    return f'<ul class="steps" role="status">{items}</ul>'


def _sentences(
    paragraph: str, turn: int, known: frozenset[int], unverified: Sequence[str] | None
) -> str:
    # An article may have the word in brackets too: it says nothing of our own there.
    pieces = (_MARKS_OR_NONE if unverified is None or unverified else _MARKS).split(paragraph)
    shown = []
    for said, marks in zip(pieces[::2], [*pieces[1::2], ""], strict=True):
        if marks.strip() == UNVERIFIED and _is_one(said, unverified):
            shown.append(_unverified(said.strip()))
            continue
        numbers = [int(number) for number in _NUMBER.findall(marks)]
        links = "".join(_mark(number, turn, known) for number in numbers)
        if said.strip() or links:
            cites = " ".join(map(str, numbers))
            said = said.strip() + (f" {UNVERIFIED}" if marks.strip() == UNVERIFIED else "")
            shown.append(
                f'<span class="sentence" data-cites="{cites}">{escape(said)}'
                f"{' ' if links else ''}{links}</span>"
            )
    return " ".join(shown)


def _is_one(said: str, unverified: Sequence[str] | None) -> bool:
    """Whether a sentence before our mark is one that no quote supports; None: not known yet."""
    plain = " ".join(said.split())
    return unverified is None or any(plain.endswith(" ".join(each.split())) for each in unverified)


def _unverified(said: str) -> str:
    """A sentence that no quote supports, which nobody can take for one that is cited."""
    return (
        f'<span class="sentence unverified" data-cites=""><span class="said">{escape(said)}</span> '
        '<strong class="flag">not verified</strong></span>'
    )


def _mark(number: int, turn: int, known: frozenset[int]) -> str:
    if number not in known:
        return f'<span class="mark">[{number}]</span>'
    return (
        f'<a class="mark" href="#{anchor(turn, number)}" data-turn="{turn}" '
        f'data-number="{number}" aria-label="Source {number}">[{number}]</a>'
    )


def _in_words(value: str) -> str:
    try:
        return day(date.fromisoformat(value))
    except ValueError:
        return value


def _flag(value: bool) -> str:
    return "true" if value else "false"
