"""A sentence and what it can't be read without."""

from __future__ import annotations

import pytest

from newsqa.chunking import sentence_spans
from newsqa.synthesis.neighbours import with_neighbours
from newsqa.types import Evidence

from .made_up import make_hit, within


def shown(text: str, sentence: str, *, passage: str | None = None) -> str:
    """What of an article is shown with a sentence of it, as one passage or as part of several."""
    hit = make_hit(text)
    if passage is not None:
        hit = within(hit, passage)
    start = text.index(sentence)
    evidence = Evidence(
        article=hit.article, start=start, end=start + len(sentence), text=sentence, hit=1, score=0.5
    )
    spans = with_neighbours(evidence, hit)
    assert spans == sorted(spans, key=lambda span: span.start)
    whole = sentence_spans(text)
    assert all(span in whole for span in spans)
    return text[spans[0].start : spans[-1].end]


RAIN = "It rained all day."
SPOKE = "Dora Finch addressed everyone."
LEFT = "She resigned on Friday."


@pytest.mark.parametrize(
    "between",
    [
        "",
        "She wept.",
        "She wept. They clapped.",
        "“We came in early.”",
        "“I am done, and I will not return.”",
        "“We open again on Monday.”",
        "“THIS IS AN OUTRAGE.”",
        "“We came early. We won again.”",
    ],
)
def test_as_many_sentences_before_it_as_tell_who_is_meant(between: str) -> None:
    told = f"{SPOKE} {between} {LEFT}".replace("  ", " ")
    assert shown(f"{RAIN} {told}", LEFT) == told
    # Where the passage begins does not matter.
    assert shown(f"{RAIN} {told}", LEFT, passage=LEFT) == told


@pytest.mark.parametrize(
    ("before", "sentence", "told"),
    [
        # What names someone is enough.
        (f"{SPOKE} “We thank Ada Quill.”", LEFT, f"“We thank Ada Quill.” {LEFT}"),
        # What it says is shown from where it begins.
        (f'{SPOKE} "We won. We thank Ada."', LEFT, f'"We won. We thank Ada." {LEFT}'),
        # What stands by itself has nothing before it.
        (SPOKE, "Bert Crane resigned.", "Bert Crane resigned."),
        # What points back to something, not somebody, has one.
        (f"{SPOKE} There was smoke.", "Then came rain.", "There was smoke. Then came rain."),
        # What "it" and "that" are is told too.
        (
            f"{RAIN} The dam is old. It leaks. That figure was wrong.",
            "It lost 240 litres.",
            "The dam is old. It leaks. That figure was wrong. It lost 240 litres.",
        ),
        # Not more than three, and one where these don't tell; nor what is no sentence.
        (
            "Dora Finch spoke. She wept. She wept.",
            LEFT,
            f"Dora Finch spoke. She wept. She wept. {LEFT}",
        ),
        ("Dora Finch spoke. She wept. She wept. She wept.", LEFT, f"She wept. {LEFT}"),
        (f"{SPOKE}\nPhoto: Orlen Gazette\n", LEFT, LEFT),
        ("", LEFT, LEFT),
    ],
)
def test_no_more_than_that(before: str, sentence: str, told: str) -> None:
    assert shown(f"{before} {sentence}".strip(), sentence) == told


def test_a_quote_is_not_longer_than_may_be_quoted() -> None:
    long = f"Dora Finch spoke of {'dams and ' * 80}rain."
    assert shown(f"{long} {LEFT}", LEFT) == LEFT


@pytest.mark.parametrize("passage", [None, "Some 420 jobs will go."])
def test_what_takes_it_back_comes_after_it_from_the_next_passage_too(passage: str | None) -> None:
    text = "Some 420 jobs will go. That figure was wrong. Sorry."
    told = shown(text, "Some 420 jobs will go.", passage=passage)
    assert told == "Some 420 jobs will go. That figure was wrong."
