"""Hits → fewer hits: near-copies of one passage folded into the best of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from newsqa.indexing import Filter, View
from newsqa.types import Citation, Hit, Reference

SHINGLE_WORDS = 4
COPY_FROM = 0.6
"""Share of the shorter passage's shingles found in the other, from which it is a copy."""
COPY_OF_STORY_FROM = 0.4
"""The same where their articles are known to be copies of one story."""

_WORD = re.compile(r"\w+")


def fold_copies(
    hits: Iterable[Hit],
    *,
    limit: int | None = None,
    stories: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> tuple[Hit, ...]:
    """The first `limit` hits in their order, without near-copies, ranked anew.

    A hit whose words (runs of four) mostly stand in a better hit of another article is
    folded into that one, which then names its article in `copies`; where `stories` has the
    two as copies of one story (its other articles by an article's id), a smaller share is
    enough, for they may be cut elsewhere.  Passages of one article are never folded: their
    words are apart by construction.
    """
    kept: list[Hit] = []
    shingles: list[frozenset[tuple[str, ...]]] = []
    for hit in hits:
        own, article = _shingles(hit.passage.text), hit.passage.article_id
        for at, other in enumerate(shingles):
            known = kept[at].passage.article_id
            least = COPY_OF_STORY_FROM if known in stories.get(article, ()) else COPY_FROM
            if article != known and _overlap(own, other, least):
                if article not in kept[at].copies:
                    kept[at] = replace(kept[at], copies=(*kept[at].copies, article))
                break
        else:
            if len(kept) == limit:
                break
            kept.append(hit)
            shingles.append(own)
    return tuple(
        replace(hit, rank=rank, copies=_joined(hit, stories))
        for rank, hit in enumerate(kept, start=1)
    )


def printed_elsewhere(citation: Citation, view: View, chosen: Filter) -> Citation:
    """The citation, naming the copies of its story that have its quote word for word.

    It says too when the words of its article were changed last.
    """
    others = view.copies_of([citation.article_id], chosen)[citation.article_id]
    found = [article for each in others if (article := view.article(each)) is not None]
    return replace(
        citation,
        elsewhere=tuple(Reference.to(a) for a in found if citation.quote in a.text),
        corrected=view.corrected(citation.article_id),
    )


def _joined(hit: Hit, stories: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    own = hit.passage.article_id
    return tuple(dict.fromkeys(i for i in (*hit.copies, *stories.get(own, ())) if i != own))


def _shingles(text: str) -> frozenset[tuple[str, ...]]:
    words = _WORD.findall(text.lower())
    runs = max(1, len(words) - SHINGLE_WORDS + 1)
    return frozenset(tuple(words[i : i + SHINGLE_WORDS]) for i in range(runs))


def _overlap(
    one: frozenset[tuple[str, ...]], other: frozenset[tuple[str, ...]], least: float
) -> bool:
    return len(one & other) >= least * min(len(one), len(other))
