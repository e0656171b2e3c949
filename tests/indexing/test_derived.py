"""Files that lag behind the store and are merged beside it: what is found is what is stored."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from newsqa.indexing import Filter, Index
from newsqa.indexing import derived as deriving
from newsqa.indexing import layers as layering
from newsqa.indexing.vectors import Limits, VectorIndex

LIMITS = Limits(exact=120, whole=240)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tail of thirty and kinds that change at a hundred: what large archives go through."""
    for module in (layering, deriving):
        monkeypatch.setattr(module, "TAIL", 30)
    monkeypatch.setattr(Limits, "kind", lambda self, count: real_kind(LIMITS, count))


real_kind = Limits.kind


def files(path: Path) -> set[str]:
    return {file.name for file in path.glob("*.faiss*")}


def articles(box, numbers, version: int = 0) -> list:
    return [box.article(f"a{n}", f"Word{n} of version{version}. It is number {n}.", n % 40)
            for n in numbers]  # fmt: skip


def agrees(box, index: Index, held: dict[str, str]) -> None:
    """All that is stored is found, best first, by its meaning; nothing else is."""
    with index.view() as view:
        ids = [s.id for s in view.lexical({"number": 1.0}, 10_000, Filter())]
        rows = view.passages(ids)
        assert {article.id: article.text for _, article in rows.values()} == held
        exact = view.vectors(ids)
        for words in ("Word3 of it", "number 17"):
            query = box.encoder.encode([words])[0]
            true = np.sort(exact @ query)[::-1]
            found = view.dense(query, 10_000, Filter())
            assert {s.id for s in found} <= set(ids)
            scores = np.array([s.score for s in found])
            assert (np.diff(scores) <= 1e-6).all()
            true = true[:10]
            hits = sum(bool((np.abs(scores - each) < 1e-5).any()) for each in true)
            assert hits >= len(true) * (1 if index.info().kind == "exact" else 0.7)
            day = box.article("x", "x", 20).published
            early = view.dense(query, 10_000, Filter(as_of=day))
            assert {
                a.published <= day for _, a in view.passages([s.id for s in early]).values()
            } <= {True}


