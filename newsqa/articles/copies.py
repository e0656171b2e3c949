"""Is one article's text another's, or an edited form of it?

Looking takes two steps: articles that share a key of their `signature` may be copies, and `alike`
then compares what they say.  Two texts of which a share J of all shingles is common to both have
a key in common with probability 1 - (1 - J³)⁴⁸: 0.73 at 0.3, 0.96 at 0.4, 0.998 at 0.5.
"""

from __future__ import annotations

import re
from functools import cache
from hashlib import blake2b
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from datasketch import MinHash

Shingles: TypeAlias = npt.NDArray[np.uint64]
"""Ascending, without repetition: 64-bit digests of a text's runs of SHINGLE_WORDS words."""

SHINGLE_WORDS = 5
FEWEST_SHINGLES = 30
"""A text with fewer says too little to be anybody's copy: it has no signature."""
BANDS, ROWS = 48, 3
CONTAINED_FROM = 0.65
"""Share of the shorter text's shingles that stand in the other, from which it may be a copy."""
JACCARD_FROM = 0.3
"""Share of both texts' shingles that stand in both, which it takes besides."""

_WORD = re.compile(r"\w+")
_SEED = 20220101
_FACTOR = 0x9E3779B97F4A7C15
_AT_ONCE = 20_000
"""Shingles hashed at a time: BANDS · ROWS numbers of 32 bits for each."""


def shingles(text: str) -> Shingles:
    """What texts are compared by; case and punctuation don't count."""
    words = _WORD.findall(text.lower())
    digests = {word: _digest(word.encode("utf-8", "replace")) for word in set(words)}
    row = np.array([digests[word] for word in words], dtype=np.uint64)
    runs = max(0, len(row) - SHINGLE_WORDS + 1)
    mixed = np.zeros(runs, dtype=np.uint64)
    for at in range(SHINGLE_WORDS):
        mixed = mixed * np.uint64(_FACTOR) + row[at : at + runs]
    return np.unique(mixed)


def signature(of: Shingles) -> tuple[int, ...]:
    """BANDS keys, each of 63 bits: MinHash values, ROWS to a key; none for too short a text."""
    if len(of) < FEWEST_SHINGLES:
        return ()
    sketch = _no_shingles().copy()
    folded = (of ^ (of >> np.uint64(32))) & np.uint64(0xFFFFFFFF)
    for at in range(0, len(folded), _AT_ONCE):
        sketch.update_batch(folded[at : at + _AT_ONCE].tolist())
    bands = sketch.hashvalues.astype("<u4").reshape(BANDS, ROWS)
    return tuple(
        _digest(band.to_bytes(2, "little") + values.tobytes()) >> 1
        for band, values in enumerate(bands)
    )


def alike(one: Shingles, other: Shingles) -> bool:
    """Whether two texts are copies of one: they share most of the shorter, much of both."""
    if min(len(one), len(other)) < FEWEST_SHINGLES:
        return False
    shared, whole = shares(one, other)
    return shared >= CONTAINED_FROM and whole >= JACCARD_FROM


def shares(one: Shingles, other: Shingles) -> tuple[float, float]:
    """Of the shorter text's shingles, and of both texts', the share that stands in both."""
    shorter = min(len(one), len(other))
    common = len(np.intersect1d(one, other, assume_unique=True))
    both = len(one) + len(other) - common
    return common / max(1, shorter), common / max(1, both)


def _digest(data: bytes) -> int:
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "little")


@cache
def _no_shingles() -> MinHash:
    from datasketch import MinHash

    # All that the keys depend on is named: those of stored articles must stay what they are.
    return MinHash(BANDS * ROWS, seed=_SEED, scheme="affine32", hashfunc=int)
