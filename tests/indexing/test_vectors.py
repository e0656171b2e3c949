"""Vectors in FAISS, exact and as an inverted file: saved, loaded, filtered, changed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsqa.indexing.probing import RECALL
from newsqa.indexing.vectors import GONE, MAPPED_FROM, Damaged, Limits, VectorIndex

DIMENSION = 16
KINDS = {
    "exact": Limits(),
    "inverted file": Limits(exact=100),
    "quantised inverted file": Limits(exact=100, whole=200),
}


def unit(rng: np.random.Generator, count: int) -> np.ndarray:
    """Unit rows around some centres, as embeddings are."""
    centres = rng.standard_normal((max(1, count // 40), DIMENSION))
    rows = centres[rng.integers(len(centres), size=count)]
    rows = rows + 0.6 * rng.standard_normal((count, DIMENSION))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


class Set:
    def __init__(self, kind: str, count: int = 1500, seed: int = 3):
        rng = np.random.default_rng(seed)
        self.limits = KINDS[kind]
        self.ids = np.sort(rng.choice(2**62, size=count, replace=False)).astype(np.int64)
        self.vectors = unit(rng, count)
        near = self.vectors[rng.integers(count, size=40)]
        near = near + 0.15 * rng.standard_normal(near.shape)
        self.queries = (near / np.linalg.norm(near, axis=1, keepdims=True)).astype(np.float32)
        self.index = VectorIndex.make(self.ids, self.read, dimension=DIMENSION, limits=self.limits)

    def read(self, ids: np.ndarray) -> np.ndarray:
        return self.vectors[np.searchsorted(self.ids, ids)]

    def search(self, query: np.ndarray, k: int, allowed: np.ndarray | None = None):
        return self.index.search(query, k, allowed=allowed, read=self.read)

    def truth(self, query: np.ndarray, k: int, allowed: np.ndarray | None = None) -> list[int]:
        scores = self.vectors @ query
        if allowed is not None:
            scores = np.where(allowed, scores, -np.inf)
            k = min(k, int(allowed.sum()))
        return self.ids[np.argsort(-scores, kind="stable")[:k]].tolist()

    def recall(self, k: int, allowed: np.ndarray | None = None) -> float:
        shares = []
        for query in self.queries:
            truth = self.truth(query, k, allowed)
            found = self.search(query, k, allowed).ids.tolist()
            assert len(set(found)) == len(found)
            shares.append(len(set(truth) & set(found)) / len(truth))
        return float(np.mean(shares))


@pytest.fixture(scope="module", params=KINDS)
def vectors(request: pytest.FixtureRequest) -> Set:
    return Set(request.param)


def test_the_kind_goes_by_the_number_of_vectors(vectors: Set) -> None:
    assert vectors.index.kind == vectors.limits.kind(1500)
    assert len(vectors.index) == 1500


def test_the_nearest_are_found_best_first(vectors: Set) -> None:
    least = 1.0 if vectors.index.kind == "exact" else RECALL - 0.03
    assert vectors.recall(10) >= least
    scores = vectors.search(vectors.queries[0], 20).scores
    assert scores.tolist() == sorted(scores.tolist(), reverse=True)
    row = vectors.search(vectors.vectors[7], 1)
    assert row.ids.tolist() == [vectors.ids[7]]
    assert row.scores[0] == pytest.approx(1.0, abs=1e-5)


def test_questions_from_outside_find_their_nearest_too() -> None:
    """Far from every vector, as questions are: the probes are not chosen by the easy ones."""
    rng = np.random.default_rng(0)
    centres = rng.standard_normal((200, 64))

    def around(count: int, spread: float) -> np.ndarray:
        rows = centres[rng.integers(200, size=count)] + spread * rng.standard_normal((count, 64))
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)

    vectors, queries = around(8000, 1.2), around(150, 1.9)
    index = VectorIndex.make(
        np.arange(8000), lambda ids: vectors[ids], dimension=64, limits=Limits(exact=100)
    )
    truth = np.argsort(-(queries @ vectors.T), axis=1)[:, :10]
    found = [index.search(query, 10).ids for query in queries]
    shares = [len(np.intersect1d(a, b)) / 10 for a, b in zip(truth, found, strict=True)]
    assert np.mean(shares) >= 0.97
    assert index.probes < 200


@settings(max_examples=25, deadline=None, derandomize=True, database=None)
@given(share=st.sampled_from([0.0, 0.002, 0.05, 0.3, 0.9, 1.0]), seed=st.integers(0, 99),
       k=st.sampled_from([1, 10, 2000]))  # fmt: skip
def test_a_filter_is_inside_the_search(vectors: Set, share: float, seed: int, k: int) -> None:
    allowed = np.random.default_rng(seed).random(len(vectors.ids)) < share
    if not allowed.any():
        assert len(vectors.index.search(vectors.queries[0], k, allowed=allowed).ids) == 0
        return
    for query in vectors.queries[:3]:
        found = vectors.search(query, k, allowed)
        assert set(found.ids.tolist()) <= set(vectors.ids[allowed].tolist())
        if vectors.index.kind == "exact" or (share < 0.1 and not vectors.index.approximate):
            assert found.ids.tolist() == vectors.truth(query, k, allowed)
    if k == 10 and share >= 0.3:
        assert vectors.recall(10, allowed) >= 0.9


def test_saved_and_loaded_it_finds_the_same(vectors: Set, tmp_path: Path) -> None:
    path = tmp_path / "vectors.faiss"
    vectors.index.save(path, uid="u", generation=5)
    loaded = VectorIndex.load(path, uid="u", dimension=DIMENSION)
    assert (loaded.kind, loaded.probes, loaded.generation) == (
        vectors.index.kind, vectors.index.probes, 5,
    )  # fmt: skip
    allowed = np.arange(1500) % 3 == 0
    for query in vectors.queries:
        for mask in (None, allowed):
            before = vectors.index.search(query, 10, allowed=mask)
            after = loaded.search(query, 10, allowed=mask)
            assert after.ids.tolist() == before.ids.tolist()
            np.testing.assert_array_equal(after.scores, before.scores)
    assert [file.name for file in tmp_path.iterdir()] == ["vectors.faiss"]


def test_another_index_or_dimension_is_damage(vectors: Set, tmp_path: Path) -> None:
    path = tmp_path / "vectors.faiss"
    vectors.index.save(path, uid="u", generation=5)
    with pytest.raises(Damaged):
        VectorIndex.load(path, uid="other", dimension=DIMENSION)
    with pytest.raises(Damaged):
        VectorIndex.load(path, uid="u", dimension=DIMENSION + 1)
    with pytest.raises(Damaged):
        VectorIndex.load(tmp_path / "none", uid="u", dimension=DIMENSION)


def test_changes_leave_exactly_the_live_ones(vectors: Set) -> None:
    rng = np.random.default_rng(5)
    fresh = unit(rng, 30)
    added = np.sort(rng.choice(2**62, size=30, replace=False)).astype(np.int64)
    kept = rng.random(1500) < 0.9
    changed = vectors.index.changed(kept, added, fresh)
    assert changed.kind == vectors.index.kind
    live = np.concatenate([vectors.ids[kept], added])
    assert np.array_equal(np.sort(changed.ids[changed.ids != GONE]), np.sort(live))
    by_id = dict(zip(vectors.ids.tolist(), vectors.vectors, strict=True))
    by_id.update(zip(added.tolist(), fresh, strict=True))
    everything = changed.search(vectors.queries[0], 2000, allowed=changed.ids != GONE)
    if vectors.index.kind == "exact":
        assert set(everything.ids.tolist()) == set(live.tolist())
    assert set(everything.ids.tolist()) <= set(live.tolist())
    for i, score in zip(everything.ids.tolist(), everything.scores, strict=True):
        near = 0.1 if changed.approximate else 1e-5
        assert score == pytest.approx(float(by_id[i] @ vectors.queries[0]), abs=near)
    for i, row in zip(added.tolist(), fresh, strict=True):
        found = changed.search(row, 1, read=lambda ids: np.stack([by_id[i] for i in ids.tolist()]))
        assert found.ids.tolist() == [i]
    # What was there before is untouched.
    assert len(vectors.index) == 1500
    assert (vectors.index.ids != GONE).all()


def test_what_was_taken_out_is_not_in_the_file(vectors: Set, tmp_path: Path) -> None:
    kept = np.ones(1500, np.bool_)
    kept[11] = False
    changed = vectors.index.changed(kept, vectors.ids[:0], np.empty((0, DIMENSION), np.float32))
    path = tmp_path / "vectors.faiss"
    vectors.index.save(path, uid="u", generation=1)
    before = path.read_bytes()
    changed.save(path, uid="u", generation=2)
    after = path.read_bytes()
    assert len(after) < len(before)
    assert int(vectors.ids[11]).to_bytes(8, "little") in before
    assert int(vectors.ids[11]).to_bytes(8, "little") not in after
    if not changed.approximate:
        assert vectors.vectors[11].tobytes() in before
        assert vectors.vectors[11].tobytes() not in after


def test_a_kind_suits_until_the_number_has_doubled_or_halved(vectors: Set) -> None:
    index, limits = vectors.index, vectors.limits
    assert index.suits(1500, limits=limits)
    assert index.suits(2900, limits=limits)
    if index.kind == "exact":
        assert not index.suits(limits.exact + 1, limits=limits)
    else:
        assert not index.suits(3100, limits=limits)
        assert not index.suits(700, limits=limits)
        assert not index.suits(100, limits=limits)


def test_a_large_file_is_mapped_and_finds_the_same(
    vectors: Set, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "vectors.faiss"
    vectors.index.save(path, uid="u", generation=5)
    assert path.stat().st_size < MAPPED_FROM
    monkeypatch.setattr("newsqa.indexing.vectors.MAPPED_FROM", 1)
    mapped = VectorIndex.load(path, uid="u", dimension=DIMENSION)
    expected = [vectors.index.search(query, 10) for query in vectors.queries]
    path.unlink()  # as when a writer puts another in its place
    for query, found in zip(vectors.queries, expected, strict=True):
        assert mapped.search(query, 10).ids.tolist() == found.ids.tolist()
    kept = np.arange(1500) % 2 == 0
    halved = mapped.changed(kept, vectors.ids[:0], np.empty((0, DIMENSION), np.float32))
    found = halved.search(vectors.queries[0], 10, allowed=halved.ids != GONE)
    assert set(found.ids.tolist()) <= set(vectors.ids[kept].tolist())
    assert len(found.ids) == 10
    assert len(mapped.search(vectors.queries[0], 10).ids) == 10


def test_threads_can_search_it_at_once(vectors: Set) -> None:
    masks = [np.random.default_rng(n).random(1500) < 0.5 for n in range(8)]
    expected = [vectors.search(vectors.queries[n], 10, masks[n]) for n in range(8)]

    def work(n: int) -> None:
        for _ in range(50):
            found = vectors.search(vectors.queries[n], 10, masks[n])
            assert found.ids.tolist() == expected[n].ids.tolist()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
