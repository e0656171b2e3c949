"""What it costs: building beside embedding alone, memory, latency, start-up, FAISS recall.

    python benchmarks/costs.py overhead      # a build against embedding the same passages alone
    python benchmarks/costs.py memory        # peak memory of building a year of news
    python benchmarks/costs.py latency --index indexes/realtimeqa-2023-13w
    python benchmarks/costs.py steps --index indexes/realtimeqa-2023      # the parts of a search
    python benchmarks/costs.py recall --index indexes/realtimeqa-2023-13w
    python benchmarks/costs.py start

Ratios and medians of one run, rounds in turn; absolute times on a shared machine mean little.
`memory` runs the real build with the real model loaded, but takes its vectors from a hashing
encoder of the same dimension, since embedding a year takes an hour and holds no more memory
than one batch of it.
"""

from __future__ import annotations

import argparse
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from realtimeqa import DATA, as_question, read_year

import newsqa
from newsqa.articles import load
from newsqa.chunking import context, encoder_input, passages
from newsqa.config import Chunking, Loading
from newsqa.embedding import Encoder, HashingEncoder, load_encoder
from newsqa.indexing import Index, View
from newsqa.indexing.snapshot import Snapshot
from newsqa.indexing.vectors import Limits, VectorIndex
from newsqa.types import Article


