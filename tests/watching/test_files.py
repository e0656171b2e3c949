"""What a look at files finds: at rest, still moving, gone.  Time is told by the tests."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from newsqa.config import Loading
from newsqa.watching.files import GATHERED, PATIENCE, Files, Look


class Clock:
    """Files on a disk, in a time of the test's own that starts as they were made."""

    def __init__(self, *roots: Path, settle: float = 2.0):
        self.files = Files(roots, limits=Loading(), settle=settle)
        self.now = 1000.0
        self.wall = time.time()

    def look(self, after: float = 0.0) -> Look:
        self.now += after
        self.wall += after
        return self.files.look(now=self.now, wall=self.wall)

    def take(self, after: float = 0.0) -> list[str]:
        look = self.look(after)
        self.files.took(look.ready)
        return [path.name for path in look.ready]


def test_a_file_is_read_once_it_rests(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("half")
    clock = Clock(tmp_path)
    look = clock.look()
    assert (look.ready, look.unsettled) == ({}, True)
    (tmp_path / "a.txt").write_text("half and more")
    clock.wall = time.time() - 3600  # the disk's clock is ahead of ours
    assert clock.take(1.5) == []
    assert clock.take(1.5) == []
    assert clock.take(0.5) == ["a.txt"]
    assert clock.look(60) == Look(ready={}, gone=(), missing=(), skipped=(), unsettled=False)


def test_what_has_rested_before_is_read_at_once(tmp_path: Path) -> None:
    for name in ("b.txt", "a.txt", "README.md", ".hidden.txt"):
        (tmp_path / name).write_text("text")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "c.txt").write_text("text")
    look = Clock(tmp_path).look(after=10)
    assert [str(path.relative_to(tmp_path)) for path in look.ready] == [
        "a.txt", "b.txt", "sub/c.txt",
    ]  # fmt: skip
    assert [skip.reason for skip in look.skipped] == ["about the folder, not an article"]


