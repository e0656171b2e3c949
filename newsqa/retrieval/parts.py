"""Parts of a year as questions name them: quarters, seasons of the north, thirds of a month."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, datetime, timedelta

_YEAR = r"(?:(?:19|20)\d\d|last year|this year)"
_SEASON = r"(?:spring|summer|autumn|fall|winter)"
_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December)"
)
PART = (
    rf"\b(?:first|second|third|fourth|last|1st|2nd|3rd|4th) quarter (?:of )?{_YEAR}\b"
    rf"|\bQ[1-4] (?:of )?{_YEAR}\b"
    rf"|\b(?:spring|summer|autumn|winter) (?:of )?{_YEAR}\b|\bfall of {_YEAR}\b"
    rf"|\b(?:last|this) {_SEASON}\b"
    rf"|\b(?:early|mid|late)[ -]{_MONTH}\b(?:,? (?:of )?{_YEAR}\b)?"
)
"""What is read here, to be matched in any case of letters."""
_QUARTERS = {
    "first": 1, "1st": 1, "q1": 1, "second": 2, "2nd": 2, "q2": 2, "third": 3, "3rd": 3, "q3": 3,
    "fourth": 4, "4th": 4, "q4": 4, "last": 4,
}  # fmt: skip
_SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
"""The month that each begins with; each lasts three."""
_MONTHS = {name.lower(): number for number, name in enumerate(_MONTH[3:-1].split("|"), start=1)}
_THIRDS = {"early": (1, 10), "mid": (11, 20), "late": (21, 31)}


def span_of_part(words: str, now: datetime) -> tuple[datetime, datetime]:
    """First and last instant, UTC, of what words that `PART` matches name at `now`.

    Without a year, a third of a month and a season "last" are the latest that has begun, and
    ended; a season "this" is that of the year, a winter that which the year began in or ends with.
    """
    low = words.lower().replace("-", " ")
    year = _year(low, now)
    first, *_ = low.split()
    if "quarter" in low or first in ("q1", "q2", "q3", "q4"):
        return _months(year or now.year, 3 * _QUARTERS[first] - 2, 3)
    season = next((name for name in _SEASONS if name in low.split()), None)
    if season is not None:
        return _season(season, year, now, ended=first == "last")
    month = _MONTHS[low.split()[1]]
    if year is None:
        year = now.year if (month, _THIRDS[first][0]) <= (now.month, now.day) else now.year - 1
    begin, end = _THIRDS[first]
    last = min(end, monthrange(year, month)[1])
    start = datetime(year, month, begin, tzinfo=UTC)
    return start, start + timedelta(days=last - begin + 1) - timedelta(microseconds=1)


def _season(
    name: str, year: int | None, now: datetime, *, ended: bool
) -> tuple[datetime, datetime]:
    if year is not None:
        return _months(year, _SEASONS[name], 3)
    spans = [_months(each, _SEASONS[name], 3) for each in (now.year - 2, now.year - 1, now.year)]
    if ended:
        return max(span for span in spans if span[1] < now)
    return max(span for span in spans if span[0] <= now)


def _months(year: int, month: int, count: int) -> tuple[datetime, datetime]:
    after = month - 1 + count
    end = datetime(year + after // 12, after % 12 + 1, 1, tzinfo=UTC)
    return datetime(year, month, 1, tzinfo=UTC), end - timedelta(microseconds=1)


def _year(low: str, now: datetime) -> int | None:
    found = re.search(r"\b(?:19|20)\d\d\b", low)
    if found:
        return int(found[0])
    if low.endswith("last year"):
        return now.year - 1
    return now.year if low.endswith("this year") else None
