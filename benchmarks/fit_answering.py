"""Fits what evidence.py and confidence.py weigh by without a reader, on questions with answers.

    python benchmarks/fit_answering.py --year 2022 --weeks 13 --index indexes/realtimeqa-2022-13w

The index must have been built by benchmarks/realtimeqa.py for the same year and weeks.  First
the weights of a sentence: does it hold a gold string?  Then those of confidence: does the
composed answer?  For the second, questions of another year are asked as well, which this
archive rarely answers.  Figures are of cross-validation by question (5 folds, seed 0); the
weights printed are of all the data and go into the two modules by hand.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from realtimeqa import DATA, read_year
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_predict

from newsqa import evaluation
from newsqa.config import Answering, Retrieval
from newsqa.embedding import load_encoder
from newsqa.indexing import Index
from newsqa.retrieval import search, understand
from newsqa.synthesis import by_form, compose, confidence, evidence, leading

SEED = 0


def main() -> None:
    """Read, fit, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--year", type=int, default=2022)
    parser.add_argument("--other-year", type=int, default=2023)
    parser.add_argument("--weeks", type=int, default=13)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--index", type=Path, required=True)
    options = parser.parse_args()
    index, encoder = Index.open(options.index), load_encoder()
    _, own = read_year(options.data / str(options.year), options.weeks)
    _, others = read_year(options.data / str(options.other_year), options.weeks)
    random.Random(SEED).shuffle(others)
    asked = [(row, row["week"]) for row in own] + [(row, None) for row in others[: len(own)]]
    found = [candidates_of(index, encoder, row["question"], as_of) for row, as_of in asked]
    fit_sentences(found[: len(own)], own)
    fit_confidence(found, [row for row, _ in asked], len(own))


def candidates_of(
    index: Index, encoder: Any, question: str, as_of: str | None
) -> tuple[tuple[Any, ...], tuple[evidence.Candidate, ...]]:
    """The hits of a question and what was selected from them."""
    with index.view() as view:
        query = understand(question, as_of=as_of)
        vector = encoder.encode([query.text])[0]
        hits = search(query, view, vector, k=8, settings=Retrieval())
        words = view.words(query.as_of)
        return hits, evidence.select(query, hits, vector=vector, encode=encoder.encode, words=words)


def fit_sentences(found: Sequence[Any], rows: Sequence[dict[str, Any]]) -> None:
    """Does a sentence hold a gold string?"""
    features, labels, groups = [], [], []
    for group, ((_, candidates), row) in enumerate(zip(found, rows, strict=True)):
        for candidate in candidates:
            features.append(candidate.features)
            labels.append(evaluation.holds(candidate.evidence.text, row["gold"]))
            groups.append(group)
    x, y, g = np.array(features), np.array(labels, dtype=int), np.array(groups)
    model = LogisticRegression(C=1.0, max_iter=2000)
    predicted = cross_val_predict(model, x, y, groups=g, cv=GroupKFold(5), method="predict_proba")[
        :, 1
    ]
    before = np.array([evidence.BY_FORM.log_odds(row) for row in features])
    print(f"sentences: {len(y)} of {len(rows)} questions, {y.sum()} hold a gold string")
    for name, scores in (("now in the code", before), ("fitted, cross-validated", predicted)):
        tops = [y[g == i][np.argmax(scores[g == i])] for i in np.unique(g)]
        auroc = roc_auc_score(y, scores)
        print(f"  {name}: AUROC {auroc:.3f}, best sentence right {np.mean(tops):.3f}")
    model.fit(x, y)
    for name, weight in zip(evidence.BY_FORM.weights, model.coef_[0], strict=True):
        print(f"    {weight:7.3f}  # {name}")
    print(f"    BIAS = {model.intercept_[0]:.3f}")


def fit_confidence(found: Sequence[Any], rows: Sequence[dict[str, Any]], own: int) -> None:
    """Does the composed answer hold a gold string?"""
    features, labels, kept = [], [], []
    for at, ((hits, candidates), row) in enumerate(zip(found, rows, strict=True)):
        if candidates:
            spans = by_form.read(row["question"], candidates)
            composition = compose.compose(
                leading.led_by(spans[0].candidates[:1] if spans else [], candidates),
                hits,
                max_sentences=Answering().max_sentences,
            )
            features.append(confidence.features(candidates, spans))
            labels.append(evaluation.holds(composition.text, row["gold"]))
            kept.append(at)
    x, y = np.array(features), np.array(labels, dtype=int)
    model = LogisticRegression(C=1.0, max_iter=2000)
    predicted = cross_val_predict(
        model, x, y, groups=np.array(kept), cv=GroupKFold(5), method="predict_proba"
    )[:, 1]
    mine = np.array(kept) < own
    print(f"confidence: {len(y)} questions, {y.sum()} answers hold a gold string")
    overall, within = roc_auc_score(y, predicted), roc_auc_score(y[mine], predicted[mine])
    print(f"  AUROC right/wrong {overall:.3f}, own year only {within:.3f}")
    brier, gap = brier_score_loss(y, predicted), evaluation.calibration_error(predicted, y)
    print(f"  Brier {brier:.3f}, expected calibration error {gap:.3f}")
    print(f"  AUROC own/other year {roc_auc_score(mine, predicted):.3f}")
    for threshold in (0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6):
        shown = predicted >= threshold
        if shown.any():
            print(
                f"  from {threshold:.2f}: answered {shown[mine].mean():.3f} of own and "
                f"{shown[~mine].mean():.3f} of the other year; wrong among answered "
                f"{1 - y[shown].mean():.3f}, of own {1 - y[shown & mine].mean():.3f}"
            )
    model.fit(x, y)
    for name, weight in zip(confidence.BY_FORM.weights, model.coef_[0], strict=True):
        print(f"    {weight:7.3f}  # {name}")
    print(f"    BIAS = {model.intercept_[0]:.3f}")


if __name__ == "__main__":
    main()
