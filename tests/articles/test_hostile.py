"""Hostile and broken inputs: each ends in a Skip with its reason, and nothing stops the rest."""

import gzip
import json
import lzma
import os
import re
import time
from pathlib import Path

import pytest

from newsqa.articles import load
from newsqa.articles.reading import BOMB_RATIO
from newsqa.config import Loading
from newsqa.types import Article, Skip

from .loading import NOW, TEXT, read


@pytest.fixture
def reason(tmp_path: Path):  # type: ignore[no-untyped-def]
    """The reason for which a file is skipped, with a good file read before and after it."""

    def skip_reason(name: str, data: bytes, **limits: object) -> str:
        folder = tmp_path / "archive"
        folder.mkdir()
        (folder / "0.txt").write_text("Before the bad file.")
        (folder / name).write_bytes(data)
        (folder / "zz.txt").write_text("After the bad file.")
        articles, skips = read(folder, **limits)
        assert [article.text[:5] for article in articles] == ["Befor", "After"]
        assert [re.split("[:,]", skip.origin)[0] for skip in skips] == [str(folder / name)]
        return skips[0].reason

    return skip_reason


KINDS = ["a.txt", "a.md", "a.html", "a.json", "a.jsonl", "a.csv", "a.tsv", "a.xml"]


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("data", [b"", b" \n\n\t", b"\xef\xbb\xbf"])
def test_empty(reason, name: str, data: bytes) -> None:  # type: ignore[no-untyped-def]
    assert reason(name, data).startswith(("empty", "no "))


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize(
    "data",
    [
        b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 50,
        b"%PDF-1.7 text that looks like text",
        bytes(range(256)) * 100,
        bytes(5000),
    ],
)
def test_binary(reason, name: str, data: bytes) -> None:  # type: ignore[no-untyped-def]
    assert reason(name, data) == "binary data, not text"


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("a.txt", b"x" * (50 << 20), "characters, over the limit"),
        ("a.jsonl", b'{"text": "' + b"x" * (50 << 20) + b'"}', "characters, over the limit"),
        ("a.jsonl", b"x" * (50 << 20), "not valid JSON"),
        ("a.json", b"[" + b"1," * (25 << 20), "not valid JSON"),
        ("a.csv", b"text\n" + b"x" * (50 << 20), "not a record: field larger than field limit"),
        ("a.html", b"<p>" + b"x" * (50 << 20), "larger than the limit"),
        ("a.xml", b"<rss>" + b"x" * (50 << 20), "larger than the limit"),
    ],
)
def test_fifty_megabytes_on_one_line(reason, name: str, data: bytes, expected: str) -> None:  # type: ignore[no-untyped-def]
    start = time.monotonic()
    assert expected in reason(name, data)
    assert time.monotonic() - start < 20


def test_a_line_over_the_limit_leaves_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "One."}\n{"text": "' + "x" * 3_000_000 + '"}\n{"text": "Three."}\n')
    articles, skips = read(path, max_file_bytes=1_000_000)
    assert [article.text for article in articles] == ["One.", "Three."]
    assert [(skip.origin, skip.reason) for skip in skips] == [
        (f"{path}:2", "a line over the limit of 1,000,000 bytes")
    ]


@pytest.mark.parametrize("encoding", ["cp1252", "iso8859_15", "utf-16", "utf-16-be", "utf-8-sig"])
def test_other_character_sets_are_read(tmp_path: Path, encoding: str) -> None:
    text = "Der Bürgermeister von Köln hat „genug“, sagt er. Die Fähre fährt wieder für alle. " * 3
    text = text.replace("„", '"').replace("“", '"')
    (tmp_path / "a.txt").write_bytes(text.encode(encoding))
    assert read(tmp_path / "a.txt")[0][0].text == text.strip()


def test_cyrillic_without_a_declaration(tmp_path: Path) -> None:
    text = "Паромы снова ходят между портом и островами, сообщил во вторник перевозчик. " * 5
    (tmp_path / "a.txt").write_bytes(text.encode("cp1251"))
    assert read(tmp_path / "a.txt")[0][0].text == text.strip()


