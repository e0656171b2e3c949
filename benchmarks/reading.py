"""What reading more passages, or in other batches, brings and costs.

    python benchmarks/reading.py --index indexes/realtimeqa-2022 --questions 150

Asks the questions of a year whose index benchmarks/realtimeqa.py has built, every one answered,
with each number of passages, then with each size of batch, and prints exact match and F1 of the
short answer, how often a gold string stands in the text, and what an answer takes.  Times are of
one run, the sizes after each other, so compare them with each other only.
"""

from __future__ import annotations

import argparse
import random
import statistics
from pathlib import Path

from realtimeqa import DATA, as_question, read_year

import newsqa
from newsqa import evaluation
from newsqa.config import DEFAULT_LIMIT, Answering, Reading

LIMITS = (2, 4, 6, 8, 10, 12, 16, 20)
BATCHES = (1, 2, 4, 8, 16)


def main() -> None:
    """Ask with every setting and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--year", type=int, default=2022)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--index", type=Path, required=True)
    parser.add_argument("--questions", type=int, default=150)
    parser.add_argument("--limit", type=int, default=DEFAULT_LIMIT, help="while batches are tried")
    options = parser.parse_args()
    folder = options.data / str(options.year)
    if not folder.is_dir():
        print(f"skipped: {folder} is not there; the data is described in the data page")
        return
    _, rows = read_year(folder, None)
    rows = random.Random(0).sample(rows, min(options.questions, len(rows)))
    questions = [as_question(row) for row in rows]
    print(f"{len(questions)} questions of {options.year}, seed 0")
    print("passages  batch     EM     F1   in text   p50 ms   p95 ms")
    for limit in LIMITS:
        measured(options.index, questions, limit=limit, batch=Reading().batch_size)
    for batch in BATCHES:
        measured(options.index, questions[:60], limit=options.limit, batch=batch)


def measured(index: Path, questions: list[evaluation.Question], *, limit: int, batch: int) -> None:
    """One line of the table."""
    settings = newsqa.Settings(
        reading=Reading(batch_size=batch), answering=Answering(threshold=0.0)
    )
    with newsqa.NewsQA.open(index, settings=settings) as qa:
        result = evaluation.evaluate(qa, questions, k=1, limit=limit)
    times = sorted(1000 * row.ask_seconds for row in result.rows)
    shares = (result.exact_match or 0.0, result.f1 or 0.0, result.answer_in_text or 0.0)
    print(
        f"{limit:8}{batch:7}"
        + "".join(f"{100 * share:7.1f}" for share in shares)
        + f"{statistics.median(times):12.0f}{times[int(0.95 * len(times))]:9.0f}",
        flush=True,
    )


if __name__ == "__main__":
    main()
