"""In which numbers a model multiplies: float32, or bfloat16 where the processor has it."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping

from newsqa.config import Precision

LEAST_TOKENS = 256
"""Tokens at once, padding included, from which bfloat16 is faster: of fewer, the conversions cost
more than they spare (measured on one processor with AMX; with AVX-512 alone they pay for fewer
too, and a question's vector is the same everywhere as it is)."""

UNITS = ("amx_bf16", "avx512_bf16")
"""What torch calls that of a processor which multiplies bfloat16 faster than float32."""


def multiplying(precision: Precision, *, tokens: int) -> contextlib.AbstractContextManager[None]:
    """A context in which torch multiplies matrices as `precision` says, for so many tokens at once.

    In bfloat16 sums, norms and what passes between layers stay float32 (torch's autocast); the
    cosine of such a vector with its float32 twin is above 0.9999.  "auto" takes it where the
    processor has units for it (AMX, or AVX-512 with bfloat16).
    """
    import torch

    if tokens < LEAST_TOKENS or not _takes_bfloat16(precision):
        return contextlib.nullcontext()
    context: contextlib.AbstractContextManager[None] = torch.autocast("cpu", dtype=torch.bfloat16)
    return context


def _takes_bfloat16(precision: Precision) -> bool:
    import torch

    if precision == "auto":
        # Older releases don't tell what the processor can do.
        capabilities: Mapping[str, object] = getattr(torch.cpu, "get_capabilities", dict)()
        return any(capabilities.get(each, False) for each in UNITS)
    return precision == "bfloat16"
