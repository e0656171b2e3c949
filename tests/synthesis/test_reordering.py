"""What was read puts the hits in order."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsqa.synthesis.reading import LEAST, Reading
from newsqa.synthesis.reordering import features, reordered

from .made_up import make_hits, scripted

HITS = make_hits("Nobody was hurt.", "Bert Crane led the rescue.", "The town hall has a clock.")


def test_a_passage_that_was_read_to_hold_an_answer_comes_first() -> None:
    readings = [scripted(hit.passage.text, {"Bert Crane": 14.0}) for hit in HITS]
    read = reordered(HITS, readings)
    assert [each.hit.article.id for each in read] == ["article-2", "article-1", "article-3"]
    assert [each.hit.rank for each in read] == [1, 2, 3]
    assert [each.reading for each in read] == [readings[1], readings[0], readings[2]]
    assert read[0].hit.signals["reader"] == 14.0


def test_where_nothing_was_read_the_order_of_the_search_stays() -> None:
    for nothing in (Reading(parts=(), relevance=0.0), scripted("", {})):
        assert [each.hit.article.id for each in reordered(HITS, [nothing] * 3)] == [
            hit.article.id for hit in HITS
        ]
    assert reordered([], []) == []


def test_features_are_what_they_are_named() -> None:
    readings = [scripted(hit.passage.text, {"Bert Crane": 14.0}) for hit in HITS]
    rank, relevance, lead, chance = features(HITS[1], readings[1], readings)
    assert rank == pytest.approx(math.log(2))
    assert (relevance, lead) == (1.4, 1.4)
    assert chance == pytest.approx(0.0, abs=0.01)
    empty = Reading(parts=(), relevance=-3.0)
    expected = (0.0, -0.3, -1.0, math.log(LEAST))
    assert features(HITS[0], empty, [empty]) == pytest.approx(expected)


@given(st.lists(st.floats(-30, 30), min_size=1, max_size=6))
def test_no_hit_is_lost_and_ranks_have_no_gaps(logits: list[float]) -> None:
    hits = make_hits(*(f"Person {at} led the rescue." for at in range(len(logits))))
    readings = [
        scripted(hit.passage.text, {f"Person {at}": logit})
        for at, (hit, logit) in enumerate(zip(hits, logits, strict=True))
    ]
    read = reordered(hits, readings)
    assert [each.hit.rank for each in read] == list(range(1, len(hits) + 1))
    assert {each.hit.passage.id for each in read} == {hit.passage.id for hit in hits}
    for each in read:
        assert each.reading is readings[each.hit.passage.id - 1]
