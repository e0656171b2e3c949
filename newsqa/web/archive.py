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

log = logging.getLogger(__name__)

FILE_TYPES = [
    ".txt", ".text", ".md", ".markdown", ".html", ".htm", ".xhtml", ".json", ".jsonl", ".ndjson",
    ".csv", ".tsv", ".xml", ".rss", ".atom", ".rdf", ".gz", ".xz", ".bz2",
]  # fmt: skip
FOUND = 8
"""Articles that are offered for removal."""
_STEPS = {"read": "Reading", "embed": "Indexing"}


class Archive:
    """The components of the tab; made within `gr.Blocks`, wired by `wire`."""

    def __init__(self, qa: NewsQA, *, read_only: bool):
        self.qa = qa
        self.read_only = read_only
        with gr.Row(elem_id="archive", equal_height=False):
            with gr.Column(scale=3, min_width=300):
                if read_only:
                    gr.HTML(
                        '<p class="note">This page only reads the archive.</p>',
                        apply_default_css=False,
                    )
                else:
                    self._adding()
                    self._removing()
            with gr.Column(scale=2, min_width=260):
                self.holds = gr.HTML(elem_id="holds", apply_default_css=False)

    def _adding(self) -> None:
        gr.HTML(
            '<h3 class="section">Add articles</h3><p class="note">Files of text, Markdown, HTML, '
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

    def _removing(self) -> None:
        gr.HTML('<h3 class="section">Remove an article</h3>', apply_default_css=False)
        self.wanted = gr.Textbox(
            label="Find it by its words",
            placeholder="Words of its title or text",
            submit_btn="Find",
            max_lines=1,
            elem_id="find",
        )
        self.found = gr.Radio([], label="Found", visible=False, elem_id="found")
        self.preview = gr.HTML("", elem_id="preview", apply_default_css=False)
        self.remove_button = gr.Button("Remove this article …", visible=False, elem_id="remove")
        with gr.Row(visible=False, elem_id="confirm") as self.confirm:
            self.yes = gr.Button("Yes, remove it for good", variant="stop", elem_id="remove-yes")
            self.no = gr.Button("Keep it", elem_id="remove-no")
        self.removed = gr.HTML("", elem_id="removed", apply_default_css=False)

    def refresh(self) -> str:
        """What the archive holds now."""
        return html.holdings(self.qa.info())

    def wire(self, refresh: Any, holding: list[Any]) -> None:
        """Connect the components; `refresh` fills `holding` after each change."""
        if self.read_only:
            return
        private: dict[str, Any] = {"api_visibility": "private"}
        quiet: dict[str, Any] = {**private, "show_progress": "hidden"}
        self.add_button.click(
            self.add,
            inputs=[self.files, self.places],
            outputs=[self.added, self.files, self.places],
            show_progress_on=self.added,
            concurrency_limit=1,
            concurrency_id="change",
            **private,
        ).then(refresh, outputs=holding, **quiet)
        picking = [self.preview, self.remove_button, self.confirm]
        self.wanted.submit(
            self.find, inputs=self.wanted, outputs=[self.found, *picking, self.removed], **quiet
        )
        self.found.input(self.pick, inputs=self.found, outputs=picking, **quiet)
        asked = [self.remove_button, self.confirm]
        self.remove_button.click(_ask_first, outputs=asked, queue=False, **quiet)
        self.no.click(_keep, outputs=asked, queue=False, **quiet)
        self.yes.click(
            self.remove,
            inputs=self.found,
            outputs=[self.removed, self.found, *picking],
            concurrency_limit=1,
            concurrency_id="change",
            **quiet,
        ).then(refresh, outputs=holding, **quiet)

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

        def advance(progress: Progress) -> None:
            total = progress.total or None
            bar((progress.done, total), desc=_STEPS.get(progress.step, progress.step))

        skipped: list[Skip] = []
        uploaded = _uploads(files or (), skipped, self.qa.settings.loading)
        try:
            done = self.qa.add(chain(uploaded, named), progress=advance)
        except Exception as error:  # shown; what the reader can't mend is logged by in_words
            return [html.problem(in_words(error)), gr.update(), gr.update()]
        done = dataclasses.replace(done, skipped=(*skipped, *done.skipped))
        return [html.report(done), None, ""]

    def find(self, wanted: str | None) -> list[Any]:
        """Articles to pick from."""
        nothing = ["", gr.update(visible=False), gr.update(visible=False)]
        try:
            hits = self.qa.search(wanted or "", 60)
        except Exception as error:  # as in add
            return [gr.update(visible=False), *nothing, html.problem(in_words(error))]
        articles = {hit.article.id: hit.article for hit in hits}
        choices = [(html.label(article), key) for key, article in articles.items()][:FOUND]
        message = "" if choices else html.problem("No article found.")
        return [
            gr.update(choices=choices, value=None, visible=bool(choices)),
            *nothing,
            message,
        ]

    def pick(self, article_id: str | None) -> list[Any]:
        """Show the article, and offer to remove it."""
        article = self.qa.article(article_id) if article_id else None
        if article is None:
            message = html.problem("This article is no longer in the archive.")
            return [message, gr.update(visible=False), gr.update(visible=False)]
        return [html.preview(article), gr.update(visible=True), gr.update(visible=False)]

    def remove(self, article_id: str | None) -> list[Any]:
        """Withdraw the article that was picked."""
        hidden = gr.update(visible=False)
        if not article_id:
            return ["", gr.update(), "", hidden, hidden]
        try:
            done = self.qa.remove(article_id)
        except Exception as error:  # as in add
            return [html.problem(in_words(error)), gr.update(), gr.update(), hidden, hidden]
        log.info("removed %s", article_id)
        emptied = gr.update(choices=[], value=None, visible=False)
        return [html.report(done), emptied, "", hidden, hidden]


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


def _ask_first() -> list[Any]:
    return [gr.update(visible=False), gr.update(visible=True)]


def _keep() -> list[Any]:
    return [gr.update(visible=True), gr.update(visible=False)]
