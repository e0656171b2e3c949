"""Trained weights → the file that newsqa ships: small, without pickle, the same bytes each time.

Matrices are int8 with a float16 scale for every row, or all is float16.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from newsqa.synthesis.reader import SpanNetwork

EIGHT_BIT = "none", "embeddings", "all"
"""Which matrices are int8."""
SHAPE = (
    "vocab_size",
    "hidden_size",
    "num_hidden_layers",
    "num_attention_heads",
    "intermediate_size",
    "max_position_embeddings",
    "type_vocab_size",
    "layer_norm_eps",
    "hidden_act",
)


def export(network: SpanNetwork, path: Path, *, eight_bit: str = "embeddings") -> str:
    """Write the file; returns its SHA-256.

    `eight_bit` is one of `EIGHT_BIT`.
    """
    tensors: dict[str, torch.Tensor] = {}
    for name, value in sorted(network.state_dict().items()):
        value = value.detach().float()
        matrix = value.dim() == 2 and value.shape[0] > 2
        if matrix and (eight_bit == "all" or (eight_bit == "embeddings" and "word_emb" in name)):
            scale = value.abs().amax(1, keepdim=True).clamp(min=1e-8) / 127
            tensors[name] = (value / scale).round().clamp(-127, 127).to(torch.int8)
            tensors[f"{name}.scale"] = scale.half()
        else:
            tensors[name] = value.half().contiguous()
    path.parent.mkdir(parents=True, exist_ok=True)
    # One entry: several are written in an order of chance.
    save_file(tensors, path, metadata={"config": json.dumps(shape(network))})
    return hashlib.sha256(path.read_bytes()).hexdigest()


def shape(network: SpanNetwork) -> dict[str, Any]:
    """What of its configuration a network is built by."""
    return {key: getattr(network.encoder.config, key) for key in SHAPE}
