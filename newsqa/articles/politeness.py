"""How often one host is asked, and how long a server may make us wait."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

LONGEST_WAIT = 86_400.0
"""Seconds: what a server asks for beyond a day is taken as a day."""


class Turns:
    """When each host may be asked again, by a clock in seconds that only goes forward."""

    def __init__(self, delay: float, *, clock: Callable[[], float] = time.monotonic):
        """`delay` is the least number of seconds between two requests to one host."""
        self._delay = delay
        self._clock = clock
        self._next: dict[str, float] = {}

    def left(self, url: str) -> float:
        """Seconds until the host of an address may be asked; 0 where it may be now."""
        return max(0.0, self._next.get(_host(url), 0.0) - self._clock())

    def same(self, url: str, other: str) -> bool:
        """Whether two addresses are of one host."""
        return _host(url) == _host(other)

    def asked(self, url: str) -> None:
        """Note that the host of an address was asked just now."""
        self.hold(url, self._delay)

    def hold(self, url: str, seconds: float) -> None:
        """Let the host of an address alone for so long from now, or longer where that stands."""
        host = _host(url)
        self._next[host] = max(self._next.get(host, 0.0), self._clock() + seconds)


def _host(url: str) -> str:
    return urlsplit(url).netloc.rpartition("@")[2].lower()


def read_retry_after(value: str | None, *, now: datetime) -> float | None:
    """Seconds from a Retry-After header (a number or a date), in [0, LONGEST_WAIT], or None."""
    value = (value or "").strip()
    if value.isascii() and value.isdecimal():
        return min(float(value), LONGEST_WAIT)
    try:
        until = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return min(max((until - now).total_seconds(), 0.0), LONGEST_WAIT)
