"""The tests that LangChain publishes for every retriever and tool, where they are installed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import newsqa
from newsqa.embedding import HashingEncoder
from newsqa.langchain import BaseTool, PassageRetriever

from .test_langchain import ROWS

pytest.importorskip("langchain_tests", reason="langchain-tests is not installed")

from langchain_tests.integration_tests import RetrieversIntegrationTests, ToolsIntegrationTests
from langchain_tests.unit_tests import ToolsUnitTests

pytestmark = pytest.mark.anyio
QUESTION = "Who is the mayor of Kestmouth?"


@pytest.fixture(scope="module", autouse=True)
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[newsqa.NewsQA]:
    """The archive that the classes below are about; their properties can't take a fixture."""
    path, encoder = tmp_path_factory.mktemp("index"), HashingEncoder()
    newsqa.build(ROWS, index=path, encoder=encoder)
    with newsqa.NewsQA.open(path, encoder=encoder) as qa:
        Archive.qa = qa
        yield qa


@pytest.fixture
def anyio_backend() -> str:
    """What runs the coroutines among them."""
    return "asyncio"


class Archive:
    """Where the opened archive is found."""

    qa: newsqa.NewsQA


class TestRetriever(RetrieversIntegrationTests):
    @property
    def retriever_constructor(self) -> type[PassageRetriever]:
        return PassageRetriever

    @property
    def retriever_constructor_params(self) -> dict[str, Any]:
        return {"qa": Archive.qa}

    @property
    def retriever_query_example(self) -> str:
        return QUESTION


class _Tool:
    @property
    def tool_constructor(self) -> BaseTool:
        return Archive.qa.as_tool()

    @property
    def tool_invoke_params_example(self) -> dict[str, Any]:
        return {"question": QUESTION, "as_of": "2024-06-30"}


class TestToolUnit(_Tool, ToolsUnitTests):
    pass


class TestTool(_Tool, ToolsIntegrationTests):
    pass
