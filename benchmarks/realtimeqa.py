"""Real news, real questions: RealTime QA of one year, or of its first weeks.

    python benchmarks/realtimeqa.py --year 2023 --weeks 13

Builds an index from the year's articles (again: only what is new), then asks every question
as of its week and prints, with bootstrap intervals: answer@k of newsqa's search beside a
plain BM25 and a plain dense search over the same passages under the same filter, exact match
and F1 of the short answer, the share of answers that hold the gold string, multiple choice
by evidence, refusals, citation validity and latency.

The data is described in the data folder's own README and is not part of this project.
"""

from __future__ import annotations

import argparse
import json
import lzma
import sys
import time
from pathlib import Path
from typing import Any

import newsqa
from newsqa import evaluation
from newsqa.indexing import Filter, Index
from newsqa.retrieval.search import question_terms
from newsqa.retrieval.understand import moment

DATA = Path("../shared/data/realtimeqa")


def main() -> None:
    """Parse, build, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--year", type=int, default=2023)
    parser.add_argument("--weeks", type=int, default=None, help="only the first N weeks")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--index", type=Path, default=None)
    parser.add_argument("--questions", type=int, default=None, help="only the first N questions")
    parser.add_argument("--search-only", action="store_true", help="no answers, only passages")
    parser.add_argument("--json", type=Path, default=None, help="write every row to this file")
    options = parser.parse_args()
    folder = options.data / str(options.year)
    if not folder.is_dir():
        print(f"skipped: {folder} is not there; the data is described in the data page")
        return
    rows, asked = read_year(folder, options.weeks)
    asked = asked[: options.questions]
    name = f"realtimeqa-{options.year}" + (f"-{options.weeks}w" if options.weeks else "")
    index = options.index or Path("indexes") / name
    report = newsqa.build(rows, index=index, progress=_progress)
    print(
        f"\n{name}: {len(rows)} articles, of them {len(report.added)} added, "
        f"{len(report.updated)} updated, {len(report.unchanged)} unchanged, "
        f"{len(report.skipped)} skipped; {len(asked)} questions"
    )
    with newsqa.NewsQA.open(index) as qa:
        questions = [as_question(row) for row in asked]
        print(compare_searches(qa, index, questions))
        if not options.search_only:
            result = evaluation.evaluate(qa, questions)
            print(summary(result, multiple_choice(qa, asked)))
            if options.json:
                options.json.write_text(
                    "\n".join(json.dumps(_plain(row), default=str) for row in result.rows)
                )


def read_year(folder: Path, weeks: int | None) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Article rows and question rows of a year, or of its first weeks."""
    articles, questions = _read(folder / "articles.jsonl.xz"), _read(folder / "questions.jsonl.xz")
    kept = set(sorted({row["week"] for row in articles})[:weeks])
    return (
        [row for row in articles if row["week"] in kept],
        [row for row in questions if row["week"].replace("-", "") in kept],
    )


def as_question(row: dict[str, Any]) -> evaluation.Question:
    """A row of the question file, asked as of the day on which the quiz appeared."""
    return evaluation.Question(
        id=row["id"],
        question=row["question"],
        answers=tuple(row["gold"]),
        as_of=moment(row["week"], end_of_day=True, name="week"),
    )


def compare_searches(
    qa: newsqa.NewsQA, index: Path, questions: list[evaluation.Question], k: int = 20
) -> str:
    """answer@k and mean reciprocal rank of three searches over the same passages."""
    found: dict[str, list[int | None]] = {"plain BM25": [], "plain dense": [], "newsqa": []}
    seconds: list[float] = []
    opened = Index.open(index)
    encoder = qa.encoder
    for question in questions:
        chosen = Filter(as_of=question.as_of)
        with opened.view() as view:
            lexical = view.lexical(question_terms(question.question), k, chosen)
            dense = view.dense(encoder.encode([question.question])[0], k, chosen)
            for name, scored in (("plain BM25", lexical), ("plain dense", dense)):
                passages = view.passages([s.id for s in scored])
                texts = [passages[s.id][0].text for s in scored]
                found[name].append(evaluation.answer_rank(texts, question.answers))
        started = time.perf_counter()
        hits = qa.search(question.question, k=k, as_of=question.as_of)
        seconds.append(time.perf_counter() - started)
        texts = [hit.passage.text for hit in hits]
        found["newsqa"].append(evaluation.answer_rank(texts, question.answers))
    opened.close()
    lines = ["", f"{'':12}" + "".join(f"{f'answer@{k}':>22}" for k in (1, 5, 10, 20)) + "     MRR"]
    for name, ranks in found.items():
        cells = []
        for cutoff in (1, 5, 10, 20):
            share = evaluation.interval([float(r is not None and r <= cutoff) for r in ranks])
            assert share is not None
            cells.append(
                f"{100 * share.mean:8.1f} [{100 * share.low:4.1f}, {100 * share.high:4.1f}]"
            )
        mrr = sum(1 / r for r in ranks if r) / len(ranks)
        lines.append(f"{name:12}" + "".join(f"{cell:>22}" for cell in cells) + f"   {mrr:.3f}")
    seconds.sort()
    lines.append(
        f"search: p50 {1000 * seconds[len(seconds) // 2]:.0f} ms, "
        f"p95 {1000 * seconds[int(0.95 * len(seconds))]:.0f} ms"
    )
    return "\n".join(lines)


def multiple_choice(qa: newsqa.NewsQA, rows: list[dict[str, Any]], k: int = 20) -> float:
    """The share of questions whose right choice stands in the best passages most.

    A choice is worth the sum of 1/rank over the passages that hold it, normalised.
    """
    right = 0
    for row in rows:
        hits = qa.search(row["question"], k=k, as_of=row["week"])
        worth = [
            sum(1 / h.rank for h in hits if evaluation.holds(h.passage.text, [choice]))
            for choice in row["choices"]
        ]
        right += max(range(len(worth)), key=lambda i: worth[i]) in row["answer"]
    return right / len(rows)


def summary(result: evaluation.Evaluation, choices: float) -> str:
    """What an evaluation came to, as text."""
    answered = [row for row in result.rows if row.status == "answered"]
    held = sum(row.answer_in_text for row in answered)

    def percent(value: float | None) -> str:
        return "–" if value is None else f"{100 * value:.1f} %"

    return "\n".join(
        [
            f"exact match {percent(result.exact_match)}, F1 {percent(result.f1)} of the short "
            f"answer, every question counted",
            f"answered {len(answered)} of {result.questions}; the gold string stands in "
            f"{held} of those answers, {percent(held / max(1, len(answered)))}",
            f"multiple choice by evidence {percent(choices)}",
            f"citations valid: {result.valid_citations} of {result.citations}",
            f"ask: p50 {1000 * (result.ask_p50 or 0):.0f} ms, "
            f"p95 {1000 * (result.ask_p95 or 0):.0f} ms",
        ]
    )


def _read(path: Path) -> list[dict[str, Any]]:
    with lzma.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def _plain(row: evaluation.Row) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__slots__}


def _progress(progress: newsqa.Progress) -> None:
    if sys.stderr.isatty() and progress.total:
        print(f"\r{progress.step} {progress.done:,} of {progress.total:,}", end="", file=sys.stderr)


if __name__ == "__main__":
    main()
