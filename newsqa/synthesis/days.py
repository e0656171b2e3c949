"""The days that a text speaks of, resolved against the day on which it was published."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date, timedelta

_MONTHS = "january february march april may june july august september october november december"
_MONTH_OF = {name[:3]: at for at, name in enumerate(_MONTHS.split(), start=1)}
_DAYS = "monday tuesday wednesday thursday friday saturday sunday"
_WEEKDAY_OF = {name: at for at, name in enumerate(_DAYS.split())}
_MONTH = (
    r"(?:Jan(?:uary|\.)?|Feb(?:ruary|\.)?|Mar(?:ch|\.)|Apr(?:il|\.)?|May|June?|July?|Aug(?:ust|\.)?|"
    r"Sept?(?:ember|\.)?|Oct(?:ober|\.)?|Nov(?:ember|\.)?|Dec(?:ember|\.)?)(?![a-z])"
)
_DAY = r"(?P<{}>0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?\b"
_DATE = re.compile(
    r"\b(?P<iso>(?:19|20)\d\d-[01]\d-[0-3]\d)\b"
    rf"|\b{_DAY.format('d1')}(?: of)? (?P<m1>{_MONTH})(?:,? (?P<y1>(?:1[5-9]|20)\d\d)\b)?"
    rf"|\b(?P<m2>{_MONTH}) {_DAY.format('d2')}(?!,\d)(?:,? (?P<y2>(?:1[5-9]|20)\d\d)\b)?"
    # "11 to 14 March" is two days.
    rf"|\b{_DAY.format('d3')}(?= (?:to|and|or) \d{{1,2}} (?P<m3>{_MONTH}))"
    rf"|\b(?P<m4>{_MONTH}),? (?P<y4>(?:1[5-9]|20)\d\d)\b"
    rf"|\b(?P<weekday>{_DAYS.title().replace(' ', '|')})s?\b"
    r"|(?P<near>\b(?:[Yy]esterday|[Tt]oday|[Tt]onight|[Tt]omorrow)\b)"
    rf"|\b(?P<m5>(?!May\b|March\b){_MONTH}|(?<=\b[Ii]n )(?:May|March)\b"
    r"|(?<=\b[Oo]f )(?:May|March)\b"
    r"|(?<=\bend of )May\b|(?<=\b(?:mid|ate|rly|til|nce) )(?:May|March)\b)"
    r"|\b(?P<y6>(?:1[5-9]|20)\d\d)\b(?!,\d|\.\d|[ -](?:people|men|women|homes|crowns|"
    r"euros|dollars|pounds|votes|percent|jobs|cases|"
    r"(?:kilo|centi|milli)?(?:metres?|meters?|grams?|litres?)|miles|feet|tons|tonnes|"
    r"degrees|kg|km)\b)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What a text says of a time, as far as it says it; None for what it leaves out."""

    text: str
    start: int
    end: int
    year: int | None = None
    month: int | None = None
    day: int | None = None
    weekday: int | None = None
    """From 0 for Monday."""
    could_be: tuple[date, ...] = ()
    """The days that it can mean, where it was resolved."""
    years: tuple[int, ...] = ()
    """The years that a month without one can be of."""


def days_in(text: str, *, published: date | None = None) -> list[Day]:
    """The times that a text names, in order, resolved against the day of publication."""
    return [
        resolved
        for match in _DATE.finditer(text)
        if (resolved := _day(match, published)) is not None
    ]


def agree(claimed: Day, evidence: Day) -> bool:
    """Whether what the evidence says is what is claimed, or says it more exactly."""
    if claimed.could_be and evidence.could_be:
        if set(claimed.could_be) & set(evidence.could_be):
            return True
        if claimed.day is not None or claimed.weekday is not None:
            return False
    if claimed.weekday is not None and claimed.day is None:
        if evidence.weekday is not None:
            return claimed.weekday == evidence.weekday
        return any(each.weekday() == claimed.weekday for each in evidence.could_be)
    known = [
        (evidence.year, evidence.month, evidence.day),
        *((year, evidence.month, None) for year in evidence.years),
        *((each.year, each.month, each.day) for each in evidence.could_be),
    ]
    return any(
        all(
            mine is None or mine == theirs
            for mine, theirs in zip((claimed.year, claimed.month, claimed.day), each, strict=True)
        )
        for each in known
    )


def _day(match: re.Match[str], published: date | None) -> Day | None:
    place = Day(text=match[0], start=match.start(), end=match.end())
    if match["iso"]:
        try:
            at = date.fromisoformat(match["iso"])
        except ValueError:
            return None
        return replace(place, year=at.year, month=at.month, day=at.day, could_be=(at,))
    if match["weekday"]:
        weekday = _WEEKDAY_OF[match["weekday"].lower()]
        return replace(place, weekday=weekday, could_be=_around(weekday, published))
    if match["near"]:
        if published is None:
            return None
        word = match["near"].lower()
        at = published + timedelta(days={"yesterday": -1, "tomorrow": 1}.get(word, 0))
        return replace(place, year=at.year, month=at.month, day=at.day, could_be=(at,))
    month = next((match[name] for name in ("m1", "m2", "m3", "m4", "m5") if match[name]), None)
    day = next((match[name] for name in ("d1", "d2", "d3") if match[name]), None)
    year = next((match[name] for name in ("y1", "y2", "y4", "y6") if match[name]), None)
    return _by_calendar(
        place,
        year=int(year) if year else None,
        month=_MONTH_OF[month[:3].lower()] if month else None,
        day=int(day) if day else None,
        published=published,
    )


def _by_calendar(
    place: Day,
    *,
    year: int | None,
    month: int | None,
    day: int | None,
    published: date | None,
) -> Day:
    could_be: tuple[date, ...] = ()
    years: tuple[int, ...] = (year,) if year else ()
    if not years and published is not None:
        # Without a year it is the nearest such day: news looks half a year back and ahead.
        years = (published.year - 1, published.year, published.year + 1)
    if month and day:
        could_be = tuple(
            date(each, month, day) for each in years if day <= monthrange(each, month)[1]
        )
        if not year and published is not None:
            could_be = tuple(at for at in could_be if abs((at - published).days) <= 190)
    elif month and not day:
        years = years[:-1] if published is not None and month > published.month else years[1:]
    return replace(
        place, year=year, month=month, day=day, could_be=could_be,
        years=() if year or day or not month else tuple(y for y in years if y),
    )  # fmt: skip


def _around(weekday: int, published: date | None) -> tuple[date, ...]:
    """The weekday before publication (that day included) and the one after."""
    if published is None:
        return ()
    back = (published.weekday() - weekday) % 7
    return (
        published - timedelta(days=back),
        published + timedelta(days=7 - back),
    )
