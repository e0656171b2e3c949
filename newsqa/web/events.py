"""What the browser sends along with an event: it may be anything."""

from __future__ import annotations

from typing import TypeVar

import gradio as gr

T = TypeVar("T")


def given(event: gr.EventData, name: str, kind: type[T]) -> T | None:
    """A value by its name, if it is what it should be."""
    data = event._data
    value = data.get(name) if isinstance(data, dict) else None
    return value if isinstance(value, kind) else None
