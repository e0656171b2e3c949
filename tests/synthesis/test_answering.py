"""Hits → a cited answer or a refusal."""

from __future__ import annotations

import copy
import dataclasses
import pickle
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsqa.config import Answering
from newsqa.embedding import HashingEncoder
from newsqa.synthesis import Reader, answer_from, find
from newsqa.synthesis.compose import MAX_CONTEXT_CHARS
from newsqa.types import Answer, Coverage, Hit, Query

from .made_up import PlainWords, ScriptedReader, make_hit, make_hits

SEARCHED = Coverage(articles=3, undated_excluded=0, earliest=None, latest=None)
FLOOD = (
    "The river Lune broke its banks on Monday. Mayor Ada Quill led the rescue from the town hall. "
    "About 340 people left their homes."
)


def answer(
    question: str,
    hits: list[Hit],
    *,
    threshold: float = 0.0,
    searched: Coverage = SEARCHED,
    encode: Any = None,
    reader: Reader | None = None,
    settings: Answering | None = None,
) -> Answer:
    encoder = HashingEncoder(128)
    told: dict[str, Any] = {"words": PlainWords(), "lap": lambda _: {}}
    query = Query(text=question)
    found = find(
        question,
        query,
        hits,
        reader=reader,
        vector=encoder.encode([question])[0],
        encode=encode or encoder.encode,
        **told,
    )
    chosen = settings or Answering(threshold=threshold)
    return answer_from(question, query, found, searched=searched, settings=chosen, **told)


def test_the_sentence_that_answers_leads_and_is_cited_exactly() -> None:
    hit = make_hit(FLOOD)
    found = answer("Who led the rescue?", [hit])
    assert found.status == "answered"
    assert found.text.startswith("Mayor Ada Quill led the rescue from the town hall. [1]")
    first = found.citations[0]
    assert hit.article.text[first.start : first.end] == first.quote
    assert first.context == FLOOD
    assert first.context_start == 0


def test_the_short_answer_stands_in_a_cited_quote() -> None:
    found = answer("How many people left their homes?", [make_hit(FLOOD)])
    assert found.short == "340"
    assert any("340" in citation.quote for citation in found.citations)


def test_a_question_for_reasons_has_no_short_answer() -> None:
    assert answer("Why did people leave their homes?", [make_hit(FLOOD)]).short is None


def test_weak_support_is_a_refusal_that_names_the_nearest() -> None:
    hits = [make_hit(FLOOD, title="River floods"), make_hit("Nothing here.", rank=2)]
    found = answer("Who won the chess title?", hits, threshold=0.99)
    assert found.status == "no_evidence"
    assert found.citations == ()
    assert found.short is None
    assert [reference.title for reference in found.nearest] == ["River floods", None]
    assert "3 articles" in found.text
    assert "River floods" in found.text
    assert not re.search(r"\[\d+\]", found.text)


def test_no_hits_is_a_refusal_that_says_how_many_had_no_date() -> None:
    nothing = Coverage(articles=0, undated_excluded=2, earliest=None, latest=None)
    found = answer("Who led the rescue?", [], searched=nothing)
    assert found.status == "no_evidence"
    assert found.confidence == 0.0
    assert "2 articles without a date" in found.text


def test_agreeing_sentences_of_two_articles_are_cited_together() -> None:
    one = make_hit("Mayor Ada Quill led the rescue from the town hall.", rank=1)
    two = make_hit("Mayor Ada Quill led the rescue from the town hall. More later.", rank=2)
    found = answer("Who led the rescue?", [one, two])
    assert "[1][2]" in found.text
    assert {citation.article_id for citation in found.citations[:2]} == {"article-1", "article-2"}


def test_sentences_that_differ_in_a_number_are_both_shown() -> None:
    one = make_hit("The crash injured 14 people on the ferry.", rank=1)
    two = make_hit("The crash injured 17 people on the ferry.", rank=2)
    found = answer("How many people did the crash injure?", [one, two])
    assert "14" in found.text
    assert "17" in found.text
    assert "[1][2]" not in found.text


