"""Whose turn it is, by a clock of the test's own."""

from datetime import UTC, datetime

import pytest

from newsqa.articles.politeness import LONGEST_WAIT, Turns, read_retry_after

NOW = datetime(2024, 5, 14, 17, 30, tzinfo=UTC)


def test_turns_are_by_host() -> None:
    now = [100.0]
    turns = Turns(2.0, clock=lambda: now[0])
    assert turns.left("https://bay.example/a") == 0
    turns.asked("https://bay.example/a")
    assert turns.left("https://user:secret@BAY.example/b") == 2.0
    assert turns.left("https://wire.example/a") == 0
    now[0] += 1.5
    assert turns.left("https://bay.example/b") == 0.5
    now[0] += 1.0
    assert turns.left("https://bay.example/b") == 0


def test_a_longer_wait_is_not_shortened() -> None:
    turns = Turns(2.0, clock=lambda: 100.0)
    turns.hold("https://bay.example/", 30)
    turns.asked("https://bay.example/")
    assert turns.left("https://bay.example/") == 30


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("Tue, 14 May 2024 17:31:00 GMT", 60.0),
        ("Tue, 14 May 2024 17:00:00 GMT", 0.0),
        ("Tue, 14 May 2024 17:31:00", 60.0),
        ("9" * 400, LONGEST_WAIT),
        ("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST_WAIT),
        ("-5", None),
        ("soon", None),
        ("", None),
        ("٣", None),
        (None, None),
    ],
)
def test_retry_after(value: str | None, seconds: float | None) -> None:
    assert read_retry_after(value, now=NOW) == seconds
