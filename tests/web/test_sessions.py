"""A reader's session stays its size, however many questions are asked in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from newsqa.embedding import HashingEncoder
from tests.web.conftest import LENIENT, free_port, watch
from tests.web.test_browser import ask

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ASKED = ("What did the repairs of the bridge cost?", "What did the ferry pilots accept?")


@pytest.fixture
def launched(
    index: Path, encoder: HashingEncoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Any]:
    from newsqa.web import create_app

    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "uploads"))
    app: Any = create_app(index, encoder=encoder, settings=LENIENT)
    app.launch(server_port=free_port(), prevent_thread_lock=True)
    yield app
    app.close(verbose=False)
    app.qa.close()


def test_a_session_keeps_no_copy_of_the_conversation_for_each_question(
    launched: Any, browser: Browser
) -> None:
    seen = watch(browser.new_context(), launched.local_url)
    seen.page.goto(launched.local_url)
    seen.page.wait_for_selector(".welcome")

    def kept() -> tuple[int, int]:
        sessions = launched.app.state_holder.session_data.values()
        values = max(len(session.config_values) for session in sessions)
        return values, max(len(session.blocks_config.blocks) for session in sessions)

    sizes = []
    for turn in range(6):
        ask(seen.page, ASKED[turn % 2])
        seen.page.wait_for_timeout(500)
        sizes.append(kept())
    seen.page.context.close()
    assert seen.faults == []
    # What one question leaves is there until the next one.
    for early, late in zip(zip(*sizes[:3], strict=True), zip(*sizes[3:], strict=True), strict=True):
        assert max(late) <= max(early)
