"""Addresses, from a real server on this machine's own loopback."""

import gzip
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from newsqa.articles.fetch import (
    USER_AGENT,
    Refusal,
    Version,
    fetch,
    fetch_changed,
    fetch_in_turn,
)
from newsqa.articles.politeness import Turns
from newsqa.config import Loading
from newsqa.types import Article, Skip

from . import loading
from .loading import NOW
from .test_feeds import ATOM, RSS

# The server is on this machine, and the only one that is asked.
HERE = Loading(private_addresses=True, host_delay_seconds=0)

STORY = "<p>The council of Marlow Bay voted on Tuesday to close the harbour bridge.</p>" * 3
PAGE = f"<!doctype html><html><head><title>Bridge</title></head><body><article>{STORY}</article>"


class Server(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.0"
    agents: list[str] = []  # noqa: RUF012

    def log_message(self, *args: object) -> None:
        pass

    def answer(self, kind: str | None, body: bytes, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        if kind is not None:
            self.send_header("Content-Type", kind)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        self.agents.append(self.headers["User-Agent"])
        getattr(self, self.path.strip("/").split("/")[-1])()

    def page(self) -> None:
        self.answer("text/html; charset=utf-8", PAGE.encode())

    def latin(self) -> None:
        body = PAGE.replace("Marlow", "Mårlöw").encode("latin-1")
        self.answer("text/html; charset=ISO-8859-1", body)

    def plain(self) -> None:
        self.answer("text/plain", b"Bridge to close in May\n\nThe bridge will close in May.")

    def rss(self) -> None:
        self.answer("application/rss+xml", RSS.format(encoding="utf-8").encode())

    def atom(self) -> None:
        self.answer("text/html", ATOM.encode())  # a wrong content type: sniffed

    def image(self) -> None:
        self.answer("image/png", b"\x89PNG")

    def binary(self) -> None:
        self.answer("text/html", bytes(range(256)) * 20)

    def untyped(self) -> None:
        self.answer(None, PAGE.encode())

    def empty(self) -> None:
        self.answer("text/html", b"")

    def missing(self) -> None:
        self.answer("text/html", b"gone", 404)

    def moved(self) -> None:
        self.answer(None, b"", 302, Location="/page")

    def loop(self) -> None:
        self.answer(None, b"", 302, Location="/loop")

    def away(self) -> None:
        self.answer(None, b"", 302, Location="file:///etc/passwd")

    def bomb(self) -> None:
        self.answer("text/html", gzip.compress(b"x" * (8 << 20)), Content_Encoding="gzip")

    def endless(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        try:
            while True:
                self.wfile.write(b"x" * 65536)
        except OSError:
            pass

    def drip(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.slowly(b"x")

    def headers_drip(self) -> None:
        self.wfile.write(b"HTTP/1.0 200 OK\r\nX-Slow: ")
        self.slowly(b"x")

    def slowly(self, piece: bytes) -> None:
        try:
            for _ in range(200):
                self.wfile.write(piece)
                time.sleep(0.05)
        except OSError:
            pass

    def hangup(self) -> None:
        self.close_connection = True

    def versioned(self) -> None:
        """Answers in full unless the asker has the version of today."""
        headers = {"ETag": '"v1"', "Last-Modified": "Tue, 14 May 2024 17:30:00 GMT"}
        same = (self.headers["If-None-Match"], self.headers["If-Modified-Since"]) == (
            headers["ETag"], headers["Last-Modified"],
        )  # fmt: skip
        headers = {name.replace("-", "_"): value for name, value in headers.items()}
        self.answer("text/html", b"" if same else PAGE.encode(), 304 if same else 200, **headers)

    def nothing_new(self) -> None:
        self.answer(None, b"", 304)

    def later(self) -> None:
        self.answer("text/html", b"", 429, Retry_After="7")

    def much_later(self) -> None:
        self.answer("text/html", b"", 503, Retry_After="3600")


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


def read(*paths: object, **limits: object) -> tuple[list[Article], list[Skip]]:
    return loading.read(*paths, **{"private_addresses": True, "host_delay_seconds": 0, **limits})


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Server) as httpd:
        httpd.daemon_threads = True
        httpd.block_on_close = False
        threading.Thread(target=httpd.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{httpd.server_port}"
        httpd.shutdown()


def test_a_page(server: str) -> None:
    ((article,), skips) = read(f"{server}/2024/05/14/page")
    assert not skips
    assert article.title == "Bridge"
    assert article.text.startswith("The council of Marlow Bay voted")
    assert article.url == f"{server}/2024/05/14/page"
    assert article.source == "127.0.0.1"
    assert article.published == datetime(2024, 5, 14, tzinfo=UTC)
    assert article.retrieved == NOW
    assert Server.agents[-1] == USER_AGENT


def test_what_else_is_read(server: str) -> None:
    assert "Mårlöw" in read(f"{server}/latin")[0][0].text
    assert read(f"{server}/plain")[0][0].title == "Bridge to close in May"
    assert len(read(f"{server}/rss")[0]) == 2
    assert read(f"{server}/atom")[0][0].authors == ("Jo Park", "Lee Oh")
    assert read(f"{server}/untyped")[0][0].title == "Bridge"
    ((moved,), _) = read(f"{server}/moved")
    assert (moved.url, moved.origin) == (f"{server}/page", f"{server}/moved")


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("image", "expected a page or a feed, found image/png"),
        ("binary", "binary data, not text"),
        ("empty", "an empty answer"),
        ("missing", "the server answered 404 Not Found"),
        ("loop", "more than 5 redirects"),
        ("away", "redirected to something that is neither http nor https"),
        ("endless", "larger than the download limit of 1,000,000 bytes"),
        ("bomb", "larger than the download limit of 1,000,000 bytes"),
        ("drip", "no whole answer within 1 seconds"),
        ("headers_drip", "no whole answer within 1 seconds"),
        ("hangup", "can't be fetched"),
    ],
)
def test_what_is_not_read(server: str, path: str, reason: str) -> None:
    start = time.monotonic()
    articles, skips = read(
        f"{server}/{path}", f"{server}/page", max_download_bytes=1_000_000, download_seconds=1.0
    )
    assert len(articles) == 1
    assert [skip.origin for skip in skips] == [f"{server}/{path}"]
    assert reason in skips[0].reason
    assert time.monotonic() - start < 9


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/x", "http://", "http://[bad/", "http://a b/"])
def test_addresses_that_lead_nowhere(url: str) -> None:
    articles, skips = read(url)
    assert not articles
    assert [skip.origin for skip in skips] == [url]


# Asking again.


def test_what_did_not_change_is_not_sent_again(server: str) -> None:
    first = fetch(f"{server}/versioned", HERE)
    assert first.version == Version(etag='"v1"', modified="Tue, 14 May 2024 17:30:00 GMT")
    assert fetch_changed(f"{server}/versioned", HERE, since=first.version) is None
    older = fetch_changed(f"{server}/versioned", HERE, since=Version(etag='"v0"'))
    assert older is not None
    assert older.data == first.data


def test_a_server_without_versions_is_asked_in_full(server: str) -> None:
    answer = fetch(f"{server}/page", HERE)
    assert answer.version == Version()
    assert fetch_changed(f"{server}/page", HERE, since=answer.version) == answer


def test_not_modified_unasked_is_no_answer(server: str) -> None:
    _, (skip,) = read(f"{server}/nothing_new")
    assert "nothing changed, which it was not asked" in skip.reason


def test_a_refusal_says_how_long_to_wait(server: str) -> None:
    with pytest.raises(Refusal, match="429 Too Many Requests and asks to wait 7 seconds") as caught:
        fetch(f"{server}/later", HERE)
    assert (caught.value.status, caught.value.retry_after) == (429, 7.0)


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def test_one_host_is_not_asked_again_at_once(server: str) -> None:
    time_ = Time()
    turns = Turns(2.0, clock=time_)
    for path in ("page", "plain", "missing", "page"):
        try:
            fetch_in_turn(f"{server}/{path}", HERE, turns, sleep=time_.sleep)
        except Refusal:
            assert path == "missing"
    assert time_.slept == [0.0, 2.0, 2.0, 2.0]


def test_a_short_wait_is_waited_and_a_long_one_is_not(server: str) -> None:
    time_ = Time()
    turns = Turns(1.0, clock=time_)
    with pytest.raises(Refusal, match="429"):
        fetch_in_turn(f"{server}/later", HERE, turns, sleep=time_.sleep)
    assert time_.slept == [0.0, 7.0]
    with pytest.raises(Refusal, match="asks to wait 3,600 seconds"):
        fetch_in_turn(f"{server}/much_later", HERE, turns, sleep=time_.sleep)
    assert time_.slept == [0.0, 7.0, 1.0]
