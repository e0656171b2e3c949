"""What is derived is made again without a word; what is wrong with the truth is said."""

from __future__ import annotations

import dataclasses
import os
import pickletools
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from newsqa.errors import IndexDamaged, IndexMismatch, NewsQAError
from newsqa.indexing import Index
from newsqa.indexing.lexicon import Entry, Lexicon, Stamp
from newsqa.indexing.vectors import Damaged, VectorIndex

WORDS = "flood ferry dog banks hull snow"


def contents(folder: Path) -> dict[str, bytes]:
    """Every file by name, but SQLite's own log and shared memory."""
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and not file.name.endswith(("-wal", "-shm"))
    }


@pytest.fixture
def closed(box, flood):
    """A whole index that nobody holds open, and what is found in it."""
    before = box.found(flood, WORDS)
    flood.close()
    return box, before


def healed(box, before) -> None:
    """Opening it again puts it right: in memory at once, and on disk for the next one."""
    index = Index.open(box.path)
    assert box.found(index, WORDS) == before
    index.close()
    index = Index.open(box.path)
    assert index.check().problems == ()
    saved = VectorIndex.load(
        box.path / "vectors.faiss", uid=index._store.identity.uid, dimension=32
    )
    assert len(saved.ids) == 3
    assert (box.path / "lexical" / "meta.json").exists()
    assert box.found(index, WORDS) == before
    index.close()


def never_embedded(box, monkeypatch: pytest.MonkeyPatch) -> None:
    question = box.encoder.encode([WORDS])

    def encode(texts: object, **_: object):
        assert texts == [WORDS], "something was embedded again"
        return question

    monkeypatch.setattr(box.encoder, "encode", encode)


def test_opening_a_whole_index_changes_no_file(closed) -> None:
    box, before = closed
    untouched = contents(box.path)
    index = Index.open(box.path)
    assert box.found(index, WORDS) == before
    index.check()
    index.info()
    index.close()
    assert contents(box.path) == untouched


def test_any_byte_of_the_vectors_that_is_off_is_noticed_and_put_right(closed) -> None:
    box, before = closed
    file = box.path / "vectors.faiss"
    whole = file.read_bytes()
    uid = Index.open(box.path)._store.identity.uid
    rng = np.random.default_rng(1)
    # Every place of the trailer, where a digit can turn into another, and some of the rest.
    trailer = len(whole) - 200 - 24
    places = [*range(trailer, len(whole)), *rng.integers(0, trailer, 60).tolist()]
    for place in places:
        for bit in (0, 3, 7):
            data = bytearray(whole)
            data[place] ^= 1 << bit
            file.write_bytes(data)
            with pytest.raises(Damaged):
                VectorIndex.load(file, uid=uid, dimension=32)
    for place in (40, trailer + 5):
        data = bytearray(whole)
        data[place] ^= 1
        file.write_bytes(data)
        healed(box, before)
        assert len(file.read_bytes()) == len(whole)


@pytest.mark.parametrize("keep", [0, 7, 16, 100, -1, -300])
def test_vectors_that_are_cut_short_are_made_again(closed, keep: int, monkeypatch) -> None:
    box, before = closed
    never_embedded(box, monkeypatch)
    file = box.path / "vectors.faiss"
    file.write_bytes(file.read_bytes()[:keep])
    healed(box, before)


@pytest.mark.parametrize(
    "trailer",
    [b"[]", b"{}", b'{"n": Infinity}', b'{"n": -1e9}', b'{"n": 1e400}', b"null", b"[" * 9000,
     b"\xff"],
    ids=["list", "empty", "infinite", "negative", "huge", "null", "deep", "no text"],
)  # fmt: skip
def test_vectors_with_a_made_up_trailer_are_made_again(closed, trailer: bytes) -> None:
    box, before = closed
    data = b"x" * 100 + trailer + len(trailer).to_bytes(8, "little") + b"NEWSQAV2"
    (box.path / "vectors.faiss").write_bytes(data)
    healed(box, before)


def test_vectors_of_another_index_or_an_older_state_are_made_again(
    closed, box_at, tmp_path: Path
) -> None:
    box, before = closed
    other = box_at(tmp_path / "other")
    other.make(other.article("x", "Another archive.")).close()
    shutil.copy(other.path / "vectors.faiss", box.path / "vectors.faiss")
    healed(box, before)
    old = (box.path / "vectors.faiss").read_bytes()
    index = Index.open(box.path)
    box.put(index, box.article("more", "One more."))
    box.put(index, removed=["more"])
    box.put(index, box.article("new", "A new one."), removed=["dog"])
    after = box.found(index, WORDS)
    index.close()
    (box.path / "vectors.faiss").write_bytes(old)
    healed(box, after)