def test_one_number_apart_is_apart_however_alike_the_rest() -> None:
    rest = "was hurt when the evening boat from the town ran into the harbour wall in a squall"
    one = make_hit(f"A crowd of 14 people on the deck {rest}.", rank=1)
    two = make_hit(f"A crowd of 17 people on the deck {rest}.", rank=2)
    encoder = HashingEncoder(128)
    found = answer("How many people were hurt on the deck?", [one, two], encode=all_alike(encoder))
    assert "14" in found.text
    assert "17" in found.text


def all_alike(encoder: HashingEncoder) -> Any:
    """An encoder to which every sentence means the same: cosine 1."""
    return lambda texts: encoder.encode(["the same"] * len(texts))


def test_a_sentence_that_points_back_comes_with_the_one_before() -> None:
    found = answer("Who resigned over the tunnel?", [make_hit(
        "Dora Finch ran the tunnel project for years. She resigned over the tunnel on Friday."
    )])  # fmt: skip
    assert "Dora Finch ran the tunnel project for years. [1] She resigned" in found.text


def test_a_sentence_that_is_taken_back_comes_with_that() -> None:
    found = answer("How many jobs will be cut?", [make_hit(
        "On Tuesday we reported that 420 jobs will be cut. That figure was wrong. Sorry."
    )])  # fmt: skip
    assert "That figure was wrong. [1]" in found.text


def test_marks_in_an_article_are_not_marks_of_ours() -> None:
    found = answer("Who led the rescue?", [make_hit("Ada Quill led the rescue [7] again [1].")])
    assert found.text == "Ada Quill led the rescue (7) again (1). [1]"
    assert found.citations[0].quote == "Ada Quill led the rescue [7] again [1]."


def test_a_dateline_is_quoted_but_not_said() -> None:
    found = answer("Who led the rescue?", [make_hit("LANCASTER (AB) — Ada Quill led the rescue.")])
    assert found.text == "Ada Quill led the rescue. [1]"
    assert found.citations[0].quote.startswith("LANCASTER (AB)")


def test_a_retracted_sentence_is_never_cited_as_agreement() -> None:
    plan = make_hit("Penhallow Marine will cut 420 jobs at the yard by May.", rank=1)
    correction = make_hit(
        "Penhallow Marine will cut 420 jobs at the yard by May. That figure was wrong.", rank=2
    )
    found = answer("Which jobs will Penhallow Marine cut at the yard by May?", [plan, correction])
    cited = [c for c in found.citations if c.article_id == "article-2"]
    assert all(c.quote.endswith("That figure was wrong.") for c in cited)


def test_an_ornament_before_a_sentence_is_no_statement() -> None:
    found = answer("How many medals did he win?", [make_hit("* * *\n\nHe won 17 gold medals.")])
    assert found.text == "He won 17 gold medals. [1]"


def test_a_dateline_in_the_middle_of_a_quote_stays() -> None:
    text = "TALKS FAIL, Reuters. It ended - after 17 rounds of talks - on Friday."
    found = answer("How many rounds of talks ended?", [make_hit(text)])
    assert found.status == "answered"


def test_the_paragraph_of_a_citation_is_bounded() -> None:
    text = f"{'All was quiet there. ' * 2000}Ada Quill led the rescue. {'And so on. ' * 2000}"
    citation = answer("Who led the rescue?", [make_hit(text)]).citations[0]
    assert len(citation.context) <= 2 * MAX_CONTEXT_CHARS + len(citation.quote)
    assert citation.quote in citation.context


def test_marks_in_a_title_are_not_marks_of_a_refusal() -> None:
    hit = make_hit("Nothing here.", title="Pell resigns [1] " + "and on " * 100)
    found = answer("Who won?", [hit], threshold=1.0)
    assert "[1]" not in found.text
    assert len(found.text) < 400


def test_an_answer_can_be_copied_pickled_and_made_a_dict() -> None:
    found = answer("Who led the rescue?", [make_hit(FLOOD)])
    assert pickle.loads(pickle.dumps(found)) == copy.deepcopy(found) == found
    assert dataclasses.asdict(found)["citations"][0]["number"] == 1
    assert hash(found) == hash(copy.deepcopy(found))


