"""One writer, any number of readers: in threads, in processes, killed or not."""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from newsqa.errors import ArchiveError, IndexBusy
from newsqa.indexing import Filter, Index

HOLD = """
from newsqa.indexing import Index
with Index.open(sys.argv[1]).writing():
    print("held", flush=True)
    sys.stdin.readline()
"""

READ = """
import os
from newsqa.embedding import HashingEncoder
from newsqa.indexing import Filter, Index, View
if len(sys.argv) > 2:
    os.setgid(int(sys.argv[2]))
    os.setuid(int(sys.argv[2]))
index = Index.open(sys.argv[1])
print("open", flush=True)
vector = HashingEncoder(32).encode(["Version one two three"])[0]
for _ in sys.stdin:
    with index.view() as view:
        dense = view.dense(vector, 1000, Filter())
        lexical = view.lexical({"version": 1.0}, 1000, Filter())
        for found in (dense, lexical):
            texts = [a.text for _, a in view.passages([s.id for s in found]).values()]
            print(len(found), *sorted(set(texts)), sep="|", end="\\t")
        print(flush=True)
"""


def refused_at_once(index: Index) -> None:
    started = time.perf_counter()
    with pytest.raises(IndexBusy, match="another process is writing"), index.writing():
        pass
    assert time.perf_counter() - started < 2


def version(box, n: int, articles: int = 6) -> list:
    return [box.article(f"a{i}", f"Version {n} of it.", i) for i in range(articles)]


def test_a_second_writer_in_another_process_is_told_at_once(box, flood, child) -> None:
    holder = child(HOLD, box.path)
    assert holder.stdout.readline() == "held\n"
    refused_at_once(flood)
    assert len(box.texts(flood, "flood")["dense"]) == 3  # readers go on
    assert Index.open(box.path).info().articles == 3
    holder.stdin.write("\n")
    holder.stdin.close()
    holder.wait(10)
    box.put(flood, box.article("new", "Now we may."))


def test_a_second_writer_in_another_thread_is_told_at_once(box, flood) -> None:
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with flood.writing():
            held.set()
            done.wait(20)

    with ThreadPoolExecutor(1) as pool:
        holding = pool.submit(hold)
        assert held.wait(10)
        for index in (flood, Index.open(box.path)):
            refused_at_once(index)
        done.set()
        holding.result(10)
    box.put(flood, box.article("new", "Now we may."))


def test_a_second_writer_in_the_same_thread_is_told_at_once(flood) -> None:
    with flood.writing():
        refused_at_once(flood)


def test_the_lock_of_a_killed_writer_holds_nobody_up(box, flood, child) -> None:
    holder = child(HOLD, box.path)
    assert holder.stdout.readline() == "held\n"
    holder.kill()
    holder.wait(10)
    box.put(flood, box.article("new", "Now we may."))
    assert flood.article("new") is not None


def test_the_lock_is_let_go_when_a_writer_fails(box, flood) -> None:
    with pytest.raises(ZeroDivisionError), flood.writing():
        _ = 1 / 0
    box.put(flood, box.article("new", "Now we may."))


def seen(line: str) -> list[list[str]]:
    """Of each search: how many were found, and the texts."""
    return [part.split("|") for part in line.rstrip("\n").split("\t") if part]


def test_a_reader_in_another_process_sees_every_commit_at_its_next_view(box, child) -> None:
    index = box.make(*version(box, 0))
    reader = child(READ, box.path)
    assert reader.stdout.readline() == "open\n"
    for n in range(1, 5):
        box.put(index, *version(box, n))
        reader.stdin.write("look\n")
        assert seen(reader.stdout.readline()) == [["6", f"Version {n} of it."]] * 2
    index.close()