def test_a_page_declares_its_character_set(tmp_path: Path) -> None:
    story = "<p>Паромы снова ходят между портом и островами, сообщил перевозчик во вторник.</p>"
    page = f'<html><head><meta charset="koi8-r"></head><body><article>{story * 3}</article></body>'
    (tmp_path / "a.html").write_bytes(page.encode("koi8-r"))
    assert "Паромы снова ходят" in read(tmp_path / "a.html")[0][0].text


def test_broken_utf8_is_read_with_marks(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(
        "Fähre für Köln, Bürger müßten wählen.".encode() + b" \xff end."
    )
    assert read(tmp_path / "a.txt")[0][0].text.endswith("Bürger müßten wählen. \ufffd end.")


@pytest.mark.parametrize("depth", [100, 5_000, 200_000])
@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
@pytest.mark.parametrize(("left", "right"), [("[", "]"), ('{"a":', "}")])
def test_deeply_nested_json(reason, name: str, depth: int, left: str, right: str) -> None:  # type: ignore[no-untyped-def]
    data = '{"text": "x", "a": ' + left * depth + "1" + right * depth + "}"
    assert reason(name, data.encode()) == "nested more than 64 levels deep"


def test_html_with_scripts(tmp_path: Path) -> None:
    story = (
        "<p>The ferries sail again, the operator of the harbour said on Tuesday morning.</p>" * 3
    )
    (tmp_path / "a.html").write_text(
        f"<html><body><script>alert('evil')</script><article>{story}<script>evil()</script>"
        f"<style>evil{{}}</style><img src=x onerror=evil()></article></body></html>"
    )
    (tmp_path / "b.html").write_text("<html><script>alert('evil')</script></html>")
    articles, skips = read(tmp_path)
    assert "evil" not in repr(articles)
    assert [skip.reason for skip in skips] == ["no story found in the page"]


def test_symlink_loops(tmp_path: Path) -> None:
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    (deep / "x.txt").write_text("A story.")
    (deep / "up").symlink_to(tmp_path)
    (tmp_path / "self").symlink_to("self")
    (tmp_path / "y.txt").symlink_to(deep / "x.txt")
    (tmp_path / "z.txt").symlink_to(tmp_path / "nowhere")
    articles, skips = read(tmp_path)
    assert [article.text for article in articles] == ["A story."]
    reasons = {Path(skip.origin).name: skip.reason for skip in skips}
    assert reasons["up"].startswith("a folder that was already read")
    assert reasons["self"].startswith("can't be read: Too many levels of symbolic links")
    assert reasons["y.txt"] == "a file that was already read under another name"
    assert reasons["z.txt"] == "a broken link"


def test_unreadable_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a.txt", "b.txt", "c.jsonl", "d.html"):
        (tmp_path / name).write_text(json.dumps({"text": TEXT}))
    opened = Path.open

    def refuse(path: Path, *args: object, **kwargs: object) -> object:
        if path.name != "b.txt":
            raise PermissionError(13, "Permission denied")
        return opened(path, *args, **kwargs)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", refuse)
    articles, skips = read(tmp_path)
    assert len(articles) == 1
    assert {skip.reason for skip in skips} == {"can't be read: Permission denied"}
    assert [Path(skip.origin).name for skip in skips] == ["a.txt", "c.jsonl", "d.html"]


def test_pipes_and_devices_are_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.txt")
    assert read(tmp_path)[1][0].reason == "not a regular file"
    assert read(tmp_path / "a.txt")[1][0].reason == "not a regular file"


def test_duplicate_ids() -> None:
    rows = [
        {"id": "1", "text": "One."}, {"id": "1", "text": "One."}, {"id": "1", "text": "Two."},
        {"url": "https://a.example/x", "text": "One."},
        {"url": "http://a.example/x/?utm_source=y", "text": "Other."},
    ]  # fmt: skip
    articles, skips = read(*rows)
    assert [article.origin for article in articles] == ["row 1", "row 4"]
    assert [skip.reason for skip in skips[:2]] == [
        "the same article as row 1",
        "duplicate id 1: already read from row 1",
    ]
    assert skips[2].reason.endswith("already read from row 4")


@pytest.mark.parametrize("date", ["2024-13-45", "yesterday", "0000-00-00", "9999-01-01", -1, {}])
def test_dates_that_are_none(date: object) -> None:
    ((article,), skips) = read({"text": TEXT, "published": date})
    assert article.published is None
    assert not skips


@pytest.mark.parametrize(("suffix", "compress"), [(".gz", gzip.compress), (".xz", lzma.compress)])
@pytest.mark.parametrize(("name", "unit"), [("a.txt", b"x"), ("a.jsonl", b"x"), ("a.jsonl", b"\n")])
def test_decompression_bombs(reason, suffix: str, compress, name: str, unit: bytes) -> None:  # type: ignore[no-untyped-def]
    data = compress(unit * (20 << 20))
    assert len(data) * BOMB_RATIO < 20 << 20
    assert "limit of 1,048,576" in reason(name + suffix, data, max_file_bytes=1 << 20)


@pytest.mark.parametrize("suffix", [".gz", ".xz", ".bz2"])
@pytest.mark.parametrize("data", [b"", b"not compressed at all"])
def test_no_compressed_file(reason, suffix: str, data: bytes) -> None:  # type: ignore[no-untyped-def]
    assert reason("a.txt" + suffix, data).startswith(("damaged", "empty"))


def test_unknown_kinds_are_named(tmp_path: Path) -> None:
    for name in ("a.png", "b.zip", "NOTES", ".hidden", "c.txt.gpg"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "a.txt").write_text("Hidden.")
    articles, skips = read(tmp_path)
    assert not articles
    assert [skip.reason.removeprefix("unknown kind of file: ") for skip in skips] == [
        "no ending", ".png", ".zip", ".gpg",
    ]  # fmt: skip


def test_folders_too_deep(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*"abc")
    deep.mkdir(parents=True)
    assert read(tmp_path, max_folder_depth=2)[1][0].reason == "more than 2 folders deep"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("nowhere.txt", "no such file or folder"),
        (Path("nowhere"), "no such file or folder"),
        ("nul\0.txt", "can't be read"),
        ("x" * 5000, "can't be read"),
        ("ftp://a.example/x", "ftp addresses are not read"),
        ("file:///etc/passwd", "file addresses are not read"),
        (7, "expected a path, an address, a row or an Article, found int"),
        (None, "found NoneType"),
    ],
)
def test_what_can_not_be_read_is_a_skip(given: object, expected: str) -> None:
    articles, skips = read(given, {"text": TEXT})
    assert len(articles) == 1
    assert expected in skips[0].reason


