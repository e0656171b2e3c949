"""bfloat16 beside float32: how much faster, and what it changes.

    python benchmarks/precision.py --year 2022 --articles 400 --questions 100

Each passage of some articles is embedded in both, in turns of a few batches, and the nearest ten of
each question are compared; then the passages found for each question are read in both.  Ratios are
medians over the turns of one run.  A processor without units for bfloat16 shows why "auto" leaves
it alone there.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from realtimeqa import DATA, read_year

from newsqa.articles import load
from newsqa.chunking import context, encoder_input, passages
from newsqa.config import Chunking, Embedding, Loading, Precision, Reading
from newsqa.embedding import load_encoder
from newsqa.embedding.precision import LEAST_TOKENS, multiplying
from newsqa.synthesis.reader import load_reader
from newsqa.types import Article

BOTH: tuple[Precision, ...] = ("float32", "bfloat16")
TURN = 128
"""Passages embedded in one precision before it is the other's turn."""
NEAREST = 10
READ = 8


def main() -> None:
    """Parse, embed, read, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--year", type=int, default=2022)
    parser.add_argument("--articles", type=int, default=400)
    parser.add_argument("--questions", type=int, default=100)
    options = parser.parse_args()
    folder = options.data / str(options.year)
    if not folder.is_dir():
        print(f"skipped: {folder} is not there; the data is described in the data page")
        return
    rows, asked = read_year(folder, None)
    questions = [row["question"] for row in asked[: options.questions]]
    found = list(load(rows[: options.articles], limits=Loading()))
    articles = [each for each in found if isinstance(each, Article)]
    with multiplying("auto", tokens=LEAST_TOKENS):
        print(f'"auto" means {"bfloat16" if _converts() else "float32"} on this processor')
    texts, vectors = embed(articles)
    compare_neighbours(questions, vectors)
    compare_readings(questions, texts, vectors["float32"])


def embed(articles: Sequence[Article]) -> tuple[list[str], dict[Precision, Any]]:
    """The passages' texts and their vectors in each precision."""
    encoders = {each: load_encoder(Embedding(precision=each)) for each in BOTH}
    encoder = encoders["float32"]
    texts, inputs = [], []
    for article in articles:
        around = context(article, encoder.count_tokens, window=encoder.max_tokens)
        for passage in passages(
            article, encoder.count_tokens, limits=Chunking(), window=encoder.max_tokens
        ):
            texts.append(passage.text)
            inputs.append(encoder_input(around, passage))
    made: dict[Precision, list[Any]] = {each: [] for each in BOTH}
    ratios = []
    for at in range(0, len(inputs), TURN):
        seconds = {}
        for each in BOTH:
            rows, seconds[each] = timed(encoders[each].encode, inputs[at : at + TURN])
            made[each].append(rows)
        ratios.append(seconds["float32"] / seconds["bfloat16"])
    vectors = {each: np.concatenate(rows) for each, rows in made.items()}
    cosines = (vectors["float32"] * vectors["bfloat16"]).sum(axis=1)
    print(
        f"{len(inputs)} passages embedded: bfloat16 {statistics.median(ratios):.2f} times as fast "
        f"(turns {min(ratios):.2f} to {max(ratios):.2f}); cosine of the two mean "
        f"{cosines.mean():.6f}, least {cosines.min():.6f}"
    )
    return texts, vectors


def compare_neighbours(questions: Sequence[str], vectors: dict[Precision, Any]) -> None:
    """Of the nearest in float32, the share that bfloat16 has too; questions in float32."""
    asked = load_encoder().encode(questions)
    tops = {
        each: np.argsort(-(asked @ rows.T), axis=1)[:, :NEAREST] for each, rows in vectors.items()
    }
    pairs = list(zip(tops["float32"], tops["bfloat16"], strict=True))
    shared = [len(set(a) & set(b)) / NEAREST for a, b in pairs]
    print(
        f"{len(questions)} questions: recall@{NEAREST} {np.mean(shared):.4f}, the first the same "
        f"for {sum(int(a[0] == b[0]) for a, b in pairs)}"
    )


def compare_readings(questions: Sequence[str], texts: Sequence[str], vectors: Any) -> None:
    """How the best span and its lead change, and how long reading takes."""
    readers = {each: load_reader(Reading(precision=each)) for each in BOTH}
    asked = load_encoder().encode(questions)
    ratios, moved, same = [], [], 0
    for question, own in zip(questions, asked, strict=True):
        near = [("", texts[at]) for at in np.argsort(-(vectors @ own))[:READ]]
        best, seconds = {}, {}
        for each, reader in readers.items():
            assert reader is not None
            readings, seconds[each] = timed(lambda r=reader, q=question, n=near: r.read(q, n))
            spans = [(span.lead, at, span) for at, r in enumerate(readings) for span in r.spans(1)]
            best[each] = max(spans, key=lambda found: found[0])
        ratios.append(seconds["float32"] / seconds["bfloat16"])
        (a, first, one), (b, second, other) = best["float32"], best["bfloat16"]
        moved.append(abs(a - b))
        same += (first, one.start, one.end) == (second, other.start, other.end)
    print(
        f"{READ} passages read for each: bfloat16 {statistics.median(ratios):.2f} times as fast; "
        f"the best span the same for {same} of {len(questions)}, its lead moved by "
        f"{statistics.median(moved):.3f} in the median, {max(moved):.2f} at most (log-odds)"
    )


def timed(call: Callable[..., Any], *given: Any) -> tuple[Any, float]:
    """What a call gives, and its seconds."""
    began = time.perf_counter()
    result = call(*given)
    return result, time.perf_counter() - began


def _converts() -> bool:
    import torch

    return (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == torch.bfloat16


if __name__ == "__main__":
    main()
