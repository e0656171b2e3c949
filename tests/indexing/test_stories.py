"""One story, many copies: pairs follow every change, groups see only what the filter allows."""

from __future__ import annotations

import dataclasses
import os
import random
import signal
import sqlite3
from collections import Counter
from datetime import timedelta
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsqa.articles.copies import alike, shingles, signature
from newsqa.errors import IndexDamaged
from newsqa.indexing import Filter, Index, pairs
from newsqa.indexing.store import Store
from newsqa.indexing.stories import TEMPLATE_FROM, Pairs

FORMAT_1 = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE articles (
    key INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    title TEXT, text TEXT NOT NULL, url TEXT, source TEXT, authors TEXT NOT NULL,
    published INTEGER, language TEXT, retrieved INTEGER, origin TEXT,
    content_hash TEXT NOT NULL
) STRICT;
CREATE TABLE passages (
    id INTEGER PRIMARY KEY,
    article INTEGER NOT NULL REFERENCES articles (key) ON DELETE CASCADE,
    start INTEGER NOT NULL, "end" INTEGER NOT NULL,
    sentences TEXT NOT NULL,
    vector BLOB NOT NULL
) STRICT;
CREATE INDEX passages_article ON passages (article);
CREATE INDEX passages_vector ON passages (vector);
CREATE TABLE vectors (key BLOB PRIMARY KEY, vector BLOB NOT NULL) STRICT;
"""
"""What the first format was, to the letter."""


def text(story: int, version: int = 0) -> str:
    """A version is a copy of the one before and the one after it, and of no other."""
    return " ".join(f"s{story}w{n}" for n in range(10 * version, 10 * version + 60))


def report(box, article_id: str, story: int, version: int = 0, day=0, source: str | None = None):
    return box.article(article_id, text(story, version), day, source)


def groups(index: Index, *article_ids: str, **bounds) -> dict[str, tuple[str, ...]]:
    with index.view() as view:
        return view.copies_of(article_ids, Filter(**bounds))


def stored(index: Index) -> set[frozenset[str]]:
    with index._store.snapshot() as reader:
        columns = reader.columns()
        names = reader.ids(columns.keys.tolist())
        return {
            frozenset((names[int(columns.keys[a])], names[int(columns.keys[b])]))
            for a, b in zip(columns.pairs.article, columns.pairs.other, strict=True)
        }


def from_scratch(articles) -> set[frozenset[str]]:
    of = {article.id: shingles(article.text) for article in articles}
    return {
        frozenset(pair)
        for pair in combinations(of, 2)
        if set(signature(of[pair[0]])) & set(signature(of[pair[1]])) and alike(*map(of.get, pair))
    }


def test_who_else_printed_it_in_order_of_publication(box) -> None:
    index = box.make(
        report(box, "late", 1, day=3, source="Radio Vellmark"),
        report(box, "b", 1, day=1, source="Harbour Post"),
        report(box, "a", 1, day=1, source="Courier"),
        report(box, "undated", 1, day=None),
        report(box, "other", 2, day=1),
    )
    everyone = groups(index, "a", "other", "no such")
    assert everyone == {"a": ("b", "late", "undated"), "other": (), "no such": ()}
    then = box.article("x", "x", 2).published
    assert groups(index, "a", as_of=then) == {"a": ("b",)}
    assert groups(index, "late", "undated", as_of=then) == {"late": (), "undated": ()}
    assert groups(index, "late", since=then) == {"late": ()}
    assert groups(index, "b", sources=("harbour post", "courier")) == {"b": ("a",)}
    index.close()


def test_a_later_version_brings_no_two_earlier_ones_together(box) -> None:
    index = box.make(
        report(box, "first", 1, 0, day=0),
        report(box, "third", 1, 2, day=1),
        report(box, "second", 1, 1, day=2),
    )
    assert groups(index, "first") == {"first": ("third", "second")}
    assert groups(index, "first", as_of=box.article("x", "x", 1).published) == {"first": ()}
    index.close()


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(
    edges=st.sets(st.tuples(st.integers(0, 11), st.integers(0, 11)).filter(lambda e: e[0] < e[1])),
    retitled=st.integers(0, 2**20),
    allowed=st.lists(st.booleans(), min_size=12, max_size=12),
)
def test_groups_are_those_of_an_archive_that_has_only_what_is_allowed(
    edges, retitled, allowed
) -> None:
    rows = [(a, b, bool(retitled >> n & 1)) for n, (a, b) in enumerate(sorted(edges))]
    inside = [row for row in rows if allowed[row[0]] and allowed[row[1]]]
    whole, part = Pairs.of(rows), Pairs.of(inside)
    mask = np.array(allowed)
    found = whole.groups(range(12), mask)
    assert found == {
        at: part.groups([at], np.ones(12, dtype=np.bool_))[at] if allowed[at] else ()
        for at in range(12)
    }
    for at, group in found.items():
        assert all(allowed[other] and at in found[other] for other in group)
        assert len({frozenset((other, *found[other])) for other in (at, *group)}) == 1


@settings(max_examples=12, deadline=None, derandomize=True, database=None)
@given(
    before=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 4)), max_size=8),
    later=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 4)), max_size=8),
)
def test_what_is_published_later_changes_no_group(tmp_path_factory, module_box, before, later):
    box = type(module_box)(tmp_path_factory.mktemp("stories") / "index")
    index = box.make(*(report(box, f"a{n}", *which, day=n % 3, source="Harbour Post")
                       for n, which in enumerate(before)))  # fmt: skip
    ids, as_of = [f"a{n}" for n in range(len(before))], box.article("x", "x", 2).published
    then = groups(index, *ids, as_of=as_of)
    box.put(index, *(report(box, f"b{n}", *which, day=(2.5, 9, None)[n % 3], source="Harbour Post")
                     for n, which in enumerate(later)))  # fmt: skip
    assert groups(index, *ids, as_of=as_of) == then
    index.close()


def test_pairs_follow_every_change(box) -> None:
    """Whatever was put in, put in place of something or taken out, and in which commits."""
    draw = random.Random(11)
    index, held = box.open(), {}
    for _ in range(25):
        changed = {
            f"a{n}": report(box, f"a{n}", draw.randrange(3), draw.randrange(6))
            for n in draw.sample(range(14), draw.randrange(5))
        }
        removed = [i for i in draw.sample(sorted(held), len(held) // 5) if i not in changed]
        box.put(index, *changed.values(), removed=removed)
        held = {i: a for i, a in {**held, **changed}.items() if i not in removed}
        assert stored(index) == from_scratch(held.values())
    assert stored(index)
    assert index.check().problems == ()
    index.close()


def test_a_template_that_many_pages_of_one_outlet_share_is_no_story(box) -> None:
    pages = [report(box, f"p{n}", 1, day=n, source="Harbour Post") for n in range(6)]
    index = box.make(*pages, report(box, "else", 1, day=0, source="Courier"))
    assert groups(index, "p0", "else") == {"p0": (), "else": ()}
    # Only as many as there were are counted.
    then = box.article("x", "x", TEMPLATE_FROM - 1).published
    assert len(groups(index, "p0", as_of=then)["p0"]) == TEMPLATE_FROM
    then += timedelta(days=1)
    assert groups(index, "p0", "else", as_of=then) == {"p0": (), "else": ()}
    index.close()


def test_one_title_at_many_addresses_and_many_outlets_are_a_story(box) -> None:
    same = [dataclasses.replace(report(box, f"p{n}", 1, source="Harbour Post"), title="Flood")
            for n in range(6)]  # fmt: skip
    others = [report(box, f"o{n}", 1, source=f"Outlet {n}") for n in range(6)]
    nobody = [report(box, f"n{n}", 1) for n in range(6)]
    index = box.make(*same, *others, *nobody)
    assert len(groups(index, "p0")["p0"]) == 17
    index.close()


def test_of_a_crowd_the_nearest_in_time_are_looked_at(box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairs, "CROWD", 4)
    later = [report(box, f"later{n:02}", 1, day=500 + n) for n in range(12)]
    early = [report(box, f"early{n}", 1, day=n) for n in range(3)]
    index = box.make(*later, *early)
    # What came much later, though added first, hides none of those that were there then.
    assert {frozenset(pair) for pair in combinations(["early0", "early1", "early2"], 2)} <= stored(
        index
    )
    as_of = box.article("x", "x", 3).published
    assert groups(index, "early0", as_of=as_of) == {"early0": ("early1", "early2")}
    assert len(stored(index)) < 15 * 14 / 2
    assert index.check().problems == ()
    index.close()


def as_format_1(path: Path) -> None:
    """Lay an index out as its first format did."""
    new, old = path / "newsqa.db", path / "old.db"
    connection = sqlite3.connect(old)
    connection.executescript(FORMAT_1)
    connection.execute("ATTACH ? AS new", (str(new),))
    for table in ("meta", "articles", "passages", "vectors"):
        connection.execute(f"INSERT INTO main.{table} SELECT * FROM new.{table}")
    connection.execute("UPDATE main.meta SET value = '1' WHERE name = 'format'")
    connection.execute("DELETE FROM main.meta WHERE name = 'token'")
    connection.commit()
    connection.execute("DETACH new")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.close()
    for left in (new, path / "newsqa.db-wal", path / "newsqa.db-shm"):
        left.unlink(missing_ok=True)
    os.replace(old, new)


@pytest.fixture
def older(box):
    """An index of the first format."""
    box.make(*(report(box, f"a{n}", n % 3, n % 5, day=n) for n in range(20))).close()
    as_format_1(box.path)
    return box


def version_of(path: Path) -> str:
    connection = sqlite3.connect(path / "newsqa.db")
    (value,) = connection.execute("SELECT value FROM meta WHERE name = 'format'").fetchone()
    connection.close()
    return value


def test_an_index_of_the_first_format_answers_as_it_is(older) -> None:
    before = (older.path / "newsqa.db").read_bytes()
    index = Index.open(older.path)
    assert older.texts(index, "s1w12")["lexical"]
    assert groups(index, "a0") == {"a0": ()}
    assert index.check().problems == ()
    index.close()
    assert (older.path / "newsqa.db").read_bytes() == before
    store = Store(older.path / "newsqa.db", read_only=True)
    with store.snapshot() as reader:
        assert len(reader.columns().pairs.article) == 0
    store.close()


def test_its_next_writer_brings_it_up_and_who_has_it_open_sees_it(older) -> None:
    reading, index = Index.open(older.path), Index.open(older.path)
    assert groups(reading, "a0") == {"a0": ()}
    with index.writing():
        pass
    expected = from_scratch(index.articles())
    assert expected
    assert stored(index) == stored(reading) == expected
    assert groups(reading, "a0") == groups(index, "a0") != {"a0": ()}
    older.put(index, report(older, "more", 0, 0))
    assert stored(index) == from_scratch(index.articles())
    generation = index.info().generation
    with index.writing():
        pass
    assert index.info().generation == generation
    for each in (reading, index):
        assert each.check().problems == ()
        each.close()
    assert version_of(older.path) == "4"
    Index.open(older.path).close()


def test_killed_while_it_is_brought_up_it_is_what_it_was(older, child) -> None:
    process = child(
        "from newsqa.indexing import Index, pairs\n"
        "record, done = pairs.record, []\n"
        "def logged(*arguments):\n"
        "    record(*arguments)\n"
        "    done.append(1)\n"
        "    if len(done) == 15: print('half', flush=True), sys.stdin.read()\n"
        "pairs.record = logged\n"
        "with Index.open(sys.argv[1]).writing(): pass\n",
        older.path,
    )
    assert process.stdout.readline() == "half\n"
    os.kill(process.pid, signal.SIGKILL)
    process.wait(20)
    index = Index.open(older.path)
    assert version_of(older.path) == "1"
    assert groups(index, "a0") == {"a0": ()}
    assert index.check().problems == ()
    with index.writing():
        pass
    assert stored(index) == from_scratch(index.articles())
    assert index.check().problems == ()
    index.close()


def as_format_3(path: Path) -> None:
    """Lay an index out as the third format did: the same but for one index of columns."""
    change(
        path,
        "DROP INDEX articles_filters",
        "CREATE INDEX articles_filters ON articles (published, source)",
        "UPDATE meta SET value = '3' WHERE name = 'format'",
    )


def test_an_index_of_the_third_format_knows_its_languages_and_is_brought_up(box) -> None:
    box.make(
        box.article("a", "Flood in the harbour.", language="en"),
        box.article("b", "Hochwasser im Hafen.", language="de"),
        box.article("c", "Flood.", language="en"),
    ).close()
    as_format_3(box.path)
    index, watching = Index.open(box.path), Index.open(box.path)
    assert index.info().languages == watching.info().languages == {"en": 2, "de": 1}
    assert version_of(box.path) == "3"
    before = index.history("a"), index.info().changed
    with index.writing():
        pass
    assert version_of(box.path) == "4"
    assert watching.info().languages == {"en": 2, "de": 1}
    assert index.history("a") == before[0]
    assert index.check().problems == ()
    with Index.open(box.path).view() as view:
        assert view.coverage(Filter(languages=("de",))).articles == 1
    watching.close()
    index.close()


def change(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path / "newsqa.db")
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


@pytest.mark.parametrize(
    "statement",
    ["CREATE TABLE bands (key INTEGER)", "ALTER TABLE articles ADD COLUMN more TEXT",
     "CREATE TRIGGER t AFTER INSERT ON articles BEGIN DELETE FROM vectors; END",
     "UPDATE meta SET value = '0' WHERE name = 'format'",
     "UPDATE meta SET value = '2' WHERE name = 'format'"],
)  # fmt: skip
def test_the_first_format_is_looked_at_as_strictly(older, statement: str) -> None:
    change(older.path, statement)
    with pytest.raises(IndexDamaged):
        Index.open(older.path)


@pytest.mark.parametrize(
    "statement",
    ["DROP TABLE copies", "DROP INDEX copies_other",
     "UPDATE meta SET value = '1' WHERE name = 'format'"],
)  # fmt: skip
def test_the_newest_format_has_all_its_tables(box, flood, statement: str) -> None:
    flood.close()
    change(box.path, statement)
    with pytest.raises(IndexDamaged, match="not laid out as one"):
        Index.open(box.path)


def test_check_names_what_is_wrong_with_pairs(box) -> None:
    index = box.make(report(box, "a", 1), report(box, "b", 1), report(box, "c", 2))
    index.close()
    change(
        box.path,
        "DELETE FROM bands WHERE article = (SELECT key FROM articles WHERE id = 'c')",
        "INSERT INTO bands VALUES (5, (SELECT key FROM articles WHERE id = 'b'))",
        "INSERT INTO copies VALUES (1, 99)",
    )
    index = Index.open(box.path)
    assert groups(index, "a") == {"a": ("b",)}
    problems = Counter(index.check().problems)
    assert problems == Counter(
        [
            *(f"article {i} has not the keys that its copies are found by" for i in ("b", "c")),
            "the store: 1 rows of copies are of articles that are not there",
        ]
    )
    index.close()


def test_reading_does_not_load_what_signs_articles(box, child) -> None:
    box.make(report(box, "a", 1), report(box, "b", 1)).close()
    process = child(
        "from newsqa.indexing import Filter, Index\n"
        "with Index.open(sys.argv[1]).view() as view:\n"
        "    print(view.copies_of(['a'], Filter()), 'datasketch' in sys.modules)",
        box.path,
    )
    assert process.stdout.readline() == "{'a': ('b',)} False\n"
