"""Of given answers the one that the archive supports, with its evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsqa.synthesis import choose_from, stands_for_none
from newsqa.synthesis.choosing import MOST_CITED, NEGATED
from newsqa.types import Choice, Hit, Query

from .made_up import PlainWords, ScriptedReader, make_hit, make_hits

QUESTION = "Who led the rescue?"
PEOPLE = ["Ada Quill", "Bert Crane", "Ina Holt"]
HITS = make_hits(
    "The town hall has a clock. Bert Crane led the rescue on Monday.",
    "Ada Quill opened a school in Kestmouth.",
    "Ina Holt won the race. The rescue cost $3 million.",
)

either_way = pytest.mark.parametrize("told", [None, {"Bert Crane": 12.0}])


def choose(
    question: str,
    choices: Sequence[str],
    hits: Sequence[Hit],
    *,
    told: Mapping[str, float] | None = None,
    meaning: Sequence[float] | None = None,
    threshold: float = 0.0,
) -> Choice | None:
    return choose_from(
        Query(text=question),
        choices,
        hits,
        reader=None if told is None else ScriptedReader(told),
        meaning=meaning or [0.5] * len(choices),
        words=PlainWords(),
        threshold=threshold,
    )


@either_way
def test_the_choice_that_is_supported_wins(told: dict[str, float] | None) -> None:
    for turn in range(3):
        choices = PEOPLE[turn:] + PEOPLE[:turn]
        chosen = choose(QUESTION, choices, HITS, told=told)
        assert chosen is not None
        assert (chosen.text, choices[chosen.index]) == ("Bert Crane", "Bert Crane")
        assert 0.0 <= chosen.confidence <= 1.0
        assert chosen.citations[0].quote == "Bert Crane led the rescue on Monday."


def test_what_was_read_counts_where_words_tell_nothing() -> None:
    hits = make_hits("Bert Crane, Ada Quill and Ina Holt were at the rescue.")
    for person in PEOPLE:
        chosen = choose(QUESTION, PEOPLE, hits, told={person: 12.0})
        assert chosen is not None
        assert chosen.text == person


def test_what_was_read_clearly_makes_it_surer() -> None:
    by_words = choose(QUESTION, PEOPLE, HITS)
    read = choose(QUESTION, PEOPLE, HITS, told={"Bert Crane": 12.0})
    assert by_words is not None
    assert read is not None
    assert read.confidence > by_words.confidence


def test_a_choice_is_found_in_other_words_than_were_read() -> None:
    hits = make_hits("About 340 of the people in the town left their homes.", "It has 20 shops.")
    chosen = choose(
        "How many left?", ["20 people", "340 people", "3 people"], hits, told={"340": 12.0}
    )
    assert chosen is not None
    assert chosen.text == "340 people"


def test_a_choice_is_found_without_its_article_and_whatever_its_case() -> None:
    hits = make_hits("They crossed Weir Bridge.", "They came to Holt Lane.")
    chosen = choose(
        "What did they cross?", ["holt lane", "the weir bridge"], hits, told={"Weir Bridge": 12.0}
    )
    assert chosen is not None
    assert chosen.text == "the weir bridge"


def test_the_nearest_in_meaning_wins_where_nothing_else_tells() -> None:
    hits = make_hits("Ada Quill and Bert Crane were there.")
    choices = PEOPLE[:2]
    for meaning, expected in (([0.9, 0.1], 0), ([0.1, 0.9], 1)):
        chosen = choose("Who saw the clock?", choices, hits, meaning=meaning)
        assert chosen is not None
        assert chosen.index == expected


@either_way
def test_citations_are_of_different_articles_and_exact(told: dict[str, float] | None) -> None:
    hits = [
        make_hit(
            f"Note {rank}. Bert Crane led the rescue, paper {rank} says. Bert Crane is 40.",
            rank=rank,
            id=f"article-{(rank + 1) // 2}",
            source=f"Paper {rank}",
            published=datetime(2024, 5, rank, tzinfo=UTC),
        )
        for rank in range(1, 11)
    ]
    chosen = choose(QUESTION, PEOPLE, hits, told=told)
    assert chosen is not None
    assert len(chosen.citations) == MOST_CITED
    assert [citation.number for citation in chosen.citations] == [1, 2, 3]
    assert len({citation.article_id for citation in chosen.citations}) == MOST_CITED
    for citation in chosen.citations:
        article = next(hit.article for hit in hits if hit.article.source == citation.source)
        assert article.text[citation.start : citation.end] == citation.quote
        assert "Bert Crane" in citation.quote
        assert citation.context == article.text


def test_the_sentence_in_which_it_was_read_is_cited_first() -> None:
    hits = make_hits(
        "Bert Crane is 40.", "Nobody knows BERT CRANE. It was Bert Crane who led the boats."
    )
    by_words = choose(QUESTION, PEOPLE, hits)
    read = choose(QUESTION, PEOPLE, hits, told={"BERT CRANE": 12.0})
    assert by_words is not None
    assert read is not None
    assert [c.quote for c in read.citations] == ["Nobody knows BERT CRANE.", "Bert Crane is 40."]
    assert by_words.citations[0].quote == "Bert Crane is 40."


def test_nothing_found_supports_none() -> None:
    assert choose(QUESTION, PEOPLE, []) is None
    assert choose(QUESTION, PEOPLE, [], told={}) is None


@pytest.mark.parametrize("told", [None, {}, {"clock": 12.0}])
def test_choices_that_stand_nowhere_are_not_chosen(told: dict[str, float] | None) -> None:
    hits = make_hits("The town hall has a clock.", "The rescue cost $3 million.")
    assert choose(QUESTION, PEOPLE, hits, told=told) is None


def test_the_next_one_is_taken_where_the_best_can_not_be_backed() -> None:
    hits = make_hits("Ada Quill saw the clock.")
    chosen = choose("Who saw the clock?", ["Bert Crane", "Ada Quill"], hits, meaning=[1.0, 0.0])
    assert chosen is not None
    assert (chosen.text, chosen.index) == ("Ada Quill", 1)


@pytest.mark.parametrize(
    "choice",
    [
        "None of the above",
        "none of the above.",
        "None of these",
        "Neither of them",
        "None of the above choices",
        "D. None of the above",
        "none-of-the-above",
        "None of the two",
        "None of the above are correct",
        "None",
        "neither",
    ],
)
def test_what_stands_for_none(choice: str) -> None:
    assert stands_for_none(choice, "Who led the rescue?")


@pytest.mark.parametrize(
    ("choice", "question"),
    [
        ("None of the Devils", "What did they sing?"),
        ("Nothing Compares", "What did they sing?"),
        ("Neither Here nor There", "What did they sing?"),
        ("Nonesuch", "What did they sing?"),
        ("None", "How many goals did they score?"),
        ("Nine of them", "How many left?"),
    ],
)
def test_what_only_looks_like_none_is_a_choice(choice: str, question: str) -> None:
    assert not stands_for_none(choice, question)


@either_way
@pytest.mark.parametrize(
    ("question", "choices", "text"),
    [
        ("Which country won the relay?", ["China", "US"], "The US won the relay."),
        ("When did the bridge open?", ["June", "May"], "The bridge opened in May."),
        ("Which agency warned of it?", ["NASA", "WHO"], "The WHO warned of it."),
    ],
)
def test_a_choice_of_function_words_is_told_by_its_letters(
    question: str, choices: list[str], text: str, told: dict[str, float] | None
) -> None:
    chosen = choose(question, choices, make_hits(text), told=told)
    assert chosen is not None
    assert chosen.text == choices[1]


@either_way
def test_the_threshold_decides(told: dict[str, float] | None) -> None:
    chosen = choose(QUESTION, PEOPLE, HITS, told=told)
    assert chosen is not None
    sure = chosen.confidence
    assert choose(QUESTION, PEOPLE, HITS, told=told, threshold=sure) == chosen
    assert choose(QUESTION, PEOPLE, HITS, told=told, threshold=min(1.0, sure + 1e-6)) is None


CHOIR = make_hits(
    "Ada Quill is a member of the choir.",
    "Bert Crane is a member of the choir too.",
    "Ina Holt plays the drum.",
)


@pytest.mark.parametrize(
    "question",
    [
        "Which of these is not a member of the choir?",
        "Which of these isn’t a member of the choir?",
        "All of these are in the choir except which member?",
        "Which member was never of the choir?",
        "Which of these can the choir not call a member?",
    ],
)
@pytest.mark.parametrize("told", [None, {"Ada Quill": 12.0, "Bert Crane": 12.0}])
def test_where_the_question_asks_what_is_not_so_support_counts_against(
    question: str, told: dict[str, float] | None
) -> None:
    chosen = choose(question, PEOPLE, CHOIR, told=told)
    assert chosen is not None
    assert chosen.text == "Ina Holt"
    assert [citation.quote for citation in chosen.citations] == ["Ina Holt plays the drum."]


@pytest.mark.parametrize(
    "question",
    [
        "He said the choir won’t sing this year. Who is a member of the choir?",
        "The choir will not sing with which member of the choir?",
        "What share of the choir does not think that Quill is a member of the choir?",
    ],
)
def test_what_is_denied_beside_the_choices_is_no_negation(question: str) -> None:
    assert not NEGATED.search(question)
    chosen = choose(question, PEOPLE, CHOIR)
    assert chosen is not None
    assert chosen.text != "Ina Holt"


def test_what_no_passage_mentions_is_not_chosen_even_where_that_is_asked_for() -> None:
    assert choose("Which of these is not a member of the choir?", PEOPLE, CHOIR[:2]) is None


def test_a_word_that_only_looks_like_a_negation_is_none() -> None:
    chosen = choose("Which notable person is a member of the choir?", PEOPLE, CHOIR)
    assert chosen is not None
    assert chosen.text != "Ina Holt"


def test_of_equally_supported_choices_the_first_is_taken() -> None:
    hits = make_hits("Ada Quill and Bert Crane led the rescue.")
    for choices in (PEOPLE[:2], PEOPLE[1::-1]):
        found = [choose(QUESTION, choices, hits) for _ in range(3)]
        assert found[0] is not None
        assert found[0].index == 0
        assert found[0] == found[1] == found[2]


def test_one_choice_may_be_given() -> None:
    chosen = choose(QUESTION, ["Bert Crane"], HITS, told={"Bert Crane": 12.0})
    assert chosen is not None
    assert chosen.index == 0


@given(
    st.lists(st.text("ab AB.\n?1—é", max_size=40), max_size=4),
    st.lists(st.text("abAB 1.?", min_size=1, max_size=6), min_size=1, max_size=4),
    st.none() | st.dictionaries(st.sampled_from(["a", "AB", "1", "a b"]), st.floats(-30, 30)),
    st.sampled_from(["Who saw a?", "Who is not a?", "?"]),
)
def test_a_choice_is_one_of_those_given_with_exact_quotes(
    texts: list[str], choices: list[str], told: dict[str, float] | None, question: str
) -> None:
    hits = make_hits(*texts)
    chosen = choose(question, choices, hits, told=told)
    if chosen is None:
        return
    assert choices[chosen.index] == chosen.text
    assert 0.0 <= chosen.confidence <= 1.0
    assert 1 <= len(chosen.citations) <= MOST_CITED
    assert len({citation.article_id for citation in chosen.citations}) == len(chosen.citations)
    articles = {hit.article.id: hit.article for hit in hits}
    for number, citation in enumerate(chosen.citations, start=1):
        assert citation.number == number
        text = articles[citation.article_id].text
        assert text[citation.start : citation.end] == citation.quote
