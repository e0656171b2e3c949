"""What happens on the Ask tab: events → what its components show then."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import gradio as gr

from newsqa.pipeline import NewsQA
from newsqa.web.about import VERDICTS
from newsqa.web.asking import answer_turn
from newsqa.web.conversation import Conversation
from newsqa.web.events import given
from newsqa.web.feedback import Feedback, noted
from newsqa.web.keeping import NOTHING, kept, restored
from newsqa.web.narrowing import Narrowing, bounds_of, show_chips
from newsqa.web.opening import open_source
from newsqa.web.turns import Bounds, Turn, show, show_all, show_beyond
from newsqa.web.understood import ALONE, UNDO

log = logging.getLogger(__name__)

Updates = dict[Any, Any]

_READY = gr.update(submit_btn="Ask", stop_btn=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The components that a conversation is shown in."""

    welcome: gr.HTML
    examples: gr.Column
    past: gr.HTML
    live: gr.HTML
    beyond: gr.HTML
    kept: gr.BrowserState
    box: gr.Textbox
    narrowing: Narrowing
    clearing: gr.Row

    @property
    def conversation(self) -> list[Any]:
        """What shows whether and how far there is a conversation."""
        return [
            self.past, self.live, self.box, self.clearing, self.welcome, self.examples, self.kept
        ]  # fmt: skip


