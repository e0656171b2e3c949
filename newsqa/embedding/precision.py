"""In which numbers a model multiplies: float32, or bfloat16 where the processor has it."""

from __future__ import annotations

import contextlib

from newsqa.config import Precision

LEAST_BATCH = 4
"""Texts from which bfloat16 is faster: fewer lose more by converting than they gain."""


def multiplying(precision: Precision, *, texts: int) -> contextlib.AbstractContextManager[None]:
    """A context in which torch multiplies matrices as `precision` says, for so many texts at once.

    In bfloat16 sums, norms and what passes between layers stay float32 (torch's autocast); the
    cosine of such a vector with its float32 twin is above 0.9999.  "auto" takes it where the
    processor has matrix units for it (AMX), and for batches only.
    """
    import torch

    if texts < LEAST_BATCH or not _takes_bfloat16(precision):
        return contextlib.nullcontext()
    context: contextlib.AbstractContextManager[None] = torch.autocast("cpu", dtype=torch.bfloat16)
    return context


def _takes_bfloat16(precision: Precision) -> bool:
    import torch

    if precision == "auto":
        return bool(torch.cpu.get_capabilities().get("amx_bf16", False))
    return precision == "bfloat16"
