"""Dates are read or left out, never guessed."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from newsqa.articles.dates import date_in_url, parse_date

NOW = datetime(2025, 6, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2024-05-14", datetime(2024, 5, 14)),
        ("2024-05-14T18:30:00Z", datetime(2024, 5, 14, 18, 30)),
        ("2024-05-14 18:30", datetime(2024, 5, 14, 18, 30)),
        ("2024-05-14T18:30:00.123456+02:00", datetime(2024, 5, 14, 16, 30, 0, 123456)),
        ("2024-05-14 18:30:00 UTC", datetime(2024, 5, 14, 18, 30)),
        ("2024-05-14T18:30:00+0200", datetime(2024, 5, 14, 16, 30)),
        ("20240514", datetime(2024, 5, 14)),
        ("20240514183000", datetime(2024, 5, 14, 18, 30)),
        (20240514, datetime(2024, 5, 14)),
        ("2024/5/14", datetime(2024, 5, 14)),
        ("14.05.2024", datetime(2024, 5, 14)),
        ("5/14/2024", datetime(2024, 5, 14)),
        ("04/04/2024", datetime(2024, 4, 4)),
        ("May 14, 2024", datetime(2024, 5, 14)),
        ("Tuesday, May 14th, 2024", datetime(2024, 5, 14)),
        ("14 May 2024 18:30 BST", datetime(2024, 5, 14, 17, 30)),
        ("May 14, 2024 at 6:30 p.m. EDT", datetime(2024, 5, 14, 22, 30)),
        ("14-May-2024", datetime(2024, 5, 14)),
        ("6:30 PM EDT, Tue May 14, 2024", datetime(2024, 5, 14, 22, 30)),
        ("Tue, 14 May 2024 18:30:00 +0100", datetime(2024, 5, 14, 17, 30)),
        ("Tue, 14 May 2024 18:30:00 GMT", datetime(2024, 5, 14, 18, 30)),
        ("14. Mai 2024", datetime(2024, 5, 14)),
        ("14 mai 2024", datetime(2024, 5, 14)),
        (1715711400, datetime(2024, 5, 14, 18, 30)),
        (1715711400000, datetime(2024, 5, 14, 18, 30)),
        (1715711400.0, datetime(2024, 5, 14, 18, 30)),
        ("1715711400", datetime(2024, 5, 14, 18, 30)),
        ("1815-06-22", datetime(1815, 6, 22)),
        (datetime(2024, 5, 14, 18, 30), datetime(2024, 5, 14, 18, 30)),
        (datetime(2024, 5, 14, tzinfo=timezone(timedelta(hours=2))), datetime(2024, 5, 13, 22)),
        (datetime(2024, 5, 14).date(), datetime(2024, 5, 14)),
    ],
)
def test_dates_are_read(written: object, expected: datetime) -> None:
    assert parse_date(written, now=NOW) == expected.replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        "2024-13-45", "2024-02-30", "0000-00-00", "0001-01-01", "9999-12-31", "1066-10-14",
        "2025-06-04", "yesterday", "soon", "today", "2 hours ago", "hier", "gestern", "Monday",
        "last May 2024", "May 2024", "2024", "14 May", "10:30", "03/04/2024", "31/31/2024",
        "May 32, 2024", "14 Smarch 2024", "14 May 2024 25:00", "14 May 2024 18:30 QQQ",
        "dates that aren't", "", " ", "null", "-", "1", "12", "00000000", "99999999999999",
        "9999999999999999999999", "In 2019, the council met on May 14 and in June", "x" * 5000,
        0, -1, 1, 20241345, 2024, float("nan"), float("inf"), 1e300, True, None, [], {},
        datetime(9999, 12, 31, tzinfo=timezone(timedelta(hours=-12))), datetime(2030, 1, 1),
    ],
)  # fmt: skip
def test_what_is_no_date_is_none(written: object) -> None:
    assert parse_date(written, now=NOW) is None


def test_tomorrow_is_still_believed() -> None:
    assert parse_date("2025-06-03", now=NOW) == datetime(2025, 6, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("url", "day"),
    [
        ("https://a.example/2023/05/14/bridge", (2023, 5, 14)),
        ("https://a.example/news/2023-05-14-bridge", (2023, 5, 14)),
        ("https://a.example/story/20230514/bridge", (2023, 5, 14)),
    ],
)
def test_a_day_in_an_address(url: str, day: tuple[int, int, int]) -> None:
    assert date_in_url(url, now=NOW) == datetime(*day, tzinfo=UTC)


@pytest.mark.parametrize(
    "url",
    [
        None,
        "https://a.example/2023/05/bridge",
        "https://a.example/story/10981277002/",
        "https://a.example/2023/13/45/x",
        "https://a.example/x?d=/2023/05/14/",
        "https://a.example/2033/05/14/",
    ],
)
def test_no_day_in_an_address(url: str | None) -> None:
    assert date_in_url(url, now=NOW) is None
