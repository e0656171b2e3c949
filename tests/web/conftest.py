"""A small archive of made-up news, the page over it, and a browser that watches itself."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import newsqa
from newsqa import Article, Settings
from newsqa.config import Answering
from newsqa.embedding import HashingEncoder

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

CHROMIUM_FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
HOSTILE = (
    '"><img src=x onerror="alert(1)"><script>alert(2)</script> </mark></blockquote>'
    '<svg onload=alert(3)> [x](javascript:alert(4)) {{constructor.constructor("alert(5)")()}} '
    "${alert(6)} &lt;b&gt; `alert(7)`"
)
ARTICLES: list[dict[str, object]] = [
    {
        "id": "bridge",
        "title": "Ostrow bridge reopens after two years",
        "text": "The Ostrow bridge reopened on Thursday after two years of repairs.\n\n"
        "The repairs of the Ostrow bridge cost 12 million crowns, the mayor, Ana Lindqvist, "
        "said. Lorries heavier than 20 tonnes stay banned from the bridge until June.",
        "source": "Harbour Gazette",
        "authors": "Ida Brandt",
        "published": "2024-02-01",
        "url": "https://gazette.example/2024/02/01/bridge",
    },
    {
        "id": "strike",
        "title": "Ostrow ferry pilots strike over pay",
        "text": "Ferry pilots in Ostrow went on strike on Monday over their pay.\n\n"
        "The ferry pilots ask for a rise of nine percent, their union said.",
        "source": "Hill Courier",
        "published": "2024-03-11",
        "url": "https://courier.example/strike",
    },
    {
        "id": "deal",
        "title": "Ferry pilots end strike",
        "text": "The ferry pilots ended their strike on Friday.\n\n"
        "The ferry pilots accepted a rise of six percent, their union said.",
        "source": "Harbour Gazette",
        "published": "2024-03-22",
        "url": "https://gazette.example/deal",
    },
]
# As an Article: rows are cleaned of markup, and this must reach the page.
EVIL = Article(
    id="hostile",
    title=f"Zanzig whistle recall {HOSTILE}",
    text=f"The Zanzig whistle was recalled by its maker {HOSTILE} after complaints.",
    source=f"Odd Outlet {HOSTILE}"[:200].strip(),
    authors=(f"Eve {HOSTILE}",),
    published=datetime(2024, 1, 15, tzinfo=UTC),
    url="javascript:alert(8)",
    content_hash="0" * 32,
)

LENIENT = Settings(answering=Answering(threshold=0.03))
"""For the page in a browser: the encoder without a model makes every answer less certain."""
FOREIGN_WARNINGS = (
    # Gradio's queue uses what pandas 3 deprecates.
    "ignore:'future.no_silent_downcasting' is deprecated",
    "ignore:The copy keyword is deprecated",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Warnings are errors, but for those in what the page's server runs on."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            for warning in FOREIGN_WARNINGS:
                item.add_marker(pytest.mark.filterwarnings(warning))


@pytest.fixture(scope="session")
def encoder() -> HashingEncoder:
    return HashingEncoder(256)


@pytest.fixture
def index(tmp_path: Path, encoder: HashingEncoder) -> Path:
    """The archive, this test's own."""
    newsqa.build([*ARTICLES, EVIL], index=tmp_path / "index", encoder=encoder)
    return tmp_path / "index"


@pytest.fixture
def qa(index: Path, encoder: HashingEncoder) -> Iterator[newsqa.NewsQA]:
    with newsqa.NewsQA.open(index, encoder=encoder) as opened:
        yield opened


def free_port() -> int:
    """A port of this machine: Gradio's own search for one leaves sockets open."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory, encoder: HashingEncoder) -> Iterator[str]:
    """Where the page is served, over an archive that all browser tests share."""
    from newsqa.web import create_app

    folder = tmp_path_factory.mktemp("served")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_TEMP_DIR", str(folder / "uploads"))
        newsqa.build([*ARTICLES, EVIL], index=folder / "index", encoder=encoder)
        app: Any = create_app(folder / "index", encoder=encoder, settings=LENIENT)
        _, url, _ = app.launch(server_port=free_port(), prevent_thread_lock=True)
        yield url
        app.close(verbose=False)
        app.qa.close()


@pytest.fixture
def served(
    index: Path, encoder: HashingEncoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., str]]:
    """Serve a page of this test's own, with options of `launch`; gives its address."""
    from newsqa.web import create_app

    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "uploads"))
    apps: list[Any] = []

    def start(
        settings: Settings = LENIENT,
        *,
        read_only: bool = False,
        mcp: bool = False,
        **options: object,
    ) -> str:
        app: Any = create_app(
            index, encoder=encoder, settings=settings, read_only=read_only, mcp=mcp
        )
        apps.append(app)
        _, url, _ = app.launch(server_port=free_port(), prevent_thread_lock=True, **options)
        return str(url)

    yield start
    for app in apps:
        app.close(verbose=False)
        app.qa.close()


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    sync_api = pytest.importorskip(
        "playwright.sync_api", reason="playwright is not installed: pip install newsqa[test]"
    )
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next((path for name in names if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip(f"no browser: none of {', '.join(names)} is installed")
    with sync_api.sync_playwright() as playwright, pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(tmp_path_factory.mktemp("browser")))
        running = playwright.chromium.launch(
            executable_path=found, headless=True, args=CHROMIUM_FLAGS
        )
        yield running
        running.close()


@dataclass
class Watched:
    """A page, and what it did that a page of ours must not do."""

    page: Page
    faults: list[str] = field(default_factory=list)


def watch(context: BrowserContext, address: str) -> Watched:
    """A new page; its console, dialogs and requests are watched."""
    seen = Watched(context.new_page())
    page = seen.page

    def heard(message: Any) -> None:
        if message.type == "error":
            seen.faults.append(f"console {message.type}: {message.text}")

    def asked(request: Any) -> None:
        if not request.url.startswith((address, "data:", "blob:")):
            seen.faults.append(f"a request to {request.url}")

    def opened(dialog: Any) -> None:
        seen.faults.append(f"a dialog: {dialog.message}")
        dialog.dismiss()

    # Long: what is waited for comes, only later where the machine is busy.
    page.set_default_timeout(60_000)
    page.on("console", heard)
    page.on("pageerror", lambda error: seen.faults.append(f"uncaught: {error}"))
    page.on("request", asked)
    page.on("dialog", opened)
    return seen


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """The page, loaded; the test fails if anything on it did what it must not do."""
    context = browser.new_context(viewport={"width": 1280, "height": 860})
    seen = watch(context, address)
    seen.page.goto(address)
    seen.page.wait_for_selector(".welcome")
    yield seen.page
    context.close()
    assert seen.faults == []


def assert_accessible(page: Page) -> None:
    """Fail, naming element and rule, on what axe finds serious or critical."""
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe is not installed: newsqa[test]"
    )
    page.wait_for_timeout(400)  # half-faded colours are no one's
    found = axe.Axe().run(page).response["violations"]
    serious = [
        f"{rule['impact']} {rule['id']}: {[node['html'][:160] for node in rule['nodes']]}"
        for rule in found
        if rule["impact"] in ("serious", "critical")
    ]
    assert serious == []


@pytest.fixture
def phone(browser: Browser, address: str) -> Iterator[Page]:
    """As `page`, 360 pixels wide."""
    context = browser.new_context(
        viewport={"width": 360, "height": 740}, is_mobile=True, has_touch=True
    )
    seen = watch(context, address)
    seen.page.goto(address)
    seen.page.wait_for_selector(".welcome")
    yield seen.page
    context.close()
    assert seen.faults == []
