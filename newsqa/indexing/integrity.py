"""Is what is stored what was added?  Told by the digests that articles and passages carry."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from newsqa.articles.identity import hash_of
from newsqa.chunking import passage_id
from newsqa.types import Article, Passage

DAMAGED = "damaged"
"""Stands for the content hash of an article that was found damaged, so that it is taken in anew
when it is added again."""
_DIGEST = re.compile(r"[0-9a-f]{32}")
"""What `content_hash` gives.  An article that was put in by hand may have any other mark for
its content: that can't be verified, which is no problem."""


def is_damaged(article: Article) -> bool:
    """Whether an article is not what was added."""
    return next(problems_of(article), None) is not None


def problems_of(article: Article) -> Iterator[str]:
    """What is wrong with an article, in words."""
    if article.content_hash == DAMAGED:
        yield f"article {article.id} is not what was added; add it again from where it came from"
    elif _DIGEST.fullmatch(article.content_hash) and article.content_hash != hash_of(article):
        yield (
            f"article {article.id} is not what was added: its content is {hash_of(article)}, "
            f"was {article.content_hash}; add it again from where it came from"
        )


def problems_of_passage(passage: Passage, article: Article) -> Iterator[str]:
    """The same of one of its passages, by its id."""
    expected = passage_id(article, passage.start, passage.end)
    if passage.id != expected:
        yield (
            f"article {article.id}: the passage at [{passage.start}, {passage.end}) has the "
            f"id {passage.id}, expected {expected}"
        )


def off(vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.bool_]:
    """`(n,)`: which rows of `(n, dim)` are not of length 1, as every vector is stored."""
    with np.errstate(all="ignore"):
        norms = np.linalg.norm(vectors, axis=1)
    wrong: npt.NDArray[np.bool_] = ~np.isclose(norms, 1.0, atol=1e-3)
    return wrong
