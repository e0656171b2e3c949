"""How much of what a text is about stands in another."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsqa.indexing import View
from newsqa.synthesis.coverage import HitTerms, information, missing, share

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


@pytest.mark.parametrize(
    ("question", "share"),
    [
        ("Who led the rescue?", 0.0),
        ("Who leads it?", 1.0),  # these words have no stems
        ("Who led the parade?", 6 / 9),
        ("What sank?", 0.0),
        ("When did it sink?", 0.0),  # another form of an irregular verb
        ("Is Weir safe?", 4 / 8),
        ("The weir?", 0.0),  # the title says it
        ("Who was it?", 0.0),
    ],
)
def test_what_no_hit_says_is_missing(question: str, share: float) -> None:
    hits = [
        make_hit("Bert led the rescue.", rank=1),
        make_hit("The boat had sunk by then. All were safe.", rank=2, title="At the weir"),
    ]
    if question == "Is Weir safe?":
        hits = [make_hit("All were safe.")]
    assert missing(question, hits, Rarities()) == pytest.approx(share)


def test_where_nothing_was_found_all_is_missing() -> None:
    assert missing("Who led the rescue?", [], PlainWords()) == 1.0


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("Who wins the cup?", "Ann won the cup."),
        ("Who won the cup?", "Ann wins the cup."),
        ("Who was ‘taking’ over?", "Ann took over."),
        ("Who died?", "Ann's death was told."),
        ("Who leads the party?", "Ann led the parties."),
    ],
)
def test_by_the_archive_s_stems_any_form_of_a_verb_is_said(question: str, told: str) -> None:
    class Stems(PlainWords):
        def terms(self, text: str) -> list[str]:
            return View.terms(text)

    assert missing(question, [make_hit(told)], Stems()) == 0.0
