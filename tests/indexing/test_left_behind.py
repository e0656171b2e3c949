"""What was found by killing and damaging for hours (benchmarks/crashes.py), each once more."""

from __future__ import annotations

import errno
import os
import resource
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from newsqa.errors import ArchiveError, IndexBusy, IndexDamaged
from newsqa.indexing import Index, derived, layers, vectors
from newsqa.indexing.lexicon import Entry, Lexicon, Stamp

WORDS = "flood ferry dog banks hull snow"


@pytest.fixture
def large(box, monkeypatch: pytest.MonkeyPatch):
    """A box with limits such that forty passages are more than a tail holds."""
    monkeypatch.setattr(layers, "TAIL", 5)
    monkeypatch.setattr(derived, "TAIL", 5)
    index = box.make(*(box.article(f"a{n}", f"Number {n} of forty.", n) for n in range(40)))
    index.close()
    return box


def lexical_names(path: Path) -> set[str]:
    return {file.name for file in (path / "lexical").iterdir()}


def killed_while_writing_words(path: Path) -> None:
    """Leave what a writer leaves that is killed before its words are committed."""
    whole = path / "lexical"
    copy = path.parent / "copy"
    shutil.copytree(whole, copy)
    changed = Lexicon.open(copy)
    entry = Entry(id=7, title="", text="vorpalcorp", published=None, source=None)
    changed.write(add=[entry], stamp=Stamp(uid="u", token="t", before=None))
    changed.settle()
    for file in copy.iterdir():
        if not (whole / file.name).exists():
            shutil.copy(file, whole)
    shutil.copy(copy / ".managed.json", whole)
    shutil.rmtree(copy)
    (whole / ".tmpAbCdEf").write_text("half of a list")


def test_a_writer_leaves_nothing_of_one_that_was_killed_in_the_lexicon(box, flood) -> None:
    before = lexical_names(box.path)
    killed_while_writing_words(box.path)
    assert lexical_names(box.path) > before
    with flood.writing():
        pass
    assert lexical_names(box.path) - before <= {".tantivy-writer.lock", ".tantivy-meta.lock"}
    assert flood.check().problems == ()


def test_compacting_leaves_no_words_of_a_change_that_never_was(box, flood) -> None:
    flood.compact()  # there is nothing to be compacted then
    killed_while_writing_words(box.path)
    flood.compact()
    for file in box.path.rglob("*"):
        assert file.is_dir() or b"vorpalcorp" not in file.read_bytes().lower()


@pytest.mark.parametrize("damage", [b"", b"garbage", None], ids=["empty", "garbage", "missing"])
def test_a_large_file_of_vectors_that_is_damaged_is_written_anew(large, damage) -> None:
    file = large.path / "vectors.faiss"
    file.unlink() if damage is None else file.write_bytes(damage)
    index = Index.open(large.path)
    assert index.check().problems == ()
    index.close()
    index = Index.open(large.path)
    assert index.check().problems == ()
    uid = index._store.identity.uid
    assert len(vectors.VectorIndex.load(file, uid=uid, dimension=32)) == 40
    index.close()


def test_a_damaged_tail_that_is_not_needed_is_taken_away(large) -> None:
    index = Index.open(large.path)
    index.compact()
    index.close()
    (large.path / "recent.faiss").write_bytes(b"garbage")
    index = Index.open(large.path)
    assert index.check().problems == ()
    index.close()


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Let Python's calls of a name fail as on a disk that is full."""

    def fill(name: str) -> None:
        def refuse(*_: object, **__: object) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(os, name, refuse)

    return fill


