"""Fits the ranker of search, `python -m training.rank`:

    --news 2022 indexes/realtimeqa-2022 --news 2023 indexes/realtimeqa-2023

On all questions of a year's quiz, each as of its week, over the whole year's archive: which of the
candidates holds a gold string?  The loss is -log of the share that a softmax over a question's
candidates gives to all that hold one, with a penalty on the weights, none of which is negative: no
passage comes later for what speaks for it.  Figures are of cross-validation by week (five folds,
weeks dealt in turn), each year's told apart; the weights printed are of all the data and go into
newsqa/retrieval/rerank.py by hand.  Near-copies are not folded here.

--kept FILE keeps what was collected, for a second run; --without SIGNAL,… leaves signals out,
and --ablate tells what each is worth.
"""

from __future__ import annotations

import argparse
import pickle
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from newsqa.config import Retrieval
from newsqa.embedding import load_encoder
from newsqa.evaluation import holds
from newsqa.indexing import Index
from newsqa.retrieval import in_archive, understand
from newsqa.retrieval.search import candidates
from newsqa.retrieval.signals import SIGNALS, signals_of
from training.news import read_lines

Matrix = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

FOLDS = 5
PENALTY = 3.0
"""On the squares of standardised signals' weights; cross-validated, 1, 3 and 10 do alike."""
CUTOFFS = (1, 5, 10, 20)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A question's candidates, as fused: their signals, and which hold a gold string."""

    week: str
    signals: Matrix
    right: Mask


def main() -> None:
    """Collect, cross-validate, fit, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument(
        "--news", nargs=2, action="append", metavar=("YEAR", "INDEX"), required=True
    )
    parser.add_argument("--kept", type=Path, default=None)
    parser.add_argument("--without", default="")
    parser.add_argument("--ablate", action="store_true")
    options = parser.parse_args()
    files = {
        year: options.data / "realtimeqa" / year / "questions.jsonl.xz" for year, _ in options.news
    }
    for file in files.values():
        if not file.exists():
            print(f"skipped: {file} is not there; the data is described in the data page")
            return
    if options.kept and options.kept.exists():
        signals, cases = pickle.loads(options.kept.read_bytes())  # our own file
        if signals != SIGNALS:
            parser.error(f"{options.kept} has other signals: collect anew")
    else:
        cases: list[Case] = [
            case
            for year, index in options.news
            for case in collect(list(read_lines(files[year])), Path(index))
        ]
        if options.kept:
            options.kept.write_bytes(pickle.dumps((SIGNALS, cases)))
    left_out = set(filter(None, options.without.split(",")))
    names = [name for name in SIGNALS if name not in left_out]
    tell("as fused", cases, [-np.arange(len(c.right)) for c in cases])
    tell("ranked", cases, cross_validated(cases, names))
    if options.ablate:
        for name in names:
            rest = [other for other in names if other != name]
            tell(f"without {name}", cases, cross_validated(cases, rest))
    for name, weight in zip(names, fit(cases, names), strict=True):
        print(f'    "{name}": {weight:.3f},')


def tell(what: str, cases: Sequence[Case], scores: Sequence[Matrix]) -> None:
    """Print the figures of each year."""
    for year in sorted({case.week[:4] for case in cases}):
        chosen = [at for at, case in enumerate(cases) if case.week.startswith(year)]
        shown = figures([cases[at] for at in chosen], [scores[at] for at in chosen])
        print(f"{year} {what:24}{len(chosen):5}{shown}", flush=True)


def collect(rows: Sequence[dict[str, Any]], path: Path) -> list[Case]:
    """What search weighs for each question, as of its week."""
    encoder, index, settings = load_encoder(), Index.open(path), Retrieval()
    cases = []
    for row in rows:
        query = understand(row["question"], as_of=row["week"])
        vector = encoder.encode([query.searched])[0]
        with index.view() as view:
            query = in_archive(query, view.sources(query.as_of))
            found, now = candidates(query, view, vector, k=20, settings=settings)
            cases.append(
                Case(
                    week=row["week"],
                    signals=signals_of(query, found, view, now=now),
                    right=np.array([holds(c.passage.text, row["gold"]) for c in found], np.bool_),
                )
            )
    return cases


def fit(cases: Sequence[Case], names: Sequence[str]) -> Matrix:
    """`(signals,)`: the weights of the signals as they are."""
    columns = [SIGNALS.index(name) for name in names]
    told = [case for case in cases if case.right.any()]
    every = np.concatenate([case.signals[:, columns] for case in cases])
    spread = every.std(axis=0)
    scale = np.where(spread > 0, spread, 1.0)
    rows = np.concatenate([case.signals[:, columns] for case in told]) / scale
    right = np.concatenate([case.right for case in told])
    starts = np.cumsum([0, *(len(case.right) for case in told)])

    def loss(weights: Matrix) -> tuple[float, Matrix]:
        scores, gradient = rows @ weights, np.empty(len(rows))
        total = PENALTY * float(weights @ weights) / 2
        for start, end in pairwise(starts):
            share = np.exp(scores[start:end] - scores[start:end].max())
            share /= share.sum()
            own = np.where(right[start:end], share, 0.0)
            total -= float(np.log(own.sum() + 1e-12))
            gradient[start:end] = share - own / max(own.sum(), 1e-12)
        return total, rows.T @ gradient + PENALTY * weights

    found = minimize(
        loss, np.zeros(len(names)), jac=True, method="L-BFGS-B", bounds=[(0, None)] * len(names)
    )
    return np.asarray(found.x / scale)


def cross_validated(cases: Sequence[Case], names: Sequence[str]) -> list[Matrix]:
    """The scores of each question's candidates by weights of the other folds' weeks."""
    columns = [SIGNALS.index(name) for name in names]
    weeks = sorted({case.week for case in cases})
    fold = {week: at % FOLDS for at, week in enumerate(weeks)}
    weights = [fit([c for c in cases if fold[c.week] != at], names) for at in range(FOLDS)]
    return [case.signals[:, columns] @ weights[fold[case.week]] for case in cases]


def figures(cases: Sequence[Case], scores: Sequence[Matrix]) -> str:
    """answer@k in percent, and the mean reciprocal rank."""
    ranks = []
    for case, score in zip(cases, scores, strict=True):
        places = np.flatnonzero(case.right[np.argsort(-score, kind="stable")])
        ranks.append(float(places[0]) + 1 if len(places) else np.inf)
    found = np.array(ranks)
    shares = "".join(f"{100 * np.mean(found <= cutoff):7.1f}" for cutoff in CUTOFFS)
    return f"{shares}   MRR {np.mean(1 / found):.3f}"


if __name__ == "__main__":
    main()
