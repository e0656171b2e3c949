"""Pages: the story, and only what the page states about it."""

import contextlib
from datetime import UTC, datetime

import pytest

from newsqa.articles.extract import extract_page
from newsqa.errors import SourceError

NOW = datetime(2025, 6, 1, tzinfo=UTC)
STORY = (
    "<p>The council of Marlow Bay voted on Tuesday to close the harbour bridge for a year.</p>"
    "<p>Repairs will cost 4.2 million euros, the mayor, Ana Reyes, told reporters later.</p>"
)
TEXT = (
    "The council of Marlow Bay voted on Tuesday to close the harbour bridge for a year.\n\n"
    "Repairs will cost 4.2 million euros, the mayor, Ana Reyes, told reporters later."
)


def page(head: str = "", top: str = "", bottom: str = "") -> str:
    return (
        f'<!doctype html><html lang="en-GB"><head>{head}</head><body><nav><a href="/">Home</a>'
        f"</nav><article><h1>Bridge to close</h1>{top}{STORY}</article>"
        f"<footer>Copyright 2019 Bay Herald{bottom}</footer></body></html>"
    )


def test_a_page() -> None:
    found = extract_page(
        page(
            '<title>Bridge to close | Bay Herald</title><meta property="og:site_name" '
            'content="Bay Herald"><script>var s = "evil";</script><style>.evil{}</style>',
            '<p class="byline">By Jo Park</p><time datetime="2024-05-14T08:00:00+01:00">x</time>'
            "<!-- evil --><script>document.write('evil')</script>",
        ),
        url="https://www.bay.example/bridge",
        now=NOW,
    )
    assert found.text.removeprefix("Bridge to close\n\n") == TEXT
    assert found.title == "Bridge to close"
    assert found.source == "Bay Herald"
    assert found.authors == ("Jo Park",)
    assert found.published == datetime(2024, 5, 14, 7, tzinfo=UTC)
    assert found.language == "en-GB"


def test_json_ld() -> None:
    found = extract_page(
        page(
            '<script type="application/ld+json">{"@graph": [{"@type": "WebSite"}, {"@type": '
            '["NewsArticle"], "headline": "Bridge", "datePublished": "2024-05-14T10:00:00+02:00",'
            '"dateModified": "2024-06-01", "author": [{"@type": "Person", "name": "Jo Park"},'
            '{"name": "Newsroom"}], "publisher": {"name": "Bay Herald"}}]}</script>'
        ),
        now=NOW,
    )
    assert found.published == datetime(2024, 5, 14, 8, tzinfo=UTC)
    assert found.authors == ("Jo Park",)
    assert found.source == "Bay Herald"


@pytest.mark.parametrize(
    ("head", "top", "url"),
    [
        ('<meta property="article:published_time" content="2024-05-14">', "", None),
        ('<meta itemprop="datePublished" content="2024-05-14">', "", None),
        ('<meta name="date" content="14 May 2024">', "", None),
        ("", '<time pubdate datetime="2024-05-14">last week</time>', None),
        ("", '<span class="published-date">Published on May 14, 2024</span>', None),
        ("", "", "https://bay.example/2024/05/14/bridge"),
    ],
)
def test_a_date_that_is_stated(head: str, top: str, url: str | None) -> None:
    found = extract_page(page(head, top), url=url, now=NOW)
    assert found.published == datetime(2024, 5, 14, tzinfo=UTC)


@pytest.mark.parametrize(
    ("head", "top"),
    [
        ("", ""),
        ('<meta name="date" content="soon">', ""),
        ('<meta property="article:modified_time" content="2024-05-14">', ""),
        ('<script type="application/ld+json">{"datePublished": "2024-05-14"</script>', ""),
        ('<script type="application/ld+json">' + "[" * 50_000 + "</script>", ""),
        ("", '<span class="published">yesterday</span>'),
        ("", "<p>The bridge was opened on May 14, 1999.</p>"),
    ],
)
def test_no_date_is_made_up(head: str, top: str) -> None:
    found = extract_page(page(head, top, "<p>Updated daily since 2011</p>"), now=NOW)
    assert found.published is None
    assert found.source is None
    assert found.authors == ()


def test_a_canonical_address_is_believed_on_the_same_site_only() -> None:
    own = '<link rel="canonical" href="https://www.bay.example/bridge">'
    other = '<link rel="canonical" href="https://else.example/bridge">'
    url = "https://m.bay.example/bridge?x=1"
    assert extract_page(page(own), url=url, now=NOW).url == "https://www.bay.example/bridge"
    assert extract_page(page(other), url=url, now=NOW).url == url
    assert extract_page(page(other), now=NOW).url == "https://else.example/bridge"


@pytest.mark.parametrize(
    "html",
    [
        "",
        "   ",
        "<html></html>",
        "<" * 100_000,
        "<a " * 50_000,
        "<html><body><p></p></body></html>",
    ],
)
def test_no_story(html: str) -> None:
    with pytest.raises(SourceError, match=r"no (story|HTML)"):
        extract_page(html, now=NOW)


@pytest.mark.parametrize("tag", ["div", "b", "table", "ul", "blockquote"])
def test_ten_thousand_nested_tags(tag: str) -> None:
    html = f"<html><body>{f'<{tag}>' * 10_000}{STORY}{f'</{tag}>' * 10_000}</body></html>"
    with contextlib.suppress(SourceError):
        assert "Marlow Bay" in extract_page(html, now=NOW).text


def test_null_bytes() -> None:
    assert TEXT in extract_page(page().replace("harbour", "har\0bour"), now=NOW).text
