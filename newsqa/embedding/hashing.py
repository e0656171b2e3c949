"""An encoder without a model: for tests and for trying the pipeline, not for good answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from hashlib import blake2b

import numpy as np

from newsqa.embedding.encoder import Vectors

_WORD = re.compile(r"\w+")


class HashingEncoder:
    """Bag of words, each word a fixed random direction: deterministic, instant, offline."""

    def __init__(self, dimension: int = 64, *, max_tokens: int = 256):
        self.name = f"hashing-{dimension}"
        self.fingerprint = blake2b(self.name.encode(), digest_size=16).hexdigest()
        self.dimension = dimension
        self.max_tokens = max_tokens
        self._directions: dict[str, Vectors] = {}

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """The number of words and of other visible characters of each text."""
        return [len(re.findall(r"\w+|[^\w\s]", text)) for text in texts]

    def encode(
        self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None
    ) -> Vectors:
        """`(n, dim)` float32, unit rows; a text without words gets a fixed direction."""
        rows = [self._row(text) for text in texts]
        if progress is not None:
            progress(len(texts))
        return np.stack(rows) if rows else np.empty((0, self.dimension), dtype=np.float32)

    def _row(self, text: str) -> Vectors:
        words = _WORD.findall(text.lower()) or [""]
        row = np.sum([self._direction(word) for word in words], axis=0, dtype=np.float32)
        return np.asarray(row / max(float(np.linalg.norm(row)), 1e-9), dtype=np.float32)

    def _direction(self, word: str) -> Vectors:
        known = self._directions.get(word)
        if known is None:
            seed = int.from_bytes(blake2b(word.encode(), digest_size=8).digest(), "big")
            known = np.random.default_rng(seed).standard_normal(self.dimension, dtype=np.float32)
            self._directions[word] = known
        return known
