"""What articles are added with: files, a folder, paths and addresses; and what became of them."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any

import gradio as gr

from newsqa.articles.documents import read_file
from newsqa.building import OnProgress
from newsqa.config import Loading, Settings
from newsqa.pipeline import NewsQA
from newsqa.types import Article, Progress, Skip
from newsqa.web import holdings as html
from newsqa.web.asking import in_words
from newsqa.web.assets import FOLDER_HTML, FOLDER_JS

FILE_TYPES = [
    ".txt", ".text", ".md", ".markdown", ".html", ".htm", ".xhtml", ".json", ".jsonl", ".ndjson",
    ".csv", ".tsv", ".xml", ".rss", ".atom", ".rdf", ".gz", ".xz", ".bz2",
]  # fmt: skip
_STEPS = {"read": "Reading", "embed": "Indexing"}


class Adding:
    """The components; made within `gr.Blocks`, wired by `wire`."""

    def __init__(self, qa: NewsQA):
        self.qa = qa
        gr.HTML(
            '<h2 class="section">Add articles</h2><p class="note">Files of text, Markdown, HTML, '
            "JSON, CSV, RSS or Atom, also compressed, or a folder of them.</p>",
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
        limits = {
            "kinds": FILE_TYPES,
            "largest": largest_upload(qa.settings),
            "most": qa.settings.serving.max_uploads,
        }
        # Gradio's own field takes a folder or files, never both, and no folder by drag.
        gr.HTML(
            "",
            html_template=FOLDER_HTML,
            js_on_load=FOLDER_JS.replace("LIMITS", json.dumps(limits)),
            apply_default_css=False,
            elem_id="folder",
        )
        self.places = gr.Textbox(
            label="Or paths and addresses, one a line",
            placeholder="/data/articles\nhttps://example.com/feed.xml",
            lines=2,
            max_lines=8,
            elem_id="places",
        )
        self.button = gr.Button("Add to the archive", variant="primary", elem_id="add")
        self.added = gr.HTML("", elem_id="added", apply_default_css=False)

    def wire(self, **changing: Any) -> Any:
        """Connect the components; what is given back is followed by what has to be drawn anew."""
        return self.button.click(
            self.add,
            inputs=[self.files, self.places],
            outputs=[self.added, self.files, self.places],
            show_progress_on=self.added,
            **changing,
        )

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

        skipped: list[Skip] = []
        uploaded = _uploads(files or (), skipped, self.qa.settings.loading)
        try:
            done = self.qa.add(chain(uploaded, named), progress=showing(bar))
        except Exception as error:  # shown; what the reader can't mend is logged by in_words
            return [html.problem(in_words(error)), gr.update(), gr.update()]
        done = dataclasses.replace(done, skipped=(*skipped, *done.skipped))
        names = (*done.added, *done.updated)[: html.SHOWN_NEW]
        new = [article for each in names if (article := self.qa.article(each))]
        return [html.report(done, new=new), None, ""]


def largest_upload(settings: Settings) -> int:
    """In bytes."""
    return max(1, min(settings.serving.max_upload_bytes, settings.loading.max_file_bytes))


def showing(bar: gr.Progress) -> OnProgress:
    """What shows the progress of a change in a bar."""

    def advance(progress: Progress) -> None:
        total = progress.total or None
        bar((progress.done, total), desc=_STEPS.get(progress.step, progress.step))

    return advance


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
