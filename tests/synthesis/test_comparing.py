"""The likeliest answers' sentences, read beside each other."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest

from newsqa.synthesis.comparing import (
    COMPARED,
    LONGEST,
    MOST_CHARS,
    MOST_WORDS,
    compared,
    put_together,
)
from newsqa.synthesis.pooled import Place, Pooled
from newsqa.synthesis.pooling import RIGHT, pool
from newsqa.synthesis.reading import LEAST, Reading, ReadSpan
from newsqa.synthesis.spans import key_of
from newsqa.types import Hit

from .made_up import PlainWords, make_hits, scripted


def place(hits: Sequence[Hit], at: int, words: str, logit: float = 1.0) -> Place:
    start = hits[at].passage.text.index(words)
    return Place(at, ReadSpan(start=start, end=start + len(words), logit=logit, lead=0.0))


def test_each_sentence_stands_there_once_and_in_the_order_of_the_hits() -> None:
    hits = make_hits("It rained. Ada Quill led it.", "Bert Crane left.\nTom Hale and Bert saw it.")
    places = [
        place(hits, 1, "Tom Hale", 9.0),
        place(hits, 0, "Ada Quill"),
        place(hits, 1, "Bert saw", 2.0),
    ]
    assert put_together(places, hits) == "Ada Quill led it. Tom Hale and Bert saw it."
    assert put_together([], hits) == ""
    copies = make_hits("Ada Quill led it.", "Ada  Quill\tled it.")
    found = put_together([place(copies, 0, "Ada"), place(copies, 1, "Ada", 2.0)], copies)
    assert found == "Ada Quill led it."


def test_there_is_room_for_so_many_words_the_likeliest_first() -> None:
    long = " ".join(["word"] * (LONGEST - 5))
    hits = make_hits(f"First {long}.", f"Second {long}.", f"Third {long}.", "Fourth of few.")
    places = [place(hits, n, name, n) for n, name in enumerate(["First", "Second", "Third"])]
    assert put_together(places, hits) == f"Second {long}. Third {long}."
    places.append(place(hits, 3, "Fourth", -1.0))
    assert put_together(places, hits) == f"Second {long}. Third {long}. Fourth of few."


@pytest.mark.parametrize("before", [0, 30, MOST_WORDS, 2 * MOST_WORDS])
def test_of_a_long_sentence_the_words_around_the_answer_leave_room_for_others(before: int) -> None:
    long = " ".join(["it"] * before + ["Quill"] + ["it"] * (2 * MOST_WORDS - before))
    hits = make_hits(f"{long}.", "Bert Crane led it.")
    found = put_together([place(hits, 0, "Quill", 9.0), place(hits, 1, "Bert Crane")], hits)
    cut, _, other = found.partition(" Bert ")
    assert other == "Crane led it."
    assert len(cut.split()) == LONGEST
    assert "Quill" in cut


def test_what_has_no_spaces_is_no_longer_for_that() -> None:
    hits = make_hits(*(f"{name}{'河' * 600}" for name in "甲乙丙丁戊"))
    places = [place(hits, n, hit.passage.text[0], -n) for n, hit in enumerate(hits)]
    found = put_together(places, hits)
    assert found == f"{hits[0].passage.text} {hits[1].passage.text}"
    assert len(found) <= MOST_CHARS


def test_answers_are_as_likely_as_what_is_read_again_says() -> None:
    hits = make_hits("Ada Quill led it.", "Bert Crane led it, Bert Crane said.", "It rained.")
    answers = [
        Pooled("Ada Quill", ("ada", "quill"), 0.7, [place(hits, 0, "Ada Quill")]),
        Pooled("Bert Crane", ("bert", "crane"), 0.2, [place(hits, 1, "Bert Crane")]),
    ]
    seen: list[str] = []

    def read_again(text: str) -> Reading:
        seen.append(text)
        return scripted(text, {"Bert Crane": 12.0, "Ada Quill": 11.0})

    found = compared(answers, hits, read_again)
    assert seen == ["Ada Quill led it. Bert Crane led it, Bert Crane said."]
    assert found[("bert", "crane")] > found[("ada", "quill")] > 0
    assert sum(found.values()) <= 1 + 1e-6
    assert compared([], hits, read_again) == {}
    assert len(seen) == 1


@pytest.mark.parametrize(
    ("question", "texts", "told", "again", "key"),
    [
        (
            "How much did it cost?",
            ["It cost $3.1 million.", "They had 4 million."],
            {"$3.1 million": 9.0, "4 million": 9.0},
            {"$3.1 million": 15.0},
            "$3.1 million",
        ),
        (
            "Who led the rescue?",
            ["Ada Quill was born in Lune. Quill led the rescue.", "Bert Crane led it too."],
            {"Quill": 9.0, "Ada Quill": 8.0, "Bert Crane": 9.0},
            {"Quill": 15.0},
            "Ada Quill",
        ),
        (
            "How many boats came?",
            ["Some seven boats came.", "It was 7 boats.", "Only 9 boats left."],
            {"seven": 9.5, "7": 9.0, "9": 9.4},
            {"7": 15.0},
            "seven",
        ),
        (
            "How much aid came?",
            ["It gave 2,000 crowns to each.", "Some 9 crowns came."],
            {"2,000": 9.0, "9": 9.4},
            {"2,000": 15.0},
            "2,000 crowns",
        ),
        (
            "Who led the rescue?",
            ["So said President Joe Brand.", "Bert Crane led the rescue."],
            {"President": 9.0, "Bert Crane": 9.0},
            {"President": 15.0},
            "President Joe Brand",
        ),
    ],
)
def test_what_is_read_again_counts_for_the_answer_that_it_means(
    question: str, texts: list[str], told: dict[str, float], again: dict[str, float], key: str
) -> None:
    hits = make_hits(*texts)
    found = pool(
        question,
        hits,
        [scripted(hit.passage.text, told) for hit in hits],
        PlainWords(),
        read_again=lambda text: scripted(text, again),
    )
    at = list(RIGHT.weights).index("beside")
    (best,) = (answer for answer in found if answer.features[at] > math.log(0.5))
    assert best.key == key_of(key)


def test_the_likeliest_answers_alone_are_read_again() -> None:
    names = [f"Name{n:02}" for n in range(COMPARED + 3)]
    hits = make_hits(*(f"{name} did it." for name in names))
    answers = [
        Pooled(name, (name.casefold(),), n / 100, [place(hits, n, name)])
        for n, name in enumerate(names)
    ]
    found = compared(answers, hits, lambda text: scripted(text, dict.fromkeys(names, 9.0)))
    assert set(found) == {(name.casefold(),) for name in names[-COMPARED:]}


def test_the_answer_that_stands_out_beside_the_others_comes_first() -> None:
    hits = make_hits("Ada Quill led the rescue.", "Bert Crane led the rescue.")
    told = {"Ada Quill": 9.0, "Bert Crane": 9.1}
    readings = [scripted(hit.passage.text, told) for hit in hits]

    def best(again: dict[str, float]) -> Pooled:
        return pool(
            "Who led the rescue?",
            hits,
            readings,
            PlainWords(),
            read_again=lambda text: scripted(text, again),
        )[0]

    for name, other in (("Ada Quill", "Bert Crane"), ("Bert Crane", "Ada Quill")):
        found = best({name: 20.0, other: 1.0})
        assert found.text == name
        features = dict(zip(RIGHT.weights, found.features, strict=True))
        assert features["beside"] == pytest.approx(math.log(1 + LEAST), abs=0.01)
