"""Rows of features with labels → weights, and what these say of rows that they didn't see."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence

import numpy as np
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold

from newsqa.synthesis.logistic import Logistic

FOLDS = 5


def logistic(
    name: str,
    weights: Mapping[str, float],
    rows: Sequence[Sequence[float]],
    labels: Sequence[float],
    groups: Sequence[int],
    *,
    learnt: Sequence[bool] | None = None,
    intercept: bool = True,
    c: float = 1.0,
) -> tuple[Logistic, np.ndarray]:
    """The fitted weights, printed, and the log-odds by cross-validation.

    Where `learnt` is given, the weights are fitted to those rows alone.
    """
    x, y, g = np.array(rows), np.array(labels, dtype=int), np.array(groups)
    of = np.ones(len(y), dtype=bool) if learnt is None else np.array(learnt)
    scale = x[of].std(0) + 1e-9
    predicted = np.zeros(len(y))
    for train, test in GroupKFold(FOLDS).split(x, y, g):
        train = train[of[train]]
        model = LogisticRegression(C=c, max_iter=5000, fit_intercept=intercept)
        model.fit(x[train] / scale, y[train])
        predicted[test] = model.decision_function(x[test] / scale)
    model = LogisticRegression(C=c, max_iter=5000, fit_intercept=intercept)
    model.fit(x[of] / scale, y[of])
    bias = float(model.intercept_[0]) if intercept else 0.0
    fitted = _rounded(weights, model.coef_[0] / scale, bias)
    _print(name, fitted, y[of], predicted[of])
    return fitted, predicted


def ranking(
    name: str,
    weights: Mapping[str, float],
    rows: Sequence[Sequence[float]],
    labels: Sequence[float],
    groups: Sequence[int],
    sets: Sequence[int],
    *,
    learnt: Sequence[bool] | None = None,
    for_it: Container[str] = (),
) -> tuple[Logistic, np.ndarray]:
    """As `logistic`, but that the weights make a right row the best of its set.

    No weight whose name is in `for_it` is below zero.

    They are of a conditional logit (McFadden 1974, "Conditional logit analysis of qualitative
    choice behavior"); a scale and a bias, by logistic regression on the same rows, make log-odds of
    it.
    """
    x, y, g = np.array(rows), np.array(labels, dtype=int), np.array(groups)
    of, own = np.array(sets), np.ones(len(y), dtype=bool) if learnt is None else np.array(learnt)
    scale = x[own].std(0) + 1e-9
    least = [0.0 if name in for_it else None for name in weights]
    predicted = np.zeros(len(y))
    for train, test in GroupKFold(FOLDS).split(x, y, g):
        train = train[own[train]]
        best = _conditional(x[train] / scale, y[train], of[train], least)
        factor, bias = _calibrated(x[train] / scale @ best, y[train])
        predicted[test] = factor * (x[test] / scale @ best) + bias
    best = _conditional(x[own] / scale, y[own], of[own], least)
    factor, bias = _calibrated(x[own] / scale @ best, y[own])
    fitted = _rounded(weights, factor * best / scale, bias)
    _print(name, fitted, y[own], predicted[own])
    return fitted, predicted


def _rounded(names: Iterable[str], values: np.ndarray, bias: float) -> Logistic:
    """As they stand in the code."""
    weights = {name: round(float(value), 3) for name, value in zip(names, values, strict=True)}
    return Logistic(bias=round(bias, 3), weights=weights)


def _conditional(
    x: np.ndarray,
    y: np.ndarray,
    sets: np.ndarray,
    least: Sequence[float | None],
    *,
    c: float = 1e-3,
) -> np.ndarray:
    """The weights by which the rows that are right have the most of their sets' softmax.

    Each is at least what `least` says, if anything.
    """
    known = np.isin(sets, sets[y > 0])
    order = np.argsort(sets[known], kind="stable")
    x, y = x[known][order], y[known][order]
    _, starts = np.unique(sets[known][order], return_index=True)

    def share(scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        top = np.maximum.reduceat(scores, starts)
        odds = np.exp(scores - np.repeat(top, np.diff([*starts, len(scores)])))
        mass = np.add.reduceat(odds, starts)
        return odds / np.repeat(mass, np.diff([*starts, len(scores)])), np.log(mass) + top

    def loss(w: np.ndarray) -> tuple[float, np.ndarray]:
        scores = x @ w
        every, log_every = share(scores)
        right, log_right = share(np.where(y > 0, scores, -np.inf))
        slope = x.T @ (every - right) / len(starts) + 2 * c * w
        return float((log_every - log_right).mean() + c * w @ w), slope

    bounds = [(low, None) for low in least]
    start = np.zeros(x.shape[1])
    return np.asarray(minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x)


def _calibrated(scores: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    model = LogisticRegression(C=1e3).fit(scores[:, None], y)
    return float(model.coef_[0, 0]), float(model.intercept_[0])


def _print(name: str, fitted: Logistic, y: np.ndarray, predicted: np.ndarray) -> None:
    print(f"\n{name}: {len(y)} rows, {y.sum()} right, AUROC {roc_auc_score(y, predicted):.3f}")
    print(f"    bias={fitted.bias},")
    for key, value in fitted.weights.items():
        print(f'        "{key}": {value},')