def gone(folder: Path) -> None:
    shutil.rmtree(folder)


def emptied(folder: Path) -> None:
    gone(folder)
    folder.mkdir()


def a_file(folder: Path) -> None:
    gone(folder)
    folder.write_text("not a folder")


def without_its_meta(folder: Path) -> None:
    (folder / "meta.json").unlink()


def meta_garbage(folder: Path) -> None:
    (folder / "meta.json").write_bytes(os.urandom(300))


@pytest.mark.parametrize("harm", [gone, emptied, a_file, without_its_meta, meta_garbage])
def test_a_lexicon_that_is_not_there_is_made_again(
    closed, harm: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    box, before = closed
    never_embedded(box, monkeypatch)
    harm(box.path / "lexical")
    healed(box, before)


@pytest.mark.parametrize("harm", ["truncated", "flipped", "gone"])
def test_harm_to_any_file_of_the_lexicon_is_put_right(closed, harm: str) -> None:
    box, before = closed
    whole = box.path / "lexical"
    copy = box.path.parent / "copy"
    shutil.copytree(whole, copy)
    kinds = {}
    for file in sorted(whole.iterdir()):
        if file.stat().st_size:
            kinds[file.suffix if file.suffix != ".json" else file.name] = file.name
    assert {"meta.json", ".idx", ".term", ".store", ".fast", ".fieldnorm"} <= set(kinds)
    for at, name in enumerate(kinds.values()):
        shutil.rmtree(whole)
        shutil.copytree(copy, whole)
        file = whole / name
        data = bytearray(file.read_bytes())
        place = (at * 37) % (len(data) - 60) if len(data) > 100 else len(data) // 2
        if harm == "flipped":
            data[place] ^= 4
        elif harm == "truncated":
            del data[place:]
        if harm == "gone":
            file.unlink()
        else:
            file.write_bytes(data)
        index = Index.open(box.path)
        assert box.found(index, WORDS) == before, name
        index.close()
    healed(box, before)


def test_the_lexicon_of_another_index_is_made_again(closed, box_at, tmp_path: Path) -> None:
    box, before = closed
    other = box_at(tmp_path / "other")
    other.make(other.article("x", "A flood and a ferry elsewhere.")).close()
    gone(box.path / "lexical")
    shutil.copytree(other.path / "lexical", box.path / "lexical")
    healed(box, before)


def test_a_lexicon_that_breaks_under_an_open_index_does_not_break_the_next_question(
    box, flood
) -> None:
    before = box.found(flood, WORDS)
    emptied(box.path / "lexical")
    other = Index.open(box.path)  # puts it right on disk
    box.put(other, box.article("new", "Something new."))
    other.close()
    gone(box.path / "lexical")
    with flood.view() as view:
        assert [s.id for s in box.lexical(view, "something")]
    box.put(flood, removed=["new"])
    assert box.found(flood, WORDS) == before
    assert flood.check().problems == ()


def test_what_a_killed_writer_left_in_the_lexicon_is_not_in_the_way(tmp_path: Path) -> None:
    """tantivy gives the same names again: a file of a commit that never was is in its way."""

    def entry(number: int) -> Entry:
        return Entry(id=number, title="", text="flood", published=None, source=None)

    whole, copy = tmp_path / "whole", tmp_path / "copy"
    Lexicon.create(whole).write(
        add=[entry(1), entry(2)], stamp=Stamp(uid="u", token="1", before=None)
    )
    shutil.copytree(whole, copy)
    changed = Lexicon.open(copy)
    changed.write(add=[entry(3)], stamp=Stamp(uid="u", token="2", before="1"))
    changed.settle()
    # A writer killed just before the last step of this commit leaves all of it but meta.json.
    left = [file for file in copy.glob("*.del") if not (whole / file.name).exists()]
    assert left
    for file in (*left, copy / ".managed.json"):
        shutil.copy(file, whole)
    lexicon = Lexicon.open(whole)
    lexicon.write(add=[entry(3)], stamp=Stamp(uid="u", token="2", before="1"))
    lexicon.settle()
    assert sorted(lexicon.view().ids().tolist()) == [1, 2, 3]


def test_everything_derived_can_go_at_once(closed, monkeypatch: pytest.MonkeyPatch) -> None:
    box, before = closed
    never_embedded(box, monkeypatch)
    gone(box.path / "lexical")
    (box.path / "vectors.faiss").unlink()
    (box.path / "write.lock").unlink(missing_ok=True)
    healed(box, before)


@pytest.mark.parametrize(
    "data", [b"", b"garbage" * 1000, b"SQLite format 3\0" + b"\0" * 5000, os.urandom(4096)],
    ids=["empty", "text", "header only", "noise"],
)  # fmt: skip
def test_a_store_that_is_none_is_damaged(closed, data: bytes) -> None:
    box, _ = closed
    (box.path / "newsqa.db").write_bytes(data)
    with pytest.raises(IndexDamaged, match=r"newsqa\.db.*build again"):
        Index.open(box.path)
    with pytest.raises(IndexDamaged):
        box.open()
    assert (box.path / "newsqa.db").read_bytes() == data


def test_a_store_that_is_damaged_in_the_middle_never_answers_with_an_sqlite_error(closed) -> None:
    box, before = closed
    file = box.path / "newsqa.db"
    whole = file.read_bytes()
    outcomes = []
    for page in range(1, len(whole) // 4096):
        data = bytearray(whole)
        data[page * 4096 : page * 4096 + 200] = b"\xff" * 200
        file.write_bytes(data)
        try:
            index = Index.open(box.path)
        except NewsQAError as error:
            outcomes.append(type(error))
            continue
        try:
            box.found(index, WORDS)
            outcomes.append(index.check().problems)
        except NewsQAError as error:
            outcomes.append(type(error))
        finally:
            index.close()
    assert IndexDamaged in outcomes
    assert () not in outcomes
    file.write_bytes(whole)
    healed(box, before)


def test_a_store_that_is_cut_short_is_damaged(closed) -> None:
    box, _ = closed
    file = box.path / "newsqa.db"
    file.write_bytes(file.read_bytes()[: -3 * 4096])
    with pytest.raises(IndexDamaged):
        box.found(Index.open(box.path), WORDS)


def change(box, *statements: str) -> None:
    connection = sqlite3.connect(box.path / "newsqa.db")
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def test_vectors_that_are_missing_or_of_another_size_are_damage(closed) -> None:
    box, _ = closed
    (box.path / "vectors.faiss").unlink()
    change(box, "UPDATE vectors SET vector = x'00000000'")
    with pytest.raises(IndexDamaged, match="4 bytes, expected 128"):
        Index.open(box.path)
    change(box, "DELETE FROM vectors")
    with pytest.raises(IndexDamaged, match="3 of 3 passages have no vector"):
        Index.open(box.path)


def test_a_newer_format_is_refused_by_name(closed) -> None:
    box, _ = closed
    change(box, "UPDATE meta SET value = '7' WHERE name = 'format'", "DROP TABLE vectors",
           "DELETE FROM meta WHERE name = 'dimension'")  # fmt: skip
    untouched = contents(box.path)
    with pytest.raises(IndexMismatch, match=r"format 7.*up to 4.*upgrade"):
        Index.open(box.path)
    assert contents(box.path) == untouched


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM meta WHERE name = 'uid'",
        "UPDATE meta SET value = 'many' WHERE name = 'dimension'",
        "UPDATE meta SET value = 'newest' WHERE name = 'format'",
        "DROP TABLE articles",
        "ALTER TABLE passages ADD COLUMN more TEXT",
    ],
)
def test_a_store_of_another_layout_is_damaged(closed, statement: str) -> None:
    box, _ = closed
    change(box, statement)
    with pytest.raises(IndexDamaged):
        Index.open(box.path)


