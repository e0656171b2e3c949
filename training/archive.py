"""An index's passages in memory, and those of them that are nearest to a text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from newsqa.embedding import Encoder, Vectors, load_encoder
from newsqa.indexing import Index
from newsqa.types import Article, Passage

BLOCK = 1024
"""Texts that are compared with all passages at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """Every passage of an index with its article and its vector, in the same order."""

    passages: tuple[tuple[Passage, Article], ...]
    vectors: Vectors
    encoder: Encoder

    def near(self, texts: Sequence[str], k: int) -> Iterator[npt.NDArray[np.int64]]:
        """Of each text the places of its k nearest passages by cosine, nearest first."""
        vectors = self.encoder.encode(texts)
        for begin in range(0, len(texts), BLOCK):
            scores = vectors[begin : begin + BLOCK] @ self.vectors.T
            k = min(k, scores.shape[1])
            places = np.argpartition(-scores, k - 1, axis=1)[:, :k]
            order = np.argsort(-np.take_along_axis(scores, places, 1), axis=1, kind="stable")
            yield from np.take_along_axis(places, order, 1)


def read_archive(path: Path) -> Archive:
    """All of an index that was built with the bundled encoder."""
    opened = Index.open(path)
    encoder = load_encoder()
    opened.require_encoder(name=encoder.name, fingerprint=encoder.fingerprint)
    with opened.view() as view:
        ids = view.ids()
        found = view.passages(ids)
        return Archive(
            passages=tuple(found[each] for each in ids),
            vectors=view.vectors(ids),
            encoder=encoder,
        )
