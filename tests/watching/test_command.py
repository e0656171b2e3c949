"""`newsqa watch` as a process: real folders, a real site, signals, and a reader beside it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import newsqa
from newsqa import cli
from newsqa.embedding import Encoder, HashingEncoder

from .following import Site, served, wait_for

ROOT = Path(newsqa.__file__).resolve().parent.parent
PUBLIC = "127.0.0.2"
"""An address of this machine that PROGRAM takes for one of the world's."""
PROGRAM = f"""
import sys
sys.path.insert(0, sys.argv.pop(1))
from newsqa import models
from newsqa.articles import reach
from newsqa.embedding import HashingEncoder
models.encoder_of = models.encoder = lambda *_: HashingEncoder()
public = reach._is_public
reach._is_public = lambda address: str(address) == {PUBLIC!r} or public(address)
from newsqa.cli import main
main(sys.argv[1:])
"""
SETTINGS = "[loading]\nhost_delay_seconds = 0.05\ndownload_seconds = 1.0\n"


class Command:
    """A `newsqa watch` that runs, and the lines that it printed."""

    def __init__(self, *arguments: object, program: str | None = PROGRAM):
        start = ["-c", program, str(ROOT)] if program else ["-m", "newsqa"]
        self.process = subprocess.Popen(
            [sys.executable, *start, "watch", *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, "NO_PROXY": PUBLIC},
        )
        self.lines: list[str] = []
        self.said: list[str] = []
        self._threads = [
            threading.Thread(target=self._read, args=(self.process.stdout, self.lines)),
            threading.Thread(target=self._read, args=(self.process.stderr, self.said)),
        ]
        for thread in self._threads:
            thread.start()

    @staticmethod
    def _read(stream: Any, lines: list[str]) -> None:
        for line in stream:
            lines.append(line)

    def events(self, kind: str) -> list[dict[str, Any]]:
        return [event for line in self.lines if (event := json.loads(line))["kind"] == kind]

    def wait(self, kind: str, count: int = 1) -> list[dict[str, Any]]:
        def look() -> bool:
            assert self.process.poll() is None or len(self.events(kind)) >= count, self.said
            return len(self.events(kind)) >= count

        wait_for(look, f"{count} {kind} in {self.lines} {self.said}")
        return self.events(kind)

    def end(self, with_: int) -> int:
        self.process.send_signal(with_)
        code = self.process.wait(30)
        for thread in self._threads:
            thread.join(10)
        return code

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(30)
        for thread in self._threads:
            thread.join(10)
        for stream in (self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()


Start = Callable[..., Command]


@pytest.fixture
def start() -> Iterator[Start]:
    started = []

    def run(*arguments: object, **options: Any) -> Command:
        command = Command(*arguments, **options)
        started.append(command)
        return command

    yield run
    for command in started:
        command.close()


@pytest.fixture
def site() -> Iterator[Site]:
    with served(PUBLIC) as site:
        yield site


def test_a_folder_and_a_feed_while_another_process_reads(
    start: Start, site: Site, tmp_path: Path
) -> None:
    root, index, settings = tmp_path / "root", tmp_path / "index", tmp_path / "mine.toml"
    root.mkdir()
    settings.write_text(SETTINGS)
    (root / "a.md").write_text("# Fog\n\nThe fog lifted over Marlow Bay at noon.\n")
    etag = site.feed("/feed", "Ferry")
    command = start(
        root, f"{site.url}/feed", "--index", index, "--settings", settings,
        "--every", "0.3s", "--settle", "0.2s", "--json",
    )  # fmt: skip
    command.wait("ready")
    with newsqa.NewsQA.open(index, encoder=HashingEncoder()) as reader:

        def found(question: str) -> str | None:
            hits = reader.search(question, k=1)
            return hits[0].article.title if hits else None

        assert found("When did the fog lift?") == "Fog"
        assert found("ferry Marlow Bay") == "Ferry"
        (root / "new").mkdir()
        (root / "new" / "b.md").write_text("# Whale\n\nA whale was seen off the harbour.\n")
        command.wait("added", 3)
        assert found("Where was the whale seen?") == "Whale"
        (root / "a.md").write_text("# Fog stays\n\nThe fog did not lift over Marlow Bay.\n")
        command.wait("updated")
        assert found("Did the fog lift?") == "Fog stays"
        wait_for(lambda: ("/feed", etag) in site.asked, "asking for what changed")
        site.refuse("/feed", 500)
        command.wait("failed")
        site.feed("/feed", "Tide")
        command.wait("added", 4)
        assert found("Tide") == "Tide"
        assert found("ferry Marlow Bay") == "Ferry"
    assert command.end(signal.SIGTERM) == 0
    last = json.loads(command.lines[-1])
    assert last["kind"] == "stopped"
    assert last["counts"]["added"] == 4
    assert last["counts"]["updated"] == 1
    assert json.loads(command.lines[0])["kind"] == "started"
    with newsqa.NewsQA.open(index, encoder=HashingEncoder()) as qa:
        assert qa.check().problems == ()


def test_addresses_that_go_wrong(start: Start, site: Site, tmp_path: Path) -> None:
    settings = tmp_path / "mine.toml"
    settings.write_text(SETTINGS)
    inner = f"http://127.0.0.1:{site.url.rpartition(':')[2]}/feed"
    site.feed("/feed", "Ferry")
    site.refuse("/inner", 302, Location=inner)
    site.refuse("/moved", 302, Location="/feed")
    site.refuse("/loop", 302, Location="/loop")
    site.drip("/slow")
    site.refuse("/busy", 429, Retry_After="2")
    names = ("inner", "slow", "loop", "moved", "busy")
    command = start(
        *(f"{site.url}/{name}" for name in names), inner, "--index", tmp_path / "index",
        "--settings", settings, "--every", "30s", "--json",
    )  # fmt: skip
    command.wait("ready")
    failed = {event["origin"].rpartition(":")[2]: event["reason"]
              for event in command.wait("failed", 5)}  # fmt: skip
    port = site.url.rpartition(":")[2]
    assert failed.keys() == {f"{port}/{name}" for name in ("inner", "slow", "loop", "busy", "feed")}
    for name in ("inner", "feed"):
        assert "127.0.0.1 is a loopback address" in failed[f"{port}/{name}"]
        assert "--allow-private" in failed[f"{port}/{name}"]
    assert "no whole answer within 1 seconds" in failed[f"{port}/slow"]
    assert "more than 5 redirects" in failed[f"{port}/loop"]
    assert "asks to wait 2 seconds" in failed[f"{port}/busy"]
    assert [event["title"] for event in command.events("added")] == ["Ferry"]
    assert command.end(signal.SIGINT) == 0
    assert all(address is None for _, address in site.asked)


def test_for_people_with_the_real_encoder(
    start: Start, tmp_path: Path, real_encoder: Encoder
) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (root / "a.md").write_text("# Fog\x1b[31m\n\nThe fog lifted over Marlow Bay at noon.\n")
    (root / "b.pdf").write_bytes(b"%PDF")
    command = start(root, "--index", tmp_path / "index", program=None)
    wait_for(lambda: any(" ready " in line for line in command.lines), "ready")
    (root / "c.md").write_text("# Ferry\n\nThe ferry sailed from Marlow Bay at one.\n")
    wait_for(lambda: any("Ferry" in line for line in command.lines), "the ferry")
    assert command.end(signal.SIGINT) == 0
    text = "".join(command.lines)
    assert re.sub(r"\d\d:\d\d:\d\d ", "", text).splitlines() == [
        "started  following 1 path",
        f"added    Fog[31m ({root}/a.md)",
        f"skipped  {root}/b.pdf: unknown kind of file: .pdf",
        "ready    1 added, 0 updated, 0 unchanged, 0 removed, 1 skipped, 0 failed",
        f"added    Ferry ({root}/c.md)",
        "stopped  2 added, 0 updated, 0 unchanged, 0 removed, 1 skipped, 0 failed",
    ]
    with newsqa.NewsQA.open(tmp_path / "index", encoder=real_encoder) as qa:
        assert qa.search("When did the ferry sail?", k=1)[0].article.title == "Ferry"


def test_whoever_read_the_output_went_away(start: Start, tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    closed = "import os\nkept, written = os.pipe()\nos.close(kept)\nos.dup2(written, 1)\n"
    program = PROGRAM.replace("main(sys", f"{closed}main(sys")
    command = start(root, "--index", tmp_path / "index", program=program)
    assert command.process.wait(60) == 141
    assert command.said == []


@pytest.mark.parametrize("time", ["", "15", "soon", "0s", "-1m", "1 week"])
def test_times_that_are_none(time: str, tmp_path: Path) -> None:
    result = CliRunner().invoke(cli.app, ["watch", str(tmp_path), "--every", time])
    assert result.exit_code == 2
    assert "expected one like 30s, 15m or 2h" in result.stderr


def test_what_can_not_be_followed(tmp_path: Path) -> None:
    index = str(tmp_path / "index")
    result = CliRunner().invoke(cli.app, ["watch", "ftp://a/", "--index", index, "--json"])
    assert result.exit_code == 1
    skipped, error = map(json.loads, result.stdout.splitlines())
    assert (skipped["kind"], skipped["origin"]) == ("skipped", "ftp://a/")
    assert error["error"]["type"] == "InputError"
    assert not (tmp_path / "index").exists()
