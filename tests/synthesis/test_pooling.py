"""Spans of several passages → exact answers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsqa.synthesis import pooling
from newsqa.synthesis.counting import counted, is_of
from newsqa.synthesis.logistic import Logistic
from newsqa.synthesis.pooled import Pooled
from newsqa.synthesis.pooling import OF_NO_TIME, POOLED, RIGHT, is_timely, pool
from newsqa.synthesis.reading import normaliser
from newsqa.synthesis.spans import key_of
from newsqa.types import Hit, Query

from .made_up import PlainWords, make_hit, make_hits, scripted


def pooled(question: str, hits: Sequence[Hit], told: Mapping[str, float]) -> list[Pooled]:
    return pool(question, hits, [scripted(hit.passage.text, told) for hit in hits], PlainWords())


def named(answer: Pooled) -> dict[str, float]:
    """Its features by name."""
    return dict(zip(RIGHT.weights, answer.features, strict=True))


def one(answers: Sequence[Pooled], text: str) -> Pooled:
    (found,) = (answer for answer in answers if answer.key == key_of(text))
    return found


def test_one_answer_in_several_passages_is_one_with_all_its_places() -> None:
    hits = make_hits(
        "The rescue was led by Bert Crane.", "Nobody was hurt.", "“BERT CRANE’s boats left.”"
    )
    told = {"Bert Crane": 10.0, "BERT CRANE’s": 12.0}
    readings = [scripted(hit.passage.text, told) for hit in hits]
    best = pool("Who led the rescue?", hits, readings, PlainWords())[0]
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


def test_a_number_read_with_and_without_its_percent_is_one_answer() -> None:
    answers = pooled("How many stayed?", make_hits("Some 28% stayed."), {"28": 9.0, "28%": 8.0})
    assert one(answers, "28%").text == "28%"
    assert all(answer.key != ("28",) for answer in answers)


def test_an_answer_is_found_where_the_search_put_it_whatever_the_order_of_reading() -> None:
    hits = make_hits("Bert Crane left.", "Ada Quill led it.", "It was Ada Quill.")
    readings = [scripted(hit.passage.text, {"Ada Quill": 9.0, "Bert": 1.0}) for hit in hits]
    for searched, best in (([3, 1, 2], 1.0), ([1, 2, 3], 0.5), (None, 0.5)):
        answers = pool("Who led it?", hits, readings, PlainWords(), searched=searched)
        assert named(one(answers, "Ada Quill"))["found"] == best


def test_newness_is_told_from_the_newest_article() -> None:
    day = datetime(2024, 3, 31, tzinfo=UTC)
    hits = [
        make_hit("Ada Quill led it.", rank=1, published=day - timedelta(days=30)),
        make_hit("Bert Crane left.", rank=2, published=day),
        make_hit("Cleo Marsh left.", rank=3, published=None),
    ]
    answers = pooled(
        "Who led it?", hits, dict.fromkeys(("Ada Quill", "Bert Crane", "Cleo Marsh"), 9.0)
    )
    found = {name: named(one(answers, name))["newness"] for name in ("Ada Quill", "Bert Crane")}
    assert found == {"Ada Quill": pytest.approx(math.exp(-1)), "Bert Crane": 1.0}
    assert named(one(answers, "Cleo Marsh"))["newness"] == 0.0


@pytest.mark.parametrize(("logit", "newness"), [(7.0, 1.0), (5.0, math.exp(-1))])
def test_an_article_of_something_else_makes_no_answer_new(logit: float, newness: float) -> None:
    day = datetime(2024, 3, 31, tzinfo=UTC)
    hits = [
        make_hit("Ada Quill led it.", rank=1, published=day - timedelta(days=30)),
        make_hit("Ada Quill reads.", rank=2, published=day),
    ]
    readings = [
        scripted(hit.passage.text, {"Ada Quill": told})
        for hit, told in zip(hits, (9.0, logit), strict=True)
    ]
    answers = pool("Who led it?", hits, readings, PlainWords())
    assert {place.hit for place in one(answers, "Ada Quill").places} == {0, 1}
    assert named(one(answers, "Ada Quill"))["newness"] == pytest.approx(newness)


def test_answers_that_share_words_are_told() -> None:
    hits = make_hits("It was the Title 42 policy.", "They call it Title 42.", "Rain fell in Weir.")
    told = {"the Title 42 policy": 9.0, "Title 42": 9.0, "Weir": 9.0}
    answers = pooled("What is it called?", hits, told)
    overlap = {text: named(one(answers, text))["overlap"] for text in told}
    assert overlap["Title 42"] > overlap["Weir"]
    assert all(0 <= each <= 1 for each in overlap.values())


@pytest.mark.parametrize("title", ["Ms.", "Mrs", "Mr.", "Gov.", "President"])
def test_a_title_before_the_last_part_hides_no_full_name(title: str) -> None:
    hits = make_hits(f"But Ada Quill led it. Then {title} Quill left.", "It rained.")
    told = {"Ada Quill": 8.0, f"{title} Quill": 9.0}
    answers = pooled("Who led it?", hits, told)
    assert answers[0].text == "Ada Quill"
    assert ("quill",) not in {answer.key for answer in answers}


@pytest.mark.parametrize("likelier", ["Bert Crane", "Crane"])
def test_a_full_name_and_its_last_part_are_one_answer_under_the_full_name(likelier: str) -> None:
    text = "But Captain Bert Crane led it. Then Crane left."
    hits = make_hits("It rained.", text, "Bert Crane slept. So Crane said.")
    answers = pooled("Who?", hits, {"Bert Crane": 9.0, "Crane": 9.0, likelier: 11.0})
    best = answers[0]
    assert best.text == "Bert Crane"
    read = [(p.hit, hits[p.hit].passage.text[p.span.start : p.span.end]) for p in best.places]
    assert set(read) >= {(1, "Bert Crane"), (1, "Crane"), (2, "Bert Crane"), (2, "Crane")}
    assert read[0][1] == "Bert Crane"
    assert ("crane",) not in {answer.key for answer in answers}


@pytest.mark.parametrize(
    ("question", "texts", "told"),
    [
        # Another person of that name, in another article or in the same.
        ("Who?", ["Crane left.", "Ina Crane slept."], {"Crane": 9, "Ina Crane": 8}),
        (
            "Who?",
            ["Crane left. Ina Crane and Bert Crane slept."],
            {"Crane": 9, "Ina Crane": 8, "Bert Crane": 9},
        ),
        (
            "What was it?",
            ["America voted. The Bank of America shut."],
            {"America": 9, "Bank of America": 9},
        ),
        (
            "Which country left?",
            ["Ireland left Northern Ireland."],
            {"Ireland": 9, "Northern Ireland": 9},
        ),
        ("Who won?", ["Korea won. North Korea lost."], {"Korea": 9, "North Korea": 9}),
        ("When was it?", ["It was Friday, before Black Friday."], {"Friday": 9, "Black Friday": 9}),
        (
            "What was it?",
            ["A python came. It was a Burmese python."],
            {"python": 9, "Burmese python": 9},
        ),
        ("Who?", ["Bert left. Then came Bert Crane."], {"Bert": 9, "Bert Crane": 9}),
        ("What was it?", ["It was 12. It was Apollo 12."], {"12": 9, "Apollo 12": 9}),
    ],
)
def test_what_may_be_another_stands_alone(
    question: str, texts: list[str], told: dict[str, float]
) -> None:
    answers = pooled(question, make_hits(*texts), told)
    assert {key_of(text) for text in told} <= {answer.key for answer in answers}


def test_of_many_people_of_one_name_none_is_taken_for_the_others() -> None:
    crowd = " ".join(f"Then B{n} Crane left." for n in range(1500))
    hits = make_hits(f"Crane won. {crowd}")
    answers = pooled("Who won?", hits, {"Crane": 9.0, "B7 Crane": 9.0})
    assert ("crane",) in {answer.key for answer in answers}


def test_a_dateline_is_no_answer() -> None:
    hits = make_hits("KESTMOUTH (MVH) — Bert Crane won the vote in Kestmouth.")
    answers = pooled("Who won?", hits, {"KESTMOUTH": 14.0, "Bert Crane": 9.0})
    assert answers[0].text == "Bert Crane"
    assert "KESTMOUTH" not in {answer.text for answer in answers}
    hits = make_hits("NASA — the space agency — launched the probe.")
    assert pooled("Who launched it?", hits, {"NASA": 9.0})[0].text == "NASA"


def test_nothing_read_is_no_answer() -> None:
    assert pool("Who?", [], [], PlainWords()) == []
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
    answers = pool("Who led the rescue?", hits, readings, PlainWords())
    named_ = named(one(answers, "Bert Crane"))
    other = one(answers, "Crane led")
    chances = named_["chance"], named(other)["chance"]
    assert named_["apart"] == pytest.approx(chances[0] - chances[1])
    assert named(other)["apart"] == pytest.approx(chances[1] - chances[0])
    assert named_["apart"] > 0
    assert named_["fit"] == 1.0
    assert named_["asked"] == 0.0
    assert named_["length"] == pytest.approx(math.log(2))
    assert named_["context"] == pytest.approx(1.0)
    assert named(other)["asked"] == 0.5


def test_what_the_question_is_about_counts_around_a_place() -> None:
    hits = [
        make_hit("The river rose. Bert Crane led it. Ada Quill left.", rank=1, title="Rescue"),
        make_hit("The rescue at the river was over. Ada Quill went home.", rank=2),
    ]
    told = {"Bert Crane": 9.0, "Ada Quill": 5.0}
    answers = pooled("Who led the rescue at the river?", hits, told)
    # led, rescue and river: with the title and the sentence before.
    assert named(one(answers, "Bert Crane"))["context"] == pytest.approx(1.0)
    assert named(one(answers, "Ada Quill"))["context"] == pytest.approx(2 / 3)


@pytest.mark.parametrize("feature", ["chance", "apart", "length"])
@pytest.mark.parametrize("weight", [1.0, -1.0])
def test_the_order_follows_the_weights(
    monkeypatch: pytest.MonkeyPatch, feature: str, weight: float
) -> None:
    weights = {name: weight if name == feature else 0.0 for name in RIGHT.weights}
    monkeypatch.setattr(pooling, "RIGHT", Logistic(bias=1.0, weights=weights))
    hits = make_hits(
        "Bert Crane led it.", "It was Crane, of the port.", "Bert Crane and Ada Quill."
    )
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
    hits = make_hits("Ada Quill was replaced by Bert Crane.")
    answers = pooled("Who replaced Ada Quill?", hits, {"Ada Quill": 9.0, "Bert Crane": 9.0})
    assert answers[0].text == "Bert Crane"
    assert named(one(answers, "Ada Quill"))["asked"] == 1.0


def test_the_form_that_is_asked_for_is_favoured() -> None:
    hits = make_hits("Bert Crane led it; they were 340 in all.")
    told = {"Bert Crane": 9.0, "340": 9.0}
    assert pooled("Who?", hits, told)[0].text == "Bert Crane"
    assert pooled("How many?", hits, told)[0].text == "340"


def test_what_can_not_be_of_the_kind_asked_for_is_no_answer() -> None:
    hits = make_hits("The man of 71 who fell on Friday was Bert Crane.")
    told = {"71": 9.0, "Friday": 9.0, "Bert Crane": 8.0}
    answers = pooled("What was the name of the man who fell?", hits, told)
    assert answers[0].text == "Bert Crane"
    assert {("71",), ("friday",)}.isdisjoint(answer.key for answer in answers)
    # Of anything else it may be.
    assert pooled("What was his house?", hits, told)[0].text in ("71", "Friday")


def test_how_much_of_an_answer_is_in_the_headline() -> None:
    hits = [
        make_hit("It was Bert Crane.", rank=1, title="Crane leads rescue"),
        make_hit("It was Ada Quill.", rank=2),
        make_hit("Then came Bert Crane.", rank=3, title="Bert Crane at sea"),
    ]
    readings = [
        scripted(hit.passage.text, told)
        for hit, told in zip(
            hits, ({"Bert Crane": 9.0}, {"Ada Quill": 9.0}, {"Bert Crane": 3.0}), strict=True
        )
    ]
    answers = pool("Who led it?", hits, readings, PlainWords())
    # Of the article of its likeliest place.
    assert named(one(answers, "Bert Crane"))["headline"] == 0.5
    assert named(one(answers, "Ada Quill"))["headline"] == 0.0


@pytest.mark.parametrize("published", [datetime(2024, 3, 1, tzinfo=UTC), None])
def test_newer_news_counts_less_where_no_time_is_asked_about(published: datetime | None) -> None:
    hits = [
        make_hit("Ada Quill led it.", rank=1, published=published),
        make_hit("Bert Crane left.", rank=2, published=datetime(2024, 3, 31, tzinfo=UTC)),
    ]
    readings = [scripted(hit.passage.text, {"Ada Quill": 9.0, "Bert Crane": 9.0}) for hit in hits]
    found = {
        timely: {
            answer.text: named(answer)["newness"]
            for answer in pool("Who led it?", hits, readings, PlainWords(), timely=timely)
        }
        for timely in (True, False)
    }
    assert found[True]["Ada Quill"] == pytest.approx(math.exp(-1) if published else 0.0)
    older = 1.0 - found[True]["Ada Quill"]
    assert found[False]["Ada Quill"] == pytest.approx(1.0 - OF_NO_TIME * older)
    assert found[True]["Bert Crane"] == found[False]["Bert Crane"] == 1.0


@pytest.mark.parametrize(
    ("query", "timely"),
    [
        (Query(text="Who won?"), False),
        (Query(text="Who won?", as_of=datetime(2024, 3, 31, tzinfo=UTC)), True),
        (Query(text="Who is mayor now?", newest=True), True),
    ],
)
def test_which_questions_are_of_a_time(query: Query, timely: bool) -> None:
    assert is_timely(query) is timely


@pytest.mark.parametrize(("logit", "newness"), [(0.5, 1.0), (1.5, math.exp(-1))])
def test_what_is_hardly_read_in_newer_news_makes_nothing_old(logit: float, newness: float) -> None:
    day = datetime(2024, 3, 31, tzinfo=UTC)
    hits = [
        make_hit("Ada Quill led it.", rank=1, published=day - timedelta(days=30)),
        make_hit("Bert Crane reads.", rank=2, published=day),
    ]
    answers = pooled("Who led it?", hits, {"Ada Quill": 9.0, "Bert Crane": logit})
    assert named(one(answers, "Ada Quill"))["newness"] == pytest.approx(newness)


def test_how_much_is_answered_with_its_unit() -> None:
    hits = make_hits("It gave 2,000 crowns to each.", "It rose to 6.4 metres an hour.")
    told = {"2,000": 9.0, "6.4": 8.0}
    answers = pooled("How much aid was given?", hits, told)
    assert [answer.text for answer in answers[:2]] == ["2,000 crowns", "6.4 metres an hour"]
    # What is counted is named in the question.
    answers = pooled("How many crowns were given?", hits, told)
    assert answers[0].text == "2,000"


def test_a_question_without_a_form_favours_none() -> None:
    answers = pooled("Why?", make_hits("Bert Crane had 12 bolts."), {"Bert Crane": 9.0, "12": 9.0})
    assert {named(answer)["fit"] for answer in answers} == {0.5}


def test_no_more_answers_are_looked_at_than_allowed() -> None:
    hits = make_hits(*(f"Then number {number}1 spoke and left." for number in range(2 * POOLED)))
    assert len(pooled("What?", hits, {})) == POOLED


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
        own = []
        for place in answer.places:
            text = hits[place.hit].passage.text
            assert 0 <= place.span.start < place.span.end <= len(text)
            key = key_of(text[place.span.start : place.span.end])
            assert key == answer.key[-len(key) :]
            if key == answer.key:
                own.append(place)
        assert own == answer.places[: len(own)]
        assert own
        logits = [place.span.logit for place in own]
        assert logits == sorted(logits, reverse=True)


def test_a_number_that_counts_what_is_asked_for_is_told_apart() -> None:
    hits = make_hits(
        "The six editors sold 101,000 copies of it.", "On Tuesday 17 reading rooms opened."
    )
    told = {"six": 9.0, "101,000": 8.0, "17": 8.0}
    answers = pooled("How many signed copies were sold by the six editors?", hits, told)
    assert named(one(answers, "101,000"))["counted"] == 1
    assert named(one(answers, "six"))["counted"] == named(one(answers, "17"))["counted"] == 0
    # Where nothing is counted, nothing counts.
    answers = pooled("Who sold copies?", hits, told)
    assert {named(answer)["counted"] for answer in answers} == {0}


@pytest.mark.parametrize(
    ("question", "terms"),
    [
        ("How many copies were sold?", {"copies"}),
        ("how many more hospital beds did it add?", {"hospital", "beds"}),
        ("What percentage of the city’s homes is empty?", {"city", "homes"}),
        ("Which per cent of homes?", {"homes"}),
        ("How many million barrels of oil?", {"barrels"}),
        ("How many people's lives were lost?", {"people", "lives"}),
        ("How many voters believe the 2020 election was lost?", {"voters", "believe", "election"}),
        ("How many?", set()),
        ("How many of them left?", set()),
        ("Who counted the votes?", set()),
    ],
)
def test_what_a_question_counts(question: str, terms: set[str]) -> None:
    assert counted(question, PlainWords()) == terms


@pytest.mark.parametrize(
    ("text", "span", "of"),
    [
        ("It was 17\n\ncopies", "17", False),
        ("17 signed, numbered copies", "17", True),
        ("17 copies", "17 copies", True),
        ("copies 17", "copies 17", False),
        ("signed copies", "signed copies", False),
        ("between 12 and 17 copies", "12", True),
        ("17 books and 12 copies", "17", False),
        ("one-copies", "one", True),
    ],
)
def test_whether_a_number_is_of_what_is_counted(text: str, span: str, of: bool) -> None:
    start = text.index(span)
    named = frozenset({"copies"})
    assert is_of(named, text, start, start + len(span), PlainWords()) is of
    assert not is_of(frozenset(), text, start, start + len(span), PlainWords())


def test_what_is_long_is_weighed_otherwise() -> None:
    hits = make_hits("Bert Crane led it.", "Ada Quill of the Port Board led.")
    told = {"Bert Crane": 16.0, "Ada Quill of the Port Board": 4.0}
    answers = pooled("Who led it?", hits, told)
    likely = named(one(answers, "Bert Crane"))
    other = named(one(answers, "Ada Quill of the Port Board"))
    assert other["long"] == pytest.approx(other["length"] - math.log(2))
    assert likely["long"] == 0


def test_how_far_an_answer_is_apart_is_from_the_likeliest_other() -> None:
    told = {"Bert Crane": 9.0, "Ada Quill": 8.0, "Ina Moss": 2.0}
    hits = make_hits("Bert Crane led it.", "Ada Quill led it.", "Ina Moss led it.")
    answers = pooled("Who led it?", hits, told)
    apart = {text: named(one(answers, text))["apart"] for text in told}
    chance = {text: named(one(answers, text))["chance"] for text in told}
    assert apart["Bert Crane"] == pytest.approx(chance["Bert Crane"] - chance["Ada Quill"])
    assert apart["Ada Quill"] == pytest.approx(chance["Ada Quill"] - chance["Bert Crane"])
    assert apart["Ina Moss"] == pytest.approx(chance["Ina Moss"] - chance["Bert Crane"])
    assert apart["Ina Moss"] < apart["Ada Quill"] < 0 < apart["Bert Crane"]
    alone = pooled("Who led it?", make_hits("Bert Crane."), {"Bert Crane": 9.0})
    assert max(named(answer)["apart"] for answer in alone) > 0
