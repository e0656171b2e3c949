"""The examples run: with a scripted chat model in place of a real one."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from langchain_core.language_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, BaseMessage, ToolMessage

import newsqa
from newsqa.embedding import HashingEncoder

EXAMPLES = Path(__file__).parent.parent / "examples"
ROWS: list[dict[str, object]] = [
    {
        "id": "comet",
        "title": "Student spots comet",
        "text": "Milo Prentice discovered the comet on 7 May. Six observers confirmed it.",
        "source": "Vellmark Wire",
        "published": "2024-05-29",
    },
    {
        "id": "named",
        "title": "Comet is named",
        "text": "The comet was named after Milo Prentice in July.",
        "source": "Harbour Post",
        "published": "2024-07-02",
    },
]


class Scripted(GenericFakeChatModel):
    """Says what it is told to, and remembers what it was shown."""

    shown: list[list[BaseMessage]]
    tools: list[str]

    def bind_tools(self, tools: Any, **_: Any) -> Scripted:
        self.tools.extend(tool.name for tool in tools)
        return self

    def _generate(self, messages: list[BaseMessage], *args: Any, **options: Any) -> Any:
        self.shown.append(messages)
        return super()._generate(messages, *args, **options)


def calls(question: str, **arguments: str) -> AIMessage:
    call = {"name": "ask_news_archive", "args": {"question": question, **arguments}, "id": "1"}
    return AIMessage("", tool_calls=[call])


def script(*messages: AIMessage) -> Scripted:
    return Scripted(messages=iter(messages), shown=[], tools=[])


@pytest.fixture
def index(tmp_path: Path) -> Path:
    newsqa.build(ROWS, index=tmp_path / "index", encoder=HashingEncoder())
    return tmp_path / "index"


@pytest.fixture
def qa(index: Path) -> Iterator[newsqa.NewsQA]:
    with newsqa.NewsQA.open(index, encoder=HashingEncoder()) as opened:
        yield opened


@pytest.fixture
def agent(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    spec = importlib.util.spec_from_file_location("agent_example", EXAMPLES / "agent.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)
    spec.loader.exec_module(module)
    return module


def test_the_agent_asks_the_archive_and_its_answer_is_kept(
    agent: ModuleType, qa: newsqa.NewsQA
) -> None:
    model = script(calls("Who discovered the comet?"), AIMessage("Milo Prentice did."))
    outcome = agent.run(model, qa, "Who found it?")
    assert outcome.said == "Milo Prentice did."
    (answer,) = outcome.answers
    assert answer.short == "Milo Prentice"
    assert model.tools[0] == "ask_news_archive"
    told = model.shown[-1][-1]
    assert isinstance(told, ToolMessage)
    assert "[1] “Milo Prentice discovered the comet on 7 May.” — Vellmark Wire" in told.text


def test_the_bounds_of_the_example_hold_whatever_the_model_asks_for(
    agent: ModuleType, qa: newsqa.NewsQA
) -> None:
    model = script(calls("Who was the comet named after?", as_of="2030-01-01"), AIMessage("?"))
    (answer,) = agent.run(model, qa, "After whom?", as_of="2024-06-01").answers
    assert "July" not in answer.text
    assert f"{answer.query.as_of:%Y-%m-%d}" == "2024-06-01"


def test_it_runs_by_command_with_any_model_by_name(
    agent: ModuleType,
    qa: newsqa.NewsQA,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    model = script(calls("Who discovered the comet?"), AIMessage("Milo Prentice did."))
    named: list[str] = []

    def init(name: str) -> Scripted:
        named.append(name)
        return model

    monkeypatch.setattr(agent, "init_chat_model", init)
    monkeypatch.setattr(agent.newsqa.NewsQA, "open", lambda index: qa)
    monkeypatch.setattr(sys, "argv", ["agent.py", "openai:any", "Who found it?"])
    agent.main()
    printed = capsys.readouterr().out
    assert named == ["openai:any"]
    assert printed.startswith("Milo Prentice did.\n")
    assert "[1] Vellmark Wire: “Milo Prentice discovered the comet on 7 May.”" in printed
