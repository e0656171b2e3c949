"""Text → HTML that holds nothing but that text: the one way in which text reaches the page."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import cache
from urllib.parse import urlsplit

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_UNSAFE_IN_ADDRESS = re.compile(r"[\x00-\x20\x7f\\<>\"'`]")
LONGEST_ADDRESS = 2048


def escape(text: str) -> str:
    """Text for an element or a quoted attribute."""
    return html.escape(_CONTROLS.sub("\N{REPLACEMENT CHARACTER}", text), quote=True)


def safe_href(url: str | None) -> str | None:
    """The address if it is a plain http(s) one that can stand in a link, else None."""
    if not url or len(url) > LONGEST_ADDRESS or _UNSAFE_IN_ADDRESS.search(url):
        return None
    try:
        parts = urlsplit(url)
        whole = parts.scheme.lower() in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return None
    return url if whole else None


def link(label: str, url: str | None) -> str:
    """The label, as a link to another site where the address is safe."""
    shown = f'<bdi dir="auto">{escape(label)}</bdi>'
    href = safe_href(url)
    if href is None:
        return shown
    return (
        f'<a class="away" href="{escape(href)}" target="_blank" '
        f'rel="noopener noreferrer nofollow">{shown}</a>'
    )


def day(moment: date | None) -> str:
    """As a newspaper prints it: "9 June 2024"; nothing where there is no date."""
    return f"{moment.day} {moment:%B %Y}" if moment else ""


def span_of_days(first: datetime | None, last: datetime | None) -> str:
    """Both ends, or one where they are the same day; nothing where there is none."""
    if first is None or last is None:
        return day(first or last)
    return span_of(first.date(), last.date())


def span_of(first: date, last: date) -> str:
    """Both days, or one where they are the same."""
    if first == last:
        return day(first)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{day(last)}"
    if first.year == last.year:
        return f"{first.day} {first:%B} – {day(last)}"
    return f"{day(first)} – {day(last)}"


@cache
def language(code: str) -> str:
    """The English name of a language by its code: "German" for "de"; the code where it has none."""
    from babel import Locale

    names: Mapping[str, str] = Locale("en").languages
    return names.get(code, code)


def count(number: int, noun: str, plural: str | None = None) -> str:
    """ "1 article", "2,000 articles"."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def listed(items: Iterable[str]) -> str:
    """Joined by middle dots, empty ones left out."""
    return " · ".join(item for item in items if item)


def age(published: datetime | None, *, as_of: datetime | None, asked: datetime | None) -> str:
    """How long before the as-of day, else before the day of asking, an article was published.

    In whole days, months or years; nothing where either is not known or the article is later.
    """
    then = as_of or asked
    if published is None or then is None or published.date() > then.date():
        return ""
    days = (then.date() - published.date()).days
    if as_of is not None:
        return f"{_long(days)} before your as-of date" if days else "on your as-of date"
    return f"{_long(days)} ago" if days else "today"


def _long(days: int) -> str:
    if days < 60:
        return count(days, "day")
    if days < 730:
        return count(round(days / 30.44), "month")
    return count(int(days / 365.25), "year")
