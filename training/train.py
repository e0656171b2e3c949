"""Examples → trained weights: batches by length, one pass after another, resumable.

Everything that chance decides is drawn from the seed before the first step, and the network
has no dropout (one pass over the data needs none), so that a run that was interrupted and
resumed gives the same weights to the last bit as one that was not, with the same number of
threads on the same kind of processor.
"""

from __future__ import annotations

import hashlib
import json
import math
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from tokenizers import Encoding, Tokenizer
from torch.nn import functional
from transformers import BertConfig, BertModel

from newsqa.synthesis.reader import (
    MAX_QUESTION_TOKENS,
    MAX_TITLE_TOKENS,
    Batch,
    SpanNetwork,
    Special,
    Window,
    collate,
    window,
)
from training.rows import Example

MAX_TOKENS = 256
"""Of an example: less than what is read at once later, since most passages are shorter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """How the weights move."""

    learning_rate: float = 2e-4
    warm_up: float = 0.06
    """Share of the steps in which the learning rate rises; then it falls to nothing, linearly."""
    weight_decay: float = 0.01
    batch_tokens: int = 3072
    """Tokens of a batch, padding included."""
    clip: float = 1.0
    """Of the gradient's norm."""
    relevance: float = 0.5
    """Weight of the relevance head's loss beside the span's."""
    save_every: int = 200
    """Steps between checkpoints."""
    bfloat16: bool = False
    """Whether matrices are multiplied in bfloat16 on the way forward and back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """An example as the network takes it: its window, and the spans of tokens that are right."""

    window: Window
    spans: tuple[tuple[int, int], ...]
    """First and last token, as places among the window's ids; (0, 0) where there is no answer."""
    group: int


def lessons(examples: Sequence[Example], tokenizer: Tokenizer, *, seed: int) -> list[Lesson]:
    """Each example in one window that holds an answer, placed by chance where there is a choice."""
    chance = random.Random(f"crop {seed}")
    special = Special.of(tokenizer)
    encoded = [
        tokenizer.encode_batch([field(example) for example in examples], add_special_tokens=False)
        for field in (lambda e: e.question, lambda e: e.title, lambda e: e.context)
    ]
    return [
        _lesson(example, *parts, special=special, chance=chance)
        for example, *parts in zip(examples, *encoded, strict=True)
    ]


def _lesson(
    example: Example,
    question: Encoding,
    title: Encoding,
    passage: Encoding,
    *,
    special: Special,
    chance: random.Random,
) -> Lesson:
    head = [special.cls, *question.ids[:MAX_QUESTION_TOKENS], special.sep]
    if title.ids:
        head += [*title.ids[:MAX_TITLE_TOKENS], special.sep]
    room, total = MAX_TOKENS - len(head) - 1, len(passage.ids)
    spans = [span for answer in example.answers if (span := _tokens(answer, passage.offsets))]
    low, high = 0, max(0, total - room)
    if spans:
        first, last = chance.choice(spans)
        low, high = max(0, min(last + 1 - room, first)), min(first, high)
    start = chance.randint(low, max(low, high)) if total > room else 0
    end = min(start + room, total)
    shown = [(a, b) for a, b in spans if start <= a and b < end]
    shift = len(head) - start
    return Lesson(
        window=window(head, passage, start, end, special),
        spans=tuple((a + shift, b + shift) for a, b in shown) or ((0, 0),),
        group=example.group,
    )


def _tokens(answer: tuple[int, int], offsets: Sequence[tuple[int, int]]) -> tuple[int, int] | None:
    """The first and last token that the characters of an answer touch."""
    touched = [at for at, (a, b) in enumerate(offsets) if a < answer[1] and b > answer[0]]
    return (touched[0], touched[-1]) if touched else None


def batches(rows: Sequence[Lesson], tokens: int, *, seed: int) -> list[list[Lesson]]:
    """All lessons in batches of like length, the batches in an order of chance.

    Lessons of one group stay in one batch.
    """
    chance = random.Random(f"batches {seed}")
    units: dict[object, list[Lesson]] = {}
    for at, row in enumerate(rows):
        units.setdefault(("alone", at) if row.group < 0 else ("group", row.group), []).append(row)
    shuffled = list(units.values())
    chance.shuffle(shuffled)
    shuffled.sort(key=lambda unit: max(len(row.window.ids) for row in unit) // 4)
    made: list[list[Lesson]] = []
    batch: list[Lesson] = []
    for unit in shuffled:
        width = max(len(row.window.ids) for row in (*batch, *unit))
        if batch and width * (len(batch) + len(unit)) > tokens:
            made.append(batch)
            batch = []
        batch = batch + unit
    if batch:
        made.append(batch)
    chance.shuffle(made)
    return made


def losses(
    network: SpanNetwork,
    rows: Sequence[Lesson],
    special: Special,
    *,
    relevance: float,
    bfloat16: bool = False,
) -> torch.Tensor:
    """The mean loss of some lessons.

    Of a span: the negative log of the probability of all the right spans together (Clark and
    Gardner 2018, "Simple and Effective Multi-Paragraph Reading Comprehension"), once among the
    tokens of its passage and "no answer", and, for lessons of one group, once more among the
    tokens of all the passages of the group.  Of relevance: binary cross-entropy.
    """
    batch = collate([row.window for row in rows], special)
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=bfloat16):
        start, end, relevant = network(batch.ids, batch.types, batch.mask)
    start, end = (_readable(logits.float(), batch) for logits in (start, end))
    relevant = relevant.float()
    alone = torch.stack(
        [
            _mass(start[at], end[at], row.spans) - start[at].logsumexp(-1) - end[at].logsumexp(-1)
            for at, row in enumerate(rows)
        ]
    )
    total = -alone.mean()
    answered = torch.tensor([float(row.spans != ((0, 0),)) for row in rows])
    total = total + relevance * functional.binary_cross_entropy_with_logits(relevant, answered)
    shared = list(_shared(start, end, rows))
    if shared:
        total = total - torch.stack(shared).mean()
    return total


