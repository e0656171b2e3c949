"""How much of what a text is about stands in another, by how rare its words are."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol, TypeAlias

from newsqa.synthesis.verbs import IRREGULAR
from newsqa.synthesis.wording import is_content
from newsqa.types import Hit

Information: TypeAlias = Mapping[str, float]
"""The rarity of each term that says what a text is about."""


class Words(Protocol):
    """The archive's vocabulary."""

    def terms(self, text: str) -> list[str]:
        """The terms of a text, in order."""

    def rarity(self, term: str) -> float:
        """A term's inverse document frequency."""


def information(text: str, words: Words) -> Information:
    """What a text is about."""
    return {
        term: words.rarity(term)
        for word in re.findall(r"[\w’'-]+", text)
        for term in words.terms(word)
        if is_content(term) and is_content(word.casefold())
    }


def missing(text: str, hits: Sequence[Hit], words: Words) -> float:
    """The share of what a text is about that no hit says, in any form of a verb, [0, 1].

    Its passage or its article's title may say it; 0 of a text that is about nothing.
    """
    about, forms = information(text, words), _forms(words.terms)
    said = frozenset[str]().union(*(HitTerms.of(hit, words).all() for hit in hits))
    found = {term for term in about if not said.isdisjoint(forms.get(term, (term,)))}
    return 1.0 - share(about, found) if about else 0.0


@lru_cache(maxsize=8)
def _forms(terms: Callable[[str], list[str]]) -> Mapping[str, frozenset[str]]:
    """Of each term that is a form of an irregular verb the terms of all its forms."""
    families = (frozenset(term for form in verb for term in terms(form)) for verb in IRREGULAR)
    return {term: family for family in families for term in family}


def share(about: Information, terms: AbstractSet[str]) -> float:
    """The share of information that some terms have, [0, 1]; 0 of none."""
    total = sum(about.values())
    return sum(rarity for term, rarity in about.items() if term in terms) / total if total else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class HitTerms:
    """The terms of a hit's title and of each sentence of its passage."""

    title: frozenset[str]
    sentences: tuple[frozenset[str], ...]

    @classmethod
    def of(cls, hit: Hit, words: Words) -> HitTerms:
        """As the archive's vocabulary has them."""
        text = hit.article.text
        return cls(
            title=frozenset(words.terms(hit.article.title or "")),
            sentences=tuple(
                frozenset(words.terms(text[span.start : span.end]))
                for span in hit.passage.sentences
            ),
        )

    def around(self, at: int) -> frozenset[str]:
        """Of a sentence with what it is read after: the title and the sentence before it."""
        before = self.sentences[at - 1] if at else frozenset[str]()
        return self.sentences[at] | self.title | before

    def all(self) -> frozenset[str]:
        """Of the title and every sentence."""
        return self.title.union(*self.sentences)
