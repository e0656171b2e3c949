"""Question and evidence → the shortest exact answer, by form and agreement, without a model."""

from __future__ import annotations

from collections.abc import Sequence

from newsqa.synthesis.compose import Composition
from newsqa.synthesis.evidence import Candidate


def short_answer(
    question: str, candidates: Sequence[Candidate], composition: Composition
) -> str | None:
    """None."""
    return None
