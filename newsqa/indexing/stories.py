"""One story, many copies: the groups that pairs of articles make under a filter, in memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Mask = npt.NDArray[np.bool_]

TEMPLATE_FROM = 4
"""So many near-identical pages of its own outlet, each under another title, make an article one
of a template's pages (what a paywall leaves of them, say): it tells no story that others copy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """Articles that are copies of one another, by their places among the article columns.

    Each pair stands in both directions, ascending: `(n,)` int32 each.  `retitled` says where
    both are of one outlet and have different titles.
    """

    article: npt.NDArray[np.int32]
    other: npt.NDArray[np.int32]
    retitled: Mask

    @classmethod
    def of(cls, rows: Sequence[tuple[int, int, bool]]) -> Pairs:
        """From pairs given once: two places, and whether they are retitled."""
        one, other = (np.array([row[at] for row in rows], dtype=np.int32) for at in (0, 1))
        retitled = np.array([row[2] for row in rows], dtype=np.bool_)
        article, second = np.concatenate([one, other]), np.concatenate([other, one])
        order = np.lexsort((second, article))
        return cls(
            article=article[order],
            other=second[order],
            retitled=np.concatenate([retitled, retitled])[order],
        )

    def after(self, moved: npt.NDArray[np.int32], added: Pairs) -> Pairs:
        """The pairs once articles have moved, and those in `added`.

        `moved` has each old place's new one, -1 where the article is gone; `added` has new ones.
        """
        article, other = moved[self.article], moved[self.other]
        kept = (article >= 0) & (other >= 0)
        article = np.concatenate([article[kept], added.article])
        other = np.concatenate([other[kept], added.other])
        order = np.lexsort((other, article))
        return Pairs(
            article=article[order],
            other=other[order],
            retitled=np.concatenate([self.retitled[kept], added.retitled])[order],
        )

    def groups(self, articles: Iterable[int], allowed: Mask) -> dict[int, tuple[int, ...]]:
        """All articles of each article's story, itself among them, ascending; () where it has none.

        `allowed` is `(articles,)`: what it leaves out is neither counted nor a bridge.
        """
        found: dict[int, tuple[int, ...]] = {}
        for article in articles:
            if article not in found:
                story = self._reached(article, allowed)
                # Everyone in a story has the same one.
                found.update(dict.fromkeys(story or (article,), story))
        return found

    def _reached(self, article: int, allowed: Mask) -> tuple[int, ...]:
        if not self._tells(article, allowed):
            return ()
        reached, waiting = {article}, [article]
        while waiting:
            for other in self.other[self._at(waiting.pop())].tolist():
                if other not in reached and self._tells(other, allowed):
                    reached.add(other)
                    waiting.append(other)
        return tuple(sorted(reached)) if len(reached) > 1 else ()

    def _tells(self, article: int, allowed: Mask) -> bool:
        """Whether an article is allowed and not one of a template's pages."""
        at = self._at(article)
        alike = int((allowed[self.other[at]] & self.retitled[at]).sum())
        return bool(allowed[article]) and alike < TEMPLATE_FROM

    def _at(self, article: int) -> slice:
        return slice(*np.searchsorted(self.article, [article, article + 1]).tolist())
