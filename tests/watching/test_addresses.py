"""When addresses are asked, by a clock of the test's own."""

from __future__ import annotations

import dataclasses

import pytest

from newsqa.articles.fetch import Fetched, Refusal, Version
from newsqa.articles.politeness import Turns
from newsqa.errors import SourceError
from newsqa.watching.addresses import AT_ONCE, LONGEST_BACK_OFF, Address, Addresses

EVERY = 900.0
ANSWER = Fetched(
    url="https://bay.example/feed",
    kind="application/rss+xml",
    charset=None,
    data=b"<rss/>",
    version=Version(etag='"1"'),
)


class Asking:
    """Addresses in a time of their own, with chance in the middle."""

    def __init__(self, *urls: str, every: float = EVERY, delay: float = 2.0):
        self.now = 5000.0
        turns = Turns(delay, clock=lambda: self.now)
        self.addresses = Addresses(
            urls, every=every, turns=turns, clock=lambda: self.now, chance=lambda: 0.5
        )

    def start(self, after: float = 0.0) -> list[str]:
        self.now += after
        return [address.url for address in self.addresses.start()]

    def __getitem__(self, number: int) -> Address:
        return self.addresses.all[number]


def refusal(status: int, retry_after: float | None = None) -> Refusal:
    return Refusal("no", status=status, retry_after=retry_after)


def test_an_address_is_asked_by_the_interval() -> None:
    asking = Asking("https://bay.example/feed")
    assert asking.start() == ["https://bay.example/feed"]
    assert asking.start(5) == []
    assert asking.addresses.left() is None
    asking.addresses.succeeded(asking[0], None)
    assert asking.addresses.left() == EVERY
    assert asking.start(EVERY - 1) == []
    assert asking.start(1) == ["https://bay.example/feed"]


def test_what_is_held_counts_once_it_is_taken() -> None:
    asking = Asking("https://bay.example/feed")
    asking.start()
    asking.addresses.succeeded(asking[0], ANSWER)
    assert (asking[0].held, asking[0].version) == (ANSWER, Version())
    asking.addresses.took(asking[0])
    assert (asking[0].held, asking[0].version) == (None, ANSWER.version)
    # The same again under another version, as servers without 304 send it.
    newer = dataclasses.replace(ANSWER, version=Version(etag='"2"'))
    asking.start(EVERY)
    asking.addresses.succeeded(asking[0], newer)
    assert (asking[0].held, asking[0].version) == (None, newer.version)
    asking.start(EVERY)
    asking.addresses.succeeded(asking[0], dataclasses.replace(ANSWER, data=b"<rss> </rss>"))
    assert asking[0].held is not None
    asking.addresses.forget()
    assert (asking[0].version, asking[0].digest, asking.start(2)) == (
        Version(), None, ["https://bay.example/feed"],
    )  # fmt: skip


def test_one_host_is_asked_one_at_a_time_and_not_at_once() -> None:
    asking = Asking("https://bay.example/1", "https://bay.example/2", "https://wire.example/1")
    assert asking.start() == ["https://bay.example/1", "https://wire.example/1"]
    assert asking.start(60) == []
    asking.addresses.succeeded(asking[0], None)
    assert asking.start() == []
    assert asking.addresses.left() == 2.0
    assert asking.start(2) == ["https://bay.example/2"]


def test_so_many_are_asked_at_once() -> None:
    urls = [f"https://{number}.example/" for number in range(AT_ONCE + 2)]
    asking = Asking(*urls)
    assert asking.start() == urls[:AT_ONCE]
    asking.addresses.failed(asking[0], SourceError("no"))
    assert asking.start() == urls[AT_ONCE : AT_ONCE + 1]


def test_failures_back_off_and_success_ends_it() -> None:
    asking = Asking("https://bay.example/feed")
    waits = []
    for _ in range(12):
        asking.start(LONGEST_BACK_OFF)
        waits.append(asking.addresses.failed(asking[0], SourceError("no answer")))
    assert waits[:4] == [60, 120, 240, 480]
    assert waits[-2:] == [LONGEST_BACK_OFF, LONGEST_BACK_OFF]
    assert asking.start(LONGEST_BACK_OFF - 1) == []
    assert asking.start(1) == ["https://bay.example/feed"]
    asking.addresses.succeeded(asking[0], None)
    asking.start(EVERY)
    assert asking.addresses.failed(asking[0], SourceError("no answer")) == 60


def test_back_off_is_never_more_often_than_asked_for_nor_slower_than_the_interval() -> None:
    often = Asking("https://bay.example/feed", every=10)
    often.start()
    assert often.addresses.failed(often[0], SourceError("no")) == 10
    rarely = Asking("https://bay.example/feed", every=10 * LONGEST_BACK_OFF)
    for _ in range(40):
        rarely.start(20 * LONGEST_BACK_OFF)
        wait = rarely.addresses.failed(rarely[0], SourceError("no"))
    assert wait == 10 * LONGEST_BACK_OFF


@pytest.mark.parametrize(("chance", "wait"), [(0.0, 45.0), (0.999, 75.0)])
def test_back_off_is_spread(chance: float, wait: float) -> None:
    addresses = Addresses(
        ["https://bay.example/"],
        every=EVERY,
        turns=Turns(0, clock=lambda: 0.0),
        clock=lambda: 0.0,
        chance=lambda: chance,
    )
    (address,) = addresses.start()
    assert addresses.failed(address, SourceError("no")) == pytest.approx(wait, abs=0.1)


def test_retry_after_holds_the_whole_host() -> None:
    asking = Asking("https://bay.example/1", "https://bay.example/2")
    asking.start()
    assert asking.addresses.failed(asking[0], refusal(429, 300)) == 300
    assert asking.start(299) == []
    assert asking.start(1) == ["https://bay.example/1"]
    # A wait that is shorter than our own back-off doesn't shorten it.
    assert asking.addresses.failed(asking[0], refusal(503, 1)) == 120


def test_what_is_due_is_not_slept_over() -> None:
    asking = Asking("https://bay.example/feed", delay=0)
    asking.start()
    asking.addresses.succeeded(asking[0], None)
    asking.now += EVERY
    assert asking.addresses.left() == 0.0
