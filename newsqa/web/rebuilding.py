"""The archive made anew from what it was made of, asked for in the Archive tab."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import gradio as gr

from newsqa.pipeline import NewsQA
from newsqa.types import BuildReport, Skip
from newsqa.web import holdings as html
from newsqa.web.adding import showing
from newsqa.web.asking import in_words
from newsqa.web.assets import REBUILD_HTML, REBUILD_JS

log = logging.getLogger(__name__)


class Rebuilding:
    """The components; made within `gr.Blocks`, wired by `wire`."""

    def __init__(self, qa: NewsQA):
        self.qa = qa
        self.asked = gr.HTML(
            "",
            html_template=REBUILD_HTML,
            js_on_load=REBUILD_JS,
            apply_default_css=False,
            elem_id="rebuild",
        )
        self.rebuilt = gr.HTML("", elem_id="rebuilt", apply_default_css=False)

    def wire(self, **changing: Any) -> Any:
        """Connect the components; what is given back is followed by what has to be drawn anew."""
        return self.asked.rebuild(
            self.rebuild, outputs=self.rebuilt, show_progress_on=self.rebuilt, **changing
        )

    def rebuild(
        self,
        bar: gr.Progress = gr.Progress(),  # noqa: B008  Gradio finds it by its default
    ) -> str:
        """Read again the files that articles came from, then make anew what is derived.

        Nothing is removed: a file that is gone is named, its articles stay.
        """
        try:
            files, others = parted(self.qa.files())
            done = self.qa.add(files, progress=showing(bar)) if files else BuildReport()
            done = replace(done, skipped=(*done.skipped, *others))
            bar(None, desc="Making the search files anew and checking them")
            checked = self.qa.repair()
        except Exception as error:  # shown; what the reader can't mend is logged by in_words
            return html.problem(in_words(error))
        log.info("rebuilt: %d problems", len(checked.problems))
        return html.report(done) + html.checked(checked)


def parted(places: Iterable[str]) -> tuple[list[str], list[Skip]]:
    """Places of articles that may be read again, and those that are not what they were.

    A folder that stands in the place of a file must not bring in what no article came from.
    """
    files, others = [], []
    for place in places:
        if os.path.isabs(place) and not os.path.isdir(place):
            files.append(place)
        else:
            others.append(Skip(origin=place, reason="it is no file, from which articles came"))
    return files, others
