"""How soon there is something to see: the first paint, the first word of an answer, a list.

    python benchmarks/page.py paint --index indexes/default
    python benchmarks/page.py word --index indexes/realtimeqa-2022
    python benchmarks/page.py list --articles 44000

`paint` serves the page in a process of its own and opens it in Chromium over loopback: once so that
the server is warm, then with an empty browser cache and with a full one, in turn.  `word` asks
questions of a year: as they are answered in the articles' own words, and with a model that is
scripted to say the first quote's sentences, its first token after a while and the others at a pace.
What is shown first is a whole sentence, for each is compared with its quotes before.  `list` pages
through made-up articles by date.
"""

from __future__ import annotations

import argparse
import html
import os
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from load import address
from realtimeqa import DATA, as_question, read_year

import newsqa
from newsqa.chunking import sentence_spans
from newsqa.embedding import HashingEncoder
from newsqa.web.listing import Listing

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = "--no-sandbox --disable-gpu --disable-background-networking --disable-sync".split()
FIRST_PAINT = """() => new Promise((done) => {
    const look = () => {
        const paint = performance.getEntriesByName("first-contentful-paint")[0];
        paint ? done(paint.startTime) : setTimeout(look, 20);
    };
    look();
})"""


def main() -> None:
    """Run one of the measurements."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["paint", "word", "list"])
    parser.add_argument("--index", type=Path, default=Path("indexes/default"))
    parser.add_argument("--rounds", type=int, default=9, help="for paint")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--year", type=int, default=2022)
    parser.add_argument("--questions", type=int, default=100, help="for word")
    parser.add_argument("--articles", type=int, default=44_000, help="for list")
    parser.add_argument("--port", type=int, default=7964)
    options = parser.parse_args()
    print(f"load of the machine: {', '.join(f'{each:.1f}' for each in os.getloadavg())}")
    measure: dict[str, Callable[[argparse.Namespace], None]] = {
        "paint": paint,
        "word": word,
        "list": list_by_date,
    }
    measure[options.what](options)


def paint(options: argparse.Namespace) -> None:
    """Seconds to the first paint, and to where one can ask."""
    from playwright.sync_api import sync_playwright

    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        sys.exit(f"no browser: none of {', '.join(BROWSERS)} is installed")
    server = subprocess.Popen(
        [sys.executable, "-m", "newsqa", "chat", "--json", "--index", str(options.index),
         "--port", str(options.port)],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    seconds: dict[str, list[tuple[float, float]]] = {"empty cache": [], "full cache": []}
    try:
        url = address(server)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
            _opened(browser.new_context(), url)
            full = browser.new_context()
            _opened(full, url)
            for _ in range(options.rounds):
                empty = browser.new_context()
                seconds["empty cache"].append(_opened(empty, url))
                empty.close()
                seconds["full cache"].append(_opened(full, url))
            browser.close()
    finally:
        server.terminate()
        server.wait(30)
    for name, values in seconds.items():
        painted, asked = zip(*values, strict=True)
        print(
            f"{name}: first paint median {statistics.median(painted):.2f} s, most "
            f"{max(painted):.2f} s; ready to ask median {statistics.median(asked):.2f} s, most "
            f"{max(asked):.2f} s"
        )


def _opened(context: Any, url: str) -> tuple[float, float]:
    """Seconds from asking for the page to its first paint, and to the box for a question."""
    page = context.new_page()
    started = time.perf_counter()
    page.goto(url, wait_until="commit", timeout=120_000)
    page.wait_for_selector("#question textarea", timeout=120_000)
    ready = time.perf_counter() - started
    painted = page.evaluate(FIRST_PAINT) / 1000
    page.close()
    return painted, ready


class Quoting:
    """A writer that says the first quote that it is given, its tokens at a pace."""

    name = "scripted"

    def __init__(self, *, first: float, pace: float):
        """`first` and `pace`: seconds to the first token, and between two."""
        self.first, self.pace = first, pace

    def write(self, prompt: Any) -> Iterator[str]:
        """The pieces, as a model's come."""
        quote = re.search(r'<quote n="1"[^>]*>(.*?)</quote>', prompt.user, re.DOTALL)
        text = html.unescape(quote[1]) if quote else ""
        time.sleep(self.first)
        for span in sentence_spans(text):
            for each in [*text[span.start : span.end].split(), "[1]\n"]:
                yield f"{each} "
                time.sleep(self.pace)


