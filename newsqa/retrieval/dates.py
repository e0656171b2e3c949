"""Question → the time it speaks of, resolved against the moment at which it is asked."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, datetime, time, timedelta
from functools import cache, lru_cache
from itertools import islice
from typing import Any

from newsqa.retrieval.parts import PART, span_of_part
from newsqa.types import Period

THIS_WEEK = timedelta(days=7)
"""What "this week" means: the days up to now, not those since Monday."""

_MONTH = (
    r"(?:Jan(?:uary|\.)?|Feb(?:ruary|\.)?|Mar(?:ch|\.)|Apr(?:il|\.)?|May|June?|July?|Aug(?:ust|\.)?|"
    r"Sept?(?:ember|\.)?|Oct(?:ober|\.)?|Nov(?:ember|\.)?|Dec(?:ember|\.)?)"
)
_DAY = r"(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?"
_WEEKDAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
_COUNT = r"(?:an?|one|two|three|four|five|six|seven|eight|nine|ten|\d{1,2})"
_UNIT = r"(?:day|week|month|year)s?"
_YEAR = r"(?:19|20)\d\d"
_NO_NAME = r"(?! [A-Z](?!pril|ugust)|[\w’'-])"
"""After a date: not part of a name ("May Day", "Sunday Times", "August Wilson")."""
_EXPRESSION = re.compile(
    rf"(?P<part>{PART})"
    rf"|(?P<ago>(?<![\w.,]){_COUNT} (?:{_UNIT}|decades?) ago\b)"
    rf"|(?P<within>\b(?:last|past) (?:{_COUNT} {_UNIT}|(?<=past )(?:month|year)\b))"
    r"|(?P<relative>\b(?:this|last|past) (?:week|month|year|weekend)\b(?! of)"
    r"|\byesterday\b|\btoday\b|\btonight\b)"
    rf"|(?P<iso>\b{_YEAR}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])\b)"
    rf"|(?P<date>(?<![\w,.-])(?:{_DAY} (?:of )?{_MONTH}|{_MONTH} {_DAY}\b)"
    rf"(?:,? (?:of )?{_YEAR}\b)?)(?!\w)"
    rf"|(?P<month>\b(?:{_MONTH},? (?:of )?(?:{_YEAR}\b|last year\b|this year\b)"
    rf"|(?<=\b[Ii]n ){_MONTH}{_NO_NAME}|(?<=\b[Ll]ast ){_MONTH}{_NO_NAME}"
    rf"|(?<=\b[Dd]uring ){_MONTH}{_NO_NAME}))"
    rf"|(?P<weekday>\b(?:[Oo]n |[Ll]ast |[Tt]his |[Ee]arly |[Ll]ate ){_WEEKDAY}"
    rf"(?: last week\b| this week\b)?{_NO_NAME})"
    rf"|(?P<year>(?:^|\b(?:in|during|the|and|to|of|early|late|since) ){_YEAR}\b"
    r"(?![\d%/-]|[.,]\d| (?:people|men|women|km|miles|troops|dollars|votes)\b))",
    re.IGNORECASE,
)
# "Since the election", "since 1984", "by 2030" name a bound of something else than the news.
_LEFT_ALONE = re.compile(
    r"\b(?:since|by|until|till|before|after|than|for)(?: the)?\W*$", re.IGNORECASE
)
_NOT_IN_CAPITALS = re.compile(
    r"\b(?:may|march)\b(?!,? (?:of )?(?:\d{4}|last year|this year))|\bmar\b"
)
_JOINED = re.compile(r"\s*(?:and|or|to|through|until|till|–|-|,|, and)\s*(?:in |on |the )?$", re.I)
MOST = 10
"""Expressions that are looked at."""


def period_in(text: str, *, now: datetime) -> Period | None:
    """The time that a question speaks of, the latest where it names several; None without.

    "Last week", "in March", "on Monday", "two years ago", "5 May 2021", "in 2019", "last summer",
    "the first quarter of 2022", "mid-June"; "in 2019 and 2020" is all of both.  What is still to
    come at `now` (aware UTC) is not the time of any news and is left out, as is what bounds
    something else ("since 1984").  Months and weekdays that are
    part of a name are none; "may" is no month without its capital or a year.
    """
    found: list[Period] = []
    end = 0
    for match in islice(_EXPRESSION.finditer(text), MOST):
        period = _resolved(match, now)
        if period is None or _is_left_alone(match):
            continue
        between = text[end : match.end() - len(period.text)]
        if found and _JOINED.fullmatch(between):
            before = found.pop()
            period = Period(
                text=f"{before.text}{between}{period.text}",
                start=min(before.start, period.start),
                end=max(before.end, period.end),
            )
        found.append(period)
        end = match.end()
    return max(found, key=lambda period: (period.end, period.start), default=None)


def expressions_in(text: str) -> list[tuple[int, int]]:
    """Where words stand that may name a time, half-open, in order; not what time that is."""
    return [match.span() for match in islice(_EXPRESSION.finditer(text), MOST)]


def _is_left_alone(match: re.Match[str]) -> bool:
    said = match[0]
    return bool(
        _LEFT_ALONE.search(match.string, 0, match.start())
        or said.lower().startswith("since ")
        or _NOT_IN_CAPITALS.search(said)
    )


def _resolved(match: re.Match[str], now: datetime) -> Period | None:
    try:
        found = _span_of(match, now)
    except (OverflowError, ValueError):  # no such day, or beyond the calendar
        return None
    if found is None or found[0] > now:
        return None
    words = re.sub(r"^(?:in|during|the|and|to|of) ", "", " ".join(match[0].split()), flags=re.I)
    return Period(text=words, start=found[0], end=min(found[1], now))


def _span_of(match: re.Match[str], now: datetime) -> tuple[datetime, datetime] | None:
    low = " ".join(match[0].lower().split())
    if low in ("this week", "past week"):
        return now - THIS_WEEK, now
    if low.endswith("weekend"):
        return _weekend(low, now)
    if match["part"]:
        return span_of_part(low, now)
    if match["within"]:
        back = re.sub(r"^(?:last|past) ", "", low)
        at = _read(f"{back if ' ' in back else f'a {back}'} ago", now)
        return None if at is None else (_midnight(at[0]), now)
    if match["year"]:
        return _span(datetime(int(low[-4:]), 1, 1, tzinfo=UTC), "year")
    if match["iso"]:
        return _span(datetime.fromisoformat(low).replace(tzinfo=UTC), "day")
    if match["weekday"]:
        return _weekday(low, now)
    asked = re.sub(r"\bof\b|[.,]", " ", low).replace("tonight", "today")
    if match["month"] and low.endswith("year"):
        asked = f"{re.sub('(?:this|last) year', '', asked)} {now.year - low.endswith('last year')}"
    found = _read(asked, now)
    if found is None:
        return None
    # Read loosely, "31 April" would be some other day.
    day = re.search(r"\b\d{1,2}(?=\D|$)", asked) if match["date"] else None
    if day and int(day[0]) != found[0].day:
        return None
    size = "year" if low in ("this year", "last year") else found[1]
    return _span(found[0], size)


def _weekend(low: str, now: datetime) -> tuple[datetime, datetime]:
    """This one: the coming Saturday and Sunday, or those that it is; the last one: before that."""
    saturday = _midnight(now) + timedelta(days=5 - now.weekday() if now.weekday() < 5 else
                                          -(now.weekday() - 5))  # fmt: skip
    if not low.startswith("this"):
        saturday -= timedelta(days=7)
    return saturday, saturday + timedelta(days=2) - timedelta(microseconds=1)


def _weekday(low: str, now: datetime) -> tuple[datetime, datetime]:
    """The latest such day; today where it is one, unless "last" is said."""
    name = re.search(r"(mon|tues|wednes|thurs|fri|satur|sun)day", low)
    assert name is not None
    wanted = ("mon", "tues", "wednes", "thurs", "fri", "satur", "sun").index(name[1])
    today = _midnight(now)
    if low.endswith("last week"):
        day = today - timedelta(days=today.weekday() + 7 - wanted)
    else:
        back = (today.weekday() - wanted) % 7
        day = today - timedelta(days=back or (7 if low.startswith("last") else 0))
    return _span(day, "day")


def _read(words: str, now: datetime) -> tuple[datetime, str] | None:
    """The instant that words name and the size of what they name: day, week, month or year."""
    parsed = _parsed(" ".join(words.split()), now.date().isoformat())
    return None if parsed is None else (parsed[0].replace(tzinfo=UTC), parsed[1])


@lru_cache(maxsize=1000)
def _parsed(words: str, day: str) -> tuple[datetime, str] | None:
    found = _parser(day).get_date_data(words)
    return None if found.date_obj is None else (found.date_obj, str(found.period))


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
            "TIMEZONE": "UTC",
        },
    )
