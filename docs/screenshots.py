"""Takes the pictures of the page that the docs show: docs/page.png, refusal.png, phone.png.

    python docs/screenshots.py

It builds the sample archive in a temporary folder, serves the page over it and looks at it
in Chromium, as a reader would.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

import newsqa
from newsqa.web import create_app

DOCS = Path(__file__).resolve().parent
SAMPLE = DOCS.parent / "seeds" / "articles"
ANSWERED = "How many people were injured on the ferry?"
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
    desktop = {"viewport": {"width": 1280, "height": 860}}
    phone = {
        "viewport": {"width": 390, "height": 844},
        "device_scale_factor": 1.5,
        "is_mobile": True,
        "has_touch": True,
    }
    for name, question, device in (
        ("page", ANSWERED, desktop),
        ("refusal", REFUSED, desktop),
        ("phone", ANSWERED, phone),
    ):
        page = browser.new_page(**device)
        page.goto(address)
        ask(page, question)
        page.screenshot(path=DOCS / f"{name}.png")
        page.close()


def ask(page: Page, question: str) -> None:
    """Ask and wait until the answer stands still."""
    page.wait_for_selector(".welcome")
    page.fill("#question textarea", question)
    page.press("#question textarea", "Enter")
    page.wait_for_selector("#live .turn[aria-busy=false]")
    page.locator("#question textarea").blur()
    page.wait_for_timeout(500)


if __name__ == "__main__":
    sys.exit(main())
