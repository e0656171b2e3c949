"""What the weights are moved by: how far a network is from the labels, and from a teacher."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

from newsqa.synthesis.reader import Special
from training.lessons import Lesson, padded

UNREADABLE = -1e4
"""The logit of a token that no answer may touch: of the question, the title or the padding."""
BELOW = 4.0
"""Of a logit that a teacher is not asked for, below the least of those that it is asked for."""


class Network(Protocol):
    """A reader, or what teaches one."""

    def __call__(
        self, ids: torch.Tensor, types: torch.Tensor, mask: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """`(n, tokens)` ids, segment types and mask → `(n, tokens)` twice and `(n,)`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Soft:
    """What a teacher says of one lesson: where it would look; of all other places nothing."""

    places: npt.NDArray[np.uint8]
    """`(2, k)`: the likeliest tokens for a span's start and end, as places among the ids."""
    logits: npt.NDArray[np.float16]
    """`(2, k)`: theirs."""
    relevance: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """Of the parts of the loss."""

    relevance: float = 0.5
    """Of the relevance head's loss beside the span's."""
    soft: float = 0.0
    """Of what the teacher says; what the labels say has the rest."""
    temperature: float = 1.0
    """By which logits are divided before the student's are compared with the teacher's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Lessons as tensors, `(n, tokens)` unless said otherwise."""

    ids: torch.Tensor
    types: torch.Tensor
    mask: torch.Tensor
    readable: torch.Tensor
    """True at the tokens of the passage and at the first, which stands for no answer."""
    firsts: torch.Tensor
    """`(n, s)`: of each right span its first token; -1 beyond their number."""
    lasts: torch.Tensor
    labelled: torch.Tensor
    """`(n,)`: 1.0 or 0.0."""
    groups: torch.Tensor
    """`(g, m)`: the rows of each group of several; -1 beyond their number."""
    soft: torch.Tensor | None
    """`(2, n, tokens)`: the teacher's logits."""
    soft_relevance: torch.Tensor | None


def collate(
    rows: Sequence[Lesson],
    special: Special,
    *,
    soft: Sequence[Soft] | None = None,
    device: str = "cpu",
) -> Batch:
    """Tensors of some lessons, padded to the longest; `soft` has one of each, in their order."""
    width = padded(max(len(row.ids) for row in rows))
    ids = np.full((len(rows), width), special.pad, dtype=np.int64)
    types, mask = np.zeros_like(ids), np.zeros_like(ids)
    readable = np.zeros_like(ids, dtype=np.bool_)
    spans = np.full((2, len(rows), max(len(row.spans) for row in rows)), -1, dtype=np.int64)
    members: dict[int, list[int]] = {}
    for at, row in enumerate(rows):
        length = len(row.ids)
        ids[at, :length] = row.ids
        types[at, row.first : length] = 1
        mask[at, :length] = 1
        readable[at, row.first : length - 1] = True
        spans[:, at, : len(row.spans)] = np.array(row.spans).T
        if row.group >= 0:
            members.setdefault(row.group, []).append(at)
    readable[:, 0] = True
    several = [group for group in members.values() if len(group) > 1]
    groups = np.full((len(several), max(map(len, several), default=1)), -1, dtype=np.int64)
    for at, group in enumerate(several):
        groups[at, : len(group)] = group

    def tensor(array: npt.NDArray[np.generic]) -> torch.Tensor:
        return torch.from_numpy(array).to(device, non_blocking=True)

    return Batch(
        ids=tensor(ids),
        types=tensor(types),
        mask=tensor(mask),
        readable=tensor(readable),
        firsts=tensor(spans[0]),
        lasts=tensor(spans[1]),
        labelled=tensor(np.array([row.labelled for row in rows], dtype=np.float32)),
        groups=tensor(groups),
        soft=None if soft is None else tensor(_spread(soft, readable)),
        soft_relevance=None
        if soft is None
        else tensor(np.array([each.relevance for each in soft], dtype=np.float32)),
    )


