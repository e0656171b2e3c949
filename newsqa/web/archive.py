"""The tab in which articles come and go: its layout and what happens in it."""

from __future__ import annotations

import logging
from typing import Any

import gradio as gr

from newsqa.pipeline import NewsQA
from newsqa.web import holdings as html
from newsqa.web.adding import Adding
from newsqa.web.asking import in_words
from newsqa.web.assets import LISTING_JS
from newsqa.web.events import given
from newsqa.web.listing import Listing, show_list
from newsqa.web.rebuilding import Rebuilding

log = logging.getLogger(__name__)

MAX_WORDS_CHARS = 500


class Archive:
    """The components of the tab; made within `gr.Blocks`, wired by `wire`."""

    def __init__(self, qa: NewsQA, *, read_only: bool):
        self.qa = qa
        self.read_only = read_only
        self.listing = Listing(qa)
        with gr.Row(elem_id="archive", equal_height=False):
            with gr.Column(scale=3, min_width=300):
                self._browsing()
            with gr.Column(scale=2, min_width=260):
                if read_only:
                    gr.HTML(
                        '<p class="note">This page only reads the archive.</p>',
                        apply_default_css=False,
                    )
                else:
                    self.adding = Adding(qa)
                self.holds = gr.HTML(elem_id="holds", apply_default_css=False)
                if not read_only:
                    self.rebuilding = Rebuilding(qa)

    def _browsing(self) -> None:
        gr.HTML('<h2 class="section">Articles</h2>', apply_default_css=False)
        with gr.Row(elem_id="looking"):
            self.words = gr.Textbox(
                label="Find by words",
                placeholder="Words of a title or text",
                submit_btn="Find",
                max_lines=1,
                max_length=MAX_WORDS_CHARS,
                scale=3,
                min_width=180,
                elem_id="find",
            )
            self.outlet = gr.Dropdown(
                [("All outlets", "")], value="", label="Outlet", scale=2, min_width=140,
                elem_id="of-outlet",
            )  # fmt: skip
        self.removed = gr.HTML("", elem_id="removed", apply_default_css=False)
        self.list = gr.HTML("", elem_id="list", apply_default_css=False, js_on_load=LISTING_JS)

    @property
    def holding(self) -> list[Any]:
        """The components that show what the archive holds, in the order of `refresh`."""
        return [self.holds, self.outlet]

    def refresh(self) -> list[Any]:
        """What the archive holds now."""
        info = self.qa.info()
        return [
            html.holdings(info),
            gr.update(choices=[("All outlets", ""), *((name, name) for name in info.sources)]),
        ]

    def wire(self, tab: gr.Tab, refresh: Any, holding: list[Any]) -> None:
        """Connect the components; `refresh` fills `holding` after each change."""
        quiet: dict[str, Any] = {
            "show_progress": "hidden", "api_visibility": "private", "queue": False
        }  # fmt: skip
        looking: dict[str, Any] = {
            **quiet, "inputs": [self.words, self.outlet], "outputs": self.list
        }  # fmt: skip
        tab.select(self.look, **looking)
        self.words.submit(self.look, **looking)
        self.outlet.input(self.look, **looking)
        self.list.turn_to(self.turn_to, **looking)
        if self.read_only:
            return
        changing: dict[str, Any] = {
            "concurrency_limit": 1, "concurrency_id": "change", "api_visibility": "private"
        }  # fmt: skip
        removing = self.list.remove(
            self.remove, outputs=self.removed, show_progress="hidden", **changing
        )
        changes = [self.adding.wire(**changing), self.rebuilding.wire(**changing), removing]
        for change in changes:
            change.then(refresh, outputs=holding, **quiet).then(self.look, **looking)

    def look(self, words: str | None, outlet: str | None, page: int = 0) -> str:
        """The list, from its start."""
        try:
            listed = self.listing.page(page, words=words or "", outlet=outlet or "")
        except Exception as error:  # shown; what the reader can't mend is logged by in_words
            return html.problem(in_words(error))
        return show_list(listed, removable=not self.read_only)

    def turn_to(self, words: str | None, outlet: str | None, event: gr.EventData) -> str:
        """Another page of the list."""
        page = given(event, "page", int)
        return self.look(words, outlet, page or 0)

    def remove(self, event: gr.EventData) -> str:
        """Withdraw the article that was picked."""
        article_id = given(event, "article", str)
        if not article_id:
            return ""
        try:
            done = self.qa.remove(article_id)
        except Exception as error:  # as in look
            return html.problem(in_words(error))
        log.info("removed %s", article_id)
        return html.report(done)
