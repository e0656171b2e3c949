"""The exact span, by form and agreement."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from newsqa.synthesis.asking import Kind
from newsqa.synthesis.by_form import read
from newsqa.synthesis.evidence import Candidate
from newsqa.synthesis.forms import FIT, forms_of, is_unfit
from newsqa.types import Evidence

from .made_up import make_hit


def candidates(*sentences: str) -> list[Candidate]:
    return [
        Candidate(
            evidence=Evidence(
                article=make_hit(sentence, rank=rank).article,
                start=0,
                end=len(sentence),
                text=sentence,
                hit=rank,
                score=0.5,
            ),
            vector=np.zeros(2, dtype=np.float32),
            features=(),
        )
        for rank, sentence in enumerate(sentences, start=1)
    ]


@pytest.mark.parametrize(
    ("question", "sentence", "short"),
    [
        ("Who led the inquiry?", "The judge Beatrix Aylward led the inquiry.", "Beatrix Aylward"),
        ("How many people died?", "Two days later, 17 people died.", "17"),
        ("How high was the water?", "The water was 6.4 metres high.", "6.4 metres"),
        ("How much did the bridge cost?", "The bridge cost $3.1 million.", "$3.1 million"),
        ("When does the law begin?", "The law begins on 1 October 2024.", "1 October 2024"),
        ("Where was the bell found?", "The bell was found in Kestmouth.", "Kestmouth"),
        ("What is the title of the novel?", "Her novel is “The Salt Ledger”.", "The Salt Ledger"),
    ],
)
def test_the_form_fits_the_question(question: str, sentence: str, short: str) -> None:
    assert read(question, candidates(sentence))[0].text == short


def test_spans_that_agree_are_pooled() -> None:
    spans = read(
        "Who won the race?",
        candidates(
            "Ina Holt won the race.", "Bert Crane lost the race.", "The race went to Ina Holt."
        ),
    )
    assert spans[0].text == "Ina Holt"
    assert spans[0].candidates == [0, 2]


def test_a_number_that_was_corrected_is_no_answer_in_any_article() -> None:
    old, wrong, right = candidates(
        "The plan cuts 420 jobs.", "We said the plan cuts 420 jobs.", "The plan cuts 240 jobs."
    )
    spans = read("How many jobs will be cut?", [old, replace(wrong, retracted=True), right])
    assert [span.text for span in spans] == ["240"]


def test_words_of_the_question_are_no_answer() -> None:
    assert all(
        span.text != "Weir Bridge"
        for span in read(
            "Who built the Weir Bridge?", candidates("Al Munro built the Weir Bridge.")
        )
    )


def test_years_are_not_people() -> None:
    found = read(
        "How many people live on Skerrin?",
        candidates(
            "After 156 years people live on Skerrin again.", "On Skerrin live 1,480 people."
        ),
    )
    assert found[0].text == "1,480"
    assert all(span.text != "156" for span in found)


def test_a_question_without_a_form_has_no_span() -> None:
    assert read("Why did it fail?", candidates("Ina Holt said on 3 May that 12 bolts broke.")) == []


@pytest.mark.parametrize(
    ("text", "forms"),
    [
        ("Ada Quill", {"person", "full name", "quoted", "located"}),
        ("Mr. Quill", {"surname", "name", "quoted", "located"}),
        ("President Ada Quill", {"person", "full name", "quoted", "located"}),
        ("Weir Bridge", {"full name", "quoted", "located"}),
        ("NATO", {"name", "quoted", "located"}),
        ("340", {"number"}),
        ("seventeen", {"number"}),
        ("17%", {"number", "amount"}),
        ("$3.1 million", {"number", "amount"}),
        ("6.4 metres", {"amount"}),
        ("1 October 2024", {"time"}),
        ("2024", {"time"}),
        ("Monday", {"time", "quoted", "located"}),
        ("because it rained", set()),
        ("340 people", set()),
        ("the judge Ada Quill", set()),
        ("the", set()),
        ("—", set()),
        ("", set()),
    ],
)
def test_forms_of_a_text_as_a_whole(text: str, forms: set[str]) -> None:
    assert forms_of(text) == forms


def test_the_form_that_a_question_asks_for_is_among_those_of_its_answer() -> None:
    for kind, answer in (
        ("person", "Beatrix Aylward"),
        ("place", "Kestmouth"),
        ("title", "The Salt Ledger"),
        ("time", "1 October 2024"),
        ("count", "1,480"),
        ("amount", "$3.1 million"),
    ):
        assert max(FIT[kind].get(form, 0.0) for form in forms_of(answer)) == 1.0


@pytest.mark.parametrize(
    ("kind", "text", "unfit"),
    [
        ("count", "Friday", True),
        ("count", "11 March", True),
        ("amount", "March 11, 2024", True),
        ("person", "71", True),
        ("person", "Friday", True),
        ("person", "1.5%", True),
        ("place", "1893", True),
        ("place", "11 March", True),
        # What has no digit may be a number, and what has one a name.
        *(("count", text, False) for text in ("1500", "Thousands", "half", "a million", "nobody")),
        *(("amount", text, False) for text in ("$2000", "1500 metres", "2 a.m.", "since 2019")),
        *(("person", text, False) for text in ("May", "Mrs May", "50 Cent", "49ers", "two men")),
        *(("place", text, False) for text in ("March", "30 miles", "7,450", "on the quay")),
        ("time", "the judge", False),
        ("name", "1984", False),
        ("title", "1984", False),
        ("other", "11 March", False),
    ],
)
def test_what_can_not_be_of_a_kind(kind: Kind, text: str, unfit: bool) -> None:
    assert is_unfit(kind, text) is unfit
