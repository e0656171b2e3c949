"""Watch over real folders, a real index and a real site, in a thread of the test's process."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import watchfiles

import newsqa
from newsqa.config import Loading
from newsqa.embedding import HashingEncoder
from newsqa.errors import ArchiveError
from newsqa.indexing import Index
from newsqa.indexing.writing import exclusive
from newsqa.watching import Event, Watch, running
from newsqa.watching.taking import Taker

from .following import Site, served, wait_for

HERE = newsqa.Settings(loading=Loading(private_addresses=True, host_delay_seconds=0))


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


class Following:
    """A Watch that runs, and what it told."""

    def __init__(self, *sources: str | Path, index: Path, **options: Any):
        self.events: list[Event] = []
        self.index = index
        self.failed: BaseException | None = None
        given = {"encoder": HashingEncoder(), "settle": 0.1, "every": 0.2, "settings": HERE}
        self.watch = Watch(sources, index=index, tell=self.events.append, **{**given, **options})
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            self.watch.run()
        except BaseException as error:
            self.failed = error

    def of(self, kind: str) -> list[Event]:
        return [event for event in self.events if event.kind == kind]

    def wait(self, kind: str, count: int = 1) -> list[Event]:
        wait_for(lambda: self.failed or len(self.of(kind)) >= count, f"{count} {kind}")
        assert self.failed is None
        return self.of(kind)

    def stop(self) -> None:
        self.watch.stop()
        self._thread.join(60)
        assert not self._thread.is_alive()

    def found(self) -> set[str]:
        index = Index.open(self.index)
        try:
            return {article.title or "" for article in index.articles()}
        finally:
            index.close()


Follow = Callable[..., Following]


@pytest.fixture
def follow(tmp_path: Path) -> Iterator[Follow]:
    started: list[Following] = []

    def start(*sources: str | Path, **options: Any) -> Following:
        following = Following(*sources, **{"index": tmp_path / "index", **options})
        started.append(following)
        return following

    yield start
    for following in started:
        following.stop()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "root").mkdir()
    return tmp_path / "root"


@pytest.fixture
def site() -> Iterator[Site]:
    with served("127.0.0.1") as site:
        yield site


def story(path: Path, title: str, text: str = "Seen from the bay.") -> Path:
    """Write a file as editors do: beside it, then in its place."""
    beside = path.with_name(f".{path.name}.new")
    beside.write_text(f"# {title}\n\n{text}\n")
    beside.rename(path)
    return path


# Folders and files.


def test_from_nothing_to_an_index_that_keeps_up(follow: Follow, root: Path) -> None:
    story(root / "a.md", "Fog")
    following = follow(root)
    (ready,) = following.wait("ready")
    assert ready.counts == {
        "added": 1,
        "updated": 0,
        "unchanged": 0,
        "removed": 0,
        "skipped": 0,
        "failed": 0,
    }
    (root / "later" / "deep").mkdir(parents=True)
    story(root / "later" / "deep" / "b.md", "Ferry")
    added = following.wait("added", 2)
    assert [event.title for event in added] == ["Fog", "Ferry"]
    assert added[1].origin == str(root / "later" / "deep" / "b.md")
    story(root / "a.md", "Fog lifts")
    (updated,) = following.wait("updated")
    assert (updated.title, updated.article_id) == ("Fog lifts", added[0].article_id)
    assert following.found() == {"Fog lifts", "Ferry"}
    (root / "a.md").unlink()
    (gone,) = following.wait("gone")
    assert gone.origin == str(root / "a.md")
    assert following.found() == {"Fog lifts", "Ferry"}
    following.stop()
    assert following.events[-1].kind == "stopped"
    assert following.events[-1].counts == {
        "added": 2, "updated": 1, "unchanged": 0, "removed": 0, "skipped": 0, "failed": 0,
    }  # fmt: skip


def test_a_second_start_changes_nothing(follow: Follow, root: Path) -> None:
    story(root / "a.md", "Fog")
    newsqa.build([root], index=root.parent / "index", encoder=HashingEncoder())
    following = follow(root)
    (ready,) = following.wait("ready")
    assert ready.counts is not None
    assert (ready.counts["added"], ready.counts["unchanged"]) == (0, 1)


def test_many_at_once_are_one_change(
    follow: Follow, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[int] = []
    take = Taker.take

    def counted(self: Taker, units: Sequence[Any]) -> None:
        taken.append(len(units))
        take(self, units)

    monkeypatch.setattr(Taker, "take", counted)
    following = follow(root, settle=1.0)
    following.wait("ready")
    dropped = root.parent / "dropped"
    dropped.mkdir()
    for number in range(2000):
        (dropped / f"{number}.md").write_text(f"# Story {number}\n\nThe bay is calm.\n")
    dropped.rename(root / "dropped")
    following.wait("added", 2000)
    assert taken == [2000]


def test_relative_home_and_linked_paths(
    follow: Follow, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root.parent)
    home = Path(os.environ["HOME"])
    (home / "news").mkdir()
    (root.parent / "link").symlink_to(root)
    (root.parent / "real").mkdir()
    named = root.parent / "named.md"
    following = follow("./real", "~/news", "link", "named.md", "./real/")
    assert following.events[0].reason == "following 4 paths"
    following.wait("waiting")
    monkeypatch.chdir(home)
    story(root.parent / "real" / "a.md", "Fog")
    story(home / "news" / "b.md", "Ferry")
    story(root / "c.md", "Tide")
    story(named, "Bridge")
    added = following.wait("added", 4)
    assert {event.origin for event in added} == {
        str(root.parent / "real" / "a.md"), str(home / "news" / "b.md"),
        str(root.parent / "link" / "c.md"), str(named),
    }  # fmt: skip
    story(named, "Bridge shut")
    assert [event.title for event in following.wait("updated")] == ["Bridge shut"]


def test_a_link_that_comes_later_and_leads_round(follow: Follow, root: Path) -> None:
    elsewhere = root.parent / "elsewhere"
    elsewhere.mkdir()
    following = follow(root)
    following.wait("ready")
    (root / "round").symlink_to(root)
    (root / "nowhere").symlink_to("missing")
    (root / "in").symlink_to(elsewhere)
    following.wait("skipped", 2)
    assert {event.reason for event in following.of("skipped")} == {
        "a broken link", "a folder that was already read (a link leads back to it)",
    }  # fmt: skip
    story(elsewhere / "a.md", "Fog")
    (added,) = following.wait("added")
    assert added.origin == str(root / "in" / "a.md")


def test_names_that_are_no_text(follow: Follow, root: Path) -> None:
    following = follow(root)
    following.wait("ready")
    for count, title in enumerate(("Fog", "Ferry"), start=1):
        path = os.fsencode(root) + b"/n\xff" + title.encode() + b".md"
        try:
            with open(path, "w") as file:
                file.write(f"# {title}\n\nSeen from the bay.\n")
        except OSError:
            pytest.skip("this disk takes no such names")
        following.wait("added", count)
    story(root / "a.md", "Tide")
    assert [event.title for event in following.wait("added", 3)] == ["Fog", "Ferry", "Tide"]
    assert following.of("failed") == []


def test_a_folder_that_goes_and_comes_back(follow: Follow, root: Path) -> None:
    story(root / "a.md", "Fog")
    following = follow(root)
    following.wait("ready")
    shutil.rmtree(root)
    (waiting,) = following.wait("waiting")
    assert waiting.origin == str(root)
    assert following.found() == {"Fog"}
    root.mkdir()
    story(root / "a.md", "Fog")
    story(root / "b.md", "Ferry")
    following.wait("added", 2)
    story(root / "c.md", "Tide")
    assert [event.title for event in following.wait("added", 3)] == ["Fog", "Ferry", "Tide"]
    assert following.of("gone") == following.of("updated") == []


def test_skips_are_told_once_and_again_when_they_change(follow: Follow, root: Path) -> None:
    (root / "rows.jsonl").write_text('{"title": "Fog", "text": "In the bay."}\nno row\n')
    (root / "report.pdf").write_bytes(b"%PDF")
    following = follow(root)
    following.wait("ready")
    assert [event.origin for event in following.of("skipped")] == [
        str(root / "report.pdf"),
        f"{root / 'rows.jsonl'}:2",
    ]
    assert following.of("skipped")[0].reason == "unknown kind of file: .pdf"
    with (root / "rows.jsonl").open("a") as file:
        file.write('{"title": "Ferry", "text": "In the bay."}\n')
    following.wait("added", 2)
    with (root / "rows.jsonl").open("a") as file:
        file.write("no row either\n")
    following.wait("skipped", 3)
    assert following.of("skipped")[2].origin == f"{root / 'rows.jsonl'}:4"


def test_prune_removes_what_is_gone_from_its_folder(follow: Follow, root: Path) -> None:
    for name in ("a", "b", "c"):
        story(root / f"{name}.md", name.upper())
    (root / "sub").mkdir()
    story(root / "sub" / "d.md", "D")
    rows = root / "rows.jsonl"
    rows.write_text('{"title": "E", "text": "The bay."}\n{"title": "F", "text": "The bay."}\n')
    newsqa.build([root], index=root.parent / "index", encoder=HashingEncoder())
    (root / "a.md").unlink()  # while nobody follows
    following = follow(root, prune=True)
    following.wait("ready")
    assert following.found() == {"B", "C", "D", "E", "F"}
    (root / "b.md").unlink()
    following.wait("removed", 2)
    shutil.rmtree(root / "sub")
    following.wait("removed", 3)
    rows.write_text('{"title": "F", "text": "The bay."}\n')
    following.wait("removed", 4)
    (root / "c.md").rename(root / "moved.md")
    following.wait("removed", 5)
    assert following.found() == {"C", "F"}
    assert [event.title for event in following.of("added")] == ["C"]
    story(root / "b.md", "B")
    following.wait("added", 2)
    assert following.found() == {"B", "C", "F"}
    assert following.of("skipped") == following.of("failed") == []


def test_prune_removes_nothing_of_a_folder_that_is_empty_or_gone(
    follow: Follow, root: Path
) -> None:
    story(root / "a.md", "Fog")
    following = follow(root, prune=True)
    following.wait("ready")
    (root / "a.md").unlink()
    following.wait("skipped", 2)
    assert "not removed" in (following.of("skipped")[1].reason or "")
    root.rmdir()
    following.wait("waiting")
    assert following.found() == {"Fog"}
    assert following.of("removed") == []


def test_a_log_that_never_rests_does_not_put_off_being_ready(follow: Follow, root: Path) -> None:
    story(root / "a.md", "Fog")
    following = follow(root, prune=True)
    ended = threading.Event()

    def write() -> None:
        while not ended.wait(0.02):
            with (root / "growing.log").open("a") as file:
                file.write("x")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        following.wait("ready")
        story(root / "b.md", "Ferry")
        following.wait("added", 2)
    finally:
        ended.set()
        writer.join()


# What goes wrong.


def test_without_word_of_changes_files_are_looked_at_now_and_then(
    follow: Follow, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError("No space left on device: OS file watch limit reached")

    monkeypatch.setattr(watchfiles, "watch", full)
    monkeypatch.setattr(running, "LOOK_EVERY", 0.5)
    following = follow(root)
    following.wait("ready")
    failed = following.wait("failed", 2)
    assert {event.origin for event in failed} == {str(root), str(root.parent)}
    assert "watch limit reached: changes are looked for" in (failed[0].reason or "")
    story(root / "a.md", "Fog")
    following.wait("added")
    assert len(following.of("failed")) == 2


def test_another_writer_is_waited_for(follow: Follow, root: Path) -> None:
    following = follow(root)
    following.wait("ready")
    with exclusive(following.index):
        story(root / "a.md", "Fog")
        (waiting,) = following.wait("waiting")
        assert "another process is writing" in (waiting.reason or "")
        story(root / "b.md", "Ferry")
    following.wait("added", 2)
    assert len(following.of("waiting")) == 1


def test_another_writer_is_waited_for_from_the_start(follow: Follow, root: Path) -> None:
    story(root / "a.md", "Fog")
    (root.parent / "index").mkdir()
    with exclusive(root.parent / "index"):
        following = follow(root)
        following.wait("waiting")
    following.wait("ready")
    assert following.found() == {"Fog"}


def test_one_article_that_breaks_a_reader_stops_no_other(
    follow: Follow, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loading = import_module("newsqa.articles.load")
    read = loading.read_file

    def broken(path: Path, **options: Any) -> Any:
        if path.name == "bad.md":
            raise RuntimeError("a bug")
        return read(path, **options)

    monkeypatch.setattr(loading, "read_file", broken)
    for name in ("a", "bad", "c", "d", "e"):
        story(root / f"{name}.md", name.upper())
    following = follow(root)
    following.wait("ready")
    assert {event.title for event in following.of("added")} == {"A", "C", "D", "E"}
    (failed,) = following.of("failed")
    assert failed.origin == str(root / "bad.md")
    assert "RuntimeError: a bug" in (failed.reason or "")


def test_an_index_that_can_not_be_written_to_loses_nothing(
    follow: Follow, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    following = follow(root)
    following.wait("ready")
    add = newsqa.NewsQA.add
    full = True

    def add_or_fail(self: newsqa.NewsQA, *arguments: Any, **options: Any) -> Any:
        if full:
            raise ArchiveError("the disk is full")
        return add(self, *arguments, **options)

    monkeypatch.setattr(newsqa.NewsQA, "add", add_or_fail)
    story(root / "a.md", "Fog")
    (failed,) = following.wait("failed")
    assert "the disk is full" in (failed.reason or "")
    full = False
    following.wait("added")


def test_an_index_that_is_made_anew_gets_everything_again(follow: Follow, root: Path) -> None:
    story(root / "a.md", "Fog")
    following = follow(root)
    following.wait("ready")
    shutil.rmtree(following.index)
    story(root / "b.md", "Ferry")
    following.wait("added", 3)
    assert following.found() == {"Fog", "Ferry"}


def test_an_index_of_another_encoder_ends_it_at_once(follow: Follow, root: Path) -> None:
    newsqa.build([], index=root.parent / "index", encoder=HashingEncoder(dimension=32))
    following = follow(root)
    wait_for(lambda: following.failed, "the error")
    assert isinstance(following.failed, newsqa.IndexMismatch)


def test_nothing_to_follow(tmp_path: Path) -> None:
    told: list[Event] = []
    with pytest.raises(newsqa.InputError, match="nothing to follow"):
        Watch(["ftp://bay.example/", "http://"], index=tmp_path, tell=told.append)
    assert [event.reason for event in told] == [
        "ftp addresses are not read, only http and https",
        "not an address that can be fetched",
    ]


def test_stopped_while_adding(follow: Follow, root: Path) -> None:
    class Stopping(HashingEncoder):
        def encode(self, texts: Sequence[str], **options: Any) -> Any:
            if len(texts):
                following.watch.stop()
            return super().encode(texts, **options)

    for number in range(5):
        story(root / f"{number}.md", f"Story {number}")
    following = follow(root, encoder=Stopping())
    wait_for(lambda: following.of("stopped"), "the end")
    assert following.failed is None
    assert "the next start does the rest" in (following.events[-1].reason or "")
    again = follow(root)
    again.wait("ready")
    assert len(again.found()) == 5


# Addresses.


def test_a_feed_is_followed(follow: Follow, root: Path, site: Site) -> None:
    etag = site.feed("/feed", "Fog", "Ferry")
    following = follow(f"{site.url}/feed")
    following.wait("ready")
    assert following.found() == {"Fog", "Ferry"}
    wait_for(lambda: site.asked.count(("/feed", etag)) >= 2, "asking for what changed")
    site.feed("/feed", "Ferry", "Tide")
    assert [event.title for event in following.wait("added", 3)] == ["Fog", "Ferry", "Tide"]
    assert following.found() == {"Fog", "Ferry", "Tide"}  # what left the feed stays
    assert following.of("failed") == following.of("updated") == []
    assert site.asked[0] == ("/feed", None)


def test_what_was_withdrawn_does_not_come_back_and_is_named_once(
    follow: Follow, site: Site
) -> None:
    site.feed("/feed", "Fog", "Ferry")
    following = follow(f"{site.url}/feed")
    following.wait("ready")
    (fog,) = (event.article_id for event in following.of("added") if event.title == "Fog")
    newsqa.remove(fog, index=following.index)
    site.feed("/feed", "Tide", "Fog", "Ferry")
    following.wait("added", 3)
    site.feed("/feed", "Moon", "Tide", "Fog", "Ferry")
    following.wait("added", 4)
    assert following.found() == {"Moon", "Tide", "Ferry"}
    (skipped,) = following.of("skipped")
    assert "it was withdrawn on" in (skipped.reason or "")


def test_sections_with_the_same_stories_do_not_undo_each_other(follow: Follow, site: Site) -> None:
    site.feed("/front", "Fog")
    site.feed("/world", "Fog", "Tide")
    world = site.answers["/world"]

    def renamed(handler: Any) -> None:
        write = handler.wfile.write
        handler.wfile.write = lambda data: write(data.replace(b"reported", b"told at length"))
        world(handler)

    site.answers["/world"] = renamed
    following = follow(f"{site.url}/front", f"{site.url}/world")
    following.wait("ready")
    site.feed("/front", "Fog", "Ferry")
    following.wait("added", 3)
    with newsqa.NewsQA.open(following.index, encoder=HashingEncoder()) as qa:
        (fog,) = [h.article for h in qa.search("Fog", k=9) if h.article.title == "Fog"]
    assert "reported" in fog.text
    before = len(following.of("updated"))
    site.feed("/front", "Fog", "Ferry", "Tide")
    wait_for(lambda: len(following.of("updated")) > before, "the first section's word")
    assert [event.title for event in following.of("updated")][before:] == ["Tide"]


def test_addresses_that_fail_stop_nothing(follow: Follow, root: Path, site: Site) -> None:
    site.feed("/feed", "Fog")
    site.refuse("/broken", 500)
    site.refuse("/busy", 429, Retry_After="7000")
    site.drip("/slow")
    site.refuse("/image", 200, Content_Type="image/png")
    limits = Loading(private_addresses=True, host_delay_seconds=0, download_seconds=1.0)
    urls = [f"{site.url}/{name}" for name in ("slow", "feed", "broken", "image", "busy")]
    urls += ["http://127.0.0.1:9/unused", f"{site.url}/held"]
    following = follow(root, *urls, settings=newsqa.Settings(loading=limits), every=60)
    story(root / "a.md", "Ferry")
    following.wait("ready")
    story(root / "b.md", "Tide")
    following.wait("added", 3)
    failed = {event.origin: event.reason or "" for event in following.of("failed")}
    assert set(failed) == {urls[0], urls[2], urls[4], urls[5]}
    assert "no whole answer within 1 seconds" in failed[f"{site.url}/slow"]
    assert "500 Internal Server Error; asked again in" in failed[f"{site.url}/broken"]
    assert (
        "asks to wait 7,000 seconds; its host is let alone for 7,000" in failed[f"{site.url}/busy"]
    )
    (skipped,) = following.of("skipped")
    assert (skipped.origin, skipped.reason) == (f"{site.url}/image", "an empty answer")