SENTENCE = st.text(
    st.sampled_from("abc XYZ 0123 .,!?[]()“”\"'\n—é\u0301中🙂\u200b\u2028"), min_size=1, max_size=80
)
TOLD = st.none() | st.dictionaries(
    st.sampled_from(["abc", "XYZ", "0", "0123", "é", "中🙂", "a", ".", "[0]", "XYZ 0123"]),
    st.floats(-30, 30),
    max_size=4,
)
"""What a scripted reader is told, or None to do without one."""


@given(
    st.lists(SENTENCE, min_size=1, max_size=8),
    st.integers(1, 3),
    TOLD,
    st.sampled_from(["Who saw abc in 0123?", "Which towns saw abc?", "Why abc?", "Was it abc?"]),
)
def test_guarantees_hold_for_any_text(
    texts: list[str], size: int, told: dict[str, float] | None, question: str
) -> None:
    hits = [
        make_hit("\n".join(texts[i:]), rank=rank)
        for rank, i in enumerate(range(min(size, len(texts))), start=1)
        if "\n".join(texts[i:]).strip()
    ]
    hits = [hit for hit in hits if hit.passage.sentences]
    found = answer(question, hits, reader=None if told is None else ScriptedReader(told))
    articles = {hit.article.id: hit.article for hit in hits}
    for place, citation in enumerate(found.citations, start=1):
        text = articles[citation.article_id].text
        assert citation.number == place
        assert text[citation.start : citation.end] == citation.quote
        context_end = citation.context_start + len(citation.context)
        assert text[citation.context_start : context_end] == citation.context
    if found.status == "answered":
        marks = {int(mark) for mark in re.findall(r"\[(\d+)\]", found.text)}
        assert marks == set(range(1, len(found.citations) + 1))
    exact = (*found.several, *([] if found.short is None else [found.short]))
    assert all(any(text in c.quote for c in found.citations) for text in exact)
    assert found.several == () or found.short == found.several[0]
    assert 0.0 <= found.confidence <= 1.0


@pytest.mark.parametrize("threshold", [0.0, 1.0])
def test_confidence_is_a_probability(threshold: float) -> None:
    found = answer("Who led the rescue?", [make_hit(FLOOD)], threshold=threshold)
    assert 0.0 <= found.confidence <= 1.0
    assert (found.status == "answered") == (found.confidence >= threshold)


RESCUE = (
    "Bert Crane was in charge on Monday.",
    "Mayor Ada Quill led the rescue from the town hall.",
    "A rescue is led by whoever is near.",
)


def test_the_sentence_that_was_read_to_hold_the_answer_leads() -> None:
    question, hits = "Who led the rescue?", make_hits(*reversed(RESCUE))
    alone = answer(question, hits)
    read = answer(question, hits, reader=ScriptedReader({"Bert Crane": 14.0}))
    assert alone.text.startswith("Mayor Ada Quill led the rescue")
    assert read.text.startswith("Bert Crane was in charge on Monday. [1]")
    assert read.short == "Bert Crane"
    assert read.citations[0].quote == RESCUE[0]


def test_the_sentence_that_leads_is_found_within_its_passage() -> None:
    hit = make_hit(f"{FLOOD} The water fell on Thursday, said Bert Crane of the river board.")
    found = answer("Who led the rescue?", [hit], reader=ScriptedReader({"Bert Crane": 14.0}))
    assert found.text.startswith("The water fell on Thursday, said Bert Crane")


def test_the_reader_is_asked_what_was_asked_of_the_passages_and_of_their_sentences() -> None:
    reader = ScriptedReader({})
    answer("Who led the rescue?", make_hits(*RESCUE), reader=reader)
    assert reader.asked == ["Who led the rescue?"] * 2
    assert reader.texts[: len(RESCUE)] == list(RESCUE)
    (together,) = reader.texts[len(RESCUE) :]
    assert together.startswith(RESCUE[0])


def test_a_follow_up_is_read_in_the_wording_that_tells_what_is_wanted() -> None:
    encoder, reader = HashingEncoder(128), ScriptedReader({})
    for question, text in (
        ("And why?", "Why did Ada Quill lead the rescue?"),
        ("Who is that?", "Why did Ada Quill lead the rescue? Who is that?"),
        ("When did she leave?", "When did Ada Quill leave (the rescue)?"),
        ("Who is that?", "When did Ada Quill leave? Who is that?"),
    ):
        find(
            question,
            Query(text=text),
            make_hits(*RESCUE),
            reader=reader,
            vector=encoder.encode([text])[0],
            encode=encoder.encode,
            words=PlainWords(),
            lap=lambda _: {},
        )
    assert reader.asked[::2] == [
        "Why did Ada Quill lead the rescue?",
        "Who is that?",
        "When did Ada Quill leave (the rescue)?",
        "Who is that?",
    ]
    assert reader.asked[1::2] == reader.asked[::2]


