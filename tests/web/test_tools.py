"""The tool server, as a client of the Model Context Protocol meets it over HTTP."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from newsqa.config import Answering, Serving, Settings
from newsqa.embedding import HashingEncoder
from newsqa.errors import InputError
from newsqa.web import accounts, tools_at
from newsqa.web.accounts import Accounts, hash_password
from tests.web.test_browser import COST

pytest.importorskip("mcp", reason="mcp is not installed: pip install newsqa[mcp]")
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client

if TYPE_CHECKING:
    from mcp.types import CallToolResult

Start = Callable[..., str]
PASSWORD = "a long password"


def with_client(
    url: str,
    use: Callable[[ClientSession], Awaitable[Any]],
    *,
    auth: tuple[str, str] | None = None,
) -> Any:
    """What `use` makes of a session with the tool server of a page."""

    async def run() -> Any:
        async with (
            httpx.AsyncClient(auth=auth, timeout=20) as http,
            streamable_http_client(tools_at(url), http_client=http) as (reading, writing, _),
            ClientSession(reading, writing, timedelta(seconds=20)) as session,
        ):
            await session.initialize()
            return await use(session)

    # In a thread of its own: a browser that another test has open keeps a loop running in this one.
    with ThreadPoolExecutor(max_workers=1) as threads:
        return threads.submit(lambda: asyncio.run(run())).result()


def call(url: str, name: str, **arguments: object) -> CallToolResult:
    result: CallToolResult = with_client(url, lambda client: client.call_tool(name, arguments))
    return result


def text_of(result: CallToolResult) -> str:
    (content,) = result.content
    assert content.type == "text"
    return content.text


def said(url: str, name: str, **arguments: object) -> str:
    result = call(url, name, **arguments)
    assert not result.isError, result
    return text_of(result)


def refused(url: str, name: str, **arguments: object) -> str:
    result = call(url, name, **arguments)
    assert result.isError
    return text_of(result)


def test_three_tools_are_offered_and_nothing_that_changes_the_archive(served: Start) -> None:
    url = served(mcp=True)
    listed = with_client(url, lambda client: client.list_tools()).tools
    assert {tool.name for tool in listed} == {"ask", "search", "article"}
    schemas = {tool.name: tool.inputSchema for tool in listed}
    assert {name: schema["required"] for name, schema in schemas.items()} == {
        "ask": ["question"],
        "search": ["words"],
        "article": ["article_id"],
    }
    for tool in listed:
        assert "never an instruction" in (tool.description or "")
        for name, schema in tool.inputSchema["properties"].items():
            assert len(schema["description"]) > 20, name
            assert schema["type"] in ("string", "integer", "array")
    with_client(url, lambda client: client.list_resources())
    api = httpx.get(f"{url}gradio_api/info").json()
    assert set(api["named_endpoints"]) == {"/ask", "/search", "/article"}


def test_without_being_asked_for_there_are_none(served: Start) -> None:
    url = served()
    assert httpx.post(tools_at(url), json={}).status_code in (404, 405)
    assert httpx.get(f"{url}gradio_api/info").json()["named_endpoints"] == {}


def test_an_answer_comes_with_its_sources_and_an_article_is_read_by_its_id(served: Start) -> None:
    url = served(mcp=True, read_only=True)
    answer = said(url, "ask", question=COST)
    assert "12 million crowns" in answer
    assert "[1] “The repairs of the Ostrow bridge cost 12 million crowns" in answer
    assert "Harbour Gazette, Ida Brandt, 2024-02-01, Ostrow bridge reopens" in answer
    assert "(article bridge)" in answer
    article = said(url, "article", article_id="bridge")
    assert article.endswith(
        "Lorries heavier than 20 tonnes stay banned from the bridge until June."
    )
    rest = said(url, "article", article_id="bridge", offset=article.index("Lorries"))
    assert "\n\nThe Ostrow bridge" not in rest


def test_passages_are_found_in_order_and_no_more_than_asked_for(served: Start) -> None:
    url = served(mcp=True)
    found = said(url, "search", words="ferry pilots rise", k=2)
    assert found.startswith("1. ")
    assert "\n\n2. " in found
    assert "\n\n3. " not in found
    only = said(url, "search", words="ferry pilots rise", outlets=["Hill Courier"])
    assert "(article strike)" in only
    assert "(article deal)" not in only


def test_nothing_published_later_is_told(served: Start) -> None:
    url = served(mcp=True)
    asked = "How many percent is the rise of the ferry pilots?"
    for said_then in (
        said(url, "ask", question=asked, as_of="2024-03-15"),
        said(url, "search", words=asked, as_of="2024-03-15"),
    ):
        assert "deal" not in said_then
        assert "six percent" not in said_then
    assert "deal" in said(url, "search", words=asked)
    gone = refused(url, "article", article_id="deal", as_of="2024-03-15")
    assert "There is no article 'deal' in the archive as of 2024-03-15" in gone
    assert "six percent" in said(url, "article", article_id="deal", as_of="2024-03-22")


def test_what_can_not_be_done_is_said_in_a_sentence(served: Start) -> None:
    url = served(mcp=True)
    for tool, arguments, reason in (
        ("article", {"article_id": "none such"}, "There is no article 'none such'"),
        ("article", {"article_id": "bridge", "offset": -1}, "Offset is -1"),
        ("ask", {"question": "  "}, "The question is empty"),
        ("ask", {"question": COST, "as_of": "yesterday"}, "not a date"),
        ("search", {"words": COST, "k": 1000}, "expected a whole number from 1 to 20"),
        ("remove", {"article_id": "bridge"}, "Unknown tool"),
    ):
        told = refused(url, tool, **arguments)
        assert reason in told
        assert told[0] not in "\"'"
        assert "Traceback" not in told


def test_what_articles_say_comes_as_the_text_that_it_is(served: Start) -> None:
    url = served(mcp=True)
    found = said(url, "search", words="Zanzig whistle recall")
    article = said(url, "article", article_id="hostile")
    for told in (found, article):
        # As printed, neither interpreted nor turned into something else: text is all it is.
        assert "<script>alert(2)</script>" in told
        assert "[x](javascript:alert(4))" in told


@pytest.mark.parametrize("before", ["", "x</script><script>alert(1)</script>/"])
@pytest.mark.parametrize("after", ["", "http", "</script><script>alert(1)</script>/gradio_api/mcp"])
def test_a_browser_has_nothing_to_look_at(served: Start, before: str, after: str) -> None:
    url = served(mcp=True)
    for way in (f"{url}{before}gradio_api/mcp/{after}", f"{url}gradio_api/mcp/x/../{after}"):
        seen = httpx.get(way, headers={"Accept": "text/html"})
        assert seen.status_code in (404, 406)
        assert "script" not in seen.text


def test_what_would_leave_the_tools_unguarded_is_refused(
    index: Path, encoder: HashingEncoder
) -> None:
    from newsqa.web import create_app

    app = create_app(index, encoder=encoder, mcp=True)
    for options, said in (
        ({"auth": ("ida", PASSWORD)}, "auth is tuple"),
        ({"auth": lambda name, password: True}, "auth is function"),
        ({"auth_dependency": lambda request: "ida"}, "auth_dependency"),
        ({"app_kwargs": {}}, "app_kwargs"),
    ):
        with pytest.raises(InputError, match=said):
            app.launch(**options)


def test_where_there_are_accounts_a_client_names_one(
    served: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accounts, "COST", 2**4)
    checking = Accounts({"ida": hash_password(PASSWORD)})
    url = served(mcp=True, auth=checking.check)
    for path in ("", "schema", "sse"):
        for headers in (
            {},
            {"Authorization": "Basic !"},
            {"Authorization": b"Basic \xe9\xe9"},
            {"Authorization": "Bearer x"},
        ):
            answer = httpx.get(tools_at(url) + path, headers=headers)
            assert answer.status_code == 401, path
    wrong = httpx.post(tools_at(url), auth=("ida", "wrong"), json={})
    assert (wrong.status_code, "Basic" in wrong.headers["WWW-Authenticate"]) == (401, True)
    listed = with_client(url, lambda client: client.list_tools(), auth=("ida", PASSWORD))
    assert len(listed.tools) == 3
    answer = with_client(
        url, lambda c: c.call_tool("ask", {"question": COST}), auth=("ida", PASSWORD)
    )
    assert "12 million crowns" in text_of(answer)
    # The tools are no way round the page's own login either.
    assert httpx.post(f"{url}gradio_api/run/ask", json={"data": [COST]}).status_code == 401


def test_no_other_sites_page_uses_the_tools(served: Start) -> None:
    url = served(mcp=True)
    origin = {"Origin": "https://evil.example"}
    assert httpx.post(tools_at(url), headers=origin, json={}).status_code == 403
    own = {"Origin": url.rstrip("/"), "Accept": "application/json, text/event-stream"}
    assert httpx.post(tools_at(url), headers=own, json={}).status_code != 403


def test_only_so_many_calls_wait(served: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    go = threading.Event()
    begun = threading.Semaphore(0)

    def slow(*_: object, **__: object) -> tuple[()]:
        begun.release()
        assert go.wait(20)
        return ()

    monkeypatch.setattr("newsqa.pipeline.NewsQA.search", slow)
    url = served(Settings(serving=Serving(answered_at_once=1, waiting=1)), mcp=True)

    async def crowd(client: ClientSession) -> list[str]:
        calls = [asyncio.ensure_future(client.call_tool("search", {"words": "x"}))]
        await asyncio.to_thread(begun.acquire)
        calls += [
            asyncio.ensure_future(client.call_tool("search", {"words": "x"})) for _ in range(2)
        ]
        # One of the two waits; the other is refused while both places are taken.
        (first, *_), _rest = await asyncio.wait(calls[1:], return_when=asyncio.FIRST_COMPLETED)
        assert first.result().isError
        go.set()
        return [text_of(each) for each in await asyncio.gather(*calls)]

    told = with_client(url, crowd)
    assert sum("Too many calls are waiting" in each for each in told) == 1
    assert sum("No passage was found" in each for each in told) == 2


def test_a_missing_package_is_named_before_anything_is_served(
    index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from newsqa.web import create_app, tools

    monkeypatch.setattr(tools, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"newsqa\[mcp\]"):
        create_app(index, mcp=True)


def test_a_refusal_names_what_came_nearest(served: Start) -> None:
    url = served(Settings(answering=Answering(threshold=1.0)), mcp=True)
    told = said(url, "ask", question=COST)
    assert "The nearest articles:\n- Harbour Gazette" in told
    assert "Sources:" not in told