def _spread(soft: Sequence[Soft], readable: npt.NDArray[np.bool_]) -> npt.NDArray[np.float32]:
    """`(2, n, tokens)` logits: what the teacher wasn't asked for is well below what it was."""
    places = np.stack([each.places for each in soft], 1).astype(np.int64)
    logits = np.stack([each.logits for each in soft], 1).astype(np.float32)
    floor = logits.min(-1, keepdims=True) - BELOW
    found = np.where(readable, floor, np.float32(UNREADABLE))
    np.put_along_axis(found, places, logits, -1)
    return found


def losses(
    network: Network, batch: Batch, weights: Weights, *, bfloat16: bool = False
) -> torch.Tensor:
    """The mean loss of some lessons.

    Of a span: the negative log of the probability of all the right spans together (Clark and
    Gardner 2018, "Simple and Effective Multi-Paragraph Reading Comprehension"), once among the
    tokens of its passage and "no answer", and, for lessons of one group, once more among the
    tokens of all the passages of the group.  Of relevance: binary cross-entropy.  Of a teacher:
    the same, with its probabilities in the place of the labels (Hinton et al. 2015, "Distilling
    the Knowledge in a Neural Network").
    """
    with torch.autocast(batch.ids.device.type, dtype=torch.bfloat16, enabled=bfloat16):
        start, end, relevant = network(batch.ids, batch.types, batch.mask)
    spans = torch.stack((start, end)).float().masked_fill(~batch.readable, UNREADABLE)
    hard = _from_labels(spans, relevant.float(), batch, weights.relevance)
    if batch.soft is None:
        return hard
    return (1 - weights.soft) * hard + weights.soft * _from_teacher(
        spans, relevant.float(), batch, weights
    )


def _from_labels(
    spans: torch.Tensor, relevant: torch.Tensor, batch: Batch, relevance: float
) -> torch.Tensor:
    start, end = spans
    known = batch.labelled.sum().clamp(min=1)
    right = start.gather(1, batch.firsts.clamp(min=0)) + end.gather(1, batch.lasts.clamp(min=0))
    mass = right.masked_fill(batch.firsts < 0, 2 * UNREADABLE).logsumexp(-1)
    alone = start.logsumexp(-1) + end.logsumexp(-1) - mass
    answered = (batch.firsts[:, 0] > 0).float()
    told = functional.binary_cross_entropy_with_logits(relevant, answered, reduction="none")
    total: torch.Tensor = ((alone + relevance * told) * batch.labelled).sum() / known
    if len(batch.groups):
        members, there = batch.groups.clamp(min=0), batch.groups >= 0
        # The first token is "no answer", which no passage of a group competes with.
        each = start[:, 1:].logsumexp(-1), end[:, 1:].logsumexp(-1)
        normal = _over(each[0], members, there) + _over(each[1], members, there)
        holding = there & (answered[members] > 0)
        shared = normal - _over(mass, members, holding)
        counted = holding.any(-1).float() * batch.labelled[members[:, 0]]
        total = total + (shared * counted).sum() / counted.sum().clamp(min=1)
    return total


def _over(values: torch.Tensor, members: torch.Tensor, there: torch.Tensor) -> torch.Tensor:
    """Log of the sum of exp over the members of each group."""
    found: torch.Tensor = values[members].masked_fill(~there, 2 * UNREADABLE).logsumexp(-1)
    return found


def _from_teacher(
    spans: torch.Tensor, relevant: torch.Tensor, batch: Batch, weights: Weights
) -> torch.Tensor:
    assert batch.soft is not None
    assert batch.soft_relevance is not None
    heat = weights.temperature
    own, told = spans / heat, batch.soft / heat
    total = heat**2 * _apart(own, told) / own.shape[1]
    relevance = functional.binary_cross_entropy_with_logits(
        relevant, torch.sigmoid(batch.soft_relevance)
    )
    total = total + weights.relevance * relevance
    if len(batch.groups):
        members, there = batch.groups.clamp(min=0), batch.groups >= 0
        both = [
            logits[:, members, 1:].masked_fill(~there[..., None], UNREADABLE).flatten(2)
            for logits in (own, told)
        ]
        total = total + heat**2 * _apart(both[0], both[1]) / len(members)
    return total


def _apart(own: torch.Tensor, told: torch.Tensor) -> torch.Tensor:
    """Kullback–Leibler divergence from the teacher over the last dimension, summed."""
    return functional.kl_div(
        own.log_softmax(-1), told.log_softmax(-1), reduction="sum", log_target=True
    )
