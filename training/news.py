"""RealTime QA's questions and newsqa's own search → groups of passages to tell apart.

Distant supervision: a passage that the search ranks high and that holds a gold string counts as
answering, every place of it as right; the others that the search found are the hard negatives.
"""

from __future__ import annotations

import json
import lzma
import random
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import newsqa
from newsqa.evaluation import holds
from newsqa.synthesis.reading import occurrences
from training.rows import Example

FOUND = 40
"""Passages that are looked at for one question."""
TRUSTED = 12
"""Of those, the first that count as answering where they hold a gold string."""
MOST_RIGHT = 3
MOST_WRONG = 5


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The rows of a compressed file of JSON lines."""
    with lzma.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def weeks_for_training(questions: Sequence[dict[str, Any]]) -> set[str]:
    """Two weeks of three; the third is for fitting what stands on the reader's scores."""
    weeks = sorted({row["week"] for row in questions})
    return {week for at, week in enumerate(weeks) if at % 3 != 2}


def mined(index: Path, questions: Sequence[dict[str, Any]], *, seed: int) -> list[Example]:
    """One group of examples a question, from the passages that the search finds as of its week."""
    chance = random.Random(f"news {seed}")
    examples: list[Example] = []
    with newsqa.NewsQA.open(index) as qa:
        for group, row in enumerate(questions):
            hits = qa.search(row["question"], k=FOUND, as_of=row["week"])
            right = [
                (hit, places)
                for hit in hits[:TRUSTED]
                if (places := _places(hit.passage.text, row["gold"]))
            ][:MOST_RIGHT]
            wrong = [hit for hit in hits if not holds(hit.passage.text, row["gold"])]
            # The nearest ones are the hardest; a few of the others keep the rest in sight.
            chosen = wrong[: MOST_WRONG - 2]
            chosen += chance.sample(wrong[len(chosen) :], min(2, len(wrong) - len(chosen)))
            for hit, places in [*right, *((hit, ()) for hit in chosen)]:
                examples.append(
                    Example(
                        question=row["question"],
                        title=hit.article.title or "",
                        context=hit.passage.text,
                        answers=tuple(places),
                        source="news",
                        group=group,
                    )
                )
    return examples


def _places(text: str, golds: Sequence[str]) -> tuple[tuple[int, int], ...]:
    found = {
        place
        for gold in golds
        for place in occurrences(text, re.sub(r"^(the|a|an)\s+", "", gold, flags=re.IGNORECASE))
    }
    return tuple(sorted(found))
