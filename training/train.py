"""Lessons → trained weights: one batch after another, resumable.

Everything that chance decides is drawn from the seed before the first step, and the network
has no dropout, so that a run that was interrupted and resumed gives the same weights to the last
bit as one that was not, with the same number of threads on the same kind of processor.
"""

from __future__ import annotations

import hashlib
import json
import math
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path

import torch
from torch import nn
from transformers import BertConfig, BertModel

from newsqa.synthesis.reader import SpanNetwork, Special, read_weights
from training.lessons import Lesson
from training.loss import Batch, Soft, Weights, collate, losses

AHEAD = 4
"""Batches that are made ready while one is learnt from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """How the weights move."""

    learning_rate: float = 2e-4
    warm_up: float = 0.06
    """Share of the steps in which the learning rate rises; then it falls to nothing, linearly."""
    weight_decay: float = 0.01
    clip: float = 1.0
    """Of the gradient's norm."""
    weights: Weights = field(default_factory=Weights)
    save_every: int = 200
    """Steps between checkpoints."""
    bfloat16: bool = False
    """Whether matrices are multiplied in bfloat16 on the way forward and back."""
    device: str = "cpu"


class Run:
    """One stage of training in a folder, that goes on where it was interrupted."""

    def __init__(self, folder: Path, network: nn.Module, schedule: Schedule, *, identity: str):
        """`identity` is of the data and whatever else decides the outcome."""
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._network, self._schedule = folder, network, schedule
        self._identity = hashlib.sha256(
            json.dumps([_deciding(schedule), identity]).encode()
        ).hexdigest()
        network.to(schedule.device)
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
        soft: Callable[[Sequence[Lesson]], list[Soft]] | None = None,
        report: Callable[[dict[str, float]], None],
    ) -> None:
        """Take every batch once, from the first that no checkpoint has.

        `soft` gives what a teacher says of lessons, in their order; it is called in another thread.
        """
        total, step = len(made), self._resume()
        window: list[torch.Tensor] = []
        began = time.monotonic()
        self._network.train()

        def ready(rows: Sequence[Lesson]) -> Batch:
            told = None if soft is None else soft(rows)
            return collate(rows, special, soft=told, device=self._schedule.device)

        for batch in ahead(ready, made[step:]):
            for group in self._optimizer.param_groups:
                group["lr"] = self._schedule.learning_rate * self._pace(step, total)
            loss = losses(
                self._network, batch, self._schedule.weights, bfloat16=self._schedule.bfloat16
            )
            loss.backward()
            torch.nn.utils.clip_grad_norm_(self._network.parameters(), self._schedule.clip)
            self._optimizer.step()
            self._optimizer.zero_grad()
            step += 1
            window.append(loss.detach())
            if step % 50 == 0 or step == total:
                report(
                    {
                        "step": step,
                        "of": total,
                        "loss": float(torch.stack(window).mean()),
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
        state = torch.load(self._checkpoint, weights_only=True, map_location=self._schedule.device)
        if state["identity"] != self._identity:
            raise SystemExit(
                f"{self._checkpoint} is of another run (other data, code or schedule): "
                "name another folder, or remove this one"
            )
        self._network.load_state_dict(state["network"])
        self._optimizer.load_state_dict(state["optimizer"])
        return int(state["step"])


def _deciding(schedule: Schedule) -> dict[str, object]:
    """What of a schedule the outcome depends on."""
    return {name: value for name, value in asdict(schedule).items() if name != "save_every"}


def ahead(
    ready: Callable[[Sequence[Lesson]], Batch], made: Sequence[Sequence[Lesson]]
) -> Iterator[Batch]:
    """What `ready` makes of each, in their order, some of them before they are asked for."""
    with ThreadPoolExecutor(1) as worker:
        waiting: deque[Future[Batch]] = deque()
        for rows in made:
            waiting.append(worker.submit(ready, rows))
            if len(waiting) > AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def new_network(folder: Path, *, seed: int) -> SpanNetwork:
    """A network with a sentence encoder's weights under fresh heads."""
    torch.manual_seed(seed)
    network = SpanNetwork(without_dropout(BertConfig.from_pretrained(folder)))
    network.encoder = BertModel.from_pretrained(
        folder,
        add_pooling_layer=False,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        dtype=torch.float32,
    )
    return network


def without_dropout(config: BertConfig) -> BertConfig:
    """The same configuration for training that needs none: it passes over its data once."""
    fields = {**config.to_dict(), "hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
    return BertConfig(**fields)


def network_at(path: Path) -> SpanNetwork:
    """A network with the weights of a reader made before, without its dropout."""
    known = read_weights(path)
    network = SpanNetwork(without_dropout(known.encoder.config))
    network.load_state_dict(known.state_dict())
    return network
