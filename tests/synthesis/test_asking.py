"""What a question asks for."""

import pytest

from newsqa.synthesis.asking import asks_how_it_stands, kind_of_answer, shape_of, topic_of


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
        ("What was the ship's name?", "title"),
        ("What happened in May?", "other"),
        ("The man who fell was treated at which hospital?", "name"),
        ("What did she say when the bridge fell?", "other"),
        ("In May, who paid for which bridge?", "person"),
        ("When the bridge fell, two died. How many were hurt?", "count"),
        ("A ship named Petrel sank. Where was that?", "place"),
        ("The judge spoke who led the inquiry.", "person"),
        ("She wrote a novel titled:", "title"),
        ("Who won? And when was that?", "person"),
        # Who, when and where of a clause ask for nothing.
        ("When did Mr. Crane, who led the bank, resign?", "time"),
        ("WHEN DID MR. CRANE, WHO LED THE BANK, RESIGN?", "time"),
        ("How much did the U.S. Senator who voted no earn?", "amount"),
        ("Who was the mayor of St. Paul when the bridge fell?", "person"),
        ("After a man who fell apologised, which show was cancelled?", "name"),
        ("Before the man who fell was treated, how many died?", "count"),
        ("On Friday, when the bridge fell, which train was hit?", "name"),
        ("The mayor, who took office in May, resigned when?", "time"),
        ("Tell me who paid for the bridge and how much it cost.", "person"),
        ("I want to know when the bridge opened and what it cost.", "time"),
        ("To whom did she sell which painting?", "person"),
        # The noun that is asked for, if its kind is known.
        ("Which Republican presidential candidate was asked to leave?", "person"),
        ("Which actor voices the plumber?", "person"),
        ("In which seaside town was it?", "place"),
        ("Which country's president resigned?", "place"),
        ("Which team's owner resigned?", "name"),
        ("Which guard dog bit the man?", "name"),
        ("What area code is it?", "name"),
        ("What executive order did she sign?", "name"),
        ("What was the name of the man who fell?", "person"),
        ("What was said in the name of the king?", "other"),
        ("What are the dogs' names?", "title"),
        ("What is known about the man whose name was cleared?", "other"),
        ("A perfume with a name? What is it called?", "title"),
        ("Why?", "other"),
        ("Which state senator resigned?", "person"),
        ("What is the name of the president's dog?", "title"),
        ("What is the name of the players’ leader?", "person"),
        # What only looks like a question word, or like one's noun.
        ("What about Kestmouth?", "other"),
        ("What else?", "other"),
        ("Who leads the WHO?", "person"),
        ("Did the WHO declare an emergency?", "other"),
        ("After whom was the ship named?", "person"),
        ("What happened to the ship named Petrel?", "other"),
        ("What is the ship named?", "title"),
        # A clause before the question.
        ("When the mayor resigned, who replaced him?", "person"),
        ("When the bridge fell, which train was hit?", "name"),
        ("When was the bridge, which fell, built?", "time"),
        ("The mayor resigned when the vote failed. Who replaced her", "person"),
        # What ends no sentence.
        ("Who bought Yahoo! Japan?", "person"),
        ("When did Yahoo! Sports close?", "time"),
        ("Help! Who won?", "person"),
        ("Who replaced Lt. Gov. Crane?", "person"),
        (f"Who, {'it was said of the one ' * 80}, won?", "person"),
    ],
)
def test_kinds(question: str, kind: str) -> None:
    assert kind_of_answer(question) == kind


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
        ("A ferry sank. Did the captain resign?", "verdict"),
        ("It sank on Friday. True or false?", "verdict"),
        ("A ferry sank. How did it happen?", "account"),
        ("What was the reason the name was changed?", "account"),
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
        ("Did the WHO declare an emergency?", "verdict"),
        ("Is Doctor Who back?", "verdict"),
        ("What happened to the ship named Petrel?", "account"),
        ("When the bridge fell, did anybody die?", "verdict"),
        ("", "fact"),
        ("?", "fact"),
    ],
)
def test_shapes(question: str, shape: str) -> None:
    assert shape_of(question) == shape


@pytest.mark.parametrize(
    ("question", "stands"),
    [
        ("Is the bridge open?", True),
        ("So, isn't the bridge open?", True),
        ("Has the bridge reopened?", True),
        ("Was the bridge open?", False),
        ("Which bridge is open?", False),
        ("Will the bridge open?", False),
    ],
)
def test_which_questions_ask_how_things_stand(question: str, stands: bool) -> None:
    assert asks_how_it_stands(question) is stands


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        ("What is the latest news about the ferry?", "about the ferry?"),
        ("And why did the mayor resign?", "did the mayor resign?"),
        ("Tell me about the comet", "the comet"),
        ("Why?", "?"),
        ("Who won the latest race?", "Who won the latest race?"),
        ("", ""),
    ],
)
def test_what_an_account_is_asked_of(question: str, topic: str) -> None:
    assert topic_of(question) == topic


def test_the_shape_of_a_question_is_the_same_whatever_its_case() -> None:
    for question in ("did the mayor resign", "which towns were flooded", "why did it fail"):
        assert shape_of(question) == shape_of(question.upper()) == shape_of(question.title())
