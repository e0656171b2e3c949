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
from newsqa.types import Hit
from training.rows import Example

FOUND = 40
"""Passages that are looked at for one question."""
TRUSTED = 12
"""Of those, the first that count as answering where they hold a gold string."""
GROUPS = 2
"""Of one question, of different passages as far as there are enough."""
MOST_RIGHT = 3
"""Passages of a group."""
MOST_WRONG = 5
BY_CHANCE = 2
"""Of the wrong ones; the others are the nearest."""


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The rows of a compressed file of JSON lines."""
    with lzma.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def weeks_for_training(questions: Sequence[dict[str, Any]]) -> set[str]:
    """Two weeks of three; the third is for fitting what stands on the reader's scores."""
    weeks = sorted({row["week"] for row in questions})
    return {week for at, week in enumerate(weeks) if at % 3 != 2}


def mined(
    index: Path,
    questions: Sequence[dict[str, Any]],
    *,
    seed: int,
    groups: int = GROUPS,
    first_group: int = 0,
) -> list[Example]:
    """Groups of examples, from the passages that the search finds as of a question's week.

    There are `groups` of each question, numbered from `first_group`.
    """
    chance = random.Random(f"news {seed}")
    examples: list[Example] = []
    with newsqa.NewsQA.open(index) as qa:
        for number, row in enumerate(questions):
            hits = qa.search(row["question"], k=FOUND, as_of=row["week"])
            right = [
                (hit, places)
                for hit in hits[:TRUSTED]
                if (places := _places(hit.passage.text, row["gold"]))
            ]
            wrong = [hit for hit in hits if not holds(hit.passage.text, row["gold"])]
            for turn in range(groups):
                # In turns: each group has its share of the nearest.
                chosen = [
                    *(right[turn::groups] or right)[:MOST_RIGHT],
                    *((hit, ()) for hit in _hard(wrong[turn::groups], chance)),
                ]
                examples += [
                    Example(
                        question=row["question"],
                        title=hit.article.title or "",
                        context=hit.passage.text,
                        answers=tuple(places),
                        source="news",
                        group=first_group + number * groups + turn,
                    )
                    for hit, places in chosen
                ]
    return examples


def _hard(wrong: Sequence[Hit], chance: random.Random) -> list[Hit]:
    """The nearest, and a few of the others lest the rest be forgotten."""
    nearest = list(wrong[: MOST_WRONG - BY_CHANCE])
    others = wrong[len(nearest) :]
    return nearest + chance.sample(others, min(BY_CHANCE, len(others)))


def _places(text: str, golds: Sequence[str]) -> tuple[tuple[int, int], ...]:
    found = {
        place
        for gold in golds
        for place in occurrences(text, re.sub(r"^(the|a|an)\s+", "", gold, flags=re.IGNORECASE))
    }
    return tuple(sorted(found))
