"""Which names a page answers to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec

import httpx
import pytest
from starlette.types import Message

from newsqa.errors import InputError
from newsqa.web.names import LocalNames

Start = Callable[..., str]


@pytest.mark.parametrize("path", ["", "config", "health", "gradio_api/info"])
def test_a_page_of_this_machine_does_not_go_by_another_sites_name(served: Start, path: str) -> None:
    url = served(mcp=find_spec("mcp") is not None)
    port = url.rstrip("/").rpartition(":")[2]
    for host in (
        "evil.example",
        f"evil.example:{port}",
        "localhost.evil.example",
        "a.localhost",
        "[",
        "",
    ):
        refused = httpx.get(f"{url}{path}", headers={"Host": host})
        assert (refused.status_code, "--without-login" in refused.text) == (421, True), host
    for host in ("localhost", f"127.0.0.1:{port}", "[::1]", f"LOCALHOST:{port}"):
        assert httpx.get(f"{url}{path}", headers={"Host": host}).status_code == 200, host


@pytest.mark.parametrize(
    ("options", "environment", "status"),
    [
        ({"any_name": True}, {}, 200),
        ({"root_path": "/news"}, {}, 200),
        ({"auth": lambda name, password: True}, {}, 200),
        ({"server_name": "0.0.0.0"}, {}, 200),
        ({}, {"GRADIO_ROOT_PATH": "/news"}, 200),
        # For this machine alone, however that is said.
        ({"server_name": "LOCALHOST"}, {}, 421),
        ({"root_path": ""}, {"GRADIO_ROOT_PATH": "/news"}, 421),
    ],
)
def test_a_page_that_is_shown_to_others_goes_by_any_name(
    served: Start,
    options: dict[str, object],
    environment: dict[str, str],
    status: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    url = served(**options).replace("0.0.0.0", "127.0.0.1")
    assert httpx.get(f"{url}health", headers={"Host": "news.example"}).status_code == status


def test_a_socket_is_closed_too() -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def inner(*_: object) -> None:
        sent.append({"type": "passed"})

    names = LocalNames(inner)
    for host in (b"evil.example", b"localhost:7860"):
        scope = {"type": "websocket", "path": "/", "headers": [(b"host", host)]}
        # In a thread of its own: another test's browser keeps a loop running in this one.
        with ThreadPoolExecutor(max_workers=1) as threads:
            threads.submit(lambda given=scope: asyncio.run(names(given, receive, send))).result()
    assert [message["type"] for message in sent] == ["websocket.close", "passed"]


def test_what_would_take_the_place_of_the_guards_is_refused(served: Start) -> None:
    with pytest.raises(InputError, match="app_kwargs"):
        served(app_kwargs={"docs_url": None})
