"""Spans of several passages → exact answers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsqa.synthesis import pooling
from newsqa.synthesis.logistic import Logistic
from newsqa.synthesis.pooling import POOLED, RIGHT, Pooled, key_of, pool, trimmed
from newsqa.synthesis.reading import LEAST, normaliser
from newsqa.types import Hit

from .made_up import make_hit, make_hits, scripted


def pooled(question: str, hits: Sequence[Hit], told: Mapping[str, float]) -> list[Pooled]:
    return pool(question, hits, [scripted(hit.passage.text, told) for hit in hits])


def named(answer: Pooled) -> dict[str, float]:
    """Its features by name."""
    return dict(zip(RIGHT.weights, answer.features, strict=True))


def one(answers: Sequence[Pooled], text: str) -> Pooled:
    (found,) = (answer for answer in answers if answer.key == key_of(text))
    return found


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("The Salt Ledger", ("salt", "ledger")),
        ("salt ledger", ("salt", "ledger")),
        ("An end to the war", ("end", "to", "war")),
        ("Mr. Quill", ("quill",)),
        ("Dr Ada Quill", ("ada", "quill")),
        ("Sen. Dr. Quill", ("quill",)),
        ("President Ada Quill", ("ada", "quill")),
        ("King Charles III", ("charles", "iii")),
        ("President", ("president",)),
        ("Queen", ("queen",)),
        ("Princeton", ("princeton",)),
        ("1,480", ("1480",)),
        ("1480", ("1480",)),
        ("1,480,000", ("1480000",)),
        ("4,5", ("4", "5")),
        ("6.4 metres", ("6.4", "metres")),
        ("seventeen", ("17",)),
        ("17%", ("17", "%")),
        ("17 percent", ("17", "%")),
        ("seventeen per cent", ("17", "%")),
        ("$3.1 million", ("$", "3.1", "million")),
        ("Quill’s", ("quill",)),
        ("Ada Quill's", ("ada", "quill")),
        ("U.S.", ("usa",)),
        ("the US", ("usa",)),
        ("U.S.A.", ("usa",)),
        ("St. Kilda", ("st", "kilda")),
        ("Anglo-Irish", ("anglo", "irish")),
        ("Côte d’Ivoire", ("côte", "d", "ivoire")),
        ("中国", ("中国",)),
        ("the", ()),
        ("“…”", ()),
        ("", ()),
    ],
)
def test_what_makes_two_spans_the_same_answer(text: str, key: tuple[str, ...]) -> None:
    assert key_of(text) == key


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("“The Salt Ledger,”", "The Salt Ledger"),
        (" Kestmouth.", "Kestmouth"),
        ("(AP)", "AP"),
        ("Weir (north)", "Weir (north)"),
        ("(Weir) north", "(Weir) north"),
        ("(a) and (b).", "(a) and (b)"),
        ("Weir)", "Weir"),
        ("(Weir", "Weir"),
        ("the U.S.", "the U.S."),
        ("Penhallow Inc.", "Penhallow Inc."),
        ("5 p.m.", "5 p.m."),
        ("St. Kilda.", "St. Kilda"),
        ("Quill’s", "Quill"),
        ("Quill's,", "Quill"),
        ("“Hamlet”’s", "Hamlet"),
        ("Quill ’s", "Quill"),
        ("$3.1 million,", "$3.1 million"),
        ("17%", "17%"),
        ("—", ""),
        ("", ""),
    ],
)
def test_what_wraps_a_span_is_no_part_of_it(text: str, left: str) -> None:
    whole = f"« {text} »"
    start, end = trimmed(whole, 2, 2 + len(text))
    assert whole[start:end] == left


@given(st.text("bS’'s.()“ ,U\n-", max_size=12), st.data())
def test_a_span_is_trimmed_within_itself_and_once(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    first, last = trimmed(text, start, end)
    assert start <= first <= last <= end
    assert trimmed(text, first, last) == (first, last)
    assert text[first:last] == text[first:last].strip()
    assert any(char.isalnum() for char in text[first:last]) == (key_of(text[first:last]) != ())


def test_one_answer_in_several_passages_is_one_with_all_its_places() -> None:
    hits = make_hits(
        "The rescue was led by Bert Crane.", "Nobody was hurt.", "“BERT CRANE’s boats left.”"
    )
    told = {"Bert Crane": 10.0, "BERT CRANE’s": 12.0}
    readings = [scripted(hit.passage.text, told) for hit in hits]
    best = pool("Who led the rescue?", hits, readings)[0]
    assert best.key == ("bert", "crane")
    assert best.text == "BERT CRANE"
    places = [
        (place.hit, hits[place.hit].passage.text[place.span.start : place.span.end])
        for place in best.places
        if place.span.logit >= 10
    ]
    assert places == [(2, "BERT CRANE"), (0, "Bert Crane")]
    chances = [math.exp(place.span.logit - normaliser(readings)) for place in best.places]
    assert best.chance == pytest.approx(sum(chances))


def test_numbers_are_pooled_however_they_are_written() -> None:
    hits = make_hits("It hurt 1,480 people.", "Some 1480 were hurt.", "The 17 percent", "Now 17%.")
    told = {"1,480": 9.0, "1480": 9.0, "17 percent": 9.0, "17%": 9.0}
    answers = pooled("How many were hurt?", hits, told)
    assert {place.hit for place in one(answers, "1480").places} >= {0, 1}
    assert {place.hit for place in one(answers, "17%").places} >= {2, 3}


def test_nothing_read_is_no_answer() -> None:
    assert pool("Who?", [], []) == []
    hits = [make_hit("…")]
    assert pooled("Who?", [make_hit("")], {}) == []
    assert pooled("Who?", hits, {"…": 9.0}) == []


def test_features_are_what_they_are_named() -> None:
    hits = [
        make_hit("Bert Crane led the rescue.", rank=1, id="one"),
        make_hit("Crane led it. Bert Crane left.", rank=2, id="one"),
        make_hit("Nobody was hurt but Bert Crane.", rank=3, id="two"),
        make_hit("Nobody was hurt.", rank=4, id="three"),
    ]
    readings = [
        scripted(hit.passage.text, told)
        for hit, told in zip(
            hits, ({"Bert Crane": 8.0}, {"Bert Crane": 6.0, "Crane led": 6.0}, {}, {}), strict=True
        )
    ]
    answers = pool("Who led the rescue?", hits, readings)
    named_ = named(one(answers, "Bert Crane"))
    assert named_["lead"] == pytest.approx(0.8)
    assert named_["relevance"] == pytest.approx(0.8)
    assert named_["mentioned"] == pytest.approx(3 / 4)
    assert named_["rank"] == 1.0
    assert named_["fit"] == 1.0
    assert named_["asked"] == 0.0
    assert named_["length"] == pytest.approx(math.log(2))
    assert named(one(answers, "Crane led"))["asked"] == 0.5
    assert named(one(answers, "Crane led"))["articles"] == pytest.approx(math.log(2))


def test_an_answer_knows_of_longer_and_of_shorter_ones() -> None:
    hits = make_hits("Captain Bert Crane led it.", "It was Crane.", "Ada Quill left.")
    answers = pooled("Who?", hits, {"Bert Crane": 9.0, "Crane": 9.0, "Ada Quill": 9.0})
    for answer in answers:
        words = set(answer.key)
        longer = sum(other.chance for other in answers if words < set(other.key))
        shorter = sum(other.chance for other in answers if words > set(other.key))
        assert named(answer)["within"] == pytest.approx(math.log(longer + LEAST))
        assert named(answer)["without"] == pytest.approx(math.log(shorter + LEAST))
    assert named(one(answers, "Crane"))["within"] > math.log(0.05)
    assert named(one(answers, "Bert Crane"))["without"] > math.log(0.05)
    assert named(one(answers, "Ada Quill"))["without"] < math.log(0.05)


@pytest.mark.parametrize("feature", ["chance", "articles", "mentioned", "rank", "length"])
@pytest.mark.parametrize("weight", [1.0, -1.0])
def test_the_order_follows_the_weights(
    monkeypatch: pytest.MonkeyPatch, feature: str, weight: float
) -> None:
    weights = {name: weight if name == feature else 0.0 for name in RIGHT.weights}
    monkeypatch.setattr(pooling, "RIGHT", Logistic(bias=1.0, weights=weights))
    hits = make_hits("Bert Crane led it.", "It was Crane, of the port.", "Crane and Ada Quill.")
    answers = pooled("Who?", hits, {"Bert Crane": 9.0, "Crane": 8.0, "Ada Quill": 7.0})
    scores = [1.0 + weight * named(answer)[feature] for answer in answers]
    assert [answer.score for answer in answers] == pytest.approx(scores)
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) > 1


def test_what_the_reader_is_surer_of_is_first() -> None:
    hits = make_hits("Bert Crane led it.", "Ina Holt led it.")
    for sure, unsure in (("Bert Crane", "Ina Holt"), ("Ina Holt", "Bert Crane")):
        assert pooled("Who led it?", hits, {sure: 14.0, unsure: 4.0})[0].text == sure


def test_words_of_the_question_are_disfavoured() -> None:
    hits = make_hits("Ada Quill was replaced.", "Bert Crane came.")
    answers = pooled("Who replaced Ada Quill?", hits, {"Ada Quill": 9.0, "Bert Crane": 9.0})
    assert answers[0].text == "Bert Crane"
    assert named(one(answers, "Ada Quill"))["asked"] == 1.0


def test_the_form_that_is_asked_for_is_favoured() -> None:
    hits = make_hits("Bert Crane led it.", "They were 340 in all.")
    told = {"Bert Crane": 9.0, "340": 9.0}
    assert pooled("Who?", hits, told)[0].text == "Bert Crane"
    assert pooled("How many?", hits, told)[0].text == "340"


def test_a_question_without_a_form_favours_none() -> None:
    answers = pooled("Why?", make_hits("Bert Crane had 12 bolts."), {"Bert Crane": 9.0, "12": 9.0})
    assert {named(answer)["fit"] for answer in answers} == {0.5}


def test_no_more_answers_are_looked_at_than_allowed() -> None:
    hits = make_hits(*(f"Then number {number}1 spoke and left." for number in range(2 * POOLED)))
    assert len(pooled("Who?", hits, {})) == POOLED


@given(
    st.lists(st.text("abAB 12,.()’s%$\n", max_size=40), max_size=4),
    st.dictionaries(
        st.text("abAB 12,.()’s%$", min_size=1, max_size=4), st.floats(-20, 20), max_size=4
    ),
)
def test_answers_are_what_stands_in_their_places(texts: list[str], told: dict[str, float]) -> None:
    hits = make_hits(*texts)
    answers = pooled("Who saw Bab in 12?", hits, told)
    assert [answer.score for answer in answers] == sorted(
        (answer.score for answer in answers), reverse=True
    )
    assert len({answer.key for answer in answers}) == len(answers)
    assert sum(answer.chance for answer in answers) <= 1 + 1e-3
    for answer in answers:
        assert answer.key
        assert key_of(answer.text) == answer.key
        assert all(math.isfinite(value) for value in answer.features)
        logits = [place.span.logit for place in answer.places]
        assert logits == sorted(logits, reverse=True)
        for place in answer.places:
            text = hits[place.hit].passage.text
            assert 0 <= place.span.start < place.span.end <= len(text)
            assert key_of(text[place.span.start : place.span.end]) == answer.key
