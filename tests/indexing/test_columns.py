"""After a commit only what it changed is read: the columns are those of a full reading."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newsqa.indexing.columns import Columns
from newsqa.indexing.store import Store

WORDS = [f"w{n}" for n in range(40)]


def described(columns: Columns) -> dict[str, object]:
    """What columns say, whatever the order in which outlets were met."""
    articles = [
        (int(key), int(at), columns.sources[code] if code >= 0 else None)
        for key, at, code in zip(columns.keys, columns.published, columns.source, strict=True)
    ]
    return {
        "articles": articles,
        "passages": [
            (int(i), int(columns.keys[row]))
            for i, row in zip(columns.ids, columns.article, strict=True)
        ],
        "pairs": {
            (int(columns.keys[a]), int(columns.keys[b]), bool(retitled))
            for a, b, retitled in zip(
                columns.pairs.article, columns.pairs.other, columns.pairs.retitled, strict=True
            )
        },
        "generation": columns.generation,
    }


CHANGES = st.lists(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3)), max_size=3), min_size=1, max_size=6
)


@settings(
    max_examples=20,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(changes=CHANGES, looked=st.lists(st.booleans(), min_size=6, max_size=6))
def test_they_are_those_of_a_full_reading(
    tmp_path_factory, box_at, changes: list[list[tuple[int, int]]], looked: list[bool]
) -> None:
    """Articles come, change and go (version 0), several at a time; not all is looked at."""
    box = box_at(tmp_path_factory.mktemp("columns") / "index")
    index = box.open()
    store = Store(box.path / "newsqa.db")
    known: Columns | None = None
    for commit, look in zip(changes, looked, strict=False):
        here = {article.id for article in index.articles()}
        wanted = dict(commit)
        put = [
            box.article(
                f"a{n}",
                " ".join(f"{w} {w} of it." for w in WORDS[version * 3 : version * 3 + 25]),
                day=None if version == 2 else n,
                source=[None, "Post", "Echo", "Radio"][(n + version) % 4],
            )
            for n, version in wanted.items()
            if version
        ]
        gone = [f"a{n}" for n, version in wanted.items() if not version and f"a{n}" in here]
        box.put(index, *put, removed=gone)
        if not look:
            continue
        with store.snapshot() as reader:
            full, brought_up = reader.columns(), reader.columns(known)
            assert described(brought_up) == described(full)
            assert (np.diff(brought_up.ids) > 0).all()
            assert (np.diff(brought_up.keys) > 0).all()
            known = brought_up
    store.close()
    index.close()


def test_little_is_read_for_a_little_change(box) -> None:
    index = box.make(*(box.article(f"a{n}", f"Number {n} of it.", n) for n in range(50)))
    store = Store(box.path / "newsqa.db")
    with store.snapshot() as reader:
        before = reader.columns()
    box.put(index, box.article("new", "One more."), removed=["a3", "a4"])
    with store.snapshot() as reader:
        changes = reader._changes(before.generation)
        assert len(changes.removed) == 2
        assert len(changes.articles) == len(changes.passages) == 1
        assert len(reader.columns(before).keys) == 49
    store.close()
    index.close()


def test_each_commit_says_when_it_was_made(box) -> None:
    index = box.open()
    when = datetime(2024, 5, 1, 12, 30, tzinfo=UTC)
    entries, vectors = box.entries([box.article("a", "One of it.")])
    with index.writing(clock=lambda: when) as writer:
        writer.commit(entries, vectors=vectors)
    assert index.info().changed == when
    index.close()
