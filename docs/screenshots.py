"""Takes the pictures of the page that the docs show, one of each main state, into docs/.

    python docs/screenshots.py             all of them
    python docs/screenshots.py first dark   those two

It builds the sample archive in a temporary folder, serves the page over it and looks at it
in Chromium, as a reader would.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

import newsqa
from newsqa.web import create_app

DOCS = Path(__file__).resolve().parent
SAMPLE = DOCS.parent / "seeds" / "articles"
ANSWERED = "How many people were injured on the ferry?"
NARROWED = "When did the Weir Bridge reopen to cars in April?"
REFUSED = "What did the central bank decide about interest rates?"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()


def main() -> int:
    """Build, serve, look."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        sys.stderr.write(f"no browser: none of {', '.join(BROWSERS)} is installed\n")
        return 1
    with tempfile.TemporaryDirectory() as folder:
        newsqa.build([SAMPLE], index=Path(folder) / "index")
        app: Any = create_app(Path(folder) / "index")
        _, address, _ = app.launch(prevent_thread_lock=True)
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path=found, headless=True, args=FLAGS
                )
                take_all(browser, address)
                browser.close()
        finally:
            app.close(verbose=False)
            app.qa.close()
    return 0


def take_all(browser: Browser, address: str) -> None:
    """Each picture from a page of its own."""
    for name in sys.argv[1:] or STATES:
        device, reach = STATES[name]
        context = browser.new_context(**device)
        page = context.new_page()
        page.goto(address)
        page.wait_for_selector(".example")
        reach(page)
        page.wait_for_timeout(600)
        page.screenshot(path=DOCS / f"{name}.png")
        context.close()


def first(_: Page) -> None:
    """Before anything is asked."""


def answered(page: Page) -> None:
    """An answer with its quotes, when it was reported, and what to ask next."""
    ask(page, ANSWERED)
    page.wait_for_selector("#live .next")


def source(page: Page) -> None:
    """The second mark's source beside the answer."""
    answered(page)
    page.locator("#live a.mark").nth(1).click()
    page.wait_for_selector(".source mark.here")


def narrowed(page: Page) -> None:
    """As of a day, of some outlets, with what was inferred from the question."""
    page.click("#narrow > button")
    page.wait_for_selector("#as-of input")
    page.fill("#as-of input", "2024-05-20")
    page.wait_for_selector("#chips .chip")
    ask(page, NARROWED)
    page.wait_for_selector("#live .understood")
    page.mouse.move(0, 0)


def refused(page: Page) -> None:
    """What the archive does not hold."""
    ask(page, REFUSED)
    page.wait_for_timeout(6000)  # for what to ask next, if anything


def archive(page: Page) -> None:
    """Looking through the archive."""
    page.get_by_role("tab", name="Archive").click()
    page.wait_for_selector(".listed")


def ask(page: Page, question: str) -> None:
    """Ask and wait until the answer stands still."""
    page.fill("#question textarea", question)
    page.press("#question textarea", "Enter")
    page.wait_for_selector("#live .turn[aria-busy=false]")
    page.locator("#question textarea").blur()
    page.wait_for_timeout(500)


DESKTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 860}}
DARK = {**DESKTOP, "color_scheme": "dark"}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 1.5,
    "is_mobile": True,
    "has_touch": True,
}
STATES: dict[str, tuple[dict[str, Any], Callable[[Page], None]]] = {
    "first": (DESKTOP, first),
    "page": (DESKTOP, answered),
    "source": (DESKTOP, source),
    "narrowed": (DESKTOP, narrowed),
    "refusal": (DESKTOP, refused),
    "archive": (DESKTOP, archive),
    "dark": (DARK, source),
    "phone": (PHONE, answered),
    "phone-source": (PHONE, source),
}

if __name__ == "__main__":
    sys.exit(main())