def test_an_archive_that_grows_and_shrinks_is_found_whole(small: None, box) -> None:
    """Several commits at a time, looked at by who writes, by who was there, and by who comes."""
    chance = random.Random(7)
    index, other = box.open(), None
    held: dict[str, str] = {}
    kinds = set()
    for step in range(14):
        growing = step < 9
        fresh = articles(box, chance.sample(range(500), 45 if growing else 4), step)
        gone = [] if growing else chance.sample(sorted(held), len(held) // 3)
        gone = [i for i in gone if i not in {a.id for a in fresh}]
        box.put(index, *fresh, removed=gone)
        held |= {a.id: a.text for a in fresh}
        held = {i: text for i, text in held.items() if i not in gone}
        if step % 3 == 0:
            agrees(box, index, held)
        if step % 4 == 1 or step == 8:
            index._derived.settle()
            index, other = Index.open(box.path), index
        kinds.add(index.info().kind)
        if other is not None and step % 2:
            agrees(box, other, held)
    kinds.add(index.info().kind)
    assert kinds >= {"exact", "inverted file", "quantised inverted file"}
    for each in (index, other):
        assert each is not None
        agrees(box, each, held)
        assert each.check().problems == ()
        each.close()
    assert files(box.path) <= {"vectors.faiss", "recent.faiss"}


def test_little_changes_leave_the_large_index_alone(small: None, box) -> None:
    index = box.make(*articles(box, range(100)))
    index.close()
    index = Index.open(box.path)
    before = (box.path / "vectors.faiss").read_bytes()
    box.put(index, *articles(box, range(200, 205)), removed=["a3", "a4"])
    assert (box.path / "vectors.faiss").read_bytes() == before
    recent = VectorIndex.load(
        box.path / "recent.faiss", uid=index._store.identity.uid, dimension=32
    )
    assert len(recent) == 5
    reader = Index.open(box.path)
    assert box.found(index, "number") == box.found(reader, "number")
    box.put(index, *articles(box, range(300, 330)))
    index.close()  # waits for the merge
    assert (box.path / "vectors.faiss").read_bytes() != before
    assert len(reader._derived._current.vectors.tail) == 5
    box.put(reader, *articles(box, [400]))
    with reader.view() as view:
        # It took the file that another one merged, and has only the last one in its own tail.
        assert len(view._snapshot.vectors.tail) == 1
    reader.close()


@pytest.mark.parametrize("name", ["vectors.faiss", "recent.faiss"])
@pytest.mark.parametrize("harm", ["gone", "cut", "flipped"])
def test_a_file_that_is_harmed_is_made_again(
    small: None, box, name: str, harm: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = box.make(*articles(box, range(60)))
    box.put(index, *articles(box, range(100, 110)))
    held = {a.id: a.text for a in index.articles()}
    index.close()
    file = box.path / name
    data = bytearray(file.read_bytes())
    if harm == "gone":
        file.unlink()
    elif harm == "cut":
        file.write_bytes(data[: len(data) // 2])
    else:
        data[len(data) // 3] ^= 4
        file.write_bytes(data)
    index = Index.open(box.path)
    agrees(box, index, held)
    index.close()
    index = Index.open(box.path)
    assert index.check().problems == ()
    agrees(box, index, held)
    index.close()


def test_a_merge_that_fails_loses_nothing(
    small: None, box, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    index = box.make(*articles(box, range(60)))
    with monkeypatch.context() as patch:
        save = VectorIndex.save

        def full(self: VectorIndex, path: Path, **rest) -> None:
            if path.name == "vectors.faiss":
                raise OSError(28, "No space left on device")
            save(self, path, **rest)

        patch.setattr(VectorIndex, "save", full)
        box.put(index, *articles(box, range(100, 140)))
        index._derived.settle()
    assert "No space left" in caplog.text
    held = {a.id: a.text for a in index.articles()}
    agrees(box, index, held)
    box.put(index, *articles(box, [500]))
    index.close()
    index = Index.open(box.path)
    assert len(index._derived._current.vectors.tail) <= 1
    index.close()


def test_words_are_not_compared_where_the_stamp_tells(
    box, flood, monkeypatch: pytest.MonkeyPatch
) -> None:
    from newsqa.indexing.lexicon import LexiconView

    def compared(self: LexiconView) -> None:
        raise AssertionError("all ids were read")

    monkeypatch.setattr(LexiconView, "ids", compared)
    box.put(flood, box.article("new", "A new one."), removed=["dog"])
    for index in (flood, Index.open(box.path)):
        assert box.texts(index, "new dog")["lexical"] == {"A new one."}
        index.close()


def test_a_store_put_back_to_an_earlier_state_is_answered_from(box, flood) -> None:
    """Its files are of a later state then, with the same numbers: the tokens tell."""
    import sqlite3

    flood.close()
    kept = sqlite3.connect(":memory:")
    with sqlite3.connect(box.path / "newsqa.db") as now:
        now.backup(kept)
    now.close()
    index = box.open()
    box.put(index, box.article("new", "A new one."), removed=["flood"])
    index.close()
    for left in box.path.glob("newsqa.db*"):
        left.unlink()
    with sqlite3.connect(box.path / "newsqa.db") as back:
        kept.backup(back)
    back.close()
    index = box.open()
    box.put(index, box.article("other", "Another new one."))
    assert {a.id for a in index.articles()} == {"flood", "ferry", "dog", "other"}
    assert len(box.texts(index, "flood new")["lexical"]) == 2
    assert index.check().problems == ()
    index.close()


def test_who_closes_it_waits_for_its_merge(small: None, box) -> None:
    index = box.make(*articles(box, range(60)))
    assert not Index.open(box.path).merging
    box.put(index, *articles(box, range(100, 140)))
    index.close()
    assert not index.merging
    again = Index.open(box.path)
    assert len(again._derived._current.vectors.tail) == 0
    again.close()
    # What was merged takes no room a second time.
    assert files(box.path) == {"vectors.faiss"}
