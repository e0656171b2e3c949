"""Text → HTML that holds nothing but that text: the one way in which text reaches the page."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from datetime import datetime
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


def day(moment: datetime | None) -> str:
    """As a newspaper prints it: "9 June 2024"; nothing where there is no date."""
    return f"{moment.day} {moment:%B %Y}" if moment else ""


def span_of_days(first: datetime | None, last: datetime | None) -> str:
    """Both ends, or one where they are the same day; nothing where there is none."""
    if first is None or last is None:
        return day(first or last)
    if first.date() == last.date():
        return day(first)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{day(last)}"
    if first.year == last.year:
        return f"{first.day} {first:%B} – {day(last)}"
    return f"{day(first)} – {day(last)}"


def count(number: int, noun: str, plural: str | None = None) -> str:
    """ "1 article", "2,000 articles"."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def listed(items: Iterable[str]) -> str:
    """Joined by middle dots, empty ones left out."""
    return " · ".join(item for item in items if item)