class Replies:
    """The events' functions; each conversation is handed in, so that one serves all readers."""

    def __init__(self, qa: NewsQA, on: Parts, *, feedback: Feedback):
        self.qa = qa
        self.on = on
        self.feedback = feedback

    def ask(
        self,
        question: str | None,
        conversation: Conversation,
        as_of: str | None,
        since: str | None,
        until: str | None,
        outlets: list[str] | None,
        languages: list[str] | None,
    ) -> Iterator[Updates]:
        """One question, shown as it is answered."""
        if not question or not question.strip():
            yield {self.on.box: gr.update()}
            return
        yield from self._answer(
            question, conversation, bounds_of(as_of, since, until, outlets, languages), emptied=True
        )

    def go_on(
        self,
        conversation: Conversation,
        as_of: str | None,
        since: str | None,
        until: str | None,
        outlets: list[str] | None,
        languages: list[str] | None,
        event: gr.EventData,
    ) -> Iterator[Updates]:
        """A further question that was offered."""
        question = given(event, "question", str)
        if question and question.strip():
            bounds = bounds_of(as_of, since, until, outlets, languages)
            yield from self._answer(question, conversation, bounds)

    def again(
        self,
        conversation: Conversation,
        as_of: str | None,
        since: str | None,
        until: str | None,
        outlets: list[str] | None,
        languages: list[str] | None,
        event: gr.EventData,
    ) -> Iterator[Updates]:
        """A question once more: within a span of time, without something inferred of it, or in the
        words that the reader has put it in.
        """
        turn = self._turn(conversation, event)
        if turn is None:
            yield {self.on.box: gr.update()}
            return
        bounds = bounds_of(as_of, since, until, outlets, languages)
        if given(event, "widen", str):
            bounds = Bounds()
        span = [given(event, name, str) for name in ("since", "until")]
        if all(span):
            bounds = dataclasses.replace(bounds, since=span[0], until=span[1])
        undone = given(event, "ignore", str)
        wording = (given(event, "wording", str) or "").strip()
        undo = [undone] if undone in UNDO else [ALONE] if wording else []
        ignore = dict.fromkeys([*turn.ignore, *undo])
        first: Updates = dict(
            zip(self.on.narrowing.fields, self.on.narrowing.filled(bounds), strict=True)
        )
        first[self.on.narrowing.chips] = show_chips(bounds)
        # It is read with what stood before it, not with itself.
        before = conversation.until(turn.number)
        yield from self._answer(
            wording or turn.question,
            conversation,
            bounds,
            first=first,
            ignore=tuple(ignore),
            leaning=before,
        )

    def edit(self, conversation: Conversation, event: gr.EventData) -> Any:
        """A question in the box, to be changed."""
        turn = self._turn(conversation, event)
        return gr.update(value=turn.question) if turn else gr.update()

    def _answer(
        self,
        question: str,
        conversation: Conversation,
        bounds: Bounds,
        *,
        first: Updates | None = None,
        ignore: tuple[str, ...] = (),
        leaning: tuple[Turn, ...] | None = None,
        emptied: bool = False,
    ) -> Iterator[Updates]:
        mine = conversation.begin()
        # Said with every update: one that comes on the heels of another takes away, in a busy
        # browser, what that one alone has said.
        begun: Updates = {
            self.on.welcome: gr.update(visible=False),
            self.on.examples: gr.update(visible=False),
            self.on.clearing: gr.update(visible=True),
            self.on.box: gr.update(submit_btn=False, stop_btn="Stop"),
        }
        updates: Updates = {**(first or {}), self.on.past: show_all(conversation.turns)}
        if emptied:
            updates[self.on.box] = {**begun[self.on.box], "value": ""}
        answering = answer_turn(
            self.qa, question, conversation.turns, bounds, ignore=ignore, leaning=leaning
        )
        over = False
        for turn in conversation.follow(answering, mine):
            # A turn that is over comes once more, with what goes beyond its answer.
            place, told = (
                (self.on.beyond, show_beyond(turn)) if over else (self.on.live, show(turn))
            )
            shown: Updates = {place: told}
            over = turn.over
            if over:
                shown |= {self.on.box: _READY, self.on.kept: self._kept(conversation)}
            if conversation.asked != mine:
                break
            yield begun | updates | shown
            updates = {}
        # Gradio sends the last update once more at the end, by when another question may be there:
        # it says with its next one that it is under way.
        yield {self.on.box: _READY if conversation.asked == mine else gr.update()}

    def _kept(self, conversation: Conversation) -> Any:
        return kept(conversation.turns, user=conversation.user)

    def _turn(self, conversation: Conversation, event: gr.EventData) -> Turn | None:
        number = given(event, "turn", int)
        return next((each for each in conversation.turns if each.number == number), None)

    def open(self, conversation: Conversation, event: gr.EventData) -> str:
        """The source that was asked for."""
        wanted = event._data
        return open_source(self.qa, conversation.turns, wanted if isinstance(wanted, dict) else {})

    def stop(self, conversation: Conversation) -> Updates:
        """End the question under way and keep what had arrived of it."""
        stopped = conversation.stop()
        if stopped is None:
            return {self.on.box: _READY}
        kept_now = self._kept(conversation)
        return {self.on.live: show(stopped), self.on.box: _READY, self.on.kept: kept_now}

    def judge(self, conversation: Conversation, event: gr.EventData) -> Any:
        """Note what a reader says of an answer."""
        turn, verdict = self._turn(conversation, event), given(event, "verdict", str)
        if turn is None or turn.answer is None or verdict not in VERDICTS:
            return gr.update()
        try:
            self.feedback.add(turn, verdict, user=conversation.user, now=datetime.now(UTC))
        except OSError:
            log.exception("feedback could not be noted")
            return noted(turn, "It could not be noted: see the server's log.")
        return noted(turn, f"Noted: {VERDICTS[verdict].lower()}.")

    def take_up(self, conversation: Conversation, found: Any, request: gr.Request) -> Updates:
        """Go on with what this reader's browser has kept."""
        conversation.user = request.username
        turns = restored(found, user=conversation.user)
        if conversation.turns or not turns:
            return {self.on.box: gr.update()}
        conversation.take_up(turns)
        return {
            self.on.past: show_all(turns[:-1]),
            self.on.live: show(turns[-1]),
            self.on.clearing: gr.update(visible=True),
            self.on.welcome: gr.update(visible=False),
            self.on.examples: gr.update(visible=False),
        }

    def start_over(self, conversation: Conversation) -> Updates:
        """Forget the conversation."""
        conversation.forget()
        return {
            self.on.past: "",
            self.on.live: "",
            self.on.box: {**_READY, "value": ""},
            self.on.clearing: gr.update(visible=False),
            self.on.kept: NOTHING,
            self.on.welcome: gr.update(visible=True),
            self.on.examples: gr.update(visible=True),
        }
