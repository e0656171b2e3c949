"""The tab in which one asks: its layout and what happens in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gradio as gr

from newsqa.pipeline import NewsQA
from newsqa.web.asking import answer_turn
from newsqa.web.assets import CONVERSATION_JS, DATE_HTML, DATE_JS, READER_HTML, READER_JS
from newsqa.web.conversation import Conversation
from newsqa.web.examples import WANTED, Examples
from newsqa.web.holdings import masthead, welcome
from newsqa.web.opening import open_source
from newsqa.web.turns import Bounds, show, show_all

AT_ONCE = 8
"""Questions answered at the same time; further ones wait their turn."""
MAX_QUESTION_CHARS = 2000
NARROW = "Narrow by date or outlet"

Updates = dict[Any, Any]

_READY = gr.update(submit_btn="Ask", stop_btn=False)


class Chat:
    """The components of the tab; made within `gr.Blocks`, wired by `wire`."""

    def __init__(self, qa: NewsQA, *, read_only: bool):
        self.qa = qa
        self.read_only = read_only
        self.drawn = Examples(qa)
        # Each browser session gets its own copy.
        self.conversation = gr.State(Conversation())
        self.welcome = gr.HTML(apply_default_css=False, elem_id="welcome")
        with gr.Column(elem_id="examples") as self.example_column:
            self.examples = [
                gr.Button(visible=False, size="sm", elem_classes="example") for _ in range(WANTED)
            ]
        self.past = gr.HTML("", elem_id="past", apply_default_css=False, js_on_load=CONVERSATION_JS)
        self.live = gr.HTML("", elem_id="live", apply_default_css=False, js_on_load=CONVERSATION_JS)
        with gr.Column(elem_id="ask-bar"):
            self.box = gr.Textbox(
                placeholder="Ask a question",
                label="Question",
                show_label=False,
                container=False,
                max_lines=6,
                max_length=MAX_QUESTION_CHARS,
                submit_btn="Ask",
                stop_btn=False,
                autofocus=True,
                elem_id="question",
            )
            with gr.Row(elem_id="under-box"):
                with gr.Accordion(NARROW, open=False, elem_id="narrow") as self.narrow:
                    with gr.Row(elem_id="dates"):
                        self.as_of = _date("As of (nothing later counts)", "as-of")
                        self.since = _date("Published from", "since")
                        self.until = _date("Published to", "until")
                    self.outlets = gr.Dropdown(
                        [], multiselect=True, label="Outlets (all, where none is chosen)",
                        elem_id="outlets",
                    )  # fmt: skip
                    self.widen = gr.Button("Clear dates and outlets", size="sm", elem_id="widen")
                self.clear = gr.Button(
                    "New conversation", size="sm", elem_id="clear", visible=False
                )

    def beside(self) -> gr.HTML:
        """Make the place in which sources are read; wired at once."""
        reader = gr.HTML(
            "",
            html_template=READER_HTML,
            js_on_load=READER_JS,
            apply_default_css=False,
            elem_id="reader",
        )
        reader.open_source(
            self.open, inputs=self.conversation, outputs=reader, queue=False,
            show_progress="hidden", api_visibility="private",
        )  # fmt: skip
        return reader

    @property
    def holding(self) -> list[Any]:
        """The components that show what the archive holds, in the order of `refresh`."""
        return [self.welcome, self.outlets]

    def refresh(self) -> list[Any]:
        """What the archive holds now."""
        info = self.qa.info()
        return [
            gr.update(value=welcome(info, read_only=self.read_only)),
            gr.update(choices=list(info.sources)),
        ]

    def wire(self) -> None:
        """Connect the components with what happens."""
        shown = [
            self.past, self.live, self.box, self.clear, self.welcome, self.example_column,
            self.narrow,
        ]  # fmt: skip
        narrowing = [self.as_of, self.since, self.until, self.outlets]
        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        # "multiple": a question asked while an answer arrives takes its place, as in
        # Conversation; Gradio's own cancelling would leave the box deaf for a while.
        asking: dict[str, Any] = {
            **quiet,
            "outputs": shown,
            "trigger_mode": "multiple",
            "concurrency_limit": AT_ONCE,
            "concurrency_id": "ask",
        }
        self.box.submit(self.ask, inputs=[self.box, self.conversation, *narrowing], **asking)
        for example in self.examples:
            example.click(self.ask, inputs=[example, self.conversation, *narrowing], **asking)
        self.box.stop(
            self.stop, inputs=self.conversation, outputs=[self.live, self.box], queue=False, **quiet
        )
        self.clear.click(
            self.start_over, inputs=self.conversation, outputs=shown, queue=False, **quiet
        )
        self.widen.click(
            lambda: ["", "", "", [], gr.update(label=NARROW)],
            outputs=[*narrowing, self.narrow],
            queue=False,
            **quiet,
        )

    def draw_examples(self) -> list[Any]:
        """Example questions from what the archive holds now."""
        drawn = self.drawn.get()
        return [
            gr.update(value=drawn[at], visible=True)
            if at < len(drawn)
            else gr.update(visible=False)
            for at in range(WANTED)
        ]

    def ask(
        self,
        question: str | None,
        conversation: Conversation,
        as_of: str | None,
        since: str | None,
        until: str | None,
        outlets: list[str] | None,
    ) -> Iterator[Updates]:
        """One question, shown as it is answered."""
        if not question or not question.strip():
            yield {self.box: gr.update()}
            return
        conversation.stop()
        bounds = Bounds(
            as_of=as_of or None,
            since=since or None,
            until=until or None,
            sources=tuple(outlets or ()),
        )
        first: Updates = {
            self.past: show_all(conversation.turns),
            self.box: gr.update(value="", submit_btn=False, stop_btn="Stop"),
            self.welcome: gr.update(visible=False),
            self.example_column: gr.update(visible=False),
            self.clear: gr.update(visible=True),
            # What holds for the next question too is seen with the panel closed.
            self.narrow: gr.update(label=f"Narrowed: {bounds}" if str(bounds) else NARROW),
        }
        answering = answer_turn(self.qa, question, conversation.turns, bounds)
        for turn in conversation.follow(answering):
            yield {**first, self.live: show(turn)} | ({self.box: _READY} if turn.over else {})
            first = {}

    def open(self, conversation: Conversation, event: gr.EventData) -> str:
        """The source that was asked for."""
        wanted = event._data
        return open_source(self.qa, conversation.turns, wanted if isinstance(wanted, dict) else {})

    def stop(self, conversation: Conversation) -> list[Any]:
        """End the question under way and keep what had arrived of it."""
        stopped = conversation.stop()
        return [show(stopped) if stopped else gr.update(), _READY]

    def start_over(self, conversation: Conversation) -> Updates:
        """Forget the conversation."""
        conversation.forget()
        return {
            self.past: "",
            self.live: "",
            self.box: {**_READY, "value": ""},
            self.clear: gr.update(visible=False),
            self.welcome: gr.update(visible=True),
            self.example_column: gr.update(visible=True),
        }


def heading(qa: NewsQA) -> str:
    """The masthead, with what the archive holds now."""
    return masthead(qa.info())


def _date(name: str, elem_id: str) -> gr.HTML:
    """A labelled date field; its value is an ISO day, or empty."""
    return gr.HTML(
        "",
        html_template=DATE_HTML,
        js_on_load=DATE_JS,
        apply_default_css=False,
        elem_id=elem_id,
        min_width=150,
        name=name,
    )