def _readable(logits: torch.Tensor, batch: Batch) -> torch.Tensor:
    return logits.masked_fill(~batch.readable, -1e4)


def _mass(start: torch.Tensor, end: torch.Tensor, spans: Sequence[tuple[int, int]]) -> torch.Tensor:
    """Log of the sum over spans of exp(start + end)."""
    firsts, lasts = zip(*spans, strict=True)
    return (start[list(firsts)] + end[list(lasts)]).logsumexp(-1)


def _shared(
    start: torch.Tensor, end: torch.Tensor, rows: Sequence[Lesson]
) -> Iterator[torch.Tensor]:
    groups: dict[int, list[int]] = {}
    for at, row in enumerate(rows):
        if row.group >= 0:
            groups.setdefault(row.group, []).append(at)
    for members in groups.values():
        right = [at for at in members if rows[at].spans != ((0, 0),)]
        if right and len(members) > 1:
            # The first token is "no answer", which no passage of a group competes with.
            normal = start[members, 1:].logsumexp((0, 1)) + end[members, 1:].logsumexp((0, 1))
            mass = torch.stack([_mass(start[at], end[at], rows[at].spans) for at in right])
            yield mass.logsumexp(0) - normal


class Run:
    """One stage of training in a folder, that goes on where it was interrupted."""

    def __init__(self, folder: Path, network: SpanNetwork, schedule: Schedule, *, identity: str):
        """`identity` is of the data and whatever else decides the outcome."""
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._network, self._schedule = folder, network, schedule
        self._identity = hashlib.sha256(
            json.dumps([asdict(schedule), identity]).encode()
        ).hexdigest()
        self._optimizer = torch.optim.AdamW(
            network.parameters(),
            lr=schedule.learning_rate,
            weight_decay=schedule.weight_decay,
            fused=True,
        )
        self._checkpoint = folder / "checkpoint.pt"

    def train(
        self,
        made: Sequence[Sequence[Lesson]],
        special: Special,
        *,
        report: Callable[[dict[str, float]], None],
    ) -> None:
        """Take every batch once, from the first that no checkpoint has."""
        total, step = len(made), self._resume()
        window: list[float] = []
        began = time.monotonic()
        self._network.train()
        while step < total:
            for group in self._optimizer.param_groups:
                group["lr"] = self._schedule.learning_rate * self._pace(step, total)
            loss = losses(
                self._network,
                made[step],
                special,
                relevance=self._schedule.relevance,
                bfloat16=self._schedule.bfloat16,
            )
            loss.backward()
            torch.nn.utils.clip_grad_norm_(self._network.parameters(), self._schedule.clip)
            self._optimizer.step()
            self._optimizer.zero_grad()
            step += 1
            window.append(float(loss.detach()))
            if step % 50 == 0 or step == total:
                report(
                    {
                        "step": step,
                        "of": total,
                        "loss": sum(window) / len(window),
                        "seconds": time.monotonic() - began,
                    }
                )
                window.clear()
            if step % self._schedule.save_every == 0 or step == total:
                self._save(step)

    def _pace(self, step: int, total: int) -> float:
        rise = max(1, math.ceil(self._schedule.warm_up * total))
        return (step + 1) / rise if step < rise else (total - step) / max(1, total - rise)

    def _save(self, step: int) -> None:
        unfinished = self._checkpoint.with_suffix(".part")
        torch.save(
            {
                "identity": self._identity,
                "step": step,
                "network": self._network.state_dict(),
                "optimizer": self._optimizer.state_dict(),
            },
            unfinished,
        )
        unfinished.replace(self._checkpoint)

    def _resume(self) -> int:
        if not self._checkpoint.exists():
            return 0
        state = torch.load(self._checkpoint, weights_only=True)
        if state["identity"] != self._identity:
            raise SystemExit(
                f"{self._checkpoint} is of another run (other data, code or schedule): "
                "name another folder, or remove this one"
            )
        self._network.load_state_dict(state["network"])
        self._optimizer.load_state_dict(state["optimizer"])
        return int(state["step"])


def new_network(folder: Path, *, seed: int) -> SpanNetwork:
    """A network with a sentence encoder's weights under fresh heads."""
    torch.manual_seed(seed)
    network = SpanNetwork(without_dropout(BertConfig.from_pretrained(folder)))
    network.encoder = BertModel.from_pretrained(
        folder,
        add_pooling_layer=False,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    return network


def without_dropout(config: BertConfig) -> BertConfig:
    """The same configuration for training that needs none: it passes over its data once."""
    fields = {**config.to_dict(), "hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
    return BertConfig(**fields)
