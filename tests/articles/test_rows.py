"""Rows of JSON, JSON Lines and tables, and what their keys mean."""

import gzip
import json
import lzma
import random
from datetime import UTC, datetime
from pathlib import Path

import pytest

from newsqa.articles import load
from newsqa.config import Loading
from newsqa.errors import SettingsError
from newsqa.types import Article

from .loading import TEXT, read


def only(*paths: object, **limits: object) -> Article:
    articles, skips = read(*paths, **limits)
    assert not skips
    (article,) = articles
    return article


@pytest.mark.parametrize(
    ("key", "field", "value"),
    [
        ("headline", "title", "Ferries sail"), ("Title", "title", "Ferries sail"),
        ("link", "url", "https://a.example/x"), ("web_url", "url", "https://a.example/x"),
        ("publish_date", "published", "2024-05-14"), ("pubDate", "published", "2024-05-14"),
        ("published_at", "published", "2024-05-14"), ("Date", "published", "2024-05-14"),
        ("byline", "authors", "By Jo Park"), ("author", "authors", ["Jo Park"]),
        ("publisher", "source", "Bay Herald"), ("source", "source", {"name": "Bay Herald"}),
        ("outlet", "source", "Bay Herald"), ("lang", "language", "en"), ("id", "id", 7),
    ],
)  # fmt: skip
def test_keys_are_mapped(key: str, field: str, value: object) -> None:
    expected = {
        "title": "Ferries sail",
        "url": "https://a.example/x",
        "published": datetime(2024, 5, 14, tzinfo=UTC),
        "authors": ("Jo Park",),
        "source": "Bay Herald",
        "language": "en",
        "id": "7",
    }
    assert getattr(only({"content": TEXT, key: value, "extra": {"x": 1}}), field) == expected[field]


def test_the_first_known_key_with_a_value_wins() -> None:
    row = {"description": "Short.", "body": None, "content": TEXT, "summary": "Shorter."}
    assert only(row).text == TEXT


def test_named_fields_stand_over_the_known_ones() -> None:
    row = {"text": "Not this.", "bericht": TEXT, "kop": "Veerboot vaart"}
    article = only(row, fields={"text": "bericht", "title": "kop"})
    assert (article.title, article.text) == ("Veerboot vaart", TEXT)
    with pytest.raises(SettingsError, match="'titel'"):
        next(load([row], limits=Loading(fields={"titel": "kop"})))


def test_a_date_in_the_address_counts_where_the_row_has_none() -> None:
    article = only({"text": TEXT, "url": "https://a.example/2024/05/14/x", "date": "soon"})
    assert article.published == datetime(2024, 5, 14, tzinfo=UTC)


def test_markup_in_a_row_becomes_paragraphs() -> None:
    article = only({"text": f"<p>{TEXT}</p><script>alert(1)</script><p>A &amp; B.</p>"})
    assert article.text == f"{TEXT}\n\nA & B."
    assert only({"text": "If a < b and b > c."}).text == "If a < b and b > c."


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({}, "no text: an empty object"),
        ({"title": "x"}, "no text; found title"),
        ({"text": ""}, "no text"),
        ({"text": "nan"}, "no text"),
        ({"text": float("nan")}, "no text"),
        ({"text": 7}, "expected the text as a string, found a number"),
        ({"text": {"a": 1}}, "expected the text as a string, found an object"),
        ({"text": TEXT, "title": {"a": 1}}, "expected the title as a string"),
        ({"text": "Leave a Reply"}, "no text but page furniture"),
    ],
)
def test_a_bad_row_is_skipped(row: dict[str, object], reason: str) -> None:
    articles, skips = read(row, {"text": TEXT})
    assert len(articles) == 1
    assert reason in skips[0].reason
    assert skips[0].origin == "row 1"


ROWS = [{"id": f"n{n}", "title": f"Title {n}", "text": f"{TEXT} {n}"} for n in range(3)]


@pytest.mark.parametrize(
    "document",
    [ROWS, {"status": "ok", "articles": ROWS}, {"count": 3, "stories": ROWS}, {"wanted": ROWS}],
)
def test_json_lists(tmp_path: Path, document: object) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(document))
    articles, skips = read(path)
    assert [article.id for article in articles] == ["n0", "n1", "n2"]
    assert not skips


def test_a_json_object_is_one_row(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps({"text": TEXT, "tags": [{"name": "sea"}]}))
    assert only(tmp_path / "a.json").text == TEXT