def test_a_reader_never_sees_half_of_a_change(box, child) -> None:
    """Each commit changes all six articles: whoever looks sees all of one version."""
    index = box.make(*version(box, 0))
    other = Index.open(box.path)
    process = child(READ, box.path)
    assert process.stdout.readline() == "open\n"
    done = threading.Event()
    views = {"same": 0, "other": 0, "process": 0}

    def look(name: str, reader: Index) -> None:
        while not done.is_set():
            with reader.view() as view:
                for found in (box.dense(view, "Version"), box.lexical(view, "version")):
                    rows = view.passages([s.id for s in found])
                    assert len(found) == len(rows) == 6
                    assert len({article.text for _, article in rows.values()}) == 1
                assert view.coverage(Filter()).articles == 6
            views[name] += 1

    def ask() -> None:
        while not done.is_set():
            process.stdin.write("look\n")
            dense, lexical = seen(process.stdout.readline())
            assert dense == lexical
            assert (dense[0], len(dense)) == ("6", 2)
            views["process"] += 1

    with ThreadPoolExecutor(3) as pool:
        looking = [pool.submit(look, "same", index), pool.submit(look, "other", other),
                   pool.submit(ask)]  # fmt: skip
        try:
            for n in range(1, 11):
                box.put(index, *version(box, n))
        finally:
            done.set()
        for one in looking:
            one.result(30)
    assert min(views.values()) > 0
    for reader in (index, other):
        assert reader.check().problems == ()
        reader.close()


def test_several_commits_of_one_writer_are_seen_one_by_one(box) -> None:
    index = box.make(*version(box, 0))
    other = Index.open(box.path)
    entries = [box.entries(version(box, n)) for n in (1, 2)]
    with index.writing() as writer:
        for n, (changed, vectors) in enumerate(entries, start=1):
            writer.commit(changed, vectors=vectors)
            for reader in (index, other):
                with reader.view() as view:
                    found = [a.text for _, a in view.passages(
                        [s.id for s in box.lexical(view, "version")]).values()]  # fmt: skip
                    assert found == [f"Version {n} of it."] * 6
                    assert len(box.dense(view, "version")) == 6
    index.close()
    other.close()


@pytest.fixture
def locked(box, flood):
    """A copy of an index in a place that any user may read and only its owner may write to."""
    flood.close()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        shutil.copytree(box.path, folder / "index")
        yield folder / "index"
        (folder / "index").chmod(0o755)


READER_ID = 65_534
"""The user that owns nothing, whom root can become; others are shut out by the mode alone."""


def shut(folder: Path) -> list[int]:
    for file in folder.rglob("*"):
        file.chmod(0o755 if file.is_dir() else 0o644)
    if os.getuid() == 0:
        folder.chmod(0o755)
        return [READER_ID]
    for place in (folder, folder / "lexical"):
        place.chmod(0o555)
    return []


def look(reader) -> list[list[str]]:
    reader.stdin.write("look\n")
    return seen(reader.stdout.readline())


def test_an_index_that_may_only_be_read_opens_and_answers(locked, child) -> None:
    reader = child(READ, locked, *shut(locked))
    assert reader.stdout.readline() == "open\n"
    dense, lexical = look(reader)
    assert dense[0] == "3"
    assert lexical[0] == "0"


def test_a_damaged_one_that_may_only_be_read_is_put_right_in_memory(locked, child) -> None:
    shutil.rmtree(locked / "lexical")
    (locked / "lexical").mkdir()
    (locked / "vectors.faiss").write_bytes(b"garbage")
    before = sorted(p.name for p in locked.iterdir())
    reader = child(READ, locked, *shut(locked))
    assert reader.stdout.readline() == "open\n"
    assert look(reader)[0][0] == "3"
    assert sorted(p.name for p in locked.iterdir()) == before


def test_who_may_only_read_sees_what_the_owner_changes(box_at, locked, child) -> None:
    if os.getuid() != 0:
        pytest.skip("needs two users")
    reader = child(READ, locked, *shut(locked))
    assert reader.stdout.readline() == "open\n"
    assert look(reader)[0][0] == "3"
    umask = os.umask(0o022)
    try:
        owner = box_at(locked)
        index = owner.open()
        for n in range(3):
            owner.put(index, *version(owner, n))
            dense, lexical = look(reader)
            assert dense[0] == "9"
            assert lexical == ["6", f"Version {n} of it."]
        index.close()
        assert look(reader)[1] == ["6", "Version 2 of it."]
        index = owner.open()
        owner.put(index, removed=["a0"])
        index.close()
        assert look(reader)[1][0] == "5"
    finally:
        os.umask(umask)


WRITE = (
    READ[: READ.index('print("open"')]
    + """
try:
    with index.writing():
        print("written", flush=True)
except Exception as error:
    print(type(error).__name__, error, flush=True)
"""
)


def test_writing_where_one_may_not_is_an_error_with_the_folder_in_it(locked, child) -> None:
    writer = child(WRITE, locked, *shut(locked))
    said = writer.stdout.readline()
    assert said.startswith(ArchiveError.__name__)
    assert str(locked) in said
