"""What a reader says of a passage: how likely each span of it answers the question."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

Logits: TypeAlias = npt.NDArray[np.float32]

MAX_SPAN_TOKENS = 20
"""Of an answer; what is longer is no short answer."""
SPANS = 8
"""Of a passage that are looked at."""
LEAST = 1e-4
"""Added to probabilities before their logarithm."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadSpan:
    """Characters `[start, end)` of the passage's text as an answer."""

    start: int
    end: int
    logit: float
    """Of start and end together; comparable between the passages of one question."""
    lead: float
    """By how much it exceeds "no answer" in its passage; comparable between questions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One window of a passage, by its n tokens."""

    offsets: npt.NDArray[np.int32]
    """`(n, 2)`, characters of the passage's text."""
    start: Logits
    """`(n,)`, that an answer starts with the token."""
    end: Logits
    """`(n,)`, that an answer ends with the token."""
    no_answer: float
    """Logit of there being none, start and end together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A passage as read for one question."""

    parts: tuple[Part, ...]
    relevance: float
    """Logit that the passage holds an answer."""

    def spans(self, k: int) -> list[ReadSpan]:
        """The k likeliest spans, best first, no two of the same characters."""
        found: dict[tuple[int, int], ReadSpan] = {}
        for part in self.parts:
            for span in _best(part, k):
                known = found.get((span.start, span.end))
                if known is None or span.lead > known.lead:
                    found[(span.start, span.end)] = span
        return sorted(found.values(), key=lambda span: -span.logit)[:k]

    def of(self, start: int, end: int) -> ReadSpan | None:
        """The span of some characters of the passage, or None where no window holds it whole."""
        best: ReadSpan | None = None
        for part in self.parts:
            touched = np.flatnonzero((part.offsets[:, 0] < end) & (part.offsets[:, 1] > start))
            if len(touched) == 0 or part.offsets[touched[0], 0] > start:
                continue
            if part.offsets[touched[-1], 1] < end:
                continue
            logit = float(part.start[touched[0]] + part.end[touched[-1]])
            span = ReadSpan(start=start, end=end, logit=logit, lead=logit - part.no_answer)
            if best is None or span.lead > best.lead:
                best = span
        return best


class Reader(Protocol):
    """What the rest of synthesis needs of a reading model."""

    @property
    def name(self) -> str: ...

    def read(self, question: str, passages: Sequence[tuple[str, str]]) -> list[Reading]:
        """Each passage, a pair of its article's title ("" for none) and its text, read alone."""


def normaliser(readings: Sequence[Reading]) -> float:
    """Log of the sum over all spans of all passages of exp(logit): what makes logits chances.

    After Clark and Gardner 2018 ("shared normalization"), but that a span starts and ends in one
    passage: else what three passages say alike would have a third of the chance.
    """
    parts = [part for reading in readings for part in reading.parts if len(part.start)]
    if not parts:
        return 0.0
    each = [_logsumexp(part.start) + _logsumexp(part.end) for part in parts]
    return float(_logsumexp(np.array(each)))


def occurrences(text: str, answer: str) -> Iterator[tuple[int, int]]:
    """Where an answer stands in a text as whole words, whatever the case and the white space.

    A number stands in no longer one: "9" not in "9.5", "9:30" or "9,000".
    """
    words = [re.escape(word) for word in re.findall(r"\w+", answer)]
    if not words:
        return
    before = r"(?<!\d[.:])(?!(?<=\d,)\d{3}(?!\d))" if words[0][0].isdigit() else ""
    after = r"(?!,\d{3}(?!\d)|[.:]\d)" if words[-1][-1].isdigit() else ""
    pattern = r"(?<!\w)" + before + r"[\W_]+".join(words) + r"(?!\w)" + after
    for found in re.finditer(pattern, text, re.IGNORECASE):
        yield found.start(), found.end()


def _best(part: Part, k: int) -> Iterator[ReadSpan]:
    size = len(part.start)
    if size == 0:
        return
    # By length and start: spans of no more than so many tokens are a narrow band of all pairs.
    scores = np.full((min(MAX_SPAN_TOKENS, size), size), -np.inf, dtype=np.float32)
    for more, row in enumerate(scores):
        row[: size - more] = part.start[: size - more] + part.end[more:]
    flat = scores.ravel()
    for at in np.argpartition(-flat, min(k, flat.size) - 1)[:k]:
        more, first = divmod(int(at), size)
        if np.isfinite(flat[at]):
            yield ReadSpan(
                start=int(part.offsets[first, 0]),
                end=int(part.offsets[first + more, 1]),
                logit=float(flat[at]),
                lead=float(flat[at]) - part.no_answer,
            )


def _logsumexp(values: Logits) -> float:
    top = float(values.max())
    return top + float(np.log(np.exp(values - top).sum()))
