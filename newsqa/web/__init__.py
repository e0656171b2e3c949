"""The chat page.  Gradio is imported when it is used, not when this is."""

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from newsqa.web.page import create_app
    from newsqa.web.serving import serve, tools_at

__all__ = ["create_app", "serve", "tools_at"]

# Gradio reads it when it is first imported, which is never before this.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

_HOMES = {
    "create_app": "newsqa.web.page",
    "serve": "newsqa.web.serving",
    "tools_at": "newsqa.web.serving",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