def word(options: argparse.Namespace) -> None:
    """Seconds to the first piece of text of an answer."""
    folder = options.data / str(options.year)
    if not folder.is_dir():
        print(f"skipped: {folder} is not there")
        return
    _, asked = read_year(folder, None)
    questions = [as_question(row) for row in asked]
    with newsqa.NewsQA.open(options.index) as qa:
        passages, latest = qa.info().passages, qa.info().latest
        within = [each for each in questions if latest is None or each.as_of <= latest]
        some = random.Random(0).sample(within, min(options.questions, len(within)))
        qa.ask(some[0].question)
        alone = [_first(qa, each) for each in some]
        _told("in the articles' own words", [each for each in alone if each.answer])
        for name, pace in (("all tokens at once", 0.0), ("50 tokens a second", 0.02)):
            model = Quoting(first=0.3, pace=pace)
            writing = newsqa.NewsQA(qa._index, qa.encoder, qa.settings, writer=model)
            written = [_first(writing, each) for each in some]
            _told(
                f"beyond the model's first token ({name})",
                [each for each in written if each.answer and each.answer.composer == model.name],
                less=model.first,
            )
        print(f"{passages} passages, {len(some)} questions with as_of")


@dataclass(frozen=True, kw_only=True)
class First:
    """Until the first text of an answer: seconds on the clock, and of the processor."""

    clock: float
    processor: float
    """Of all cores: what it takes on a machine that does nothing else is less."""
    answer: Any
    """None for what is no answer."""


def _first(qa: newsqa.NewsQA, asked: Any) -> First:
    """Ask, and see when the first text comes."""
    clock, processor = time.perf_counter(), time.process_time()
    first, answer = None, None
    for piece in qa.stream(asked.question, as_of=asked.as_of):
        if isinstance(piece, str) and first is None:
            first = time.perf_counter() - clock, time.process_time() - processor
        answer = piece
    answered = first is not None and answer.status == "answered"  # type: ignore[union-attr]
    clock, processor = first or (0.0, 0.0)
    return First(clock=clock, processor=processor, answer=answer if answered else None)


def _told(name: str, seen: list[First], *, less: float = 0.0) -> None:
    if not seen:
        print(f"{name}: nothing was answered")
        return
    for what, seconds in (
        ("clock", sorted(each.clock - less for each in seen)),
        ("processor", sorted(each.processor for each in seen)),
    ):
        late = seconds[int(len(seconds) * 0.95)]
        print(
            f"{name}, {what}: median {statistics.median(seconds):.2f} s, p95 {late:.2f} s "
            f"({len(seconds)} answers)"
        )


def list_by_date(options: argparse.Namespace) -> None:
    """Milliseconds to a page of the list by date, over made-up articles."""
    chance = random.Random(5)
    words = [f"w{n}" for n in range(3000)]

    def row(number: int) -> dict[str, object]:
        sentences = (" ".join(chance.choices(words, k=18)).capitalize() for _ in range(8))
        return {
            "id": f"a{number}",
            "title": " ".join(chance.choices(words, k=8)),
            "text": ". ".join(sentences) + ".",
            "source": f"Outlet {number % 40}",
            "published": f"2022-{1 + number % 12:02d}-{1 + number % 28:02d}",
        }

    encoder = HashingEncoder(16)
    with tempfile.TemporaryDirectory() as place:
        newsqa.build(map(row, range(options.articles)), index=place, encoder=encoder)
        with newsqa.NewsQA.open(place, encoder=encoder) as qa:
            qa.info()
            listing = Listing(qa)
            for name, page, outlet in (
                ("first page", 0, ""), ("again", 0, ""), ("page 100", 100, ""),
                ("of one outlet", 0, "Outlet 3"),
            ):  # fmt: skip
                started = time.perf_counter()
                listing.page(page, outlet=outlet)
                print(f"{name}: {1000 * (time.perf_counter() - started):.0f} ms")
    print(f"{options.articles} articles")


if __name__ == "__main__":
    main()
