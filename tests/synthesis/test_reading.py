"""Logits of tokens → spans, chances, and where an answer stands."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsqa.synthesis.reading import (
    MAX_SPAN_TOKENS,
    Part,
    Reading,
    normaliser,
    occurrences,
)


def part(start: list[float], end: list[float], *, no_answer: float = 0.0, first: int = 0) -> Part:
    """Tokens of three characters with a space between them."""
    places = [(4 * at, 4 * at + 3) for at in range(first, first + len(start))]
    return Part(
        offsets=np.array(places, dtype=np.int32).reshape(-1, 2),
        start=np.array(start, dtype=np.float32),
        end=np.array(end, dtype=np.float32),
        no_answer=no_answer,
    )


def reading(*parts: Part) -> Reading:
    return Reading(parts=parts, relevance=0.0)


def any_part(size: int, seed: int, *, first: int = 0) -> Part:
    """By chance, in halves, so that some logits are equal."""
    chance = np.random.default_rng(seed)
    start, end = (chance.integers(-40, 40, size) / 2 for _ in range(2))
    no_answer = float(chance.integers(-40, 40))
    return part(list(start), list(end), no_answer=no_answer, first=first)


def parts(*, first: int = 0, most: int = 30) -> st.SearchStrategy[Part]:
    return st.builds(any_part, st.integers(0, most), st.integers(0, 2**32), first=st.just(first))


EMPTY = part([], [])


def test_the_likeliest_span_is_first_and_stands_where_its_tokens_do() -> None:
    read = reading(part([0, 5, 0, 0], [0, 0, 4, 0], no_answer=2.0))
    best = read.spans(3)[0]
    assert (best.start, best.end) == (4, 11)
    assert best.logit == 9.0
    assert best.lead == 7.0


@given(parts(), st.integers(1, 12))
def test_spans_are_the_k_best_of_all_that_are_possible(read: Part, k: int) -> None:
    size = len(read.start)
    possible = sorted(
        (
            float(read.start[a] + read.end[b])
            for a in range(size)
            for b in range(a, min(size, a + MAX_SPAN_TOKENS))
        ),
        reverse=True,
    )
    spans = reading(read).spans(k)
    assert [span.logit for span in spans] == possible[:k]
    assert len({(span.start, span.end) for span in spans}) == len(spans)
    assert all(span.start < span.end <= span.start + 4 * MAX_SPAN_TOKENS - 1 for span in spans)
    assert all(span.lead == span.logit - read.no_answer for span in spans)


@given(parts(first=0), parts(first=3), st.integers(1, 8))
def test_two_windows_give_each_span_once_best_first(one: Part, two: Part, k: int) -> None:
    spans = reading(one, two).spans(k)
    assert len(spans) <= k
    assert [span.logit for span in spans] == sorted((s.logit for s in spans), reverse=True)
    assert len({(span.start, span.end) for span in spans}) == len(spans)


def test_of_two_windows_the_one_that_is_surer_of_a_span_counts() -> None:
    unsure, sure = part([5], [5], no_answer=9.0), part([3], [3], no_answer=-9.0)
    for order in ((unsure, sure), (sure, unsure)):
        (span,) = reading(*order).spans(3)
        assert (span.logit, span.lead) == (6.0, 15.0)
        assert reading(*order).of(0, 3) == span


def test_an_answer_is_never_longer_than_allowed() -> None:
    size = MAX_SPAN_TOKENS + 1
    apart = part([9.0, *[0.0] * (size - 1)], [*[0.0] * (size - 1), 9.0])
    best = reading(apart).spans(1)[0]
    assert best.logit == 9.0
    within = part([9.0, *[0.0] * (size - 2)], [*[0.0] * (size - 2), 9.0])
    assert reading(within).spans(1)[0].logit == 18.0


def test_an_answer_never_ends_before_it_starts() -> None:
    spans = reading(part([0, 9], [9, 0])).spans(9)
    assert [(span.start, span.end) for span in spans] == [(0, 3), (4, 7), (0, 7)]


@pytest.mark.parametrize("parts", [(), (EMPTY,), (EMPTY, EMPTY)])
def test_where_there_is_nothing_to_read_there_is_no_span(parts: tuple[Part, ...]) -> None:
    read = reading(*parts)
    assert read.spans(3) == []
    assert read.of(0, 3) is None
    assert normaliser([read]) == 0.0


def test_an_empty_window_takes_nothing_from_another() -> None:
    full = part([1, 2], [3, 4])
    assert reading(EMPTY, full).spans(3) == reading(full).spans(3)
    assert normaliser([reading(EMPTY), reading(full)]) == normaliser([reading(full)])


@given(parts(), st.integers(1, 8))
def test_a_span_asked_for_by_its_characters_is_the_same(read: Part, k: int) -> None:
    for span in reading(read).spans(k):
        assert reading(read).of(span.start, span.end) == span


@given(parts(first=0), parts(first=3), st.integers(1, 8))
def test_characters_that_several_windows_hold_are_read_in_the_surest(
    one: Part, two: Part, k: int
) -> None:
    both = reading(one, two)
    for span in both.spans(k):
        again = both.of(span.start, span.end)
        assert again is not None
        assert again.lead >= span.lead
        assert again.lead == max(
            found.lead
            for each in (one, two)
            if (found := reading(each).of(span.start, span.end)) is not None
        )


def test_characters_within_tokens_are_read_by_the_tokens_they_touch() -> None:
    read = reading(part([1, 2, 3], [10, 20, 30]))
    inside = read.of(5, 9)
    assert inside is not None
    assert (inside.start, inside.end, inside.logit) == (5, 9, 32.0)


@pytest.mark.parametrize(("start", "end"), [(0, 12), (2, 7), (12, 15), (3, 4), (3, 7)])
def test_characters_that_no_window_holds_whole_are_not_read(start: int, end: int) -> None:
    assert reading(part([1], [1], first=1)).of(start, end) is None


@given(st.lists(st.lists(parts(most=6), max_size=2), max_size=3))
def test_the_normaliser_is_the_log_of_the_sum_over_all_spans(given_parts: list[list[Part]]) -> None:
    readings = [reading(*own) for own in given_parts]
    pairs = [
        float(a) + float(b)
        for own in given_parts
        for p in own
        for a, b in itertools.product(p.start, p.end)
    ]
    by_hand = math.fsum(map(math.exp, pairs))
    if not pairs:
        assert normaliser(readings) == 0.0
    else:
        assert normaliser(readings) == pytest.approx(math.log(by_hand), abs=1e-4)


@given(st.lists(parts(most=8), min_size=1, max_size=3))
def test_chances_of_all_passages_together_are_at_most_one(given_parts: list[Part]) -> None:
    readings = [reading(each) for each in given_parts]
    total = normaliser(readings)
    chances = [math.exp(span.logit - total) for read in readings for span in read.spans(99)]
    assert sum(chances) <= 1 + 1e-4


def test_what_several_passages_say_alike_has_all_of_the_chance() -> None:
    readings = [reading(part([8, -9], [-9, 8])) for _ in range(3)]
    total = normaliser(readings)
    chances = [math.exp(next(iter(read.spans(1))).logit - total) for read in readings]
    assert sum(chances) == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("logit", [-3000.0, 3000.0])
def test_the_normaliser_neither_overflows_nor_vanishes(logit: float) -> None:
    assert normaliser([reading(part([logit], [logit]))]) == pytest.approx(2 * logit)


@pytest.mark.parametrize(
    ("text", "answer", "found"),
    [
        ("Ada Quill led. ADA QUILL left.", "Ada Quill", ["Ada Quill", "ADA QUILL"]),
        ("Ada\n Quill led.", "Ada Quill", ["Ada\n Quill"]),
        ("The Anglo-Irish pact", "anglo irish", ["Anglo-Irish"]),
        ("The Anglo Irish pact", "Anglo-Irish", ["Anglo Irish"]),
        ("Adam Quillon led.", "Ada Quill", []),
        ("Kilda, St. Kilda and St Kilda", "St Kilda", ["St. Kilda", "St Kilda"]),
        ("It cost $3.1 million.", "$3.1 million", ["3.1 million"]),
        ("A rise of 17% in 2017", "17%", ["17"]),
        ("117 and 17th", "17", []),
        ("9.5 or 9,000 at 9:30 of 1.9. Then 9,10 or 9.", "9", ["9", "9"]),
        ("9,000 or 9,10,11", "10", ["10"]),
        ("9,000 and 000", "000", ["000"]),
        ("On May 5,2022", "May 5", ["May 5"]),
        ("Some 3.5m, then 3.5.", "3.5", ["3.5"]),
        ("Côte d’Ivoire won", "CÔTE D'IVOIRE", ["Côte d’Ivoire"]),
        ("aa aa aa", "aa aa", ["aa aa"]),
        ("What? Why... (no)", "?...", []),
        ("Anything at all", "", []),
        ("", "Ada", []),
        ("a.c and abc", "a.c", ["a.c"]),
    ],
)
def test_an_answer_stands_where_its_words_do(text: str, answer: str, found: list[str]) -> None:
    assert [text[start:end] for start, end in occurrences(text, answer)] == found


@given(
    st.lists(st.sampled_from(["Ada", "Quill", "3.1", "d’Ivoire", "中", "+"]), min_size=1),
    st.lists(st.sampled_from([" ", "\n", "-", ", ", "…"]), min_size=1, max_size=3),
    st.text("ab -.", max_size=5),
)
def test_an_answer_is_found_however_its_words_are_parted(
    words: list[str], between: list[str], around: str
) -> None:
    there = "".join(word + between[at % len(between)] for at, word in enumerate(words))
    text = f"{around} {there} {around}"
    found = list(occurrences(text, " ".join(words)))
    assert bool(found) == any(char.isalnum() for word in words for char in word)
    for start, end in found:
        assert 0 <= start < end <= len(text)
        assert text[start].isalnum()
        assert text[end - 1].isalnum()
