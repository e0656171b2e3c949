"""How rare a term is: among all passages, or among those that there were at an instant.

BM25 weighs a term by how few passages hold it, and tantivy counts that over everything it
holds.  For a question as of an instant that would count what was published later; here it is
counted again without that.
"""

from __future__ import annotations

import math
from functools import lru_cache

from newsqa.indexing.lexicon import LexiconView

_REMEMBERED = 50_000
"""Counts kept in memory, the latest used."""


class Frequencies:
    """The counts of one committed state.  Instants are inclusive; safe to share between threads.

    Passages without a date count only where no instant is given, as in a filter.
    """

    def __init__(self, lexicon: LexiconView, *, passages: int):
        self._lexicon = lexicon
        self._passages = passages
        self._by_then = lru_cache(_REMEMBERED)(lexicon.count_published)

    def correction(self, field: str, term: str, latest: int | None) -> float:
        """What BM25's weight of a term is to be multiplied by: idf as of then over idf now.

        0 where no passage had the term by then: it finds nothing.
        """
        if latest is None:
            return 1.0
        having = self._by_then(latest, field, term)
        if having == 0:
            return 0.0
        now = _idf(self._lexicon.documents, self._lexicon.document_frequency(term, field=field))
        return _idf(self._by_then(latest), having) / now

    def rarity(self, term: str, latest: int | None) -> float:
        """Inverse document frequency of a term, natural log: 0 for one in every passage."""
        if latest is None:
            total, having = self._passages, self._lexicon.document_frequency(term)
        else:
            total, having = self._by_then(latest), self._by_then(latest, "text", term)
        return math.log1p(max(1, total) / (1 + having))


def _idf(documents: int, having: int) -> float:
    """As tantivy has it: `documents` of which `having` have the term."""
    return math.log1p((max(documents, having) - having + 0.5) / (having + 0.5))
