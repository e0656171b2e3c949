"""A larger network that teaches the reader: all-mpnet-base-v2's encoder under the same heads.

It is trained on the same lessons, then says of every lesson where it would look for the answer.
Its vocabulary is BERT's with marks of its own, so that both see the same tokens in the same
places.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import nn
from transformers import MPNetModel

from newsqa.synthesis.reader import Special
from training.lessons import Lesson, padded
from training.loss import UNREADABLE, Soft, collate

WEIGHTS_SHA256 = "78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658"
"""Of model.safetensors as published by sentence-transformers."""
MARKS = {"[CLS]": "<s>", "[SEP]": "</s>", "[PAD]": "<pad>", "[MASK]": "<mask>"}
BATCH_TOKENS = 65_536
LIKELIEST = 6
"""Tokens of a lesson that the teacher is asked for, for a span's start and for its end."""


class Teacher(nn.Module):
    """Ids of BERT's vocabulary → what `SpanNetwork` gives for them."""

    def __init__(self, folder: Path, tokenizer: Tokenizer, *, seed: int):
        """`folder` has the model; `tokenizer` is the reader's."""
        super().__init__()
        torch.manual_seed(seed)
        self.encoder = MPNetModel.from_pretrained(
            folder,
            add_pooling_layer=False,
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
            dtype=torch.float32,
        )
        size = self.encoder.config.hidden_size
        self.span, self.relevance = nn.Linear(size, 2), nn.Linear(size, 1)
        for head in (self.span, self.relevance):
            nn.init.normal_(head.weight, std=0.02)
            nn.init.zeros_(head.bias)
        own = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.register_buffer("translated", _translated(tokenizer, own), persistent=False)

    def forward(
        self,
        ids: torch.Tensor,
        types: torch.Tensor,  # noqa: ARG002 (it has no segments)
        mask: torch.Tensor,
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """`(n, tokens)` ids, segment types and mask → `(n, tokens)` twice and `(n,)`."""
        translated = self.translated
        assert isinstance(translated, torch.Tensor)
        states = self.encoder(input_ids=translated[ids], attention_mask=mask).last_hidden_state
        start, end = self.span(states).unbind(-1)
        return start, end, self.relevance(states[:, 0]).squeeze(-1)


def _translated(tokenizer: Tokenizer, own: Tokenizer) -> torch.Tensor:
    """Of each id of one vocabulary the id of the same token in the other."""
    numbers = own.get_vocab()
    unknown = numbers["[UNK]"]
    found = torch.full((tokenizer.get_vocab_size(),), unknown, dtype=torch.long)
    for token, number in tokenizer.get_vocab().items():
        found[number] = numbers.get(MARKS.get(token, token), unknown)
    return found


def verify_weights(folder: Path) -> None:
    """Raises SystemExit where the folder's weights are not the published ones."""
    with (folder / "model.safetensors").open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != WEIGHTS_SHA256:
        raise SystemExit(f"{folder} has weights of SHA-256 {found}, expected {WEIGHTS_SHA256}")


@torch.inference_mode()
def soft_labels(
    network: nn.Module,
    rows: Sequence[Lesson],
    special: Special,
    *,
    device: str = "cpu",
    bfloat16: bool = False,
) -> list[Soft]:
    """What a network says of each lesson."""
    network.to(device).eval()
    order = sorted(range(len(rows)), key=lambda at: -len(rows[at].ids))
    found: list[Soft | None] = [None] * len(rows)
    while order:
        some = order[: max(1, BATCH_TOKENS // padded(len(rows[order[0]].ids)))]
        order = order[len(some) :]
        batch = collate([rows[at] for at in some], special, device=device)
        with torch.autocast(device, dtype=torch.bfloat16, enabled=bfloat16):
            start, end, relevance = network(batch.ids, batch.types, batch.mask)
        spans = torch.stack((start, end), 1).float()
        spans = spans.masked_fill(~batch.readable[:, None], UNREADABLE)
        likeliest = spans.topk(min(LIKELIEST, spans.shape[-1]), sorted=True)
        # Of a short lesson some of them are of what can't be read: its last readable one again.
        readable = likeliest.values > UNREADABLE
        last = readable.long().cumsum(-1).argmax(-1, keepdim=True)
        kept = torch.where(readable, torch.arange(readable.shape[-1], device=device), last)
        places, logits = (part.gather(-1, kept).cpu() for part in likeliest[::-1])
        for row, at in enumerate(some):
            found[at] = Soft(
                places=places[row].numpy().astype(np.uint8),
                logits=logits[row].numpy().astype(np.float16),
                relevance=float(relevance[row]),
            )
    return [each for each in found if each is not None]


def digest(row: Lesson) -> int:
    """63 bits of what a network sees of a lesson, by which it is known again."""
    found = hashlib.blake2b(row.ids.tobytes() + row.first.to_bytes(2), digest_size=8).digest()
    return int.from_bytes(found) >> 1


def save_soft(path: Path, rows: Sequence[Lesson], soft: Sequence[Soft]) -> None:
    """Write what a teacher said of lessons into one file, of equal ones once."""
    said = {digest(row): each for row, each in zip(rows, soft, strict=True)}
    unfinished = path.with_suffix(".part")
    with unfinished.open("wb") as file:
        np.savez_compressed(
            file,
            digests=np.array(list(said), dtype=np.int64),
            places=np.stack([each.places for each in said.values()]),
            logits=np.stack([each.logits for each in said.values()]),
            relevance=np.array([each.relevance for each in said.values()], dtype=np.float16),
        )
    unfinished.replace(path)


def load_soft(path: Path) -> dict[int, Soft]:
    """What a teacher said, by the digest of a lesson."""
    with np.load(path) as kept:
        columns = (kept[name] for name in ("digests", "places", "logits", "relevance"))
        return {
            int(known): Soft(places=places, logits=logits, relevance=float(relevance))
            for known, places, logits, relevance in zip(*columns, strict=True)
        }
