"""`newsqa chat`: the page, served."""

from __future__ import annotations

import contextlib
import sys
from dataclasses import replace
from pathlib import Path
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
    mcp: Annotated[
        bool,
        typer.Option(
            "--mcp",
            help="Offer ask, search and article as tools over MCP too; needs newsqa[mcp].",
        ),
    ] = False,
    chat_model: ChatModelOption = None,
    auth: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Who may log in: lines that `newsqa account` prints. Else those in "
            "$NEWSQA_ACCOUNTS.",
        ),
    ] = None,
    without_login: Annotated[
        bool,
        typer.Option("--without-login", help="Let everyone in, by any name of the page."),
    ] = False,
    root_path: Annotated[
        str | None,
        typer.Option(metavar="PATH", help="Where a proxy shows the page: /news, or an address."),
    ] = None,
    feedback: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.jsonl",
            help="Where readers' verdicts on answers go, for `newsqa eval`; by default beside "
            "the index.",
            show_default=False,
        ),
    ] = None,
    settings: SettingsOption = None,
    allow_private: AllowPrivateOption = False,
    as_json: JsonOption = False,
) -> int:
    """Serve the chat page until Ctrl-C.

    What --json prints says where, as soon as the page answers. An address that other machines
    reach asks for a login. /health says whether the page can answer.
    """
    chosen = chosen_settings(settings, allow_private=allow_private)
    if chat_model:
        chosen = chosen or Settings()
        chosen = replace(chosen, chat=replace(chosen.chat, model=chat_model))
    from newsqa.web import serve, tools_at

    stdout = sys.stdout

    def announce(url: str) -> None:
        with contextlib.redirect_stdout(stdout):
            tools = tools_at(url) if mcp else None
            told = {"index": str(index), "url": url, **({"tools": tools} if tools else {})}
            show(told, as_json, lambda: show_address(index, url, tools))
            sys.stdout.flush()

    # Whatever a server says of itself is no output of ours.
    with contextlib.redirect_stdout(sys.stderr):
        serve(
            index=index,
            host=host,
            port=port,
            open_browser=open_browser,
            read_only=read_only,
            mcp=mcp,
            auth=auth,
            without_login=without_login,
            root_path=root_path,
            feedback=feedback,
            settings=chosen,
            ready=announce,
        )
    return DONE


def account(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Who logs in.")],
    as_json: JsonOption = False,
) -> int:
    """Print the line that lets somebody log in to the page.

    The password is asked for, or read from stdin where that is no terminal; the line holds only
    a salted hash of it. Lines go into the file of `newsqa chat --auth`, or into
    $NEWSQA_ACCOUNTS.
    """
    from newsqa.web.accounts import account as line_of

    if sys.stdin.isatty():
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    line = line_of(name, password)
    show({"account": line}, as_json, lambda: print(line))
    return DONE
