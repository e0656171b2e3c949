"""Question, history and bounds → what is asked, standing on its own."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsqa.errors import InputError
from newsqa.retrieval import in_archive, understand
from newsqa.types import Query

DAY = datetime(2024, 3, 12, tzinfo=UTC)
LAST = DAY + timedelta(days=1) - timedelta(microseconds=1)


def bound(name: str, value: object) -> datetime | None:
    return getattr(understand("Who led it?", **{name: value}), name)


@pytest.mark.parametrize("name", ["as_of", "until"])
@pytest.mark.parametrize(
    "value", ["2024-03-12", "20240312", "2024-W11-2", " 2024-03-12 ", date(2024, 3, 12)]
)
def test_a_day_that_ends_a_span_is_in_it_whole(name: str, value: object) -> None:
    assert bound(name, value) == LAST


@pytest.mark.parametrize("value", ["2024-03-12", date(2024, 3, 12)])
def test_a_day_that_begins_a_span_is_in_it_whole(value: object) -> None:
    assert bound("since", value) == DAY


@pytest.mark.parametrize("name", ["as_of", "since", "until"])
@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2024-03-12T10:30:00Z", DAY.replace(hour=10, minute=30)),
        ("2024-03-12T10:30", DAY.replace(hour=10, minute=30)),
        ("2024-03-12 10:30:00+02:00", DAY.replace(hour=8, minute=30)),
        (datetime(2024, 3, 12, 10, 30), DAY.replace(hour=10, minute=30)),
        (
            datetime(2024, 3, 12, 1, tzinfo=timezone(timedelta(hours=-5))),
            DAY.replace(hour=6),
        ),
        (None, None),
        ("", None),
        ("  ", None),
    ],
    ids=str,
)
def test_an_instant_is_what_it_says_in_utc(name: str, value: object, expected: object) -> None:
    found = bound(name, value)
    assert found == expected
    assert found is None or found.tzinfo is UTC


@pytest.mark.parametrize("name", ["as_of", "since", "until"])
@pytest.mark.parametrize(
    "value",
    ["yesterday", "2024-02-30", "12/03/2024", "2024-13-01", "0000-00-00", "2024-03-12T25:00",
     "9999-12-31T23:59:59-14:00", "\x00", 20240312, 1.5, ["2024-03-12"]],
    ids=ascii,
)  # fmt: skip
def test_what_is_no_date_is_refused_with_its_name_and_what_was_expected(
    name: str, value: object
) -> None:
    with pytest.raises(InputError, match=f"^{name}=.*YYYY-MM-DD"):
        bound(name, value)


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(st.datetimes(), st.sampled_from(["as_of", "since", "until"]))
def test_any_instant_comes_back_from_its_text(value: datetime, name: str) -> None:
    assert bound(name, value.isoformat() + "+00:00") == value.replace(tzinfo=UTC)


def test_a_span_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(InputError, match=r"since \(2024-03-13\) is after until \(2024-03-12\)"):
        understand("Who?", since="2024-03-13", until="2024-03-12")
    query = understand("Who?", since="2024-03-12", until="2024-03-12")
    assert (query.since, query.until) == (DAY, LAST)


@pytest.mark.parametrize("question", ["", "   ", "\n\t", "?!…", "—", "\u200b"], ids=ascii)
def test_a_question_without_words_is_refused(question: str) -> None:
    with pytest.raises(InputError, match="empty"):
        understand(question)


def test_a_question_without_end_is_refused_with_both_numbers() -> None:
    with pytest.raises(InputError, match=r"3000 characters, at most 2000"):
        understand("x" * 3000)
    assert understand("x" * 2000).text == "x" * 2000


def test_white_space_is_folded_and_nothing_else_changed() -> None:
    assert understand("  Who\n led \u2028 “the talks”? ").text == "Who led “the talks”?"


def test_outlets_are_a_name_or_names() -> None:
    assert understand("Who?").sources == ()
    assert understand("Who?", sources="Harbour Post").sources == ("Harbour Post",)
    assert understand("Who?", sources=["A", "B"]).sources == ("A", "B")


def test_a_question_that_leans_on_the_last_one_is_searched_with_it_and_says_so() -> None:
    query = understand("and who opposed it?", history=["Who led the inquiry into the flood?"])
    assert "Who opposed the inquiry" in query.text
    assert any(
        "Understood as" in reason and "follow-up" in reason and "inquiry into" in reason
        for reason in query.why
    )


def test_a_question_that_stands_alone_is_left_alone() -> None:
    query = understand("Who owns the ferry Selkie Maid?", history=["Who led the inquiry?"])
    assert query == Query(text="Who owns the ferry Selkie Maid?")


def test_a_follow_up_is_never_longer_than_a_question_may_be() -> None:
    query = understand("and where did he go?", history=["long " * 395])
    assert len(query.text) <= 2000


@pytest.mark.parametrize(
    "options",
    [{"sources": [None]}, {"history": [None]}, {"history": [3]}, {"sources": [b"Post"]}],
    ids=str,
)
def test_what_is_no_name_and_no_turn_is_refused(options: dict) -> None:
    with pytest.raises(InputError):
        understand("Who led it?", **options)


def test_no_text_is_no_question() -> None:
    with pytest.raises(InputError, match="expected text"):
        understand(None)  # type: ignore[arg-type]


def test_half_a_character_is_replaced() -> None:
    assert understand("Who led \ud800 it?").text == "Who led ? it?"


def test_a_lone_string_is_one_earlier_question() -> None:
    assert understand("And why?", history="When did it end?").text == "Why did it end?"


@pytest.mark.parametrize(
    "question",
    [
        "who is the mayor?",
        "where is skerrin",
        "how many puffins are there on skerrin",
        "Why are there fewer kittiwakes?",
        "how strong was the gust that pushed the ferry onto the wall",
        "when did the bridge open",
    ],
)
def test_a_question_that_stands_alone_is_not_read_as_a_follow_up(question: str) -> None:
    assert understand(question, history=["How many people were injured?"]).text == question


@pytest.mark.parametrize(
    "question",
    ["why?", "and where did he go?", "What did she say?", "what about Brazil?", "Who was there?"],
)
def test_a_question_that_leans_is_read_with_the_one_before(question: str) -> None:
    query = understand(question, history=["Who led the inquiry in Norland?"])
    assert query.text != question
    assert re.search("inquiry|Norland|Brazil", query.text)
    assert "follow-up" in query.why[0]


def test_a_long_history_never_costs_the_question() -> None:
    query = understand("And why was it closed?", history=["very " * 1000 + "old bridge?"])
    assert "why was" in query.text.lower()
    assert "closed" in query.text


def test_an_unknown_outlet_is_named_with_its_like() -> None:
    query = in_archive(understand("Who?", sources=["harbor post", "XYZ"]), ["Harbour Post"])
    assert query.why == (
        "No outlet is called “harbor post”; did you mean “Harbour Post”?",
        "No outlet is called “XYZ”.",
    )


# What a question's words say besides.


def test_filler_is_not_searched_for_but_kept_in_the_text() -> None:
    query = understand("True or false: The Weir Bridge is closed to vans.")
    assert query.text == "True or false: The Weir Bridge is closed to vans."
    assert query.searched == "The Weir Bridge is closed to vans."
    assert any("Searched for" in line for line in query.why)


@pytest.mark.parametrize(
    ("question", "searched"),
    [
        ("Can you tell me who runs the ferry?", "who runs the ferry?"),
        ("Please, could you please tell me who runs the ferry?", "who runs the ferry?"),
        ("Who runs the ferry, according to reports?", "Who runs the ferry ?"),
        ("Who runs the ferry, according to news media?", "Who runs the ferry ?"),
        ("Question: who runs the ferry?", "who runs the ferry?"),
        ("Question Time: who chaired it?", "Question Time: who chaired it?"),
        ("Who starred in Tell Me Lies?", "Who starred in Tell Me Lies?"),
        ("Tell Me Lies has which star?", "Tell Me Lies has which star?"),
        ("Which of these rivers is the longest?", "Which of these rivers is the longest?"),
        ("Tell me more", "Tell me more"),
        ("Who told the mayor?", "Who told the mayor?"),
    ],
)
def test_only_filler_is_left_out(question: str, searched: str) -> None:
    assert understand(question).searched == searched


def test_a_date_is_read_against_as_of_before_now_and_said_so() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    query = understand("Who won in March?", as_of="2022-07-20", now=now)
    assert query.period is not None
    assert query.period.start == datetime(2022, 3, 1, tzinfo=UTC)
    assert any("“March” is read as 2022-03-01 to 2022-03-31" in line for line in query.why)
    later = understand("Who won in March?", now=now)
    assert later.period is not None
    assert later.period.start.year == 2025
    assert understand("Who won in March?").period is None


def test_what_is_inferred_can_be_left_undone_one_by_one() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    asked = "Please tell me who won in March, according to Radio Vellmark?"
    whole = in_archive(understand(asked, now=now), ["Radio Vellmark"])
    assert whole.wording
    assert whole.period
    assert whole.outlets == ("Radio Vellmark",)
    ignore = ("wording", "period", "outlets")
    plain = in_archive(understand(asked, now=now, ignore=ignore), ["Radio Vellmark"], ignore=ignore)
    assert (plain.wording, plain.period, plain.outlets, plain.why) == ("", None, (), ())
    assert understand("Who is the mayor now?", now=now).newest
    assert not understand("Who is the mayor now?", now=now, ignore=("newest",)).newest


@pytest.mark.parametrize("ignore", ["period", ("perod",), ("period", "all")])
def test_an_inference_that_there_is_not_is_refused(ignore) -> None:
    with pytest.raises(InputError, match="expected names out of wording, period"):
        understand("Who won?", ignore=ignore)


@pytest.mark.parametrize(
    ("question", "named"),
    [
        ("According to Reuters, who won?", ("Reuters",)),
        ("Who won, according to the Harbour Post?", ("Harbour Post",)),
        ("Who won, as The Harbour Post reported?", ("Harbour Post",)),
        ("Which minister told CNN that he would go?", ("cnn.com",)),
        ("According to the UN, who won?", ()),
        ("Did Reuters lay off staff?", ()),
        ("Who leads the Post?", ()),
        ("According to Reuters and CNN, who won?", ("Reuters", "cnn.com")),
        ("who won, according to reuters news agency", ("Reuters",)),
        ("Reuters said that who won?", ("Reuters",)),
        ("According to USA Today, who won?", ("usatoday.com",)),
        ("Who told Post Malone to go?", ()),
        ("According to Time Warner, who won?", ()),
        ("People reported seeing what?", ("People",)),
        ("Most people said what?", ()),
        ("According to Time, who won?", ("Time",)),
    ],
)
def test_outlets_that_a_question_quotes_are_preferred(question: str, named) -> None:
    outlets = ["Harbour Post", "Post", "Reuters", "cnn.com", "usatoday.com", "Time", "People"]
    query = in_archive(understand(question), outlets)
    assert query.outlets == named
    assert query.sources == ()


def test_outlets_that_bound_the_search_are_not_inferred_besides() -> None:
    query = understand("Who won, according to Reuters?", sources=["Harbour Post"])
    assert in_archive(query, ["Harbour Post", "Reuters"]).outlets == ()


@pytest.mark.parametrize(
    ("question", "newest"),
    [
        ("Who is the mayor now?", True),
        ("What is the latest on the flood?", True),
        ("Who is currently mayor?", True),
        ("Who directed Apocalypse Now?", False),
        ("Who was the then-current mayor?", False),
        ("How strong is the current of the river?", False),
        ("Who has led it until now?", False),
    ],
)
def test_what_asks_for_the_newest(question: str, newest: bool) -> None:
    assert understand(question).newest is newest


def test_a_follow_up_keeps_its_own_time() -> None:
    now = datetime(2022, 7, 20, tzinfo=UTC)
    query = understand("and in 2019?", history=["What happened last week in Kyiv?"], now=now)
    assert query.period is not None
    assert query.period.text == "2019"
    carried = understand("and who spoke?", history=["What happened last week in Kyiv?"], now=now)
    assert carried.period is not None
    assert carried.period.text == "last week"


@pytest.mark.parametrize("ignore", [5, ["x", 1], [["x"]]])
def test_what_is_no_name_of_an_inference_is_refused(ignore) -> None:
    with pytest.raises(InputError, match="ignore is"):
        understand("Who won?", ignore=ignore)


def test_nothing_to_ignore_may_be_none() -> None:
    assert understand("Who won?", ignore=None).text == "Who won?"


@pytest.mark.parametrize("as_of", ["9999-12-31", "0001-01-01", "0001-01-03"])
@pytest.mark.parametrize(
    "words", ["today", "this week", "last weekend", "on Saturday", "this year"]
)
def test_dates_at_the_ends_of_time_are_no_error(as_of: str, words: str) -> None:
    understand(f"Who won {words}?", as_of=as_of)
