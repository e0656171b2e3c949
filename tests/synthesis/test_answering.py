"""Hits → a cited answer or a refusal."""

from __future__ import annotations

import copy
import dataclasses
import pickle
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsqa.config import Answering
from newsqa.embedding import HashingEncoder
from newsqa.synthesis import answer_from
from newsqa.synthesis.compose import MAX_CONTEXT_CHARS
from newsqa.types import Answer, Coverage, Hit, Query

from .made_up import PlainWords, make_hit

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
) -> Answer:
    encoder = HashingEncoder(128)
    options: dict[str, Any] = {
        "vector": encoder.encode([question])[0],
        "encode": encode or encoder.encode,
        "words": PlainWords(),
        "settings": Answering(threshold=threshold),
        "lap": lambda _: {},
    }
    return answer_from(question, Query(text=question), hits, searched=searched, **options)


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


@given(st.lists(SENTENCE, min_size=1, max_size=8), st.integers(1, 3))
def test_guarantees_hold_for_any_text(texts: list[str], size: int) -> None:
    hits = [
        make_hit("\n".join(texts[i:]), rank=rank)
        for rank, i in enumerate(range(min(size, len(texts))), start=1)
        if "\n".join(texts[i:]).strip()
    ]
    hits = [hit for hit in hits if hit.passage.sentences]
    found = answer("Who saw abc in 0123?", hits)
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


@pytest.mark.parametrize("threshold", [0.0, 1.0])
def test_confidence_is_a_probability(threshold: float) -> None:
    found = answer("Who led the rescue?", [make_hit(FLOOD)], threshold=threshold)
    assert 0.0 <= found.confidence <= 1.0
    assert (found.status == "answered") == (found.confidence >= threshold)