def test_json_lines_under_the_name_of_json(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("\n".join(map(json.dumps, ROWS)))
    assert len(read(tmp_path / "a.json")[0]) == 3


def test_json_lines_tell_the_line(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "One."}\n\n[1]\n{"text": \n{"text": "Two."}')
    articles, skips = read(path)
    assert [article.text for article in articles] == ["One.", "Two."]
    assert [article.origin for article in articles] == [f"{path}:1", f"{path}:5"]
    assert [skip.origin for skip in skips] == [f"{path}:3", f"{path}:4"]
    assert skips[0].reason == "expected an object with a text, found a list"
    assert "not valid JSON" in skips[1].reason


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "utf-16-le", "cp1252"]
)
def test_json_lines_in_other_character_sets(tmp_path: Path, encoding: str) -> None:
    lines = '{"text": "Der Bürgermeister sagte: „Schluß damit“."}\n{"text": "Zwei Fähren."}'
    (tmp_path / "a.jsonl").write_bytes(lines.encode(encoding))
    texts = [article.text for article in read(tmp_path / "a.jsonl")[0]]
    assert texts == ["Der Bürgermeister sagte: „Schluß damit“.", "Zwei Fähren."]


def test_lone_surrogates_in_json_are_replaced(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "One \\ud800 two."}')
    assert only(tmp_path / "a.jsonl").text == "One \ufffd two."


@pytest.mark.parametrize(("name", "mark"), [("a.csv", ","), ("a.csv", ";"), ("a.tsv", "\t")])
def test_tables(tmp_path: Path, name: str, mark: str) -> None:
    head = mark.join(["Headline", "Body", "Date", "Source"])
    body = mark.join(["Ferries", f'"One{mark} ""two"".\n\nThree."', "14 May 2024", "nan"])
    (tmp_path / name).write_text(f"{head}\r\n{body}\r\n\r\n{mark}{mark}\r\n")
    articles, skips = read(tmp_path / name)
    assert articles[0].title == "Ferries"
    assert articles[0].text == f'One{mark} "two".\n\nThree.'
    assert articles[0].published == datetime(2024, 5, 14, tzinfo=UTC)
    assert articles[0].source is None
    assert skips[0].origin.endswith(", row 2")


def test_a_long_article_in_a_table(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('text\n"' + "A long story. " * 20_000 + '"\n')
    assert len(only(tmp_path / "a.csv").text) > 200_000


def test_a_table_in_cp1252(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(
        "title,text\nFähre,Die Fähre fährt – endlich.\n".encode("cp1252")
    )
    assert only(tmp_path / "a.csv").text == "Die Fähre fährt – endlich."


def test_a_table_without_a_text_is_one_skip(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("name,age\nJo,7\nLee,8\n")
    _, skips = read(tmp_path / "a.csv")
    assert [skip.reason for skip in skips] == ["no column for the text; found name, age"]


def test_an_open_quote_does_not_swallow_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('text\nOne.\n"open\n' + "word " * 300_000)
    articles, skips = read(path, max_article_chars=100_000)
    assert articles[0].text == "One."
    assert skips


@pytest.mark.parametrize(("suffix", "compress"), [(".gz", gzip.compress), (".xz", lzma.compress)])
def test_compressed_and_cut_off(tmp_path: Path, suffix: str, compress: object) -> None:
    noise = random.Random(7)
    rows = [{"text": f"Story {n} {noise.getrandbits(800)}"} for n in range(2_000)]
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    data = compress(lines.encode())  # type: ignore[operator]
    (tmp_path / f"whole.jsonl{suffix}").write_bytes(data)
    assert len(read(tmp_path / f"whole.jsonl{suffix}")[0]) == 2_000
    cut = tmp_path / f"cut.jsonl{suffix}"
    cut.write_bytes(data[: len(data) // 2])
    articles, skips = read(cut)
    assert 500 < len(articles) < 1_500
    assert [skip.origin for skip in skips] == [str(cut)]
    assert f"after line {len(articles)}: damaged {suffix} file" in skips[0].reason
    bad = tmp_path / f"bad.jsonl{suffix}"
    bad.write_bytes(data[: len(data) // 2] + b"\x55" * 500 + data[len(data) // 2 + 500 :])
    articles, skips = read(bad)
    assert len(articles) > 500
    assert any("damaged" in skip.reason for skip in skips)


def test_members_of_a_gzip_file(tmp_path: Path) -> None:
    members = [gzip.compress(json.dumps(row).encode() + b"\n") for row in ROWS]
    (tmp_path / "a.jsonl.gz").write_bytes(b"".join(members))
    assert len(read(tmp_path / "a.jsonl.gz")[0]) == 3


def test_too_many_rows(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(ROWS))
    articles, skips = read(tmp_path / "a.json", max_articles_per_file=2)
    assert len(articles) == 2
    assert "over the limit of 2 articles" in skips[0].reason


def test_rows_stream(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "One."}\n' + '{"text": "x"}\n' * 200_000)
    first = next(load([path]))
    assert isinstance(first, Article)
