"""What was found by killing and damaging for hours (benchmarks/crashes.py), each once more."""

from __future__ import annotations

import shutil
from pathlib import Path

from newsqa.indexing.lexicon import Entry, Lexicon, Stamp

WORDS = "flood ferry dog banks hull snow"


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
