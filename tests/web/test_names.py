"""Which names a page answers to."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec

import httpx
import pytest

Start = Callable[..., str]


@pytest.mark.parametrize("path", ["", "config", "health", "gradio_api/info"])
def test_a_page_of_this_machine_does_not_go_by_another_sites_name(served: Start, path: str) -> None:
    url = served(mcp=find_spec("mcp") is not None)
    port = url.rstrip("/").rpartition(":")[2]
    for host in ("evil.example", f"evil.example:{port}", "localhost.evil.example", "[", ""):
        refused = httpx.get(f"{url}{path}", headers={"Host": host})
        assert (refused.status_code, "--without-login" in refused.text) == (421, True), host
    for host in ("localhost", f"127.0.0.1:{port}", "[::1]", f"LOCALHOST:{port}", "news.localhost"):
        assert httpx.get(f"{url}{path}", headers={"Host": host}).status_code == 200, host


def test_a_page_that_is_shown_to_others_goes_by_any_name(served: Start) -> None:
    shown: list[dict[str, object]] = [
        {"any_name": True},
        {"root_path": "/news"},
        {"auth": lambda name, password: True},
        {"server_name": "0.0.0.0"},
    ]
    for options in shown:
        url = served(**options).replace("0.0.0.0", "127.0.0.1")
        assert httpx.get(f"{url}health", headers={"Host": "news.example"}).status_code == 200
