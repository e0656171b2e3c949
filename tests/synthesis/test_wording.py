"""What a question asks for, and what a sentence has to offer."""

from __future__ import annotations

import pytest

from newsqa.synthesis.wording import (
    changes,
    leans,
    offers,
    retracts,
    without_dateline,
)


def test_offers_looks_beyond_the_question_and_the_first_word() -> None:
    assert offers("person", "Then Ada Quill spoke.", "Who spoke?")
    assert not offers("person", "Then nobody spoke.", "Who spoke?")
    assert not offers("count", "All 12 spoke.", "Did 12 speak?")


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("PARIS (AP) — It rained.", "It rained."),
        ("ST. LOUIS - It rained.", "It rained."),
        ("(CNN) It rained.", "It rained."),
        ("NATO said it rained.", "NATO said it rained."),
        ("US-led talks rained on.", "US-led talks rained on."),
    ],
)
def test_datelines(sentence: str, said: str) -> None:
    assert without_dateline(sentence) == said


def test_sentences_that_need_a_neighbour() -> None:
    assert leans("She left.")
    assert not leans("Sheila left.")
    assert retracts("That figure was wrong.")
    assert not retracts("That figure was large.")
    assert changes("The advice was lifted on Wednesday.")
    assert changes("The bridge is fully open again.")
    assert changes("The strike is over, they said.")
    assert not changes("The bridge is open.")
    assert not changes("The bill was over 200 crowns.")
    assert not retracts("It is wrong to say that Quill resigned.")
    assert not retracts("The opposition says it is wrong that nobody resigned.")
