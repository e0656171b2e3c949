"""What a question asks for, and what a sentence has to offer."""

from __future__ import annotations

import pytest

from newsqa.synthesis.wording import (
    kind_of_answer,
    leans,
    offers,
    retracts,
    shape_of,
    without_dateline,
)


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("How many died?", "count"),
        ("how much did it cost", "amount"),
        ("When did it open?", "time"),
        ("Who is the mayor?", "person"),
        ("In which country is it?", "place"),
        ("Which film won?", "name"),
        ("What is the name of the dog?", "title"),
        ("What happened in May?", "other"),
        ("Why?", "other"),
    ],
)
def test_kinds(question: str, kind: str) -> None:
    assert kind_of_answer(question) == kind


def test_offers_looks_beyond_the_question_and_the_first_word() -> None:
    assert offers("person", "Then Ada Quill spoke.", "Who spoke?")
    assert not offers("person", "Then nobody spoke.", "Who spoke?")
    assert not offers("count", "All 12 spoke.", "Did 12 speak?")


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("PARIS (AP) — It rained.", "It rained."),
        ("ST. LOUIS - It rained.", "It rained."),
        ("(CNN) It rained.", "It rained."),
        ("NATO said it rained.", "NATO said it rained."),
        ("US-led talks rained on.", "US-led talks rained on."),
    ],
)
def test_datelines(sentence: str, said: str) -> None:
    assert without_dateline(sentence) == said


def test_sentences_that_need_a_neighbour() -> None:
    assert leans("She left.")
    assert not leans("Sheila left.")
    assert retracts("That figure was wrong.")
    assert not retracts("That figure was large.")


@pytest.mark.parametrize(
    ("question", "shape"),
    [
        ("Did the mayor resign?", "verdict"),
        ("Hasn't the mayor resigned?", "verdict"),
        ("Has the mayor resigned, or not?", "verdict"),
        ("Is it true that the bridge collapsed?", "verdict"),
        ("True or false: the bridge collapsed.", "verdict"),
        ("So, will it rain?", "verdict"),
        ("In May, did the council vote?", "verdict"),
        ("According to the Gazette, is inflation falling?", "verdict"),
        ("Was the bill passed or rejected?", "fact"),
        ("Was it Peru or Chile that signed?", "fact"),
        ("Do you know which film won?", "fact"),
        ("Can you tell me who led the rescue?", "fact"),
        ("Which countries signed the treaty?", "list"),
        ("Which two countries signed the treaty?", "list"),
        ("Which other teams qualified?", "list"),
        ("During the storm, which towns were flooded?", "list"),
        ("What companies did he found?", "list"),
        ("Who are the finalists?", "list"),
        ("Who were the two pilots?", "list"),
        ("What are the names of the winners?", "list"),
        ("Name all the winners.", "list"),
        ("List the towns that were hit.", "list"),
        ("Which series won?", "fact"),
        ("Which bus was hit?", "fact"),
        ("Which species was found?", "fact"),
        ("Which US state was hit?", "fact"),
        ("Which news outlet was sold?", "fact"),
        ("Which company owns the Times?", "fact"),
        ("Which company makes games in Kestmouth?", "fact"),
        ("Which two-time winner lost?", "fact"),
        ("Which of these countries is not in the EU?", "fact"),
        ("Who is the president's wife?", "fact"),
        ("How many countries signed?", "fact"),
        ("How much did it cost?", "fact"),
        ("How long did it last?", "fact"),
        ("When did it open, and why?", "fact"),
        ("How did the strike end?", "account"),
        ("How has the government responded?", "account"),
        ("How come the shop closed?", "account"),
        ("Why did people leave?", "account"),
        ("And why did he leave?", "account"),
        ("Could you please tell me why the strike ended?", "account"),
        ("After the vote, why did he resign?", "account"),
        ("What happened in Kestmouth?", "account"),
        ("What is reported about the ferry?", "account"),
        ("What has been said of the bridge?", "account"),
        ("What do we know about the flood?", "account"),
        ("Tell me about the comet", "account"),
        ("Can you tell me about the comet?", "account"),
        ("What was said?", "fact"),
        ("What caused the fire?", "account"),
        ("What was the reason for the delay?", "account"),
        ("What is the latest news about the ferry?", "account"),
        ("What’s going on at the port?", "account"),
        ("What is the latest album by Ilvar Dane?", "fact"),
        ("What is the new tax called?", "fact"),
        ("Why?", "account"),
        ("Who resigned after the vote, and why?", "fact"),
        ("After a joke about his hair, Ilvar Dane slapped the host at which show?", "fact"),
        ("After a joke about his hair, who slapped the host at which show?", "fact"),
        ("", "fact"),
        ("?", "fact"),
    ],
)
def test_shapes(question: str, shape: str) -> None:
    assert shape_of(question) == shape


def test_the_shape_of_a_question_is_the_same_whatever_its_case() -> None:
    for question in ("did the mayor resign", "which towns were flooded", "why did it fail"):
        assert shape_of(question) == shape_of(question.upper()) == shape_of(question.title())