def test_an_empty_folder_is_named(tmp_path: Path) -> None:
    assert read(tmp_path)[1] == [Skip(origin=str(tmp_path), reason="an empty folder")]


def test_articles_are_passed_on() -> None:
    ((article,), _) = read({"text": TEXT, "title": "Ferries"})
    again = list(load([article, article], now=NOW))
    assert again[0] == article
    assert isinstance(again[1], Skip)


def test_given_articles_are_made_sure_of() -> None:
    bad = Article(id="1", title="A\nB", text="One\ud800\r\n\x00", content_hash="wrong")
    (article,) = load([bad], now=NOW)
    assert isinstance(article, Article)
    assert (article.title, article.text) == ("A B", "One\ufffd\n")
    assert article.content_hash != "wrong"
    empty = Article(id="2", title=None, text=" ", content_hash="")
    assert read(empty)[1][0].reason == "no text"
    assert "over the limit" in read(bad, max_article_chars=2)[1][0].reason


def test_one_path_alone_is_meant_as_such(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT)
    for path in (tmp_path / "a.txt", str(tmp_path)):
        assert len(list(load(path, limits=Loading()))) == 1  # type: ignore[arg-type]


def test_a_file_about_the_folder_is_no_article(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("# About\n\nThis folder holds articles.")
    (tmp_path / "story.txt").write_text(TEXT)
    articles, skips = read(tmp_path)
    assert len(articles) == 1
    assert [skip.reason for skip in skips] == ["about the folder, not an article"]
    assert len(read(tmp_path / "README.md")[0]) == 1