def test_outlets_that_agree_make_it_surer_than_one() -> None:
    reader = ScriptedReader({"Bert Crane": 12.0})
    agreeing = (
        "Bert Crane led the rescue from the town hall.",
        "The rescue was in the hands of Bert Crane all night.",
        "Police said that Bert Crane had directed the boats.",
    )
    quiet = ("The town hall has a clock.", "Boats were out all night.")
    one = answer("Who led the rescue?", make_hits(agreeing[0], *quiet), reader=reader)
    several = answer("Who led the rescue?", make_hits(*agreeing), reader=reader)
    assert one.short == several.short == "Bert Crane"
    assert several.confidence > one.confidence


def test_what_was_read_clearly_is_surer_than_what_was_hardly_read() -> None:
    hits = make_hits(*RESCUE)
    sure, unsure = (
        answer("Who led the rescue?", hits, reader=ScriptedReader({"Bert Crane": logit}))
        for logit in (14.0, -6.0)
    )
    assert sure.confidence > unsure.confidence


def test_the_short_answer_is_as_it_stands_in_the_quote() -> None:
    hits = make_hits("The water stood “6.4 metres”, the gauge said.", *RESCUE)
    found = answer("How high was the water?", hits, reader=ScriptedReader({"“6.4 metres”,": 14.0}))
    assert found.short == "6.4 metres"
    assert found.short in found.citations[0].quote


def test_an_answer_that_is_read_in_no_sentence_that_can_be_quoted_is_not_given() -> None:
    long = f"Bert Crane, {'and so on, ' * 100}led the rescue."
    found = answer(
        "Who led the rescue?", make_hits(long, *RESCUE[1:]), reader=ScriptedReader({"Bert": 14.0})
    )
    assert found.short is None
    assert found.several == ()


SIGNED = (
    "Peru signed the treaty on Monday in Geneva.",
    "After weeks of doubt Chile has signed the treaty as well, its foreign office said.",
    "In a port on the lake Bolivia, which had walked out of talks, signed the treaty last night.",
)


def test_a_question_for_several_gets_all_that_were_read() -> None:
    reader = ScriptedReader({"Peru": 12.0, "Chile": 12.0, "Bolivia": 12.0})
    found = answer("Which countries signed the treaty?", make_hits(*SIGNED), reader=reader)
    assert sorted(found.several) == ["Bolivia", "Chile", "Peru"]
    assert found.short == found.several[0]
    for country in found.several:
        assert any(country in citation.quote for citation in found.citations)


def test_a_question_for_several_with_one_answer_gets_a_short_one_only() -> None:
    reader = ScriptedReader({"Peru": 14.0})
    found = answer("Which countries signed the treaty?", make_hits(*SIGNED), reader=reader)
    assert (found.short, found.several) == ("Peru", ())


def test_a_question_for_one_gets_one_however_many_were_read() -> None:
    reader = ScriptedReader({"Peru": 12.0, "Chile": 12.0, "Bolivia": 12.0})
    found = answer("Which country signed the treaty?", make_hits(*SIGNED), reader=reader)
    assert found.short in {"Peru", "Chile", "Bolivia"}
    assert found.several == ()


def test_each_of_several_answers_gets_its_sentence_however_alike_they_are() -> None:
    reader = ScriptedReader({"Peru": 12.0, "Chile": 12.0, "Bolivia": 12.0})
    alike = [f"{country} signed the treaty on Monday." for country in ("Peru", "Chile", "Bolivia")]
    found = answer(
        "Which countries signed the treaty?",
        make_hits(*alike),
        reader=reader,
        settings=Answering(threshold=0.0, max_sentences=1),
        encode=all_alike(HashingEncoder(128)),
    )
    assert sorted(found.several) == ["Bolivia", "Chile", "Peru"]
    assert len(found.citations) == 3
    for country in found.several:
        assert any(country in citation.quote for citation in found.citations)


