"""Sentences as questions, and questions asked elsewhere."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from newsqa.evaluation import holds
from training.archive import Archive, read_archive
from training.clozes import Cloze, cloze, clozes
from training.elsewhere import PASSAGES, elsewhere
from training.rows import Example


@pytest.fixture(scope="module")
def archive(told_twice: Path) -> Archive:
    return read_archive(told_twice)


def asked(archive: Archive, sentence: str) -> set[tuple[str, str]]:
    article = archive.passages[0][1]
    found = (cloze(sentence, article, random.Random(seed)) for seed in range(40))
    return {(each.question, each.answer) for each in found if isinstance(each, Cloze)}


def test_names_numbers_and_times_are_asked_for(archive: Archive) -> None:
    found = asked(
        archive,
        "PARIS (AP) — Captain Otto Brand rescued 43,000 sailors near Port Ennis on March 3, 2022, "
        "for $50 million from Ines Moor.",
    )
    rest = "sailors near Port Ennis on March 3, 2022, for $50 million from Ines Moor?"
    assert (f"Captain Otto Brand rescued how many {rest}", "43,000") in found
    assert (f"Who rescued 43,000 {rest}", "Captain Otto Brand") in found
    assert any("near what place on" in question for question, _ in found)
    assert any("Port Ennis when, for" in question for question, _ in found)
    assert any("for how much from" in question for question, _ in found)
    assert any(question.endswith("from who?") for question, _ in found)


@pytest.mark.parametrize(
    ("sentence", "never"),
    [
        ("Rower Tom Hale, 43, and his crew won the long race at Port Ennis.", {"43", "43,"}),
        ("The attack of Jan. 6 was on the mind of Mayor Ada Quill that day.", {"Jan", "6"}),
        ("A judge fined the firm of Otto Brand $2000 and called it a mild one.", {"2000"}),
        ("Some 1800 people came to the bridge of Ada Quill in the rain.", set()),
        ("A Boeing 737 that Otto Brand flew came down beside the lake in the rain.", {"737"}),
        ("For the 100th time Ada Quill came to the bridge over the Lune.", {"100th"}),
        ("The U.S. said that Ada Quill had come to the bridge in the rain.", {"U.S"}),
    ],
)
def test_what_only_looks_like_an_answer_is_not_asked_for(
    archive: Archive, sentence: str, never: set[str]
) -> None:
    found = asked(archive, sentence)
    assert found
    assert not never & {answer for _, answer in found}
    assert any("when" in question for question, _ in found) == ("Jan. 6" in sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "It rained.",
        "“I saw it all,” said Ada Quill of the bridge that she had opened on Monday at noon.",
        "nothing in this sentence has a name or a number or a time to ask for at all",
        "Ada Quill and Ada Quill and again Ada Quill were there on that cold morning.",
    ],
)
def test_of_some_sentences_nothing_is_asked(archive: Archive, sentence: str) -> None:
    assert asked(archive, sentence) == set()


def test_another_outlet_answers_and_never_the_article_itself(archive: Archive) -> None:
    found = clozes(archive, seed=0, first_group=7)
    assert found
    assert min(example.group for example in found) >= 7
    texts = {article.url: passage.text for passage, article in archive.passages}
    gazette = {text for url, text in texts.items() if url and "gazette" in url}
    for example in found:
        # What is told from the first outlet's sentence is answered by the second's, and back.
        told = "the Herald has learned" not in example.question
        if example.answers:
            assert (example.context in gazette) != told
    groups = {example.group for example in found}
    for group in groups:
        members = [example for example in found if example.group == group]
        assert len({example.question for example in members}) == 1
        right = [example for example in members if example.answers]
        assert right
        assert len(members) > len(right)
        answers = {e.context[start:end] for e in right for start, end in e.answers}
        for example in members:
            assert bool(example.answers) == holds(example.context, list(answers))
    assert found == clozes(archive, seed=0, first_group=7)


def test_what_another_time_says_does_not_count(archive: Archive) -> None:
    later = datetime(2022, 9, 1, tzinfo=UTC)
    apart = tuple(
        (passage, replace(article, published=later) if "herald" in (article.url or "") else article)
        for passage, article in archive.passages
    )
    answered = {e.context for e in clozes(archive, seed=0) if e.answers}
    assert answered
    moved = Archive(passages=apart, vectors=archive.vectors, encoder=archive.encoder)
    assert not [e for e in clozes(moved, seed=0) if e.answers]


def test_near_passages_come_nearest_first(archive: Archive) -> None:
    question = "Who won the regatta at Port Ennis?"
    (near,) = archive.near([question], 5)
    scores = archive.vectors[near] @ archive.encoder.encode([question])[0]
    assert np.all(np.diff(scores) <= 0)
    assert "regatta" in archive.passages[near[0]][0].text


def test_questions_asked_elsewhere_have_no_labels(archive: Archive) -> None:
    rows = [
        Example(question=f"Who did it {n}?", title="", context="", answers=(), source=source)
        for n, source in enumerate(["squad-v2", "squad-v1", "tweetqa", "tydiqa"])
    ]
    found = elsewhere(rows, archive, count=9, seed=0, first_group=3)
    assert len(found) == 3 * PASSAGES
    assert {example.group for example in found} == {3, 4, 5}
    assert not any(example.labelled or example.answers for example in found)
    assert {example.question[-2] for example in found} == {"0", "1", "3"}
