"""The page's own looks: a theme of local fonts only, some CSS, some lines of JavaScript."""

from __future__ import annotations

from pathlib import Path

import gradio as gr

_HERE = Path(__file__).parent

CSS = (_HERE / "page.css").read_text(encoding="utf-8")
CHIPS_JS = (_HERE / "chips.js").read_text(encoding="utf-8")
CONVERSATION_JS = (_HERE / "conversation.js").read_text(encoding="utf-8")
FOLDER_HTML = (_HERE / "folder.html").read_text(encoding="utf-8")
FOLDER_JS = (_HERE / "folder.js").read_text(encoding="utf-8")
REBUILD_HTML = (_HERE / "rebuild.html").read_text(encoding="utf-8")
REBUILD_JS = (_HERE / "rebuild.js").read_text(encoding="utf-8")
LISTING_JS = (_HERE / "listing.js").read_text(encoding="utf-8")
PLACE_JS = (_HERE / "place.js").read_text(encoding="utf-8")
SAVE_JS = (_HERE / "save.js").read_text(encoding="utf-8")
READER_HTML = (_HERE / "reader.html").read_text(encoding="utf-8")
READER_JS = (_HERE / "reader.js").read_text(encoding="utf-8")
DATE_HTML = (_HERE / "date.html").read_text(encoding="utf-8")
DATE_JS = (_HERE / "date.js").read_text(encoding="utf-8")


def theme() -> gr.themes.Base:
    """Gradio's own theme in ink and paper.  Plain names: a font object may be fetched."""
    return gr.themes.Base(
        primary_hue=gr.themes.colors.slate,
        secondary_hue=gr.themes.colors.slate,
        neutral_hue=gr.themes.colors.stone,
        radius_size=gr.themes.sizes.radius_sm,
        font=["system-ui", "Segoe UI", "Roboto", "Helvetica Neue", "Liberation Sans", "sans-serif"],
        font_mono=["ui-monospace", "Menlo", "Consolas", "Liberation Mono", "monospace"],
    ).set(
        # What stands behind the login, which none of our CSS reaches.
        background_fill_primary="#fbfaf7",
        background_fill_primary_dark="#161514",
        body_background_fill="#fbfaf7",
        body_background_fill_dark="#161514",
        body_text_color="#1d1b18",
        body_text_color_dark="#ece8e1",
        body_text_color_subdued="#6a655c",
        body_text_color_subdued_dark="#a39d92",
        block_background_fill="*body_background_fill",
        block_background_fill_dark="*body_background_fill",
        block_border_width="0px",
        input_background_fill="#ffffff",
        input_background_fill_dark="#211f1d",
        border_color_primary="#ddd8cd",
        border_color_primary_dark="#3a3733",
        button_primary_background_fill="#22303f",
        button_primary_background_fill_hover="#33475c",
        button_primary_background_fill_dark="#c9d6e4",
        button_primary_background_fill_hover_dark="#e2eaf2",
        button_primary_text_color="#ffffff",
        button_primary_text_color_dark="#16202b",
        button_secondary_background_fill="transparent",
        button_secondary_background_fill_dark="transparent",
        button_secondary_background_fill_hover="#f0ede5",
        button_secondary_background_fill_hover_dark="#2a2725",
        button_secondary_border_color="#ddd8cd",
        button_secondary_border_color_dark="#3a3733",
        button_border_width="1px",
        form_gap_width="0px",
        input_border_width="1px",
        input_border_color="#cfc9bc",
        input_border_color_dark="#4a4641",
        input_border_color_focus="#1f5a8a",
        input_border_color_focus_dark="#8fc1ea",
    )
