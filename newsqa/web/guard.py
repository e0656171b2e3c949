"""Who may reach the tool server: Gradio's login doesn't stand before it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Awaitable, Callable

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from newsqa.web.tools import PATH

Check = Callable[[str, str], Awaitable[bool]]
_PLACES = re.compile(
    rf"(?:/[^/<>\"'&\\\x00-\x1f]+)*/{PATH}(?P<way>/(?:http/?|schema|sse|messages/?)?)?"
)
"""Where the tool server answers, below a proxy's path or none."""


class Guard:
    """ASGI middleware: where there are accounts, a client names one with each request.

    By HTTP's basic authentication (`Authorization: Basic …`), for a client has no page to log in
    on.  What a browser says to come from another site is refused in any case, and there is nothing
    to look at for a browser: Gradio's page about the tools has the address in a script as it came.
    """

    def __init__(self, app: ASGIApp, *, check: Check | None):
        self._app = app
        self._check = check
        # A check of a password is slow on purpose, and each call of a tool is a request.
        self._key = secrets.token_bytes(32)
        self._known: set[bytes] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through or refuse it."""
        if scope["type"] != "http" or PATH not in scope["path"]:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        place = _PLACES.fullmatch(scope["path"])
        if place is None:
            refused = PlainTextResponse("nothing is here", 404)
        elif not _same_site(headers):
            refused = PlainTextResponse("another site's page may not use these tools", 403)
        elif not await self._may(headers.get("authorization", "")):
            refused = PlainTextResponse(
                "an account is needed: Authorization: Basic with its name and password",
                401,
                {"WWW-Authenticate": 'Basic realm="newsqa", charset="UTF-8"'},
            )
        elif _is_a_look(scope["method"], place["way"], headers):
            refused = PlainTextResponse("a client of the Model Context Protocol is expected", 406)
        else:
            await self._app(scope, receive, send)
            return
        await refused(scope, receive, send)

    async def _may(self, authorization: str) -> bool:
        if self._check is None:
            return True
        mark = hmac.digest(self._key, authorization.encode(), hashlib.sha256)
        if mark in self._known:
            return True
        given = _name_and_password(authorization)
        if given is None or not await self._check(*given):
            return False
        self._known.add(mark)
        return True


def _same_site(headers: Headers) -> bool:
    """Whether a request comes from no web page, or from one of the server's own."""
    origin, host = headers.get("origin"), headers.get("host")
    return origin is None or (bool(host) and origin.partition("://")[2] == host)


def _is_a_look(method: str, way: str | None, headers: Headers) -> bool:
    """Whether a request would get Gradio's page about the tools."""
    transport = (way or "").strip("/") in ("", "http")
    return transport and method == "GET" and "text/event-stream" not in headers.get("accept", "")


def _name_and_password(authorization: str) -> tuple[str, str] | None:
    scheme, _, coded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, colon, password = base64.b64decode(coded, validate=True).decode().partition(":")
    except ValueError:  # no base64, or not of UTF-8
        return None
    return (name, password) if colon else None
