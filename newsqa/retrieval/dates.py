"""Question → the time it speaks of, resolved against the moment at which it is asked."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, datetime, time, timedelta
from functools import cache
from typing import Any

from newsqa.types import Period

THIS_WEEK = timedelta(days=7)
"""What "this week" means: the days up to now, not those since Monday."""

_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December)"
)
_WEEKDAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
_COUNT = r"(?:an?|one|two|three|four|five|six|seven|eight|nine|ten|\d{1,3})"
_YEAR = r"(?:19|20)\d\d"
_EXPRESSION = re.compile(
    rf"(?P<ago>\b{_COUNT} (?:day|week|month|year|decade)s? ago\b)"
    r"|(?P<relative>\b(?:this|last|past) (?:week|month|year|weekend)\b|\byesterday\b|\btoday\b)"
    rf"|(?P<date>\b(?:\d{{1,2}}(?:st|nd|rd|th)? (?:of )?{_MONTH}|{_MONTH} \d{{1,2}}"
    rf"(?:st|nd|rd|th)?\b)(?:,? {_YEAR})?)"
    rf"|(?P<month>\b(?:{_MONTH},? (?:of )?{_YEAR}|(?<=\bin ){_MONTH}|(?<=\b[Ll]ast ){_MONTH}))\b"
    rf"|(?P<weekday>\b(?:[Oo]n |[Ll]ast |[Tt]his |[Ee]arly |[Ll]ate ){_WEEKDAY}\b)"
    rf"|(?P<year>(?<![\d$£€#.,-]){_YEAR}\b(?![\d%]|[.,]\d))",
    re.IGNORECASE,
)
# "Since the election", "since 1984", "by 2030" name a bound of something else than the news.
_LEFT_ALONE = re.compile(
    r"\b(?:since|by|until|till|before|after|from|than|for)(?: \w+)?\W*$", re.IGNORECASE
)
_NEVER_LOWER = re.compile(r"\bmay\b|\bmarch\b")


def period_in(text: str, *, now: datetime) -> Period | None:
    """The time that a question speaks of, the latest where it names several; None without.

    "Last week", "in March", "on Monday", "two years ago", "5 May 2021", "2019".  What is
    still to come at `now` (aware UTC) is not the time of any news and is left out, as is what
    bounds something else ("since 1984").  Months need their capital: "may" is no month.
    """
    found = [
        period
        for match in _EXPRESSION.finditer(text)
        if not _LEFT_ALONE.search(text, 0, match.start()) and not _NEVER_LOWER.search(match[0])
        and (period := _resolved(match, now)) is not None
    ]  # fmt: skip
    return max(found, key=lambda period: (period.end, period.start), default=None)


def _resolved(match: re.Match[str], now: datetime) -> Period | None:
    words = " ".join(match[0].split())
    low = words.lower()
    if low in ("this week", "past week"):
        return Period(text=words, start=now - THIS_WEEK, end=now)
    if low.endswith("weekend"):
        saturday = _midnight(now) - timedelta(days=(now.weekday() - 5) % 7)
        if low.startswith("last") and now.weekday() >= 5:
            saturday -= timedelta(days=7)
        return Period(
            text=words, start=saturday, end=min(now, saturday + timedelta(days=2, microseconds=-1))
        )
    asked = re.sub(r"^(on|early|late|this)\s(?=\w+day$)", "", low).replace("past ", "last ")
    asked = re.sub(r"\bof\b", "", asked)
    if match["year"]:
        asked = f"1 January {asked}"
    parsed = _parser(now.date().isoformat()).get_date_data(asked)
    if parsed.date_obj is None:
        return None
    at = parsed.date_obj.replace(tzinfo=UTC)
    size = "year" if match["year"] or low == "this year" else str(parsed.period)
    start, end = _span(at, size)
    if start > now:
        return None
    return Period(text=words, start=start, end=min(end, now))


def _span(at: datetime, size: str) -> tuple[datetime, datetime]:
    """The whole day, week (from Monday), month or year around an instant."""
    day = _midnight(at)
    if size == "year":
        start, days = day.replace(month=1, day=1), 366 if monthrange(at.year, 2)[1] == 29 else 365
    elif size == "month":
        start, days = day.replace(day=1), monthrange(at.year, at.month)[1]
    elif size == "week":
        start, days = day - timedelta(days=day.weekday()), 7
    else:
        start, days = day, 1
    return start, start + timedelta(days=days) - timedelta(microseconds=1)


def _midnight(at: datetime) -> datetime:
    return datetime.combine(at.date(), time.min, UTC)


@cache
def _reader_of_dates() -> Any:
    # Loading it takes a tenth of a second that most questions needn't spend.
    from dateparser.date import DateDataParser

    return DateDataParser


def _parser(day: str) -> Any:
    """One that reads English relative to the noon of a day."""
    return _reader_of_dates()(
        languages=["en"],
        settings={
            "RELATIVE_BASE": datetime.fromisoformat(day).replace(hour=12),
            "PREFER_DATES_FROM": "past",
            "PREFER_DAY_OF_MONTH": "first",
            "TIMEZONE": "UTC",
        },
    )