HOSTILE = {
    "trigger": [
        "CREATE TRIGGER t AFTER INSERT ON articles BEGIN DELETE FROM vectors; END",
    ],
    "view in place of a table": [
        "ALTER TABLE passages RENAME TO real",
        "CREATE VIEW passages AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
        "SELECT i AS id, 1 AS article, 0 AS start, 1 AS 'end', '[]' AS sentences, x'' AS vector "
        "FROM n",
    ],
    "view in place of what it is": [
        "ALTER TABLE meta RENAME TO real",
        "CREATE VIEW meta AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
        "SELECT 'format' AS name, '1' AS value FROM n WHERE i < 0",
    ],
    "generated column": ["ALTER TABLE articles ADD COLUMN x TEXT AS (upper(title))"],
    "virtual table": ["CREATE VIRTUAL TABLE extra USING fts5(words)"],
}


@pytest.mark.parametrize("statements", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_store_with_programs_in_it_is_refused_and_not_written_to(closed, statements) -> None:
    box, _ = closed
    try:
        change(box, *statements)
    except sqlite3.OperationalError as error:
        pytest.skip(f"this SQLite can't make it: {error}")
    untouched = contents(box.path)
    with pytest.raises(IndexDamaged, match=r"not laid out as one|no table of what it is"):
        Index.open(box.path)
    assert contents(box.path) == untouched


def test_markup_and_statements_in_articles_are_only_text(box) -> None:
    text = "'); DROP TABLE articles; -- <script>alert(1)</script> {{7*7}} NEAR(x) field:*"
    index = box.make(box.article("'; DELETE FROM meta; --", text, 0, '" OR source:*'))
    for found in box.texts(index, text).values():
        assert " ".join(sorted(found, key=text.index)) == text
    box.put(index, removed=["' OR 1=1"])
    assert index.info().articles == 1
    index.close()


def test_a_link_left_in_the_folder_is_not_written_through(closed, tmp_path: Path) -> None:
    box, before = closed
    (tmp_path / "mine").write_text("mine")
    (tmp_path / "folder").mkdir()
    gone(box.path / "lexical")
    (box.path / "lexical").symlink_to(tmp_path / "folder")
    (box.path / "vectors.faiss").unlink()
    (box.path / f"vectors.faiss.{os.getpid()}.tmp").symlink_to(tmp_path / "mine")
    (box.path / "newsqa.db.new").symlink_to(tmp_path / "mine")
    healed(box, before)
    assert (tmp_path / "mine").read_text() == "mine"
    assert list((tmp_path / "folder").iterdir()) == []


def test_a_log_left_by_a_store_that_was_deleted_is_not_played_into_the_next(box, flood) -> None:
    box.put(flood, box.article("more", "One more, still in the log."))
    log = (box.path / "newsqa.db-wal").read_bytes()
    assert log
    flood.close()
    (box.path / "newsqa.db").unlink()
    (box.path / "newsqa.db-wal").write_bytes(log)
    index = box.open()
    assert index.info().articles == 0
    assert index.check().problems == ()
    index.close()


def test_nothing_in_the_directory_is_a_pickle(closed) -> None:
    box, _ = closed
    for name, data in contents(box.path).items():
        assert not name.endswith((".pkl", ".pickle", ".joblib", ".npy", ".npz", ".pt"))
        assert b"sklearn" not in data
        try:
            operations = list(pickletools.genops(data))
        except Exception:  # what pickletools says of what is none
            continue
        assert not any(op.name in ("GLOBAL", "STACK_GLOBAL", "REDUCE") for op, _, _ in operations)


def test_check_names_what_is_wrong_with_articles(closed) -> None:
    box, _ = closed
    change(box, "UPDATE articles SET text = 'Cut.' WHERE id = 'flood'")
    index = Index.open(box.path)
    assert any("flood" in p and "not where it says" in p for p in index.check().problems)
    index.close()
    change(box, "DELETE FROM passages")
    index = Index.open(box.path)
    assert sum("has text but no passages" in p for p in index.check().problems) == 3
    index.close()


@pytest.mark.parametrize(
    ("column", "value"),
    [("text", "THE MORROW burst its banks. Nobody was hurt in the flood."), ("title", "Other"),
     ("published", 0), ("source", None), ("authors", '["Eve"]'), ("url", "https://a.example/")],
)  # fmt: skip
def test_check_names_the_article_whose_content_was_changed(closed, column, value) -> None:
    box, _ = closed
    text = "NULL" if value is None else repr(value)
    change(box, f"UPDATE articles SET {column} = {text} WHERE id = 'flood'")
    index = Index.open(box.path)
    (problem,) = index.check().problems
    assert "article flood is not what was added" in problem
    index.close()


def test_check_names_a_passage_that_is_not_what_its_id_says(closed) -> None:
    box, _ = closed
    change(
        box,
        """UPDATE passages SET "end" = "end" - 1, sentences = json_array(json_array(
        start, "end" - 1)) WHERE article = (SELECT key FROM articles WHERE id = 'ferry')""",
    )
    index = Index.open(box.path)
    (problem,) = index.check().problems
    assert "article ferry: the passage at" in problem
    index.close()


@pytest.mark.parametrize("mark", ["", "0", "v2"])
def test_check_takes_a_mark_that_is_no_digest_as_it_is(box, mark: str) -> None:
    article = dataclasses.replace(box.article("a", "By hand."), content_hash=mark)
    index = box.make(article)
    assert index.check().problems == ()
    index.close()
