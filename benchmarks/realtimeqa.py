"""Real news, real questions: RealTime QA of one year, or of its first weeks.

    python benchmarks/realtimeqa.py --year 2023 --weeks 13

Builds an index from the year's articles (again: only what is new), then asks every question
as of its week and prints, with bootstrap intervals: answer@k of newsqa's search beside a
plain BM25 and a plain dense search over the same passages under the same filter, exact match
and F1 of the short answer (once of every question answered, once with refusals at the default
threshold counted as wrong), the share of answers that hold the gold string, which of the given
choices `choose` takes, refusals, citation validity and latency.

With --without INDEX the questions are asked of an earlier year's archive too, where almost none
has its answer: how well confidence tells the two apart, how well it is calibrated over both, and
how many are refused.  --curve FILE draws risk over coverage of the two together.

With --timeless they are asked of the whole archive instead, as the chat page does unless it is told
a day, and no choices are given.

The data is described in the data folder's own README and is not part of this project.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import lzma
import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import roc_auc_score

import newsqa
from newsqa import evaluation
from newsqa.config import Answering, Reading
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
    parser.add_argument("--questions", type=int, default=None, help="only so many questions")
    parser.add_argument("--after", type=int, default=0, help="without the first N questions")
    parser.add_argument("--sample", type=int, default=None, help="N questions by chance, seed 0")
    parser.add_argument("--search-only", action="store_true", help="no answers, only passages")
    parser.add_argument("--limit", type=int, default=None, help="passages read for an answer")
    parser.add_argument("--reader", default=None, help='another reading model, or "none"')
    parser.add_argument("--without", type=Path, default=None, help="an earlier year's index")
    parser.add_argument("--timeless", action="store_true", help="no question as of its week")
    parser.add_argument("--curve", type=Path, default=None, help="risk–coverage picture (.svg)")
    parser.add_argument("--json", type=Path, default=None, help="write every row to this file")
    options = parser.parse_args()
    folder = options.data / str(options.year)
    if not folder.is_dir():
        print(f"skipped: {folder} is not there; the data is described in the data page")
        return
    rows, asked = read_year(folder, options.weeks)
    asked = asked[options.after :][: options.questions]
    if options.sample is not None:
        asked = random.Random(0).sample(asked, min(options.sample, len(asked)))
    name = f"realtimeqa-{options.year}" + (f"-{options.weeks}w" if options.weeks else "")
    index = options.index or Path("indexes") / name
    report = newsqa.build(rows, index=index, progress=_progress)
    print(
        f"\n{name}: {len(rows)} articles, of them {len(report.added)} added, "
        f"{len(report.updated)} updated, {len(report.unchanged)} unchanged, "
        f"{len(report.skipped)} skipped; {len(asked)} questions"
    )
    # Every question is answered; what the default threshold would refuse is told by confidence.
    settings = newsqa.Settings(
        reading=Reading() if options.reader is None else Reading(model=options.reader),
        answering=Answering(threshold=0.0, choice_threshold=0.0),
    )
    limit = {} if options.limit is None else {"limit": options.limit}
    questions = [as_question(row) for row in asked]
    if options.timeless:
        questions = [dataclasses.replace(question, as_of=None) for question in questions]
    with newsqa.NewsQA.open(index, settings=settings) as qa:
        print(compare_searches(qa, index, questions))
        if options.search_only:
            return
        result = evaluation.evaluate(qa, questions, **limit)
        print(summary(result))
        if not options.timeless:
            print(choices(qa, asked))
    if options.without:
        with newsqa.NewsQA.open(options.without, settings=settings) as qa:
            other = evaluation.evaluate(qa, questions, k=1, **limit)
        print(apart(result.rows, other.rows))
        if options.curve:
            draw(options.curve, result.rows, other.rows)
            print(f"risk over coverage: {options.curve}")
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


def choices(qa: newsqa.NewsQA, rows: list[dict[str, Any]]) -> str:
    """Which of the given choices is taken, every question counted."""
    found = [qa.choose(row["question"], row["choices"], as_of=row["week"]) for row in rows]
    right = [
        float(choice is not None and choice.index in row["answer"])
        for choice, row in zip(found, rows, strict=True)
    ]
    share = evaluation.interval(right)
    assert share is not None
    lines = [
        f"choose: right {100 * share.mean:.1f} % [{100 * share.low:.1f}, {100 * share.high:.1f}], "
        f"none taken for {sum(choice is None for choice in found)}"
    ]
    least = Answering().choice_threshold
    kept = [c is not None and c.confidence >= least for c in found]
    lines.append(
        f"  at the default threshold {least}: taken {sum(kept)}, of those right "
        f"{percent(sum(r for r, k in zip(right, kept, strict=True) if k) / max(1, sum(kept)))}"
    )
    none = [nota_right(qa, row, least) for row in rows if row.get("nota")]
    if none:
        lines.append(
            f"  with one choice replaced by “none of the above”: right {percent(mean(none))}"
        )
    return "\n".join(lines)


def nota_right(qa: newsqa.NewsQA, row: dict[str, Any], least: float) -> float:
    """Whether the variant with "None of the above" goes right: none taken where that is right."""
    given, answer = row["nota"]["choices"], row["nota"]["answer"]
    taken = qa.choose(row["question"], given, as_of=row["week"])
    if taken is None or taken.confidence < least:
        return float("none of the above" in [given[at].casefold() for at in answer])
    return float(taken.index in answer)


def summary(result: evaluation.Evaluation) -> str:
    """What an evaluation came to, as text."""
    least = Answering().threshold
    answered = [row for row in result.rows if row.confidence >= least]
    held = sum(row.answer_in_text for row in answered)
    every = evaluation.intervals(result)
    lines = [f"short answer, every question answered: {_em_f1(every)}"]
    refused = [
        row if row.confidence >= least else dataclasses.replace(row, exact_match=0.0, f1=0.0)
        for row in result.rows
    ]
    as_asked = evaluation.intervals(evaluation.summarise(refused, k=result.k))
    lines += [
        f"the same, refusals counted as wrong: {_em_f1(as_asked)}",
        f"a gold string in the text, every question answered: {percent(result.answer_in_text)}",
        f"at the default threshold {least}: answered {len(answered)} of {result.questions}; the "
        f"gold string stands in {held} of those, {percent(held / max(1, len(answered)))}",
        f"citations valid: {result.valid_citations} of {result.citations}",
        f"ask: p50 {1000 * (result.ask_p50 or 0):.0f} ms, "
        f"p95 {1000 * (result.ask_p95 or 0):.0f} ms",
    ]
    return "\n".join(lines)


def apart(own: Sequence[evaluation.Row], other: Sequence[evaluation.Row]) -> str:
    """How well confidence tells an archive that has the answers from one that has not."""
    least = Answering().threshold
    both = [*own, *other]
    sure = np.array([row.confidence for row in both])
    # Asked of another year, an answer is wrong whatever it says.
    right = np.array([row.answer_in_text for row in own] + [False] * len(other), dtype=float)
    shown = sure >= least
    lines = [
        f"own archive against another year's: AUROC {auroc(own, other):.3f}; of the questions "
        f"answered rightly alone {auroc([r for r in own if r.answer_in_text], other):.3f}",
        f"expected calibration error over both {evaluation.calibration_error(sure, right):.3f}",
        f"refused at the default threshold {least}: {percent(mean(~shown[: len(own)]))} of the "
        f"own, {percent(mean(~shown[len(own) :]))} of the other; wrong among the answered "
        f"{percent(mean(1 - right[shown]))}",
    ]
    return "\n".join(lines)


def auroc(right: Sequence[evaluation.Row], wrong: Sequence[evaluation.Row]) -> float:
    """The chance that one of the first is more confident than one of the second."""
    labels = [1] * len(right) + [0] * len(wrong)
    return float(roc_auc_score(labels, [row.confidence for row in (*right, *wrong)]))


def draw(path: Path, own: Sequence[evaluation.Row], other: Sequence[evaluation.Row]) -> None:
    """Risk (share wrong among the answered) over coverage, of the own alone and of both."""
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(6, 4))
    for name, rows, wrong_all in (
        ("questions that the archive may answer", list(own), 0),
        ("and as many that it can't", [*own, *other], len(other)),
    ):
        right = [row.answer_in_text for row in rows[: len(rows) - wrong_all]] + [False] * wrong_all
        order = np.argsort([-row.confidence for row in rows], kind="stable")
        risk = 1 - np.cumsum(np.array(right, dtype=float)[order]) / np.arange(1, len(rows) + 1)
        axes.plot(np.arange(1, len(rows) + 1) / len(rows), risk, label=name)
    axes.set(xlabel="coverage: share answered", ylabel="risk: share wrong of those", ylim=(0, 1))
    axes.axhline(0.1, linestyle=":", color="grey")
    axes.legend()
    figure.savefig(path, bbox_inches="tight")
    pyplot.close(figure)


def percent(value: float | None) -> str:
    """For reading."""
    return "–" if value is None else f"{100 * value:.1f} %"


def mean(values: Sequence[float] | np.ndarray) -> float:
    """0 of nothing."""
    return float(np.mean(values)) if len(values) else 0.0


def _em_f1(found: dict[str, evaluation.Interval]) -> str:
    return ", ".join(
        f"{name} {100 * found[key].mean:.1f} [{100 * found[key].low:.1f}, "
        f"{100 * found[key].high:.1f}]"
        for name, key in (("EM", "exact_match"), ("F1", "f1"))
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
