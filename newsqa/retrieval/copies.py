"""Hits → fewer hits: near-copies of one passage folded into the best of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from newsqa.types import Hit

SHINGLE_WORDS = 4
COPY_FROM = 0.6
"""Share of the shorter passage's shingles found in the other, from which it is a copy."""

_WORD = re.compile(r"\w+")


def fold_copies(hits: Iterable[Hit], *, limit: int | None = None) -> tuple[Hit, ...]:
    """The first `limit` hits in their order, without near-copies, ranked anew.

    A hit whose words (runs of four) mostly stand in a better hit of another article is
    folded into that one, which then names its article in `copies`.  Passages of one
    article are never folded: their words are apart by construction.
    """
    kept: list[Hit] = []
    shingles: list[frozenset[tuple[str, ...]]] = []
    for hit in hits:
        own = _shingles(hit.passage.text)
        for at, other in enumerate(shingles):
            if hit.passage.article_id != kept[at].passage.article_id and _overlap(own, other):
                if hit.passage.article_id not in kept[at].copies:
                    kept[at] = replace(kept[at], copies=(*kept[at].copies, hit.passage.article_id))
                break
        else:
            if len(kept) == limit:
                break
            kept.append(hit)
            shingles.append(own)
    return tuple(replace(hit, rank=rank) for rank, hit in enumerate(kept, start=1))


def _shingles(text: str) -> frozenset[tuple[str, ...]]:
    words = _WORD.findall(text.lower())
    runs = max(1, len(words) - SHINGLE_WORDS + 1)
    return frozenset(tuple(words[i : i + SHINGLE_WORDS]) for i in range(runs))


def _overlap(one: frozenset[tuple[str, ...]], other: frozenset[tuple[str, ...]]) -> bool:
    return len(one & other) >= COPY_FROM * min(len(one), len(other))
