"""What questions are narrowed to: fields for dates and outlets, and chips that take them back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import gradio as gr

from newsqa.types import IndexInfo
from newsqa.web.assets import CHIPS_JS, DATE_HTML, DATE_JS
from newsqa.web.markup import escape, language
from newsqa.web.turns import Bounds

TITLE = "Dates and outlets"
TITLE_OF_SEVERAL = "Dates, outlets and languages"


class Narrowing:
    """The components; made within `gr.Blocks`, wired by `wire`."""

    def __init__(self) -> None:
        self.chips = gr.HTML("", elem_id="chips", apply_default_css=False, js_on_load=CHIPS_JS)
        with gr.Accordion(TITLE, open=False, elem_id="narrow") as self.panel:
            with gr.Row(elem_id="dates"):
                self.as_of = _date("As of (nothing later counts)", "as-of")
                self.since = _date("Published from", "since")
                self.until = _date("Published to", "until")
            self.outlets = gr.Dropdown(
                [], multiselect=True, label="Outlets (all, where none is chosen)",
                elem_id="outlets",
            )  # fmt: skip
            self.languages = gr.Dropdown(
                [], multiselect=True, label="Languages (all, where none is chosen)",
                visible=False, elem_id="languages",
            )  # fmt: skip

    @property
    def fields(self) -> list[Any]:
        """What bounds a question, in the order of `bounds_of`."""
        return [self.as_of, self.since, self.until, self.outlets, self.languages]

    @property
    def holding(self) -> list[Any]:
        """The fields that offer what the archive holds, in the order of `refresh`."""
        return [self.outlets, self.languages, self.panel]

    def wire(self) -> None:
        """Connect the components with what happens."""
        quiet: dict[str, Any] = {
            "queue": False, "show_progress": "hidden", "api_visibility": "private"
        }  # fmt: skip
        for field in self.fields:
            field.input(self.show, inputs=self.fields, outputs=self.chips, **quiet)
        self.chips.drop(self.drop, inputs=self.fields, outputs=[*self.fields, self.chips], **quiet)

    def refresh(self, info: IndexInfo) -> list[Any]:
        """The outlets to choose from, and the languages where there are several."""
        languages = [(language(code), code) for code in info.languages]
        several = len(languages) > 1
        return [
            gr.update(choices=list(info.sources)),
            gr.update(choices=languages, visible=several),
            gr.update(label=TITLE_OF_SEVERAL if several else TITLE),
        ]

    def show(self, *given: Any) -> str:
        """Chips for what the fields hold."""
        return show_chips(bounds_of(*given))

    def drop(
        self,
        as_of: str | None,
        since: str | None,
        until: str | None,
        outlets: list[str] | None,
        languages: list[str] | None,
        event: gr.EventData,
    ) -> list[Any]:
        """The fields without what a chip stood for, and the chips that are left."""
        left = without(bounds_of(as_of, since, until, outlets, languages), _dropped(event._data))
        return [*self.filled(left), show_chips(left)]

    def filled(self, bounds: Bounds) -> list[Any]:
        """The fields' values for bounds."""
        return [
            bounds.as_of or "", bounds.since or "", bounds.until or "",
            list(bounds.sources), list(bounds.languages),
        ]  # fmt: skip


def bounds_of(
    as_of: str | None,
    since: str | None,
    until: str | None,
    outlets: Sequence[str] | None,
    languages: Sequence[str] | None,
) -> Bounds:
    """What the fields hold."""
    return Bounds(
        as_of=as_of or None,
        since=since or None,
        until=until or None,
        sources=tuple(outlets or ()),
        languages=tuple(languages or ()),
    )


def without(bounds: Bounds, dropped: tuple[str, str]) -> Bounds:
    """Bounds less one of them, by the kind and the value of its chip; less all for "all"."""
    kind, value = dropped
    if kind == "all":
        return Bounds()
    if kind == "as_of":
        return replace(bounds, as_of=None)
    if kind == "since":
        return replace(bounds, since=None)
    if kind == "until":
        return replace(bounds, until=None)
    if kind == "languages":
        return replace(bounds, languages=tuple(c for c in bounds.languages if c != value))
    return replace(bounds, sources=tuple(o for o in bounds.sources if o != value))


def show_chips(bounds: Bounds) -> str:
    """A chip for each bound, which takes it back."""
    shown = "".join(
        f'<li class="chip"><bdi dir="auto">{escape(label)}</bdi><button type="button" '
        f'class="drop" data-kind="{kind}" data-value="{escape(value)}" '
        f'aria-label="Remove {escape(label)}">✕</button></li>'
        for kind, value, label in bounds.each()
    )
    if not shown:
        return ""
    clear = '<li><button type="button" class="drop all" data-kind="all">Clear</button></li>'
    return f'<ul class="chips" aria-label="Narrowed to">{shown}{clear}</ul>'


def _dropped(data: object) -> tuple[str, str]:
    """What the browser says was dropped; it may say anything."""
    given = data if isinstance(data, Mapping) else {}
    return str(given.get("kind")), str(given.get("value"))


def _date(name: str, elem_id: str) -> gr.HTML:
    """A labelled date field; its value is an ISO day, or empty."""
    return gr.HTML(
        "",
        # In the template itself: an update of the field would lose it as a property.
        html_template=DATE_HTML.replace("NAME", escape(name)),
        js_on_load=DATE_JS,
        apply_default_css=False,
        elem_id=elem_id,
        min_width=150,
    )
