"""RSS and Atom, and what hides in them."""

import contextlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from newsqa.articles.feeds import feed_rows, is_feed
from newsqa.errors import SourceError

from .loading import read

RSS = """<?xml version="1.0" encoding="{encoding}"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel><title>Bay Herald</title><link>https://bay.example/</link><language>en-gb</language>
<item><title>Fähren fahren &amp; fahren</title><link>https://bay.example/a?utm_source=rss</link>
<guid>tag:1</guid><pubDate>Tue, 14 May 2024 18:30:00 +0100</pubDate><dc:creator>Jo Park</dc:creator>
<description>Short.</description>
<content:encoded><![CDATA[<p>The ferries sail again.</p><script>evil()</script>
<p>Fares stay.</p><p>Read more: Fog</p>]]></content:encoded></item>
<item><title>Two</title><guid isPermaLink="false">tag:2</guid>
<description>&lt;p&gt;Only a summary.&lt;/p&gt;</description></item>
<item><title>Three</title><link>https://bay.example/c</link></item>
</channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Bay Herald</title>
<entry><id>urn:1</id><title>Ferries</title><link href="https://bay.example/a"/>
<updated>2024-05-14T18:30:00Z</updated><author><name>Jo Park</name></author>
<author><name>Lee Oh</name></author>
<content type="html">&lt;p&gt;The ferries sail again.&lt;/p&gt;</content></entry></feed>"""


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1", "utf-16"])
@pytest.mark.parametrize("name", ["a.xml", "a.rss"])
def test_rss(tmp_path: Path, encoding: str, name: str) -> None:
    (tmp_path / name).write_bytes(RSS.format(encoding=encoding).encode(encoding))
    articles, skips = read(tmp_path / name)
    first, second = articles
    assert first.title == "Fähren fahren & fahren"
    assert first.text == "The ferries sail again.\n\nFares stay."
    assert first.published == datetime(2024, 5, 14, 17, 30, tzinfo=UTC)
    assert (first.source, first.authors, first.language) == ("Bay Herald", ("Jo Park",), "en")
    assert first.url == "https://bay.example/a?utm_source=rss"
    assert (second.id, second.text, second.published) == ("tag:2", "Only a summary.", None)
    assert [skip.reason[:7] for skip in skips] == ["no text"]
    assert skips[0].origin.endswith(", row 3")


def test_atom(tmp_path: Path) -> None:
    (tmp_path / "a.atom").write_text(ATOM)
    ((article,), _) = read(tmp_path / "a.atom")
    assert article.authors == ("Jo Park", "Lee Oh")
    assert article.published == datetime(2024, 5, 14, 18, 30, tzinfo=UTC)
    assert article.text == "The ferries sail again."


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "lol">'
    + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]><rss><channel><title>&i;</title><item><title>&i;</title></item></channel></rss>"
)
EXTERNAL = (
    '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    "<rss><channel><item><title>x</title><description>&x;</description></item></channel></rss>"
)


@pytest.mark.parametrize("bomb", [BOMB, EXTERNAL])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32", "utf-8-sig"])
def test_entities_are_refused(tmp_path: Path, bomb: str, encoding: str) -> None:
    (tmp_path / "a.xml").write_bytes(bomb.encode(encoding))
    articles, skips = read(tmp_path / "a.xml")
    assert not articles
    assert skips[0].reason == "it declares XML entities, which are not read"


@pytest.mark.parametrize("bomb", [BOMB, EXTERNAL])
def test_entities_can_not_hide_in_another_character_set(bomb: str) -> None:
    hidden = bomb[: bomb.index("?>")] + ' encoding="utf-7"' + bomb[bomb.index("?>") :]
    data = hidden.replace("<!", "+ADwAIQ-").encode()
    with contextlib.suppress(SourceError):
        assert all("root:" not in str(row) for row in feed_rows(data))


def test_an_external_dtd_is_not_fetched() -> None:
    dtd = '?><!DOCTYPE rss SYSTEM "http://127.0.0.1:9/x.dtd">'
    data = RSS.replace("{encoding}", "utf-8").replace("?>", dtd, 1).encode()
    assert len(list(feed_rows(data))) == 3


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ("<urlset><url><loc>https://a.example</loc></url></urlset>", "not an RSS or Atom feed"),
        ("<rss><channel><title>x</title></channel></rss>", "a feed without entries"),
        ("not xml at all", "not an RSS or Atom feed"),
        ("<rss>" + "<a>" * 50_000, "a feed"),
    ],
)
def test_what_is_no_feed(tmp_path: Path, document: str, reason: str) -> None:
    (tmp_path / "a.xml").write_text(document)
    articles, skips = read(tmp_path / "a.xml")
    assert not articles
    assert reason in skips[0].reason


def test_sniffing() -> None:
    assert is_feed(RSS)
    assert is_feed(ATOM)
    assert is_feed("<?xml version='1.0'?>\n<!-- x --><rdf:RDF xmlns='x'>")
    assert not is_feed("<!doctype html><html><body><rss>")