def test_a_change_is_seen_even_where_size_and_date_are_kept(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("before")
    clock = Clock(tmp_path)
    assert clock.take(10) == ["a.txt"]
    before = file.stat()
    time.sleep(0.02)  # the disk's clock has ticks
    file.write_text("behind")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert clock.take(10) == ["a.txt"]


def test_what_changed_while_it_was_read_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("first")
    clock = Clock(tmp_path)
    look = clock.look(10)
    file.write_text("second, while the first is being taken in")
    clock.files.took(look.ready)
    assert clock.take(10) == ["a.txt"]


def test_what_was_not_taken_stays_ready(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("text")
    clock = Clock(tmp_path)
    assert list(clock.look(10).ready) == list(clock.look().ready) == [tmp_path / "a.txt"]


def test_what_comes_together_is_read_together(tmp_path: Path) -> None:
    clock = Clock(tmp_path)
    taken = []
    for number in range(6):  # a second between two files, each at rest after two
        (tmp_path / f"{number}.txt").write_text("text")
        clock.wall = time.time()
        taken.append(clock.take())
        clock.now += 1
    taken += [clock.take(1) for _ in range(3)]
    assert [len(names) for names in taken if names] == [6]


def test_what_rests_does_not_wait_for_ever(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("text")
    clock = Clock(tmp_path)
    taken = []
    for second in range(1, 31):
        (tmp_path / "log.txt").write_text("x" * second)
        clock.wall = time.time()
        taken += [(name, second) for name in clock.take()]
        clock.now += 1
    ((name, second),) = taken
    assert name == "a.txt"
    assert second == pytest.approx(2 + GATHERED * 2, abs=2)


def test_lines_that_never_rest_are_read_all_the_same(tmp_path: Path) -> None:
    log, text = tmp_path / "log.jsonl", tmp_path / "text.txt"
    clock = Clock(tmp_path)
    taken: list[tuple[str, float]] = []
    for second in range(1, 90):
        for file in (log, text):
            with file.open("a") as opened:
                opened.write("{}\n")
        clock.wall = time.time()
        taken += [(name, second) for name in clock.take()]
        clock.now += 1
    assert [name for name, _ in taken] == ["log.jsonl", "log.jsonl"]
    # With the text beside it, which never rests either, it waits a while longer.
    assert taken[0][1] == pytest.approx(PATIENCE + GATHERED * 2, abs=2)


def test_a_file_that_is_replaced_is_not_gone(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("text")
    clock = Clock(tmp_path)
    clock.take(10)
    file.unlink()
    look = clock.look(0.5)
    assert (look.gone, look.unsettled) == ((), True)
    file.write_text("text again")
    assert clock.look(0.5).gone == ()
    assert clock.take(10) == ["a.txt"]


def test_a_file_that_vanished_is_told_once(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("text")
    clock = Clock(tmp_path)
    clock.take(10)
    file.unlink()
    assert clock.look().gone == ()
    assert clock.look(2).gone == (file,)
    assert clock.look(2) == Look(ready={}, gone=(), missing=(), skipped=(), unsettled=False)
    file.write_text("back")
    assert clock.take(10) == ["a.txt"]


def test_with_its_folder_no_file_is_gone(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (root / "a.txt").write_text("text")
    clock = Clock(root)
    clock.take(10)
    root.rename(tmp_path / "away")
    assert clock.look().missing == ()
    look = clock.look(2)
    assert (look.missing, look.gone) == ((root,), ())
    assert clock.look(2).missing == ()
    (tmp_path / "away").rename(root)
    assert clock.look(10).gone == ()
    root.rename(tmp_path / "away")
    clock.look()
    assert clock.look(2).missing == (root,)


def test_a_folder_that_can_not_be_read_takes_nothing_with_it(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("nothing is forbidden to root")
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "a.txt").write_text("text")
    clock = Clock(tmp_path)
    clock.take(10)
    inner.chmod(0)
    try:
        clock.look()
        assert clock.look(10).gone == ()
    finally:
        inner.chmod(0o700)


def test_links_are_followed_and_each_file_is_read_once(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a.txt").write_text("text")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (tmp_path / "real" / "round").symlink_to(tmp_path / "real")
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "in").symlink_to(tmp_path / "real")
    assert len(Clock(tmp_path / "root", tmp_path / "root" / "in").look(10).ready) == 1
    assert list(Clock(tmp_path / "link").look(10).ready) == [tmp_path / "link" / "a.txt"]
    look = Clock(tmp_path / "root").look(10)
    assert ["a link leads back" in skip.reason for skip in look.skipped] == [True]


def test_what_is_not_read_is_named_once(tmp_path: Path) -> None:
    (tmp_path / "app.log").write_text("1")
    (tmp_path / "broken.txt").symlink_to("nowhere")
    clock = Clock(tmp_path)
    assert [skip.reason for skip in clock.look().skipped] == ["a broken link"]
    assert clock.take(10) == ["app.log"]
    (tmp_path / "app.log").write_text("12")
    look = clock.look(10)
    assert (look.ready, look.skipped, look.unsettled) == ({}, (), False)
    (tmp_path / "broken.txt").unlink()
    clock.look()
    (tmp_path / "broken.txt").symlink_to("nowhere")
    assert len(clock.look().skipped) == 1


def test_a_named_file_is_a_root(tmp_path: Path) -> None:
    file = tmp_path / "README.md"  # named by itself, it is an article
    clock = Clock(file)
    assert clock.look().missing == ()
    assert clock.look(2).missing == (file,)
    file.write_text("text")
    assert clock.take(10) == ["README.md"]
    assert clock.take(10) == []


def test_an_index_in_the_folder_is_no_article(tmp_path: Path) -> None:
    import newsqa
    from newsqa.embedding import HashingEncoder

    newsqa.build(
        [{"id": "a", "text": "The fog has lifted."}],
        index=tmp_path / "indexes" / "mine",
        encoder=HashingEncoder(),
    )
    look = Clock(tmp_path).look(10)
    assert look.ready == {}
    assert [(skip.origin, skip.reason) for skip in look.skipped] == [
        (str(tmp_path / "indexes" / "mine"), "an index, not articles")
    ]


def test_which_folder_shows_that_a_file_is_gone(tmp_path: Path) -> None:
    deep = tmp_path / "a" / "b" / "c"
    deep.mkdir(parents=True)
    (tmp_path / "a" / "other.txt").write_text("text")
    files = Clock(tmp_path).files
    gone = deep / "gone.txt"
    assert files.around([gone]) == {tmp_path / "a"}
    (deep / ".hidden.txt").write_text("text")
    assert files.around([gone]) == {tmp_path / "a"}
    (deep / "more.txt").write_text("text")
    assert files.around([gone, tmp_path / "x.txt"]) == {deep, tmp_path}
    assert files.around([tmp_path.parent / "elsewhere.txt"]) == set()


def test_a_folder_that_is_written_to_shows_nothing_yet(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("text")
    clock = Clock(tmp_path)
    assert clock.look().unsettled
    assert clock.files.around([tmp_path / "gone.txt"]) == clock.files.whole([tmp_path]) == set()
    clock.take(10)
    assert clock.files.around([tmp_path / "gone.txt"]) == {tmp_path}
    assert clock.files.whole([tmp_path]) == {tmp_path}
