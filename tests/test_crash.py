"""Killed at any instant: what was committed is there, whole, and is not embedded again."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

import newsqa
from newsqa.embedding import HashingEncoder
from newsqa.errors import IndexNotFound
from newsqa.indexing import Index

ARTICLES = 300
KILLS = 15
ENOUGH = 200
"""Articles held after which no more is killed: a fast machine would have all before long."""
SEED = 20240311

# Each text that was encoded is written down as soon as it is (one write, so that a line is
# whole or not there), and so is each article as soon as its commit has returned.
BUILD = """
import os, sys
sys.path.insert(0, sys.argv[1])
import newsqa, newsqa.building
from newsqa.embedding import HashingEncoder
from newsqa.indexing import Writer, vector_key

newsqa.building.COMMIT_PASSAGES = 8
log = os.open(sys.argv[3], os.O_WRONLY | os.O_CREAT | os.O_APPEND)

class Logged(HashingEncoder):
    def encode(self, texts, *, progress=None):
        os.write(log, "".join(f"encode {vector_key(t).hex()}\\n" for t in texts).encode())
        return super().encode(texts, progress=progress)

commit = Writer.commit
def logged(self, entries=(), **changes):
    commit(self, entries, **changes)
    done = [(e.article.id, key) for e in entries for _, key in e.passages]
    os.write(log, "".join(f"commit {i} {key.hex()}\\n" for i, key in done).encode())
    print("committed", flush=True)
Writer.commit = logged

rows = [
    {
        "id": f"a{n}",
        "title": f"Report {n} of day {n % 28}",
        "text": " ".join(f"Sentence {k} of report {n} speaks of subject {n * k % 97}, and of "
                         "what the council said about it." for k in range(1, 16 + n % 9)),
        "published": f"2024-03-{1 + n % 28:02}",
    }
    for n in range(int(sys.argv[4]))
]
print("ready", flush=True)
report = newsqa.build(rows, index=sys.argv[2], encoder=Logged(32))
print("report", len(report.added), len(report.updated), len(report.unchanged), flush=True)
"""


def start(index: Path, log: Path) -> subprocess.Popen[str]:
    root = str(Path(newsqa.__file__).resolve().parent.parent)
    process = subprocess.Popen(
        [sys.executable, "-c", BUILD, root, str(index), str(log), str(ARTICLES)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def logged(log: Path) -> tuple[list[str], dict[str, set[str]]]:
    """Keys of the texts that were encoded, in order; keys by article that was committed."""
    encoded: list[str] = []
    committed: dict[str, set[str]] = {}
    for line in log.read_text().splitlines() if log.exists() else []:
        kind, *rest = line.split()
        if kind == "encode":
            encoded += rest
        else:
            committed.setdefault(rest[0], set()).add(rest[1])
    return encoded, committed


@pytest.fixture
def children() -> Iterator[list[subprocess.Popen[str]]]:
    started: list[subprocess.Popen[str]] = []
    yield started
    for process in started:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def test_killed_at_any_instant_it_goes_on_from_the_last_commit(
    tmp_path: Path, children: list[subprocess.Popen[str]]
) -> None:
    moments = random.Random(SEED)
    index, log = tmp_path / "index", tmp_path / "log"
    encoder = HashingEncoder(32)
    held = kills = 0
    while kills < KILLS and held < ENOUGH:
        kills += 1
        encoded_before = len(logged(log)[0])
        process = start(index, log)
        children.append(process)
        # Into the opening, or after some commits at any moment of the next one.
        commits = moments.choice([0, 0, 1, 3, 6])
        for _ in range(commits):
            assert process.stdout is not None
            assert process.stdout.readline() == "committed\n"
        time.sleep(moments.random() * (0.08 if commits else 0.4))
        os.kill(process.pid, signal.SIGKILL)
        assert process.wait(20) in (-signal.SIGKILL, 0)

        encoded, committed = logged(log)
        known = set().union(*committed.values())
        again = Counter(encoded[encoded_before:])
        assert not [key for key, times in again.items() if times > 1]
        try:
            opened = Index.open(index)
        except IndexNotFound:
            assert not committed  # killed before there was one
            continue
        assert opened.check().problems == ()
        articles = {article.id: article for article in opened.articles()}
        # All that was said to be committed is there (and at most the commit after it) ...
        assert set(committed) <= set(articles)
        assert len(articles) >= held
        held = len(articles)
        # ... as whole articles, found by their own words.
        with opened._store.snapshot() as reader:
            for article in articles.values():
                passages = reader.passages_of(article)
                assert passages[0].start == 0
                assert passages[-1].end == len(article.text)
        opened.close()
        if articles:
            last = list(articles.values())[-1]
            with newsqa.NewsQA.open(index, encoder=encoder) as qa:
                hits = qa.search(last.title or "", k=50)
                assert last.id in {i for h in hits for i in (h.article.id, *h.copies)}
        assert known <= set(encoded)

    assert kills >= 5
    assert 0 < held < ARTICLES, "the kills came too early or too late to show anything"
    process = start(index, log)
    children.append(process)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert said.splitlines()[-1] == f"report {ARTICLES - held} 0 {held}"

    # No text whose commit had returned was ever given to the encoder again.
    seen: set[str] = set()
    for line in log.read_text().splitlines():
        kind, *rest = line.split()
        if kind == "commit":
            seen.add(rest[1])
        else:
            assert rest[0] not in seen, "a committed passage was embedded again"
    with newsqa.NewsQA.open(index, encoder=encoder) as qa:
        assert qa.info().articles == ARTICLES
        assert qa.check().problems == ()