def main() -> None:
    """Run one of the measurements."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "what", choices=["overhead", "memory", "latency", "steps", "recall", "start"]
    )
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--year", type=int, default=2023)
    parser.add_argument("--index", type=Path, default=Path("indexes/realtimeqa-2023-13w"))
    parser.add_argument("--articles", type=int, default=60, help="for overhead")
    parser.add_argument("--questions", type=int, default=200, help="for latency and recall")
    options = parser.parse_args()
    folder = options.data / str(options.year)
    if options.what != "start" and not folder.is_dir():
        print(f"skipped: {folder} is not there")
        return
    measure: dict[str, Callable[[argparse.Namespace], None]] = {
        "overhead": overhead,
        "memory": memory,
        "latency": latency,
        "steps": steps,
        "recall": recall,
        "start": start,
    }
    measure[options.what](options)


def overhead(options: argparse.Namespace) -> None:
    """Time of a build over time of embedding its passages alone, in turn, three rounds."""
    rows, _ = read_year(options.data / str(options.year), None)
    rows = rows[: options.articles]
    encoder = load_encoder()
    articles = [item for item in load(rows, limits=Loading()) if isinstance(item, Article)]
    texts = [text for article in articles for text in _inputs(article, encoder)]
    encoder.encode(texts[:64])
    ratios = []
    for _ in range(3):
        started = time.perf_counter()
        encoder.encode(texts)
        alone = time.perf_counter() - started
        with tempfile.TemporaryDirectory() as place:
            started = time.perf_counter()
            newsqa.build(rows, index=place, encoder=encoder)
            ratios.append((time.perf_counter() - started) / alone)
    print(
        f"build / embedding alone, {len(articles)} articles, {len(texts)} passages: "
        f"{', '.join(f'{r:.3f}' for r in ratios)}, median {statistics.median(ratios):.3f}"
    )


def memory(options: argparse.Namespace) -> None:
    """Peak resident memory of a process that builds the whole year."""
    path = options.data / str(options.year) / "articles.jsonl.xz"

    class StandIn(HashingEncoder):
        """Hashed vectors, counted and windowed by the real model, which stays loaded."""

        def __init__(self, real: Encoder):
            super().__init__(real.dimension, max_tokens=real.max_tokens)
            self.count_tokens = real.count_tokens  # type: ignore[method-assign]

    real = load_encoder()
    real.encode(["a word " * 200] * 64)
    loaded = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    with tempfile.TemporaryDirectory() as place:
        report = newsqa.build([path], index=place, encoder=StandIn(real))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{len(report.added)} articles, {report.passages} passages: peak {peak:.0f} MB resident, "
        f"of which {loaded:.0f} MB with the model loaded and one batch embedded"
    )


def latency(options: argparse.Namespace) -> None:
    """Search and ask on an index, after loading."""
    _, asked = read_year(options.data / str(options.year), None)
    questions = [as_question(row) for row in asked][: options.questions]
    with newsqa.NewsQA.open(options.index) as qa:
        qa.ask(questions[0].question)
        for name, call in (("search", qa.search), ("ask", qa.ask)):
            seconds = []
            for question in questions:
                started = time.perf_counter()
                call(question.question, as_of=question.as_of)
                seconds.append(time.perf_counter() - started)
            p50, p95 = np.percentile(seconds, [50, 95])
            print(f"{name}: p50 {1000 * p50:.0f} ms, p95 {1000 * p95:.0f} ms")
        print(f"{qa.info().passages} passages, {len(questions)} questions with as_of")


def steps(options: argparse.Namespace) -> None:
    """What each part of a search takes; the dense and the lexical one run beside each other."""
    _, asked = read_year(options.data / str(options.year), None)
    rows = random.Random(0).sample(asked, min(options.questions, len(asked)))
    seconds: dict[str, list[float]] = {}
    # The package gives its function `search` the name of the module.
    searching = sys.modules["newsqa.retrieval.search"]
    ranking = sys.modules["newsqa.retrieval.rerank"]
    with newsqa.NewsQA.open(options.index) as qa:
        qa.search(rows[0]["question"])
        parts: list[tuple[str, Any, str]] = [
            ("encode", qa.encoder, "encode"),
            ("dense", Snapshot, "dense"),
            ("lexical", Snapshot, "lexical"),
            ("passages", View, "passages"),
            ("vectors", View, "vectors"),
            ("signals", ranking, "signals_of"),
            ("stories", View, "copies_of"),
            ("folding", searching, "fold_copies"),
        ]
        for name, owner, function in parts:
            setattr(owner, function, _timed(getattr(owner, function), seconds.setdefault(name, [])))
        search = _timed(qa.search, seconds.setdefault("search", []))
        for row in rows:
            search(row["question"], as_of=row["week"])
        passages = qa.info().passages
    whole = statistics.median(seconds["search"])
    for name, values in seconds.items():
        p50, p95 = np.percentile(values, [50, 95])
        print(f"{name:9} p50 {1000 * p50:5.1f} ms, p95 {1000 * p95:5.1f} ms, {p50 / whole:4.0%}")
    print(f"{passages} passages, {len(rows)} questions with as_of")


def _timed(call: Callable[..., Any], seconds: list[float]) -> Callable[..., Any]:
    def timed(*args: Any, **options: Any) -> Any:
        started = time.perf_counter()
        try:
            return call(*args, **options)
        finally:
            seconds.append(time.perf_counter() - started)

    return timed


def recall(options: argparse.Namespace) -> None:
    """Recall@10 of the inverted file against exact search, by questions of the year."""
    _, asked = read_year(options.data / str(options.year), None)
    queries = load_encoder().encode([row["question"] for row in asked[: options.questions]])
    # Past the door, on purpose: the vectors themselves are nobody's business elsewhere.
    with Index.open(options.index)._store.snapshot() as reader:
        ids = reader.columns().ids
        vectors = reader.vectors(ids.tolist())
    exact = VectorIndex.of(ids, vectors)
    inverted = VectorIndex.make(
        ids,
        lambda some: (some, vectors[np.searchsorted(ids, some)]),
        dimension=vectors.shape[1],
        limits=Limits(exact=0),
    )
    chance = np.random.default_rng(0)
    for share in (1.0, 0.1, 0.01):
        allowed = None if share == 1.0 else chance.random(len(ids)) < share
        found = [
            len(
                np.intersect1d(
                    exact.search(query, 10, allowed=allowed).ids,
                    inverted.search(query, 10, allowed=allowed).ids,
                )
            )
            for query in queries
        ]
        print(f"filter keeps {share:.0%}: recall@10 {np.mean(found) / 10:.4f}")
    print(f"{len(ids)} passages, {inverted.probes} probes of the inverted file")


def start(_: argparse.Namespace) -> None:
    """Importing and asking for help, beside a bare interpreter; medians of nine runs in turn."""
    commands = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "import newsqa": [sys.executable, "-c", "import newsqa"],
        "newsqa --help": [sys.executable, "-m", "newsqa", "--help"],
    }
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for _round in range(9):
        for name, command in commands.items():
            started = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            seconds[name].append(time.perf_counter() - started)
    for name, values in seconds.items():
        print(f"{name}: median {statistics.median(values):.3f} s")


def _inputs(article: Article, encoder: Encoder) -> list[str]:
    """What the encoder reads for each passage of an article."""
    count, window = encoder.count_tokens, encoder.max_tokens
    around = context(article, count, window=window)
    cut = passages(article, count, limits=Chunking(), window=window)
    return [encoder_input(around, passage) for passage in cut]


if __name__ == "__main__":
    main()
