"""How right a text is, how sure a mean of such measures, and how well a confidence is meant."""

from __future__ import annotations

import re
import string
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

RESAMPLES = 2000
"""Of one bootstrap interval."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A mean, and where it would lie for other samples of questions."""

    mean: float
    low: float
    high: float


def normalise(text: str) -> str:
    """Lower case, punctuation to space, a/an/the dropped, one space between words."""
    words = re.sub(r"[\W_]+", " ", unicodedata.normalize("NFKC", text).lower()).split()
    return " ".join(word for word in words if word not in ("a", "an", "the"))


def holds(text: str, answers: Sequence[str]) -> bool:
    """Whether one of the answers stands in a text, as whole words, both normalised."""
    there = f" {normalise(text)} "
    return any(f" {gold} " in there for gold in map(normalise, answers) if gold)


def answer_rank(passages: Sequence[str], answers: Sequence[str]) -> int | None:
    """The rank, from 1, of the first passage that holds one of the answers, or None."""
    return next((rank for rank, text in enumerate(passages, start=1) if holds(text, answers)), None)


def answer_at_k(passages: Sequence[str], answers: Sequence[str], k: int) -> bool:
    """Whether one of the answers stands in one of the first k passages."""
    return answer_rank(passages[:k], answers) is not None


def exact_match(prediction: str | None, answers: Sequence[str]) -> float:
    """SQuAD's EM, the best over the answers: 0 or 1; None counts 0."""
    if prediction is None:
        return 0.0
    said = _squad_words(prediction)
    return float(any(said == _squad_words(gold) for gold in answers))


def f1(prediction: str | None, answers: Sequence[str]) -> float:
    """SQuAD's F1 of words, the best over the answers, in [0, 1]; None counts 0."""
    if prediction is None:
        return 0.0
    said = _squad_words(prediction)
    return max((_overlap(said, _squad_words(gold)) for gold in answers), default=0.0)


def _squad_words(text: str) -> list[str]:
    """As SQuAD's own script has it: ASCII punctuation is deleted, not replaced."""
    bare = text.lower().translate(str.maketrans("", "", string.punctuation))
    return re.sub(r"\b(a|an|the)\b", " ", bare).split()


def _overlap(said: list[str], gold: list[str]) -> float:
    if not said or not gold:
        return float(said == gold)
    common = sum((Counter(said) & Counter(gold)).values())
    return 2 * common / (len(said) + len(gold))


def interval(
    values: Sequence[float], *, seed: int = 0, confidence: float = 0.95
) -> Interval | None:
    """The mean and its percentile bootstrap interval over questions; None of no values."""
    if not len(values):
        return None
    sample = np.asarray(values, dtype=np.float64)
    random = np.random.default_rng(seed)
    # One resample at a time: all at once is gigabytes for a large file of questions.
    means = [float(random.choice(sample, size=len(sample)).mean()) for _ in range(RESAMPLES)]
    tail = 100 * (1 - confidence) / 2
    low, high = np.percentile(means, [tail, 100 - tail])
    return Interval(mean=float(sample.mean()), low=float(low), high=float(high))


def calibration_error(
    confidences: Sequence[float], right: Sequence[float], bins: int = 10
) -> float:
    """Expected calibration error (Guo et al. 2017, "On Calibration of Modern Neural Networks").

    Over bins of as many answers each, the mean gap in [0, 1] between confidence and the share
    that is right (0 or 1 each); 0 of nothing.
    """
    sure, held = np.asarray(confidences, dtype=np.float64), np.asarray(right, dtype=np.float64)
    parts = np.array_split(np.argsort(sure, kind="stable"), bins)
    gaps = [abs(sure[part].mean() - held[part].mean()) * len(part) for part in parts if len(part)]
    return float(sum(gaps) / max(1, len(sure)))
