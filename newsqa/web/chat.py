"""The tab in which one asks: its layout and what happens in it."""

from __future__ import annotations

from typing import Any

import gradio as gr

from newsqa.pipeline import NewsQA
from newsqa.web.assets import CONVERSATION_JS, PLACE_JS, READER_HTML, READER_JS, SAVE_JS
from newsqa.web.conversation import Conversation
from newsqa.web.examples import WANTED, Examples
from newsqa.web.feedback import Feedback
from newsqa.web.holdings import masthead, welcome
from newsqa.web.keeping import storage_key
from newsqa.web.narrowing import Narrowing
from newsqa.web.replying import Parts, Replies

MAX_QUESTION_CHARS = 2000


class Chat:
    """The components of the tab; made within `gr.Blocks`, wired by `wire`."""

    def __init__(self, qa: NewsQA, *, read_only: bool, feedback: Feedback):
        self.qa = qa
        self.read_only = read_only
        self.drawn = Examples(qa)
        # Each browser session gets its own copy.
        self.conversation = gr.State(Conversation())
        first_screen = gr.HTML(apply_default_css=False, elem_id="welcome")
        with gr.Column(elem_id="examples") as example_column:
            self.examples = [
                gr.Button(visible=False, size="sm", elem_classes="example") for _ in range(WANTED)
            ]
        past, live = _turns("past"), _turns("live")
        beyond, self.noted = _placed("beyond"), _placed("noted")
        # Encrypted against nobody: the reader's own browser has the key.
        browser = gr.BrowserState(None, storage_key=storage_key(qa.info().path), secret="newsqa")
        with gr.Column(elem_id="ask-bar"):
            box = gr.Textbox(
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
                with gr.Column(elem_id="narrowing"):
                    narrowing = Narrowing()
                with gr.Row(elem_id="conversation", visible=False) as clearing:
                    self.save = gr.Button("Save", size="sm", elem_id="save")
                    self.clear = gr.Button("New conversation", size="sm", elem_id="clear")
        self.parts = Parts(
            welcome=first_screen, examples=example_column, past=past, live=live, beyond=beyond,
            kept=browser, box=box, narrowing=narrowing, clearing=clearing,
        )  # fmt: skip
        self.replies = Replies(qa, self.parts, feedback=feedback)

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
            self.replies.open, inputs=self.conversation, outputs=reader, queue=False,
            show_progress="hidden", api_visibility="private",
        )  # fmt: skip
        return reader

    @property
    def holding(self) -> list[Any]:
        """The components that show what the archive holds, in the order of `refresh`."""
        return [self.parts.welcome, *self.parts.narrowing.holding]

    def refresh(self) -> list[Any]:
        """What the archive holds now."""
        info = self.qa.info()
        return [
            gr.update(value=welcome(info, read_only=self.read_only)),
            *self.parts.narrowing.refresh(info),
        ]

    def wire(self) -> None:
        """Connect the components with what happens."""
        parts, replies = self.parts, self.replies
        fields = parts.narrowing.fields
        parts.narrowing.wire()
        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        at_once: dict[str, Any] = {**quiet, "queue": False, "inputs": self.conversation}
        # "multiple": a question asked while an answer arrives takes its place, as in
        # Conversation; Gradio's own cancelling would leave the box deaf for a while.
        asking: dict[str, Any] = {
            **quiet,
            "outputs": [*parts.conversation, parts.beyond, *fields, parts.narrowing.chips],
            "trigger_mode": "multiple",
            "concurrency_limit": self.qa.settings.serving.answered_at_once,
            "concurrency_id": "ask",
        }
        parts.box.submit(replies.ask, inputs=[parts.box, self.conversation, *fields], **asking)
        for example in self.examples:
            example.click(replies.ask, inputs=[example, self.conversation, *fields], **asking)
        for turns in (parts.past, parts.live):
            turns.go_on(replies.go_on, inputs=[self.conversation, *fields], **asking)
            turns.again(replies.again, inputs=[self.conversation, *fields], **asking)
            turns.judge(replies.judge, inputs=self.conversation, outputs=self.noted, **quiet)
            turns.edit(replies.edit, outputs=parts.box, **at_once)
        parts.box.stop(replies.stop, outputs=[parts.live, parts.box, parts.kept], **at_once)
        self.clear.click(replies.start_over, outputs=parts.conversation, **at_once)
        self.save.click(None, js=SAVE_JS, **quiet)

    def wire_load(self, page: gr.Blocks) -> None:
        """What happens as the page is opened."""
        quiet: dict[str, Any] = {
            "show_progress": "hidden", "api_visibility": "private", "queue": False
        }  # fmt: skip
        page.load(
            self.replies.take_up,
            inputs=[self.conversation, self.parts.kept],
            outputs=self.parts.conversation,
            **quiet,
        )
        page.load(self.draw_examples, outputs=self.examples, **quiet)

    def draw_examples(self) -> list[Any]:
        """Example questions from what the archive holds now."""
        drawn = self.drawn.get()
        return [
            gr.update(value=drawn[at], visible=True)
            if at < len(drawn)
            else gr.update(visible=False)
            for at in range(WANTED)
        ]


def heading(qa: NewsQA, *, user: str | None) -> str:
    """The masthead, with what the archive holds now."""
    return masthead(qa.info(), user=user)


def _turns(elem_id: str) -> gr.HTML:
    return gr.HTML("", elem_id=elem_id, apply_default_css=False, js_on_load=CONVERSATION_JS)


def _placed(elem_id: str) -> gr.HTML:
    """What a script puts in its place within an answer."""
    return gr.HTML(
        "", elem_id=elem_id, visible="hidden", apply_default_css=False, js_on_load=PLACE_JS
    )
