"""Bars over time hold every matching article once, without gaps."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from newsqa.types import Article, Hit, Passage, Period, Query
from newsqa.web.narrowing import bounds_of, show_chips, without
from newsqa.web.timeline import MOST_BARS, bars, show_bars
from newsqa.web.turns import Bounds
from newsqa.web.understood import show_understood, understandings

DAYS = st.datetimes(min_value=datetime(1, 1, 1), max_value=datetime(9990, 1, 1))


def a_hit(key: str, published: datetime | None, coverage: float = 1.0) -> Hit:
    article = Article(
        id=key, title=None, text="x", content_hash="0", published=published and
        published.replace(tzinfo=UTC),
    )  # fmt: skip
    passage = Passage(id=1, article_id=key, start=0, end=1, text="x", sentences=())
    return Hit(passage=passage, article=article, rank=1, score=1.0, signals={"coverage": coverage})


@given(st.lists(st.one_of(st.none(), DAYS), max_size=30))
def test_each_dated_article_is_in_one_bar_and_bars_touch(dates: list[datetime | None]) -> None:
    hits = [a_hit(str(at), when) for at, when in enumerate(dates)]
    found = bars([*hits, *hits], cited=["0"])
    dated = [when.date() for when in dates if when]
    if not found:
        assert len(dated) < 3 or max(dated) - min(dated) < timedelta(days=366 * 300)
        return
    assert len(found) <= MOST_BARS + 1
    assert sum(bar.articles for bar in found) == len(dated)
    for one, other in pairwise(found):
        assert one.until + timedelta(days=1) == other.since
    for day in dated:
        assert sum(bar.since <= day <= bar.until for bar in found) == 1
    assert sum(bar.cited for bar in found) == (1 if dates[0] else 0)


def test_what_barely_speaks_of_the_matter_is_no_match() -> None:
    start = datetime(2024, 1, 1)
    hits = [a_hit(str(at), start + timedelta(days=at), 1.0) for at in range(3)]
    found = bars([*hits, a_hit("far", start + timedelta(days=20), 0.3)])
    assert [bar.articles for bar in found] == [1, 1, 1]
    assert bars(hits[:2]) == ()
    shown = show_bars(found, turn=3)
    assert shown.count('class="bar"') == 3
    assert 'data-since="2024-01-02" data-until="2024-01-02"' in shown
    assert "2 January 2024: 1 article" in shown
    assert show_bars((), turn=3) == ""


def test_each_chip_takes_back_what_it_says() -> None:
    bounds = bounds_of("2024-03-15", "", "half a date", ["A", '<b>"&'], ["de", "zz"])
    assert bounds == Bounds(
        as_of="2024-03-15", until="half a date", sources=("A", '<b>"&'), languages=("de", "zz")
    )
    shown = show_chips(bounds)
    assert "As of 15 March 2024" in shown
    assert "Until half a date" in shown
    assert "<b>" not in shown
    assert without(bounds, ("as_of", "2024-03-15")) == replace(bounds, as_of=None)
    assert without(bounds, ("sources", '<b>"&')) == replace(bounds, sources=("A",))
    assert "In German" in shown
    assert "In zz" in shown
    assert without(bounds, ("languages", "zz")) == replace(bounds, languages=("de",))
    assert without(bounds, ("nothing", "x")) == bounds
    assert without(bounds, ("all", "")) == Bounds()
    assert show_chips(Bounds()) == ""


def test_each_inference_has_its_way_back() -> None:
    day = datetime(2024, 4, 1, tzinfo=UTC)
    query = Query(
        text="q", wording="bridge", newest=True, outlets=("Post",),
        period=Period(text="in <April>", start=day, end=day + timedelta(days=29)),
        why=(
            "Read as a follow-up to “x”.", "Searched for “bridge”.",
            "“in <April>” is read as 2024-04-01: articles near it come first.",
            "Asks for how things stand now: the newest articles come first.",
            "Articles of Post, named in the question, come first.",
            "No outlet is called “Pots”.",
        ),
    )  # fmt: skip
    assert [each.inference for each in understandings(query)] == [
        "follow-up", "wording", "period", "newest", "outlets", None
    ]  # fmt: skip
    shown = show_understood(query, turn=2)
    assert 'data-since="2024-04-01" data-until="2024-04-30"' in shown
    assert "<April>" not in shown
    assert show_understood(Query(text="q"), turn=1) == ""
