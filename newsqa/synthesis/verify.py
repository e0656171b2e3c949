"""Does what is shown hold?  Every guarantee of an answer, checked as it is made."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from newsqa.errors import VerificationError
from newsqa.synthesis.compose import Composition
from newsqa.synthesis.wording import corroborates, numbers_in
from newsqa.types import Article

_WORD = re.compile(r"\w+")


def without_unverified(composition: Composition) -> Composition:
    """The composition without the statements that their quotes don't support."""
    quotes = {citation.number: citation.quote for citation in composition.citations}
    kept = [
        statement
        for statement in composition.statements
        if statement.numbers and supported(statement.text, [quotes[n] for n in statement.numbers])
    ]
    return composition if len(kept) == len(composition.statements) else composition.only(kept)


def verify(
    composition: Composition,
    articles: Mapping[str, Article],
    *,
    exact: Sequence[str],
    supports: Callable[[str, list[str]], bool] | None = None,
) -> None:
    """Raise VerificationError unless every guarantee holds.

    Each citation's quote is exactly `article.text[start:end]`; numbers run from 1 without
    gaps, each used; each sentence is supported by all that it cites; each exact answer
    stands in a cited quote.  `supports` decides whether quotes support a sentence; without it they
    must hold it word for word.
    """
    supports = supports or supported
    for citation in composition.citations:
        article = articles.get(citation.article_id)
        found = None if article is None else article.text[citation.start : citation.end]
        if found != citation.quote or not citation.quote.strip():
            raise VerificationError(
                f"citation [{citation.number}] quotes {citation.quote!r}, but article "
                f"{citation.article_id} has {found!r} at [{citation.start}, {citation.end})"
            )
    numbers = [citation.number for citation in composition.citations]
    used = {n for statement in composition.statements for n in statement.numbers}
    if numbers != list(range(1, len(numbers) + 1)) or used != set(numbers):
        raise VerificationError(f"citations {numbers} and marks {sorted(used)} don't match")
    quotes = {citation.number: citation.quote for citation in composition.citations}
    for statement in composition.statements:
        cited = [quotes[n] for n in statement.numbers]
        if not supports(statement.text, cited):
            raise VerificationError(f"{statement.text!r} is not supported by {cited!r}")
    for text in exact:
        if not any(text in quote for quote in quotes.values()):
            raise VerificationError(f"the exact answer {text!r} stands in no cited quote")


def supported(sentence: str, quotes: list[str]) -> bool:
    """Whether the first quote holds the sentence word for word, and the others say the same."""
    words = _WORD.findall(sentence.casefold())
    if not words or not quotes:
        return False
    first, *others = quotes
    there = _WORD.findall(first.casefold())
    verbatim = any(there[at : at + len(words)] == words for at in range(len(there)))
    return (
        verbatim
        and numbers_in(sentence) <= numbers_in(first)
        and all(corroborates(sentence, other) for other in others)
    )
