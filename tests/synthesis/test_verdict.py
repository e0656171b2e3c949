"""Yes or no, only where a sentence states it."""

from __future__ import annotations

import pytest

from newsqa.indexing.snapshot import Words
from newsqa.synthesis.verdict import verdict


class RealTerms:
    """The terms of the real index; every one as rare as any other."""

    def terms(self, text: str) -> list[str]:
        return Words.terms(text)

    def rarity(self, term: str) -> float:
        return 1.0


@pytest.mark.parametrize(
    ("question", "sentence", "said"),
    [
        ("Did the mayor resign?", "The mayor resigned on Friday.", "yes"),
        ("Did the mayor resign?", "The mayor did not resign on Friday.", "no"),
        ("Did the mayor resign?", "The mayor never resigned.", "no"),
        ("Did the mayor resign?", "The mayor may resign on Friday.", None),
        ("Did the mayor resign?", "Reportedly the mayor resigned.", None),
        ("Did the mayor resign?", "Did the mayor resign?", None),
        ("Did the mayor resign?", "The mayor resigned, but not over the tunnel.", None),
        ("Did the mayor not resign?", "The mayor resigned.", None),
        ("Did the mayor resign?", "The governor resigned.", None),
        ("Did Spain beat France?", "Spain beat France.", "yes"),
        ("Did Spain beat France?", "France beat Spain.", None),
        ("Is it?", "It is.", None),
        ("Did the mayor resign?", "The mayor’s deputy resigned on Friday.", None),
        ("Did the mayor resign?", "The mayor resigned herself to defeat.", None),
        ("Did the court ban the film?", "The court lifted the ban on the film.", None),
        ("Did the court ban the film?", "On Monday the court banned the film.", "yes"),
        ("True or false: the mayor resigned?", "The mayor resigned on Friday.", "yes"),
    ],
)
def test_a_verdict_is_what_the_sentence_states(
    question: str, sentence: str, said: str | None
) -> None:
    assert verdict(question, sentence, RealTerms()) == said
