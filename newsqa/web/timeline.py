"""When what matches a question was published: bars on which a span of time can be chosen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from newsqa.types import Hit
from newsqa.web.markup import count, escape, span_of

MOST_BARS = 36
FEWEST_ARTICLES = 3
"""Below which there is nothing to see in a plot."""
_LIKE = 0.5
"""Of the best passage's share of the question's words, what another must have to match."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """The articles of a span of days, both ends included."""

    since: date
    until: date
    articles: int
    cited: bool
    """Whether the answer cites one of them."""


def bars(hits: Sequence[Hit], *, cited: Iterable[str] = ()) -> tuple[Bar, ...]:
    """Bars without gaps over all matching articles; none where they are few or of one time.

    What matches has at least half as much of the question's words as the best passage, where
    the search tells that.
    """
    shares = [hit.signals.get("coverage", 0.0) for hit in hits]
    least = _LIKE * max(shares, default=0.0)
    days = {
        hit.article.id: hit.article.published.date()
        for hit, share in zip(hits, shares, strict=True)
        if hit.article.published and share >= least
    }
    if len(days) < FEWEST_ARTICLES:
        return ()
    edges = _edges(min(days.values()), max(days.values()))
    named = set(cited)
    found = []
    for start, end in pairwise(edges):
        within = [key for key, day in days.items() if start <= day < end]
        found.append(
            Bar(
                since=start,
                until=end - timedelta(days=1),
                articles=len(within),
                cited=any(key in named for key in within),
            )
        )
    return tuple(found) if sum(bar.articles > 0 for bar in found) > 1 else ()


def show_bars(found: Sequence[Bar], *, turn: int) -> str:
    """The bars as buttons: each asks again within its days, several when drawn across."""
    if not found:
        return ""
    highest = max(bar.articles for bar in found)
    drawn = "".join(
        f'<button type="button" class="bar{" cited" if bar.cited else ""}" '
        f'data-since="{bar.since}" data-until="{bar.until}" '
        f'style="--share:{bar.articles / highest:.2f}" aria-label="{escape(label)}" '
        f'title="{escape(label)}"{"" if bar.articles else " disabled"}><i></i></button>'
        for bar in found
        for label in [_label(bar)]
    )
    total = sum(bar.articles for bar in found)
    return (
        f'<section class="timeline" data-turn="{turn}">'
        f"<h3>{count(total, 'matching article')} over time</h3>"
        f'<div class="bars">{drawn}</div>'
        f'<p class="ends"><span>{span_of(found[0].since, found[0].since)}</span>'
        '<span class="hint">Choose a bar, or draw across several, to ask within that time</span>'
        f"<span>{span_of(found[-1].until, found[-1].until)}</span></p></section>"
    )


def _label(bar: Bar) -> str:
    label = f"{span_of(bar.since, bar.until)}: {count(bar.articles, 'article')}"
    return f"{label}, cited" if bar.cited else label


def _edges(first: date, last: date) -> list[date]:
    """Starts of days, weeks, months, quarters or years from `first` on, one beyond `last`."""
    ways: tuple[tuple[date, Callable[[date], date]], ...] = (
        (first, lambda day: day + timedelta(days=1)),
        (first - timedelta(days=first.weekday()), lambda day: day + timedelta(days=7)),
        (first.replace(day=1), lambda day: _months_on(day, 1)),
        (
            first.replace(month=first.month - (first.month - 1) % 3, day=1),
            lambda day: _months_on(day, 3),
        ),
        (first.replace(month=1, day=1), lambda day: _months_on(day, 12)),
    )
    for start, step in ways:
        edges = [start]
        while edges[-1] <= last and len(edges) <= MOST_BARS:
            edges.append(step(edges[-1]))
        if edges[-1] > last:
            return edges
    return list(_years(first.year, last.year))


def _years(first: int, last: int) -> Iterator[date]:
    """Starts of spans of whole years, so many that there are not too many spans."""
    span = -(-(last - first + 1) // MOST_BARS)
    for year in range(first, last + span + 1, span):
        yield date(min(year, date.max.year), 1, 1)


def _months_on(day: date, months: int) -> date:
    at = day.year * 12 + day.month - 1 + months
    return date(at // 12, at % 12 + 1, 1)
