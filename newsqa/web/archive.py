"""The tab in which articles come and go: its layout and what happens in it."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any

import gradio as gr

from newsqa.articles.documents import read_file
from newsqa.config import Loading
from newsqa.pipeline import NewsQA
from newsqa.types import Article, Progress, Skip
from newsqa.web import holdings as html
from newsqa.web.asking import in_words
from newsqa.web.assets import LISTING_JS
from newsqa.web.events import given
from newsqa.web.listing import Listing, show_list

log = logging.getLogger(__name__)

FILE_TYPES = [
    ".txt", ".text", ".md", ".markdown", ".html", ".htm", ".xhtml", ".json", ".jsonl", ".ndjson",
    ".csv", ".tsv", ".xml", ".rss", ".atom", ".rdf", ".gz", ".xz", ".bz2",
]  # fmt: skip
MAX_WORDS_CHARS = 500
_STEPS = {"read": "Reading", "embed": "Indexing"}


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
                    self._adding()
                self.holds = gr.HTML(elem_id="holds", apply_default_css=False)

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

    def _adding(self) -> None:
        gr.HTML(
            '<h2 class="section">Add articles</h2><p class="note">Files of text, Markdown, HTML, '
            "JSON, CSV, RSS or Atom, also compressed.</p>",
            apply_default_css=False,
        )
        self.files = gr.File(
            label="Text, Markdown, HTML, JSON, CSV, RSS or Atom; also compressed",
            show_label=False,
            file_count="multiple",
            file_types=FILE_TYPES,
            height=130,
            elem_id="files",
        )
        self.places = gr.Textbox(
            label="Or paths and addresses, one a line",
            placeholder="/data/articles\nhttps://example.com/feed.xml",
            lines=2,
            max_lines=8,
            elem_id="places",
        )
        self.add_button = gr.Button("Add to the archive", variant="primary", elem_id="add")
        self.added = gr.HTML("", elem_id="added", apply_default_css=False)

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
        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
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
        self.add_button.click(
            self.add,
            inputs=[self.files, self.places],
            outputs=[self.added, self.files, self.places],
            show_progress_on=self.added,
            **changing,
        ).then(refresh, outputs=holding, **quiet).then(self.look, **looking)
        self.list.remove(
            self.remove, outputs=self.removed, show_progress="hidden", **changing
        ).then(refresh, outputs=holding, **quiet).then(self.look, **looking)

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

    def add(
        self,
        files: list[str] | None,
        places: str | None,
        bar: gr.Progress = gr.Progress(),  # noqa: B008  Gradio finds it by its default
    ) -> list[Any]:
        """Add what was uploaded and named; returns the report and emptied inputs."""
        named = [line.strip() for line in (places or "").splitlines() if line.strip()]
        if not files and not named:
            message = "Choose files, or name a path or an address."
            return [html.problem(message), gr.update(), gr.update()]

        most = self.qa.settings.serving.max_uploads
        if files and len(files) > most:
            message = f"{len(files):,} files are more than the {most:,} that are taken at a time."
            return [html.problem(message), gr.update(), gr.update()]

        def advance(progress: Progress) -> None:
            total = progress.total or None
            bar((progress.done, total), desc=_STEPS.get(progress.step, progress.step))

        skipped: list[Skip] = []
        uploaded = _uploads(files or (), skipped, self.qa.settings.loading)
        try:
            done = self.qa.add(chain(uploaded, named), progress=advance)
        except Exception as error:  # as in look
            return [html.problem(in_words(error)), gr.update(), gr.update()]
        done = dataclasses.replace(done, skipped=(*skipped, *done.skipped))
        names = (*done.added, *done.updated)[: html.SHOWN_NEW]
        new = [article for each in names if (article := self.qa.article(each))]
        return [html.report(done, new=new), None, ""]

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


def _uploads(files: Iterable[str], skipped: list[Skip], limits: Loading) -> Iterator[Article]:
    """The articles of uploaded files, known by the files' names; the rest goes to `skipped`.

    Where an upload lies is another place each time: by it, a corrected file would be a
    second article.
    """
    now = datetime.now(UTC)
    for file in files:
        path = Path(file)
        for found in read_file(path, limits=limits, now=now, name=f"upload:{path.name}"):
            if isinstance(found, Skip):
                skipped.append(found)
            else:
                yield found
