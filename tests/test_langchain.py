"""The archive inside LangChain: as a retriever and as a tool."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from langchain_core.messages import ToolMessage
from langchain_core.runnables import RunnableLambda

import newsqa
from newsqa.embedding import HashingEncoder
from newsqa.errors import InputError, VerificationError
from newsqa.langchain import retriever, tool

ROWS: list[dict[str, object]] = [
    {
        "id": "comet",
        "title": "Student spots comet",
        "text": "Milo Prentice discovered the comet on 7 May. Six observers confirmed it.",
        "source": "Vellmark Wire",
        "authors": ["Ana Bell"],
        "published": "2024-05-29T08:00:00Z",
        "url": "https://wire.example/comet",
    },
    {
        "id": "mayor-old",
        "title": "Mayor Pell speaks",
        "text": "Marcus Pell is the mayor of Kestmouth. He spoke about trams on Monday.",
        "source": "Harbour Post",
        "published": "2024-05-20",
    },
    {
        "id": "mayor-new",
        "title": "Torvald wins",
        "text": "Lena Torvald was elected mayor of Kestmouth on Sunday.",
        "source": "Vellmark Wire",
        "published": "2024-06-10",
    },
    {"id": "clock", "title": "The clock", "text": "Josiah Wick made the tide clock."},
]


@pytest.fixture(scope="module")
def qa(tmp_path_factory: pytest.TempPathFactory) -> Iterator[newsqa.NewsQA]:
    path = tmp_path_factory.mktemp("index")
    encoder = HashingEncoder()
    newsqa.build(ROWS, index=path, encoder=encoder)
    with newsqa.NewsQA.open(path, encoder=encoder) as opened:
        yield opened


def test_documents_are_passages_with_their_place(qa: newsqa.NewsQA) -> None:
    first = qa.as_retriever(k=2).invoke("Who discovered the comet?")[0]
    article = qa.article("comet")
    assert article is not None
    place = first.metadata
    assert first.page_content == article.text[place["start"] : place["end"]]
    assert first.id == str(qa.search("Who discovered the comet?")[0].passage.id)
    assert {name: place[name] for name in place if name not in ("start", "end", "score")} == {
        "article_id": "comet",
        "title": "Student spots comet",
        "source": "Vellmark Wire",
        "authors": ["Ana Bell"],
        "published": "2024-05-29T08:00:00+00:00",
        "url": "https://wire.example/comet",
        "rank": 1,
    }
    json.dumps(place)


def test_k_and_bounds_are_kept(qa: newsqa.NewsQA) -> None:
    question = "Who is the mayor of Kestmouth?"

    def found(**bounds: Any) -> set[str]:
        return {d.metadata["article_id"] for d in retriever(qa, **bounds).invoke(question)}

    assert len(retriever(qa, k=1).invoke(question)) == 1
    assert found() == {"comet", "mayor-old", "mayor-new", "clock"}
    assert found(as_of="2024-06-01") == {"comet", "mayor-old"}
    assert found(since="2024-06-01") == {"mayor-new"}
    assert found(until="2024-05-20") == {"mayor-old"}
    assert found(sources="Vellmark Wire") == {"comet", "mayor-new"}


def test_what_is_inferred_can_be_left_undone(qa: newsqa.NewsQA) -> None:
    question = "Please tell me who the mayor is now?"
    for ignore, inferred in (((), True), (("wording", "newest"), False)):
        message = qa.as_tool(ignore=ignore).invoke(
            {"type": "tool_call", "id": "1", "name": "x", "args": {"question": question}}
        )
        assert bool(message.artifact.query.why) is inferred
        assert qa.as_retriever(k=1, ignore=ignore).invoke(question)
    with pytest.raises(InputError, match="ignore is"):
        qa.as_retriever(ignore=("perod",))


def test_one_call_may_have_bounds_of_its_own(qa: newsqa.NewsQA) -> None:
    part = retriever(qa, as_of="2024-06-01")
    (only,) = part.invoke("mayor", k=1, as_of="2024-07-01", sources=["Vellmark Wire"])
    assert only.metadata["article_id"] == "mayor-new"
    with pytest.raises(InputError, match="as_of"):
        part.invoke("mayor", as_of="someday")


def test_batches_chains_and_async(qa: newsqa.NewsQA) -> None:
    part = retriever(qa, k=1)
    questions = ["Who discovered the comet?", "Who made the tide clock?"]
    firsts = [[d.metadata["article_id"] for d in documents] for documents in part.batch(questions)]
    assert firsts == [["comet"], ["clock"]]
    chain = part | RunnableLambda(lambda documents: documents[0].metadata["article_id"])
    assert chain.invoke(questions[0]) == "comet"
    assert asyncio.run(part.ainvoke(questions[1]))[0].metadata["article_id"] == "clock"


def test_k_below_one_is_refused(qa: newsqa.NewsQA) -> None:
    with pytest.raises(ValueError, match="greater than or equal to 1"):
        retriever(qa, k=0)


def test_the_tool_answers_with_numbered_sources(qa: newsqa.NewsQA) -> None:
    part = qa.as_tool()
    text = part.invoke({"question": "Who discovered the comet?"})
    answer, _, sources = text.partition("\n\nSources:\n")
    assert "Milo Prentice" in answer
    assert "[1]" in answer
    assert sources.splitlines()[0] == (
        "[1] “Milo Prentice discovered the comet on 7 May.” — Vellmark Wire, Ana Bell, "
        "2024-05-29, Student spots comet, https://wire.example/comet"
    )


def test_a_model_is_told_what_the_tool_takes(qa: newsqa.NewsQA) -> None:
    part = tool(qa, name="archive")
    assert part.name == "archive"
    assert "news articles" in part.description
    assert set(part.args) == {"question", "as_of", "since", "until"}
    assert all(about["description"] for about in part.args.values())
    assert part.tool_call_schema.model_json_schema()["required"] == ["question"]  # type: ignore[union-attr]


def test_a_call_by_a_model_carries_the_answer(qa: newsqa.NewsQA) -> None:
    arguments = {"question": "Who is the mayor of Kestmouth?", "as_of": "2024-06-01"}
    message = qa.as_tool().invoke(
        {"type": "tool_call", "id": "1", "name": "ask_news_archive", "args": arguments}
    )
    assert isinstance(message, ToolMessage)
    assert isinstance(message.artifact, newsqa.Answer)
    assert message.artifact.text in message.content
    assert "Torvald" not in message.content


def test_a_refusal_is_text(qa: newsqa.NewsQA) -> None:
    arguments = {"question": "Who is the mayor?", "until": "2001-01-01"}
    text = qa.as_tool().invoke(arguments)
    refusal = qa.ask("Who is the mayor?", until="2001-01-01").text
    assert text == f"{refusal}\n\nSearched 0 articles; 1 without a date left out."
    assert "Sources:" not in text


def test_what_cannot_be_asked_comes_back_as_text(qa: newsqa.NewsQA) -> None:
    assert "as_of='soon' is not a date" in qa.as_tool().invoke(
        {"question": "Who?", "as_of": "soon"}
    )
    assert "empty" in qa.as_tool().invoke({"question": " "})


def test_the_text_ends_with_what_was_searched(qa: newsqa.NewsQA) -> None:
    question = "Who discovered the comet?"
    assert qa.as_tool().invoke({"question": question}).splitlines()[-2:] == [
        "", "Searched 4 articles from 2024-05-20 to 2024-06-10.",
    ]  # fmt: skip
    bound = tool(qa, since="2024-05-25", until="2024-06-01").invoke({"question": question})
    assert bound.splitlines()[-1] == (
        "Searched 1 article from 2024-05-29 to 2024-05-29; 1 without a date left out."
    )


class Recorder:
    """Takes down what the archive is asked for, and fails as told."""

    def __init__(self, qa: newsqa.NewsQA, error: Exception | None = None):
        self.qa, self.error = qa, error
        self.asked: dict[str, Any] = {}

    def ask(self, question: str, **bounds: Any) -> newsqa.Answer:
        self.asked = bounds
        if self.error:
            raise self.error
        return self.qa.ask(question, **bounds)


@pytest.mark.parametrize(
    ("fixed", "asked", "day"),
    [
        ({"as_of": "2024-06-01"}, {"as_of": "2024-07-01"}, "2024-06-01"),
        ({"as_of": "2024-06-01"}, {"as_of": "2024-05-25"}, "2024-05-25"),
        ({"as_of": "2024-06-01"}, {}, "2024-06-01"),
        ({}, {"as_of": "2024-06-01"}, "2024-06-01"),
        ({"since": "2024-06-01"}, {"since": "2024-05-01"}, "2024-06-01"),
        ({"since": "2024-06-01"}, {"since": "2024-06-05"}, "2024-06-05"),
        ({"until": "2024-06-01"}, {"until": "2024-07-01"}, "2024-06-01"),
        ({"until": "2024-06-01"}, {"until": "2024-05-25"}, "2024-05-25"),
    ],
)
def test_a_model_can_only_narrow_the_bounds(
    qa: newsqa.NewsQA, fixed: dict[str, Any], asked: dict[str, Any], day: str
) -> None:
    recorder = Recorder(qa)
    part = tool(recorder, sources="Vellmark Wire", limit=3, **fixed)  # type: ignore[arg-type]
    part.invoke({"question": "Who is the mayor?", "sources": ["Harbour Post"], **asked})
    (name,) = {*fixed, *asked}
    assert recorder.asked["sources"] == "Vellmark Wire"
    assert recorder.asked["limit"] == 3
    moments = {n: recorder.asked[n] for n in ("as_of", "since", "until") if recorder.asked[n]}
    assert {n: f"{m:%Y-%m-%d}" for n, m in moments.items()} == {name: day}


def test_nothing_later_than_the_cap_is_told(qa: newsqa.NewsQA) -> None:
    part = tool(qa, as_of="2024-06-01")
    text = part.invoke({"question": "Who is the mayor of Kestmouth?", "as_of": "2024-12-31"})
    assert "Torvald" not in text
    assert "Searched 2 articles from 2024-05-20 to 2024-05-29" in text
    with pytest.raises(InputError, match="as_of"):
        tool(qa, as_of="someday")


@pytest.mark.parametrize("kind", [VerificationError, newsqa.NewsQAError, InputError])
def test_every_error_of_ours_comes_back_as_text(
    qa: newsqa.NewsQA, kind: type[newsqa.NewsQAError]
) -> None:
    part = tool(Recorder(qa, kind("a quote is not there")))  # type: ignore[arg-type]
    assert part.invoke({"question": "Who?"}) == "a quote is not there"
