"""One address → its bytes, within limits of reach, time, size and redirects."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from newsqa.articles.politeness import Turns, read_retry_after
from newsqa.config import Loading
from newsqa.errors import SourceError

if TYPE_CHECKING:
    import httpx

USER_AGENT = "newsqa (news archive reader; reads single pages and feeds that a person named)"
ACCEPT = (
    "text/html,application/xhtml+xml,application/rss+xml,application/atom+xml,"
    "application/xml;q=0.9,text/plain;q=0.8,*/*;q=0.1"
)
NOT_MODIFIED = 304


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """What a server called an answer, for asking later whether there is a newer one."""

    etag: str | None = None
    modified: str | None = None
    """Its Last-Modified, as it was sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What an address answered."""

    url: str
    """The address after redirects."""
    kind: str
    """The media type in lower case, without parameters; empty where not stated."""
    charset: str | None
    data: bytes
    version: Version = Version()


class Refusal(SourceError):
    """The server answered, with an error.  Told as a skip, never raised to a user."""

    def __init__(self, message: str, *, status: int, retry_after: float | None):
        super().__init__(message)
        self.status = status
        self.retry_after = retry_after
        """Seconds that the server asks to be left alone for, or None."""


def fetch(url: str, limits: Loading) -> Fetched:
    """The answer of an http(s) address; raises SourceError for all that goes wrong.

    Only public addresses are connected to unless the limits allow others.  The time limit
    covers everything from the name's look-up to the last byte, redirects and servers that
    send one byte at a time included.
    """
    answer = _in_thread(_fetch(url, limits, Version()))
    if answer is None:
        raise SourceError("the server answered that nothing changed, which it was not asked")
    return answer


def fetch_changed(url: str, limits: Loading, *, since: Version) -> Fetched | None:
    """As `fetch`, but None where the server says that the answer is still that version."""
    return _in_thread(_fetch(url, limits, since))


def fetch_in_turn(
    url: str, limits: Loading, turns: Turns, *, sleep: Callable[[float], object] = time.sleep
) -> Fetched:
    """As `fetch`, once it is the host's turn; once more where the server asks for a short wait."""
    for again in (True, False):
        sleep(turns.left(url))
        try:
            return fetch(url, limits)
        except Refusal as refusal:
            wait = refusal.retry_after
            if not again or wait is None or wait > limits.max_retry_after_seconds:
                raise
            turns.hold(url, wait)
        finally:
            turns.asked(url)
    raise AssertionError("the second try returns or raises")


T = TypeVar("T")


def _in_thread(work: Coroutine[Any, Any, T]) -> T:
    """What a coroutine returns, run in a loop and a thread of its own.

    The caller may be inside another loop; and a daemon thread, so that an interrupted
    process need not wait for a slow server.
    """
    outcome: list[T | BaseException] = []

    def run() -> None:
        try:
            outcome.append(asyncio.run(work))
        except BaseException as error:
            outcome.append(error)

    thread = threading.Thread(target=run, name="newsqa-fetch", daemon=True)
    thread.start()
    thread.join()
    if isinstance(outcome[0], BaseException):
        raise outcome[0]
    return outcome[0]


async def _fetch(url: str, limits: Loading, since: Version) -> Fetched | None:
    import httpx

    from newsqa.articles.reach import Guarded

    headers = {"User-Agent": USER_AGENT, "Accept": ACCEPT}
    if since.etag:
        headers["If-None-Match"] = since.etag
    if since.modified:
        headers["If-Modified-Since"] = since.modified
    # Reading the certificates takes a while that is not the server's.
    transport = Guarded(allow_private=limits.private_addresses)
    try:
        async with (
            asyncio.timeout(limits.download_seconds),
            httpx.AsyncClient(
                headers=headers,
                timeout=limits.download_seconds,
                follow_redirects=True,
                max_redirects=limits.max_redirects,
                transport=transport,
            ) as client,
            client.stream("GET", url) as response,
        ):
            if response.status_code == NOT_MODIFIED:
                return None
            if not response.is_success:
                raise _refusal(response)
            data = await _body(response, limits.max_download_bytes)
            kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
            return Fetched(
                url=str(response.url),
                kind=kind,
                charset=response.charset_encoding,
                data=data,
                version=Version(
                    etag=response.headers.get("etag"),
                    modified=response.headers.get("last-modified"),
                ),
            )
    except TimeoutError as error:
        raise SourceError(f"no whole answer within {limits.download_seconds:g} seconds") from error
    except httpx.TimeoutException as error:
        raise SourceError(f"no answer within {limits.download_seconds:g} seconds") from error
    except httpx.TooManyRedirects as error:
        raise SourceError(f"more than {limits.max_redirects} redirects") from error
    except httpx.UnsupportedProtocol as error:
        raise SourceError("redirected to something that is neither http nor https") from error
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, ValueError) as error:
        if isinstance(error, SourceError):
            raise
        raise SourceError(f"can't be fetched: {error or type(error).__name__}") from error


def _refusal(response: httpx.Response) -> Refusal:
    said = f"the server answered {response.status_code} {response.reason_phrase}".rstrip()
    wait = read_retry_after(response.headers.get("retry-after"), now=datetime.now(UTC))
    if wait is not None:
        said += f" and asks to wait {wait:,.0f} seconds"
    return Refusal(said, status=response.status_code, retry_after=wait)


async def _body(response: httpx.Response, limit: int) -> bytes:
    held = bytearray()
    async for piece in response.aiter_bytes():
        held += piece
        if len(held) > limit:
            raise SourceError(f"larger than the download limit of {limit:,} bytes")
    return bytes(held)