def test_a_full_disk_is_an_error_with_a_name_wherever_it_is_met(box, flood, full_disk) -> None:
    before = box.found(flood, WORDS)
    full_disk("mkdir")  # no new folder for the words
    with pytest.raises(ArchiveError, match="No space left"):
        flood.repair()
    full_disk("fsync")  # no new file of vectors
    with pytest.raises(ArchiveError, match="No space left"):
        box.put(flood, box.article("more", "One more."))
    with pytest.raises(ArchiveError, match="No space left"):
        flood.compact()
    assert flood.article("more") is not None  # that was committed before
    assert {i for i, _ in before[0]} <= {i for i, _ in box.found(flood, WORDS)[0]}


def test_a_full_disk_is_an_error_with_a_name_where_the_lexicon_begins(tmp_path: Path) -> None:
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, most))
    try:
        with pytest.raises(ArchiveError, match="File too large"):
            Lexicon.create(tmp_path / "lexical.new")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))


def test_a_reader_does_not_mind_that_the_disk_is_full(box, flood, full_disk) -> None:
    before = box.found(flood, WORDS)
    flood.close()
    shutil.rmtree(box.path / "lexical")
    full_disk("mkdir")
    index = Index.open(box.path)
    assert box.found(index, WORDS) == before
    index.close()


def test_what_fails_in_the_callers_own_block_is_not_renamed(flood) -> None:
    with pytest.raises(FileNotFoundError), flood.writing():
        Path("/no/such/file").read_text()
    with flood.writing(), pytest.raises(IndexBusy), flood.writing():
        pass


def test_words_that_turn_out_unreadable_are_an_error_that_names_the_remedy(
    box, box_at, flood, tmp_path: Path
) -> None:
    """Files of another index have checksums of their own, and are not found out as they open."""
    flood.close()
    other = box_at(tmp_path / "other")
    other.make(other.article("x", "Only one.")).close()
    theirs = min((other.path / "lexical").glob("*.fast"), key=lambda file: file.stat().st_size)
    for ours in (box.path / "lexical").glob("*.fast"):
        shutil.copy(theirs, ours)
    index = Index.open(box.path)
    with pytest.raises(ArchiveError, match="repair"):
        box.texts(index, WORDS)
    assert any("lexicon" in problem for problem in index.check().problems)
    assert index.repair().problems == ()
    assert len(box.texts(index, "flood")["lexical"]) == 1
    index.close()


def change(path: Path, statement: str) -> None:
    connection = sqlite3.connect(path / "newsqa.db")
    connection.execute(statement)
    connection.commit()
    connection.close()


def by_words(box, index: Index, word: str) -> set[str]:
    with index.view() as view:
        found = view.passages([scored.id for scored in box.lexical(view, word)])
        return {passage.text for passage, _ in found.values()}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE articles SET text = replace(text, 'banks', 'bank ') WHERE id = 'flood'",
        "UPDATE articles SET published = published + 1 WHERE id = 'flood'",
        'UPDATE passages SET "end" = "end" - 1 WHERE article = '
        "(SELECT key FROM articles WHERE id = 'flood')",
    ],
    ids=["text", "date", "place"],
)
def test_what_is_not_what_was_added_is_never_shown(box, flood, statement: str) -> None:
    flood.close()
    change(box.path, statement)
    index = Index.open(box.path)
    assert by_words(box, index, "pilot") == {"A dog was dug out of the snow. It is called Pilot."}
    with pytest.raises(IndexDamaged, match="article flood"):
        by_words(box, index, "flood")
    assert any("article flood" in problem for problem in index.check().problems)
    # Its source mends it; or it is taken out.
    index.repair()
    box.put(index, box.article("flood", "The flood was at its peak.", 1))
    assert index.check().problems == ()
    assert "The flood was at its peak." in box.texts(index, "flood")["lexical"]
    index.close()


def test_a_vector_that_can_not_have_been_stored_is_named(box, flood) -> None:
    flood.close()
    change(box.path, "UPDATE vectors SET vector = zeroblob(128) WHERE rowid = 1")
    (box.path / "vectors.faiss").unlink()
    with pytest.raises(IndexDamaged, match="not of length 1"):
        Index.open(box.path)
