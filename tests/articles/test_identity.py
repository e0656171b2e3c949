"""One article, one id; one content, one hash."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsqa.articles.identity import (
    article_id,
    canonical_url,
    content_hash,
    make_article,
    read_language,
    read_url,
)
from newsqa.errors import SourceError


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("http://Paper.Example/Story", "https://paper.example/Story"),
        ("https://paper.example:443/story/", "https://paper.example/story"),
        ("http://paper.example:80", "https://paper.example"),
        ("https://paper.example:8080/x", "https://paper.example:8080/x"),
        ("https://www.paper.example/x#top", "https://www.paper.example/x"),
        (
            "https://paper.example/x?utm_source=a&UTM_Medium=b&fbclid=c&gclid=d",
            "https://paper.example/x",
        ),
        ("https://paper.example/x?cid=9&b=2&a=1", "https://paper.example/x?a=1&b=2"),
        ("https://jo:secret@paper.example/x", "https://paper.example/x"),
        (" https://paper.example/x ", "https://paper.example/x"),
        ("not an address", "not an address"),
        ("https://[broken/x", "https://[broken/x"),
    ],
)
def test_canonical_forms(url: str, canonical: str) -> None:
    assert canonical_url(url) == canonical


@given(
    st.one_of(
        st.text(max_size=60),
        st.builds(
            "{}://{}{}/{}?{}#{}".format,
            st.sampled_from(["http", "https", "HTTPS", "ftp"]),
            st.sampled_from(["A.example", "www.a.example", "[::1]", "ü.example", "jo@a.example"]),
            st.sampled_from(["", ":80", ":443", ":8080", ":", ":x"]),
            st.text(max_size=20),
            st.text(alphabet="abu tm_=&?/%+cid;", max_size=30),
            st.text(max_size=5),
        ),
    )
)
def test_canonical_form_is_its_own(url: str) -> None:
    once = canonical_url(url)
    assert canonical_url(once) == once


def test_the_rule_for_ids() -> None:
    url, place = "http://a.example/x/", "/archive/x.txt"
    assert article_id(explicit="ID 7", url=url, origin=place) == "ID 7"
    by_url = article_id(url=url, origin=place)
    assert (
        by_url
        == article_id(url="https://a.example/x?utm_source=z")
        == article_id(explicit="x" * 201, url=url)
    )
    by_place = article_id(origin=place)
    assert len({by_url, by_place, article_id(origin=place, within="#2")}) == 3
    assert all(len(name) == 16 and int(name, 16) >= 0 for name in (by_url, by_place))


def test_the_hash_covers_what_is_indexed_and_nothing_else() -> None:
    base = {"text": "Some words.", "title": "Words", "max_chars": 100}
    first = make_article(**base, origin="a", place="/a")
    again = make_article(**base, origin="b", place="/b", retrieved=datetime(2024, 1, 1, tzinfo=UTC))
    assert first.id != again.id
    assert first.content_hash == again.content_hash
    others = [
        make_article(**{**base, **change})
        for change in (
            {"text": "Other words."}, {"title": None}, {"url": "https://a.example/x"},
            {"source": "Bay Herald"}, {"authors": ["Jo Park"]}, {"language": "en"},
            {"published": datetime(2024, 1, 1, tzinfo=UTC)},
        )
    ]  # fmt: skip
    assert len({article.content_hash for article in [first, *others]}) == 8


def test_the_hash_keeps_neighbours_apart() -> None:
    rest = {"url": None, "source": None, "authors": (), "published": None, "language": None}
    hashes = {
        content_hash(title=title, text=text, **rest)
        for title, text in [("ab", "c"), ("a", "bc"), (None, "abc"), ("", "abc")]
    }
    assert len(hashes) == 4


def test_an_article_is_sanitised() -> None:
    article = make_article(
        text="\ufeffOne\r\n\r\n\r\nTwo\x00 \ud800.",
        title=" A\n title\x07 ",
        url="javascript:alert(1)",
        source="Bay\x00 Herald",
        authors="By Jo\x1f Park",
        language="en-GB",
        explicit="  7\n8 ",
        max_chars=100,
    )
    assert article.text == "One\n\nTwo \ufffd."
    assert article.title == "A title"
    assert article.url is None
    assert article.source == "Bay Herald"
    assert article.authors == ("Jo Park",)
    assert article.language == "en"
    assert article.id == "7 8"


def test_the_host_stands_in_for_the_outlet() -> None:
    article = make_article(text="Words.", url="https://www.Paper.example/x", max_chars=10)
    assert article.source == "paper.example"


@pytest.mark.parametrize("text", ["", " \n\u2028 ", "\x00\x01", "Leave a Reply", "Share\n\nTweet"])
def test_no_text_is_no_article(text: str) -> None:
    with pytest.raises(SourceError, match="no text"):
        make_article(text=text, max_chars=100)


def test_too_long_a_text_is_no_article() -> None:
    with pytest.raises(SourceError, match="101 characters, over the limit of 100"):
        make_article(text="x" * 101, max_chars=100)


def test_addresses_that_may_become_links() -> None:
    assert read_url("//a.example/x") == "https://a.example/x"
    assert read_url("www.a.example/x") == "https://www.a.example/x"
    bad = [
        "",
        "x",
        "ftp://a.example",
        "https://",
        "https://a b/",
        'https://a/"><b>',
        "https://a:x/",
    ]
    assert [read_url(url) for url in [*bad, "https://a.example/" + "x" * 3000, None]] == [None] * 9


def test_languages() -> None:
    codes = [read_language(v) for v in ("EN", "pt_BR", "English", "klingonish", "", None)]
    assert codes == ["en", "pt", "en", None, None, None]


def test_an_outlets_name_is_cut_without_a_blank_at_its_end() -> None:
    article = make_article(text="Fog.", source="x" * 199 + " Herald", max_chars=100)
    assert article.source == "x" * 199
