"""The page as it is run for others: logins, a proxy, limits, what is kept and noted."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from newsqa.config import Serving, Settings
from newsqa.evaluation import read_questions
from newsqa.web import accounts
from newsqa.web.accounts import Accounts, hash_password
from newsqa.web.asking import answer_turn
from newsqa.web.turns import Turn
from tests.web.conftest import LENIENT, watch
from tests.web.test_browser import COST, ask, live

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

Start = Callable[..., str]
PASSWORD = "a long password"
KEPT = "() => JSON.stringify(Object.entries(localStorage).sort())"
"""What the browser keeps of the page."""


def get(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def leave_in_peace(page: Page) -> None:
    """Wait until nothing is under way: what leaving cuts off, Gradio reports as an error."""
    page.wait_for_timeout(2500)


def wait_until_kept(page: Page, *, after: str) -> str:
    """Wait until the browser keeps something else than before, and return it."""
    page.wait_for_function(f"before => ({KEPT})() !== before", arg=after)
    return str(page.evaluate(KEPT))


def test_health_is_told_to_anyone_and_says_nothing_else(
    served: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accounts, "COST", 2**4)
    url = served(auth=Accounts({"ida": hash_password(PASSWORD)}).check)
    assert get(f"{url}health") == (200, '{"status":"ok"}')
    assert get(f"{url}config")[0] == 401

    def broken(_: object) -> None:
        raise OSError("secret place")

    monkeypatch.setattr("newsqa.pipeline.NewsQA.info", broken)
    assert get(f"{url}health") == (503, '{"status":"failing"}')


def upload(url: str, size: int) -> int:
    file = {"files": ("note.txt", b"x" * size)}
    return httpx.post(f"{url}gradio_api/upload", files=file, timeout=20).status_code


def test_no_more_is_uploaded_than_is_taken(served: Start) -> None:
    few = Settings(serving=Serving(max_upload_bytes=1000, max_uploads=2))
    writable = served(few)
    assert upload(writable, 900) == 200
    assert upload(writable, 2000) == 413
    reading = served(few, read_only=True)
    assert upload(reading, 900) == 413


def test_one_has_to_log_in_and_finds_ones_own_conversation(
    served: Start, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accounts, "COST", 2**4)
    hashes = {name: hash_password(PASSWORD) for name in ("ida", "bo")}
    url = served(auth=Accounts(hashes).check)
    context = browser.new_context()

    def log_in(page: Page, name: str, password: str) -> None:
        page.goto(url)
        page.get_by_label("username").fill(name)
        page.get_by_label("password").fill(password)
        page.get_by_role("button", name="Login").click()

    try:
        page = context.new_page()
        log_in(page, "ida", "wrong password")
        page.get_by_text("Incorrect").wait_for()
        assert page.locator("#question").count() == 0
        log_in(page, "ida", PASSWORD)
        page.wait_for_selector(".welcome")
        ask(page, COST)
        page.reload()
        page.wait_for_selector("#live .card")
        # Another reader at the same browser.
        context.clear_cookies()
        log_in(page, "bo", PASSWORD)
        page.wait_for_selector(".welcome")
        page.wait_for_timeout(500)
        assert page.locator(".turn").count() == 0
    finally:
        context.close()


def test_who_is_logged_in_can_log_out(
    served: Start, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accounts, "COST", 2**4)
    url = served(auth=Accounts({"ida <b>": hash_password(PASSWORD)}).check)
    context = browser.new_context()
    try:
        page = context.new_page()
        page.goto(url)
        page.get_by_label("username").fill("ida <b>")
        page.get_by_label("password").fill(PASSWORD)
        page.get_by_role("button", name="Login").click()
        page.locator(".masthead .who", has_text="ida <b>").wait_for()
        page.get_by_role("link", name="Log out").click()
        page.get_by_label("username").wait_for()
        page.goto(url)
        page.get_by_label("username").wait_for()
        assert page.locator(".masthead").count() == 0
    finally:
        context.close()


def test_where_there_are_no_accounts_nobody_logs_out(page: Page) -> None:
    assert page.get_by_role("link", name="Log out").count() == 0


def test_who_comes_when_all_places_are_taken_is_told_and_keeps_the_question(
    served: Start, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    go, begun = threading.Event(), threading.Semaphore(0)

    def slow(*question: Any, **bounds: Any) -> Iterator[Turn]:
        begun.release()
        assert go.wait(60)
        yield from answer_turn(*question, **bounds)

    monkeypatch.setattr("newsqa.web.replying.answer_turn", slow)
    serving = Serving(answered_at_once=1, waiting=1)
    url = served(Settings(answering=LENIENT.answering, serving=serving))
    contexts = [browser.new_context() for _ in range(3)]
    try:
        pages = [context.new_page() for context in contexts]
        for page in pages:
            page.goto(url)
            page.wait_for_selector(".example")
            leave_in_peace(page)
        boxes = [page.locator("#question textarea") for page in pages]
        for box in boxes:
            box.fill(COST)
        boxes[0].press("Enter")
        assert begun.acquire(timeout=20)
        with pages[1].expect_response(lambda answer: "queue/join" in answer.url) as joined:
            boxes[1].press("Enter")
        assert joined.value.status == 200
        boxes[2].press("Enter")
        pages[2].get_by_text("busy").first.wait_for()
        assert boxes[2].input_value() == COST
        assert pages[2].locator(".turn").count() == 0
        go.set()
        for page in pages[:2]:
            page.wait_for_selector("#live .card")
        boxes[2].press("Enter")
        pages[2].wait_for_selector("#live .card")
    finally:
        go.set()
        for context in contexts:
            context.close()


def test_a_conversation_outlives_the_page_until_it_is_deleted(page: Page) -> None:
    kept = str(page.evaluate(KEPT))
    ask(page, COST)
    kept = wait_until_kept(page, after=kept)
    ask(page, "and who said that?")
    wait_until_kept(page, after=kept)
    leave_in_peace(page)
    page.reload()
    page.wait_for_selector("#live #turn-2")
    assert "12 million crowns" in page.inner_text("#past")
    page.click("#live a.mark >> nth=0")
    page.wait_for_selector(".source mark.here")
    page.keyboard.press("Escape")
    ask(page, "and when was that?")
    assert "follow-up" in live(page)
    with page.expect_download() as saving:
        page.click("#save")
    saved = Path(saving.value.path()).read_text(encoding="utf-8")
    assert saving.value.suggested_filename.endswith(".md")
    assert saved.count("[^1]:") >= 2
    page.click("#clear")
    page.wait_for_selector(".welcome")
    leave_in_peace(page)
    page.reload()
    page.wait_for_selector(".welcome")
    page.wait_for_timeout(500)
    assert page.locator(".turn").count() == 0


def test_what_readers_say_is_noted_where_eval_reads_it(
    served: Start, browser: Browser, index: Path
) -> None:
    url = served()
    context = browser.new_context()
    try:
        page = watch(context, url).page
        page.goto(url)
        page.wait_for_selector(".welcome")
        ask(page, COST)
        page.get_by_role("button", name="Right", exact=True).click()
        page.locator(".noted", has_text="Noted: right.").wait_for()
        page.get_by_role("button", name="Citation wrong").click()
        page.locator(".noted", has_text="Noted: citation wrong.").wait_for()
        assert page.get_attribute(".judge[data-verdict=right]", "aria-pressed") == "false"
    finally:
        context.close()
    file = index.with_name("index.feedback.jsonl")
    lines = file.read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["verdict"] for line in lines] == ["right", "citation wrong"]
    (question,) = read_questions(file)
    assert question.answers == ("12 million crowns",)


@pytest.fixture
def proxied() -> object:
    """A proxy that shows what is at an address under /news; gives its own."""
    servers = []

    def start(target: str) -> str:
        class Proxy(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.0"

            def forward(self) -> None:
                if not self.path.startswith("/news"):
                    # Browsers look for an icon at the root of every address.
                    self.send_response(204 if self.path == "/favicon.ico" else 404)
                    self.end_headers()
                    return
                length = int(self.headers.get("Content-Length") or 0)
                headers = {k: v for k, v in self.headers.items() if k.lower() != "host"}
                headers |= {"X-Forwarded-Host": self.headers["Host"], "X-Forwarded-Proto": "http"}
                request = urllib.request.Request(
                    target.rstrip("/") + self.path.removeprefix("/news"),
                    data=self.rfile.read(length) if length else None,
                    headers=headers,
                    method=self.command,
                )
                try:
                    answer = urllib.request.urlopen(request, timeout=60)
                except urllib.error.HTTPError as error:
                    answer = error
                with answer:
                    self.send_response(answer.status)
                    for name, value in answer.headers.items():
                        if name.lower() not in ("transfer-encoding", "connection"):
                            self.send_header(name, value)
                    self.end_headers()
                    while piece := answer.read1(65536):
                        self.wfile.write(piece)
                        self.wfile.flush()

            do_GET = do_POST = do_HEAD = forward

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
        server.daemon_threads = True
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_address[1]}/news/"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_it_works_under_a_path_behind_a_proxy(
    served: Start, proxied: Callable[[str], str], browser: Browser
) -> None:
    shown = proxied(served(root_path="/news"))
    context = browser.new_context()
    try:
        seen = watch(context, shown)
        seen.page.goto(shown)
        seen.page.wait_for_selector(".welcome")
        ask(seen.page, COST)
        seen.page.click("#live a.mark >> nth=0")
        seen.page.wait_for_selector(".source mark.here")
        assert seen.faults == []
    finally:
        context.close()
