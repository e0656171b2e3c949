"""Addresses that are followed: which of them to ask now, and how long to let one alone."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from newsqa.articles.fetch import Fetched, Refusal, Version
from newsqa.articles.politeness import Turns
from newsqa.errors import SourceError

AT_ONCE = 4
"""Addresses that are asked at the same time, each of another host."""
FIRST_BACK_OFF = 60.0
"""Seconds after a first failure, doubled by each one that follows it."""
LONGEST_BACK_OFF = 6 * 3600.0


@dataclass(slots=True, eq=False)
class Address:
    """One address and how it has answered."""

    url: str
    due: float
    version: Version = field(default_factory=Version)
    digest: bytes | None = None
    """Of the last answer that was taken in."""
    failures: int = 0
    """In a row."""
    asking: bool = False
    held: Fetched | None = None
    """An answer that has yet to be taken in."""
    tried: bool = False
    """Whether it was ever asked, whatever came of it, or its host asked to be let alone."""


class Addresses:
    """When which address is asked, by a clock in seconds that only goes forward."""

    def __init__(
        self,
        urls: Iterable[str],
        *,
        every: float,
        turns: Turns,
        clock: Callable[[], float],
        chance: Callable[[], float] = random.random,
    ):
        """`every` is in seconds, `chance` in [0, 1)."""
        self._every = every
        self._turns = turns
        self._clock = clock
        self._chance = chance
        self.all = tuple(Address(url, due=clock()) for url in urls)

    def start(self) -> list[Address]:
        """Those to ask now; each has to be followed by `succeeded` or `failed`."""
        started = []
        asking = [address for address in self.all if address.asking]
        for address in self.all:
            if self._is_free(address, asking) and self._left(address) <= 0:
                address.asking = True
                asking.append(address)
                started.append(address)
        return started

    def left(self) -> float | None:
        """Seconds until there may be one to ask; None where an answer has to come first."""
        asking = [address for address in self.all if address.asking]
        waits = [self._left(each) for each in self.all if self._is_free(each, asking)]
        return min(waits, default=None)

    def succeeded(self, address: Address, answer: Fetched | None) -> None:
        """Note an answer; None stands for one that says that nothing changed."""
        self._asked(address)
        address.failures = 0
        address.due = self._clock() + self._every
        if answer is None:
            return
        if digest_of(answer) == address.digest:
            address.version = answer.version
        else:
            address.held = answer

    def failed(self, address: Address, error: SourceError) -> float:
        """Note a failure; returns the seconds until the address is asked again.

        The time doubles with each failure in a row, spread by a quarter to both sides so
        that addresses that failed together don't come back together, and is never less than
        what the server asked for.
        """
        self._asked(address)
        address.failures += 1
        longest = max(self._every, LONGEST_BACK_OFF)
        wait = min(self._every, FIRST_BACK_OFF) * 2.0 ** min(address.failures - 1, 32)
        wait = min(wait, longest) * (0.75 + 0.5 * self._chance())
        if isinstance(error, Refusal) and error.retry_after is not None:
            wait = max(wait, error.retry_after)
            self._turns.hold(address.url, error.retry_after)
            for other in self.all:
                other.tried |= self._turns.same(other.url, address.url)
        address.due = self._clock() + wait
        return wait

    def took(self, address: Address) -> None:
        """Note that the answer that was held is in the index."""
        if address.held is not None:
            address.version, address.digest = address.held.version, digest_of(address.held)
            address.held = None

    def forget(self) -> None:
        """Take every answer for unread, and ask anew."""
        for address in self.all:
            address.version, address.digest, address.due = Version(), None, self._clock()

    def _is_free(self, address: Address, asking: Sequence[Address]) -> bool:
        """Whether neither it nor its host is being asked, and there is room for one more."""
        return len(asking) < AT_ONCE and not any(
            self._turns.same(address.url, other.url) for other in asking
        )

    def _left(self, address: Address) -> float:
        return max(address.due - self._clock(), self._turns.left(address.url))

    def _asked(self, address: Address) -> None:
        address.asking, address.tried = False, True
        self._turns.asked(address.url)


def digest_of(answer: Fetched) -> bytes:
    """Of all that articles are made from: servers without versions send the same again."""
    return hashlib.sha256(f"{answer.url}\n{answer.kind}\n".encode() + answer.data).digest()