def test_an_account_is_as_sure_as_its_sentences_whatever_was_read_in_them() -> None:
    hits = make_hits("The strike at the port ended after a second offer.", "A cat slept.")
    asked = "Why did the strike at the port end?"
    sure, unsure = (
        answer(asked, hits, reader=ScriptedReader({"offer": logit})) for logit in (14.0, -9.0)
    )
    assert sure.confidence == unsure.confidence > 0
    other = answer("Why did the minister resign?", hits, reader=ScriptedReader({}))
    assert other.confidence < sure.confidence


@pytest.mark.parametrize("told", [None, {"Peru": 14.0}])
def test_a_question_for_yes_or_no_has_no_short_answer(told: dict[str, float] | None) -> None:
    reader = None if told is None else ScriptedReader(told)
    found = answer("Did Peru sign the treaty?", make_hits(*SIGNED), reader=reader)
    assert found.status == "answered"
    assert found.short is None
    assert found.several == ()


STRIKE = (
    (3, "In the end the strike was called off by drivers at noon."),
    (1, "Talks about how the strike could end began in Kestmouth."),
    (2, "An end of the strike is near after a second offer, says the port."),
)


@pytest.mark.parametrize("question", ["How did the strike end?", "Why did the strike end?"])
@pytest.mark.parametrize("read", [False, True])
def test_an_account_is_told_in_the_order_of_publication(question: str, read: bool) -> None:
    hits = [
        make_hit(text, rank=rank, published=datetime(2024, 5, day, tzinfo=UTC))
        for rank, (day, text) in enumerate(STRIKE, start=1)
    ]
    reader = ScriptedReader({"strike": 12.0}) if read else None
    found = answer(question, hits, reader=reader)
    days = [citation.published.day for citation in found.citations if citation.published]
    assert days == [1, 2, 3]
    assert [c.number for c in found.citations] == [1, 2, 3]
    assert found.text.startswith("Talks about")
    # A reason is told in sentences, whatever words the reader took from one.
    assert (found.short, found.several) == (None, ())


def test_what_has_no_date_comes_last_in_an_account() -> None:
    hits = [
        make_hit(
            text, rank=rank, published=None if day == 1 else datetime(2024, 5, day, tzinfo=UTC)
        )
        for rank, (day, text) in enumerate(STRIKE, start=1)
    ]
    found = answer("How did the strike end?", hits, reader=ScriptedReader({"strike": 12.0}))
    assert [c.published and c.published.day for c in found.citations] == [2, 3, None]


def test_a_fact_is_told_best_first_whatever_the_dates() -> None:
    hits = [
        make_hit(text, rank=rank, published=datetime(2024, 5, day, tzinfo=UTC))
        for rank, (day, text) in enumerate(STRIKE, start=1)
    ]
    found = answer("When did the strike end?", hits, reader=ScriptedReader({"noon": 14.0}))
    assert found.text.startswith("In the end the strike was called off")
    assert found.short == "noon"


def test_nothing_read_is_still_an_answer_by_words_or_a_refusal() -> None:
    hits = make_hits(*RESCUE)
    found = answer("Who led the rescue?", hits, reader=ScriptedReader({}))
    assert found.status == "answered"
    refused = answer("Who led the rescue?", hits, reader=ScriptedReader({}), threshold=1.0)
    assert refused.status == "no_evidence"
    assert refused.short is None
    assert len(refused.nearest) == 3


def test_no_hits_are_a_refusal_with_a_reader_too() -> None:
    reader = ScriptedReader({"Bert Crane": 14.0})
    found = answer("Who led the rescue?", [], reader=reader)
    assert found.status == "no_evidence"
    assert found.confidence == 0.0
    assert reader.asked == []


def test_the_nearest_of_a_refusal_are_those_that_the_reader_found_nearest() -> None:
    hits = [make_hit(text, rank=rank, title=text[:4]) for rank, text in enumerate(RESCUE, 1)]
    told = ScriptedReader({"whoever": 14.0})
    found = answer("Who led the rescue?", hits, reader=told, threshold=1.0)
    assert found.nearest[0].article_id == "article-3"
