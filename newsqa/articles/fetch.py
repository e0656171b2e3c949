"""One address → its bytes, within limits of time, size and redirects."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from newsqa.config import Loading
from newsqa.errors import SourceError

if TYPE_CHECKING:
    import httpx

USER_AGENT = "newsqa (news archive reader; reads single pages and feeds that a person named)"
ACCEPT = (
    "text/html,application/xhtml+xml,application/rss+xml,application/atom+xml,"
    "application/xml;q=0.9,text/plain;q=0.8,*/*;q=0.1"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What an address answered."""

    url: str
    """The address after redirects."""
    kind: str
    """The media type in lower case, without parameters; empty where not stated."""
    charset: str | None
    data: bytes


def fetch(url: str, limits: Loading) -> Fetched:
    """The answer of an http(s) address; raises SourceError for all that goes wrong.

    The time limit covers everything from the name's look-up to the last byte, redirects
    and servers that send one byte at a time included.
    """
    # A loop of its own in a thread of its own: the caller may be inside another loop.
    with ThreadPoolExecutor(1, thread_name_prefix="newsqa-fetch") as pool:
        return pool.submit(lambda: asyncio.run(_fetch(url, limits))).result()


async def _fetch(url: str, limits: Loading) -> Fetched:
    import httpx

    headers = {"User-Agent": USER_AGENT, "Accept": ACCEPT}
    try:
        async with (
            asyncio.timeout(limits.download_seconds),
            httpx.AsyncClient(
                headers=headers,
                timeout=limits.download_seconds,
                follow_redirects=True,
                max_redirects=limits.max_redirects,
            ) as client,
            client.stream("GET", url) as response,
        ):
            if not response.is_success:
                raise SourceError(
                    f"the server answered {response.status_code} {response.reason_phrase}"
                )
            data = await _body(response, limits.max_download_bytes)
            kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
            return Fetched(
                url=str(response.url), kind=kind, charset=response.charset_encoding, data=data
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


async def _body(response: httpx.Response, limit: int) -> bytes:
    held = bytearray()
    async for piece in response.aiter_bytes():
        held += piece
        if len(held) > limit:
            raise SourceError(f"larger than the download limit of {limit:,} bytes")
    return bytes(held)
