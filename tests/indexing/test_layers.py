"""A large index and a small tail: together they find what one index of all would."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsqa.indexing import layers as layering
from newsqa.indexing.layers import Layers
from newsqa.indexing.vectors import Limits, VectorIndex

DIMENSION = 8
RNG = np.random.default_rng(8)
IDS = np.sort(RNG.choice(2**62, size=400, replace=False)).astype(np.int64)
ROWS = RNG.standard_normal((400, DIMENSION)).astype(np.float32)
ROWS /= np.linalg.norm(ROWS, axis=1, keepdims=True)
LIMITS = Limits(exact=50, whole=100)


def read(ids: np.ndarray) -> np.ndarray:
    at = np.searchsorted(IDS, ids)
    assert (IDS[at] == ids).all()
    return ROWS[at]


def present(ids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return ids, read(ids)


def nothing(ids: np.ndarray) -> np.ndarray:
    raise AssertionError(f"{len(ids)} vectors were read again")


def over(ids: np.ndarray, base: VectorIndex, tail: VectorIndex | None, reading) -> Layers:
    """Each passage of an article of its own, so that filters may choose among passages."""
    owners = np.arange(len(ids), dtype=np.int32)
    return Layers.over(ids, owners, base, tail, reading, dimension=DIMENSION)


def truth(ids: np.ndarray, query: np.ndarray, k: int) -> list[int]:
    return ids[np.argsort(-(read(ids) @ query), kind="stable")[:k]].tolist() if len(ids) else []


@settings(max_examples=40, derandomize=True, database=None)
@given(
    base=st.integers(0, 300), dead=st.floats(0, 1), fresh=st.integers(0, 90),
    share=st.sampled_from([None, 0.0, 0.02, 0.5, 1.0]), seed=st.integers(0, 9),
)  # fmt: skip
def test_they_find_what_one_index_of_all_would(
    base: int, dead: float, fresh: int, share: float | None, seed: int
) -> None:
    chance = np.random.default_rng(seed)
    order = chance.permutation(len(IDS))
    old, new = IDS[order[:base]], IDS[order[base : base + fresh]]
    ids = np.sort(np.concatenate([old[chance.random(len(old)) >= dead], new]))
    layers = over(ids, VectorIndex.of(old, read(old)), None, read)
    allowed = None if share is None else chance.random(len(ids)) < share
    expected = ids if allowed is None else ids[allowed]
    for query in (ROWS[0], ROWS[1]):
        found = layers.search(query, 10, allowed=allowed, read=read)
        assert found.ids.tolist() == truth(expected, query, 10)
        assert np.allclose(found.scores, read(found.ids) @ query, atol=1e-5)


def test_only_what_neither_holds_is_read() -> None:
    base = VectorIndex.of(IDS[:100], ROWS[:100])
    first = over(IDS[:120], base, None, read)
    assert len(first.tail) == 20
    again = over(IDS[5:118], base, first.tail, nothing)
    assert again.search(ROWS[110], 1, allowed=None, read=nothing).ids.tolist() == [IDS[110]]
    assert IDS[2] not in again.search(ROWS[2], 200, allowed=None, read=nothing).ids


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layering, "TAIL", 20)


def layered(base: int, ids: np.ndarray, limits: Limits = LIMITS) -> Layers:
    made = VectorIndex.make(IDS[:base], present, dimension=DIMENSION, limits=limits)
    return over(ids, made, None, read)


def test_they_are_merged_when_there_is_reason_to(small: None) -> None:
    assert not layered(200, IDS[:200]).due(limits=LIMITS)
    assert not layered(200, IDS[:220]).due(limits=LIMITS)
    assert layered(200, IDS[:221]).due(limits=LIMITS)  # the tail is long
    assert not layered(200, IDS[39:200]).due(limits=LIMITS)
    assert layered(200, IDS[41:200]).due(limits=LIMITS)  # a fifth is dead
    assert layered(45, IDS[:51]).due(limits=LIMITS)  # another kind suits
    assert layered(10, IDS[:11]).due(limits=LIMITS)  # few are always one index


@pytest.mark.parametrize(("base", "live"), [(40, 45), (200, 215), (200, 390), (200, 60)])
def test_merged_they_hold_exactly_the_live_ones(base: int, live: int) -> None:
    ids = IDS[5:live]
    merged = layered(base, ids).merged(present, dimension=DIMENSION, limits=LIMITS)
    assert merged.kind == LIMITS.kind(len(ids))
    after = over(ids, merged, None, nothing)
    assert len(after.tail) == 0
    assert not after.due(limits=LIMITS) or len(ids) <= layering.TAIL
    for at in (5, 20, live - 1):
        assert after.search(ROWS[at], 1, allowed=None, read=read).ids.tolist() == [IDS[at]]
    found = after.search(ROWS[3], 400, allowed=np.ones(len(ids), np.bool_), read=read)
    assert set(found.ids.tolist()) <= set(ids.tolist())
