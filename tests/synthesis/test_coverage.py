"""How much of what a text is about stands in another."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsqa.synthesis.coverage import HitTerms, information, share

from .made_up import PlainWords, make_hit


class Rarities(PlainWords):
    """Long words are rare."""

    def rarity(self, term: str) -> float:
        return float(len(term))


def test_a_text_is_about_its_words_of_content_by_their_rarity() -> None:
    assert information("Who led the rescue at the weir?", Rarities()) == {
        "led": 3.0,
        "rescue": 6.0,
        "weir": 4.0,
    }
    assert information("Who was it?", Rarities()) == {}


def test_the_share_is_of_rarity_not_of_words() -> None:
    about = information("rescue weir", Rarities())
    assert share(about, {"rescue", "boat"}) == pytest.approx(0.6)
    assert share(about, set()) == 0.0
    assert share({}, {"rescue"}) == 0.0


@given(st.text("ab é'’?1 ", max_size=30), st.text("ab é'’?1 ", max_size=30))
def test_a_share_is_a_share_and_a_text_covers_itself(one: str, other: str) -> None:
    words = PlainWords()
    about = information(one, words)
    assert 0.0 <= share(about, set(words.terms(other))) <= 1.0
    assert share(about, set(words.terms(one))) == (1.0 if about else 0.0)


def test_a_sentence_is_read_after_the_title_and_the_one_before() -> None:
    hit = make_hit("The river rose. Bert led it. All left.", title="Rescue")
    terms = HitTerms.of(hit, PlainWords())
    assert terms.around(0) == {"rescue", "the", "river", "rose"}
    assert terms.around(2) == {"rescue", "bert", "led", "it", "all", "left"}
    assert terms.all() == terms.around(0) | terms.around(2)
