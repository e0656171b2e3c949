"""What was inferred from a question, in sentences, each of which can be taken back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from newsqa.retrieval.understand import MAX_QUESTION_CHARS
from newsqa.types import Query
from newsqa.web.markup import escape

ALONE = "follow-up"
"""Stands beside the names of inferences for reading a question with the one before it."""
UNDO = {
    "wording": "Search for every word",
    "period": "Ignore the time",
    "newest": "Don’t prefer the newest",
    "outlets": "Don’t prefer them",
    ALONE: "Ask it on its own",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Understanding:
    """A sentence for the reader, and the inference that it tells of, if it tells of one."""

    said: str
    inference: str | None


def understandings(query: Query) -> list[Understanding]:
    """The query's own sentences, each with what can be taken back of it."""
    return [Understanding(said=said, inference=_inference(said, query)) for said in query.why]


def show_understood(query: Query, *, turn: int) -> str:
    """A line for each, with a button that asks again without it, or in other words."""
    lines = "".join(
        f'<li><span dir="auto">{escape(each.said)}</span>{_buttons(each, query, turn)}'
        f"{_rewording(query, turn) if each.inference == ALONE else ''}</li>"
        for each in understandings(query)
    )
    return f'<ul class="understood">{lines}</ul>' if lines else ""


def _inference(said: str, query: Query) -> str | None:
    tells: Mapping[str, bool] = {
        ALONE: "follow-up" in said,
        "wording": bool(query.wording) and f"“{query.wording}”" in said,
        "period": query.period is not None and said.startswith(f"“{query.period.text}”"),
        "newest": query.newest and "newest" in said,
        "outlets": bool(query.outlets) and "named in the question" in said,
    }
    return next((name for name, told in tells.items() if told), None)


def _buttons(each: Understanding, query: Query, turn: int) -> str:
    if each.inference is None:
        return ""
    shown = _button(UNDO[each.inference], turn, ignore=each.inference)
    if each.inference == "period" and query.period is not None:
        span = {"since": f"{query.period.start:%Y-%m-%d}", "until": f"{query.period.end:%Y-%m-%d}"}
        shown = _button("Only articles of that time", turn, ignore="period", **span) + shown
    return shown


def _rewording(query: Query, turn: int) -> str:
    """The wording that a follow-up is read in, to be changed and asked instead."""
    return (
        f'<details class="reword"><summary>Change the wording</summary><div data-turn="{turn}">'
        f'<input type="text" dir="auto" autocomplete="off" maxlength="{MAX_QUESTION_CHARS}" '
        f'aria-label="The question in a wording of its own" value="{escape(query.text)}">'
        '<button type="button" class="reask">Ask it so</button></div></details>'
    )


def _button(name: str, turn: int, **data: str) -> str:
    attributes = "".join(f' data-{key}="{escape(value)}"' for key, value in data.items())
    return f'<button type="button" class="again" data-turn="{turn}"{attributes}>{name}</button>'
