"""serve(): the page on a port of this machine."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

from newsqa.config import DEFAULT_INDEX, Settings
from newsqa.errors import InputError
from newsqa.web.accounts import read_accounts
from newsqa.web.names import is_local

log = logging.getLogger(__name__)

PORT = 7860
TRIED = 20
"""Ports tried from the default one; one that was asked for is not replaced."""


def serve(
    *,
    index: str | Path = DEFAULT_INDEX,
    host: str = "127.0.0.1",
    port: int = PORT,
    open_browser: bool = False,
    read_only: bool | None = None,
    mcp: bool = False,
    auth: str | Path | None = None,
    without_login: bool = False,
    root_path: str | None = None,
    feedback: str | Path | None = None,
    settings: Settings | None = None,
    ready: Callable[[str], None] | None = None,
) -> None:
    """Serve the page until interrupted.

    `auth` is a file of accounts (`accounts.read_accounts`); those of the environment count where
    there is none.  On an address that other machines reach, there must be accounts, unless
    `without_login`.  `root_path` is the path, or the whole address, under which a proxy shows
    the page.  `mcp` has it serve tools for clients of the Model Context Protocol too, at
    `tools_at`; where there are accounts, a client names one by HTTP's basic authentication.

    Where the default port is taken, the next free one is used.  On an address of this machine
    alone, without accounts, the page answers to this machine's names alone, unless a `root_path` or
    `without_login` says that it is shown to others.  Where others may reach it, be it by an
    address or so, it only reads the archive unless `read_only` is False: whoever may add articles
    may have this machine read its files and fetch addresses.  `settings` and `feedback` are those
    of `create_app`; `ready` is told the address once the page answers.

    Raises IndexNotFound, which names the command that builds an index, and what else
    `create_app` raises; InputError where the host or the port can't be used.
    """
    accounts = read_accounts(auth)
    if accounts is None and not is_local(host) and not without_login:
        raise InputError(
            f"{host} is reached by other machines, and no account is given: name a file with "
            "--auth (see `newsqa account --help`), or say --without-login to let everyone in"
        )
    if root_path is None:  # Gradio goes by it where it is told of none
        root_path = os.environ.get("GRADIO_ROOT_PATH") or None
    shown = without_login or root_path is not None
    port = usable_port(host, port)
    from newsqa.web.page import create_app

    if read_only is None:
        read_only = not is_local(host) or (shown and accounts is None)
    app = create_app(index, settings=settings, read_only=read_only, mcp=mcp, feedback=feedback)
    # A plain async function: Gradio would take what an object returns for a yes.
    login: Any = accounts.check if accounts else None
    _, url, _ = app.launch(
        server_name=host,
        server_port=port,
        inbrowser=open_browser,
        prevent_thread_lock=True,
        auth=login,
        root_path=_path(root_path),
        any_name=shown,
    )
    if ready is not None:
        ready(url)
    log.info("serving %s at %s", index, url)
    app.block_thread()


def tools_at(url: str) -> str:
    """The address of the tool server of a page that is at an address."""
    return f"{url.rstrip('/')}/gradio_api/mcp/"


def usable_port(host: str, port: int) -> int:
    """The port, or the next free one where it is the default; raises InputError."""
    if not 0 < port < 65536:
        raise InputError(f"port {port} is none: expected 1 to 65535")
    tried = range(port, min(port + TRIED, 65536)) if port == PORT else [port]
    for candidate in tried:
        if _is_free(host, candidate):
            return candidate
    raise InputError(
        f"port {port} of {host} is taken"
        + (f", and so are those up to {tried[-1]}" if len(tried) > 1 else "")
        + ": stop what uses it, or choose another with --port"
    )


def _path(root_path: str | None) -> str | None:
    """As Gradio wants it: "/news", or a whole address."""
    if root_path is None or root_path.startswith(("http://", "https://")):
        return root_path
    return f"/{root_path.strip('/')}" if root_path.strip("/") else None


def _is_free(host: str, port: int) -> bool:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host.strip("[]"), port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError as error:
        raise InputError(f"host {host!r} can't be served on: {error}") from error
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            if isinstance(error, PermissionError):
                raise InputError(f"port {port} may not be used: {error}") from error
            return False
    return True
