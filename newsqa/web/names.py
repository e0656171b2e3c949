"""Which names a page goes by: one for this machine alone is no other site's."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

REFUSED = (
    "This page is for its own machine: it is at localhost or 127.0.0.1, not at the name that was "
    "asked for. Whoever shows it under another name gives out accounts (--auth), or says "
    "--without-login or --root-path, or any_name=True to launch()."
)


class LocalNames:
    """ASGI middleware: what is asked of another host than this machine is refused.

    A site can have its own name lead to 127.0.0.1 (DNS rebinding); for the browser its scripts and
    the page are then of one site, and they could read and change the archive.
    """

    def __init__(self, app: ASGIApp):
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through or refuse it; a browser always says which host it means."""
        if scope["type"] in ("http", "websocket"):
            host = Headers(scope=scope).get("host")
            if host is not None and not is_local(_without_port(host)):
                refused = PlainTextResponse(REFUSED, 421)
                closed = WebSocketClose(1008, "not at this name")
                await (refused if scope["type"] == "http" else closed)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def is_local(host: str) -> bool:
    """Whether only this machine can reach a server on that host."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.casefold().removesuffix(".") == "localhost"


def _without_port(host: str) -> str:
    """ "" where it is none."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
