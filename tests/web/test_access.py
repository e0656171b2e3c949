"""The page for everyone: axe looks at each state, in light and in dark."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.web.conftest import assert_accessible, watch
from tests.web.test_browser import COST, ask, open_narrowing, opened

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


@pytest.fixture(params=["light", "dark"])
def shade(request: pytest.FixtureRequest, browser: Browser, address: str) -> object:
    context = browser.new_context(
        viewport={"width": 1280, "height": 860}, color_scheme=request.param
    )
    seen = watch(context, address)
    seen.page.goto(address)
    seen.page.wait_for_selector(".example")
    yield seen.page
    context.close()
    assert seen.faults == []


def test_no_state_has_a_serious_fault(shade: Page) -> None:
    page = shade
    assert_accessible(page)
    ask(page, COST)
    page.wait_for_selector("#live .next")
    assert_accessible(page)
    page.click("#live .support")
    page.click("#live .copying summary")
    assert_accessible(page)
    page.click("#live a.mark >> nth=0")
    opened(page, "1")
    assert_accessible(page)
    page.keyboard.press("Escape")
    open_narrowing(page)
    page.fill("#as-of input", "2024-03-15")
    page.wait_for_selector("#chips .chip")
    assert_accessible(page)
    ask(page, "Who invented the xylophone quartet in Peru?")
    assert_accessible(page)
    page.get_by_role("tab", name="Archive").click()
    page.wait_for_selector(".listed")
    page.click(".removing summary >> nth=0")
    assert_accessible(page)


def test_it_is_used_by_keyboard_alone(page: Page) -> None:
    page.wait_for_selector(".example")
    page.locator("#question textarea").focus()
    page.keyboard.type(COST)
    page.keyboard.press("Enter")
    page.wait_for_selector("#live #turn-1[aria-busy=false]")
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('a.mark')"):
            break
    else:
        page.locator("a.mark").first.focus()
        pytest.fail("no mark is reached by Tab")
    page.keyboard.press("Enter")
    opened(page, "1")
    assert page.evaluate("document.activeElement.closest('.reader') !== null")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.matches('a.mark')")


def test_it_is_usable_at_twice_the_size(browser: Browser, address: str) -> None:
    # A window of 1280 pixels at 200 % shows as much as one of 640.
    context = browser.new_context(viewport={"width": 640, "height": 430}, device_scale_factor=2)
    try:
        page = watch(context, address).page
        page.goto(address)
        page.wait_for_selector(".welcome")
        ask(page, COST)
        page.click("#live a.mark >> nth=0")
        opened(page, "1")
        page.click(".reader-back")
        page.get_by_role("tab", name="Archive").click()
        page.wait_for_selector(".listed")
        assert page.evaluate("document.documentElement.scrollWidth") <= 640
    finally:
        context.close()
