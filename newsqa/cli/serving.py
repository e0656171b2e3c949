"""`newsqa chat`: the page, served."""

from __future__ import annotations

import contextlib
import sys
from dataclasses import replace
from typing import Annotated

import typer

from newsqa.cli.exits import DONE
from newsqa.cli.options import (
    AllowPrivateOption,
    ChatModelOption,
    IndexOption,
    JsonOption,
    SettingsOption,
    chosen_settings,
)
from newsqa.cli.output import show, show_address
from newsqa.config import DEFAULT_INDEX, Settings


def chat(
    index: IndexOption = DEFAULT_INDEX,
    host: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Where to listen; 0.0.0.0 is everywhere.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(metavar="PORT", help="The next free one from 7860 on.")
    ] = 7860,
    open_browser: Annotated[
        bool, typer.Option("--open", help="Open the page in a browser.")
    ] = False,
    read_only: Annotated[
        bool | None,
        typer.Option(
            "--read-only/--writable",
            help="Whether the page may add articles; by default only on this machine.",
            show_default=False,
        ),
    ] = None,
    chat_model: ChatModelOption = None,
    settings: SettingsOption = None,
    allow_private: AllowPrivateOption = False,
    as_json: JsonOption = False,
) -> int:
    """Serve the chat page until Ctrl-C.

    What --json prints says where, as soon as the page answers.
    """
    chosen = chosen_settings(settings, allow_private=allow_private)
    if chat_model:
        chosen = chosen or Settings()
        chosen = replace(chosen, chat=replace(chosen.chat, model=chat_model))
    from newsqa.web import serve

    stdout = sys.stdout

    def announce(url: str) -> None:
        with contextlib.redirect_stdout(stdout):
            show({"index": str(index), "url": url}, as_json, lambda: show_address(index, url))
            sys.stdout.flush()

    # Whatever a server says of itself is no output of ours.
    with contextlib.redirect_stdout(sys.stderr):
        serve(
            index=index,
            host=host,
            port=port,
            open_browser=open_browser,
            read_only=read_only,
            settings=chosen,
            ready=announce,
        )
    return DONE
