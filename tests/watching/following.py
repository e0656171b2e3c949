"""What the tests of this folder share: a site that answers as it is told, and waiting."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TypeVar

PATIENCE = 60.0
"""Seconds until what should have happened never will."""

T = TypeVar("T")


def wait_for(look: Callable[[], T], what: str) -> T:
    """What a look finds, as soon as it is true."""
    until = time.monotonic() + PATIENCE
    while not (found := look()):
        assert time.monotonic() < until, f"never came: {what}"
        time.sleep(0.02)
    return found


class Site:
    """A server on this machine; `answers` has what each path answers with."""

    def __init__(self, address: str):
        self.answers: dict[str, Callable[[BaseHTTPRequestHandler], None]] = {}
        self.asked: list[tuple[str, str | None]] = []
        """Path and If-None-Match of each request."""
        site = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *args: object) -> None:
                pass

            def do_GET(self) -> None:
                site.asked.append((self.path, self.headers["If-None-Match"]))
                with suppress(OSError):  # whoever asked has gone
                    site.answers[self.path](self)

        self._server = ThreadingHTTPServer((address, 0), Handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self.url = f"http://{address}:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def feed(self, path: str, *titles: str) -> str:
        """Answer with a feed, or with 304 to who has it; returns its ETag."""
        items = "".join(
            f"<item><title>{title}</title><link>https://bay.example/{title.replace(' ', '-')}"
            f"</link><description>The {title} is reported from Marlow Bay.</description></item>"
            for title in titles
        )
        body = f'<rss version="2.0"><channel><title>Bay</title>{items}</channel></rss>'
        etag = f'"{abs(hash(body))}"'

        def answer(handler: BaseHTTPRequestHandler) -> None:
            same = handler.headers["If-None-Match"] == etag
            handler.send_response(304 if same else 200)
            handler.send_header("ETag", etag)
            handler.send_header("Content-Type", "application/rss+xml")
            handler.end_headers()
            if not same:
                handler.wfile.write(body.encode())

        self.answers[path] = answer
        return etag

    def refuse(self, path: str, status: int, **headers: str) -> None:
        """Answer with an error, or a redirect."""

        def answer(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(status)
            for name, value in headers.items():
                handler.send_header(name.replace("_", "-"), value)
            handler.end_headers()

        self.answers[path] = answer

    def drip(self, path: str) -> None:
        """Answer one byte at a time, without an end."""

        def answer(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(200)
            handler.end_headers()
            for _ in range(1000):
                handler.wfile.write(b"x")
                time.sleep(0.05)

        self.answers[path] = answer

    def close(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def served(address: str) -> Iterator[Site]:
    site = Site(address)
    try:
        yield site
    finally:
        site.close()
