"""Dates as archives write them → aware UTC datetimes, or None where one would have to guess.

A date without a time is midnight UTC, a time without a zone is taken as UTC.  Nothing is
read relative to now ("yesterday"), and day and month are never guessed apart ("03/04/2024").
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache

EARLIEST_YEAR = 1600
"""The first newspapers; what claims to be older is a placeholder or a mistake."""
AHEAD = timedelta(days=2)
"""How far after now a date may lie: clocks differ, and papers are dated ahead."""
LONGEST = 80
"""Characters; what is longer is a sentence, not a date."""

_ISO = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})"
    r"(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s?(Z|UTC|GMT|[+-]\d{2}:?\d{2})?)?",
    re.IGNORECASE,
)
_YEAR_FIRST = re.compile(r"(\d{4})[/.](\d{1,2})[/.](\d{1,2})")
_YEAR_LAST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
_DIGITS = re.compile(r"\d{8}|\d{10}|\d{13}|\d{14}")
_MONTHS = {
    name: number
    for number, names in enumerate(
        "jan january|feb february|mar march|apr april|may|jun june|jul july|aug august|"
        "sep sept september|oct october|nov november|dec december".split("|"),
        start=1,
    )
    for name in names.split()
}
_NAMED = re.compile(
    r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+)?"
    r"(?:(?P<d1>\d{1,2})(?:st|nd|rd|th)?[\s-]+(?:of\s+)?(?P<m1>[a-z]{3,9})\.?,?"
    r"|(?P<m2>[a-z]{3,9})\.?\s+(?P<d2>\d{1,2})(?:st|nd|rd|th)?,?)"
    r"[\s-]+(?P<year>\d{4})"
    r"(?:,?\s+(?:at\s+|[-–—|]\s*)?(?P<time>.+))?",
    re.IGNORECASE,
)
_TIME_FIRST = re.compile(
    r"(\d{1,2}[:.]\d{2}\s*(?:[ap]\.?m\.?)?[^,\d]{0,12}),\s*(\D.+|\d{1,2}\D.+)", re.I
)
_TIME = re.compile(
    r"(?P<hour>\d{1,2})(?:[:.](?P<minute>\d{2})(?::(?P<second>\d{2}))?)?\s*"
    r"(?P<half>[ap]\.?m\.?)?\s*\(?(?P<zone>[a-z]{1,5}|(?:utc|gmt)?[+-]\d{1,2}:?(?:\d{2})?)?\)?",
    re.IGNORECASE,
)
_ZONES = {
    "z": 0, "utc": 0, "gmt": 0, "wet": 0, "bst": 1, "cet": 1, "west": 1, "cest": 2, "eet": 2,
    "eest": 3, "msk": 3, "jst": 9, "kst": 9, "aest": 10, "aedt": 11, "nzst": 12, "nzdt": 13,
    "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7,
    "akst": -9, "akdt": -8, "hst": -10,
}  # fmt: skip
"""Hours from UTC, by the reading that news in English gives an abbreviation."""
_URL_DATE = re.compile(r"/((?:19|20)\d{2})[/-]?(\d{2})[/-]?(\d{2})(?=[/_-]|$)")


def parse_date(value: object, *, now: datetime) -> datetime | None:
    """The instant that a string, a number (epoch seconds or milliseconds) or a datetime names."""
    if isinstance(value, datetime):
        found: datetime | None = value
    elif isinstance(value, str):
        found = _parse_text(value.strip())
    elif isinstance(value, int | float) and not isinstance(value, bool):
        found = _parse_number(value)
    elif type(value).__name__ == "date" and hasattr(value, "isoformat"):
        found = _parse_text(value.isoformat())
    else:
        return None
    if found is None:
        return None
    try:
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (OverflowError, ValueError):  # a zone that moves year 1 or 9999 over the edge
        return None
    return found if found.year >= EARLIEST_YEAR and found <= now + AHEAD else None


def date_in_url(url: str | None, *, now: datetime) -> datetime | None:
    """The day in a path such as /2023/05/14/, where the address states one."""
    if not url:
        return None
    match = _URL_DATE.search(url.partition("?")[0])
    return parse_date("-".join(match.groups()), now=now) if match else None


def _parse_text(text: str) -> datetime | None:
    if not 8 <= len(text) <= LONGEST:
        return None
    if match := _ISO.fullmatch(text):
        return _parse_iso(text, match)
    return _parse_other(text)


def _parse_iso(text: str, match: re.Match[str]) -> datetime | None:
    zone = match[7]
    try:
        if zone is None or zone in "Zz" or zone[0] in "+-":
            return datetime.fromisoformat(text.replace(" ", "T", 1).replace(" ", ""))
        return datetime.fromisoformat(text[: match.start(7)].strip().replace(" ", "T", 1))
    except ValueError:
        return None


@lru_cache(maxsize=4096)
def _parse_other(text: str) -> datetime | None:
    # Archives repeat the same few thousand days, and the last resort below is slow.
    if _DIGITS.fullmatch(text):
        return _parse_digits(text)
    if match := _YEAR_FIRST.fullmatch(text):
        return _day(int(match[1]), int(match[2]), int(match[3]))
    if match := _YEAR_LAST.fullmatch(text):
        first, second, year = (int(part) for part in match.groups())
        if first == second or second > 12:
            return _day(year, first, second)
        return _day(year, second, first) if first > 12 else None
    text = " ".join(text.split())
    if match := _TIME_FIRST.fullmatch(text):  # "6:30 PM EDT, Sun May 14, 2023"
        text = f"{match[2]} {match[1]}"
    if match := _NAMED.fullmatch(text):
        return _parse_named(match)
    try:
        return parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return _parse_foreign(text)


def _parse_named(match: re.Match[str]) -> datetime | None:
    month = _MONTHS.get((match["m1"] or match["m2"]).lower())
    if month is None:
        return _parse_foreign(match[0])
    day = _day(int(match["year"]), month, int(match["d1"] or match["d2"]))
    if day is None or not match["time"]:
        return day
    time = _TIME.fullmatch(match["time"].strip())
    if time is None:
        return None
    hour, minute, second = (int(time[part] or 0) for part in ("hour", "minute", "second"))
    if half := time["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half[0] in "pP" else 0)
    elif time["minute"] is None:
        return None
    offset = _offset(time["zone"])
    if offset is None or hour > 23 or minute > 59 or second > 59:
        return None
    return day + timedelta(hours=hour, minutes=minute, seconds=second) - offset


def _offset(zone: str | None) -> timedelta | None:
    """How far a zone is from UTC; None for one that is not known."""
    if not zone:
        return timedelta()
    zone = zone.lower()
    if zone in _ZONES:
        return timedelta(hours=_ZONES[zone])
    if zone == "et":
        return None  # one of two, by the season
    match = re.fullmatch(r"(?:utc|gmt)?([+-])(\d{1,2}):?(\d{2})?", zone)
    if match is None or int(match[2]) > 14:
        return None
    offset = timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
    return -offset if match[1] == "-" else offset


def _parse_foreign(text: str) -> datetime | None:
    """Month names of other languages, from their words only: no relative dates, all parts there."""
    if not re.search(r"\d{4}", text) or not re.search(r"[^\W\d_]{3}", text):
        return None
    import dateparser

    settings = {
        "PARSERS": ["absolute-time"],
        "STRICT_PARSING": True,
        "REQUIRE_PARTS": ["day", "month", "year"],
        "TIMEZONE": "UTC",
        "RETURN_AS_TIMEZONE_AWARE": True,
    }
    try:
        found = dateparser.parse(text, settings=settings)
    except Exception:  # a third-party parser on arbitrary text: any failure means "no date"
        return None
    # The parser also picks dates out of sentences; a year that isn't in the text is a guess.
    return found if isinstance(found, datetime) and str(found.year) in text else None


def _parse_number(value: int | float) -> datetime | None:
    if not math.isfinite(value):
        return None
    if 16_000_101 <= value <= 29_991_231 and value == int(value):
        return _parse_digits(str(int(value)))
    seconds = value / 1000 if value >= 1e11 else value
    if not 1e8 <= seconds < 1e11:  # below (1973), a small number is no timestamp
        return None
    return datetime.fromtimestamp(seconds, UTC)


def _parse_digits(text: str) -> datetime | None:
    if len(text) in (10, 13):
        return _parse_number(int(text))
    try:
        return datetime.strptime(text, "%Y%m%d" if len(text) == 8 else "%Y%m%d%H%M%S")
    except ValueError:
        return None


def _day(year: int, month: int, day: int) -> datetime | None:
    try:
        return datetime(year, month, day, tzinfo=UTC)
    except ValueError:
        return None
